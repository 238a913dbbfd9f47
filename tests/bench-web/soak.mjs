// The page under an hour of visitors' whims: `cargo xtask soak [--minutes N]`. Settings change at random from a seed, on both
// engines; runs are cancelled, paused, left for the article and come back to. Once a minute it is written down what is held,
// and the end is a failure if memory has grown, a worker is left over, a run has hung, or anything was thrown.
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { random } from '../random.mjs';

const { values: options } = parseArgs({
  options: {
    chrome: { type: 'string', default: process.env.CHROMIUM ?? '/usr/bin/chromium' },
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    'no-gpu': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const minutes = Number(options.minutes);
if (options.help || !(minutes > 0)) {
  console.log(`Runs of the page at PAGE_URL with settings changed at random, in a headless Chromium

  --minutes N     how long (60)
  --seed N        of the choices (1)
  --no-gpu        the CPU engine only
  --chrome PATH   which Chromium`);
  process.exit(options.help ? 0 : 2);
}
const PAGE_URL = process.env.PAGE_URL ?? 'http://127.0.0.1:8000/';
const RUN_MS = 120_000;
/** What may be held at the end against a quarter of the time in, when everything has been loaded once. The browser goes on compiling,
 * and its protocol for tests keeps an entry for each icon that it asks for; pictures of runs would be megabytes a minute. */
const GROWTH = 1.3;

const next = random(Number(options.seed));
const one = (values) => values[Math.floor(next() * values.length)];
const between = (least, most) => least + Math.floor(next() * (most - least + 1));

/** Settings of a run; on WebGPU a short one, for a software adapter. */
function settings() {
  const engine = !options['no-gpu'] && next() < 0.15 ? 'webgpu' : 'cpu';
  const steps = engine === 'cpu' ? one([2, 20, 60, 100, 100, 200]) : between(2, 6);
  return {
    seed: between(0, 1e6),
    model: one(['faces', 'faces', 'fashion']),
    guidance: one([1, 1, 1, 2]),
    steps,
    eta: one([1, 1, 0.5, 0.1]),
    window: one(['auto', 'auto/0', 1, 2, 8, 20].filter((window) => typeof window === 'string' || window <= steps)),
    draft: one(['secant', 'secant', 'carry', 'prefetched', 'frozen', 'independent', 'corrected']),
    rule: one(['auto', 'reflection', 'peak']),
    engine,
    workers: one(['auto', 1, 2]),
    axis: one(['calls', 'time']),
  };
}

/** Resident bytes of a browser's processes that draw and compute pages. */
function resident(pid) {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,rss=,args='], { encoding: 'utf8' }).trim().split('\n');
  const processes = lines.map((line) => line.trim().match(/^(\d+) +(\d+) +(\d+) +(.*)$/)).filter(Boolean);
  const family = new Set([pid]);
  for (let before = 0; before !== family.size;) {
    before = family.size;
    for (const [, own, parent] of processes) if (family.has(Number(parent))) family.add(Number(own));
  }
  const drawing = processes.filter(([, own, , , command]) => family.has(Number(own)) && command.includes('--type=renderer'));
  return drawing.reduce((sum, [, , , kilobytes]) => sum + 1024 * Number(kilobytes), 0);
}

const server = await chromium.launchServer({
  executablePath: options.chrome,
  args: ['--headless=new', '--no-sandbox', '--disable-dev-shm-usage', '--enable-unsafe-webgpu'],
});
const browser = await chromium.connect(server.wsEndpoint());
const page = await browser.newPage();
const thrown = [];
page.on('pageerror', (error) => thrown.push(String(error)));
page.on('console', (message) => {
  if (message.type() === 'error' && !/\/pkg\/(gpu|burn)\//.test(message.location().url)) thrown.push(message.text());
});
const counts = { runs: 0, webgpu: 0, cancelled: 0, paused: 0, visits: 0 };
const held = [];

async function measure(minute) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  await session.detach();
  const metric = (name) => metrics.find((one) => one.name === name)?.value ?? NaN;
  const now = {
    minute,
    ...counts,
    heap: metric('JSHeapUsedSize'),
    nodes: metric('Nodes'),
    listeners: metric('JSEventListeners'),
    workers: page.workers().length,
    resident: resident(server.process().pid),
  };
  held.push(now);
  console.log(
    `| ${[minute, now.runs, now.webgpu, now.cancelled, now.paused, (now.heap / 2 ** 20).toFixed(1), (now.resident / 2 ** 20).toFixed(0), now.nodes, now.listeners, now.workers].join(' | ')} |`,
  );
}

/** Asks for a run and sees it through, or ends it before. */
async function visit() {
  const wanted = settings();
  await page.evaluate((text) => {
    location.hash = text;
  }, new URLSearchParams(wanted).toString());
  const whim = next();
  if (whim < 0.1) {
    // it may have ended by itself meanwhile
    await page
      .locator('#cancel')
      .click({ timeout: 2000 })
      .then(
        () => counts.cancelled++,
        () => {},
      );
  } else if (whim < 0.15) {
    const hold = page.locator('#hold');
    // it may have ended by itself meanwhile
    const held = await hold.click({ timeout: 2000 }).then(
      () => true,
      () => false,
    );
    if (held) {
      counts.paused++;
      await page.waitForTimeout(200);
      if (await hold.isVisible()) await hold.click({ timeout: RUN_MS });
    }
  } else if (whim < 0.25) {
    await page.evaluate((share) => scrollTo(0, share * document.body.scrollHeight), next());
    counts.visits++;
  }
  try {
    await page.waitForFunction(() => document.querySelector('#cancel').hidden, undefined, { timeout: RUN_MS });
  } catch {
    const stands = await page.evaluate(() => [
      ...['sentence', 'badge', 'status', 'problems', 'progress-text'].map((id) => document.getElementById(id)?.innerText),
      window.__trace?.rounds.length,
      window.__trace?.plain.length,
    ]);
    thrown.push(`hung after ${RUN_MS / 1000} s, ${JSON.stringify(wanted)}: ${stands.join(' | ')}`);
    console.log(thrown.at(-1));
    await page.reload();
    return;
  }
  counts.runs++;
  if (wanted.engine === 'webgpu') counts.webgpu++;
}

try {
  await page.goto(PAGE_URL);
  await page.waitForFunction(() => document.querySelector('#engine-badge').dataset.kind === 'ready', undefined, { timeout: RUN_MS });
  console.log(`Chromium ${browser.version()}, seed ${options.seed}\n`);
  console.log('| minute | runs | on WebGPU | cancelled | paused | JS heap, MiB | renderer, MiB | nodes | listeners | workers |');
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  const began = performance.now();
  const passed = () => (performance.now() - began) / 60_000;
  for (let due = 0; passed() < minutes;) {
    await visit();
    if (passed() < due) continue;
    await measure(Math.round(passed()));
    due = Math.floor(passed()) + 1;
  }
  await measure(Math.round(passed()));
  const early = held[Math.floor(held.length / 4)];
  const late = held.at(-1);
  const grown = ['heap', 'resident', 'nodes', 'listeners'].filter(
    (key) => late[key] > GROWTH * Math.max(...held.slice(0, held.indexOf(early) + 1).map((one) => one[key])),
  );
  if (grown.length > 0) throw new Error(`grown by more than ${((GROWTH - 1) * 100).toFixed(0)} % since minute ${early.minute}: ${grown.join(', ')}`);
  // one for each engine, and as many helpers as were asked for
  const most = Math.max(...held.map(({ workers }) => workers));
  if (thrown.length > 0) throw new Error(`thrown: ${[...new Set(thrown)].join('; ')}`);
  console.log(`\n${late.runs} runs in ${late.minute} minutes: no error, nothing grown, at most ${most} workers, ${late.workers} at the end.`);
} finally {
  await browser.close();
  await server.close();
}
