// @ts-check
/** What the microscope says of one round and its steps. */

import { acceptedIn, isPeak, stopOf, verdictOf } from '../state/trace.js';
import { optional } from './index.js';

/** @typedef {import('../state/trace.js').Trace} Trace */
/** @typedef {import('../state/trace.js').Round} Round */

/** From here on a chance in whole percent would read as certainty. */
const NEARLY_ALWAYS = 0.995;

/** @param {number} index @param {number} rounds @param {Round} round */
export const title = (index, rounds, { first, length }) => ({
  key: length === 1 ? 'titleOne' : 'titleMany',
  number: index + 1,
  rounds,
  from: first + 1,
  to: first + length,
});

/** @param {Round} round @param {number} position @param {boolean} judged */
export const stepTitle = (round, position, judged) => ({
  key: judged ? 'stepJudged' : 'stepOpen',
  step: round.level[position] + 1,
  verdict: verdictOf(round, position),
});

/** @param {Round} round */
export const path = (round) => (stopOf(round) >= 0 ? { key: 'pathPeak', step: round.level[stopOf(round)] + 1 } : { key: 'pathBeyond' });

/** @param {number} gain 0 where there is nothing to amplify @param {boolean} eightBit */
export const difference = (gain, eightBit) => ({ key: gain === 0 ? 'noDifference' : eightBit ? 'differenceOfBytes' : 'difference', gain });

/**
 * The numbers of a step: a name and a value each.
 * @param {Round} round
 * @param {number} position
 * @param {boolean} tested
 */
export function numbers(round, position, tested) {
  const line = (/** @type {string} */ name, /** @type {number} */ value, key = 'value') => [{ key: name }, { key, value }];
  const [lnU, lnRatio] = [round.lnU[position], round.lnRatio[position]];
  const always = [line('time', round.time[position]), line('scale', round.s[position])];
  if (!tested) return always;
  const chance = [...always, line('gap', round.gap[position]), line('probability', round.probability[position], 'percent')];
  return isPeak(round, position)
    ? [...chance, line('ratio', Math.exp(lnRatio))]
    : [...chance, line('u', Math.exp(lnU)), line('threshold', Math.exp(lnRatio), lnRatio >= 0 ? 'passedValue' : 'value')];
}

/** What the draft of a round took for granted. @param {Round} round @param {string} draft @param {boolean} rooted whether a first call was made for it */
function source({ carried, draftCalls }, draft, rooted) {
  if (draft === 'independent' || draft === 'corrected') return { key: draft, times: { key: draftCalls === 1 ? 'once' : 'oftener', count: draftCalls } };
  if (draft === 'frozen' || draft === 'frozen-drift') return { key: draft };
  const kept = carried.reduce((sum, flag) => sum + flag, 0);
  if (kept > 0) return { key: draft === 'secant' ? 'keptMoved' : 'kept', kept };
  return { key: rooted ? 'rooted' : 'copied' };
}

/**
 * A sentence for each phase of a round.
 * @param {Round} round
 * @param {Trace} trace
 */
export function phases(round, { settings: { draft } }) {
  const drafted = draft === 'independent' || draft === 'corrected';
  const rooted = draft === 'frozen' || draft === 'frozen-drift' || (!drafted && round.first === 0);
  const { length: count, committed, calls, rows } = round;
  const discarded = count - committed;
  return [
    { key: 'draftPhase', count, unasked: optional(!rooted, drafted ? 'targetUnasked' : 'networkUnasked'), source: source(round, draft, rooted) },
    rooted && count === 1
      ? { key: 'verifyRooted' }
      : { key: 'verifyPhase', looks: { key: count === 1 ? 'looksAtOne' : 'looksAtAll', count }, known: optional(rooted, 'firstKnown') },
    { key: isPeak(round, 0) ? 'judgeTogether' : 'judgeEach', judged: judged(round) },
    { key: 'commitPhase', committed, calls, rows, rest: rest(discarded, draft) },
  ];
}

/** @param {Round} round */
function judged(round) {
  const accepted = acceptedIn(round);
  const stop = stopOf(round);
  if (stop < 0) return { key: accepted === 0 ? 'noTest' : accepted === 1 ? 'onePasses' : 'allPass', accepted };
  return {
    key: 'stopped',
    passed: { key: accepted === 0 ? 'firstFails' : accepted === 1 ? 'firstPasses' : 'firstPass', accepted },
    step: round.level[stop] + 1,
    becomes: { key: isPeak(round, stop) ? 'goesOn' : 'isReflected' },
    beyond: optional(round.length > round.committed, 'beyondDiscarded'),
  };
}

/** @param {number} discarded @param {string} draft */
const rest = (discarded, draft) => (discarded === 0 ? '.' : { key: draft === 'carry' || draft === 'secant' ? 'discardedReused' : 'discarded', discarded });

/** @param {Round} round @param {number} position */
export function position(round, position) {
  const verdict = verdictOf(round, position);
  const step = round.level[position] + 1;
  if (verdict === 'discarded' || verdict === 'deterministic') return { key: `at-${verdict}`, step };
  if (isPeak(round, position)) return { key: `at-${verdict}-by-peak`, step };
  const [lnRatio, probability] = [round.lnRatio[position], round.probability[position]];
  return {
    key: `at-${verdict}`,
    step,
    tested: { key: lnRatio >= 0 ? 'testedAlways' : 'tested', u: Math.exp(round.lnU[position]), threshold: Math.min(1, Math.exp(lnRatio)) },
    chance: { key: 'chance', gap: round.gap[position], probability, digits: probability > NEARLY_ALWAYS ? 2 : 0 },
  };
}
