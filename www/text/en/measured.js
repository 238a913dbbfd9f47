// @ts-check
/** What is said of the times of windows and drafts on this device. */

import { decimal, duration, engineName, plural, whole } from './run.js';

/** @typedef {import('../../engine/engine.js').Timed} Timed */

export const heads = ['Draft and window', 'Sequential calls', 'Evaluations', 'Time', 'Against the standard sampler'];
/** @param {number | undefined} workers on the CPU */
export const title = (workers) => `On this device${workers ? `, with ${plural(workers, 'worker')} on the CPU` : ''}`;
export const measuring = 'Measuring …';
/** @param {Timed} line @param {Timed | undefined} plain */
export const cells = ({ calls, rows, ms }, plain) => ({
  calls: whole(calls),
  rows: whole(rows),
  time: duration(ms),
  share: plain ? `${decimal(ms / plain.ms, 2)}×` : '',
});

/** @param {Timed[]} lines */
const onSeveral = (lines) => new Set(lines.map(({ engine }) => engine)).size > 1;

/**
 * @param {Timed} line
 * @param {Timed[]} lines that it is one of
 */
export function timedWords({ engine, lane, draft, window }, lines) {
  const words = lane === 'plain' ? 'standard sampler' : `${draft}, L\u00a0=\u00a0${window}`;
  return onSeveral(lines) ? `${engineName(engine)}: ${words}` : words;
}

/**
 * Which engine, draft and window is fastest, and what that means.
 * @param {{best: Timed, limit: Timed | undefined}} fastest
 * @param {Timed[]} lines
 */
export function sentence({ best, limit }, lines) {
  if (!limit) return '';
  const where = !onSeveral(lines) ? '' : limit.engine === 'cpu' ? ' on the CPU' : ' on WebGPU';
  const times = `${duration(best.ms)} instead of ${duration(limit.ms)}`;
  if (limit.ms < best.ms) {
    return `The standard sampler was fastest${where}: speculation saves sequential calls, and here a call costs as much as its network evaluations. Of the speculative ones ${timedWords(best, lines)} comes nearest, with ${times}. It is set now, and the address keeps it.`;
  }
  return `The fastest here is ${timedWords(best, lines)}: ${times} for the standard sampler${where}, with ${best.calls} calls instead of ${limit.calls}. It is set now, and the address keeps it.`;
}
