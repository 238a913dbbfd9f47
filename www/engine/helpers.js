// @ts-check
/** The helpers of an engine on the CPU: has the page hire them, asks them for rows, and gives up those that hang. */

import { Desk } from './desk.js';

/** @typedef {import('./load.js').Copy} Copy */
/** What a helper is started with: the engine's parts, and the memory or the port by which it is asked. @typedef {Copy & {dim: number, desk: SharedArrayBuffer | undefined, port: MessagePort | undefined}} Parts */
/** Hands rows on; what it returns gives the velocities, or nothing if the engine is to compute them. @typedef {(states: Float32Array, times: Float64Array, labels: Uint32Array) => (() => Float32Array | undefined | Promise<Float32Array | undefined>)} Asking */
/** `settle` says that it can be asked, or is gone; `asked` while an answer is due. @typedef {{id: number, ready: Promise<void>, settle: () => void, helping: boolean, gone: boolean, asked: boolean, ask: Asking, close: () => void}} Helper */
/** One call of the engine, for all its helpers: when patience ends, and when they are given up. @typedef {{soon: number, late: number, over: boolean}} Call */

/** A helper that is not ready by then comes too late for this run. */
const HIRE_MS = 5000;
/** After so many times what its rows were measured to take, and so much more, a helper is late: until then the engine does nothing but wait. */
const SOON = { times: 2, ms: 30 };
/** And then it has hung. */
const HUNG = { times: 10, ms: 1000 };
/** The same where nothing was measured yet. */
const UNKNOWN = { soon: 100, late: 4000 };
/** Between two looks for a late answer. */
const LOOK_MS = 4;

/** WebKitGTK calls a page isolated and has no memory to share. By messages a call takes longer there than alone. */
const UNSHARED = globalThis.crossOriginIsolated && !('SharedArrayBuffer' in globalThis);

/**
 * When a call is late, and when its helpers have hung.
 * @param {number} asked when
 * @param {number} rows of one helper
 * @param {number | undefined} ms that a row was measured to take
 */
export function patience(asked, rows, ms) {
  if (ms === undefined) return { soon: asked + UNKNOWN.soon, late: asked + UNKNOWN.late };
  return { soon: asked + SOON.times * rows * ms + SOON.ms, late: asked + HUNG.times * rows * ms + HUNG.ms };
}

export class Helpers {
  /** @type {Helper[]} */
  #all = [];
  #last = 0;
  /** @type {Call | undefined} */
  #call;
  #copy;
  #dim;
  #tell;
  /** That a row was measured to take on one worker. @type {number | undefined} */
  rowMs;

  /**
   * @param {Copy} copy
   * @param {(message: object, transfer?: Transferable[]) => void} tell the page
   */
  constructor(copy, tell) {
    this.#copy = copy;
    this.#tell = tell;
    const { channels, size } = JSON.parse(copy.sidecar).network;
    this.#dim = channels * size * size;
  }

  /**
   * Hires and dismisses until so many compute, the engine counted, and waits until those who come are ready.
   * @param {number} workers
   * @returns {Promise<Asking[]>} those that can be asked
   */
  async staff(workers) {
    if (UNSHARED) return [];
    this.#all = this.#all.filter(({ gone }) => !gone);
    for (const helper of this.#all.splice(workers - 1)) this.#dismiss(helper);
    while (this.#all.length < workers - 1) this.#all.push(this.#hire());
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, HIRE_MS)));
    await Promise.race([late, Promise.all(this.#all.map(({ ready }) => ready))]);
    clearTimeout(timer);
    return this.#all.filter(({ gone, helping }) => helping && !gone).map(({ ask }) => ask);
  }

  /** What the page says of one. @param {number} id @param {boolean} helping */
  heard(id, helping) {
    const helper = this.#all.find((one) => one.id === id);
    if (!helper) return;
    helper.helping = helping;
    if (helping) helper.settle();
    else this.#dismiss(helper);
  }

  dismiss() {
    for (const helper of this.#all.splice(0)) this.#dismiss(helper);
  }

  /** Nobody needs the call any more: helpers that are late are waited for no longer. */
  hurry() {
    if (!this.#call || performance.now() < this.#call.soon) return;
    for (const helper of this.#all) if (helper.asked) this.#dismiss(helper);
  }

  /** @param {Helper} helper */
  #dismiss(helper) {
    helper.gone = true;
    this.#tell({ type: 'dismiss', helper: helper.id });
    helper.close();
    helper.settle();
  }

  /**
   * Has the page start a helper. A worker could do that itself, but in Firefox 153 the constructor of a worker inside a worker
   * sometimes never returns.
   * @returns {Helper}
   */
  #hire() {
    const id = ++this.#last;
    let settle = () => {};
    const ready = /** @type {Promise<void>} */ (new Promise((resolve) => (settle = resolve)));
    const desk = globalThis.crossOriginIsolated ? new Desk(new SharedArrayBuffer(Desk.bytes(this.#dim)), this.#dim) : undefined;
    const channel = desk ? undefined : new MessageChannel();
    const letters = channel && correspond(channel.port1);
    /** @type {Helper} */
    const helper = {
      id,
      ready,
      settle,
      helping: false,
      gone: false,
      asked: false,
      ask: (states, times, labels) => {
        if (helper.gone || (desk && times.length > Desk.ROWS)) return () => undefined;
        const call = this.#calling(times.length);
        helper.asked = true;
        if (desk) {
          const due = desk.ask(states, times, labels);
          return () => {
            call.over = true;
            return desk.answered(due, call.soon) ? this.#taken(helper, desk.answer(due)) : this.#late(helper, call, desk, due);
          };
        }
        const answer = /** @type {NonNullable<typeof letters>} */ (letters).ask(states, times, labels);
        const timer = setTimeout(() => this.#dismiss(helper), call.late - performance.now());
        return async () => {
          call.over = true;
          const velocities = await answer;
          clearTimeout(timer);
          return this.#taken(helper, velocities);
        };
      },
      close: () => letters?.close(),
    };
    /** @type {Parts} */
    const parts = { ...this.#copy, dim: this.#dim, desk: desk?.memory, port: channel?.port2 };
    this.#tell({ type: 'hire', helper: id, parts }, channel ? [channel.port2] : []);
    return helper;
  }

  /** The call that rows are asked for: all of them are, before the first answer is waited for. @param {number} rows @returns {Call} */
  #calling(rows) {
    const now = performance.now();
    const { soon, late } = patience(now, rows, this.rowMs);
    if (!this.#call || this.#call.over) this.#call = { soon, late, over: false };
    else Object.assign(this.#call, { soon: Math.max(this.#call.soon, soon), late: Math.max(this.#call.late, late) });
    return this.#call;
  }

  /** @param {Helper} helper @param {Float32Array | undefined} velocities */
  #taken(helper, velocities) {
    helper.asked = false;
    // it has failed: whatever it says from now on is not to be trusted
    if (!velocities && !helper.gone) this.#dismiss(helper);
    return velocities;
  }

  /**
   * Looks for a late answer now and then, so that the engine hears messages meanwhile.
   * @param {Helper} helper
   * @param {Call} call
   * @param {Desk} desk
   * @param {number} due
   */
  async #late(helper, call, desk, due) {
    while (!helper.gone && performance.now() < call.late) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (desk.answered(due, 0)) return this.#taken(helper, desk.answer(due));
    }
    return this.#taken(helper, undefined);
  }
}

/**
 * Asks a helper by messages, where memory cannot be shared. A port that is closed answers nothing.
 * @param {MessagePort} port
 */
function correspond(port) {
  /** @type {Map<number, (velocities: Float32Array | undefined) => void>} */
  const waiting = new Map();
  let last = 0;
  port.onmessage = ({ data: { id, velocities } }) => {
    waiting.get(id)?.(velocities);
    waiting.delete(id);
  };
  return {
    /** @param {Float32Array} states @param {Float64Array} times @param {Uint32Array} labels @returns {Promise<Float32Array | undefined>} */
    ask: (states, times, labels) => {
      const id = ++last;
      port.postMessage({ id, states, times, labels }, [states.buffer, times.buffer, labels.buffer]);
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    close: () => {
      port.close();
      for (const resolve of waiting.values()) resolve(undefined);
      waiting.clear();
    },
  };
}
