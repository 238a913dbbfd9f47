// @ts-check
/** What charts share: scales, round numbers, paths, marks, hatching, the size on the screen, what moves, and what is announced. */

import { s, write } from './dom.js';

/** @typedef {(value: number) => number} Scale */
/** @typedef {[number, number]} Pair */

/** @param {Pair} values @param {Pair} pixels @returns {Scale} */
export const linear =
  ([low, high], [first, last]) =>
  (value) =>
    first + ((value - low) / (high - low)) * (last - first);

/** @param {Pair} values above 0 @param {Pair} pixels @returns {Scale} */
export function logarithmic([low, high], pixels) {
  const scale = linear([Math.log(low), Math.log(high)], pixels);
  return (value) => scale(Math.log(value));
}

/** A round number of which about four reach up to `most`. @param {number} most above 0 */
export function rounded(most) {
  const power = 10 ** Math.floor(Math.log10(most / 4));
  return ([1, 2, 5].find((factor) => factor * power * 4.5 >= most) ?? 10) * power;
}

/** Multiples of a number, 0 the first of them. @param {number} step @param {number} most */
export const multiples = (step, most) => Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => Number((index * step).toPrecision(12)));

/** @param {Pair[]} points */
export const line = (points) => `M${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join('L')}`;

/**
 * Points of a function's graph.
 * @param {Scale} x
 * @param {Scale} y
 * @param {Pair} ends the second may lie left of the first
 * @param {Scale} height
 * @param {number} [parts]
 * @returns {Pair[]}
 */
export const graph = (x, y, [from, to], height, parts = 160) =>
  Array.from({ length: parts + 1 }, (_, index) => {
    const at = from + ((to - from) * index) / parts;
    return [x(at), y(height(at))];
  });

/** What lies between two rows of points. @param {Pair[]} upper @param {Pair[]} lower */
export const area = (upper, lower) => `${line([...upper, ...lower.toReversed()])}Z`;

/** @param {number} x @param {number} y @param {number} r */
export const diamond = (x, y, r) => `M${x},${y - r}L${x + r},${y}L${x},${y + r}L${x - r},${y}Z`;
/** @param {number} x @param {number} y @param {number} r */
export const triangle = (x, y, r) => `M${x},${y - r}L${x + r},${y + 0.75 * r}L${x - r},${y + 0.75 * r}Z`;
/** @param {number} x @param {number} y @param {number} r */
export const crossed = (x, y, r) => `M${x - r},${y - r}L${x + r},${y + r}M${x - r},${y + r}L${x + r},${y - r}`;

/** @param {string} id @param {number} size @param {number} turn degrees @param {SVGElement[]} parts */
export const pattern = (id, size, turn, ...parts) =>
  s('pattern', { id, width: size, height: size, patternUnits: 'userSpaceOnUse', patternTransform: turn ? `rotate(${turn})` : undefined }, ...parts);
/** Lines that mean: not used. @param {string} id @param {string} kind */
export const hatching = (id, kind) => pattern(id, 6, 45, s('line', { x1: 1, x2: 1, y1: 0, y2: 6, class: kind }));

/** How long words are that are written into a drawing. @param {SVGElement} svg @param {string} kind their class @param {string[]} words */
export function lengths(svg, kind, words) {
  const all = words.map((text) => s('text', { class: kind }, text));
  svg.append(...all);
  const found = all.map((text) => /** @type {SVGTextElement} */ (text).getComputedTextLength());
  for (const text of all) text.remove();
  return found;
}

/** @param {SVGElement} svg */
function measured(svg) {
  const { width, height } = svg.getBoundingClientRect();
  return { width: Math.round(width), height: Math.round(height) };
}

/** The size of a drawing on the screen, in whose pixels it is drawn; 0 where it is not shown. @param {SVGElement} svg */
export function sizeOf(svg) {
  const { width, height } = measured(svg);
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  return { width, height };
}

/** Draws now, and again when the drawing has another size on the screen. @param {SVGElement} svg @param {() => void} draw */
export function sized(svg, draw) {
  let before = { width: 0, height: 0 };
  const fit = () => {
    const { width, height } = measured(svg);
    if (width === 0 || (width === before.width && height === before.height)) return;
    draw();
    // it may have changed its height itself
    before = measured(svg);
  };
  // at once too: what an observer does comes after the page has been laid out
  fit();
  new ResizeObserver(fit).observe(svg);
}

/**
 * Something that lasts: one at a time, and the next one takes the place of one that is under way.
 * @returns {{start: (ms: number, frame: (share: number) => void) => void, stop: () => void}}
 */
export function tween() {
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
      // under way from now on, not from the next picture
      frame(0);
    },
  };
}

/** Milliseconds after which a sentence that stays is said, and at least between two. @typedef {{after: number, every?: number}} Pace */

/**
 * Says the latest sentence to screen readers: once it has settled, and not too often.
 * @param {HTMLElement} live
 * @param {Pace} usual
 */
export function announcer(live, usual) {
  let timer = 0;
  let spoken = -Infinity;
  return (/** @type {string} */ sentence, { after, every = 0 } = usual) => {
    clearTimeout(timer);
    timer = window.setTimeout(
      () => {
        spoken = performance.now();
        write(live, sentence);
      },
      Math.max(after, spoken + every - performance.now()),
    );
  };
}
