// @ts-check
/** How much memory the pictures of a run take, and which are dropped when that is too much. */

import { LONGEST } from './settings.js';

/** @typedef {import('./trace.js').Trace} Trace */
/** @typedef {import('./trace.js').Round} Round */

/** Pictures of discarded positions are dropped from the oldest rounds on, once a run keeps more than this. */
export const KEEP_BYTES = 150e6;
/** Images that are kept for each position of a window. */
const PICTURES = /** @type {const} */ (['draftMean', 'draft', 'targetMean', 'estimate']);
/** Of each step that is committed: its state, and what the standard sampler keeps of it. */
const STEP_PICTURES = 3;
/** Numbers of the largest model's picture, and bytes of a number. */
const LARGEST = 784;
const BYTES = 4;

/**
 * Bytes of pictures that a run would keep at most, if none were dropped.
 * @param {import('./settings.js').RunSettings} settings
 * @param {Trace} known a run, from which the size of its model's pictures is known
 */
export function mayKeep({ steps, window, model }, known) {
  const length = Math.min(steps, typeof window === 'number' ? window : LONGEST);
  const dim = known.settings.model === model ? known.dim : LARGEST;
  // every round a single step; near the end windows are as short as what is left
  const positions = length * (steps - (length - 1) / 2);
  return (PICTURES.length * positions + STEP_PICTURES * steps) * dim * BYTES;
}

/** Drops pictures of what was discarded, from the oldest rounds on, while the run keeps too much. @param {Trace} of */
export function slim({ rounds }) {
  const bytes = (/** @type {Round} */ round) => PICTURES.reduce((sum, name) => sum + (round[name]?.byteLength ?? 0), 0);
  let kept = rounds.reduce((sum, round) => sum + bytes(round), 0);
  for (const round of rounds.slice(0, -1)) {
    if (kept < KEEP_BYTES) return;
    if (round.draft.length === round.state.length) continue;
    const before = bytes(round);
    for (const name of PICTURES) round[name] = round[name].slice(0, round.state.length);
    kept += bytes(round) - before;
  }
}
