// @ts-check
/** Was neben den beiden Bahnen steht. */

import { calls, decimal, duration, whole } from './run.js';

/** @typedef {import('../../state/trace.js').LaneName} LaneName */

export const titles = { speculative: 'Spekulativ', plain: 'Standard' };
export const subtitles = { speculative: 'entwirft mehrere Schritte, prüft sie in einem Aufruf', plain: 'ein Aufruf für jeden Schritt' };
export const samplers = { speculative: 'Spekulativer Sampler', plain: 'Standard-Sampler' };
/** @param {LaneName} lane */
export const stateLabel = (lane) => `${samplers[lane]}: aktueller Zustand`;
/** @param {LaneName} lane */
export const estimateLabel = (lane) => `${samplers[lane]}: entrauschte Schätzung des Netzes`;
/** @param {LaneName} lane @param {number} level @param {number} steps */
export const trackLabel = (lane, level, steps) => `${samplers[lane]}: ${whole(level)} von ${whole(steps)} Schritten getan`;
export const counters = { calls: 'Aufrufe nacheinander', rows: 'Auswertungen', accepted: 'angenommen', stepsPerCall: 'Schritte je Aufruf' };
/** @param {{calls: number, rows: number, accepted: number, tested: number, stepsPerCall: number}} sum */
export const counted = ({ calls, rows, accepted, tested, stepsPerCall }) => ({
  calls: whole(calls),
  rows: whole(rows),
  accepted: `${whole(accepted)} von ${whole(tested)}`,
  stepsPerCall: calls > 0 ? decimal(stepsPerCall, stepsPerCall >= 10 ? 1 : 2) : '–',
});

/**
 * Wo eine Bahn steht, in drei Teilen, von denen der erste und der dritte nur auf breiten Bildschirmen stehen.
 * @param {number} level
 * @param {number} steps
 * @param {boolean} otherDone
 * @param {boolean} later wird nach der anderen gerechnet
 * @returns {[string, string, string]}
 */
export function status(level, steps, otherDone, later) {
  if (level === steps) return ['', 'fertig', ''];
  if (later) return ['', 'kommt danach', ''];
  return otherDone ? ['', 'wartet noch', ` · Schritt ${whole(level)} von ${whole(steps)}`] : ['Schritt ', `${whole(level)} von ${whole(steps)}`, ''];
}

/** Auf der gemeinsamen Achse. */
export const names = { speculative: 'spekulativ: ', plain: 'Standard: ' };
/** @param {number} end @param {import('../../state/trace.js').Axis} axis */
export const laneEnd = (end, axis) => (axis === 'time' ? duration(end) : calls(end));
