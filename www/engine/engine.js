// @ts-check
/**
 * The engines behind one door: starts the CPU engine at once and others when asked, has them compute runs in turn, and hands a run
 * from a lost GPU to the CPU. Knows nothing of figures.
 */

import * as words from '#words/engine.js';
import { EngineError, Host, stageWords } from './host.js';
import { Turns } from './turns.js';

/** @typedef {import('../state/settings.js').RunSettings} RunSettings */
/** @typedef {import('../state/trace.js').Device} Device */
/** @typedef {import('../state/trace.js').LaneName} LaneName */
/** @typedef {import('../state/trace.js').Round} Round */
/** @typedef {import('../state/trace.js').PlainStep} PlainStep */
/** @typedef {import('./price.js').Price} Price */
/** @typedef {import('./turns.js').Turn} Turn */
/** @typedef {'cpu' | 'webgpu' | 'burn'} Backend */
/**
 * What is heard of an engine itself; that it has failed only where nobody waited for it.
 * @typedef {{type: 'loading', backend: Backend, loaded: number, total: number}
 *   | {type: 'preparing', backend: Backend, message: string}
 *   | {type: 'ready', backend: Backend, device: Device}
 *   | {type: 'warmed', backend: Backend, ms: number}
 *   | {type: 'priced', backend: Backend, price: Price}
 *   | {type: 'failed', error: EngineError}} EngineEvent
 */
/**
 * What is heard of a run. `continued`: another engine goes on with what there is; otherwise it begins, or begins again.
 * @typedef {{type: 'preparing', backend: Backend, message: string}
 *   | {type: 'started', settings: RunSettings, start: Float32Array, device: Device, classes: string[], continued: boolean}
 *   | {type: 'lane', lane: LaneName}
 *   | {type: 'round', part: Round}
 *   | {type: 'plain', part: PlainStep}
 *   | {type: 'handover', why: string, begun: boolean}} RunEvent
 */
/**
 * How a run is computed: with which lanes, with pictures other than committed states, and whether the CPU finishes what a GPU
 * that is lost has begun.
 * @typedef {{backend: Backend, workers: number, lanes?: LaneName[], pictures?: boolean, handover?: boolean}} How
 */
/** @typedef {{speculative: Round[], plain: PlainStep[]}} Parts */
/** @typedef {{available: Backend[], sentence: string, software: boolean}} GpuSupport the engines that can be chosen, and why */

/** A graphics driver that has not answered by then is not waited for. */
const DRIVER_MS = 6000;

const givenWay = () => new DOMException('The engine has given way to another.', 'AbortError');

export class Engines {
  /** @type {Map<Backend, Host>} */
  #hosts = new Map();
  #turns = new Turns();
  #tell;

  /** @param {(event: EngineEvent) => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** Whether something that the visitor asked for is under way. */
  get busy() {
    return this.#turns.busy;
  }

  /** @param {Backend} backend */
  device(backend) {
    return this.#there(backend)?.device;
  }

  /** @param {Backend} backend */
  #there(backend) {
    const host = this.#hosts.get(backend);
    return host?.over ? undefined : host;
  }

  /**
   * @param {Backend} backend
   * @param {string} model
   */
  start(backend, model) {
    const there = this.#there(backend);
    if (there?.model === model) return there;
    there?.end();
    const host = new Host(backend, model, this.#tell);
    this.#hosts.set(backend, host);
    return host;
  }

  /**
   * The turn, for several runs one after the other: whatever else is under way is cancelled. It is to be ended.
   * @param {AbortSignal} signal
   */
  take(signal) {
    return this.#turns.take(signal);
  }

  /**
   * A run that the visitor asked for: what else is under way is cancelled. Throws an AbortError once the signal has come or another
   * is asked for, and an `EngineError` when the engine cannot.
   * @param {RunSettings} settings
   * @param {How & {signal: AbortSignal}} how
   */
  run(settings, { signal, ...how }) {
    return this.#through(settings, how, this.take(signal));
  }

  /** @param {RunSettings} settings @param {How} how @param {Turn} turn */
  async *#through(settings, how, turn) {
    try {
      yield* this.compute(settings, how, turn);
    } finally {
      turn.end();
    }
  }

  /** Has the run wait at its next call, or go on. @param {boolean} held */
  hold(held) {
    this.#turns.hold(held);
  }

  /**
   * Runs behind the page, when nothing else does. A run that is asked for goes first, and this one begins again after it.
   * Pictures are left out, but for the committed states.
   * @param {RunSettings} settings
   * @param {Backend} backend
   * @param {number} workers
   * @param {{signal: AbortSignal, lanes?: LaneName[], heard?: (lane: LaneName, part: any) => void}} options
   * @returns {Promise<Parts>} rejected with an AbortError once the signal has come, or with an `EngineError`
   */
  collect(settings, backend, workers, { signal, lanes = ['speculative'], heard = () => {} }) {
    return this.#turns.behind(signal, async (turn) => {
      /** @type {Parts} */
      const parts = { speculative: [], plain: [] };
      for await (const event of this.compute(settings, { backend, workers, lanes, pictures: false, handover: false }, turn)) {
        if (event.type === 'started') Object.assign(parts, { speculative: [], plain: [] });
        if (event.type !== 'round' && event.type !== 'plain') continue;
        const lane = event.type === 'round' ? 'speculative' : 'plain';
        parts[lane].push(/** @type {any} */ (event.part));
        heard(lane, event.part);
      }
      return parts;
    });
  }

  /**
   * What rows cost on an engine, found behind the page. Rejected with an AbortError where the engine has given way to another
   * model's.
   * @param {Backend} backend
   * @param {string} model
   * @param {number} workers
   * @returns {Promise<Price>}
   */
  async price(backend, model, workers) {
    return (await this.#measure('price', backend, model, workers)).price;
  }

  /**
   * The time of a call of two rows, in calls of one, found as the price is.
   * @param {Backend} backend
   * @param {string} model
   * @param {number} workers
   * @returns {Promise<number>}
   */
  async ratio(backend, model, workers) {
    return (await this.#measure('ratio', backend, model, workers)).ratio;
  }

  /** @param {'price' | 'ratio'} type @param {Backend} backend @param {string} model @param {number} workers @returns {Promise<any>} the last that is reported */
  async #measure(type, backend, model, workers) {
    const { signal } = new AbortController();
    // an engine that would be in the place of another waits for its turn; none else keeps anybody waiting while it loads
    const there = this.#there(backend);
    let host = there && there.model !== model ? undefined : this.start(backend, model);
    try {
      await host?.loaded(signal);
      return await this.#turns.behind(signal, async (turn) => {
        if (host?.over) throw givenWay();
        host ??= this.start(backend, model);
        let last;
        for await (const message of host.job({ type, workers }, turn)) last = message;
        return last;
      });
    } catch (error) {
      throw error instanceof EngineError && !error.own ? givenWay() : error;
    }
  }

  /**
   * A run in a turn: on its engine, and where that is lost on the CPU.
   * @param {RunSettings} settings
   * @param {How} how
   * @param {Turn} turn
   * @returns {AsyncGenerator<RunEvent, void>}
   */
  async *compute(settings, { backend, workers, lanes = ['speculative', 'plain'], pictures = true, handover = true }, turn) {
    /** @type {Uint8Array | undefined} */
    let state;
    if (backend !== 'cpu') this.#there('cpu')?.dismiss();
    for (;;) {
      const host = this.start(backend, settings.model);
      try {
        for await (const message of host.job({ type: 'run', settings, workers, state, lanes, pictures }, turn)) {
          if (message.type === 'started') {
            // what is still to be measured for it is known now, and another engine goes on with the same
            settings = { ...settings, window: message.window };
            const device = { .../** @type {Device} */ (host.device), workers: message.workers };
            yield { type: 'started', settings, start: message.start, device, classes: host.classes, continued: state !== undefined };
          } else if (message.type === 'preparing') {
            yield { type: 'preparing', backend, message: stageWords(message.stage) };
          } else {
            yield message;
          }
        }
        return;
      } catch (error) {
        if (turn.signal.aborted || !(error instanceof EngineError) || !error.lost) throw error;
        const finishes = backend !== 'cpu' && handover;
        if (error.own && !finishes) throw error;
        if (!finishes) continue;
        state = error.state ?? state;
        backend = 'cpu';
        yield { type: 'handover', why: error.message, begun: state !== undefined };
      }
    }
  }
}

/**
 * Whether WebGPU can be offered, and if not a sentence that says why.
 * @returns {Promise<GpuSupport>}
 */
export async function gpuSupport() {
  const no = (/** @type {string} */ sentence) => /** @type {GpuSupport} */ ({ available: ['cpu'], sentence, software: false });
  const gpu = /** @type {any} */ (navigator).gpu;
  if (!gpu) return no(words.without.browser);
  const late = new Promise((resolve) => setTimeout(() => resolve('late'), DRIVER_MS));
  const adapter = await Promise.race([gpu.requestAdapter().catch(() => null), late]);
  if (!adapter || adapter === 'late') return no(adapter ? words.without.driver : words.without.adapter);
  // a built site says which engines it has
  const listed = document.documentElement.dataset.engines?.split(' ');
  const built = async (/** @type {string} */ folder) =>
    listed?.includes(folder) ??
    fetch(new URL(`../pkg/${folder}/speculative_diffusion.js`, import.meta.url), { method: 'HEAD', signal: AbortSignal.timeout(DRIVER_MS) }).then(
      ({ ok }) => ok,
      () => false,
    );
  const [gpuBuilt, burnBuilt] = await Promise.all([built('gpu'), built('burn')]);
  if (!gpuBuilt && !burnBuilt) return no(words.without.engine);
  const { vendor = '', architecture = '', description = '', isFallbackAdapter = false } = adapter.info ?? {};
  const name = description || [vendor, architecture].filter(Boolean).join(' ');
  const software = isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|software/i.test(`${vendor} ${architecture} ${description}`);
  /** @type {Backend[]} */
  const available = ['cpu', ...(gpuBuilt ? /** @type {const} */ (['webgpu']) : []), ...(burnBuilt ? /** @type {const} */ (['burn']) : [])];
  return { available, sentence: words.found(name, software), software };
}
