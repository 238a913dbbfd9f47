// @ts-check
/**
 * The worker of one engine (CPU, GPU or burn). It does one thing at a time, each over a port of its own: a run, or finding what rows
 * cost. It yields a macrotask between calls, so that pause and cancel are heard. Decides nothing, and has no words.
 */

import { failure, stopped } from './failure.js';
import { Helpers } from './helpers.js';
import { engineOf, network } from './load.js';
import { macrotask } from './macrotask.js';
import { measurePrice, measureRatio, quiet } from './price.js';

/** @typedef {import('./failure.js').Failure} Failure */
/** @typedef {import('./price.js').Price} Price */
/**
 * What is under way. `fetching` ends what it fetches, `safe` is the last state that another engine could go on from.
 * @typedef {{port: MessagePort, cancelled: boolean, held: boolean, wake: () => void, fetching: AbortController, run: any, safe: Uint8Array | undefined}} Job
 */
/** @typedef {{settings: any, workers: number, state: Uint8Array | undefined, lanes: string[], pictures: boolean}} Order a run */

/** @type {{postMessage: (message: any, transfer?: Transferable[]) => void, onmessage: ((event: MessageEvent) => void) | null, onerror: ((message: any, source?: string, line?: number, column?: number, error?: any) => boolean) | null,
 *   onunhandledrejection: ((event: PromiseRejectionEvent) => void) | null}} */
const scope = /** @type {any} */ (self);
const tell = (/** @type {object} */ message, /** @type {Transferable[]} */ transfer = []) => scope.postMessage(message, transfer);

/** Drafts that ask a drafter. */
const DRAFTED = ['independent', 'corrected'];
/** What is left out of a run that nobody sees. */
const PICTURES = ['draftMean', 'draft', 'targetMean', 'estimate'];
/** A first run that nobody sees, as long as browsers need to compile all that is hot in one, and steps of its plain lane. */
const REHEARSED = { seed: 0, class: 'any', guidance: 1, steps: 100, eta: 1, window: 'auto/0.9/2', draft: 'secant', rule: 'auto' };
const REHEARSED_PLAIN = 20;
/** Nobody waits for it longer. */
const REHEARSED_MS = 500;

/** @type {any} */
let engine;
let model = '';
/** On the CPU. @type {Helpers | undefined} */
let helpers;
/** Whether the engine has the drafter. */
let drafted = false;
let warm = false;
/** By the number of workers. @type {Map<number, Price>} */
const prices = new Map();
/** @type {Job | undefined} */
let job;

/** @param {string} backend @param {string} name of the model */
async function load(backend, name) {
  tell({ type: 'here' });
  model = name;
  if (backend !== 'cpu') watchDevice();
  const loaded = await engineOf(backend, name, tell);
  engine = loaded.engine;
  if (backend === 'cpu') helpers = new Helpers(loaded.copy, tell);
  const { backend: kind, adapter, software } = engine.device();
  tell({ type: 'ready', device: { backend: kind, adapter, software }, classes: JSON.parse(loaded.copy.sidecar).network.classes });
}

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

/**
 * A failure that no awaited call reports: a panic leaves its promise unsettled, a lost device may too.
 * @param {Failure} why
 */
function died(why) {
  const message = { type: 'failed', failure: why, state: job?.safe };
  if (job) job.port.postMessage(message);
  else tell(message);
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

/**
 * Hires helpers and warms the engine up; returns how many workers share the rows.
 * @param {Job} mine
 * @param {number} workers
 */
async function ready(mine, workers) {
  if (mine.cancelled) return 1;
  const staffed = helpers?.staff(workers).then((asking) => {
    engine.share(asking);
    return asking.length + 1;
  });
  if (!warm) {
    const { backend, software } = engine.device();
    mine.port.postMessage({ type: 'preparing', stage: backend === 'cpu' ? 'warmup' : 'shaders' });
    const began = performance.now();
    await engine.warm_up(1);
    warm = true;
    tell({ type: 'warmed', ms: performance.now() - began });
    await staffed;
    // a software adapter needs seconds for a call
    if (backend === 'cpu' || !software) await rehearse(mine);
  }
  return (await staffed) ?? 1;
}

/** Computes a run for nobody: browsers compile hot code again, beside the run on its cores, which would count as its time. @param {Job} mine */
async function rehearse(mine) {
  const late = performance.now() + REHEARSED_MS;
  const run = engine.run(REHEARSED);
  while (!mine.cancelled && performance.now() < late && (await run.next())) await macrotask();
  for (let step = 0; step < REHEARSED_PLAIN && !mine.cancelled && performance.now() < late; step++) await run.plain_next();
  run.free();
}

/**
 * What rows cost, measured once for each number of workers.
 * @param {Job} mine
 * @param {number} workers
 */
async function price(mine, workers) {
  const found = prices.get(workers) ?? (await measurePrice(engine, workers, () => mine.cancelled));
  if (!prices.has(workers) && !mine.cancelled) {
    prices.set(workers, found);
    tell({ type: 'priced', price: found });
  }
  if (helpers) helpers.rowMs = found.few.ms;
  return found;
}

/** @param {Job} mine @param {Order} order */
async function compute(mine, { settings: { model: wanted, ...settings }, workers, state, lanes, pictures }) {
  if (wanted !== model) throw new Error(`this engine has the model ${model}, not ${wanted}`);
  if (DRAFTED.includes(settings.draft) && !drafted) {
    const { sidecar, weights } = await network(`${model}-drafter`, 'drafter', tell, mine.fetching.signal);
    engine.set_drafter(weights, sidecar);
    drafted = true;
  }
  const there = await ready(mine, workers);
  if (mine.cancelled) return;
  if (settings.window === 'auto') {
    // as long as pays here
    const { row, lanes: beside } = await price(mine, there);
    settings.window = `auto/${row}/${beside}`;
  }
  if (mine.cancelled) return;
  const run = state ? engine.resume(settings, state) : engine.run(settings);
  mine.run = run;
  mine.port.postMessage({ type: 'started', start: run.start(), workers: there, window: settings.window });
  for (const lane of lanes) {
    mine.port.postMessage({ type: 'lane', lane });
    if (helpers) await quiet(engine, (await price(mine, there)).few);
    for (;;) {
      while (mine.held && !mine.cancelled) await new Promise((resolve) => (mine.wake = () => resolve(undefined)));
      if (mine.cancelled) return;
      const began = performance.now();
      const part = lane === 'plain' ? await run.plain_next() : await run.next();
      const ms = performance.now() - began;
      if (mine.cancelled) return;
      if (!part) break;
      const timed = { ...part, ms };
      if (!pictures) for (const picture of PICTURES) delete timed[picture];
      mine.port.postMessage({ type: lane === 'plain' ? 'plain' : 'round', part: timed }, buffers(timed));
      // the plain lane can be redone: only rounds are worth a copy of the state
      if (!helpers && lane === 'speculative') mine.safe = run.state();
      await macrotask();
    }
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

/**
 * Does what was asked for and reports its end, however it ends.
 * @param {MessagePort} port
 * @param {boolean} held
 * @param {(mine: Job) => Promise<void>} work
 */
async function begin(port, held, work) {
  /** @type {Job} */
  const mine = { port, cancelled: false, held, wake: () => {}, fetching: new AbortController(), run: undefined, safe: undefined };
  job = mine;
  port.onmessage = ({ data }) => {
    if (data.type === 'cancel') cancel(mine);
    else mine.held = data.type === 'hold';
    mine.wake();
  };
  try {
    await work(mine);
    port.postMessage({ type: 'done' });
  } catch (error) {
    port.postMessage({ type: 'failed', failure: failure(error), state: mine.safe });
  } finally {
    attempt(() => mine.run?.free());
    job = undefined;
  }
}

/** @param {Job} mine */
function cancel(mine) {
  mine.cancelled = true;
  mine.fetching.abort();
  helpers?.hurry();
  attempt(() => mine.run?.cancel());
}

/** @param {() => void} work that a dead instance cannot do */
function attempt(work) {
  try {
    work();
  } catch {
    // its memory goes with the worker
  }
}

scope.onmessage = ({ data }) => {
  if (data.type === 'load') load(data.backend, data.model).catch((error) => tell({ type: 'failed', failure: failure(error) }));
  else if (data.type === 'run') begin(data.port, data.held, (mine) => compute(mine, data));
  else if (data.type === 'price')
    begin(data.port, false, async (mine) => {
      const found = await price(mine, await ready(mine, data.workers));
      mine.port.postMessage({ type: 'price', price: found });
    });
  else if (data.type === 'ratio')
    begin(data.port, false, async (mine) => {
      await ready(mine, data.workers);
      mine.port.postMessage({ type: 'ratio', ratio: await measureRatio(engine, () => mine.cancelled) });
    });
  else if (data.type === 'helper') helpers?.heard(data.helper, data.helping);
  else if (data.type === 'dismiss') helpers?.dismiss();
};
