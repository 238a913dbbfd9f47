// @ts-check
/** Times of fixed windows at a price, and what was measured of them. */

import { s } from '../../parts/dom.js';
import { sizeOf } from '../stairs/chart.js';

/** @typedef {{title: string, name: (window: string) => string, ratio: (value: number) => string, best: string, standard: string}} Words */

const LEFT = 76;
const ABOVE = 46;
const ROW = 27;
const BAR = 15;
const ARROW = 7;
/** Bars beyond it end in an arrow. */
const MOST = 4 / 3;
/** Pixels of a letter, at most about, and between the bars and their values. */
const LETTER = 7.6;
const SPACE = 12;

/** Pixels of a picture of so many windows. @param {number} windows */
export const heightOf = (windows) => ABOVE + windows * ROW + 4;

/**
 * @param {SVGElement} svg
 * @param {{window: string, ratio: number | undefined}[]} lines those that were only measured have no ratio
 * @param {string} best
 * @param {Map<string, number>} measured
 * @param {Words} words
 */
export function drawWindows(svg, lines, best, measured, words) {
  const { width } = sizeOf(svg);
  if (width === 0) return;
  const values = lines.map(({ window, ratio }) => {
    const value = ratio ?? measured.get(window);
    return value === undefined ? '' : `${words.ratio(value)}${ratio !== undefined && window === best ? ` ${words.best}` : ''}`;
  });
  const column = width - LETTER * Math.max(...values.map(({ length }) => length));
  const x = (/** @type {number} */ value) => LEFT + (Math.min(MOST, value) / MOST) * (column - SPACE - ARROW - LEFT);
  const bottom = ABOVE + lines.length * ROW;
  svg.replaceChildren(
    s('text', { x: 0, y: 12, class: 'chart-axis' }, words.title),
    s('line', { x1: LEFT, x2: LEFT, y1: ABOVE - 4, y2: bottom, class: 'chart-ground' }),
    s('text', { x: x(1), y: ABOVE - 12, class: 'chart-tick chart-middle' }, words.standard),
    ...lines.flatMap(({ window, ratio }, index) => {
      const top = ABOVE + index * ROW + (ROW - BAR) / 2;
      const found = measured.get(window);
      const chosen = window === best;
      const kind = window === '1' ? 'pay-bar-plain' : chosen ? 'pay-bar-best' : 'pay-bar';
      return [
        s('text', { x: LEFT - 10, y: top + 12, class: `chart-tick chart-end ${chosen ? 'pay-chosen' : ''}` }, words.name(window)),
        ...(ratio === undefined
          ? []
          : [s('path', { d: `M${LEFT},${top}H${x(ratio)}${ratio > MOST ? `l${ARROW},${BAR / 2}l${-ARROW},${BAR / 2}` : `v${BAR}`}H${LEFT}z`, class: kind })]),
        s('line', { x1: x(1), x2: x(1), y1: top - (ROW - BAR) / 2, y2: top + (ROW + BAR) / 2, class: 'pay-standard' }),
        ...(found === undefined ? [] : [s('path', { d: `M${x(found)},${top + BAR / 2 - 7}l7,7l-7,7l-7,-7z`, class: 'pay-point' })]),
        s('text', { x: column, y: top + 12, class: `chart-tick pay-value ${chosen ? 'pay-chosen' : ''}` }, values[index]),
      ];
    }),
  );
}
