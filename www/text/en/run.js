// @ts-check
/** Numbers and sentences. All that the page says about a run is said here, from its trace. */

import { acceptedIn, isPeak, outcome, stopOf, totals } from '../../state/trace.js';
import { CLEAR, formats } from '../numbers.js';
import { choices } from './settings.js';

/** @typedef {import('../../state/trace.js').Trace} Trace */
/** @typedef {import('../../state/trace.js').Columns} Columns */
/** @typedef {import('../../state/trace.js').Cursor} Cursor */
/** @typedef {import('../../state/trace.js').Round} Round */
/** @typedef {import('../../state/trace.js').Device} Device */

/** Ratios this near to 1 are none. */
const EVEN = 0.05;
export const { whole, decimal, setting, ratio, duration, megabytes, significant, exponential, less, more } = formats('en', '.');

/** @param {number} count @param {string} word */
export const plural = (count, word) => `${whole(count)} ${word}${count === 1 ? '' : 's'}`;

/** @param {number} count */
export const calls = (count) => plural(count, 'call');

/** An adapter without a name. */
export const unnamed = 'unnamed adapter';

/** @param {import('../../engine/engine.js').Backend} backend */
export const engineName = (backend) => choices.engine[backend];

/** @param {Device} device */
export function deviceName(device) {
  if (device.backend === 'cpu') return device.workers && device.workers > 1 ? `CPU · ${device.workers} workers` : 'CPU';
  return `${choices.engine[device.backend]} · ${device.adapter || unnamed}${device.software ? ' (software)' : ''}`;
}

/**
 * What happened at the cursor, for eyes and for screen readers.
 * @param {Trace} trace
 * @param {Columns} table
 * @param {Cursor} cursor
 */
export function cursorSentence(trace, table, cursor) {
  const speculative = totals(table.speculative, cursor.rounds);
  const plain = totals(table.plain, cursor.plain);
  const speculativeDone = speculative.level === table.steps;
  const plainDone = plain.level === table.steps;
  if (speculativeDone && plainDone) {
    return cursor.axis === 'time'
      ? `Both are done: ${duration(speculative.time)} against ${duration(plain.time)}.`
      : `Both are done: ${calls(speculative.calls)} against ${plain.calls}.`;
  }
  const other = plainDone
    ? 'The standard sampler is done; the speculative one is still waiting.'
    : `Standard sampler: step ${plain.level} of ${table.steps}${speculativeDone ? ', still waiting' : ''}.`;
  if (speculativeDone) return `The speculative sampler is done after ${calls(speculative.calls)}. ${other}`;
  if (cursor.rounds === 0) return `Both start from the same noise. ${other}`;
  return `${roundSentence(trace.rounds[cursor.rounds - 1], cursor.rounds)} ${other}`;
}

/** @param {import('../../state/settings.js').RunSettings} settings */
export function runWords({ seed, model, class: kind, guidance, steps, eta, window, draft, rule }) {
  const shown = model === 'faces' ? [] : [model];
  const chosen = kind === 'any' ? [] : [kind];
  const guided = guidance > 1 ? [`guidance ${setting(guidance)}`] : [];
  return [
    `seed ${seed}`,
    ...shown,
    ...chosen,
    ...guided,
    `K = ${steps}`,
    `η = ${setting(eta)}`,
    `L = ${window}`,
    draft,
    ...(rule === 'auto' ? [] : [rule]),
  ].join(' · ');
}

/**
 * @param {Round} round
 * @param {number} number counted from 1
 */
export function roundSentence(round, number) {
  const accepted = acceptedIn(round);
  const stop = stopOf(round);
  if (accepted === 0 && stop < 0) return `Round ${number} took the last step, which has no noise and needs no test.`;
  const drafted = `Round ${number} drafted ${plural(round.length, 'step')} and accepted ${accepted}`;
  return stop < 0
    ? `${drafted}${round.length > 1 ? ': all of them' : ''}.`
    : `${drafted}; step ${round.level[stop] + 1} was rejected and ${isPeak(round, stop) ? 'replaced' : 'reflected'}.`;
}

/**
 * The result of a finished run, in its own numbers, good or bad.
 * @param {Trace} trace
 * @param {Columns} table
 */
export function resultParts(trace, table) {
  const { speculative: one, plain: other, costs, difference, same, draftCalls } = outcome(trace, table);
  const shown = same ? 'The same picture' : `A picture that differs by up to ${difference} of 255 grey levels`;
  const against = (/** @type {number} */ value) => (value === 1 ? 'as many' : value > 1 ? `${less(value)} fewer` : `${more(1 / value)} more`);
  const longer = (/** @type {number} */ value) => `${more(value)} ${value >= CLEAR ? 'as long' : 'longer'}`;
  const shorter = (/** @type {number} */ value) => `${less(value)} ${value >= CLEAR ? 'faster' : 'shorter'}`;
  const drafter =
    draftCalls > 0
      ? `The drafts took ${calls(draftCalls)} of the drafter, a smaller network, one behind the other: they are in the time, not among the calls and evaluations.`
      : '';
  const slower = costs.time < 1;
  const { device } = trace.source;
  const where = device.backend === 'cpu' ? 'On this CPU' : 'On this device';
  const times = `${duration(one.time)} instead of ${duration(other.time)}`;
  const because =
    !slower || drafter
      ? ''
      : device.backend === 'cpu' || device.software
        ? ', because here a call of several evaluations takes longer than one of a single evaluation'
        : ', because a call of several evaluations still takes longer here';
  const speed = Math.abs(costs.time - 1) < EVEN ? `${where} it took as long: ${times}` : `${where} it was ${slower ? 'slower' : 'faster'}: ${times}${because}`;
  const why = slower && !drafter && device.backend === 'cpu' ? '“Find the fastest settings” times several windows and drafts on this device.' : '';
  return {
    line: `${shown} after ${plural(one.calls, 'sequential call')} instead of ${other.calls}. ${speed}.`,
    calls: `${one.calls} instead of ${other.calls} (${against(costs.calls)})`,
    rows: `${one.rows} instead of ${other.rows} (${against(costs.rows)})`,
    time: `${times} (${slower ? longer(1 / costs.time) : shorter(costs.time)})`,
    notes: [drafter, why].filter(Boolean),
  };
}
