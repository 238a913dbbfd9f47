// @ts-check
/** Where the session is kept, and observed: whoever watches a part of it hears when that part is another. */

/** @typedef {import('./session.js').Session} Session */

export class Store {
  #session;
  /** @type {(() => void)[]} */
  #watchers = [];

  /** @param {Session} session */
  constructor(session) {
    this.#session = session;
  }

  get session() {
    return this.#session;
  }
  set session(/** @type {Session} */ next) {
    this.#session = next;
    for (const look of this.#watchers) look();
  }

  /**
   * @template T
   * @param {(session: Session) => T} pick the part of the session that counts
   * @param {(now: T, before: T) => void} heard called whenever it is another
   */
  watch(pick, heard) {
    let last = pick(this.#session);
    this.#watchers.push(() => {
      const [now, before] = [pick(this.#session), last];
      if (Object.is(now, before)) return;
      last = now;
      heard(now, before);
    });
  }
}
