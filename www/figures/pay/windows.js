// @ts-check
/** Times of fixed windows at a price, and what was measured of them. */

import { bars as words, ratioWords, windowName } from '#words/pay.js';
import { s } from '../../parts/dom.js';
import { diamond, lengths, linear, sizeOf } from '../../parts/plot.js';

const LEFT = 76;
const ABOVE = 46;
const ROW = 27;
const BAR = 15;
const ARROW = 7;
/** Bars beyond it end in an arrow. */
const MOST = 4 / 3;
/** Pixels between the bars and their values. */
const SPACE = 12;

/** Pixels of a picture of so many windows. @param {number} windows */
export const heightOf = (windows) => ABOVE + windows * ROW + 4;

/**
 * @param {SVGElement} svg
 * @param {{window: string, ratio: number | undefined}[]} lines those that were only measured have no ratio
 * @param {string} best
 * @param {Map<string, number>} measured
 */
export function drawWindows(svg, lines, best, measured) {
  const { width } = sizeOf(svg);
  if (width === 0) return;
  const values = lines.map(({ window, ratio }) => {
    const value = ratio ?? measured.get(window);
    return value === undefined ? '' : `${ratioWords(value)}${ratio !== undefined && window === best ? ` ${words.best}` : ''}`;
  });
  const column = width - Math.max(...lengths(svg, 'chart-tick pay-value pay-chosen', values));
  const scale = linear([0, MOST], [LEFT, column - SPACE - ARROW]);
  const x = (/** @type {number} */ value) => scale(Math.min(MOST, value));
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
        s('text', { x: LEFT - 10, y: top + 12, class: `chart-tick chart-end ${chosen ? 'pay-chosen' : ''}` }, windowName(window)),
        ...(ratio === undefined
          ? []
          : [s('path', { d: `M${LEFT},${top}H${x(ratio)}${ratio > MOST ? `l${ARROW},${BAR / 2}l${-ARROW},${BAR / 2}` : `v${BAR}`}H${LEFT}z`, class: kind })]),
        s('line', { x1: x(1), x2: x(1), y1: top - (ROW - BAR) / 2, y2: top + (ROW + BAR) / 2, class: 'pay-standard' }),
        ...(found === undefined ? [] : [s('path', { d: diamond(x(found), top + BAR / 2, 7), class: 'pay-point' })]),
        s(
          'text',
          { x: Math.max(x(ratio ?? 0), x(found ?? 0) + 7) + SPACE, y: top + 12, class: `chart-tick pay-value ${chosen ? 'pay-chosen' : ''}` },
          values[index],
        ),
      ];
    }),
  );
}
