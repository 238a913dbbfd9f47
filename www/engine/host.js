// @ts-check
/** One engine in its worker, with the helpers that it has hired: does one job at a time, over a port of its own. */

import * as words from '#words/engine.js';
import { PATIENCE, patience } from '../parts/arrivals.js';

/** @typedef {import('./engine.js').Backend} Backend */
/** @typedef {import('./failure.js').Failure} Failure */
/** @typedef {import('./turns.js').Turn} Turn */

/** A job that was cancelled may take so long to end, if another waits, and so long while it is prepared; then the engine has hung. */
const HUNG_MS = 6000;
const PREPARING_MS = 30_000;
/** Seconds of silence while an engine starts its device, and in a job that is not held; then it has hung. */
const STARTING = 60;
const SILENT = 120;

/** What an engine could not do, in a sentence. */
export class EngineError extends Error {
  name = 'EngineError';

  /**
   * @param {Backend} backend
   * @param {Failure} failure
   * @param {{lost: boolean, own?: boolean, state?: Uint8Array}} how `lost`: the engine is gone; `own`: through what was asked of it
   *   here; `state`: where another engine can go on
   */
  constructor(backend, failure, { lost, own = true, state }) {
    super(words.failed(failure));
    this.backend = backend;
    this.field = failure.field;
    this.lost = lost;
    this.own = own;
    this.state = state;
  }
}

export class Host {
  /** What it computes on, once that is known. @type {import('../state/trace.js').Device | undefined} */
  device;
  /** @type {string[]} */
  classes = [];
  /** Whether it has ended. */
  over = false;
  /** @type {Worker | undefined} */
  #worker;
  /** Until it is ready. @type {ReturnType<typeof patience> | undefined} */
  #start;
  /** @type {Map<number, Worker>} */
  #helpers = new Map();
  /** Bytes of what it loads. @type {Map<string, {loaded: number, total: number}>} */
  #parts = new Map();
  #tell;
  /** The job that it does. @type {ReturnType<typeof patience> | undefined} */
  #work;
  /** Whoever waits for it. @type {Set<(why: EngineError) => void>} */
  #waiting = new Set();
  /** @type {() => void} */
  #settle = () => {};
  #ready = new Promise((resolve) => {
    this.#settle = () => resolve(undefined);
  });
  /** The end of the job that it was given last, and how long that may take. @type {{end: Promise<unknown>, ms: number}} */
  #last = { end: Promise.resolve(), ms: 0 };

  /**
   * @param {Backend} backend
   * @param {string} model
   * @param {(event: import('./engine.js').EngineEvent) => void} tell what is heard of the engine itself
   */
  constructor(backend, model, tell) {
    this.backend = backend;
    this.model = model;
    this.#tell = tell;
    this.#begin(false);
  }

  /** Starts the worker. One that has not said a word after a while, because it or a module of it has not come, is asked for again, once. @param {boolean} again */
  #begin(again) {
    const silent = () => (again ? this.#died({ field: 'worker', kind: 'worker', message: '', dead: true }) : this.#begin(true));
    this.#worker?.terminate();
    this.#start = patience(PATIENCE, silent);
    try {
      this.#worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    } catch (error) {
      // a page that is sandboxed may make none
      const { message } = /** @type {Error} */ (error);
      queueMicrotask(() => this.#died({ field: 'worker', kind: 'worker', message, dead: true }));
      return;
    }
    this.#worker.onmessage = ({ data }) => this.#heard(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#died({ field: 'worker', kind: 'worker', message: event.message ?? '', dead: true });
    };
    this.#worker.postMessage({ type: 'load', backend: this.backend, model: this.model });
  }

  /** Sends the helpers away, which hold copies of the weights. */
  dismiss() {
    this.#worker?.postMessage({ type: 'dismiss' });
  }

  /** Ends the worker and its helpers. Whoever waits for it hears why. @param {EngineError} [why] */
  end(why = new EngineError(this.backend, { field: 'engine', kind: 'silent', message: '', dead: true }, { lost: true, own: false })) {
    this.over = true;
    this.#start?.over();
    for (const worker of [this.#worker, ...this.#helpers.values()]) worker?.terminate();
    for (const hear of this.#waiting) hear(why);
  }

  /** Until it is loaded. @param {AbortSignal} signal */
  async loaded(signal) {
    const interruption = this.#interruption(signal);
    try {
      await interruption.before(this.#ready);
    } finally {
      interruption.over();
    }
  }

  /**
   * Has the worker do something, as soon as it can, and hands on what it reports of it.
   * @param {{type: 'run', settings: object, workers: number, state: Uint8Array | undefined, lanes: string[], pictures: boolean} | {type: 'price' | 'ratio', workers: number}} order
   * @param {Turn} turn
   * @returns {AsyncGenerator<any, void>}
   */
  async *job(order, turn) {
    const interruption = this.#interruption(turn.signal);
    try {
      await interruption.before(this.#ready);
      await interruption.before(this.#free());
      const { port1: port, port2 } = new MessageChannel();
      const messages = messagesOf(port);
      let ended = () => {};
      const now = { end: new Promise((resolve) => (ended = () => resolve(undefined))), ms: PREPARING_MS };
      this.#last = now;
      // held already, if it was held on the engine that began it: a later message would be heard a round too late
      this.#worker?.postMessage({ ...order, held: turn.held, port: port2 }, [port2]);
      turn.order = (type) => port.postMessage({ type });
      let over = false;
      const hung = patience(
        SILENT,
        () => this.#died({ field: 'engine', kind: 'silent', message: '', dead: true }),
        () => turn.held,
      );
      this.#work = hung;
      try {
        for (;;) {
          const message = await interruption.before(messages.next());
          hung.heard();
          over = isLast(message);
          if (message.type === 'failed') throw this.#failed(message);
          if (over) return;
          if (message.type === 'started') now.ms = HUNG_MS;
          yield message;
        }
      } finally {
        hung.over();
        turn.order = () => {};
        if (!over) port.postMessage({ type: 'cancel' });
        (over ? Promise.resolve() : this.#cancelled(messages)).then(ended).finally(() => port.close());
      }
    } finally {
      interruption.over();
    }
  }

  /** Waits for the end of a job that was cancelled, which is nobody's business unless the engine is gone. @param {ReturnType<typeof messagesOf>} messages */
  async #cancelled(messages) {
    let message;
    do message = await messages.next();
    while (!isLast(message));
    if (message.type === 'failed') this.#failed(message);
  }

  /** Until the last job has ended: one that hangs never hears that it was cancelled. */
  async #free() {
    const { end, ms } = this.#last;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const hung = new Promise((resolve) => {
      timer = setTimeout(() => resolve(true), ms);
    });
    if (await Promise.race([end, hung])) this.end();
    clearTimeout(timer);
  }

  /** What a job says of its failure; others learn no more than that the engine is gone. @param {{failure: Failure, state?: Uint8Array}} message */
  #failed({ failure, state }) {
    const lost = failure.dead || failure.field === 'device';
    if (lost) this.end();
    return new EngineError(this.backend, failure, { lost, state });
  }

  /** It was not loaded, or died between two jobs. @param {Failure} failure */
  #died(failure) {
    const error = new EngineError(this.backend, failure, { lost: true });
    const waited = this.#waiting.size > 0;
    this.end(error);
    if (!waited) this.#tell({ type: 'failed', error });
  }

  /** What may come before something that is waited for: that nobody wants it any more, and the end of the engine. @param {AbortSignal} signal */
  #interruption(signal) {
    /** @type {{why: unknown} | undefined} */
    let stopped;
    /** Of what is waited for now: a promise that all waits share would keep what they have brought. @type {(why: unknown) => void} */
    let refuse = () => {};
    const stop = (/** @type {unknown} */ why) => {
      stopped ??= { why };
      refuse(stopped.why);
    };
    const abort = () => stop(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    this.#waiting.add(stop);
    return {
      /** @template T @param {Promise<T>} promise @returns {Promise<T>} */
      before: (promise) =>
        new Promise((resolve, reject) => {
          if (stopped) reject(stopped.why);
          refuse = reject;
          promise.then(resolve, reject);
        }),
      over: () => {
        signal.removeEventListener('abort', abort);
        this.#waiting.delete(stop);
      },
    };
  }

  /** @param {any} message of the worker, about the engine and not about a job */
  #heard(message) {
    const { backend } = this;
    this.#work?.heard();
    if (message.type === 'here') {
      // from now on it looks after its downloads itself
      this.#start?.over();
      this.#start = patience(STARTING, () => this.#died({ field: 'engine', kind: 'silent', message: '', dead: true }));
      return;
    }
    this.#start?.heard();
    if (message.type === 'progress') {
      this.#parts.set(message.what, message);
      const parts = [...this.#parts.values()];
      const sum = (/** @type {'loaded' | 'total'} */ key) => parts.reduce((all, part) => all + part[key], 0);
      this.#tell({ type: 'loading', backend, loaded: sum('loaded'), total: parts.every((part) => part.total > 0) ? sum('total') : 0 });
    } else if (message.type === 'preparing') {
      this.#tell({ type: 'preparing', backend, message: stageWords(message.stage) });
    } else if (message.type === 'warmed') {
      this.#tell({ type: 'warmed', backend, ms: message.ms });
    } else if (message.type === 'priced') {
      this.#tell({ type: 'priced', backend, price: message.price });
    } else if (message.type === 'ready') {
      this.#start?.over();
      this.device = message.device;
      this.classes = message.classes;
      this.#tell({ type: 'ready', backend, device: message.device });
      this.#settle();
    } else if (message.type === 'hire') {
      this.#hire(message.helper, message.parts);
    } else if (message.type === 'dismiss') {
      this.#helpers.get(message.helper)?.terminate();
      this.#helpers.delete(message.helper);
    } else if (message.type === 'failed') {
      this.#died(message.failure);
    }
  }

  /**
   * Starts a helper for the engine, which is informed when it can be asked and when it cannot.
   * @param {number} id the engine's own for it
   * @param {import('./helpers.js').Parts} parts
   */
  #hire(id, parts) {
    const inform = (/** @type {boolean} */ helping) => this.#worker?.postMessage({ type: 'helper', helper: id, helping });
    const helper = new Worker(new URL('./assist.js', import.meta.url), { type: 'module' });
    this.#helpers.set(id, helper);
    helper.onmessage = ({ data }) => inform(data.helping);
    helper.onerror = (event) => {
      event.preventDefault();
      inform(false);
    };
    helper.postMessage(parts, [parts.weights.buffer, ...(parts.port ? [parts.port] : [])]);
  }
}

/** @param {import('./failure.js').Stage} stage */
export const stageWords = (stage) => words.stages[stage];

/** @param {{type: string}} message */
const isLast = ({ type }) => type === 'done' || type === 'failed';

/** What comes by a port, one by one. @param {MessagePort} port */
function messagesOf(port) {
  /** @type {any[]} */
  const there = [];
  let wake = () => {};
  port.onmessage = ({ data }) => {
    there.push(data);
    wake();
  };
  return {
    /** @returns {Promise<any>} */
    next: async () => {
      while (there.length === 0) await new Promise((resolve) => (wake = () => resolve(undefined)));
      return there.shift();
    },
  };
}
