// @ts-check
/** What the figure “A hand that must not wait” says. */

import * as say from '../../say/policy.js';
import { sayer } from '../../say/index.js';
import { decimal, percent, plural, significant, whole } from './run.js';

export const lanes = { standard: 'Standard sampler: 100 calls a plan', speculative: 'Speculative sampler' };
export const planes = {
  standard: 'The plane of the hand that waits for the standard sampler',
  speculative: 'The plane of the hand that waits for the speculative sampler',
};
export const things = { block: 'The block: arrow keys move it, plus and minus turn it', goal: 'The goal: arrow keys move it, plus and minus turn it' };
export const hint = 'Drag the T or its dashed goal; the dot on the stem turns it. Both worlds change alike. Keyboard: Tab, arrows, + and −.';
export const call = 'One call takes';
/** @param {number} ms */
export const callNow = (ms) => `${ms < 1 ? significant(ms) : whole(Math.round(ms))} ms`;
export const clock = 'Time of a call';
export const simulated = 'simulated';
export const measured = 'as measured here';
export const meanwhile = 'While it waits the hand';
export const wait = 'stands still';
export const goOn = 'goes on';
export const [pause, play, step, kick, again, open] = ['Pause', 'Play', 'One tick', 'Kick both', 'New start', 'Open this plan'];
export const moving = 'the goal moves';
export const numbers = { coverage: 'of the goal covered', calls: 'calls for this plan', lost: 'ticks waited for plans' };
/** @param {number} share */
export const covered = (share) => percent(share);
/** @param {number} count */
export const callsOf = (count) => whole(count);
/** @param {number} count */
export const ticks = (count) => whole(count);
export const chartTitle = 'goal covered';
/** @param {number} seconds */
export const chartTime = (seconds) => `${whole(seconds)} s`;
/** @param {number[]} coverage */
export const chartLabel = ([standard, speculative]) =>
  `The share of the goal that is covered, over time. Now: standard sampler ${percent(standard)}, speculative ${percent(speculative)}.`;
export const noKick = 'There is no room for a kick here: drag the T towards the middle.';
export const nothingToOpen = 'There is no plan yet: let a tick or two pass.';

export const planTitle = 'The speculative hand’s last plan';
export const planLabel = 'The plane with the paths of one round of the plan';
export const level = 'Step';
/** @param {number} step @param {number} t */
export const levelNow = (step, t) => `${whole(step + 1)}, noise ${percent(Math.sin((Math.PI / 2) * t))}`;
export const legend = { accepted: 'accepted', rejected: 'rejected draft', committed: 'committed instead', discarded: 'discarded' };
export const showEstimates = 'show denoised estimates instead of states';
/** @param {number} count */
export const showFan = (count) => `${whole(count)} plans that might have been chosen`;
export const planNote = 'A state of this chain is a path of 16 commands, at first nothing but noise. The bold path belongs to the step of the slider.';

const s = (/** @type {number} */ count) => `${decimal(count / 10, 1)} s`;
/** @type {import('../../say/index.js').Templates} */
export const templates = {
  ready: 'While a sampler waits, the world moves.',
  chase: 'The goal moves by a pixel a tick. The hand with the older plan aims at where it was.',
  onTheWay: ({ ticks: count }) => `${s(count)}: neither hand has brought the T home.`,
  speculativeHome: (of) => `The speculative hand was home after ${s(of.speculative)}; the standard one is not after ${s(of.ticks)}.`,
  standardHome: (of) => `The standard hand was home after ${s(of.standard)}; the speculative one is not after ${s(of.ticks)}.`,
  bothSpeculative: (of) => `Home after ${s(of.speculative)} with speculative plans, after ${s(of.standard)} with standard ones.`,
  bothStandard: (of) => `Home after ${s(of.standard)} with standard plans, after ${s(of.speculative)} with speculative ones: chance decides too.`,
  bothAtOnce: (of) => `Both hands were home after ${s(of.standard)}.`,
  round: (of) =>
    `Round ${whole(of.number)} of ${whole(of.rounds)}: ${plural(of.drafted, 'step')} drafted, ${whole(of.accepted)} accepted, ${of.rejected}, ${whole(of.discarded)} discarded.`,
  noneRejected: 'none rejected',
  stepReflected: (of) => `step ${whole(of.step)} rejected and reflected`,
  stepReplaced: (of) => `step ${whole(of.step)} rejected and corrected by the peak test`,
};
export const verdict = sayer(say.verdict, templates);
export const roundSentence = sayer(say.round, templates);
