// @ts-check
/** What is said of the times of windows and drafts on this device. */

import { decimal, duration, engineName, plural, whole } from './run.js';

/** @typedef {import('../../engine/engine.js').Timed} Timed */

export const heads = ['Draft and window', 'Sequential calls', 'Evaluations', 'Time', 'Against the standard sampler'];
/** @param {number | undefined} workers on the CPU */
export const title = (workers) => `On this device${workers ? `, with ${plural(workers, 'worker')} on the CPU` : ''}`;
export const measuring = 'Measuring …';
/** @param {number} ms the shortest time @param {number} most the longest */
const range = (ms, most) => (duration(ms) === duration(most) ? duration(ms) : `${duration(ms)} to ${duration(most)}`);
/** @param {Timed} line @param {Timed | undefined} plain */
export const cells = ({ calls, rows, ms, most }, plain) => ({
  calls: whole(calls),
  rows: whole(rows),
  time: range(ms, most),
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

/** How often a line was timed, and which of its times counts. @param {Timed[]} lines */
const timing = (lines) =>
  lines.some(({ times }) => times < 2)
    ? 'Not all was timed twice, as that would have taken long: how far those times scatter is not known.'
    : 'Each was timed twice, and the shorter time counts.';

/**
 * Which engine, draft and window is fastest, and what that means.
 * @param {ReturnType<typeof import('../../figures/measured.js').fastest>} fastest
 * @param {Timed[]} lines
 */
export function sentence({ best, limit, tied }, lines) {
  if (!limit) return '';
  const where = !onSeveral(lines) ? '' : limit.engine === 'cpu' ? ' on the CPU' : ' on WebGPU';
  const times = `${duration(best.ms)} instead of ${duration(limit.ms)}`;
  const set = `It is set now, and the address keeps it. ${timing(lines)}`;
  if (tied) {
    const other = tied.line === limit ? `the standard sampler${where}` : timedWords(tied.line, lines);
    const plain = tied.line === limit ? '' : ` The standard sampler took ${duration(limit.ms)}${where}.`;
    return `Within the scatter of these times, ${timedWords(best, lines)} and ${other} are equally fast: ${duration(best.ms)} and ${duration(tied.line.ms)}, while times of the same run differ by up to ${duration(tied.scatter)}.${plain} The first is set now, with ${best.calls} calls instead of ${limit.calls}, and the address keeps it. ${timing(lines)}`;
  }
  if (limit.ms < best.ms) {
    return `The standard sampler was fastest${where}: speculation saves sequential calls, and here a call costs as much as its network evaluations. Of the speculative ones ${timedWords(best, lines)} comes nearest, with ${times}. ${set}`;
  }
  return `The fastest here is ${timedWords(best, lines)}: ${times} for the standard sampler${where}, with ${best.calls} calls instead of ${limit.calls}. ${set}`;
}
