// @ts-check
/** Calls against the length of the chain, both on scales of powers of ten. */

import { whole } from '#words/run.js';
import { s } from '../../parts/dom.js';
import { lengths, line, logarithmic, sizeOf } from '../../parts/plot.js';

/** @typedef {{steps: number, calls: number}} Point */
/** @typedef {{title: string, step: string, standard: string, speculative: string}} Words */

const LEFT = 46;
const RIGHT = 12;
const ABOVE = 30;
const BELOW = 42;
const DECADES = [10, 100, 1000];
/** Pixels of the right edge in which words stand on the left of what they name. */
const EDGE = 60;

/**
 * @param {SVGElement} svg
 * @param {Point[]} points of the recorded chains
 * @param {Point} marked
 * @param {Words} words
 */
export function drawGrowth(svg, points, marked, words) {
  const { width, height } = sizeOf(svg);
  if (width === 0) return;
  const most = Math.max(marked.steps, ...points.map(({ steps }) => steps));
  const least = Math.min(marked.steps, marked.calls, ...points.map(({ calls }) => calls));
  const x = logarithmic([least, most], [LEFT, width - RIGHT]);
  const y = logarithmic([least, most], [height - BELOW, ABOVE]);
  const ticks = DECADES.filter((value) => value >= 0.95 * least && value <= 1.05 * most);
  const [first] = points;
  // beside the dotted line where that would cross it
  const [wide] = lengths(svg, 'chart-tick', [words.speculative]);
  const stemCrosses = x(marked.steps) > x(most) - wide - 6;
  const nearEnd = x(marked.steps) > width - EDGE;
  svg.replaceChildren(
    s('text', { x: 0, y: 12, class: 'chart-axis' }, words.title),
    ...ticks.flatMap((value) => [
      s('line', { x1: x(most), x2: LEFT, y1: y(value), y2: y(value), class: 'chart-grid' }),
      s('text', { x: LEFT - 8, y: y(value) + 4, class: 'chart-tick chart-end' }, whole(value)),
      s('text', { x: x(value), y: height - BELOW + 17, class: `chart-tick ${x(value) > width - 30 ? 'chart-end' : 'chart-middle'}` }, whole(value)),
    ]),
    s('line', { x1: LEFT, x2: x(most), y1: height - BELOW, y2: height - BELOW, class: 'chart-ground' }),
    s('text', { x: (LEFT + width - RIGHT) / 2, y: height - 7, class: 'chart-axis chart-middle' }, words.step),
    s('line', { x1: x(marked.steps), x2: x(marked.steps), y1: height - BELOW, y2: y(marked.steps), class: 'chart-stem' }),
    s('path', {
      d: line([
        [x(first.steps), y(first.steps)],
        [x(most), y(most)],
      ]),
      class: 'stairs-standard',
    }),
    s('path', { d: line(points.map(({ steps, calls }) => [x(steps), y(calls)])), class: 'growth-line' }),
    s('text', { x: x(most / 3) - 8, y: y(most / 3) - 6, class: 'chart-tick chart-end' }, words.standard),
    s(
      'text',
      { x: stemCrosses ? x(marked.steps) - 10 : x(most), y: y(points[points.length - 1].calls) - 27, class: 'chart-tick chart-end' },
      words.speculative,
    ),
    ...points.map(({ steps, calls }) => s('circle', { cx: x(steps), cy: y(calls), r: 2.5, class: 'growth-point' })),
    s('rect', { x: x(marked.steps) - 5, y: y(marked.steps) - 5, width: 10, height: 10, class: 'growth-mark growth-mark-plain' }),
    s('circle', { cx: x(marked.steps), cy: y(marked.calls), r: 6, class: 'growth-mark' }),
    s(
      'text',
      { x: x(marked.steps) + (nearEnd ? -10 : 9), y: y(marked.steps) + (nearEnd ? 4 : 17), class: `chart-name chart-plain ${nearEnd ? 'chart-end' : ''}` },
      whole(marked.steps),
    ),
    s('text', { x: x(marked.steps) - 6, y: y(marked.calls) - 9, class: 'chart-name chart-speculative chart-end' }, whole(marked.calls)),
  );
}
