// @ts-check
/** What the microscope says of one round and its steps. */

import * as say from '../../say/round.js';
import { sayer } from '../../say/index.js';
import { percent, plural, significant, whole } from './run.js';

export const phases = ['draft', 'verify', 'accept / reject', 'commit'];
export const buttons = { before: '← previous round', after: 'next round →', slow: 'Slow motion', stop: 'Stop' };
export const groups = {
  phases: 'Phases of the round',
  window: 'The window, one button per step. Arrow keys move between steps.',
  pages: 'Steps of the window',
};
/** @param {string} why */
export const problem = (why) => `The recorded rounds could not be loaded (${why}). Run live above, and look at the rounds of that run.`;
export const noPictures = 'The recorded run has no pictures of its drafts. Run one live to see its rounds here.';

export const step = 'Step ';
export const reused = 'reused';
export const reusedHelp = 'drafted with an estimate reused from an earlier round';
/** Below a step of the strip, by what is known of it; the second is for those who do not see it. @type {Record<string, [string, string]>} */
export const marks = {
  accepted: ['accepted', ''],
  rejected: ['rejected', 'and reflected'],
  replaced: ['rejected', 'and replaced'],
  deterministic: ['no test', ''],
  discarded: ['discarded', ''],
  drafted: ['draft', ''],
  verifying: ['verifying', ''],
  empty: ['', 'not drafted yet'],
};
/** @param {number} gap */
export const gapBar = (gap) => `distance of the means: ${significant(gap)}`;
export const pathWords = { axis: 'ln of target over draft, summed', peak: 'the peak: commit up to here', beyond: 'no peak within the window: all committed' };
export const pictures = {
  draftMean: 'draft mean',
  targetMean: 'target mean',
  difference: 'difference',
  draft: 'draft',
  committed: 'committed',
  reflected: 'reflected',
};
export const bellNames = { target: 'target', draft: 'draft', reflected: 'reflected' };
export const bellsLabel = 'The draft’s and the target’s Gaussian along the line between their means, with the tested point';
export const thresholdLabel = 'u on a line from 0 to 1; the shaded part accepts';
export const answered = 'The network has been evaluated here; the test comes next.';
export const unasked = 'Drafted only: the network has not been evaluated here yet.';

/** @type {import('../../say/index.js').Templates} */
export const templates = {
  titleOne: ({ number, rounds, from }) => `Round ${whole(number)} of ${whole(rounds)}: step ${whole(from)}`,
  titleMany: ({ number, rounds, from, to }) => `Round ${whole(number)} of ${whole(rounds)}: steps ${whole(from)} to ${whole(to)}`,
  stepOpen: (of) => `Step ${whole(of.step)}`,
  stepJudged: (of) => `Step ${whole(of.step)}, ${marks[of.verdict][0]}`,
  noDifference: 'no difference to see',
  difference: ({ gain }) => `difference × ${gain}`,
  differenceOfBytes: ({ gain }) => `difference × ${gain} (of 8-bit pictures)`,
  pathPeak: (of) => `The summed logarithm of target over draft density has its peak in step ${whole(of.step)}; the window is committed up to there`,
  pathBeyond: 'The summed logarithm of target over draft density has its peak only after the window, so all of it is committed',

  time: 'time t',
  scale: 'noise scale s',
  gap: 'distance of the means |D|',
  probability: 'acceptance probability',
  ratio: 'likelihood ratio',
  u: 'u',
  threshold: 'threshold',
  value: ({ value }) => significant(value),
  passedValue: ({ value }) => `${significant(value)} (always passes)`,
  percent: ({ value }) => percent(value, 1),

  draftPhase: ({ count, unasked, source }) => `The sampler drafts ${plural(count, 'step')}${unasked}. ${source}`,
  targetUnasked: ' without a call of the network itself',
  networkUnasked: ' without a call of the network',
  independent: ({ times }) => `A smaller network, the drafter, was called instead, ${times}.`,
  corrected: ({ times }) => `A smaller network, the drafter, was called instead, ${times}. Its error was estimated from earlier calls of the network.`,
  once: 'once',
  oftener: ({ count }) => `${whole(count)} times in sequence`,
  frozen: 'A first call of the network gives its estimate of the clean picture, and the draft keeps that estimate for the whole window.',
  'frozen-drift': 'A first call of the network gives the drift, and the draft keeps that drift for the whole window.',
  kept: ({ kept }) =>
    `${kept === 1 ? 'One step uses' : `${kept} steps use`} an estimate that an earlier round made for the same step; the others copy the latest one.`,
  keptMoved: ({ kept }) =>
    `${kept === 1 ? 'One step uses' : `${kept} steps use`} an estimate that an earlier round made for the same step, moved along with its state; the others copy the latest one.`,
  rooted: 'A first call of the network gives its estimate of the clean picture, and the draft keeps it.',
  copied: 'Every step copies the latest estimate; the network is not evaluated.',
  verifyRooted: 'The first call has already given the mean of the target, so no second call is needed.',
  verifyPhase: ({ looks, known }) => `One call of the network ${looks}${known}.`,
  looksAtOne: 'gives the mean of the target for this step',
  looksAtAll: ({ count }) => `gives the means of the target for all ${plural(count, 'step')} at once`,
  firstKnown: ' (the first is known from the first call)',
  judgeTogether: ({ judged }) => `All drafts are judged together, by the peak of their running likelihood ratio. ${judged}`,
  judgeEach: ({ judged }) => `From left to right, each draft is tested against its target mean. ${judged}`,
  stopped: ({ passed, step, becomes, beyond }) =>
    `${passed}; step ${whole(step)} is rejected and ${becomes}, so it has exactly the target’s distribution.${beyond}`,
  firstFails: 'The very first one fails',
  firstPasses: 'The first one passes',
  firstPass: ({ accepted }) => `The first ${whole(accepted)} pass`,
  goesOn: 'continued from the peak by the target',
  isReflected: 'replaced by its reflection',
  beyondDiscarded: ' What was drafted after it is discarded untested.',
  noTest: 'The last step has no noise: it is computed by the target and needs no test.',
  onePasses: 'It passes.',
  allPass: ({ accepted }) => `All ${whole(accepted)} pass.`,
  commitPhase: (of) =>
    `${plural(of.committed, 'step')} committed for ${plural(of.calls, 'sequential call')} and ${plural(of.rows, 'network evaluation')}${of.rest}`,
  discarded: (of) => `; ${whole(of.discarded)} discarded.`,
  discardedReused: (of) => `; ${whole(of.discarded)} discarded, but the next draft reuses estimates and noise from after the rejection.`,

  'at-discarded': (of) => `Step ${whole(of.step)} was discarded without a test, because the round stopped before it.`,
  'at-deterministic': (of) => `Step ${whole(of.step)} has no noise: it is computed by the target and needs no test.`,
  'at-accepted-by-peak': (of) => `Step ${whole(of.step)} was accepted: the running likelihood ratio peaks only after this step, so the peak test keeps it.`,
  'at-rejected-by-peak': (of) =>
    `Step ${whole(of.step)} was rejected: the running likelihood ratio peaks within this step. The draft is kept up to the peak, and the target continues from there, so the step has exactly the target’s distribution.`,
  'at-accepted': (of) => `Step ${whole(of.step)} was accepted: ${of.tested}. ${of.chance}`,
  'at-rejected': (of) =>
    `Step ${whole(of.step)} was rejected: ${of.tested}. ${of.chance} It is reflected in the plane midway between the two means, so the step has exactly the target’s distribution.`,
  tested: (of) => `u = ${significant(of.u)} against the threshold ${significant(of.threshold)}`,
  testedAlways: (of) => `u = ${significant(of.u)} against the threshold ${significant(of.threshold)}, which always passes`,
  chance: (of) => `A draft whose mean is ${significant(of.gap)} from the target’s is accepted ${percent(of.probability, of.digits)} of the time, on average.`,
};

export const title = sayer(say.title, templates);
export const stepTitle = sayer(say.stepTitle, templates);
export const pathLabel = sayer(say.path, templates);
export const difference = sayer(say.difference, templates);
export const numbers = sayer(say.numbers, templates);
export const phaseSentences = sayer(say.phases, templates);
export const positionSentence = sayer(say.position, templates);
