// @ts-check
/**
 * The worker: the only importer of pkg/. Loads one engine (CPU, GPU or burn), computes one run at a time and yields a
 * macrotask between calls, so that pause and cancel are heard. On the CPU other workers of the same file, which the page starts
 * for it, compute some rows of each call. Decides nothing, and has no words: a failure of a known kind carries what a sentence needs.
 */

import { Desk } from './desk.js';

/** @typedef {'engine' | 'weights' | 'description' | 'drafter' | 'drafter-description'} Part a file that is loaded */
/** @typedef {'device' | 'engine' | 'shaders' | 'warmup'} Stage of the start of an engine */
/**
 * What went wrong; without a kind `message` is the engine's own sentence, with one only the technical detail.
 * @typedef {{field: string, message: string, dead: boolean, kind?: 'stopped' | 'missing' | 'damaged' | 'lost' | 'worker', what?: Part, status?: number}} Failure
 */
/**
 * What rows cost here: each further row of `lanes` that are computed side by side adds `row` to a call, in calls of one; and how
 * that was measured.
 * @typedef {{row: number, lanes: number, few: Timing, many: Timing}} Price
 */
/** @typedef {{rows: number, ms: number}} Timing */

/** @type {{postMessage: (message: any, transfer?: Transferable[]) => void, onmessage: ((event: MessageEvent) => void) | null, onerror: ((message: any, source?: string, line?: number, column?: number, error?: any) => boolean) | null,
 *   onunhandledrejection: ((event: PromiseRejectionEvent) => void) | null, location: Location}} */
const scope = /** @type {any} */ (self);

/** @type {any} */
let engine;
let backend = 'cpu';
let model = '';
/** Drafts that ask a drafter. */
const DRAFTED = ['independent', 'corrected'];
/** Whether the engine has the drafter. */
let drafted = false;
/** What rows were measured to cost, by the number of workers. @type {Map<number, Price>} */
const prices = new Map();
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

/** What a run behind the page leaves out. */
const PICTURES = ['draftMean', 'draft', 'targetMean', 'estimate'];
/** Rows that a helper computes before it is asked. */
const WARM = 8;
/** A first run that nobody sees, as long as browsers need to compile all that is hot in one, and steps of its plain lane. */
const REHEARSED = { seed: 0, class: 'any', guidance: 1, steps: 100, eta: 1, window: 'auto/0.9/2', draft: 'secant', rule: 'auto' };
const REHEARSED_PLAIN = 20;
/** Nobody waits for it longer. */
const REHEARSED_MS = 500;
/** Rows of the larger call whose time gives the price of a row on a GPU, and on a software adapter, which takes seconds for that. */
const MANY = [16, 3];
/** Pairs of calls in a row that take little longer than the fastest so far, and the time after which those are taken that there are. */
const PRICING = { calls: 6, ms: 600 };
/** A lane is timed once calls take little longer than they were measured to, several in a row, or after so long anyway. */
const QUIET = { times: 1.25, calls: 4, ms: 400 };
/** A measurement that took no longer is repeated. */
const SHORT_MS = 6000;
/** Between two words on a download. */
const TELL_EVERY_MS = 50;
/** A helper that is not ready by then comes too late for this run. */
const HIRE_MS = 5000;
/** A helper that has not answered a letter by then is given up. */
const ANSWER_MS = 20000;

/** `ready` is settled when the helper can be asked, or is gone. `ask` hands rows on and returns what gives the velocities; `heard`
 * is what the page says of it.
 * @typedef {{id: number, ready: Promise<void>, gone: boolean, helping: boolean, ask: Asking, heard: (helping: boolean) => void, dismiss: () => void}} Helper */
/** @typedef {(states: Float32Array, times: Float64Array, labels: Uint32Array) => (() => Float32Array | Promise<Float32Array> | undefined)} Asking */

/**
 * What a helper is started with: the engine's parts, and the memory or the port by which it is asked.
 * @typedef {{module: WebAssembly.Module, weights: Uint8Array<ArrayBuffer>, sidecar: string}} Copy
 * @typedef {Copy & {desk: SharedArrayBuffer | undefined, port: MessagePort | undefined}} Parts
 */

/** WebKitGTK calls a page isolated and has no memory to share. By messages a call takes longer there than alone. */
const UNSHARED = globalThis.crossOriginIsolated && !('SharedArrayBuffer' in globalThis);
/** @type {Helper[]} */
let helpers = [];
let lastHelper = 0;
/** @type {Copy | undefined} */
let copy;

/**
 * Has the page start a helper. A worker could do that itself, but in Firefox 153 the constructor of a worker inside a worker
 * sometimes never returns.
 * @param {Copy} copy
 * @returns {Helper}
 */
function hire(copy) {
  const id = ++lastHelper;
  const dim = numbersOf(copy.sidecar);
  const desk = globalThis.crossOriginIsolated ? new Desk(new SharedArrayBuffer(Desk.bytes(dim)), dim) : undefined;
  const channel = desk ? undefined : new MessageChannel();
  const letters = channel && correspond(channel.port1, () => helper.dismiss());
  let settle = () => {};
  /** @type {Helper} */
  const helper = {
    id,
    ready: new Promise((resolve) => {
      settle = resolve;
    }),
    gone: false,
    helping: false,
    // the engine computes itself what a helper that is gone does not
    ask: (states, times, labels) => {
      if (helper.gone) return () => undefined;
      if (letters) return letters.ask(states, times, labels);
      if (!desk || times.length > Desk.ROWS) return () => undefined;
      desk.ask(states, times, labels);
      return () => {
        const velocities = desk.answer();
        if (!velocities) helper.dismiss();
        return velocities;
      };
    },
    heard: (helping) => {
      helper.helping = helping;
      if (helping) settle();
      else helper.dismiss();
    },
    dismiss: () => {
      helper.gone = true;
      scope.postMessage({ type: 'dismiss', helper: id });
      letters?.close();
      settle();
    },
  };
  /** @type {Parts} */
  const parts = { ...copy, desk: desk?.memory, port: channel?.port2 };
  scope.postMessage({ type: 'hire', helper: id, parts }, channel ? [channel.port2] : []);
  return helper;
}

/**
 * Asks a helper by messages, where memory cannot be shared.
 * @param {MessagePort} port
 * @param {() => void} late the helper has not answered in time
 */
function correspond(port, late) {
  /** @type {Map<number, {resolve: (velocities: Float32Array) => void, reject: (why: Error) => void, timer: number}>} */
  const waiting = new Map();
  let last = 0;
  port.onmessage = ({ data: { id, velocities } }) => {
    const asked = waiting.get(id);
    if (!asked) return;
    waiting.delete(id);
    clearTimeout(asked.timer);
    asked.resolve(velocities);
  };
  return {
    /** @type {Asking} */
    ask: (states, times, labels) => {
      const id = ++last;
      const promised = new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject, timer: setTimeout(late, ANSWER_MS) });
      });
      // one that fails while another is awaited would count as nobody's
      promised.catch(() => {});
      port.postMessage({ id, states, times, labels }, [states.buffer, times.buffer, labels.buffer]);
      return () => promised;
    },
    close: () => {
      port.close();
      for (const { reject, timer } of waiting.values()) {
        clearTimeout(timer);
        reject(new Error('gone'));
      }
      waiting.clear();
    },
  };
}

/**
 * Numbers of one state.
 * @param {string} sidecar
 */
function numbersOf(sidecar) {
  const { channels, size } = JSON.parse(sidecar).network;
  return channels * size * size;
}

/**
 * Hires and dismisses until so many compute, this worker counted, and waits until those who come are ready.
 * @param {number} workers
 * @returns {Promise<number>} how many there are
 */
async function staff(workers) {
  if (!copy || UNSHARED) return 1;
  helpers = helpers.filter(({ gone }) => !gone);
  for (const helper of helpers.splice(workers - 1)) helper.dismiss();
  while (helpers.length < workers - 1) helpers.push(hire(copy));
  const late = new Promise((resolve) => setTimeout(resolve, HIRE_MS));
  await Promise.race([late, Promise.all(helpers.map(({ ready }) => ready))]);
  const able = helpers.filter(({ gone, helping }) => helping && !gone);
  engine.share(able.map(({ ask }) => ask));
  return able.length + 1;
}

/** @param {Parts} parts */
async function assist({ module, weights, sidecar, desk, port }) {
  const { default: start, Engine } = await import(at('./pkg/cpu/speculative_diffusion.js').href);
  await start({ module_or_path: module });
  engine = await Engine.load(weights, sidecar);
  // browsers compile hot code again: better now than in the first call that counts
  const dim = numbersOf(sidecar);
  await engine.velocities(new Float32Array(WARM * dim), new Float64Array(WARM), new Uint32Array(WARM));
  if (port)
    port.onmessage = ({ data: { id, states, times, labels } }) => {
      ended = ended
        .then(async () => {
          const velocities = await engine.velocities(states, times, labels);
          port.postMessage({ id, velocities }, [velocities.buffer]);
        })
        .catch((error) => scope.postMessage({ type: 'failed', failure: failure(error) }));
    };
  scope.postMessage({ type: 'helping' });
  if (desk) await new Desk(desk, dim).serve((states, times, labels) => engine.velocities(states, times, labels));
}

const { port1: bell, port2: rope } = new MessageChannel();
/** Lets messages in. A timer would do too, but browsers make nested ones wait for milliseconds. */
const macrotask = () =>
  new Promise((resolve) => {
    bell.onmessage = resolve;
    rope.postMessage(undefined);
  });

/**
 * @param {any} error
 * @returns {Failure}
 */
function failure(error) {
  const dead = error instanceof WebAssembly.RuntimeError || error?.name === 'RuntimeError';
  const memory = error instanceof RangeError || /out of memory|memory access|allocation/i.test(String(error?.message));
  const field = error?.field ?? (memory ? 'memory' : dead ? 'panic' : 'engine');
  const message = String(error?.message ?? error);
  return field === 'panic' ? stopped(message, dead) : { field, message, dead, kind: error?.kind, what: error?.what, status: error?.status };
}

/**
 * @param {string} why
 * @param {boolean} dead
 * @returns {Failure}
 */
function stopped(why, dead) {
  return { field: 'panic', kind: 'stopped', message: why.replace(/^Uncaught (\w*Error: )?/, '').replace(/\.$/, ''), dead };
}

/**
 * @param {Part} what could not be loaded
 * @param {string} why
 * @param {number} [status] of the server's answer
 */
function notLoaded(what, why, status) {
  return Object.assign(new Error(why), { field: 'download', kind: 'missing', what, status });
}

/** @param {string} why */
const shortly = (why) => (why.length > 120 ? `${why.slice(0, 120)}…` : why);

/**
 * Names the file that an error of the browser's is about.
 * @param {Part} what
 * @param {new (...all: any[]) => Error} kind
 * @returns {(error: Error) => never}
 */
const damaged = (what, kind) => (error) => {
  throw error instanceof kind ? Object.assign(new Error(error.message), { field: 'download', kind: 'damaged', what }) : error;
};

/**
 * Fetches, and tells how much has come.
 * @template T
 * @param {string} path
 * @param {Part} what it is
 * @param {number} expected bytes, 0 if unknown
 * @param {(response: Response) => Promise<T>} take what is made of it, while it comes or at its end
 * @param {AbortSignal} [signal] ends it
 */
async function download(path, what, expected, take, signal) {
  const response = await fetch(at(path), { signal }).catch((error) => {
    throw notLoaded(what, error.message);
  });
  if (!response.ok || !response.body) throw notLoaded(what, '', response.status);
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
  const why = failure(error);
  died(why.field === 'engine' ? stopped(why.message, true) : { ...why, dead: true });
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
    device.lost.then((/** @type {any} */ info) => died({ field: 'device', kind: 'lost', message: info.message ?? '', dead: true }));
    return device;
  };
}

/** @param {string} path from the page's folder */
const at = (path) => new URL(`../${path}`, scope.location.href);

/**
 * A network's weights and their description.
 * @param {string} name
 * @param {'weights' | 'drafter'} what
 * @param {AbortSignal} [signal]
 */
async function network(name, what, signal) {
  const description = what === 'weights' ? 'description' : 'drafter-description';
  const sidecar = await download(`./assets/${name}.json`, description, 0, (response) => response.text(), signal);
  const { bytes } = await Promise.resolve(sidecar).then(JSON.parse).catch(damaged(description, SyntaxError));
  const weights = await download(`./assets/${name}.bpk`, what, Number(bytes) || 0, (response) => response.arrayBuffer(), signal);
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
    import(at(`./pkg/${folder}/speculative_diffusion.js`).href).catch((error) => {
      throw notLoaded('engine', shortly(error.message));
    }),
    download(`./pkg/${folder}/speculative_diffusion_bg.wasm`, 'engine', 0, (response) => WebAssembly.compileStreaming(response)).catch(
      damaged('engine', WebAssembly.CompileError),
    ),
    network(name, 'weights'),
  ]);
  scope.postMessage({ type: 'preparing', stage: which !== 'cpu' ? 'device' : 'engine' });
  // of another build than the script that starts it
  await module.default({ module_or_path: compiled }).catch(damaged('engine', WebAssembly.LinkError));
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
  const { sidecar, weights } = await network(`${model}-drafter`, 'drafter', mine.fetching.signal);
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
    scope.postMessage({ type: 'preparing', id: mine.id, stage: backend !== 'cpu' ? 'shaders' : 'warmup' });
    const began = performance.now();
    await engine.warm_up(1);
    warm = true;
    scope.postMessage({ type: 'warmed', ms: performance.now() - began });
    // a software adapter needs seconds for a call
    if (backend === 'cpu' || !engine.device().software) await rehearse(mine, staffed);
  }
  return staffed;
}

/**
 * Computes a run for nobody: browsers compile hot code again, beside the run on its cores, which would count as its time.
 * @param {Job} mine
 * @param {Promise<unknown>} staffed
 */
async function rehearse(mine, staffed) {
  await staffed;
  const late = performance.now() + REHEARSED_MS;
  const run = engine.run(REHEARSED);
  while (!mine.cancelled && performance.now() < late && (await run.next())) await macrotask();
  for (let step = 0; step < REHEARSED_PLAIN && !mine.cancelled && performance.now() < late; step++) await run.plain_next();
  run.free();
}

/**
 * Measures what rows cost, once for each number of workers.
 * @param {number} workers that share the rows of a call
 * @returns {Promise<Price>}
 */
async function price(workers) {
  const known = prices.get(workers);
  if (known) return known;
  const time = async (/** @type {Timing} */ call) => {
    const began = performance.now();
    await engine.warm_up(call.rows);
    const ms = performance.now() - began;
    const near = ms < QUIET.times * call.ms;
    call.ms = Math.min(call.ms, ms);
    return near;
  };
  const cpu = backend === 'cpu';
  const few = { rows: cpu ? workers : 1, ms: Infinity };
  await time(few);
  const slow = engine.device().software && !cpu;
  const many = { rows: cpu ? 2 * workers : MANY[Number(slow)], ms: Infinity };
  // in turns, until both take no longer than they have at best for a while: when the page has just come, it still draws
  const late = performance.now() + (slow ? 0 : PRICING.ms);
  let calm = 0;
  do {
    const near = [await time(few), await time(many)];
    calm = near.every(Boolean) ? calm + 1 : 0;
    await macrotask();
  } while (calm < PRICING.calls && performance.now() < late);
  const further = cpu ? 1 : many.rows - 1;
  const exact = Math.min(1, Math.max(0.005, (many.ms / few.ms - 1) / further));
  // in steps, so that the same machine finds the same price again
  const grid = exact < 0.1 ? 0.005 : 0.05;
  const row = Number((grid * Math.round(exact / grid)).toFixed(3));
  // where a row costs a call, pairs waste the least of those windows that show anything
  const found = { row, lanes: Math.max(cpu ? workers : 1, row > 0.5 ? 2 : 1), few, many };
  prices.set(workers, found);
  scope.postMessage({ type: 'priced', price: found });
  return found;
}

/**
 * Waits until the cores are free: what the page has just been sent it draws on them, and a lane is about to be timed.
 * @param {number} workers
 */
async function quiet(workers) {
  if (backend !== 'cpu') return;
  const { few } = await price(workers);
  const late = performance.now() + QUIET.ms;
  for (let calls = 0; calls < QUIET.calls && performance.now() < late;) {
    const began = performance.now();
    await engine.warm_up(few.rows);
    calls = performance.now() - began < QUIET.times * few.ms ? calls + 1 : 0;
    await macrotask();
  }
}

/**
 * Settings whose window can be computed: "auto" is as long as pays here.
 * @param {any} settings
 * @param {number} workers
 */
async function priced(settings, workers) {
  if (settings.window !== 'auto') return settings;
  const { row, lanes } = await price(workers);
  return { ...settings, window: `auto/${row}/${lanes}` };
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
 * @param {string[]} lanes
 * @param {boolean} slim without pictures but for the committed states
 */
async function compute(id, settings, workers, state, lanes, slim) {
  const mine = newJob(id, state);
  job = mine;
  try {
    if (DRAFTED.includes(settings.draft)) await drafter(mine);
    const there = await ready(mine, workers);
    if (mine.cancelled) return;
    const chosen = await priced(settings, there);
    if (mine.cancelled) return;
    const run = state ? engine.resume(engineSettings(chosen), state) : engine.run(engineSettings(chosen));
    mine.run = run;
    scope.postMessage({ type: 'started', id, start: run.start(), workers: there, window: chosen.window });
    for (const lane of lanes) {
      scope.postMessage({ type: 'lane', id, lane });
      await quiet(there);
      for (;;) {
        while (paused && !mine.cancelled)
          await new Promise((resolve) => {
            wake = () => resolve(undefined);
          });
        if (mine.cancelled) return;
        const began = performance.now();
        const part = lane === 'plain' ? await run.plain_next() : await run.next();
        const ms = performance.now() - began;
        if (mine.cancelled) return;
        if (!part) break;
        const timed = { ...part, ms };
        if (slim) for (const picture of PICTURES) delete timed[picture];
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
 * timed twice where that takes no long time, and the better time counts: other programs only ever make it longer. How far the
 * times lie apart is reported too.
 * @param {number} id
 * @param {any} settings
 * @param {number} workers
 * @param {(number | string)[]} windows
 * @param {string[]} drafts
 */
async function measure(id, settings, workers, windows, drafts) {
  const mine = newJob(id, undefined);
  job = mine;
  try {
    // without a network the rest can still be timed
    const able = await drafter(mine).then(
      () => drafts,
      (error) => {
        if (DRAFTED.includes(settings.draft)) throw error;
        return drafts.filter((draft) => !DRAFTED.includes(draft));
      },
    );
    const there = await ready(mine, workers);
    const lengths = await Promise.all(windows.map(async (window) => (await priced({ window }, there)).window));
    if (mine.cancelled) return;
    /** @type {Map<string, {lane: string, draft: string, window: number | string, calls: number, rows: number, ms: number, most: number, times: number, workers: number}>} */
    const best = new Map();
    const time = async (/** @type {string} */ lane, /** @type {string} */ draft, /** @type {number | string} */ window) => {
      if (mine.cancelled) return;
      if (lane === 'speculative') {
        const run = engine.run(engineSettings({ ...settings, draft, window }));
        // never freed twice: one that cannot be made leaves the last as it is
        release(mine.run);
        mine.run = run;
      }
      const line = { lane, draft, window, calls: 0, rows: 0, ms: 0, most: 0, times: 1, workers: there };
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
      const before = best.get(key) ?? { ms: Infinity, most: 0, times: 0 };
      line.most = Math.max(line.ms, before.most);
      line.ms = Math.min(line.ms, before.ms);
      line.times += before.times;
      best.set(key, line);
      scope.postMessage({ type: 'timed', id, line });
    };
    const twice = async (/** @type {() => Promise<void>} */ work) => {
      const began = performance.now();
      await work();
      if (performance.now() - began < SHORT_MS) await work();
    };
    await twice(async () => {
      for (const window of lengths) {
        await time('speculative', settings.draft, window);
        // it follows the speculative lane of the same run
        if (window === lengths[0]) await time('plain', settings.draft, window);
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
    ended = ended.then(() => compute(data.id, data.settings, data.workers, data.state, data.lanes ?? ['speculative', 'plain'], Boolean(data.slim)));
  } else if (data.type === 'measure') {
    stop();
    wanted = data.id;
    ended = ended.then(() => measure(data.id, data.settings, data.workers, data.windows, data.drafts));
  } else if (data.type === 'assist') {
    assist(data.parts).catch((error) => scope.postMessage({ type: 'failed', failure: failure(error) }));
  } else if (data.type === 'helper') {
    helpers.find(({ id }) => id === data.helper)?.heard(data.helping);
  } else if (data.type === 'price') {
    ended = ended
      .then(async () => {
        await price(await ready(newJob(wanted, undefined), data.workers));
      })
      .catch((error) => scope.postMessage({ type: 'failed', failure: failure(error) }));
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
