// @ts-check
/** What the microscope says of one round and its steps. */

import { acceptedIn, isPeak, stopOf, verdictOf } from '../../state/trace.js';
import { decimal, plural, significant } from './run.js';

/** @typedef {import('../../state/trace.js').Trace} Trace */
/** @typedef {import('../../state/trace.js').Round} Round */

export const phases = ['draft', 'verify', 'accept / reject', 'commit'];
export const buttons = { before: '← previous round', after: 'next round →', slow: 'Slow motion', stop: 'Stop' };
/** Which rounds the microscope shows: a value and its words. */
export const roundChoices = [
  ['example', 'recorded, windows of 12'],
  ['run', 'the run above'],
];
export const groups = {
  phases: 'Phases of the round',
  window: 'The window, one button per step. Arrow keys move between steps.',
  pages: 'Steps of the window',
};
/** @param {string} why */
export const problem = (why) => `The recorded rounds could not be loaded (${why}). Run live above, and look at the rounds of that run.`;

/** @param {number} index @param {number} rounds @param {Round} round */
export const title = (index, rounds, { first, length }) =>
  `Round ${index + 1} of ${rounds}: ${length === 1 ? `step ${first + 1}` : `steps ${first + 1} to ${first + length}`}`;
export const step = 'Step ';
export const reused = 'reused';
export const reusedHelp = 'drafted with a prediction reused from an earlier round';
/** Below a step of the strip, by what is known of it; the second is for those who do not see it. @type {Record<string, [string, string]>} */
export const marks = {
  accepted: ['accepted', ''],
  rejected: ['rejected', 'and reflected'],
  deterministic: ['no test', ''],
  discarded: ['discarded', ''],
  drafted: ['draft', ''],
  verifying: ['verifying', ''],
  empty: ['', 'not drafted yet'],
};
/** @param {number} gap */
export const gapBar = (gap) => `distance of the means: ${significant(gap)}`;
export const pathWords = { axis: 'ln of target over draft, summed', peak: 'the peak: commit up to here', beyond: 'no peak within the window: all committed' };
/** @param {Round} round */
export const pathLabel = (round) =>
  stopOf(round) >= 0
    ? `The summed logarithm of target over draft density along the window has its peak in step ${round.level[stopOf(round)] + 1}; the window is committed up to there`
    : 'The summed logarithm of target over draft density along the window rises higher behind it than within, so all of it is committed';

export const pictures = {
  draftMean: 'draft mean',
  targetMean: 'target mean',
  difference: 'difference',
  draft: 'draft',
  committed: 'committed',
  reflected: 'reflected',
};
/** @param {number} gain 0 where there is nothing to amplify @param {boolean} eightBit */
export const difference = (gain, eightBit) => (gain > 0 ? `difference × ${gain}${eightBit ? ' (of 8-bit pictures)' : ''}` : 'no difference to see');
export const bellNames = { target: 'target', draft: 'draft', reflected: 'reflected' };
export const bellsLabel = 'The draft’s and the target’s Gaussian along the line between their means, with the tested point';
export const thresholdLabel = 'u on a line from 0 to 1; the shaded part accepts';
/** @param {Round} round @param {number} position @param {boolean} judged */
export function stepTitle(round, position, judged) {
  const word = verdictOf(round, position);
  return `Step ${round.level[position] + 1}${judged ? `, ${word === 'deterministic' ? 'no test' : word}` : ''}`;
}
export const answered = 'The target has said where it would have gone from here; the test follows.';
export const unasked = 'Drafted only: the target has not been asked yet.';

/**
 * The numbers of a step: a name and a value each.
 * @param {Round} round
 * @param {number} position
 * @param {boolean} tested
 */
export function numbers(round, position, tested) {
  const entries = [
    ['time t', significant(round.time[position])],
    ['noise scale s', significant(round.s[position])],
  ];
  if (!tested) return entries;
  entries.push(
    ['distance of the means |D|', significant(round.gap[position])],
    ['acceptance probability', `${decimal(100 * round.probability[position], 1)} %`],
  );
  if (isPeak(round, position)) return [...entries, ['likelihood ratio', significant(Math.exp(round.lnRatio[position]))]];
  return [
    ...entries,
    ['u', significant(Math.exp(round.lnU[position]))],
    ['threshold', `${significant(Math.exp(round.lnRatio[position]))}${round.lnRatio[position] >= 0 ? ' (always passes)' : ''}`],
  ];
}

/**
 * What the draft of a round took for granted.
 * @param {Round} round
 * @param {string} draft
 * @param {boolean} rooted whether a root call was made for it
 */
function draftSentence(round, draft, rooted) {
  if (draft === 'independent' || draft === 'corrected') {
    return `A smaller network, the drafter, was asked instead${draft === 'corrected' ? ', and what it gets wrong was estimated from earlier calls' : ''}, ${round.draftCalls === 1 ? 'once' : `${round.draftCalls} times, one small call behind the other`}.`;
  }
  if (draft === 'frozen') return 'One root call predicts the clean picture, and the draft holds that prediction still for the whole window.';
  const kept = round.carried.reduce((sum, flag) => sum + flag, 0);
  if (kept > 0) {
    return `${kept === 1 ? 'One step uses' : `${kept} steps use`} a prediction that an earlier round made for the same step${draft === 'secant' ? ', moved along with its state' : ''}; the others copy the last one known.`;
  }
  return rooted
    ? 'A root call predicts the clean picture once, and the draft holds it still.'
    : 'Every step copies the last prediction known; the network is not asked.';
}

/**
 * One sentence for each phase of a round.
 * @param {Round} round
 * @param {Trace} trace
 */
export function phaseSentences(round, trace) {
  const { draft } = trace.settings;
  const drafted = draft === 'independent' || draft === 'corrected';
  const rooted = draft === 'frozen' || (!drafted && round.first === 0);
  const unasked = rooted ? '' : ` without asking the ${drafted ? 'target' : 'network'}`;
  const stop = stopOf(round);
  const accepted = acceptedIn(round);
  const discarded = round.length - round.committed;
  const judged =
    stop >= 0
      ? `${accepted === 0 ? 'The very first one fails' : accepted === 1 ? 'The first one passes' : `The first ${accepted} pass`}; step ${round.level[stop] + 1} is rejected and ${isPeak(round, stop) ? 'goes on from its peak as the target would' : 'replaced by its reflection'}, so the step has exactly the target’s distribution.${discarded > 0 ? ' What lies beyond is discarded untested.' : ''}`
      : accepted === 0
        ? 'The last step has no noise: it is taken as the target says, without a test.'
        : accepted === 1
          ? 'It passes.'
          : `All ${accepted} pass.`;
  return [
    `The sampler drafts ${plural(round.length, 'step')}${unasked}. ${draftSentence(round, draft, rooted)}`,
    rooted && round.length === 1
      ? 'The root call has already said where the target would have gone: no second call is needed.'
      : `One call of the network looks at ${round.length === 1 ? 'the step and says where the target would have gone from it' : `all ${plural(round.length, 'step')} at once and says where the target would have gone from each`}${rooted ? ' (the first is known from the root call)' : ''}.`,
    `${isPeak(round, 0) ? 'All drafts are judged together, by the highest point of the path of their likelihood ratios.' : 'From left to right, each draft is tested against its target mean.'} ${judged}`,
    `${plural(round.committed, 'step')} committed for ${plural(round.calls, 'sequential call')} and ${plural(round.rows, 'network evaluation')}` +
      `${discarded > 0 ? `; ${discarded} discarded${draft === 'carry' || draft === 'secant' ? ', though predictions and noises past the rejection are reused by the next draft' : ''}.` : '.'}`,
  ];
}

/**
 * @param {Round} round
 * @param {number} position
 */
export function positionSentence(round, position) {
  const step = `Step ${round.level[position] + 1}`;
  const word = verdictOf(round, position);
  if (word === 'discarded') return `${step} was discarded without a test, because the round stopped before it.`;
  if (word === 'deterministic') return `${step} has no noise, so it is taken as the target says, without a test.`;
  if (isPeak(round, position)) {
    return word === 'accepted'
      ? `${step} was accepted: the window’s path of likelihood ratios rises higher behind it than within it or before, so the peak test keeps it.`
      : `${step} was rejected: the window’s path of likelihood ratios has its peak within this step. Up to the peak the draft is kept, from there the chain goes on as the target would, so the step has exactly the target’s distribution.`;
  }
  const threshold = Math.min(1, Math.exp(round.lnRatio[position]));
  const tested = `u = ${significant(Math.exp(round.lnU[position]))} against the threshold ${significant(threshold)}${round.lnRatio[position] >= 0 ? ', which always passes' : ''}`;
  const chance = `A draft whose mean is ${significant(round.gap[position])} from the target’s is accepted ${decimal(100 * round.probability[position], round.probability[position] > 0.995 ? 2 : 0)} % of the time, on average.`;
  return word === 'accepted'
    ? `${step} was accepted: ${tested}. ${chance}`
    : `${step} was rejected: ${tested}. ${chance} It is reflected in the plane midway between the two means, so the step has exactly the target’s distribution.`;
}
