// Times in a headless Chromium: `cargo xtask bench-web [-- OPTIONS]`. Prints; asserts nothing but that
// the peer computes the same first row.
//
// The peer is ONNX Runtime Web with the same weights in the same browser. Host time is what a forward keeps the thread
// busy before it is handed to the device: wasm-bindgen runs an async call up to its first wait in a microtask, so the time
// is taken in the next one. On a CPU that is the whole forward. Device time is what the device itself writes down at both
// ends of each of its passes.
import { availableParallelism } from 'node:os';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values: options } = parseArgs({ options: {
  chrome: { type: 'string', default: process.env.CHROMIUM ?? '/usr/bin/chromium' },
  flags: { type: 'string', default: '' },
  'no-gpu': { type: 'boolean', default: false },
  soak: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} });
if (options.help) {
  console.log(`Times of both engines, of ONNX Runtime Web beside them, and of whole runs, in a headless Chromium

  --chrome PATH   which Chromium
  --flags "..."   further flags for it
  --no-gpu        leave out everything on WebGPU (minutes on a software adapter)
  --soak          only this: draw 1,000 pictures of two steps and report what memory is held after 10 and at the end (on a software adapter ten
                  minutes and more)`);
  process.exit(0);
}
const PAGE_URL = process.env.PAGE_URL ?? 'http://127.0.0.1:8000/';
const ROOT = new URL('../../', import.meta.url);
/** Batches that are timed: a plain step and a window. */
const ROWS = [1, 20];
/** Time of each batch is taken so long, after as long a warm-up: browsers compile hot code again, GPUs compile shaders. */
const MS = 1500;
/** On a software adapter one batch takes seconds. */
const SLOW = 3;
/** Drawn in a soak. */
const PICTURES = 1000;
/** What is run, unless said otherwise. */
const RUN = { seed: 1, model: 'faces', class: 'any', guidance: 1, steps: 100, eta: 1, window: 8, draft: 'secant', quantity: 'x0hat', rule: 'auto' };
/** Largest difference of velocities that sums in another order explain. */
const TOLERANCE = 1e-4;
/** The same where the sines of the clock are the adapter's own, whose error at large arguments WGSL leaves open. */
const LOOSE = 1e-3;

/** In the page: ours, and the peer, on the same rows. */
async function forwards({ model, timesteps, rows, ms, slow, engine: which, threads }) {
  const [LEAST, MOST] = [0.05, 0.995];
  const sidecar = await fetch('./assets/faces.json').then((answer) => answer.text());
  const weights = new Uint8Array(await fetch('./assets/faces.bpk').then((answer) => answer.arrayBuffer()));
  const { network } = JSON.parse(sidecar);
  const dim = network.channels * network.size ** 2;
  const classes = network.classes.length + 1;
  const inputs = (count) => ({
    states: Float32Array.from({ length: count * dim }, (_, i) => Math.sin(i * i)),
    times: Float64Array.from({ length: count }, (_, i) => (i + 1) / (count + 1)),
    labels: Uint32Array.from({ length: count }, (_, i) => i % classes),
  });
  /** What one row costs at best: other programs only ever make it slower. */
  const least = async (work, count) => {
    let [best, host, runs] = [Infinity, Infinity, 0];
    for (const lap of [0, 1]) {
      const end = performance.now() + ms;
      for (runs = 0; performance.now() < end || runs < slow; runs++) {
        const began = performance.now();
        const promise = work();
        await null;
        const handed = performance.now() - began;
        await promise;
        if (lap) [best, host] = [Math.min(best, performance.now() - began), Math.min(host, handed)];
      }
    }
    return { total: best / count, host: host / count };
  };
  let dispatches = 0;
  const encoder = globalThis.GPUCommandEncoder?.prototype;
  const pass = globalThis.GPUComputePassEncoder?.prototype;
  for (const name of ['dispatchWorkgroups', 'dispatchWorkgroupsIndirect']) {
    const dispatch = pass?.[name];
    if (dispatch) pass[name] = function counted(...numbers) { dispatches++; return dispatch.apply(this, numbers); };
  }
  /** @type {any} */
  let device;
  const request = globalThis.GPUAdapter?.prototype.requestDevice;
  if (request) {
    GPUAdapter.prototype.requestDevice = async function stamping(descriptor = {}) {
      const requiredFeatures = [...new Set([...descriptor.requiredFeatures ?? [], 'timestamp-query'])].filter((name) => this.features.has(name));
      return (device = await request.call(this, { ...descriptor, requiredFeatures }));
    };
  }
  const begin = encoder?.beginComputePass;
  /** Milliseconds that the device spends in the passes of some work; nothing where it does not report it. */
  const onDevice = async (work) => {
    if (!device?.features.has('timestamp-query')) return undefined;
    const most = 4096;
    const querySet = device.createQuerySet({ type: 'timestamp', count: most });
    let stamps = 0;
    encoder.beginComputePass = function stamped(descriptor = {}) {
      if (descriptor.timestampWrites || stamps === most) return begin.call(this, descriptor);
      stamps += 2;
      return begin.call(this, { ...descriptor, timestampWrites: { querySet, beginningOfPassWriteIndex: stamps - 2, endOfPassWriteIndex: stamps - 1 } });
    };
    await work();
    encoder.beginComputePass = begin;
    const bytes = 8 * stamps;
    const [resolved, read] = [GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC, GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ].map((usage) => device.createBuffer({ size: bytes, usage }));
    const commands = device.createCommandEncoder();
    commands.resolveQuerySet(querySet, 0, stamps, resolved, 0);
    commands.copyBufferToBuffer(resolved, 0, read, 0, bytes);
    device.queue.submit([commands.finish()]);
    await read.mapAsync(GPUMapMode.READ);
    const times = new BigUint64Array(read.getMappedRange().slice(0));
    for (const thing of [querySet, resolved, read]) thing.destroy();
    let sum = 0n;
    for (let i = 0; i < times.length; i += 2) sum += times[i + 1] - times[i];
    return Number(sum) / 1e6;
  };
  const began = performance.now();
  /** @type {(count: number) => Promise<() => Promise<Float32Array | undefined>>} */
  let prepare;
  const folder = { ours: 'cpu', 'ours webgpu': 'gpu', burn: 'burn' }[which];
  if (folder) {
    const module = await import(new URL(`./pkg/${folder}/speculative_diffusion.js`, location.href).href);
    await module.default();
    const engine = await module.Engine.load(weights, sidecar);
    prepare = async (count) => {
      const { states, times, labels } = inputs(count);
      return () => engine.velocities(states, times, labels);
    };
  } else {
    const gpu = which === 'peer webgpu';
    const ort = await import(new URL(`./peer/${gpu ? 'ort.webgpu.bundle.min.mjs' : 'ort.wasm.bundle.min.mjs'}`, location.href).href);
    ort.env.wasm.numThreads = threads;
    ort.env.wasm.wasmPaths = new URL('./peer/', location.href).href;
    const bytes = Uint8Array.from(atob(model), (letter) => letter.charCodeAt(0));
    const session = await ort.InferenceSession.create(bytes, { executionProviders: [gpu ? 'webgpu' : 'wasm'], graphOptimizationLevel: 'all' });
    prepare = async (count) => {
      const { states, times, labels } = inputs(count);
      // the file counts timesteps evenly from the chain's least time to its most
      const timestep = Float32Array.from(times, (t) => (t - LEAST) / (MOST - LEAST) * (timesteps - 1));
      const feeds = {
        sample: new ort.Tensor('float32', states, [count, network.channels, network.size, network.size]),
        timestep: new ort.Tensor('float32', timestep, [count]),
        class_labels: new ort.Tensor('int64', BigInt64Array.from(labels, BigInt), [count]),
      };
      return async () => (await session.run(feeds)).velocity.data;
    };
  }
  const results = [];
  let first;
  for (const count of rows) {
    const work = await prepare(count);
    await work();
    first ??= performance.now() - began;
    dispatches = 0;
    const velocities = await work();
    const inOne = dispatches;
    const times = await least(work, count);
    const device = [];
    for (let run = 0; run < slow; run++) device.push(await onDevice(work));
    results.push({ count, dispatches: inOne, ...times, device: Math.min(...device), velocities: [...velocities.subarray(0, dim)] });
  }
  return { first, results, isolated: globalThis.crossOriginIsolated };
}

/** In the page: draws so many pictures of two steps, and what memory is held on the way. */
async function soak({ folder, pictures }) {
  const [sidecar, weights] = await Promise.all([
    fetch('./assets/faces.json').then((answer) => answer.text()),
    fetch('./assets/faces.bpk').then(async (answer) => new Uint8Array(await answer.arrayBuffer())),
  ]);
  let [buffers, bytes] = [0, 0];
  const device = globalThis.GPUDevice?.prototype;
  const create = device?.createBuffer;
  if (create) {
    device.createBuffer = function counted(descriptor) {
      const buffer = create.call(this, descriptor);
      const destroy = buffer.destroy;
      let held = true;
      buffer.destroy = () => {
        if (held) [buffers, bytes, held] = [buffers - 1, bytes - descriptor.size, false];
        return destroy.call(buffer);
      };
      [buffers, bytes] = [buffers + 1, bytes + descriptor.size];
      return buffer;
    };
  }
  const module = await import(new URL(`./pkg/${folder}/speculative_diffusion.js`, location.href).href);
  const { memory } = await module.default();
  const engine = await module.Engine.load(weights, sidecar);
  const seen = [];
  for (let seed = 1; seed <= pictures; seed++) {
    const run = engine.run({ seed, class: 'any', guidance: 1, steps: 2, eta: 1, window: 'auto', draft: 'secant', quantity: 'x0hat', rule: 'auto' });
    while (await run.next());
    while (await run.plain_next());
    run.free();
    if (seed === 10 || seed === pictures) seen.push({ wasm: memory.buffer.byteLength, buffers, bytes });
  }
  return seen;
}

/** In the page: whole runs, by as many workers. */
async function runs({ backend, workers, settings, times }) {
  const { Engines } = await import(new URL('./engine.js', location.href).href);
  const seen = [];
  let lanes, wake, fail;
  const engines = new Engines((event) => {
    if (event.type === 'round') { lanes.calls += event.part.calls; lanes.rows += event.part.rows; lanes.speculative += event.part.ms; lanes.rounds.push(event.part); }
    if (event.type === 'plain') lanes.plain += event.part.ms;
    if (event.type === 'done') wake();
    if (event.type === 'failed') fail(new Error(event.failure.message));
  });
  engines.start(backend, settings.model);
  for (let time = 0; time < times; time++) {
    lanes = { calls: 0, rows: 0, speculative: 0, plain: 0, rounds: [] };
    const done = new Promise((resolve, reject) => { [wake, fail] = [resolve, reject]; });
    engines.run(settings, backend, workers);
    await done;
    seen.push(lanes);
  }
  // the first run is slower: code is still being compiled
  const least = (key) => Math.min(...seen.map((lanes) => lanes[key]));
  const rounds = seen[0].rounds.map(({ rows }, i) => ({ rows, ms: Math.min(...seen.map((lanes) => lanes.rounds[i].ms)) }));
  return { ...seen[0], rounds, speculative: least('speculative'), plain: least('plain') };
}

// `cargo xtask bench-web` has written it
const model = await readFile(new URL('target/onnx/model.onnx', ROOT));
const { num_train_timesteps: timesteps } = JSON.parse(await readFile(new URL('target/onnx/scheduler_config.json', ROOT), 'utf8'));
const PEER = fileURLToPath(new URL('node_modules/onnxruntime-web/dist/', import.meta.url));

const browser = await chromium.launch({
  executablePath: options.chrome,
  args: ['--headless=new', '--no-sandbox', '--disable-dev-shm-usage', '--enable-unsafe-webgpu', '--disable-dawn-features=timestamp_quantization', ...options.flags.split(' ').filter(Boolean)],
});

/** A page without its own engine, which would compete. @template T @param {(argument: any) => Promise<T>} work @param {any} argument */
async function inPage(work, argument) {
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  await page.route('**/app.js', (route) => route.abort());
  await page.route('**/peer/**', (route) => route.fulfill({ path: PEER + new URL(route.request().url()).pathname.split('/').pop(), headers: ISOLATED }));
  // the peer's threads need shared memory, our workers need nothing
  if (work === forwards) await page.route(PAGE_URL, async (route) => route.fulfill({ response: await route.fetch(), headers: { ...ISOLATED, 'content-type': 'text/html' } }));
  await page.goto(PAGE_URL);
  try {
    return await page.evaluate(work, argument);
  } finally {
    await context.close();
  }
}
/** A fresh visitor's wait, from navigation to the end of the speculative lane of a live run. */
async function firstPicture() {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${PAGE_URL}#seed=1&model=faces&class=hat&guidance=1&steps=100&eta=1&window=12&draft=secant&quantity=x0hat&rule=auto`);
  const wait = await page.waitForFunction(() => {
    const { source, rounds, settings } = window.__trace ?? {};
    return source?.kind === 'live' && rounds.reduce((sum, { committed }) => sum + committed, 0) === settings.steps && performance.now();
  });
  const ms = await wait.jsonValue();
  await context.close();
  return ms;
}
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-resource-policy': 'same-origin' };

try {
  if (options.soak) {
    for (const folder of options['no-gpu'] ? ['cpu'] : ['cpu', 'gpu']) {
      const [early, late] = await inPage(soak, { folder, pictures: PICTURES });
      const words = ({ wasm, buffers, bytes }) => `${(wasm / 2 ** 20).toFixed(1)} MiB of wasm memory${folder === 'gpu' ? `, ${buffers} GPU buffers of ${(bytes / 2 ** 20).toFixed(1)} MiB` : ''}`;
      console.log(`${folder.toUpperCase()} engine: ${words(early)} after 10 pictures of two steps, ${words(late)} after ${PICTURES}.`);
    }
  } else await measure();
} finally {
  await browser.close();
}

async function measure() {
  const threads = availableParallelism();
  console.log(`One forward of the network; ms a row at best, and against our CPU engine on one thread. ${threads} cores, ${browser.version()}.\n`);
  console.log('| engine | threads | 1 row | 20 rows, each | against ours, 1 row | 20 rows | load and first forward, ms |');
  console.log('|---|---|---|---|---|---|---|');
  let ours;
  const gpus = [];
  for (const [engine, name, count] of [
    ['ours', 'ours, wasm', 1],
    ['peer', 'ONNX Runtime Web, wasm', 1],
    ...(threads > 1 ? [['peer', 'ONNX Runtime Web, wasm', threads]] : []),
    ...(options['no-gpu'] ? [] : [['ours webgpu', 'ours, WebGPU', ''], ['burn', 'burn, WebGPU', ''], ['peer webgpu', 'ONNX Runtime Web, WebGPU', '']]),
  ]) {
    const { first, results, isolated } = await inPage(forwards, { model: model.toString('base64'), timesteps, rows: ROWS, ms: MS, slow: SLOW, engine, threads: count || 1 });
    if (count > 1 && !isolated) throw new Error('the page is not isolated: the peer would run on one thread');
    ours ??= results;
    results.forEach(({ velocities }, i) => {
      const worst = Math.max(...velocities.map((value, k) => Math.abs(value - ours[i].velocities[k])));
      if (!(worst < (engine === 'peer webgpu' ? LOOSE : TOLERANCE))) throw new Error(`${name} computes something else: off by ${worst}`);
    });
    const ms = results.map(({ total }) => total);
    console.log(`| ${[name, count, ...ms.map((value) => value.toFixed(2)), ...ms.map((value, i) => `${(value / ours[i].total).toFixed(2)}x`), first.toFixed(0)].join(' | ')} |`);
    // the peer hands its work over in many turns, of which the first says nothing
    const telling = (key) => results.map((result) => `${(key === 'host' ? result.host * result.count : result[key]).toFixed(2)} ms for ${result.count}`).join(', ');
    const host = engine === 'peer webgpu' ? '' : `; host time ${telling('host')}`;
    const device = Number.isFinite(results[0].device) ? `; device time ${telling('device')}` : '; no device time, which the adapter does not report';
    if (results[0].dispatches) gpus.push(`${name}: ${results[0].dispatches} dispatches a forward${host}${device}`);
  }

  for (const line of gpus) console.log(`\n${line}.`);

  console.log('\nWhole runs; ms at best of three (WebGPU: one).\n');
  console.log('| engine | workers | model | K | eta | draft | L | calls | rows | plain | speculative | against plain |');
  console.log('|---|---|---|---|---|---|---|---|---|---|---|---|');
  const line = (...cells) => console.log(`| ${cells.join(' | ')} |`);
  const run = async (backend, workers, chosen) => {
    const settings = { ...RUN, ...chosen };
    const { model, steps, eta, draft, window } = settings;
    const result = await inPage(runs, { backend, workers, settings, times: backend === 'cpu' ? 3 : 1 });
    const { calls, rows, plain, speculative } = result;
    line(backend, workers, model, steps, eta, draft, window, calls, rows, plain.toFixed(0), speculative.toFixed(0), `${(speculative / plain).toFixed(2)}x`);
    return result;
  };
  const projected = [];
  for (const [steps, eta] of [[100, 1], [200, 0.5]]) {
    for (const window of [8, 12, 'auto']) {
      const alone = await run('cpu', 1, { steps, eta, window });
      const pair = await run('cpu', 2, { steps, eta, window });
      if (threads > 2) await run('cpu', threads, { steps, eta, window });
      // a call costs its largest part and the messages; what those take is what two workers need beyond half the rows
      const { calls, rows, plain } = alone;
      const [row, rounds] = [alone.speculative / rows, pair.rounds];
      const split = (many) => rounds.reduce((sum, { rows }) => sum + Math.ceil(rows / many), 0);
      const messages = Math.max(0, pair.speculative - row * split(2));
      for (const many of [4, 8].filter((count) => count > threads)) {
        const ms = messages + row * split(many);
        projected.push([many, steps, eta, window, calls, rows, plain.toFixed(0), ms.toFixed(0), `${(ms / plain).toFixed(2)}x`]);
      }
    }
  }
  for (const model of ['faces', 'fashion']) {
    for (const draft of ['secant', 'carry', 'prefetched', 'frozen', 'independent']) await run('cpu', 2, { model, draft });
  }
  if (!options['no-gpu']) {
    for (const model of ['faces', 'fashion']) await run('webgpu', 1, { model, steps: 50, window: 'auto' });
    await run('burn', 1, { steps: 50, window: 'auto' });
  }
  console.log('\nOne call of 20 rows, by itself: the rounds of that many in a run with L = 20; ms at best.\n');
  console.log('| workers | ms | against one |');
  console.log('|---|---|---|');
  let alone;
  for (const workers of [1, 2]) {
    const { rounds } = await inPage(runs, { backend: 'cpu', workers, settings: { ...RUN, steps: 200, eta: 0.5, window: 20 }, times: 3 });
    const ms = Math.min(...rounds.filter(({ rows }) => rows === 20).map((round) => round.ms));
    alone ??= ms;
    line(workers, ms.toFixed(1), `${(ms / alone).toFixed(2)}x`);
  }
  console.log(`\nFrom navigation to the first live picture (K = 100, L = 12), nothing cached: ${((await firstPicture()) / 1000).toFixed(2)} s.`);
  if (projected.length > 0) {
    console.log('\nProjection, not measurement: the same runs with workers that this machine has no cores for. A row and the messages of a\ncall cost what they cost above.\n');
    console.log('| workers | K | eta | L | calls | rows | plain | speculative | against plain |');
    console.log('|---|---|---|---|---|---|---|---|---|');
    for (const cells of projected) line(...cells);
  }
}
