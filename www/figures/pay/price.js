// @ts-check
/** Time of the run against the standard sampler's, over the price of a row. */

import { axes as words, even as evenWords, percent, ratioWords } from '#words/pay.js';
import { setting } from '#words/run.js';
import { s } from '../../parts/dom.js';
import { graph, hatching, lengths, line, linear, multiples, rounded, sizeOf } from '../../parts/plot.js';
import { ratioAt } from './model.js';

/** @typedef {{price: number, name: string}} Measured */

/** A slider above the picture keeps to the same ends, but for half its thumb. */
const LEFT = 40;
const RIGHT = 52;
const ABOVE = 30;
const BELOW = 72;
const SAMPLES = 40;
/** How far the name of the mark may reach beyond the axis. */
const BEYOND = 16;

/**
 * @param {SVGElement} svg
 * @param {import('./model.js').Run} run
 * @param {number} price
 * @param {Measured | undefined} measured
 * @param {number} even
 */
export function drawPrice(svg, run, price, measured, even) {
  const { width, height } = sizeOf(svg);
  if (width === 0) return;
  const most = Math.max(1.3, 1.05 * ratioAt(run, 1), 1.05 * ratioAt(run, 0));
  const x = linear([0, 1], [LEFT, width - RIGHT]);
  const y = linear([0, most], [height - BELOW, ABOVE]);
  const ratio = (/** @type {number} */ at) => ratioAt(run, at);
  const here = ratio(price);
  const [axis, mark] = lengths(svg, 'chart-tick', [words.price, measured?.name ?? '']);
  const tight = axis > width ? { textLength: width, lengthAdjust: 'spacingAndGlyphs' } : {};
  const evenLeft = even > 0.55;
  svg.replaceChildren(
    s('defs', {}, hatching('pay-hatch', 'pay-hatch')),
    s('rect', { x: x(0), y: y(1), width: x(1) - x(0), height: y(0) - y(1), class: 'pay-faster' }),
    s('rect', { x: x(0), y: y(most), width: x(1) - x(0), height: y(1) - y(most), class: 'pay-slower', fill: 'url(#pay-hatch)' }),
    s('text', { x: 0, y: 12, class: 'chart-axis' }, words.time),
    ...multiples(rounded(most), most).map((value) => s('text', { x: LEFT - 8, y: y(value) + 4, class: 'chart-tick chart-end' }, `${setting(value)}×`)),
    ...[0, 0.25, 0.5, 0.75, 1].map((value) => s('text', { x: x(value), y: y(0) + 17, class: 'chart-tick chart-middle' }, percent(value))),
    s('text', { x: width / 2, y: height - 6, class: 'chart-axis chart-middle', ...tight }, words.price),
    s('line', { x1: x(0), x2: x(1), y1: y(0), y2: y(0), class: 'chart-ground' }),
    s('line', { x1: x(0), x2: x(1), y1: y(1), y2: y(1), class: 'pay-standard' }),
    s('line', { x1: x(price), x2: x(price), y1: y(0), y2: y(here), class: 'pay-stem' }),
    s('text', { x: x(0) + 10, y: y(most) + 20, class: 'chart-name' }, words.slower),
    s('text', { x: x(1) - 10, y: y(0) - 12, class: 'chart-name chart-speculative chart-end' }, words.faster),
    ...(measured
      ? [
          s('line', { x1: x(measured.price), x2: x(measured.price), y1: y(0), y2: y(ratio(measured.price)), class: 'chart-stem' }),
          s('path', { d: `M${x(measured.price)},${y(0) + 22}l6,9h-12z`, class: 'pay-measured' }),
          s(
            'text',
            { x: Math.max(mark / 2, Math.min(x(1) + BEYOND - mark / 2, x(measured.price))), y: y(0) + 44, class: 'chart-tick chart-middle pay-measured' },
            measured.name,
          ),
        ]
      : []),
    s('path', { d: line(graph(x, y, [0, 1], ratio, SAMPLES)), class: 'pay-line' }),
    ...(even > 0 && even <= 1
      ? [
          s('circle', { cx: x(even), cy: y(1), r: 6, class: 'pay-even' }),
          s(
            'text',
            { x: x(even) + (evenLeft ? -12 : 12), y: y(1) + (evenLeft ? -9 : 18), class: `chart-tick pay-even-name ${evenLeft ? 'chart-end' : ''}` },
            evenWords(even),
          ),
        ]
      : []),
    s('circle', { cx: x(price), cy: y(here), r: 7, class: 'growth-mark' }),
    s('text', { x: x(price) + 12, y: y(here) + 19, class: 'chart-name chart-speculative' }, ratioWords(here)),
  );
}
