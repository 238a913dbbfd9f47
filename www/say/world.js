// @ts-check
/** What is said of a particle and of swarms on the plane. */

import { VERDICTS, acceptedIn, isPeak, stopOf } from '../state/trace.js';
import { optional } from './index.js';

/** @typedef {import('../state/trace.js').Round} Round */

/** @param {number} index @param {number} rounds @param {Round | undefined} round */
export const title = (index, rounds, round) =>
  round
    ? { key: round.length === 1 ? 'titleOne' : 'titleMany', number: index + 1, rounds, from: round.first + 1, to: round.first + round.length }
    : { key: 'titleBefore' };

/** @param {Round} round @param {boolean} rooted */
function verify(round, rooted) {
  if (round.s[0] === 0) return { key: 'verifyLast' };
  return {
    key: 'verify',
    given: { key: round.length > 1 ? 'meansOfAll' : rooted ? 'meanKnown' : 'meanOfOne', count: round.length },
    farthest: round.gap.reduce((most, gap) => (gap > most ? gap : most), 0),
  };
}

/** @param {Round} round */
export function round(round) {
  const stop = stopOf(round);
  return {
    key: 'round',
    count: round.length,
    accepted: acceptedIn(round),
    rejected: stop < 0 ? { key: 'noneRejected' } : { key: isPeak(round, stop) ? 'stepReplaced' : 'stepReflected', step: round.level[stop] + 1 },
    discarded: round.length - round.committed,
    last: optional(round.verdict.includes(VERDICTS.indexOf('deterministic')), 'lastUntested'),
  };
}

/**
 * @param {Round | undefined} of
 * @param {number} phase
 * @param {boolean} rooted whether a first call was made for its draft
 */
export function phase(of, phase, rooted) {
  if (!of) return { key: 'start' };
  return [
    { key: rooted ? 'draftRooted' : 'draftKnown', count: of.length },
    verify(of, rooted),
    round(of),
    { key: stopOf(of) < 0 ? 'committed' : 'committedToDiamond', committed: of.committed, calls: of.calls },
  ][phase];
}

/** @param {number} clusters @param {number} most */
export const clusters = (clusters, most) => ({ key: clusters === most ? 'clustersFull' : clusters === 1 ? 'clusterLast' : 'clusters', clusters });

/** @param {number} chains @param {number} calls */
export const panel = (chains, calls) => ({ key: chains === 0 ? 'noChains' : 'chains', chains, each: calls / chains });

/**
 * @param {{chains: number, exact: boolean, calls: number[], distance: number[], bound: number}} result calls of both samplers; the
 *   largest difference of the samples' distribution functions along each axis
 */
export function swarm({ chains, exact, calls: [one, other], distance: [x, y], bound }) {
  const differs = Math.max(x, y) > bound;
  return {
    key: exact ? 'swarm' : 'wrongSwarm',
    saved: { key: 'saved', one: one / chains, other: other / chains },
    x,
    y,
    bound,
    verdict: { key: exact ? (differs ? 'chance' : 'noDifference') : differs ? 'seen' : 'unseen', chains },
  };
}
