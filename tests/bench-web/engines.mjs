// The network's ONNX file by several engines on a CPU, beside ours: part of `cargo xtask bench-web`. All that is compared stands in one
// page and takes turns, so that whatever else the machine does meets each of them alike; ratios are taken within a turn.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const ROOT = new URL('../../', import.meta.url);
/** Where the files of `peer/` lie, which the page's server does not have. */
const FOLDERS = [
  ...['tests/bench-web/peers/', 'target/peers/pkg/', 'target/onnx/', 'npm/src/', 'pkg/sampler/'],
  ...['onnxruntime-web', '@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm'].map((name) => `tests/bench-web/node_modules/${name}/dist/`),
];
export const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
};
/** Batches that are timed: a plain step, a pair, a window. */
const ROWS = [1, 2, 20];
const TURNS = 9;
/** So long a batch is called in a turn, and thrice at least. The quickest counts: what else the machine does makes a call longer. */
const MS = 150;
/** Start-ups of each, in pages of their own. */
const STARTS = 3;
/** Largest difference of velocities that sums in another order and other exponentials explain. */
const TOLERANCE = 1e-3;
/** Runs of each sampler through ONNX Runtime Web. */
const RUNS = 7;
/** Names, kinds in peers/open.js, threads. @type {[string, string, number][]} */
const LANES = [
  ['ours', 'ours', 1],
  ['ONNX Runtime Web', 'ort', 1],
  ['tract', 'tract', 1],
  ['rten', 'rten', 1],
  ['TensorFlow.js', 'tfjs', 1],
  ['ONNX Runtime Web', 'ort', 2],
  ['ONNX Runtime Web', 'ort', 4],
];
/** Steps of a forward at whose ends threads that share a layer would have to wait for each other. */
const STEPS = 56;

export const median = (/** @type {number[]} */ values) => [...values].sort((one, other) => one - other)[values.length >> 1];
/** A median with the least and the most. */
export const spread = (/** @type {number[]} */ values, digits = 2) =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`;

/** A file of `peer/`. @param {string} name */
export function peerFile(name) {
  const folder = FOLDERS.find((folder) => existsSync(new URL(folder + name, ROOT)));
  if (!folder) throw new Error(`no file for peer/${name}`);
  return fileURLToPath(new URL(folder + name, ROOT));
}

/**
 * Works in a page that has nothing else; also returns the size of the code that was fetched.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url of the server
 * @param {(argument: any) => Promise<any>} work
 * @param {any} argument
 * @param {URL} [folder] of another model
 */
async function alone(browser, url, work, argument, folder) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const fetched = new Set();
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (/\.(m?js|wasm)$/.test(pathname) && !pathname.endsWith('/open.js')) fetched.add(pathname);
  });
  await page.route('**/peer/**', (route) => {
    const name = new URL(route.request().url()).pathname.split('/peer/')[1];
    if (!name) return route.fulfill({ headers: ISOLATED, body: '<!doctype html>', contentType: 'text/html' });
    return route.fulfill({ headers: ISOLATED, path: folder && name === 'model.onnx' ? fileURLToPath(new URL(name, folder)) : peerFile(name) });
  });
  await page.goto(`${url}peer/`);
  try {
    const result = await page.evaluate(work, argument);
    const sizes = [...fetched].map(async (path) => {
      const code = await readFile(path.includes('/peer/') ? peerFile(path.split('/peer/')[1]) : new URL(path.slice(1), ROOT));
      return [code.length, gzipSync(code, { level: 9 }).length];
    });
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum.map((bytes, i) => bytes + size[i]), [0, 0]);
    return { ...result, bytes };
  } finally {
    await context.close();
  }
}

/** In the page: starts one engine. */
async function start({ kind, threads, timesteps }) {
  const { open } = await import(new URL('./open.js', location.href).href);
  return { first: (await open(kind, threads, timesteps)).first };
}

/** In the page: all engines in turn. */
async function turns({ lanes, rows, turns, ms, timesteps }) {
  if (!globalThis.crossOriginIsolated) throw new Error('the page is not isolated: threads have no memory to share');
  const { open } = await import(new URL('./open.js', location.href).href);
  /** What a call takes at best. */
  const timed = async (work) => {
    const end = performance.now() + ms;
    let best = Infinity;
    for (let call = 0; call < 3 || performance.now() < end; call++) {
      const began = performance.now();
      await work();
      best = Math.min(best, performance.now() - began);
    }
    return best;
  };
  const works = [];
  const off = [];
  let due;
  for (const [, kind, threads] of lanes) {
    const { prepare } = await open(kind, threads, timesteps);
    const batches = rows.map(prepare);
    works.push(batches);
    const found = [];
    for (const work of batches) found.push([...(await work())]);
    due ??= found;
    off.push(Math.max(...found.flatMap((values, i) => values.map((value, k) => Math.abs(value - due[i][k])))));
    for (const work of batches) await timed(work);
  }
  const times = lanes.map(() => []);
  for (let turn = 0; turn < turns; turn++) {
    for (const [lane, batches] of works.entries()) {
      // threads of the one before go to sleep
      await new Promise((resolve) => setTimeout(resolve, 30));
      const found = [];
      for (const work of batches) found.push(await timed(work));
      times[lane].push(found);
    }
  }
  return { off, times };
}

/** In the page: how long word takes from one thread to another that watches for it, in microseconds. */
async function handover({ batches, each }) {
  const memory = new Int32Array(new SharedArrayBuffer(4));
  const source = `onmessage = ({ data: [memory, count] }) => {
    postMessage('here');
    for (let i = 0; i < count; i++) {
      while (Atomics.load(memory, 0) !== 2 * i + 1);
      Atomics.store(memory, 0, 2 * i + 2);
    }
  };`;
  const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
  const here = new Promise((resolve) => (worker.onmessage = resolve));
  worker.postMessage([memory, batches * each]);
  await here;
  const times = [];
  for (let batch = 0; batch < batches; batch++) {
    const began = performance.now();
    for (let i = batch * each; i < (batch + 1) * each; i++) {
      Atomics.store(memory, 0, 2 * i + 1);
      while (Atomics.load(memory, 0) !== 2 * i + 2);
    }
    times.push(((performance.now() - began) / each / 2) * 1000);
  }
  worker.terminate();
  return { us: times.sort((one, other) => one - other)[batches >> 1] };
}

/** In the page: whole runs of the npm package through ONNX Runtime Web, as it is and plain. */
async function samplers({ threads, runs, config }) {
  const [{ runtime }, { open }, { SpeculativeSampler, init }] = await Promise.all(
    ['open.js', 'onnx.js', 'index.js'].map((name) => import(new URL(`./${name}`, location.href).href)),
  );
  const file = await fetch(new URL('./model.onnx', location.href)).then(async (answer) => new Uint8Array(await answer.arrayBuffer()));
  const model = await open(await runtime(threads), file, { labels: 0, session: { executionProviders: ['wasm'] } });
  await init();
  const { shape, denoise } = model;
  const seen = [];
  // the first run is not counted: code is being compiled
  for (let seed = 0; seed <= runs; seed++) {
    const sampler = SpeculativeSampler.fromConfig(config, { numInferenceSteps: 100 });
    const timed = async (work) => {
      const began = performance.now();
      return { ...(await work()), seconds: (performance.now() - began) / 1000 };
    };
    const measuring = await timed(() => sampler.measure({ shape, denoise }));
    const found = {};
    // the one first, then the other
    for (const plain of seed % 2 ? [true, false] : [false, true])
      found[plain ? 'plain' : 'chosen'] = await timed(() => sampler.sample({ shape, denoise, seed, plain }));
    const { plain, chosen } = found;
    if (seed)
      seen.push({ measuring: measuring.seconds, chosen: chosen.seconds, plain: plain.seconds, calls: chosen.calls, rows: chosen.rows, window: chosen.window });
  }
  return { seen };
}

/** Our engine beside the others. @param {import('playwright-core').Browser} browser @param {string} url @param {(...cells: any[]) => void} line */
export async function engines(browser, url, line) {
  const { num_train_timesteps: timesteps } = JSON.parse(await readFile(new URL('target/onnx/scheduler_config.json', ROOT), 'utf8'));
  const starts = [];
  for (const [, kind, threads] of LANES) {
    const seen = [];
    for (let time = 0; time < STARTS; time++) seen.push(await alone(browser, url, start, { kind, threads, timesteps }));
    starts.push({ first: median(seen.map(({ first }) => first)), bytes: seen[0].bytes });
  }
  const { off, times } = await alone(browser, url, turns, { lanes: LANES, rows: ROWS, turns: TURNS, ms: MS, timesteps });
  const [one, two, many] = ROWS.keys();
  const least = (lane, size) => Math.min(...times[lane].map((found) => found[size]));
  const ratios = (lane, other, size) => times[lane].map((found, turn) => found[size] / times[other][turn][size]);
  console.log(
    `One forward of the network on a CPU, every engine in one page, ${TURNS} turns: ms a row at best; ratios within a turn, medians with the least and the most. ${availableParallelism()} cores, ${browser.version()}.\n`,
  );
  console.log('| engine | threads | 1 row | 20 rows, each | against ours, 1 row | 20 rows | a second row adds | load to first row, ms | code, kB | gzip |');
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  for (const [lane, [name, , threads]] of LANES.entries()) {
    if (!(off[lane] < TOLERANCE)) throw new Error(`${name} computes something else: off by ${off[lane]}`);
    const { first, bytes } = starts[lane];
    line(
      name,
      threads,
      ...[one, many].map((size) => (least(lane, size) / ROWS[size]).toFixed(2)),
      ...[one, many].map((size) => (lane === 0 ? '1' : spread(ratios(lane, 0, size)))),
      (least(lane, two) / least(lane, one) - 1).toFixed(2),
      first.toFixed(0),
      ...bytes.map((count) => (count / 1000).toFixed(0)),
    );
  }
  const others = [...LANES.keys()].slice(1);
  const best = (size, among) => times[0].map((found, turn) => found[size] / Math.min(...among.map((lane) => times[lane][turn][size])));
  const atBest = (size, among) => (least(0, size) / Math.min(...among.map((lane) => least(lane, size)))).toFixed(2);
  for (const [words, among] of [
    ['on one thread', others.filter((lane) => LANES[lane][2] === 1)],
    ['on however many threads', others],
  ]) {
    const shares = [one, many].map((size) => `${spread(best(size, among))} at ${ROWS[size]}, ${atBest(size, among)} where each is at its best`);
    console.log(`\nOurs on one thread, of the best of the others ${words}; rows: ${shares.join('; ')}.`);
  }
  const runtimes = others.filter((lane) => LANES[lane][1] === 'ort');
  const alike = runtimes
    .slice(1)
    .map(
      (lane) =>
        `${LANES[lane][2]} threads take ${spread(ratios(lane, runtimes[0], one))} of one thread's time, ${(least(lane, one) / least(runtimes[0], one)).toFixed(2)} where each is at its best`,
    );
  console.log(`\nWithin a layer, ONNX Runtime Web: ${alike.join('; ')}.`);
  const { us } = await alone(browser, url, handover, { batches: 200, each: 200 });
  const row = least(0, one);
  const halved = row / 2 + (STEPS * us) / 1000;
  console.log(
    `\nOurs does not split layers. A bound: word from thread to thread takes ${us.toFixed(2)} µs; with every layer halved and ${STEPS} waits for the other a row would take ${halved.toFixed(2)} ms, ${(halved / row).toFixed(2)} of one thread; split as well as ONNX Runtime Web's at its best, ${((row * least(runtimes[1], one)) / least(runtimes[0], one)).toFixed(2)} ms.`,
  );
}

/** The npm package through ONNX Runtime Web, beside the plain sampler. @param {import('playwright-core').Browser} browser @param {string} url
 * @param {(...cells: any[]) => void} line @param {string[]} folders with other models */
export async function prices(browser, url, line, folders) {
  console.log(`\nThe npm package through ONNX Runtime Web, K = 100, ${RUNS} seeds: medians; the price is measured before each run, and not counted.\n`);
  console.log('| model | threads | plain, s | default, s | against plain | calls | rows | windows | measuring, s |');
  console.log('|---|---|---|---|---|---|---|---|---|');
  for (const path of ['target/onnx', ...folders]) {
    const folder = new URL(`${path}/`, ROOT);
    const config = await readFile(new URL('scheduler_config.json', folder), 'utf8');
    for (const threads of [1, 2]) {
      const { seen } = await alone(browser, url, samplers, { threads, runs: RUNS, config }, folder);
      const of = (key) => seen.map((run) => run[key]);
      const windows = [...new Set(of('window'))].map((window) => `${window} ${of('window').filter((other) => other === window).length}x`);
      line(
        path === 'target/onnx' ? 'faces' : path.split('/').at(-1),
        threads,
        median(of('plain')).toFixed(2),
        median(of('chosen')).toFixed(2),
        spread(seen.map(({ chosen, plain }) => chosen / plain)),
        median(of('calls')),
        median(of('rows')),
        windows.join(', '),
        median(of('measuring')).toFixed(2),
      );
    }
  }
}
