// @ts-check
/** What is said of a run: at the cursor, of a round, and of its result. */

import { acceptedIn, isPeak, outcome, stopOf, totals } from '../state/trace.js';
import { CLEAR } from '../text/numbers.js';
import { optional } from './index.js';

/** @typedef {import('../state/trace.js').Trace} Trace */
/** @typedef {import('../state/trace.js').Columns} Columns */
/** @typedef {import('../state/trace.js').Round} Round */

/** Ratios this near to 1 are none. */
const EVEN = 0.05;

/** @param {import('../state/trace.js').Device} device */
export const device = ({ backend, adapter, software, workers = 1 }) =>
  backend === 'cpu'
    ? { key: workers > 1 ? 'cpuWorkers' : 'cpu', workers }
    : { key: 'gpu', backend, adapter: adapter || { key: 'unnamed' }, software: optional(software, 'software') };

/** The settings of a run, those that differ from the usual ones. @param {import('../state/settings.js').RunSettings} settings */
export const settings = ({ seed, model, class: kind, guidance, steps, eta, window, draft, rule }) => ({
  key: 'settings',
  list: [
    { key: 'seed', seed },
    ...(model === 'faces' ? [] : [model]),
    ...(kind === 'any' ? [] : [kind]),
    ...(guidance > 1 ? [{ key: 'guidance', guidance }] : []),
    { key: 'length', steps },
    { key: 'eta', eta },
    `L = ${window}`,
    draft,
    ...(rule === 'auto' ? [] : [rule]),
  ],
});

/** @param {Round} round @param {number} number counted from 1 */
export function round(round, number) {
  const accepted = acceptedIn(round);
  const stop = stopOf(round);
  const inside = { number, drafted: round.length, accepted };
  if (accepted === 0 && stop < 0) return { key: 'roundLast', number };
  if (stop < 0) return { key: round.length > 1 ? 'roundWhole' : 'roundOne', ...inside };
  return { key: isPeak(round, stop) ? 'roundReplaced' : 'roundReflected', ...inside, step: round.level[stop] + 1 };
}

/**
 * What happened at the cursor.
 * @param {Trace} trace
 * @param {Columns} table
 * @param {import('../state/trace.js').Cursor} cursor
 */
export function cursor(trace, table, cursor) {
  const speculative = totals(table.speculative, cursor.rounds);
  const plain = totals(table.plain, cursor.plain);
  const [isDone, isPlainDone] = [speculative, plain].map(({ level }) => level === table.steps);
  if (isDone && isPlainDone) {
    const unit = cursor.axis === 'time' ? 'time' : 'calls';
    return { key: `both-${unit}`, speculative: speculative[unit], plain: plain[unit] };
  }
  const other = { key: isPlainDone ? 'plainDone' : isDone ? 'plainWaits' : 'plainGoes', level: plain.level, steps: table.steps };
  if (isDone) return { key: 'speculativeDone', calls: speculative.calls, other };
  if (cursor.rounds === 0) return { key: 'bothStart', other };
  return { key: 'atRound', round: round(trace.rounds[cursor.rounds - 1], cursor.rounds), other };
}

/**
 * The result of a finished run, in its own numbers, good or bad.
 * @param {Trace} trace
 * @param {Columns} table
 */
export function result(trace, table) {
  const { speculative: one, plain: other, costs, difference, same, draftCalls } = outcome(trace, table);
  const { backend, software } = trace.source.device;
  const isCpu = backend === 'cpu';
  const isSlower = costs.time < 1;
  const count = (/** @type {'calls' | 'rows'} */ name) => ({
    key: 'cost',
    one: one[name],
    other: other[name],
    against: costs[name] === 1 ? { key: 'asMany' } : costs[name] > 1 ? { key: 'fewer', times: costs[name] } : { key: 'more', times: 1 / costs[name] },
  });
  const times = isSlower ? 1 / costs.time : costs.time;
  const isClear = times >= CLEAR;
  const isEven = Math.abs(costs.time - 1) < EVEN;
  return {
    line: {
      key: 'result',
      picture: same ? { key: 'samePicture' } : { key: 'otherPicture', difference },
      one: one.calls,
      other: other.calls,
      where: { key: isCpu ? 'onCpu' : 'onDevice' },
      speed: { key: isEven ? 'tookAsLong' : isSlower ? 'wasSlower' : 'wasFaster' },
      times: { key: 'times', one: one.time, other: other.time },
      reason: optional(isSlower && !isEven && draftCalls === 0, isCpu || software ? 'serialRows' : 'manyRows'),
    },
    calls: count('calls'),
    rows: count('rows'),
    time: {
      key: 'timeCost',
      times: { key: 'times', one: one.time, other: other.time },
      against: { key: isSlower ? (isClear ? 'timesAsLong' : 'longer') : isClear ? 'timesFaster' : 'shorter', times },
    },
    notes: [...(draftCalls > 0 ? [{ key: 'drafterNote', calls: draftCalls }] : []), ...(isSlower && draftCalls === 0 && isCpu ? [{ key: 'findNote' }] : [])],
  };
}
