// @ts-check
/**
 * The path of a window that was tested by its peak: the logarithm of target over draft density, summed step by step. The window is
 * committed up to the highest point of the path.
 */

import { s } from '../../parts/dom.js';
import { line, linear, multiples } from '../../parts/plot.js';
import { whole } from '#words/run.js';
import { image, stopOf } from '../../state/trace.js';

/** @typedef {import('../../state/trace.js').Round} Round */

const WIDTH = 640;
const HEIGHT = 150;
const EDGE = { left: 40, right: 12, top: 24, bottom: 26 };

/**
 * The summed logarithms before each step and after the last; of steps that were discarded from their pictures.
 * @param {Round} round
 * @param {number} dim
 */
export function pathOf(round, dim) {
  const path = [0];
  for (let j = 0; j < round.length; j++) {
    const step = Number.isFinite(round.lnRatio[j]) ? round.lnRatio[j] : logRatio(round, j, dim);
    if (!Number.isFinite(step)) break;
    path.push(path[j] + step);
  }
  return path;
}

/** @param {Round} round @param {number} position @param {number} dim */
function logRatio(round, position, dim) {
  const [p, q, y] = [round.draftMean, round.targetMean, round.draft].map((images) => image(images, position, dim));
  if (!y.length || !(round.s[position] > 0)) return NaN;
  let sum = 0;
  // ln N(y; q, s^2) - ln N(y; p, s^2)
  for (let i = 0; i < dim; i++) sum += (y[i] - p[i]) ** 2 - (y[i] - q[i]) ** 2;
  return sum / (2 * round.s[position] ** 2);
}

/**
 * @param {SVGElement} svg
 * @param {Round} round
 * @param {number} dim
 * @param {{axis: string, peak: string, beyond: string}} words
 */
export function drawPath(svg, round, dim, words) {
  const path = pathOf(round, dim);
  const stop = stopOf(round);
  const [low, high] = [Math.min(0, ...path), Math.max(0.5, ...path)];
  const x = linear([0, Math.max(1, path.length - 1)], [EDGE.left, WIDTH - EDGE.right]);
  const y = linear([low, high], [HEIGHT - EDGE.bottom, EDGE.top]);
  const part = (/** @type {number} */ from, /** @type {number} */ to) => line(path.slice(from, to + 1).map((value, i) => [x(from + i), y(value)]));
  const kept = stop >= 0 ? stop : path.length - 1;
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  svg.replaceChildren(
    s('line', { x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(0), y2: y(0), class: 'bell-ground' }),
    s('path', { d: part(0, kept), class: 'path-kept' }),
    s('path', { d: part(kept, path.length - 1), class: 'path-left' }),
    ...(stop >= 0
      ? [
          s('rect', {
            x: x(stop),
            y: EDGE.top - 6,
            width: x(Math.min(stop + 1, path.length - 1)) - x(stop),
            height: HEIGHT - EDGE.top - EDGE.bottom + 12,
            class: 'path-peak',
          }),
        ]
      : []),
    ...multiples(Math.ceil(path.length / 12), path.length - 2).map((j) =>
      s('text', { x: x(j + 0.5), y: HEIGHT - 6, class: 'bar-label' }, whole(round.level[j] + 1)),
    ),
    s('text', { x: EDGE.left, y: 14, class: 'bar-label bar-label-first' }, words.axis),
    s(
      'text',
      {
        x: stop >= 0 ? Math.min(WIDTH - EDGE.right - 150, x(stop)) : WIDTH - EDGE.right,
        y: 14,
        class: `bell-name ${stop >= 0 ? 'bell-name-reflected bell-name-right' : 'bell-name-left'}`,
      },
      stop >= 0 ? words.peak : words.beyond,
    ),
  );
}
