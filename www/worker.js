// @ts-check
/**
 * The worker: the only importer of pkg/. Loads one engine (CPU, GPU or burn), computes one run at a time and yields a
 * macrotask between calls, so that pause and cancel are heard. On the CPU other workers of the same file compute some
 * rows of each call. Decides nothing.
 */

/** @typedef {{field: string, message: string, dead: boolean}} Failure */

/** @type {{postMessage: (message: any, transfer?: Transferable[]) => void, onmessage: ((event: MessageEvent) => void) | null, onerror: ((message: any, source?: string, line?: number, column?: number, error?: any) => boolean) | null,
 *   onunhandledrejection: ((event: PromiseRejectionEvent) => void) | null, location: Location}} */
const scope = /** @type {any} */ (self);

/** @type {any} */
let engine;
let backend = 'cpu';
let model = '';
/** Whether the engine has the drafter, which the independent draft asks. */
let drafted = false;
/** `fetching` ends what the job fetches, `safe` is the last state that another engine could go on from.
 * @typedef {{id: number, cancelled: boolean, fetching: AbortController, run: any, safe: Uint8Array | undefined}} Job */
/** @type {Job | undefined} */
let job;
let ended = Promise.resolve();
let paused = false;
let wake = () => {};
let warm = false;
/** Only the run asked for last is computed; older ones that still queue are dropped. */
let wanted = 0;

/** Rows that a helper computes before it is asked. */
const WARM = 8;
/** A measurement that took no longer is repeated. */
const SHORT_MS = 6000;
/** Between two words on a download. */
const TELL_EVERY_MS = 50;
/** A helper that is not ready by then comes too late for this run. */
const HIRE_MS = 5000;
/** A helper that has not answered by then is given up. */
const ANSWER_MS = 20000;

/** `ready` is settled when the helper can be asked, or is gone.
 * @typedef {{ready: Promise<void>, gone: boolean, helping: boolean, ask: (states: Float32Array, times: Float64Array, labels: Uint32Array) => Promise<Float32Array>, dismiss: () => void}} Helper */

/** @type {Helper[]} */
let helpers = [];
/** What a helper is started with.
 * @type {{module: WebAssembly.Module, weights: Uint8Array, sidecar: string} | undefined} */
let copy;

/** @returns {Helper} */
function hire() {
  const worker = new Worker(scope.location.href, { type: 'module' });
  /** @type {Map<number, {resolve: (velocities: Float32Array) => void, reject: (why: Error) => void, late: number}>} */
  const waiting = new Map();
  let last = 0;
  let settle = () => {};
  /** @type {Helper} */
  const helper = {
    ready: new Promise((resolve) => { settle = resolve; }),
    gone: false,
    helping: false,
    // the engine computes itself what a helper that is gone does not
    ask: (states, times, labels) => new Promise((resolve, reject) => {
      if (helper.gone) return reject(new Error('gone'));
      const id = ++last;
      const late = setTimeout(() => helper.dismiss(), ANSWER_MS);
      waiting.set(id, { resolve, reject, late });
      worker.postMessage({ type: 'velocities', id, states, times, labels }, [states.buffer, times.buffer, labels.buffer]);
    }),
    dismiss: () => {
      helper.gone = true;
      worker.terminate();
      for (const { reject, late } of waiting.values()) {
        clearTimeout(late);
        reject(new Error('gone'));
      }
      waiting.clear();
      settle();
    },
  };
  worker.onmessage = ({ data }) => {
    if (data.type === 'failed') helper.dismiss();
    if (data.type === 'helping') {
      helper.helping = true;
      settle();
    }
    const asked = waiting.get(data.id);
    if (data.type !== 'velocities' || !asked) return;
    waiting.delete(data.id);
    clearTimeout(asked.late);
    asked.resolve(data.velocities);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    helper.dismiss();
  };
  worker.postMessage({ type: 'assist', ...copy });
  return helper;
}

/**
 * Hires and dismisses until so many compute, this worker counted, and waits until those who come are ready.
 * @param {number} workers
 * @returns {Promise<number>} how many there are
 */
async function staff(workers) {
  if (backend !== 'cpu') return 1;
  helpers = helpers.filter(({ gone }) => !gone);
  for (const helper of helpers.splice(workers - 1)) helper.dismiss();
  try {
    while (helpers.length < workers - 1) helpers.push(hire());
  } catch {
    // a browser that starts no worker from a worker: this one computes alone
  }
  const late = new Promise((resolve) => setTimeout(resolve, HIRE_MS));
  await Promise.race([late, Promise.all(helpers.map(({ ready }) => ready))]);
  const able = helpers.filter(({ gone, helping }) => helping && !gone);
  engine.share(able.map(({ ask }) => ask));
  return able.length + 1;
}

/** @param {{module: WebAssembly.Module, weights: Uint8Array, sidecar: string}} parts */
async function assist({ module, weights, sidecar }) {
  const { default: start, Engine } = await import(new URL('./pkg/cpu/speculative_diffusion.js', scope.location.href).href);
  await start({ module_or_path: module });
  engine = await Engine.load(weights, sidecar);
  // browsers compile hot code again: better now than in the first call that counts
  const { channels, size } = JSON.parse(sidecar).network;
  await engine.velocities(new Float32Array(WARM * channels * size * size), new Float64Array(WARM), new Uint32Array(WARM));
  scope.postMessage({ type: 'helping' });
}

const macrotask = () => new Promise((resolve) => setTimeout(resolve));

/**
 * @param {any} error
 * @returns {Failure}
 */
function failure(error) {
  const dead = error instanceof WebAssembly.RuntimeError || error?.name === 'RuntimeError';
  const memory = error instanceof RangeError || /out of memory|memory access|allocation/i.test(String(error?.message));
  const field = error?.field ?? (memory ? 'memory' : dead ? 'panic' : 'engine');
  const message = String(error?.message ?? error);
  return { field, message: field === 'panic' ? stopped(message) : message, dead };
}

/** @param {string} why */
function stopped(why) {
  return `The engine stopped (${why.replace(/^Uncaught (\w*Error: )?/, '').replace(/\.$/, '')}).`;
}

/**
 * @param {string} what could not be loaded
 * @param {string} why
 */
function notLoaded(what, why) {
  return Object.assign(new Error(`The ${what} could not be loaded (${why}). Check the connection and reload the page.`), { field: 'download' });
}

/**
 * Fetches, and tells how much has come.
 * @template T
 * @param {string} path
 * @param {string} what it is, in words
 * @param {number} expected bytes, 0 if unknown
 * @param {(response: Response) => Promise<T>} take what is made of it, while it comes or at its end
 * @param {AbortSignal} [signal] ends it
 */
async function download(path, what, expected, take, signal) {
  const response = await fetch(at(path), { signal }).catch((error) => { throw notLoaded(what, error.message); });
  if (!response.ok || !response.body) throw notLoaded(what, `the server answered ${response.status}`);
  const encoded = response.headers.get('content-encoding');
  const total = expected || (encoded ? 0 : Number(response.headers.get('content-length') ?? 0));
  let loaded = 0;
  let told = -Infinity;
  const tell = () => {
    told = performance.now();
    scope.postMessage({ type: 'progress', what, loaded, total: Math.max(total, total && loaded) });
  };
  const counted = new TransformStream({
    transform(part, controller) {
      loaded += part.length;
      if (performance.now() > told + TELL_EVERY_MS) tell();
      controller.enqueue(part);
    },
    flush: tell,
  });
  // a browser compiles nothing else, and not every server says so
  const headers = { 'content-type': 'application/wasm' };
  return take(new Response(response.body.pipeThrough(counted), { headers })).catch((error) => {
    // of which kind an error is that a broken connection causes
    throw error instanceof TypeError ? notLoaded(what, error.message) : error;
  });
}

/**
 * A failure that no awaited call reports: a panic leaves its promise unsettled, a lost device may too.
 * @param {Failure} why
 */
function died(why) {
  scope.postMessage({ type: 'failed', id: job?.id, failure: why, state: job?.safe });
}

/** @param {any} error thrown where nobody waits: the engine cannot be trusted any more, whatever it was */
function diedOf(error) {
  const { field, message } = failure(error);
  died({ field: field === 'engine' ? 'panic' : field, message: field === 'engine' ? stopped(message) : message, dead: true });
}

scope.onerror = (message, _source, _line, _column, error) => {
  diedOf(error ?? message);
  return true;
};

scope.onunhandledrejection = (event) => {
  event.preventDefault();
  diedOf(event.reason);
};

/** Hears of the device's loss from the device itself, whichever call is under way. */
function watchDevice() {
  const adapter = /** @type {any} */ (globalThis).GPUAdapter?.prototype;
  if (!adapter) return;
  const request = adapter.requestDevice;
  adapter.requestDevice = async function requestDevice(/** @type {any} */ descriptor) {
    const device = await request.call(this, descriptor);
    device.lost.then((/** @type {any} */ info) => died({ field: 'device', message: `The graphics device was lost${info.message ? ` (${info.message})` : ''}.`, dead: true }));
    return device;
  };
}

/** @param {string} path */
const at = (path) => new URL(path, scope.location.href);

/**
 * A network's weights and their description.
 * @param {string} name
 * @param {string} what
 * @param {AbortSignal} [signal]
 */
async function network(name, what, signal) {
  const sidecar = await download(`./assets/${name}.json`, `description of the ${what}`, 0, (response) => response.text(), signal);
  const weights = await download(`./assets/${name}.bpk`, what, Number(JSON.parse(sidecar).bytes) || 0, (response) => response.arrayBuffer(), signal);
  return { sidecar, weights: new Uint8Array(weights) };
}

/**
 * @param {string} which
 * @param {string} name of the model
 */
async function load(which, name) {
  backend = which;
  model = name;
  if (which !== 'cpu') watchDevice();
  const folder = which === 'webgpu' ? 'gpu' : which;
  const [module, compiled, { sidecar, weights }] = await Promise.all([
    import(at(`./pkg/${folder}/speculative_diffusion.js`).href),
    download(`./pkg/${folder}/speculative_diffusion_bg.wasm`, 'engine', 0, (response) => WebAssembly.compileStreaming(response)),
    network(name, 'weights'),
  ]);
  scope.postMessage({ type: 'preparing', message: which !== 'cpu' ? 'starting the graphics device' : 'starting the engine' });
  await module.default({ module_or_path: compiled });
  engine = await module.Engine.load(weights, sidecar);
  if (which === 'cpu') copy = { module: compiled, weights, sidecar };
  const { backend: kind, adapter, software } = engine.device();
  scope.postMessage({ type: 'ready', device: { backend: kind, adapter, software }, classes: JSON.parse(sidecar).network.classes });
}

/**
 * Fetches the drafter, where it is not there yet.
 * @param {Job} mine
 */
async function drafter(mine) {
  if (drafted || mine.cancelled) return;
  const { sidecar, weights } = await network(`${model}-drafter`, 'weights of the drafter', mine.fetching.signal);
  engine.set_drafter(weights, sidecar);
  drafted = true;
}

/**
 * Hires helpers and warms the engine up; returns how many workers share the rows.
 * @param {Job} mine
 * @param {number} workers
 */
async function ready(mine, workers) {
  if (mine.cancelled) return 1;
  const staffed = staff(workers);
  if (!warm) {
    scope.postMessage({ type: 'preparing', id: mine.id, message: backend !== 'cpu' ? 'compiling shaders' : 'warming up' });
    const began = performance.now();
    await engine.warm_up();
    warm = true;
    scope.postMessage({ type: 'warmed', ms: performance.now() - began });
  }
  return staffed;
}

/**
 * @param {number} id
 * @param {Uint8Array | undefined} safe
 * @returns {Job}
 */
function newJob(id, safe) {
  return { id, cancelled: id !== wanted, fetching: new AbortController(), run: undefined, safe };
}

/**
 * What the engine is to be told of a run: its network is chosen when it is loaded.
 * @param {any} settings
 */
function engineSettings(settings) {
  const { model: _, ...rest } = settings;
  return rest;
}

/**
 * @param {number} id
 * @param {any} settings
 * @param {number} workers
 * @param {Uint8Array | undefined} state of a run that another engine began
 */
async function compute(id, settings, workers, state) {
  const mine = newJob(id, state);
  job = mine;
  try {
    if (settings.draft === 'independent') await drafter(mine);
    const there = await ready(mine, workers);
    if (mine.cancelled) return;
    const run = state ? engine.resume(engineSettings(settings), state) : engine.run(engineSettings(settings));
    mine.run = run;
    scope.postMessage({ type: 'started', id, start: run.start(), workers: there });
    for (const lane of ['speculative', 'plain']) {
      scope.postMessage({ type: 'lane', id, lane });
      for (;;) {
        while (paused && !mine.cancelled) await new Promise((resolve) => { wake = () => resolve(undefined); });
        if (mine.cancelled) return;
        const began = performance.now();
        const part = lane === 'plain' ? await run.plain_next() : await run.next();
        const ms = performance.now() - began;
        if (mine.cancelled) return;
        if (!part) break;
        const timed = { ...part, ms };
        scope.postMessage({ type: lane === 'plain' ? 'plain' : 'round', id, part: timed }, buffers(timed));
        // the plain lane can be redone: only rounds are worth a copy of the state
        if (backend !== 'cpu' && lane === 'speculative') mine.safe = run.state();
        await macrotask();
      }
    }
    scope.postMessage({ type: 'done', id });
  } catch (error) {
    const why = failure(error);
    scope.postMessage({ type: 'failed', id, failure: why, state: mine.safe });
  } finally {
    release(mine.run);
    if (job === mine) job = undefined;
  }
}

/**
 * Times whole runs: with each of these windows, plain, and then with the other drafts and the fastest window. Everything is
 * timed twice where that takes no long time, and the better time counts: other programs only ever make it longer.
 * @param {number} id
 * @param {any} settings
 * @param {number} workers
 * @param {(number | 'auto')[]} windows
 * @param {string[]} drafts
 */
async function measure(id, settings, workers, windows, drafts) {
  const mine = newJob(id, undefined);
  job = mine;
  try {
    // without a network the rest can still be timed
    const able = await drafter(mine).then(() => drafts, (error) => {
      if (settings.draft === 'independent') throw error;
      return drafts.filter((draft) => draft !== 'independent');
    });
    const there = await ready(mine, workers);
    /** @type {Map<string, {lane: string, draft: string, window: number | 'auto', calls: number, rows: number, ms: number, workers: number}>} */
    const best = new Map();
    const time = async (/** @type {string} */ lane, /** @type {string} */ draft, /** @type {number | 'auto'} */ window) => {
      if (mine.cancelled) return;
      if (lane === 'speculative') {
        const run = engine.run(engineSettings({ ...settings, draft, window }));
        // never freed twice: one that cannot be made leaves the last as it is
        release(mine.run);
        mine.run = run;
      }
      const line = { lane, draft, window, calls: 0, rows: 0, ms: 0, workers: there };
      for (;;) {
        const start = performance.now();
        const part = lane === 'plain' ? await mine.run.plain_next() : await mine.run.next();
        if (mine.cancelled) return;
        if (!part) break;
        line.ms += performance.now() - start;
        line.calls += part.calls;
        line.rows += part.rows;
        await macrotask();
      }
      const key = lane === 'plain' ? lane : `${draft} ${window}`;
      line.ms = Math.min(line.ms, best.get(key)?.ms ?? Infinity);
      best.set(key, line);
      scope.postMessage({ type: 'timed', id, line });
    };
    const twice = async (/** @type {() => Promise<void>} */ work) => {
      const began = performance.now();
      await work();
      if (performance.now() - began < SHORT_MS) await work();
    };
    await twice(async () => {
      for (const window of windows) {
        await time('speculative', settings.draft, window);
        // it follows the speculative lane of the same run
        if (window === windows[0]) await time('plain', settings.draft, window);
      }
    });
    if (mine.cancelled) return;
    const speculative = [...best.values()].filter(({ lane }) => lane === 'speculative');
    const { window } = speculative.reduce((one, other) => (other.ms < one.ms ? other : one));
    await twice(async () => {
      for (const draft of able) {
        if (draft !== settings.draft) await time('speculative', draft, window);
      }
    });
    if (!mine.cancelled) scope.postMessage({ type: 'done', id });
  } catch (error) {
    scope.postMessage({ type: 'failed', id, failure: failure(error) });
  } finally {
    release(mine.run);
    if (job === mine) job = undefined;
  }
}

/** @param {any} run */
function release(run) {
  try {
    run?.free();
  } catch {
    // a dead instance cannot free; its memory goes with the worker
  }
}

/** @param {Record<string, any>} part */
function buffers(part) {
  const found = new Set();
  for (const value of Object.values(part)) {
    if (ArrayBuffer.isView(value)) found.add(value.buffer);
  }
  return [...found];
}

scope.onmessage = ({ data }) => {
  if (data.type === 'load') {
    load(data.backend, data.model).catch((error) => scope.postMessage({ type: 'failed', failure: failure(error) }));
  } else if (data.type === 'run') {
    stop();
    wanted = data.id;
    paused = data.paused;
    ended = ended.then(() => compute(data.id, data.settings, data.workers, data.state));
  } else if (data.type === 'measure') {
    stop();
    wanted = data.id;
    ended = ended.then(() => measure(data.id, data.settings, data.workers, data.windows, data.drafts));
  } else if (data.type === 'assist') {
    ended = assist(data).catch((error) => scope.postMessage({ type: 'failed', failure: failure(error) }));
  } else if (data.type === 'velocities') {
    ended = ended.then(async () => {
      const velocities = await engine.velocities(data.states, data.times, data.labels);
      scope.postMessage({ type: 'velocities', id: data.id, velocities }, [velocities.buffer]);
    }).catch((error) => scope.postMessage({ type: 'failed', failure: failure(error) }));
  } else if (data.type === 'dismiss') {
    for (const helper of helpers.splice(0)) helper.dismiss();
  } else if (data.type === 'cancel') {
    stop();
  } else if (data.type === 'pause') {
    paused = true;
  } else if (data.type === 'continue') {
    paused = false;
    wake();
  }
};

function stop() {
  paused = false;
  wanted = 0;
  if (job) {
    job.cancelled = true;
    job.fetching.abort();
    try {
      job.run?.cancel();
    } catch {
      // a dead instance has nothing left to cancel
    }
  }
  wake();
}

export {};
