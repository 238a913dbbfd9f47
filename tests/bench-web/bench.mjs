// Times in a headless Chromium: `cargo xtask bench-web [-- OPTIONS]`. Prints; asserts nothing but that
// the peers compute the same rows. Engines on a CPU are in engines.mjs.
//
// The peer on a GPU is ONNX Runtime Web with the same weights in the same browser. Host time is what a forward keeps the thread
// busy before it is handed to the device: wasm-bindgen runs an async call up to its first wait in a microtask, so the time
// is taken in the next one. On a CPU that is the whole forward. Device time is what the device itself writes down at both
// ends of each of its passes.
import { availableParallelism } from 'node:os';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { engines, ISOLATED, median, peerFile, prices, spread } from './engines.mjs';

const { values: options } = parseArgs({
  options: {
    chrome: { type: 'string', default: process.env.CHROMIUM ?? '/usr/bin/chromium' },
    flags: { type: 'string', default: '' },
    'no-gpu': { type: 'boolean', default: false },
    engines: { type: 'boolean', default: false },
    model: { type: 'string', multiple: true, default: [] },
    overhead: { type: 'boolean', default: false },
    policy: { type: 'boolean', default: false },
    soak: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (options.help) {
  console.log(`Times of the engines, of others with the same weights beside them, and of whole runs, in a headless Chromium

  --chrome PATH   which Chromium
  --flags "..."   further flags for it
  --no-gpu        leave out everything on WebGPU (minutes on a software adapter)
  --engines       only this: our CPU engine beside ONNX Runtime Web (1, 2 and 4 threads), tract, rten and TensorFlow.js; the npm package
                  through ONNX Runtime Web beside the plain sampler; what a call costs beside its rows. Some three minutes, all of it repeated
  --model FOLDER  another model.onnx with its scheduler_config.json for the npm package to sample; as often as you like
  --overhead      only this: what a call costs beside its rows
  --policy        only this: the policy's plans and its world, on the page's thread
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
const RUN = { seed: 1, model: 'faces', class: 'any', guidance: 1, steps: 100, eta: 1, window: 'auto', draft: 'secant', rule: 'auto' };
/** Chains that are timed, K and eta. */
const CHAINS = [
  [100, 1],
  [200, 0.5],
];
/** Runs of each, of which the fastest counts. */
const TIMES = 3;
/** Repetitions of what is told from small differences. */
const REPEATS = 5;
/** Seeds of a replay. */
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
/** Largest difference of velocities that sums in another order explain. */
const TOLERANCE = 1e-4;
/** The same where the sines of the clock are the adapter's own, whose error at large arguments WGSL leaves open. */
const LOOSE = 1e-3;

/** In the page: ours, and the peer, on the same rows. */
async function forwards({ model, timesteps, rows, ms, slow, engine: which }) {
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
    if (dispatch)
      pass[name] = function counted(...numbers) {
        dispatches++;
        return dispatch.apply(this, numbers);
      };
  }
  /** @type {any} */
  let device;
  const request = globalThis.GPUAdapter?.prototype.requestDevice;
  if (request) {
    GPUAdapter.prototype.requestDevice = async function stamping(descriptor = {}) {
      const requiredFeatures = [...new Set([...(descriptor.requiredFeatures ?? []), 'timestamp-query'])].filter((name) => this.features.has(name));
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
    const [resolved, read] = [GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC, GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ].map((usage) =>
      device.createBuffer({ size: bytes, usage }),
    );
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
    const ort = await import(new URL('./peer/ort.webgpu.bundle.min.mjs', location.href).href);
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = new URL('./peer/', location.href).href;
    const bytes = Uint8Array.from(atob(model), (letter) => letter.charCodeAt(0));
    const session = await ort.InferenceSession.create(bytes, { executionProviders: ['webgpu'], graphOptimizationLevel: 'all' });
    prepare = async (count) => {
      const { states, times, labels } = inputs(count);
      // the file counts timesteps evenly from the chain's least time to its most
      const timestep = Float32Array.from(times, (t) => ((t - LEAST) / (MOST - LEAST)) * (timesteps - 1));
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
  return { first, results };
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
    const run = engine.run({ seed, class: 'any', guidance: 1, steps: 2, eta: 1, window: 'auto', draft: 'secant', rule: 'auto' });
    while (await run.next());
    while (await run.plain_next());
    run.free();
    if (seed === 10 || seed === pictures) seen.push({ wasm: memory.buffer.byteLength, buffers, bytes });
  }
  return seen;
}

/** In the page: whole runs, by as many workers. */
async function runs({ backend, workers, settings, times }) {
  const { Engines } = await import(new URL('./engine/engine.js', location.href).href);
  const seen = [];
  const engines = new Engines(() => {});
  for (let time = 0; time < times; time++) {
    const lanes = { window: settings.window, calls: 0, rows: 0, speculative: 0, plain: 0, rounds: [], steps: [] };
    for await (const event of engines.run(settings, { backend, workers, signal: new AbortController().signal, handover: false })) {
      if (event.type === 'started') lanes.window = event.settings.window;
      if (event.type === 'round') {
        lanes.calls += event.part.calls;
        lanes.rows += event.part.rows;
        lanes.speculative += event.part.ms;
        lanes.rounds.push(event.part);
      }
      if (event.type === 'plain') {
        lanes.plain += event.part.ms;
        lanes.steps.push(event.part.ms);
      }
    }
    seen.push(lanes);
  }
  // the first run is slower: code is still being compiled
  const least = (key) => Math.min(...seen.map((lanes) => lanes[key]));
  const rounds = seen[0].rounds.map(({ rows }, i) => ({ rows, ms: Math.min(...seen.map((lanes) => lanes.rounds[i].ms)) }));
  const steps = seen[0].steps.map((_, i) => Math.min(...seen.map((lanes) => lanes.steps[i])));
  return { ...seen[0], rounds, steps, speculative: least('speculative'), plain: least('plain') };
}

/** In the page: what a call costs the host beside the model, whose place a formula takes; and the share of it that can be done while a model computes. */
async function hostOfCalls({ dim, steps, window, runs }) {
  const { default: init, Lanes, Scheduler } = await import(new URL('./pkg/sampler/speculative_diffusion.js', location.href).href);
  await init();
  const scheduler = Scheduler.cosine(steps, 1, 'x0');
  let [calls, rows, ms, meanwhile] = [0, 0, 0, 0];
  for (let seed = 0; seed < runs; seed++) {
    const lanes = new Lanes(scheduler, { draft: 'secant', window, rule: 'auto' }, dim, 1);
    lanes.push(seed, false, undefined);
    for (;;) {
      const began = performance.now();
      const asked = lanes.ask();
      const there = performance.now();
      if (!asked) break;
      const estimates = asked.sample.map((y) => 0.3 * Math.sin(y));
      const made = performance.now();
      lanes.drawAhead();
      const drawn = performance.now();
      lanes.answer(estimates);
      // in the first runs code is still being compiled
      if (seed < runs / 4) continue;
      [calls, rows] = [calls + 1, rows + asked.timesteps.length];
      [ms, meanwhile] = [ms + there - began + performance.now() - drawn, meanwhile + drawn - made];
    }
    lanes.free();
  }
  return { rows: rows / calls, ms: ms / calls, meanwhile: meanwhile / calls };
}

/** In the page: whether its WebGPU is a graphics card. */
async function hasCard() {
  const { gpuSupport } = await import(new URL('./engine/engine.js', location.href).href);
  const { available, software, sentence } = await gpuSupport();
  return { card: available.includes('webgpu') && !software, sentence };
}

/** In the page: plans of both samplers, each for what the hand sees then, and ticks in which no plan is made. */
async function plans({ plans }) {
  /** Long enough a call that a plan is under way for some ticks. */
  const [CALL, TICKS] = [0.2, 14];
  const [module, weights, sidecar] = await Promise.all([
    import(new URL('./pkg/policy/speculative_diffusion.js', location.href).href),
    fetch('./assets/policy.bpk').then((answer) => answer.arrayBuffer()),
    fetch('./assets/policy.json').then((answer) => answer.text()),
  ]);
  await module.default();
  const loading = new module.Loading(new Uint8Array(weights), sidecar);
  let policy;
  while (!policy) policy = loading.step();
  let [ticks, ticking] = [0, 0];
  const of = (speculative) => {
    const made = [];
    for (let seed = 0; made.length < 2 * plans; seed++) {
      const scene = policy.scene(seed, speculative);
      scene.configure(CALL, true);
      for (let number = 0; number < 20; number++) {
        const before = scene.state()[11];
        while (scene.state()[11] === before) scene.tick();
        const began = performance.now();
        scene.think(1000);
        const thought = performance.now();
        for (let tick = 0; tick < TICKS; tick++) scene.tick();
        // the first half lets the browser compile
        if (made.length >= plans) [ticks, ticking] = [ticks + TICKS, ticking + performance.now() - thought];
        while (scene.state()[13]) scene.tick();
        made.push({ ms: thought - began, calls: scene.state()[9] });
      }
      scene.free();
    }
    return made.slice(-plans);
  };
  return { speculative: of(true), standard: of(false), ticks: ticks / (ticking / 1000) };
}

// `cargo xtask bench-web` has written it
const model = await readFile(new URL('target/onnx/model.onnx', ROOT));
const { num_train_timesteps: timesteps } = JSON.parse(await readFile(new URL('target/onnx/scheduler_config.json', ROOT), 'utf8'));

const browser = await chromium.launch({
  executablePath: options.chrome,
  args: [
    '--headless=new',
    '--no-sandbox',
    '--disable-dev-shm-usage',
    '--enable-unsafe-webgpu',
    '--disable-dawn-features=timestamp_quantization',
    ...options.flags.split(' ').filter(Boolean),
  ],
});

/** A page without its own engine, which would compete. @template T @param {(argument: any) => Promise<T>} work @param {any} argument */
async function inPage(work, argument) {
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  await page.route('**/main.js', (route) => route.abort());
  await page.route('**/peer/**', (route) => route.fulfill({ path: peerFile(new URL(route.request().url()).pathname.split('/').pop()), headers: ISOLATED }));
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
  await page.goto(`${PAGE_URL}#seed=1&model=faces&class=hat&guidance=1&steps=100&eta=1&window=auto&draft=secant&rule=auto`);
  const wait = await page.waitForFunction(() => {
    const { source, rounds, settings } = window.__trace ?? {};
    return source?.kind === 'live' && rounds.reduce((sum, { committed }) => sum + committed, 0) === settings.steps && performance.now();
  });
  const ms = await wait.jsonValue();
  await context.close();
  return ms;
}

/** A visitor looks at the recorded race first. */
const LOOKING_MS = 4000;

/** The first run that a visitor asks for, a few seconds after the page has come: milliseconds until both lanes have ended, and the
 * speculative lane's share of the plain one's. */
async function firstRun() {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(PAGE_URL);
  await page.waitForTimeout(LOOKING_MS);
  const began = await page.evaluate(() => {
    location.hash = 'seed=1';
    return performance.now();
  });
  const wait = await page.waitForFunction(() => {
    const { source, rounds, plain, settings } = window.__trace ?? {};
    const time = (/** @type {{ms: number}[]} */ lane) => lane.reduce((sum, { ms }) => sum + ms, 0);
    return source?.kind === 'live' && plain.length === settings.steps && [performance.now(), time(rounds) / time(plain)];
  });
  const [ended, share] = /** @type {[number, number]} */ (await wait.jsonValue());
  await context.close();
  return { ms: ended - began, share };
}

const threads = availableParallelism();
/** Workers that are tried. */
const crews = [1, 2, 4, 8, 16].filter((count) => count <= Math.max(2, threads));
/** A row of a table. */
const line = (...cells) => console.log(`| ${cells.join(' | ')} |`);

try {
  if (options.overhead) await overhead();
  else if (options.engines) {
    await engines(browser, PAGE_URL, line);
    await prices(browser, PAGE_URL, line, options.model);
    await overhead();
  } else if (options.policy) await hands();
  else if (options.soak) {
    for (const folder of options['no-gpu'] ? ['cpu'] : ['cpu', 'gpu']) {
      const [early, late] = await inPage(soak, { folder, pictures: PICTURES });
      const words = ({ wasm, buffers, bytes }) =>
        `${(wasm / 2 ** 20).toFixed(1)} MiB of wasm memory${folder === 'gpu' ? `, ${buffers} GPU buffers of ${(bytes / 2 ** 20).toFixed(1)} MiB` : ''}`;
      console.log(`${folder.toUpperCase()} engine: ${words(early)} after 10 pictures of two steps, ${words(late)} after ${PICTURES}.`);
    }
  } else await measure();
} finally {
  await browser.close();
}

/** The policy: what a plan takes on one thread, and a tick of the world. */
async function hands() {
  const { standard, speculative, ticks } = await inPage(plans, { plans: 300 });
  console.log('\nPlans of the policy on one thread, K = 100, the default price; medians of 300 observations.\n');
  console.log('| sampler | calls | ms | against the standard one |');
  console.log('|---|---|---|---|');
  for (const [name, made] of Object.entries({ standard, speculative })) {
    const ms = median(made.map((plan) => plan.ms));
    const calls = made.reduce((sum, plan) => sum + plan.calls, 0) / made.length;
    line(name, calls.toFixed(2), ms.toFixed(2), `${(ms / median(standard.map((plan) => plan.ms))).toFixed(2)}x`);
  }
  console.log(`\nIts world: ${Math.round(ticks / 1000)},000 ticks a second, the hand pushing by its plans.`);
}

/** What a call costs beside its rows, everything in the middle of its rounds, and that several times. */
async function overhead() {
  const of = (workers, chosen) => inPage(runs, { backend: 'cpu', workers, settings: { ...RUN, ...chosen }, times: TIMES });
  const called = ({ rounds }, count) => median(rounds.filter(({ rows }) => rows === count).map(({ ms }) => ms));
  const seen = [];
  for (let time = 0; time < REPEATS; time++) {
    const calls = [];
    for (const workers of crews) calls.push(called(await of(workers, { steps: 200, eta: 0.5, window: 20 }), 20));
    const pair = await of(2, {});
    seen.push({ calls, row: crews.map((workers, i) => calls[i] / Math.ceil(20 / workers)), pairs: called(pair, 2), step: median(pair.steps) });
  }
  console.log(`\nOne call of 20 rows, by itself: the rounds of that many in a run with L = 20; ms, medians of ${REPEATS} runs.\n`);
  console.log('| workers | ms | against one |');
  console.log('|---|---|---|');
  for (const [i, workers] of crews.entries())
    line(workers, median(seen.map(({ calls }) => calls[i])).toFixed(1), `${spread(seen.map(({ calls }) => calls[i] / calls[0]))}x`);
  const middle = (of) => median(seen.map(of)).toFixed(2);
  const more = (of) => spread(seen.map((found) => (of(found) - found.row[1]) / found.row[0]));
  console.log(
    `\nOverhead: a row takes ${middle(({ row }) => row[0])} ms alone and ${middle(({ row }) => row[1])} ms beside another. A call of two rows by two workers takes ${middle(({ pairs }) => pairs)} ms, ${more(({ pairs }) => pairs)} of a row more; a plain step ${middle(({ step }) => step)} ms, ${spread(seen.map(({ step, row }) => (step - row[0]) / row[0]))} of a row more.`,
  );
}

/** One forward by each engine on WebGPU, beside ours on the CPU. */
async function onGpu() {
  console.log(`\nOne forward of the network on WebGPU; ms a row at best, and against our CPU engine on one thread. ${threads} cores, ${browser.version()}.\n`);
  console.log('| engine | 1 row | 20 rows, each | against ours on the CPU, 1 row | 20 rows | load and first forward, ms |');
  console.log('|---|---|---|---|---|---|');
  let ours;
  const gpus = [];
  for (const [engine, name] of [
    ['ours', 'ours, CPU'],
    ['ours webgpu', 'ours, WebGPU'],
    ['burn', 'burn, WebGPU'],
    ['peer webgpu', 'ONNX Runtime Web, WebGPU'],
  ]) {
    const { first, results } = await inPage(forwards, { model: model.toString('base64'), timesteps, rows: ROWS, ms: MS, slow: SLOW, engine });
    ours ??= results;
    results.forEach(({ velocities }, i) => {
      const worst = Math.max(...velocities.map((value, k) => Math.abs(value - ours[i].velocities[k])));
      if (!(worst < (engine === 'peer webgpu' ? LOOSE : TOLERANCE))) throw new Error(`${name} computes something else: off by ${worst}`);
    });
    const ms = results.map(({ total }) => total);
    console.log(
      `| ${[name, ...ms.map((value) => value.toFixed(2)), ...ms.map((value, i) => `${(value / ours[i].total).toFixed(2)}x`), first.toFixed(0)].join(' | ')} |`,
    );
    // the peer hands its work over in many turns, of which the first says nothing
    const telling = (key) =>
      results.map((result) => `${(key === 'host' ? result.host * result.count : result[key]).toFixed(2)} ms for ${result.count}`).join(', ');
    const host = engine === 'peer webgpu' ? '' : `; host time ${telling('host')}`;
    const device = Number.isFinite(results[0].device) ? `; device time ${telling('device')}` : '; no device time, which the adapter does not report';
    if (results[0].dispatches) gpus.push(`${name}: ${results[0].dispatches} dispatches a forward${host}${device}`);
  }

  for (const line of gpus) console.log(`\n${line}.`);
}

async function measure() {
  await engines(browser, PAGE_URL, line);
  await prices(browser, PAGE_URL, line, options.model);
  if (!options['no-gpu']) await onGpu();

  const { card, sentence } = options['no-gpu'] ? { card: false, sentence: '' } : await inPage(hasCard, {});
  if (sentence) console.log(`\n${sentence}`);
  console.log(`\nWhole runs; ms at best of ${TIMES}${card ? '' : ' (WebGPU: one)'}. auto is resolved by the price that the page measures.\n`);
  console.log('| engine | workers | model | K | eta | draft | L | calls | rows | plain | speculative | against plain |');
  console.log('|---|---|---|---|---|---|---|---|---|---|---|---|');
  const run = async (backend, workers, chosen) => {
    const settings = { ...RUN, ...chosen };
    const { model, steps, eta, draft } = settings;
    const result = await inPage(runs, { backend, workers, settings, times: backend === 'cpu' || card ? TIMES : 1 });
    const { calls, rows, plain, speculative, window } = result;
    line(
      backend,
      backend === 'cpu' ? workers : '',
      model,
      steps,
      eta,
      draft,
      window,
      calls,
      rows,
      plain.toFixed(0),
      speculative.toFixed(0),
      `${(speculative / plain).toFixed(2)}x`,
    );
    return result;
  };
  for (const [steps, eta] of CHAINS) {
    for (const workers of crews) await run('cpu', workers, { steps, eta });
    for (const window of [2, 8]) await run('cpu', 2, { steps, eta, window });
  }
  for (const model of ['faces', 'fashion']) {
    for (const draft of ['secant', 'carry', 'prefetched', 'frozen', 'independent'])
      await run('cpu', 2, { model, draft, ...(draft === 'independent' ? { window: 8 } : {}) });
  }
  if (card) {
    for (const model of ['faces', 'fashion']) {
      for (const [steps, eta] of [...CHAINS, [1000, 1]]) await run('webgpu', 1, { model, steps, eta });
    }
    for (const window of [8, 20, 'auto/0']) await run('webgpu', 1, { window });
    await run('burn', 1, {});
  } else if (!options['no-gpu']) {
    for (const model of ['faces', 'fashion']) await run('webgpu', 1, { model, steps: 50, window: 8 });
    await run('burn', 1, { steps: 50, window: 8 });
  }

  await overhead();
  await hands();

  console.log("\nThe host's own arithmetic in 768 dimensions, a formula in the place of the network; ms a call.\n");
  console.log('| K | L | rows a call | beside the model | while it computes |');
  console.log('|---|---|---|---|---|');
  for (const [steps, window] of [
    [100, 2],
    [100, 8],
    [100, 16],
    [1000, 64],
  ]) {
    const { rows, ms, meanwhile } = await inPage(hostOfCalls, { dim: 768, steps, window, runs: 40 });
    line(steps, window, rows.toFixed(1), ms.toFixed(2), meanwhile.toFixed(2));
  }
  console.log(`\nFrom navigation to the first live picture (K = 100, L by price), nothing cached: ${((await firstPicture()) / 1000).toFixed(2)} s.`);
  const firsts = [await firstRun(), await firstRun(), await firstRun(), await firstRun(), await firstRun()];
  const list = (/** @type {(first: {ms: number, share: number}) => string} */ of) => firsts.map(of).join(', ');
  console.log(
    `From the first change of settings on an empty address to the end of both lanes, five times: ${list(({ ms }) => (ms / 1000).toFixed(2))} s; against plain ${list(({ share }) => share.toFixed(2))}.`,
  );
  console.log('\nReplay, an assumption and no measurement: the rounds of a run with so many workers, if a call takes h rows beside its own.\n');
  console.log('| workers | h | K | eta | L | calls | rows | against plain |');
  console.log('|---|---|---|---|---|---|---|---|');
  for (const [steps, eta] of CHAINS) {
    for (const [workers, h] of [
      [4, 0.15],
      [8, 0.2],
      [16, 0.3],
    ]) {
      const window = `auto/${(1 / (1 + h)).toFixed(2)}/${workers}`;
      let [calls, rows, time] = [0, 0, 0];
      for (const seed of SEEDS) {
        const result = await inPage(runs, { backend: 'cpu', workers: Math.min(workers, threads), settings: { ...RUN, seed, steps, eta, window }, times: 1 });
        [calls, rows] = [calls + result.calls, rows + result.rows];
        time += result.rounds.reduce((sum, round) => sum + h + Math.ceil(round.rows / workers), 0);
      }
      line(workers, h, steps, eta, window, (calls / SEEDS.length).toFixed(1), (rows / SEEDS.length).toFixed(0), `${(time / SEEDS.length / steps).toFixed(2)}x`);
    }
  }
}
