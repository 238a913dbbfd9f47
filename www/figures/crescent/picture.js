// @ts-check
/** Draws the two bells with what sticks out and what is not covered, the pile below them, and a draw on its way. Decides nothing. */

import * as words from '#words/crescent.js';
import { setting } from '#words/run.js';
import { PEAK, bars } from '../../parts/bells.js';
import { s } from '../../parts/dom.js';
import { density } from '../../parts/normal.js';
import { area, crossed, diamond, graph, line, linear, pattern } from '../../parts/plot.js';

/** @typedef {import('../../parts/plot.js').Scale} Scale */
/** @typedef {import('./draws.js').Trial} Trial */
/**
 * What is shown: how far the crescent is turned over, from 0 to 1, and a draw of which a share is over.
 * @typedef {{draws: import('./draws.js').Draws, turned: number, trial: Trial | undefined, share: number}} Shown
 */
/** Where it lies: `width` of the picture, and `below` the legend between bells and pile. @typedef {{width: number, below: number}} Place */

const LOW = -3.7;
const HIGH = 7.4;
/** Heights of the picture: of the bells above, and of the pile below, between which their legend stands. */
const TALL = 160;
export const GROUND = 206;
const TALL_BELOW = 96;
/** From the end of the legend to what lies below it. */
const HEADING = 26;
const PILE = 184;
const BOTTOM = 26;
/** Draws that fill the pile. */
export const FULL = 500;
/** Pixels between two bells whose names do not touch. */
const APART = 56;
/** Shares of a trial at which the draft is placed, its point found, the verdict seen and the committed value reached. */
const [PLACED, FOUND, JUDGED, COMMITTED] = [0.15, 0.35, 0.45, 0.8];

/** The part of a stretch of time that is over. @param {number} share @param {number} from @param {number} to */
const within = (share, from, to) => Math.max(0, Math.min(1, (share - from) / (to - from)));
/** @param {number} share */
export const smooth = (share) => share * share * (3 - 2 * share);

/** @param {number} below */
export const heightOf = (below) => below + PILE + BOTTOM;

/** @param {Place} place */
export const scales = ({ width, below }) => ({
  x: linear([LOW, HIGH], [0, width]),
  y: linear([0, PEAK], [GROUND, GROUND - TALL]),
  yBelow: linear([0, PEAK], [below + PILE, below + PILE - TALL_BELOW]),
});

/** The mean of a bell at a pixel. @param {number} pixel @param {number} width */
export const meanAt = (pixel, width) => LOW + (pixel / width) * (HIGH - LOW);

/** @param {Shown} shown @param {Place} place */
export function picture({ draws: { gap, rule, exact, pile }, turned, trial, share }, place) {
  const { width, below } = place;
  const { x, y, yBelow } = scales(place);
  const ground = yBelow(0);
  const middle = x(gap / 2);
  const draft = (/** @type {number} */ at) => density(at - gap);
  const curve = (/** @type {Scale} */ height, heights = y) => line(graph(x, heights, [LOW, HIGH], height));
  const between = (/** @type {number} */ from, /** @type {number} */ to, /** @type {Scale} */ upper, /** @type {Scale} */ lower) =>
    area(graph(x, y, [from, to], upper), graph(x, y, [from, to], lower));
  const across = Math.cos(Math.PI * turned);
  return [
    s('path', { d: `${curve((at) => Math.min(density(at), draft(at)))}L${width},${GROUND}L0,${GROUND}Z`, class: 'bell-overlap' }),
    s('path', { d: between(LOW, gap / 2, density, draft), class: `crescent-open ${turned === 1 ? 'crescent-covered' : ''}` }),
    // what the mirror makes of the crescent, seen while it is being turned over like a page
    s('path', {
      d: between(gap / 2, Math.min(HIGH, gap - LOW), draft, density),
      class: 'crescent-out',
      transform: `matrix(${across} 0 0 1 ${middle * (1 - across)} 0)`,
    }),
    s('path', { d: curve(draft), class: 'bell-draft' }),
    s('path', { d: curve(density), class: 'bell-target' }),
    s('line', { x1: 0, x2: width, y1: GROUND, y2: GROUND, class: 'bell-ground' }),
    s('line', { x1: middle, x2: middle, y1: 20, y2: GROUND + 10, class: 'bell-mirror' }),
    s('text', { x: middle, y: 13, class: 'bell-name bell-name-reflected' }, words.names.mirror),
    ...names(x(0), x(gap), y(PEAK) - 14),
    s('circle', { cx: x(gap), cy: y(PEAK), r: 7, class: 'grip-knob' }),
    ...bars(pile, FULL, x, yBelow),
    s('path', { d: curve(density, yBelow), class: 'bell-target' }),
    s('line', { x1: 0, x2: width, y1: ground, y2: ground, class: 'bell-ground' }),
    ...[-2, 0, 2, 4, 6].map((at) => s('text', { x: x(at), y: ground + 18, class: 'bar-label' }, setting(at))),
    ...(trial ? marks(trial, rule === 'redraw', (at) => y(draft(at)), x, ground, share) : []),
    s('text', { x: 0, y: below + HEADING, class: 'bell-name bell-name-right' }, words.names.committed),
    s(
      'text',
      { x: width, y: below + HEADING, class: `bell-name bell-name-left crescent-verdict ${exact ? '' : 'bell-name-reflected'}` },
      `${exact ? '✓' : '✗'} ${words.exactness(exact)}`,
    ),
  ];
}

/** @param {number} target @param {number} draft pixels @param {number} y */
function names(target, draft, y) {
  const apart = draft - target > APART;
  return [
    s('text', { x: target - (apart ? 0 : 12), y, class: `bell-name ${apart ? '' : 'bell-name-left'}` }, words.names.target),
    s('text', { x: draft + (apart ? 0 : 12), y, class: `bell-name bell-name-draft ${apart ? '' : 'bell-name-right'}` }, words.names.draft),
  ];
}

/**
 * The point of a draw at height u on the draft's bell, its verdict, and the way to where it is committed.
 * @param {Trial} of
 * @param {boolean} redrawn whether what fails is drawn again, so that it has no height
 * @param {Scale} bell the draft's, in pixels
 * @param {Scale} x
 * @param {number} ground of the pile
 * @param {number} time from 0 to 1
 */
function marks({ draft, u, passed, committed }, redrawn, bell, x, ground, time) {
  const [from, to, top] = [x(draft), x(committed), bell(draft)];
  const height = GROUND + (top - GROUND) * u;
  // mirrored or moved it keeps its height
  const end = redrawn && !passed ? GROUND : height;
  const [placed, found] = [smooth(within(time, 0, PLACED)), smooth(within(time, PLACED, FOUND))];
  const stem = s('line', { x1: from, x2: from, y1: GROUND, y2: GROUND + (top - GROUND) * placed, class: 'bell-stem' });
  if (time < JUDGED) return [stem, s('circle', { cx: from, cy: top + (height - top) * found, r: 5, class: 'crescent-point' })];
  const fall = smooth(within(time, COMMITTED, 1));
  const fallen = end + 8 + (ground - end - 8) * fall;
  return [
    stem,
    ...(passed || from === to ? [] : leap([from, height], [to, end], smooth(within(time, JUDGED + 0.1, COMMITTED)))),
    ...(fall > 0 ? [s('line', { x1: to, x2: to, y1: end + 8, y2: fallen, class: `crescent-fall ${passed ? '' : 'crescent-fall-failed'}` })] : []),
    ...(fall < 1
      ? []
      : passed
        ? [s('circle', { cx: to, cy: ground, r: 5, class: 'bell-point' })]
        : [s('path', { d: diamond(to, ground, 6), class: 'bell-reflected crescent-mark' })]),
    passed ? s('circle', { cx: from, cy: height, r: 6, class: 'bell-point' }) : s('path', { d: crossed(from, height, 6), class: 'bell-cross' }),
  ];
}

/** The part of an arc that is over, which is an arc of the same kind. @param {[number, number]} from @param {[number, number]} to @param {number} share */
function leap(from, to, share) {
  if (share === 0) return [];
  const over = [(from[0] + to[0]) / 2, Math.min(from[1], to[1]) - 56];
  const turn = from.map((start, axis) => start + (over[axis] - start) * share);
  const [x, y] = from.map((start, axis) => (1 - share) ** 2 * start + 2 * share * (1 - share) * over[axis] + share ** 2 * to[axis]);
  return [s('path', { d: `M${from}Q${turn} ${x},${y}`, class: 'bell-leap' }), s('path', { d: diamond(x, y, 7), class: 'bell-reflected crescent-mark' })];
}

/** Hatching for what sticks out, dots for what is not covered. */
export const patterns = () =>
  s(
    'defs',
    {},
    pattern(
      'crescent-hatch',
      8,
      0,
      s('rect', { width: 8, height: 8, class: 'hatch-ground' }),
      s('path', { d: 'M-2,2L2,-2M0,8L8,0M6,10L10,6', class: 'hatch-line' }),
    ),
    pattern('crescent-dots', 8, 0, s('circle', { cx: 2, cy: 2, r: 1.2, class: 'hatch-dot' }), s('circle', { cx: 6, cy: 6, r: 1.2, class: 'hatch-dot' })),
  );
