// @ts-check
/**
 * Whose turn it is: engines do one thing at a time. What the visitor asks for takes the turn from anything else; what is done behind
 * the page waits for its turn, gives way, and begins again.
 */

/**
 * `signal` ends what is done in it, `order` reaches whoever does it.
 * @typedef {{behind: boolean, signal: AbortSignal, held: boolean, order: (type: 'hold' | 'continue') => void, take: () => void, end: () => void}} Turn
 */

const given = () => new DOMException('Something else was asked for.', 'AbortError');

export class Turns {
  /** @type {Turn | undefined} */
  #present;
  /** @type {(() => void)[]} */
  #waiting = [];

  /** Whether the visitor's own is under way. */
  get busy() {
    return this.#present?.behind === false;
  }

  /** Takes the turn. @param {AbortSignal} signal that ends it @returns {Turn} */
  take(signal) {
    signal.throwIfAborted();
    this.#present?.take();
    return this.#begin(signal, false);
  }

  /**
   * Does something when nothing else is done, again from its beginning where it had to give way.
   * @template T
   * @param {AbortSignal} signal
   * @param {(turn: Turn) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async behind(signal, work) {
    for (;;) {
      await this.#free(signal);
      const turn = this.#begin(signal, true);
      try {
        return await work(turn);
      } catch (error) {
        if (signal.aborted || !turn.signal.aborted) throw error;
      } finally {
        turn.end();
      }
    }
  }

  /** The visitor's own waits at its next call, or goes on. @param {boolean} held */
  hold(held) {
    if (!this.#present || this.#present.behind) return;
    this.#present.held = held;
    this.#present.order(held ? 'hold' : 'continue');
  }

  /** Waits in line. @param {AbortSignal} signal @returns {Promise<void>} */
  #free(signal) {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting = this.#waiting.filter((other) => other !== go);
        reject(signal.reason);
      };
      const go = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave);
      this.#waiting.push(go);
      this.#next();
    });
  }

  /** Whoever ends something may ask for another thing at once: that goes first. */
  #next() {
    setTimeout(() => {
      if (!this.#present) this.#waiting.shift()?.();
    });
  }

  /** @param {AbortSignal} signal @param {boolean} behind @returns {Turn} */
  #begin(signal, behind) {
    const controller = new AbortController();
    const abort = () => controller.abort(signal.reason);
    signal.addEventListener('abort', abort);
    /** @type {Turn} */
    const turn = {
      behind,
      signal: controller.signal,
      held: false,
      order: () => {},
      take: () => controller.abort(given()),
      end: () => {
        signal.removeEventListener('abort', abort);
        if (this.#present !== turn) return;
        this.#present = undefined;
        this.#next();
      },
    };
    this.#present = turn;
    return turn;
  }
}
