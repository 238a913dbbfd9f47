// @ts-check
/** What is said of the two crescents. */

import { decimal, percent as inPercent, place, plural, significant, whole } from './run.js';

/** @typedef {import('../../figures/crescent/draws.js').Rule} Rule */
/** @typedef {import('../../figures/crescent/draws.js').Trial} Trial */

export const distance = 'Distance of the means';
export const flip = 'Flip it';
export const flipBack = 'Flip it back';
export const question = 'What to do with a draft that fails';
/** @type {Record<Rule, string>} */
export const rules = {
  reflection: 'Reflect it',
  'keep-noise': 'Move it without reflecting',
  redraw: 'Draw again from the target',
  'accept-all': 'Accept it anyway',
};
export const exactness = (/** @type {boolean} */ exact) => (exact ? 'exact' : 'not exact');
export const drawOne = 'Draw one';
export const drawMany = (/** @type {number} */ count) => `Draw ${whole(count)}`;
export const clear = 'Clear';
export const names = { target: 'target', draft: 'draft', mirror: 'halfway', committed: 'committed values' };
export const keys = { both: 'in both: accepted', out: 'sticks out: rejected', open: 'not covered' };
/** @type {Record<Rule, string>} */
export const fates = {
  reflection: 'rejected, then reflected',
  'keep-noise': 'rejected, then moved',
  redraw: 'rejected, then drawn again',
  'accept-all': 'failed, but accepted',
};
export const accepted = 'accepted';
export const labels = { draws: 'draws', accepted: 'pass the test', mean: 'mean', deviation: 'deviation' };
export const none = '–';

/** @param {number} share */
const percent = (share) => inPercent(share, 1);
export const overlapIs = (/** @type {number} */ share) => `overlap ${percent(share)}`;
/** @param {number} wanted @param {number} spread @param {boolean} off */
export const wantedIs = (wanted, spread, off) => `${off ? 'not' : 'target'} ${wanted} ± ${decimal(spread, 2)}`;

/**
 * @param {number} gap
 * @param {number} share
 * @param {number} count
 * @param {Rule} rule
 * @param {boolean} exact
 * @param {boolean} flipped
 */
export function picture(gap, share, count, rule, exact, flipped) {
  return `Two bells of the same width: the target around 0, solid, and the draft around ${place(gap)}, dashed. They overlap by ${percent(share)}. ${flipped ? 'The crescent of the draft is flipped over the dotted line halfway and fills the uncovered part of the target.' : 'What sticks out of the draft and what is left uncovered of the target are mirror images about the dotted line halfway.'} Below: a histogram of ${plural(count, 'committed value')} on the target’s curve; drafts that fail: ${rules[rule].toLowerCase()} (${exactness(exact)}).`;
}

/** @param {number} share of the overlap */
export function flippedWords(share) {
  return `Reflected at the dotted line, the ${percent(1 - share)} of the draft that sticks out fills exactly the ${percent(1 - share)} of the target that was uncovered. Accepted and reflected drafts together have the target’s distribution.`;
}

/** @param {number} share of the overlap */
export function unflippedWords(share) {
  return `${percent(share)} of the draft lies under the target’s bell. The rest sticks out as a crescent, and the target has an uncovered part of the same size.`;
}

/**
 * One draw.
 * @param {Trial} trial
 * @param {Rule} rule
 */
export function trialWords({ draft, u, threshold, passed, committed }, rule) {
  const tested = `u = ${significant(u)} against the threshold ${significant(threshold)}`;
  if (passed) return `The draft ${place(draft)} is accepted: ${tested}. Its point lies under the target’s bell.`;
  const failed = `The draft ${place(draft)} fails: ${tested}. Its point lies above the target’s bell, in the crescent.`;
  return `${failed} ${
    {
      reflection: `It is reflected at the dotted line, to ${place(committed)}, in the part that was uncovered.`,
      'keep-noise': `It is moved without reflecting: its noise is added to the target’s mean as it is, which gives ${place(committed)}. Not exact.`,
      redraw: `A new value is drawn from the target, ${place(committed)}. Not exact: the accepted drafts lie there already.`,
      'accept-all': 'It is accepted anyway. Not exact.',
    }[rule]
  }`;
}

/**
 * Many draws.
 * @param {import('../../parts/bells.js').Pile} pile
 * @param {number} share of the overlap
 * @param {Rule} rule
 * @param {boolean} exact
 * @param {boolean} off whether mean or deviation lie outside of what chance explains
 */
export function pileWords({ count, passed, mean, deviation }, share, rule, exact, off) {
  if (count === 0) return `No draws yet. The bells overlap by ${percent(share)}: that share of the drafts will be accepted.`;
  const numbers = `${plural(count, 'draw')}: ${percent(passed / count)} passed the test (the bells overlap by ${percent(share)}). The committed values have mean ${place(mean)} and deviation ${place(deviation)} (target: 0 and 1)`;
  if (exact) return `${numbers}. The distribution is the target’s, however bad the draft: a bad draft only passes less often.`;
  if (passed === count) return `${numbers}. Not exact, but here no draft failed, so nothing went wrong.`;
  return `${numbers}. Not exact: ${off ? 'the histogram misses the curve' : 'these numbers do not show it; look at the shape of the histogram'}.`;
}
