// @ts-check
/** Time of the run against the standard sampler's, over the price of a row. */

import { s } from '../../parts/dom.js';
import { setting } from '#words/run.js';
import { sizeOf } from '../stairs/chart.js';
import { hatching } from '../stairs/treads.js';
import { ratioAt } from './model.js';

/** @typedef {{time: string, price: string, faster: string, slower: string, ratio: (value: number) => string, percent: (price: number) => string, even: (price: number) => string}} Words */
/** @typedef {{price: number, name: string}} Measured */

/** A slider above the picture keeps to the same ends, but for half its thumb. */
export const LEFT = 40;
export const RIGHT = 52;
const ABOVE = 30;
const BELOW = 72;
const SAMPLES = 40;
/** Pixels of a letter, at most about. */
const LETTER = 6.8;
/** And at least. */
const NARROW = 5.6;
/** How far the name of the mark may reach beyond the axis. */
const BEYOND = 16;

/**
 * @param {SVGElement} svg
 * @param {import('./model.js').Run} run
 * @param {number} price
 * @param {Measured | undefined} measured
 * @param {number} even
 * @param {Words} words
 */
export function drawPrice(svg, run, price, measured, even, words) {
  const { width, height } = sizeOf(svg);
  if (width === 0) return;
  const most = Math.max(1.3, 1.05 * ratioAt(run, 1), 1.05 * ratioAt(run, 0));
  const x = (/** @type {number} */ value) => LEFT + value * (width - LEFT - RIGHT);
  const y = (/** @type {number} */ value) => height - BELOW - (value / most) * (height - ABOVE - BELOW);
  const at = (/** @type {number} */ value) => `${x(value).toFixed(1)},${y(ratioAt(run, value)).toFixed(1)}`;
  const line = Array.from({ length: SAMPLES + 1 }, (_, index) => at(index / SAMPLES)).join('L');
  const spacing = most > 4 ? Math.ceil(most / 4) : most > 2 ? 1 : 0.5;
  const ticks = Array.from({ length: Math.floor(most / spacing) + 1 }, (_, index) => index * spacing);
  const here = ratioAt(run, price);
  const tight = words.price.length * NARROW > width ? { textLength: width, lengthAdjust: 'spacingAndGlyphs' } : {};
  const evenLeft = even > 0.55;
  const markWidth = measured ? (measured.name.length * LETTER) / 2 : 0;
  svg.replaceChildren(
    s('defs', {}, hatching('pay-hatch', 'pay-hatch')),
    s('rect', { x: x(0), y: y(1), width: x(1) - x(0), height: y(0) - y(1), class: 'pay-faster' }),
    s('rect', { x: x(0), y: y(most), width: x(1) - x(0), height: y(1) - y(most), class: 'pay-slower', fill: 'url(#pay-hatch)' }),
    s('text', { x: 0, y: 12, class: 'chart-axis' }, words.time),
    ...ticks.map((value) => s('text', { x: LEFT - 8, y: y(value) + 4, class: 'chart-tick chart-end' }, `${setting(value)}×`)),
    ...[0, 0.25, 0.5, 0.75, 1].map((value) => s('text', { x: x(value), y: y(0) + 17, class: 'chart-tick chart-middle' }, words.percent(value))),
    s('text', { x: width / 2, y: height - 6, class: 'chart-axis chart-middle', ...tight }, words.price),
    s('line', { x1: x(0), x2: x(1), y1: y(0), y2: y(0), class: 'chart-ground' }),
    s('line', { x1: x(0), x2: x(1), y1: y(1), y2: y(1), class: 'pay-standard' }),
    s('line', { x1: x(price), x2: x(price), y1: y(0), y2: y(here), class: 'pay-stem' }),
    s('text', { x: x(0) + 10, y: y(most) + 20, class: 'chart-name' }, words.slower),
    s('text', { x: x(1) - 10, y: y(0) - 12, class: 'chart-name chart-speculative chart-end' }, words.faster),
    ...(measured
      ? [
          s('line', { x1: x(measured.price), x2: x(measured.price), y1: y(0), y2: y(ratioAt(run, measured.price)), class: 'chart-stem' }),
          s('path', { d: `M${x(measured.price)},${y(0) + 22}l6,9h-12z`, class: 'pay-measured' }),
          s(
            'text',
            { x: Math.max(markWidth, Math.min(x(1) + BEYOND - markWidth, x(measured.price))), y: y(0) + 44, class: 'chart-tick chart-middle pay-measured' },
            measured.name,
          ),
        ]
      : []),
    s('path', { d: `M${line}`, class: 'pay-line' }),
    ...(even > 0 && even <= 1
      ? [
          s('circle', { cx: x(even), cy: y(1), r: 6, class: 'pay-even' }),
          s(
            'text',
            { x: x(even) + (evenLeft ? -12 : 12), y: y(1) + (evenLeft ? -9 : 18), class: `chart-tick pay-even-name ${evenLeft ? 'chart-end' : ''}` },
            words.even(even),
          ),
        ]
      : []),
    s('circle', { cx: x(price), cy: y(here), r: 7, class: 'growth-mark' }),
    s('text', { x: x(price) + 12, y: y(here) + 19, class: 'chart-name chart-speculative' }, words.ratio(here)),
  );
}
