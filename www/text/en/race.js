// @ts-check
/** What stands beside the two lanes. */

import { calls, decimal, duration, whole } from './run.js';

/** @typedef {import('../../state/trace.js').LaneName} LaneName */

export const titles = { speculative: 'Speculative', plain: 'Standard' };
export const subtitles = { speculative: 'drafts several steps, checks them in one call', plain: 'one call for every step' };
export const samplers = { speculative: 'Speculative sampler', plain: 'Standard sampler' };
/** @param {LaneName} lane */
export const stateLabel = (lane) => `${samplers[lane]}: current state`;
/** @param {LaneName} lane */
export const estimateLabel = (lane) => `${samplers[lane]}: the network’s denoised estimate`;
/** @param {LaneName} lane @param {number} level @param {number} steps */
export const trackLabel = (lane, level, steps) => `${samplers[lane]}: ${whole(level)} of ${whole(steps)} steps taken`;
export const counters = { calls: 'sequential calls', rows: 'evaluations', accepted: 'accepted', stepsPerCall: 'steps per call' };
/** @param {{calls: number, rows: number, accepted: number, tested: number, stepsPerCall: number}} sum */
export const counted = ({ calls, rows, accepted, tested, stepsPerCall }) => ({
  calls: whole(calls),
  rows: whole(rows),
  accepted: `${whole(accepted)} of ${whole(tested)}`,
  stepsPerCall: calls > 0 ? decimal(stepsPerCall, stepsPerCall >= 10 ? 1 : 2) : '–',
});

/**
 * Where a lane is, in three parts of which the first and third stand on wide screens only.
 * @param {number} level
 * @param {number} steps
 * @param {boolean} otherDone
 * @param {boolean} later computed after the other
 * @returns {[string, string, string]}
 */
export function status(level, steps, otherDone, later) {
  if (level === steps) return ['', 'done', ''];
  if (later) return ['', 'computed next', ''];
  return otherDone ? ['', 'still waiting', ` · step ${whole(level)} of ${whole(steps)}`] : ['step ', `${whole(level)} of ${whole(steps)}`, ''];
}

/** On the shared axis. */
export const names = { speculative: 'speculative: ', plain: 'standard: ' };
/** @param {number} end @param {import('../../state/trace.js').Axis} axis */
export const laneEnd = (end, axis) => (axis === 'time' ? duration(end) : calls(end));
