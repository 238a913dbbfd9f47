// @ts-check
/** Numbers, and what is said of a run. */

import * as say from '../../say/run.js';
import { sayer } from '../../say/index.js';
import { formats } from '../numbers.js';
import { choices } from './settings.js';

export const { whole, decimal, place, signed, precise, setting, ratio, duration, megabytes, significant, exponential, percent, less, more } = formats('en');

/** @param {number} count @param {string} word */
export const plural = (count, word) => `${whole(count)} ${word}${count === 1 ? '' : 's'}`;

/** @param {number} count */
export const calls = (count) => plural(count, 'call');

/** An adapter without a name. */
export const unnamed = 'unnamed adapter';

/** @param {import('../../engine/engine.js').Backend} backend */
export const engineName = (backend) => choices.engine[backend];

/** @type {import('../../say/index.js').Templates} */
export const templates = {
  cpu: 'CPU',
  cpuWorkers: ({ workers }) => `CPU · ${workers} workers`,
  gpu: ({ backend, adapter, software }) => `${choices.engine[backend]} · ${adapter}${software}`,
  unnamed,
  software: ' (software)',
  settings: ({ list }) => list.join(' · '),
  seed: (of) => `seed ${of.seed}`,
  guidance: (of) => `guidance ${setting(of.guidance)}`,
  length: (of) => `K = ${whole(of.steps)}`,
  eta: (of) => `η = ${setting(of.eta)}`,

  'both-time': ({ speculative, plain }) => `Both are done: ${duration(speculative)} against ${duration(plain)}.`,
  'both-calls': ({ speculative, plain }) => `Both are done: ${calls(speculative)} against ${whole(plain)}.`,
  plainDone: 'The standard sampler is done; the speculative one is still waiting.',
  plainWaits: ({ level, steps }) => `Standard sampler: step ${whole(level)} of ${whole(steps)}, still waiting.`,
  plainGoes: ({ level, steps }) => `Standard sampler: step ${whole(level)} of ${whole(steps)}.`,
  speculativeDone: (of) => `The speculative sampler is done after ${calls(of.calls)}. ${of.other}`,
  bothStart: ({ other }) => `Both start from the same noise. ${other}`,
  atRound: ({ round, other }) => `${round} ${other}`,

  roundLast: ({ number }) => `Round ${whole(number)} computed the last step, which has no noise and needs no test.`,
  roundOne: ({ number, drafted, accepted }) => `Round ${whole(number)} drafted ${plural(drafted, 'step')} and accepted ${whole(accepted)}.`,
  roundWhole: ({ number, drafted, accepted }) => `Round ${whole(number)} drafted ${plural(drafted, 'step')} and accepted ${whole(accepted)}: all of them.`,
  roundReplaced: ({ number, drafted, accepted, step }) =>
    `Round ${whole(number)} drafted ${plural(drafted, 'step')} and accepted ${whole(accepted)}; step ${whole(step)} was rejected and replaced.`,
  roundReflected: ({ number, drafted, accepted, step }) =>
    `Round ${whole(number)} drafted ${plural(drafted, 'step')} and accepted ${whole(accepted)}; step ${whole(step)} was rejected and reflected.`,

  result: ({ picture, one, other, where, speed, times, reason }) =>
    `${picture} after ${plural(one, 'sequential call')} instead of ${whole(other)}. ${where} it ${speed}: ${times}${reason}.`,
  samePicture: 'The same picture',
  otherPicture: ({ difference }) => `A picture that differs by up to ${difference} of 255 grey levels`,
  onCpu: 'On this CPU',
  onDevice: 'On this device',
  tookAsLong: 'took as long',
  wasSlower: 'was slower',
  wasFaster: 'was faster',
  times: ({ one, other }) => `${duration(one)} instead of ${duration(other)}`,
  serialRows: ', because here a call of several evaluations takes longer than one of a single evaluation',
  manyRows: ', because a call of several evaluations still takes longer here',
  cost: ({ one, other, against }) => `${whole(one)} instead of ${whole(other)} (${against})`,
  asMany: 'as many',
  fewer: ({ times }) => `${less(times)} fewer`,
  more: ({ times }) => `${more(times)} more`,
  timeCost: ({ times, against }) => `${times} (${against})`,
  timesAsLong: ({ times }) => `${more(times)} as long`,
  longer: ({ times }) => `${more(times)} longer`,
  timesFaster: ({ times }) => `${less(times)} faster`,
  shorter: ({ times }) => `${less(times)} shorter`,
  drafterNote: (of) =>
    `The drafts took ${calls(of.calls)} of the drafter, a smaller network, one after the other: they are in the time, not among the calls and evaluations.`,
  findNote: '“Find the fastest settings” times several windows and drafts on this device.',
};

export const deviceName = sayer(say.device, templates);
export const runWords = sayer(say.settings, templates);
export const cursorSentence = sayer(say.cursor, templates);
export const roundSentence = sayer(say.round, templates);
export const resultParts = sayer(say.result, templates);
