// @ts-check
/** The sentences of the staircase. */

import { decimal, duration, plural, ratio, setting, whole } from './run.js';

export const axes = { call: 'sequential call', step: 'step of the chain', standard: 'standard sampler' };
export const growth = { title: 'sequential calls', step: 'steps K', standard: 'standard sampler', speculative: 'speculative' };
export const legend = { accepted: 'accepted', rejected: 'rejected, replaced', discarded: 'discarded drafts', standard: 'standard sampler' };
export const source = 'Show';
export const sources = { recorded: 'recorded chains', shown: 'the run above', here: 'run here' };
export const length = 'Steps K';
export const cancel = 'Cancel';
export const cancelled = 'The run was cancelled.';
export const numbers = { calls: 'sequential calls', standard: 'standard sampler', fewer: 'saving', rows: 'evaluations per step' };
export const growthName = 'Sequential calls against steps, both axes logarithmic';

/** @typedef {{steps: number, calls: number, rows: number}} Costs */
/** @typedef {'recorded' | 'shown' | 'here'} Source */

/** @param {number} count */
export const calls = (count) => plural(count, 'call');
/** @param {number} steps */
export const steps = (steps) => `K = ${whole(steps)}`;

/** @param {number} count of steps */
export const run = (count) => `Run ${steps(count)} here`;

/** @param {Costs} costs */
export function numbersOf({ steps, calls, rows }) {
  return { calls: whole(calls), standard: whole(steps), fewer: fewer(steps, calls), rows: decimal(rows / steps, 1) };
}

/** @param {number} steps @param {number} calls */
const fewer = (steps, calls) =>
  calls === 0 ? '–' : calls < steps ? `${ratio(steps / calls)} fewer` : calls === steps ? 'as many' : `${ratio(calls / steps)} more`;

/** @param {number} factor */
const times = (factor) => ({ 2: 'twice', 5: 'five times', 10: 'ten times' })[factor] ?? `${setting(Number(factor.toFixed(1)))} times`;

/** @param {number} count */
const further = (count) =>
  count > 0
    ? `${whole(count)} more ${count === 1 ? 'call' : 'calls'}`
    : count === 0
      ? 'no more calls'
      : `${whole(-count)} fewer ${count === -1 ? 'call' : 'calls'}`;

/**
 * @param {Costs} one the chain that is shown
 * @param {Costs} other one to compare with
 */
export function recordedSentence(one, other) {
  const comparison =
    one.steps > other.steps
      ? `${capital(times(one.steps / other.steps))} the steps of K = ${whole(other.steps)} need ${further(one.calls - other.calls)}.`
      : `K = ${whole(other.steps)}, ${times(other.steps / one.steps)} the steps, needs ${further(other.calls - one.calls)}.`;
  return `${plural(one.steps, 'step')}: ${calls(one.calls)}. ${comparison}`;
}

/** @param {string} words */
const capital = (words) => words[0].toUpperCase() + words.slice(1);

/** @param {Costs} costs @param {Costs | undefined} recorded as many steps */
export const shownSentence = (costs, recorded) =>
  `The run above: ${plural(costs.steps, 'step')}, ${calls(costs.calls)} with ${rows(costs)}.${recorded ? ` The recorded chain of this length needs ${calls(recorded.calls)} with ${rows(recorded)}.` : ''}`;

/** @param {Costs} costs */
const rows = ({ steps, rows: count }) => `${decimal(count / steps, 1)} evaluations per step`;

/**
 * @param {Costs & {ms: number}} costs
 * @param {Costs | undefined} recorded as many steps
 */
export const hereSentence = ({ steps, calls: count, ms }, recorded) =>
  `Run here: ${plural(steps, 'step')}, ${calls(count)} in ${duration(ms)}${recorded ? `; the recorded chain of this length needs ${recorded.calls}` : ''}.`;

/** @param {Source} source @param {string} settings */
export const provenance = (source, settings) => `${{ recorded: 'Recorded', shown: 'The run above', here: 'Run on this device' }[source]}: ${settings}`;

/** @param {number} done @param {number} steps @param {number} count */
export const progressSentence = (done, steps, count) => `Step ${whole(done)} of ${whole(steps)} after ${calls(count)}.`;

/** @param {Costs} costs @param {string} sentence */
export const stairsName = ({ steps, calls: count }, sentence) =>
  `Staircase of ${calls(count)}: each stair is a round, as wide as the steps it committed. The standard sampler’s line takes a call for each of ${plural(steps, 'step')}. ${sentence}`;
