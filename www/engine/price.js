// @ts-check
/** What a step is expected to take at a measured price: for choosing an engine before it has run. */

import { LONGEST } from '../state/settings.js';

/** Share of drafted steps that are rejected, for a first guess. */
const REJECTED = 1 / 8;

/**
 * Milliseconds that a committed step takes with the best window, if one draft in eight is rejected.
 * @param {import('./worker.js').Price} price
 */
export function stepTime({ row, lanes, few }) {
  let [best, reached, committed] = [Infinity, 1, 0];
  for (let rows = 1; rows <= LONGEST; rows++) {
    committed += reached;
    reached *= 1 - REJECTED;
    best = Math.min(best, (few.ms * (1 + row * (Math.ceil(rows / lanes) - 1))) / committed);
  }
  return best;
}
