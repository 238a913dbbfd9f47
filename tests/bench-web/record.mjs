// Records what the page shows before its engine has arrived: `cargo xtask bless`. The race is a live run of the page itself with
// its default settings, so that what a visitor sees first is what her own run will show; the rounds under the microscope are of
// the same seed with longer windows.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values: options } = parseArgs({
  options: { chrome: { type: 'string', default: process.env.CHROMIUM ?? '/usr/bin/chromium' }, help: { type: 'boolean', short: 'h', default: false } },
});
if (options.help) {
  console.log('Writes assets/race.bin and assets/microscope.json: live runs of the page at PAGE_URL in a headless Chromium (--chrome PATH)');
  process.exit(0);
}
const PAGE_URL = process.env.PAGE_URL ?? 'http://127.0.0.1:8000/';
const ASSETS = new URL('../../assets/', import.meta.url);
/** Of each seed but the last the run only warms the engine up, as a visitor's first run does for her second. */
const SEEDS = [5, 6, 7];
/** Steps of a window under the microscope. */
const MICROSCOPE = 12;
const RUN_MS = 60_000;

const browser = await chromium.launch({ executablePath: options.chrome, args: ['--headless=new', '--no-sandbox', '--disable-dev-shm-usage'] });
try {
  const page = await browser.newPage();
  await page.goto(`${PAGE_URL}#seed=${SEEDS[0]}`);
  for (const seed of SEEDS) await shown(page, seed);
  const device = await page.evaluate(() => window.__trace.source.device);
  const source = { kind: 'recorded', device: { ...device, adapter: `Chromium ${browser.version()}, ${device.workers} workers` } };
  const race = Buffer.from(await page.evaluate(encodedRace, source), 'base64');
  await writeFile(new URL('race.bin', ASSETS), race);
  const said = await page.evaluate(() => {
    const time = (lane) => lane.reduce((sum, { ms }) => sum + ms, 0);
    const { rounds, plain, settings } = window.__trace;
    return `${rounds.length} rounds for ${settings.steps} steps, L = ${settings.window}, ${(time(rounds) / time(plain)).toFixed(2)}x the time of the standard sampler`;
  });
  console.log(`assets/race.bin: ${race.length} bytes, ${said}`);
  await shown(page, SEEDS.at(-1), `&window=${MICROSCOPE}&rule=reflection`);
  const rounds = await page.evaluate(encodedRounds, source);
  await writeFile(new URL('microscope.json', ASSETS), `${JSON.stringify(rounds)}\n`);
  console.log(`assets/microscope.json: ${rounds.rounds.length} rounds, L = ${rounds.settings.window}`);
} finally {
  await browser.close();
}

/**
 * Opens a run and waits until it was computed.
 * @param {import('playwright-core').Page} page
 * @param {number} seed
 * @param {string} [more] settings
 */
async function shown(page, seed, more = '') {
  await page.evaluate((text) => {
    location.hash = text;
  }, `seed=${seed}${more}`);
  await page.waitForFunction(
    ([wanted, rule]) => {
      const { source, settings, plain } = window.__trace ?? {};
      return source?.kind === 'live' && settings.seed === wanted && settings.rule === rule && plain.length === settings.steps;
    },
    [seed, more ? 'reflection' : 'auto'],
    { timeout: RUN_MS },
  );
  // the next one is not to share the cores with this one's replay
  await page.evaluate(() => {
    document.querySelector('#scrub')?.dispatchEvent(new Event('input'));
  });
}

/** In the page: the race that it shows, as `decodeRace` reads it. @param {object} source */
async function encodedRace(source) {
  const pixels = (/** @type {Float32Array} */ image, mask = 255) => Array.from(image, (x) => Math.max(0, Math.min(255, Math.round((x + 1) * 127.5))) & mask);
  const text = (/** @type {Uint8Array} */ bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const { settings, dim, classes, start, rounds, plain } = window.__trace;
  const scalar = ({ first, length, committed, calls, draftCalls, rows, ms, verdict, residual }) => ({
    first,
    length,
    committed,
    calls,
    draftCalls,
    rows,
    ms: Number(ms.toFixed(3)),
    verdict: { u8: text(verdict) },
    residual: { f64: text(new Uint8Array(residual.buffer, residual.byteOffset, residual.byteLength)) },
  });
  const race = { settings, dim, classes, source, rounds: rounds.map(scalar), plain: plain.map(({ ms }) => ({ ms: Number(ms.toFixed(3)) })) };
  const head = new TextEncoder().encode(JSON.stringify(race));
  // estimates are kept to six bits: nobody sees the difference, and the file is a fifth smaller
  const images = [
    pixels(start),
    ...rounds.map(({ state }) => pixels(state)),
    ...rounds.map(({ estimate, committed }) => pixels(estimate.subarray(0, committed * dim), 252)),
    pixels(plain.at(-1).state),
  ];
  const body = Uint8Array.from(images.flat());
  const file = new Uint8Array(4 + head.length + body.length);
  new DataView(file.buffer).setUint32(0, head.length, true);
  file.set(head, 4);
  file.set(body, 4 + head.length);
  const deflated = new Blob([file]).stream().pipeThrough(new CompressionStream('deflate'));
  return text(new Uint8Array(await new Response(deflated).arrayBuffer()));
}

/** In the page: the rounds that it shows with all their pictures, as `decode` reads them. @param {object} source */
function encodedRounds(source) {
  const text = (/** @type {Uint8Array} */ bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const raw = (array) => text(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  const column = (value) => {
    if (value instanceof Float32Array) return { image: text(Uint8Array.from(value, (x) => Math.max(0, Math.min(255, Math.round((x + 1) * 127.5))))) };
    if (value instanceof Float64Array) return { f64: raw(value) };
    if (value instanceof Uint32Array) return { u32: raw(value) };
    return value instanceof Uint8Array ? { u8: raw(value) } : value;
  };
  const { settings, dim, classes, start, rounds } = window.__trace;
  const columns = (record) => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, column(value)]));
  return { settings, dim, classes, start: column(start), rounds: rounds.map(columns), plain: [], source };
}
