// @ts-check
/** What is said of two hands. */

import { acceptedIn, isPeak, stopOf } from '../state/trace.js';

/** Ticks until each was home, if it is. @typedef {{standard: number | undefined, speculative: number | undefined, moving: boolean, ticks: number}} Homes */

/** @param {Homes} of */
export function verdict({ standard, speculative, moving, ticks }) {
  if (ticks === 0) return { key: 'ready' };
  if (moving) return { key: 'chase' };
  if (standard === undefined && speculative === undefined) return { key: 'onTheWay', ticks };
  if (standard === undefined) return { key: 'speculativeHome', speculative, ticks };
  if (speculative === undefined) return { key: 'standardHome', standard, ticks };
  return { key: speculative < standard ? 'bothSpeculative' : standard < speculative ? 'bothStandard' : 'bothAtOnce', standard, speculative };
}

/** @param {import('../state/trace.js').Round} round @param {number} index @param {number} rounds */
export function round(round, index, rounds) {
  const stop = stopOf(round);
  return {
    key: 'round',
    number: index + 1,
    rounds,
    drafted: round.length,
    accepted: acceptedIn(round),
    rejected: stop < 0 ? { key: 'noneRejected' } : { key: isPeak(round, stop) ? 'stepReplaced' : 'stepReflected', step: round.level[stop] + 1 },
    discarded: round.length - round.committed,
  };
}
