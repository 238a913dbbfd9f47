// @ts-check
/** Distances beside what chance gives: for each sampler a band of random deals and a mark. */

import * as words from '#words/gallery.js';
import { setting } from '#words/run.js';
import { s } from '../../parts/dom.js';
import { diamond, linear, triangle, multiples, rounded, sizeOf } from '../../parts/plot.js';

/** @typedef {import('./index.js').Compared} Compared */

const ROW = 46;
const TOP = 8;
const EDGE = 8;

/**
 * @param {SVGElement} svg
 * @param {Compared[]} compared
 */
export function drawStrip(svg, compared) {
  const { width } = sizeOf(svg);
  if (width === 0) return;
  const most = 1.12 * Math.max(...compared.flatMap((one) => [one.distance, one.null_95]));
  const least = Math.min(0, ...compared.flatMap((one) => [one.distance, one.null_median]));
  const x = linear([least, most], [EDGE, width - EDGE]);
  const ground = TOP + ROW * compared.length;
  svg.replaceChildren(
    ...compared.flatMap((one, index) => {
      const top = TOP + ROW * index;
      const [middle, at] = [top + 30, x(one.distance)];
      const name = `gallery-mark gallery-mark-${one.sampler}`;
      const end = (/** @type {number} */ value, /** @type {string} */ kind) =>
        s('line', { x1: x(value), x2: x(value), y1: top + 20, y2: top + 40, class: kind });
      return [
        s('text', { x: EDGE, y: top + 12, class: 'gallery-row' }, words.samplerName(one), s('tspan', { class: 'gallery-place' }, words.placed(one))),
        s('rect', { x: x(0), y: top + 20, width: x(one.null_95) - x(0), height: 20, class: 'gallery-band' }),
        end(one.null_95, 'gallery-end'),
        end(one.null_median, 'gallery-median'),
        // shapes differ, not only colours
        one.sampler === 'speculative'
          ? s('circle', { cx: at, cy: middle, r: 7, class: name })
          : s('path', { d: one.sampler === 'few' ? diamond(at, middle, 9) : triangle(at, middle, 9), class: name }),
      ];
    }),
    s('line', { x1: EDGE, x2: width - EDGE, y1: ground, y2: ground, class: 'chart-ground' }),
    ...multiples(rounded(most), most).map((value) =>
      s('text', { x: x(value), y: ground + 16, class: `chart-tick ${value === 0 ? '' : 'chart-middle'}` }, setting(value)),
    ),
    s('text', { x: width - EDGE, y: ground + 32, class: 'chart-tick chart-end' }, words.axis),
  );
}
