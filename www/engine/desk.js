// @ts-check
/** Rows and velocities between two workers, by memory that they share. */

/** So long a worker watches the memory before it sleeps on it: to be woken takes longer than most of these waits. */
const WATCH_MS = 0.3;

/**
 * Memory that two workers share: one puts rows there and takes velocities, the other waits for rows. Neither goes through its
 * event loop for it.
 */
export class Desk {
  /** Rows that fit. */
  static ROWS = 512;
  /** Words of the head: calls asked and answered so far, rows of the last, whether the helper has failed. */
  static #HEAD = 4;
  static ASKED = 0;
  static #ANSWERED = 1;
  static #COUNT = 2;
  static #FAILED = 3;

  /** @param {number} dim */
  static bytes(dim) {
    // head, times, labels, states, velocities
    return 4 * Desk.#HEAD + Desk.ROWS * (8 + 4 + 8 * dim);
  }

  /**
   * @param {SharedArrayBuffer} memory
   * @param {number} dim numbers of a row
   */
  constructor(memory, dim) {
    this.memory = memory;
    this.dim = dim;
    let offset = 4 * Desk.#HEAD;
    const rows = Desk.ROWS;
    this.head = new Int32Array(memory, 0, Desk.#HEAD);
    this.times = new Float64Array(memory, offset, rows);
    this.labels = new Uint32Array(memory, (offset += 8 * rows), rows);
    this.states = new Float32Array(memory, (offset += 4 * rows), rows * dim);
    this.velocities = new Float32Array(memory, (offset += 4 * rows * dim), rows * dim);
  }

  /**
   * @param {Float32Array} states
   * @param {Float64Array} times
   * @param {Uint32Array} labels
   * @returns {number} the number of this call, by which its answer is asked for
   */
  ask(states, times, labels) {
    this.states.set(states);
    this.times.set(times);
    this.labels.set(labels);
    this.head[Desk.#COUNT] = times.length;
    const due = Atomics.add(this.head, Desk.ASKED, 1) + 1;
    Atomics.notify(this.head, Desk.ASKED);
    return due;
  }

  /**
   * Waits for the answer to a call until it is late, and returns whether it is there. Whoever waits here hears nothing meanwhile.
   * @param {number} due
   * @param {number} late
   */
  answered(due, late) {
    let last = Atomics.load(this.head, Desk.#ANSWERED);
    while (last < due && performance.now() < late) last = this.#changed(Desk.#ANSWERED, last, late);
    return last >= due;
  }

  /** The answer to a call that is answered; `undefined` if the helper has failed, or was asked for something else since. @param {number} due */
  answer(due) {
    const [asked, answered] = [Desk.ASKED, Desk.#ANSWERED].map((word) => Atomics.load(this.head, word));
    if (answered !== due || asked !== due || Atomics.load(this.head, Desk.#FAILED)) return undefined;
    return this.velocities.slice(0, this.head[Desk.#COUNT] * this.dim);
  }

  /**
   * Waits until a word is another than it was, or until it is late; returns the word. To be woken is no sign that it has changed:
   * whoever changes a word may be held up before waking others, and then wakes one that has seen the change and waits for the next.
   * @param {number} word
   * @param {number} old
   * @param {number} late
   */
  #changed(word, old, late = Infinity) {
    let there = old;
    const end = performance.now() + WATCH_MS;
    while (there === old && performance.now() < end) for (let i = 0; i < 50 && there === old; i++) there = Atomics.load(this.head, word);
    while (there === old) {
      const outcome = Atomics.wait(this.head, word, old, late - performance.now());
      there = Atomics.load(this.head, word);
      if (outcome === 'timed-out') break;
    }
    return there;
  }

  /** Serves whoever asks, as long as this worker lives. @param {(states: Float32Array, times: Float64Array, labels: Uint32Array) => Promise<Float32Array>} compute */
  async serve(compute) {
    for (let served = 0; ;) {
      const asked = this.#changed(Desk.ASKED, served);
      const rows = this.head[Desk.#COUNT];
      try {
        const velocities = await compute(this.states.subarray(0, rows * this.dim), this.times.subarray(0, rows), this.labels.subarray(0, rows));
        // what lies in the memory from before must not stand for what is missing
        if (velocities.length !== rows * this.dim) throw new RangeError('another length');
        this.velocities.set(velocities);
      } catch {
        Atomics.store(this.head, Desk.#FAILED, 1);
      }
      Atomics.store(this.head, Desk.#ANSWERED, asked);
      Atomics.notify(this.head, Desk.#ANSWERED);
      served = asked;
    }
  }
}
