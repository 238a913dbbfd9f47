// @ts-check
/** What the figures of bells share: the normal curve and its paths, a pile of draws, dragging, a clock and a voice. */

import { s, write } from '../../parts/dom.js';

/** @typedef {(value: number) => number} Scale */

/** Width of a bar, in units of the noise. */
export const BIN = 0.25;
/** Points of a curve. */
const POINTS = 160;
/** Milliseconds between two sentences that are spoken. */
const SPEAK_EVERY = 1000;

/** The standard normal curve. @type {Scale} */
export const normal = (x) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
export const PEAK = normal(0);

/** Area under both of two normal curves. @param {number} distance of their means */
export function overlap(distance) {
  const [low, high, parts] = [-8, distance + 8, 4000];
  let sum = 0;
  for (let i = 0; i < parts; i++) {
    const x = low + ((high - low) * (i + 0.5)) / parts;
    sum += Math.min(normal(x), normal(x - distance));
  }
  return (sum * (high - low)) / parts;
}

/**
 * Through the heights between two places.
 * @param {Scale} x
 * @param {Scale} y
 * @param {number} from
 * @param {number} to which may be on the left
 * @param {Scale} height
 */
export function points(x, y, from, to, height) {
  return Array.from({ length: POINTS + 1 }, (_, i) => {
    const at = from + ((to - from) * i) / POINTS;
    return `${x(at).toFixed(1)},${y(height(at)).toFixed(1)}`;
  }).join('L');
}

/** Draws that have been made: how many, their moments, and how many fell in each bar. */
export class Pile {
  count = 0;
  passed = 0;
  #sum = 0;
  #squares = 0;
  /** @type {Map<number, [number, number]>} of each bar the draws that failed and that passed the test */
  bars = new Map();

  /** @param {number} value @param {boolean} passed */
  add(value, passed) {
    this.count += 1;
    this.passed += Number(passed);
    this.#sum += value;
    this.#squares += value * value;
    const bar = Math.floor(value / BIN);
    const counts = this.bars.get(bar) ?? [0, 0];
    counts[Number(passed)] += 1;
    this.bars.set(bar, counts);
  }

  get mean() {
    return this.#sum / this.count;
  }
  get deviation() {
    return Math.sqrt(Math.max(0, this.#squares / this.count - this.mean ** 2));
  }
}

/**
 * The bars of a pile, as densities: while there are fewer than `full` draws they grow towards the curve.
 * @param {Pile} pile
 * @param {number} full
 * @param {Scale} x
 * @param {Scale} y
 */
export function bars(pile, full, x, y) {
  const unit = 1 / (Math.max(full, pile.count) * BIN);
  const width = x(BIN) - x(0) - 1;
  return [...pile.bars].flatMap(([bar, [failed, passed]]) => {
    const rect = (/** @type {number} */ from, /** @type {number} */ count, /** @type {string} */ kind) =>
      count === 0
        ? []
        : [
            s('rect', {
              x: (x(bar * BIN) + 0.5).toFixed(2),
              y: y((from + count) * unit).toFixed(2),
              width: width.toFixed(2),
              height: (y(0) - y(count * unit)).toFixed(2),
              class: `pile-${kind}`,
            }),
          ];
    return [...rect(0, passed, 'passed'), ...rect(passed, failed, 'failed')];
  });
}

/**
 * Keeps a drawing as wide as its place, so that a unit of it is a pixel.
 * @param {SVGElement} svg
 * @param {number | (() => number)} height
 * @param {(width: number) => void} draw
 */
export function sized(svg, height, draw) {
  let width = 0;
  const fit = () => {
    const now = Math.round(svg.getBoundingClientRect().width);
    if (now === width || now < 1) return;
    width = now;
    svg.setAttribute('viewBox', `0 0 ${width} ${typeof height === 'number' ? height : height()}`);
    draw(width);
  };
  // at once too: what an observer does comes after the page has been laid out with another height
  fit();
  new ResizeObserver(fit).observe(svg);
}

/**
 * Sideways dragging of a part of a drawing; the range input beside it does the same from the keyboard.
 * @param {SVGElement} svg which keeps the pointer, because its parts are redrawn
 * @param {SVGElement} part
 * @param {() => number} start where the part stands, in pixels
 * @param {(to: number) => void} moved
 * @param {() => void} dropped
 */
export function draggable(svg, part, start, moved, dropped) {
  let offset = NaN;
  const at = (/** @type {PointerEvent} */ event) => event.clientX - svg.getBoundingClientRect().left;
  part.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    offset = start() - at(event);
    svg.setPointerCapture(event.pointerId);
    svg.classList.add('dragging');
    event.preventDefault();
  });
  svg.addEventListener('pointermove', (event) => {
    if (!Number.isNaN(offset)) moved(at(event) + offset);
  });
  for (const end of /** @type {const} */ (['pointerup', 'pointercancel'])) {
    svg.addEventListener(end, () => {
      if (Number.isNaN(offset)) return;
      offset = NaN;
      svg.classList.remove('dragging');
      dropped();
    });
  }
}

/**
 * Something that lasts: one at a time, and the next one takes the place of one that is under way.
 * @returns {{start: (ms: number, frame: (share: number) => void) => void, stop: () => void}}
 */
export function clock() {
  let request = 0;
  const stop = () => cancelAnimationFrame(request);
  return {
    stop,
    start(ms, frame) {
      stop();
      /** @type {number | undefined} */
      let begun;
      const tick = (/** @type {number} */ now) => {
        begun ??= now;
        const share = Math.min(1, (now - begun) / ms);
        if (share < 1) request = requestAnimationFrame(tick);
        frame(share);
      };
      request = requestAnimationFrame(tick);
    },
  };
}

/**
 * Says the latest sentence to screen readers, at most once a second.
 * @param {HTMLElement} live
 */
export function voice(live) {
  let timer = 0;
  let spoken = -Infinity;
  return (/** @type {string} */ sentence) => {
    clearTimeout(timer);
    timer = window.setTimeout(
      () => {
        spoken = performance.now();
        write(live, sentence);
      },
      Math.max(250, spoken + SPEAK_EVERY - performance.now()),
    );
  };
}

/** @param {number} x @param {number} y @param {number} r */
export const diamond = (x, y, r) => `M${x},${y - r}L${x + r},${y}L${x},${y + r}L${x - r},${y}Z`;
/** @param {number} x @param {number} y @param {number} r */
export const crossed = (x, y, r) => `M${x - r},${y - r}L${x + r},${y + r}M${x - r},${y + r}L${x + r},${y - r}`;
