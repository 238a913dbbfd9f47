// @ts-check
/**
 * A cursor on an axis with stops: play, pause, step, scrub, speed. A pure view of time; it never changes the trace.
 */

/** @typedef {{steps: number[], rounds: number[], end: number}} Stops */

/** How long the whole axis takes at speed 1, whatever its unit: so long for each step, and at most so long. */
const STEP_SECONDS = 0.6;
const SECONDS = 16;
/** A frame that comes later than this (a tab in the background) counts as this long. */
const LONGEST_FRAME = 0.1;

export class Player {
  /** @type {Stops} */
  #stops = { steps: [0], rounds: [0], end: 0 };
  #position = 0;
  #speed = 1;
  #frame = 0;
  #before = 0;
  #changed;

  /** @param {() => void} changed called after every change of position or of playing */
  constructor(changed) {
    this.#changed = changed;
  }

  get position() {
    return this.#position;
  }
  get end() {
    return this.#stops.end;
  }
  get playing() {
    return this.#frame !== 0;
  }
  get atEnd() {
    return this.#position >= this.#stops.end;
  }
  get speed() {
    return this.#speed;
  }
  set speed(/** @type {number} */ value) {
    this.#speed = value;
  }
  /** Axis units that pass in a second. */
  get rate() {
    return (this.#stops.end * this.#speed) / Math.min(SECONDS, this.#stops.steps.length * STEP_SECONDS);
  }

  /**
   * Takes another axis or trace.
   * @param {Stops} stops
   * @param {number} position
   */
  load(stops, position) {
    this.#stops = stops;
    this.seek(position);
  }

  play() {
    if (this.playing || this.#stops.end === 0) return;
    if (this.atEnd) this.#position = 0;
    this.#before = performance.now();
    this.#frame = requestAnimationFrame(this.#tick);
    this.#changed();
  }

  pause() {
    if (!this.playing) return;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#changed();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  /** @param {number} position */
  seek(position) {
    this.#position = Math.max(0, Math.min(this.#stops.end, position));
    this.#changed();
  }

  /**
   * To the neighbouring stop, and pauses.
   * @param {1 | -1} direction
   * @param {'steps' | 'rounds'} kind
   */
  step(direction, kind) {
    this.pause();
    const list = this.#stops[kind];
    const next = direction > 0 ? list.find((stop) => stop > this.#position) : list.findLast((stop) => stop < this.#position);
    this.seek(next ?? (direction > 0 ? this.#stops.end : 0));
  }

  #tick = () => {
    const now = performance.now();
    const passed = Math.min(LONGEST_FRAME, (now - this.#before) / 1000);
    this.#before = now;
    this.#position = Math.min(this.#stops.end, this.#position + passed * this.rate);
    this.#frame = this.atEnd ? 0 : requestAnimationFrame(this.#tick);
    this.#changed();
  };
}
