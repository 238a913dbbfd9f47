// @ts-check
/** Distances beside what chance gives: for each sampler a band of random deals and a mark. */

import { s } from '../../parts/dom.js';
import { setting } from '#words/run.js';

/** @typedef {import('./index.js').Compared} Compared */

const ROW = 46;
const TOP = 8;

/**
 * @param {SVGElement} svg
 * @param {Compared[]} compared
 * @param {typeof import('../../text/en/gallery.js')} words
 */
export function drawStrip(svg, compared, words) {
  const [width, height] = [svg.clientWidth, svg.clientHeight];
  // where nothing of the figure is shown
  if (width === 0) return;
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const most = 1.12 * Math.max(...compared.flatMap((one) => [one.distance, one.null_95]));
  const least = Math.min(0, ...compared.flatMap((one) => [one.distance, one.null_median]));
  const x = (/** @type {number} */ value) => 8 + ((value - least) / (most - least)) * (width - 16);
  const step = 10 ** Math.floor(Math.log10(most / 2));
  const every = (most / step > 8 ? 4 : most / step > 4 ? 2 : 1) * step;
  const ground = TOP + ROW * compared.length;
  svg.replaceChildren(
    ...compared.flatMap((one, index) => {
      const top = TOP + ROW * index;
      const [middle, at] = [top + 30, x(one.distance)];
      const name = `gallery-mark gallery-mark-${one.sampler}`;
      return [
        s('text', { x: 8, y: top + 12, class: 'gallery-row' }, words.samplerName(one), s('tspan', { class: 'gallery-place' }, words.placed(one))),
        s('rect', { x: x(Math.max(0, least)), y: top + 20, width: x(one.null_95) - x(Math.max(0, least)), height: 20, class: 'gallery-band' }),
        s('line', { x1: x(one.null_95), x2: x(one.null_95), y1: top + 20, y2: top + 40, class: 'gallery-end' }),
        s('line', { x1: x(one.null_median), x2: x(one.null_median), y1: top + 20, y2: top + 40, class: 'gallery-median' }),
        // shapes differ, not only colours
        one.sampler === 'speculative'
          ? s('circle', { cx: at, cy: middle, r: 7, class: name })
          : s('path', { d: `M${at},${middle - 9}L${at + 9},${middle}L${at},${middle + 9}L${at - 9},${middle}Z`, class: name }),
      ];
    }),
    s('line', { x1: 8, x2: width - 8, y1: ground, y2: ground, class: 'bell-ground' }),
    ...Array.from({ length: Math.floor(most / every) + 1 }, (_, i) =>
      s('text', { x: x(i * every), y: ground + 16, class: `evidence-tick${i === 0 ? ' evidence-start' : ''}` }, setting(Number((i * every).toPrecision(3)))),
    ),
    s('text', { x: width - 8, y: ground + 32, class: 'evidence-tick evidence-end' }, words.axis),
  );
}
