// Records the run that the page shows before its engine has arrived: `cargo xtask bless`. It is a live run of the page itself
// with its default settings, so that what a visitor sees first is what her own run will show.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values: options } = parseArgs({ options: {
  chrome: { type: 'string', default: process.env.CHROMIUM ?? '/usr/bin/chromium' },
  help: { type: 'boolean', short: 'h', default: false },
} });
if (options.help) {
  console.log('Writes assets/recorded.json: a live run of the page at PAGE_URL in a headless Chromium (--chrome PATH)');
  process.exit(0);
}
const PAGE_URL = process.env.PAGE_URL ?? 'http://127.0.0.1:8000/';
const FILE = new URL('../../assets/recorded.json', import.meta.url);
/** Of each seed but the last the run only warms the engine up, as a visitor's first run does for her second. */
const SEEDS = [5, 6, 7];
const CLASS = 'long';
const RUN_MS = 60_000;

const browser = await chromium.launch({ executablePath: options.chrome, args: ['--headless=new', '--no-sandbox', '--disable-dev-shm-usage'] });
try {
  const page = await browser.newPage();
  await page.goto(`${PAGE_URL}#seed=${SEEDS[0]}&class=${CLASS}`);
  for (const seed of SEEDS) {
    if (seed !== SEEDS[0]) await page.evaluate((text) => { location.hash = text; }, `seed=${seed}&class=${CLASS}`);
    await page.waitForFunction((wanted) => {
      const { source, settings, plain } = window.__trace ?? {};
      return source?.kind === 'live' && settings.seed === wanted && plain.length === settings.steps;
    }, seed, { timeout: RUN_MS });
    // the next one is not to share the cores with this one's replay
    await page.evaluate(() => { document.querySelector('#scrub')?.dispatchEvent(new Event('input')); });
  }
  const run = await page.evaluate(encoded);
  run.source = { kind: 'recorded', device: { ...run.source.device, adapter: `Chromium ${browser.version()}, ${run.source.device.workers} workers` } };
  await writeFile(FILE, `${JSON.stringify(run)}\n`);
  const time = (lane) => lane.reduce((sum, { ms }) => sum + ms, 0);
  console.log(`assets/recorded.json: ${run.rounds.length} rounds for ${run.settings.steps} steps, L = ${run.settings.window}, ${(time(run.rounds) / time(run.plain)).toFixed(2)}x the time of the plain lane`);
} finally {
  await browser.close();
}

/** In the page: the trace that it shows, columns as the page decodes them. Images become bytes. */
function encoded() {
  const text = (/** @type {Uint8Array} */ bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const raw = (array) => text(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  const column = (value) => {
    if (value instanceof Float32Array) return { image: text(Uint8Array.from(value, (x) => Math.max(0, Math.min(255, Math.round((x + 1) * 127.5))))) };
    if (value instanceof Float64Array) return { f64: raw(value) };
    if (value instanceof Uint32Array) return { u32: raw(value) };
    return value instanceof Uint8Array ? { u8: raw(value) } : value;
  };
  const columns = (record) => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, column(value)]));
  const { settings, dim, classes, start, rounds, plain, source } = window.__trace;
  return { settings, dim, classes, start: column(start), rounds: rounds.map(columns), plain: plain.map(columns), source };
}
