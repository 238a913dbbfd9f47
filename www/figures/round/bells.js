// @ts-check
/**
 * One coupled step seen along the gap between its two means, in units of the noise scale: the draft's bell, the target's
 * bell, the point at height u on the draft's bell (under the target's: accepted), and the mirror.
 */

import { s } from '../../parts/dom.js';
import { density } from '../../parts/normal.js';
import { crossed, diamond, graph, line, linear } from '../../parts/plot.js';
import { VERDICTS, isPeak } from '../../state/trace.js';

/** @typedef {import('../../state/trace.js').Round} Round */

const WIDTH = 420;
const HEIGHT = 190;
const GROUND = 150;
const TALL = 120;
const REACH = 3.3;
const SAMPLES = 90;
/** Pixels between two bells whose names do not touch. */
const APART = 58;

/** Height of a bell, 1 at its mean. @param {number} x */
const bell = (x) => density(x) / density(0);

/**
 * Where the draft and the committed state lie along the gap; the target's mean is 0, the draft's is the gap.
 * @param {Round} round
 * @param {number} position
 */
function places(round, position) {
  const gap = round.gap[position];
  const committed = round.residual[position];
  const rejected = VERDICTS[round.verdict[position]] === 'rejected';
  return { gap, committed, draft: rejected ? gap - committed : committed, rejected };
}

/**
 * @param {SVGElement} svg
 * @param {Round} round
 * @param {number} position
 * @param {{target: string, draft: string, reflected: string}} names
 */
export function drawBells(svg, round, position, names) {
  const { gap, committed, draft, rejected } = places(round, position);
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  if (!Number.isFinite(gap)) {
    svg.replaceChildren();
    return;
  }
  const known = Number.isFinite(draft);
  const low = Math.min(-REACH, known ? Math.min(draft, committed) - 0.5 : 0);
  const high = Math.max(gap + REACH, known ? Math.max(draft, committed) + 0.5 : 0);
  const x = linear([low, high], [0, WIDTH]);
  const y = linear([0, 1], [GROUND, GROUND - TALL]);
  const curve = (/** @type {(value: number) => number} */ height) => line(graph(x, y, [low, high], height, SAMPLES));
  const both = `${curve((value) => Math.min(bell(value), bell(value - gap)))}L${WIDTH},${GROUND}L0,${GROUND}Z`;
  const parts = [
    s('path', { d: both, class: 'bell-overlap' }),
    s('line', { x1: 0, x2: WIDTH, y1: GROUND, y2: GROUND, class: 'bell-ground' }),
    s('path', { d: curve((value) => bell(value - gap)), class: 'bell-draft' }),
    s('path', { d: curve(bell), class: 'bell-target' }),
  ];
  // beside each other where there is no room over them
  const apart = x(gap) - x(0) > APART;
  parts.push(
    s('text', { x: x(0) - (apart ? 0 : 5), y: y(1) - 7, class: `bell-name ${apart ? '' : 'bell-name-left'}` }, names.target),
    s('text', { x: x(gap) + (apart ? 0 : 5), y: y(1) - 7, class: `bell-name bell-name-draft ${apart ? '' : 'bell-name-right'}` }, names.draft),
  );
  if (known) {
    // the peak test draws no point below the bell
    const under = Number.isFinite(round.lnU[position]) ? Math.exp(round.lnU[position]) : 1;
    const height = under * bell(draft - gap);
    parts.push(s('line', { x1: x(draft), x2: x(draft), y1: GROUND, y2: y(bell(draft - gap)), class: 'bell-stem' }));
    if (rejected) {
      const middle = x(gap / 2);
      const mirror = isPeak(round, position)
        ? []
        : [
            s('line', { x1: middle, x2: middle, y1: 8, y2: GROUND + 12, class: 'bell-mirror' }),
            s('text', { x: middle, y: HEIGHT - 4, class: 'bell-name bell-name-reflected' }, names.reflected),
          ];
      parts.push(
        ...mirror,
        s('path', { d: `M${x(draft)},${GROUND + 4}Q${middle},${GROUND + 34} ${x(committed)},${GROUND + 6}`, class: 'bell-leap' }),
        s('path', { d: diamond(x(committed), GROUND, 6), class: 'bell-reflected' }),
        s('path', { d: crossed(x(draft), y(height), 5), class: 'bell-cross' }),
      );
    } else {
      parts.push(s('circle', { cx: x(draft), cy: y(height), r: 5.5, class: 'bell-point' }));
    }
  }
  svg.replaceChildren(...parts);
}

/**
 * u on a line from 0 to 1, with the part of the line that accepts.
 * @param {SVGElement} svg
 * @param {Round} round
 * @param {number} position
 */
export function drawThreshold(svg, round, position) {
  const height = 44;
  const inset = 8;
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${height}`);
  const ratio = round.lnRatio[position];
  if (!Number.isFinite(round.lnU[position]) || Number.isNaN(ratio)) {
    svg.replaceChildren();
    return;
  }
  const x = linear([0, 1], [inset, WIDTH - inset]);
  const threshold = Math.min(1, Math.exp(ratio));
  const u = x(Math.exp(round.lnU[position]));
  const rejected = VERDICTS[round.verdict[position]] === 'rejected';
  svg.replaceChildren(
    s('rect', { x: x(0), y: 14, width: x(1) - x(0), height: 10, class: 'bar-all' }),
    s('rect', { x: x(0), y: 14, width: Math.max(1.5, x(threshold) - x(0)), height: 10, class: 'bar-accepts' }),
    s('line', { x1: x(threshold), x2: x(threshold), y1: 9, y2: 29, class: 'bar-threshold' }),
    rejected ? s('path', { d: crossed(u, 19, 5), class: 'bell-cross' }) : s('circle', { cx: u, cy: 19, r: 5.5, class: 'bell-point' }),
    s('text', { x: x(0), y: 42, class: 'bar-label bar-label-first' }, '0'),
    s('text', { x: x(1), y: 42, class: 'bar-label bar-label-last' }, '1'),
    s('text', { x: Math.max(26, Math.min(WIDTH - 26, u)), y: 42, class: 'bar-label' }, 'u'),
  );
}
