// @ts-check
/**
 * The engines behind one door, and the only importer of the worker: starts the CPU worker at once and the GPU worker
 * when asked, reports loading in bytes, runs, pauses, cancels, and hands a run from a lost GPU to the CPU.
 * Knows nothing of figures.
 */

import * as words from '#words/engine.js';

/** @typedef {import('../state/settings.js').RunSettings} RunSettings */
/** @typedef {import('../state/trace.js').Device} Device */
/** @typedef {import('../state/trace.js').Round} Round */
/** @typedef {import('../state/trace.js').PlainStep} PlainStep */
/** @typedef {import('./worker.js').Failure} Failure */
/** @typedef {'cpu' | 'webgpu' | 'burn'} Backend */
/**
 * @typedef {{type: 'loading', backend: Backend, loaded: number, total: number}
 *   | {type: 'preparing', backend: Backend, message: string}
 *   | {type: 'ready', backend: Backend, device: Device}
 *   | {type: 'started', settings: RunSettings, start: Float32Array, device: Device, classes: string[], continued: boolean}
 *   | {type: 'lane', lane: 'speculative' | 'plain'}
 *   | {type: 'round', part: Round}
 *   | {type: 'plain', part: PlainStep}
 *   | {type: 'timed', line: Timed}
 *   | {type: 'warmed', backend: Backend, ms: number}
 *   | {type: 'priced', backend: Backend, price: import('./worker.js').Price}
 *   | {type: 'done'} | {type: 'cancelled'}
 *   | {type: 'handover', why: string, begun: boolean}
 *   | {type: 'failed', backend: Backend, failure: Failure, running: boolean, lost: boolean}} EngineEvent
 */
/**
 * What a whole run took in one lane, at best and at `most`, of so many `times`; of the plain lane, draft and window say nothing.
 * @typedef {{engine: Backend, lane: import('../state/trace.js').LaneName, draft: string, window: number | string, calls: number, rows: number, ms: number, most: number, times: number, workers: number}} Timed
 */
/** @typedef {{worker: Worker, helpers: Map<number, Worker>, model: string, device: Device | undefined, classes: string[], parts: Map<string, {loaded: number, total: number}>, probe?: number}} Host
 * `helpers` compute rows for it, by the number it gave them; `probe` is the number of workers for which prices are wanted as soon
 * as the engine is ready */
/** @typedef {{windows: (number | string)[], drafts: string[]}} Candidates what is timed to find the fastest */
/**
 * A run behind the page: nobody waits for it but a figure. It keeps its place in the queue until it has ended.
 * @typedef {{settings: RunSettings, backend: Backend, workers: number, lanes: ('speculative' | 'plain')[], heard: (lane: 'speculative' | 'plain', part: any) => void,
 *   speculative: Round[], plain: PlainStep[], resolve: (parts: {speculative: Round[], plain: PlainStep[]}) => void, reject: (why: Error) => void}} Background
 */
/** @typedef {{available: Backend[], sentence: string, software: boolean}} GpuSupport the engines that can be chosen, and why */

const newWorker = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });

/** @param {Host} host */
function end({ worker, helpers }) {
  for (const one of [worker, ...helpers.values()]) one.terminate();
}

export class Engines {
  /** @type {Map<Backend, Host>} */
  #hosts = new Map();
  /** @type {{id: number, settings: RunSettings, backend: Backend, state: Uint8Array | undefined, sent: boolean, candidates?: Candidates, background?: Background} | undefined} */
  #run;
  /** @type {Background[]} */
  #queue = [];
  #lastId = 0;
  #paused = false;
  #tell;
  /** That share the rows of a call on the CPU. */
  #workers = 1;

  /** @param {(event: EngineEvent) => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** Whether a run that the visitor asked for is under way. */
  get busy() {
    return this.#run !== undefined && !this.#run.background;
  }

  /** @param {Backend} backend */
  device(backend) {
    return this.#hosts.get(backend)?.device;
  }

  /**
   * @param {Backend} backend
   * @param {string} model
   */
  start(backend, model) {
    const there = this.#hosts.get(backend);
    if (there?.model === model) return;
    if (there) end(there);
    const worker = newWorker();
    /** @type {Host} */
    const host = { worker, helpers: new Map(), model, device: undefined, classes: [], parts: new Map() };
    this.#hosts.set(backend, host);
    worker.onmessage = ({ data }) => this.#heard(backend, host, data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#heard(backend, host, { type: 'failed', failure: { field: 'worker', kind: 'worker', message: event.message ?? '', dead: true } });
    };
    worker.postMessage({ type: 'load', backend, model });
  }

  /**
   * Starts a helper for an engine, which is informed when it can be asked and when it cannot.
   * @param {Host} host
   * @param {number} id the engine's own for it
   * @param {import('./worker.js').Parts} parts
   */
  #hire(host, id, parts) {
    const inform = (/** @type {boolean} */ helping) => host.worker.postMessage({ type: 'helper', helper: id, helping });
    const helper = newWorker();
    host.helpers.set(id, helper);
    helper.onmessage = ({ data }) => inform(data.type === 'helping');
    helper.onerror = (event) => {
      event.preventDefault();
      inform(false);
    };
    helper.postMessage({ type: 'assist', parts }, [parts.weights.buffer, ...(parts.port ? [parts.port] : [])]);
  }

  /**
   * Finds out what rows cost on an engine, loading it first where it is not there; reported by `priced`.
   * @param {Backend} backend
   * @param {string} model
   * @param {number} workers
   */
  probe(backend, model, workers) {
    this.start(backend, model);
    const host = this.#hosts.get(backend);
    if (!host) return;
    host.probe = workers;
    this.#probe(host);
  }

  /** @param {Host} host */
  #probe(host) {
    if (!host.device || host.probe === undefined) return;
    host.worker.postMessage({ type: 'price', workers: host.probe });
    host.probe = undefined;
  }

  /**
   * Cancels what is running and starts this run as soon as the engine is ready.
   * @param {RunSettings} settings
   * @param {Backend} backend
   * @param {number} workers
   */
  run(settings, backend, workers) {
    this.#begin(settings, backend, workers);
  }

  /**
   * Times whole runs with these windows and drafts, and the plain lane, instead of showing one.
   * @param {RunSettings} settings
   * @param {Backend} backend
   * @param {number} workers
   * @param {Candidates} candidates
   */
  measure(settings, backend, workers, candidates) {
    this.#begin(settings, backend, workers, candidates);
  }

  /**
   * @param {RunSettings} settings
   * @param {Backend} backend
   * @param {number} workers
   * @param {Candidates} [candidates]
   */
  #begin(settings, backend, workers, candidates) {
    this.cancel();
    this.#paused = false;
    this.#workers = workers;
    // helpers hold copies of the weights
    if (backend !== 'cpu') this.#hosts.get('cpu')?.worker.postMessage({ type: 'dismiss' });
    this.#run = { id: ++this.#lastId, settings, backend, state: undefined, sent: false, candidates };
    this.start(backend, settings.model);
    this.#send();
  }

  cancel() {
    if (!this.#run) return;
    const { background } = this.#run;
    this.#post({ type: 'cancel' });
    this.#run = undefined;
    // one behind the page begins again later
    if (!background) this.#tell({ type: 'cancelled' });
    this.#next();
  }

  /**
   * Runs behind the page, when nothing else does. A run that is asked for goes first, and this one begins again behind it.
   * Pictures are left out, but for the committed states.
   * @param {RunSettings} settings
   * @param {Backend} backend
   * @param {number} workers
   * @param {{signal: AbortSignal, lanes?: ('speculative' | 'plain')[], heard?: (lane: 'speculative' | 'plain', part: any) => void}} options
   * @returns {Promise<{speculative: Round[], plain: PlainStep[]}>} rejected with an AbortError once the signal has come, or with what the engine said
   */
  collect(settings, backend, workers, { signal, lanes = ['speculative'], heard = () => {} }) {
    return new Promise((resolve, reject) => {
      /** @type {Background} */
      const job = { settings, backend, workers, lanes, heard, speculative: [], plain: [], resolve, reject };
      const abort = () => {
        this.#queue = this.#queue.filter((other) => other !== job);
        reject(new DOMException('It was cancelled.', 'AbortError'));
        if (this.#run?.background === job) this.cancel();
      };
      if (signal.aborted) {
        abort();
        return;
      }
      signal.addEventListener('abort', abort, { once: true });
      this.#queue.push(job);
      this.#next();
    });
  }

  /** Begins the next run that waits, if nothing else is to be done. It is given the time to be overtaken. */
  #next() {
    queueMicrotask(() => {
      const [job] = this.#queue;
      if (this.#run || !job) return;
      job.speculative = [];
      job.plain = [];
      this.#paused = false;
      this.#workers = job.workers;
      this.#run = { id: ++this.#lastId, settings: job.settings, backend: job.backend, state: undefined, sent: false, background: job };
      this.start(job.backend, job.settings.model);
      this.#send();
    });
  }

  /**
   * @param {Background} job
   * @param {any} message
   */
  #collected(job, message) {
    if (message.type === 'round' || message.type === 'plain') {
      const lane = message.type === 'round' ? 'speculative' : 'plain';
      job[lane].push(message.part);
      job.heard(lane, message.part);
    } else if (message.type === 'done') {
      this.#run = undefined;
      this.#queue = this.#queue.filter((other) => other !== job);
      job.resolve({ speculative: job.speculative, plain: job.plain });
      this.#next();
    }
  }

  pause() {
    this.#paused = true;
    this.#post({ type: 'pause' });
  }

  continue() {
    this.#paused = false;
    this.#post({ type: 'continue' });
  }

  /** @param {object} message */
  #post(message) {
    if (this.#run) this.#hosts.get(this.#run.backend)?.worker.postMessage(message);
  }

  #send() {
    const run = this.#run;
    if (!run || run.sent || !this.#hosts.get(run.backend)?.device) return;
    run.sent = true;
    if (run.candidates) {
      this.#post({ type: 'measure', id: run.id, settings: run.settings, workers: this.#workers, ...run.candidates });
      return;
    }
    // held already, if it was held on the engine that began it: a later message would be heard a round too late
    this.#post({
      type: 'run',
      id: run.id,
      settings: run.settings,
      workers: this.#workers,
      state: run.state,
      paused: this.#paused,
      lanes: run.background?.lanes,
      slim: run.background !== undefined,
    });
  }

  /**
   * @param {Backend} backend
   * @param {Host} host
   * @param {any} message
   */
  #heard(backend, host, message) {
    if (this.#hosts.get(backend) !== host) return;
    if (message.type === 'progress') {
      host.parts.set(message.what, message);
      const parts = [...host.parts.values()];
      const sum = (/** @type {'loaded' | 'total'} */ key) => parts.reduce((all, part) => all + part[key], 0);
      this.#tell({ type: 'loading', backend, loaded: sum('loaded'), total: parts.every((part) => part.total > 0) ? sum('total') : 0 });
    } else if (message.type === 'preparing') {
      // of a run behind the page nothing is announced
      if (message.id !== undefined && (message.id !== this.#run?.id || this.#run?.background)) return;
      this.#tell({ type: 'preparing', backend, message: words.stages[/** @type {import('./worker.js').Stage} */ (message.stage)] });
    } else if (message.type === 'priced') {
      this.#tell({ type: 'priced', backend, price: message.price });
    } else if (message.type === 'warmed') {
      this.#tell({ type: 'warmed', backend, ms: message.ms });
    } else if (message.type === 'ready') {
      host.device = message.device;
      host.classes = message.classes;
      this.#tell({ type: 'ready', backend, device: message.device });
      this.#send();
      this.#probe(host);
    } else if (message.type === 'hire') {
      this.#hire(host, message.helper, message.parts);
    } else if (message.type === 'dismiss') {
      host.helpers.get(message.helper)?.terminate();
      host.helpers.delete(message.helper);
    } else if (message.type === 'failed') {
      this.#failed(backend, host, { ...message, failure: { ...message.failure, message: words.failed(message.failure) } });
    } else if (message.id === this.#run?.id && this.#run?.background) {
      this.#collected(this.#run.background, message);
    } else if (message.id === this.#run?.id && this.#run) {
      if (message.type === 'started') {
        // what is still to be measured for it is known now, and another engine would go on with the same
        this.#run.settings = { ...this.#run.settings, window: message.window };
        const device = { .../** @type {Device} */ (host.device), workers: message.workers };
        this.#tell({
          type: 'started',
          settings: this.#run.settings,
          start: message.start,
          device,
          classes: host.classes,
          continued: this.#run.state !== undefined,
        });
      } else if (message.type === 'timed') {
        this.#tell({ type: 'timed', line: { engine: backend, ...message.line } });
      } else if (['lane', 'round', 'plain'].includes(message.type)) {
        this.#tell(message);
      } else if (message.type === 'done') {
        this.#run = undefined;
        this.#tell({ type: 'done' });
        this.#next();
      }
    }
  }

  /**
   * @param {Backend} backend
   * @param {Host} host
   * @param {{id?: number, failure: Failure, state?: Uint8Array}} message its failure has a sentence by now
   */
  #failed(backend, host, { id, failure, state }) {
    const run = this.#run?.backend === backend ? this.#run : undefined;
    const foreign = id !== undefined && id !== run?.id;
    const lost = id === undefined || failure.dead || failure.field === 'device';
    if (foreign && !lost) return;
    if (lost) {
      end(host);
      this.#hosts.delete(backend);
    }
    if (run?.background) {
      const job = run.background;
      this.#run = undefined;
      this.#queue = this.#queue.filter((other) => other !== job);
      job.reject(new Error(failure.message));
      this.#next();
      return;
    }
    if (lost && run && (backend !== 'cpu' ? !run.candidates : foreign)) {
      // a run that queued behind a cancelled one takes nothing of it, and on the CPU begins in a new worker
      const own = foreign ? run.state : (state ?? run.state);
      this.#run = { ...run, id: ++this.#lastId, backend: 'cpu', state: own, sent: false };
      if (backend !== 'cpu') this.#tell({ type: 'handover', why: failure.message, begun: own !== undefined });
      this.start('cpu', run.settings.model);
      this.#send();
      return;
    }
    if (foreign && backend === 'cpu') {
      // what died was cancelled already: the next run finds a new engine, and the visitor need not know
      this.start('cpu', host.model);
      return;
    }
    if (run) this.#run = undefined;
    this.#next();
    this.#tell({ type: 'failed', backend, failure, running: run !== undefined, lost });
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
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (!adapter) return no(words.without.adapter);
  // a built site says which engines it has
  const listed = document.documentElement.dataset.engines?.split(' ');
  const built = async (/** @type {string} */ folder) =>
    listed?.includes(folder) ??
    fetch(new URL(`../pkg/${folder}/speculative_diffusion.js`, import.meta.url), { method: 'HEAD' }).then(
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
