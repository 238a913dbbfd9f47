// @ts-check
/** The staircase of a chain: steps to the right, calls upwards, one tread a round. */

import { s } from '../../parts/dom.js';
import { VERDICTS } from '../../state/trace.js';
import { crossed, hatching, linear, multiples, sizeOf } from '../../parts/plot.js';
import { whole } from '#words/run.js';

/** @typedef {import('../../state/trace.js').Round} Round */
/** @typedef {import('../../parts/chains.js').Counts} Counts */
/** @typedef {Counts & {discarded: number}} Tread */
/** Where a tread lies: shares of the chain's steps, and calls. @typedef {{start: number, solid: number, end: number, drafted: number, from: number, to: number, rejected: number}} Place */
/** @typedef {{steps: number, top: number, places: Place[]}} Stairs `top` is the highest call in the picture */
/** @typedef {{call: string, step: string, standard: string, calls: (count: number) => string}} Words */

const LEFT = 36;
const RIGHT = 14;
const ABOVE = 54;
const BELOW = 42;
/** Share of a call's height that its tread fills. */
const THICK = 0.62;
/** Pixels of a rejected end that is a fraction of one, and of one that has room for its cross. */
const THIN = 3;
const ROOMY = 12;

/** @param {Counts} counts @returns {Tread} */
export const recordedTread = (counts) => ({ ...counts, discarded: counts.rows - counts.committed });

/** @param {Round} round @returns {Tread} */
export function treadOf({ calls, rows, committed, length, verdict }) {
  const count = (/** @type {typeof VERDICTS[number]} */ word) => verdict.reduce((sum, one) => sum + Number(VERDICTS[one] === word), 0);
  return { calls, rows, committed, accepted: count('accepted'), rejected: count('rejected'), discarded: length - committed };
}

/**
 * @param {number} steps
 * @param {Tread[]} treads
 * @param {number} top
 * @returns {Stairs}
 */
export function stairs(steps, treads, top) {
  let [step, call] = [0, 0];
  const places = treads.map(({ calls, committed, rejected, discarded }) => {
    const [start, from] = [step, call];
    step += committed;
    call += calls;
    return { start: start / steps, solid: (step - rejected) / steps, end: step / steps, drafted: (step + discarded) / steps, from, to: call, rejected };
  });
  return { steps, top, places };
}

/**
 * Between two staircases; a tread that only one has grows out of the other's end.
 * @param {Stairs} one
 * @param {Stairs} other
 * @param {number} share
 * @returns {Stairs}
 */
export function between(one, other, share) {
  const mix = (/** @type {number} */ a, /** @type {number} */ b) => a + (b - a) * share;
  const places = Array.from({ length: Math.max(one.places.length, other.places.length) }, (_, index) => {
    const [a, b] = [one, other].map(({ places }) => places[index] ?? atEnd(places));
    return {
      start: mix(a.start, b.start),
      solid: mix(a.solid, b.solid),
      end: mix(a.end, b.end),
      drafted: mix(a.drafted, b.drafted),
      from: mix(a.from, b.from),
      to: mix(a.to, b.to),
      rejected: b.rejected,
    };
  });
  return { steps: one.steps * (other.steps / one.steps) ** share, top: mix(one.top, other.top), places };
}

/** @param {Place[]} places @returns {Place} */
function atEnd(places) {
  const { end, to } = places.at(-1) ?? { end: 0, to: 0 };
  return { start: end, solid: end, end, drafted: end, from: to, to, rejected: 0 };
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} r
 * @param {boolean} inside of its block, not upon it
 */
export const cross = (x, y, r, inside) =>
  ['stairs-halo', inside ? 'stairs-cross stairs-inside' : 'stairs-cross'].slice(Number(inside)).map((kind) => s('path', { d: crossed(x, y, r), class: kind }));

/**
 * @param {SVGElement} svg
 * @param {Stairs} drawn
 * @param {number} steps of the chain that is shown, where `drawn` is still on its way there
 * @param {Words} words
 */
export function drawStairs(svg, drawn, steps, words) {
  const { width, height } = sizeOf(svg);
  if (width === 0) return;
  const { places, top } = drawn;
  const x = linear([0, 1], [LEFT, width - RIGHT]);
  const y = linear([0, top], [height - BELOW, ABOVE]);
  const unit = y(0) - y(1);
  const ticks = multiples(10, top).slice(1);
  svg.replaceChildren(
    s('defs', {}, hatching('stairs-hatch', 'stairs-hatch')),
    ...ticks.flatMap((call) => [
      s('line', { x1: x(0), x2: x(1), y1: y(call), y2: y(call), class: 'chart-grid' }),
      s('text', { x: LEFT - 8, y: y(call) + 4, class: 'chart-tick chart-end' }, whole(call)),
    ]),
    s('text', { x: 0, y: 12, class: 'chart-axis' }, words.call),
    s('line', { x1: x(0), x2: x(1), y1: y(0), y2: y(0), class: 'chart-ground' }),
    ...[0, 0.5, 1].map((share) =>
      s(
        'text',
        { x: x(share), y: y(0) + 17, class: `chart-tick ${share === 1 ? 'chart-end' : share ? 'chart-middle' : ''}` },
        whole(Math.round(share * steps)),
      ),
    ),
    s('text', { x: x(0.5), y: y(0) + 35, class: 'chart-axis chart-middle' }, words.step),
    ...standard(drawn, steps, words, x, y),
    ...places
      .slice(1)
      .map(({ start, from, to }, index) =>
        s('line', { x1: x(start), x2: x(start), y1: y((places[index].from + places[index].to) / 2), y2: y((from + to) / 2), class: 'stairs-riser' }),
      ),
    ...places.flatMap((place) => tread(place, x, y, unit)),
    ...(places.length > 0
      ? [
          s(
            'text',
            { x: x(places[places.length - 1].end), y: y(places[places.length - 1].to) - 9, class: 'chart-name chart-speculative chart-end' },
            words.calls(Math.round(places[places.length - 1].to)),
          ),
        ]
      : []),
  );
}

/**
 * The standard sampler: a step a call, until it leaves the picture.
 * @param {Stairs} drawn
 * @param {number} steps
 * @param {Words} words
 * @param {(share: number) => number} x
 * @param {(call: number) => number} y
 */
function standard({ steps: drawn, top }, steps, words, x, y) {
  const seen = Math.min(drawn, top);
  const leaves = drawn > top;
  const path = Array.from({ length: Math.floor(seen) }, (_, call) => `V${y(call + 1).toFixed(2)}H${x((call + 1) / drawn).toFixed(2)}`).join('');
  const [endX, endY] = [x(seen / drawn), y(seen)];
  const right = seen / drawn < 0.5;
  return [
    s('path', { d: `M${x(0)},${y(0)}${path}${leaves ? `M${endX},${endY}V${endY - 14}m-5,6l5,-7l5,7` : ''}`, class: 'stairs-standard' }),
    ...[words.standard, words.calls(steps)].map((line, index) =>
      s('text', { x: endX + (right ? 14 : -14), y: endY + (index - 1) * 18 - 4, class: `chart-name chart-plain ${right ? '' : 'chart-end'}` }, line),
    ),
  ];
}

/**
 * @param {Place} place
 * @param {(share: number) => number} x
 * @param {(call: number) => number} y
 * @param {number} unit
 */
function tread({ start, solid, end, drafted, from, to, rejected }, x, y, unit) {
  const space = unit * (1 - THICK);
  const [above, below] = [y(to) + space / 2, y(from) - space / 2];
  const pink = rejected ? Math.max(THIN, x(end) - x(solid)) : 0;
  const block = (/** @type {number} */ left, /** @type {number} */ right, /** @type {string} */ kind, /** @type {Record<string, string>} */ more = {}) =>
    s('rect', { x: left, y: above, width: Math.max(0, right - left), height: Math.max(0, below - above), class: kind, ...more });
  const [crossX, crossY, r] = [x(end) - pink / 2, (above + below) / 2, Math.min(4.5, unit * 0.45)];
  return [
    ...(drafted > end ? [block(x(end), x(drafted), 'stairs-discarded', { fill: 'url(#stairs-hatch)' })] : []),
    block(x(start), x(end) - pink, 'stairs-accepted'),
    ...(rejected
      ? [block(x(end) - pink, x(end), 'stairs-rejected'), ...cross(crossX, crossY, pink < ROOMY ? r : Math.min(r, 0.4 * (below - above)), pink >= ROOMY)]
      : []),
  ];
}
