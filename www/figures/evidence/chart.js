// @ts-check
/** The two charts, drawn at the size they have on the screen: the stacked histogram, and the cumulative shares. */

import * as words from '#words/evidence.js';
import { whole } from '#words/run.js';
import { s } from '../../parts/dom.js';
import { cumulative, density } from '../../parts/normal.js';
import { graph, line, linear, multiples, pattern, rounded, sizeOf } from '../../parts/plot.js';
import { LIMIT, REACH, WIDTH } from './normal.js';

/** @typedef {import('./normal.js').Summary} Summary */
/** @typedef {import('../../parts/plot.js').Pair} Pair */

const TICKS = [-3, -2, -1, 0, 1, 2, 3];
const SAMPLES = 120;
/** Of its bin, that a bar takes: the band is seen beside it. */
const BAR = 0.62;
const MARGIN = { left: 40, right: 6, top: 14, bottom: 48 };
/** @type {Pair} */
const ENDS = [-REACH, REACH];

/**
 * @param {SVGElement} svg
 * @param {Summary} summary
 */
export function drawHistogram(svg, { all: { n }, bins }) {
  const { width, height } = sizeOf(svg);
  if (width === 0) return;
  const [left, right] = [MARGIN.left, width - MARGIN.right];
  const x = linear(ENDS, [left, right]);
  const ground = height - MARGIN.bottom;
  const most = Math.max(...bins.map(({ high, accepted, rejected }) => Math.max(high, accepted + rejected)), n * WIDTH * density(0)) * 1.06;
  const y = linear([0, most], [ground, MARGIN.top]);
  const box = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ low, /** @type {number} */ high, /** @type {string} */ name) =>
    s('rect', { x: x(from), width: x(to) - x(from), y: y(high), height: Math.max(0, y(low) - y(high)), class: name });
  const grid = multiples(Math.max(1, rounded(most)), most)
    .slice(1)
    .flatMap((count) => [
      s('line', { x1: left, x2: right, y1: y(count), y2: y(count), class: 'evidence-grid' }),
      s('text', { x: left - 6, y: y(count) + 4, class: 'evidence-tick evidence-end' }, whole(count)),
    ]);
  const inset = (WIDTH * (1 - BAR)) / 2;
  const bars = bins.flatMap(({ from, to, accepted, rejected, expected, low, high, outside }, index) => [
    box(from, to, low, Math.max(high, low + (1.5 * most) / (ground - MARGIN.top)), 'evidence-band'),
    box(from + inset, to - inset, 0, accepted, 'evidence-accepted'),
    ...(rejected > 0
      ? [
          box(from + inset, to - inset, accepted, accepted + rejected, 'evidence-rejected-ground'),
          box(from + inset, to - inset, accepted, accepted + rejected, 'evidence-rejected'),
        ]
      : []),
    s('line', { x1: x(from), x2: x(to), y1: y(expected), y2: y(expected), class: 'evidence-expected' }),
    ...(outside
      ? [
          s(
            'text',
            { x: x((from + to) / 2), y: y(Math.max(accepted + rejected, high)) - 4, class: 'evidence-outside', 'data-bin': index },
            accepted + rejected > high ? '▲' : '▼',
          ),
        ]
      : []),
  ]);
  svg.replaceChildren(
    // hatched, so that it differs from the solid bars without colour
    pattern('evidence-hatch', 5, 45, s('rect', { width: 2.2, height: 5, class: 'evidence-hatch' })),
    ...grid,
    ...bars,
    s('path', { d: line(graph(x, y, ENDS, (value) => n * WIDTH * density(value), SAMPLES)), class: 'evidence-normal' }),
    s('line', { x1: left, x2: right, y1: ground, y2: ground, class: 'chart-ground' }),
    ...TICKS.map((value) => s('text', { x: x(value), y: ground + 17, class: 'evidence-tick' }, words.number(value))),
    s('text', { x: left, y: height - 6, class: 'evidence-tick evidence-start' }, words.awayFromDraft),
    s('text', { x: right, y: height - 6, class: 'evidence-tick evidence-end' }, words.towardsDraft),
  );
}

/**
 * The cumulative share of the residuals less that of N(0,1), times the root of n: its largest distance from 0 is the statistic.
 * @param {SVGElement} svg
 * @param {Summary} summary
 */
export function drawCumulative(svg, { sorted, ks, at }) {
  const { width, height } = sizeOf(svg);
  if (width === 0) return;
  const [left, right] = [MARGIN.left, width - MARGIN.right];
  const x = linear(ENDS, [left, right]);
  const n = sorted.length;
  const bottom = height - 22;
  let below = 0;
  const difference = (/** @type {number} */ value) => {
    while (below < n && sorted[below] <= value) below += 1;
    return Math.sqrt(n) * (below / n - cumulative(value));
  };
  // as fine as the screen: a step between two points cannot be seen
  const last = Math.max(1, Math.ceil(right - left));
  const walk = Array.from({ length: last + 1 }, (_, i) => {
    const value = -REACH + (2 * REACH * i) / last;
    return { value, there: difference(value) };
  });
  below = 0;
  const here = difference(at);
  // the largest distance may be the one just before the step
  const peak = Math.abs(here) >= ks - 1e-9 ? here : here - 1 / Math.sqrt(n);
  const reach = 1.2 * LIMIT;
  const low = Math.min(-reach, 1.1 * peak, ...walk.map(({ there }) => there));
  const high = Math.max(reach, 1.1 * peak, ...walk.map(({ there }) => there));
  const y = linear([low, high], [bottom, 8]);
  const where = Math.max(-REACH, Math.min(REACH, at));
  svg.replaceChildren(
    s('rect', { x: left, width: right - left, y: y(LIMIT), height: y(-LIMIT) - y(LIMIT), class: 'evidence-band' }),
    ...[LIMIT, -LIMIT].flatMap((value) => [
      s('line', { x1: left, x2: right, y1: y(value), y2: y(value), class: 'evidence-limit' }),
      s('text', { x: left - 6, y: y(value) + 4, class: 'evidence-tick evidence-end' }, words.number(value)),
    ]),
    s('line', { x1: left, x2: right, y1: y(0), y2: y(0), class: 'chart-ground' }),
    s('path', { d: line(walk.map(({ value, there }) => [x(value), y(there)])), class: 'evidence-walk' }),
    s('line', { x1: x(where), x2: x(where), y1: y(0), y2: y(peak), class: 'evidence-distance' }),
    s('circle', { cx: x(where), cy: y(peak), r: 4, class: 'evidence-peak' }),
    ...TICKS.map((value) => s('text', { x: x(value), y: height - 4, class: 'evidence-tick' }, words.number(value))),
  );
}
