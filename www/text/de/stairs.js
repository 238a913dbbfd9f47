// @ts-check
/** Die Sätze der Treppe. */

import { calls as callsOf, decimal, duration, plural, ratio, setting, whole } from './run.js';

export const axes = { call: 'Aufrufe nacheinander', step: 'Schritt der Kette', standard: 'Standard-Sampler' };
export const growth = { title: 'Aufrufe nacheinander', step: 'Schritte K', standard: 'Standard-Sampler', speculative: 'spekulativ' };
export const legend = { accepted: 'angenommen', rejected: 'abgelehnt, ersetzt', discarded: 'verworfene Entwürfe', standard: 'Standard-Sampler' };
export const source = 'Zeigen';
export const sources = { recorded: 'Aufzeichnung', shown: 'Lauf oben', here: 'hier' };
export const length = 'Schritte K';
export const cancel = 'Abbrechen';
export const cancelled = 'Der Lauf wurde abgebrochen.';
export const numbers = { calls: 'Aufrufe nacheinander', standard: 'Standard-Sampler', fewer: 'Ersparnis', rows: 'Auswertungen je Schritt' };
export const growthName = 'Aufrufe nacheinander über der Zahl der Schritte, beide Achsen logarithmisch';

/** @typedef {{steps: number, calls: number, rows: number}} Costs */
/** @typedef {'recorded' | 'shown' | 'here'} Source */

export const calls = callsOf;
/** @param {number} count */
const afterCalls = (count) => plural(count, 'Aufruf', 'Aufrufen');
/** @param {number} count */
const stepsOf = (count) => plural(count, 'Schritt', 'Schritte');
/** @param {number} steps */
export const steps = (steps) => `K = ${whole(steps)}`;

/** @param {number} count Schritte */
export const run = (count) => `${steps(count)} hier rechnen`;

/** @param {Costs} costs */
export function numbersOf({ steps, calls, rows }) {
  return { calls: whole(calls), standard: whole(steps), fewer: fewer(steps, calls), rows: decimal(rows / steps, 1) };
}

/** @param {number} steps @param {number} calls */
const fewer = (steps, calls) =>
  calls === 0 ? '–' : calls < steps ? `${ratio(steps / calls)} weniger` : calls === steps ? 'gleich viele' : `${ratio(calls / steps)} mehr`;

/** @param {number} factor */
const times = (factor) => ({ 2: 'doppelt', 5: 'fünfmal', 10: 'zehnmal' })[factor] ?? `${setting(Number(factor.toFixed(1)))}-mal`;

/** @param {number} count */
const further = (count) => (count > 0 ? `${calls(count)} mehr` : count === 0 ? 'keinen Aufruf mehr' : `${calls(-count)} weniger`);

/**
 * @param {Costs} one die Kette, die gezeigt wird
 * @param {Costs} other eine zum Vergleich
 */
export function recordedSentence(one, other) {
  const comparison =
    one.steps > other.steps
      ? `Das sind ${times(one.steps / other.steps)} so viele Schritte wie bei K = ${whole(other.steps)}, und es braucht ${further(one.calls - other.calls)}.`
      : `K = ${whole(other.steps)}, ${times(other.steps / one.steps)} so viele Schritte, braucht ${further(other.calls - one.calls)}.`;
  return `${stepsOf(one.steps)}: ${calls(one.calls)}. ${comparison}`;
}

/** @param {Costs} costs @param {Costs | undefined} recorded mit ebenso vielen Schritten */
export const shownSentence = (costs, recorded) =>
  `Der Lauf oben: ${stepsOf(costs.steps)}, ${calls(costs.calls)} mit ${rows(costs)}.${recorded ? ` Die aufgezeichnete Kette dieser Länge braucht ${calls(recorded.calls)} mit ${rows(recorded)}.` : ''}`;

/** @param {Costs} costs */
const rows = ({ steps, rows: count }) => `${decimal(count / steps, 1)} Auswertungen je Schritt`;

/**
 * @param {Costs & {ms: number}} costs
 * @param {Costs | undefined} recorded mit ebenso vielen Schritten
 */
export const hereSentence = ({ steps, calls: count, ms }, recorded) =>
  `Hier gerechnet: ${stepsOf(steps)}, ${calls(count)} in ${duration(ms)}${recorded ? `; die aufgezeichnete Kette dieser Länge braucht ${recorded.calls}` : ''}.`;

/** @param {Source} source @param {string} settings */
export const provenance = (source, settings) =>
  `${{ recorded: 'Aufgezeichnet', shown: 'Der Lauf oben', here: 'Auf diesem Gerät gerechnet' }[source]}: ${settings}`;

/** @param {number} done @param {number} steps @param {number} count */
export const progressSentence = (done, steps, count) => `Schritt ${whole(done)} von ${whole(steps)} nach ${afterCalls(count)}.`;

/** @param {Costs} costs @param {string} sentence */
export const stairsName = ({ steps, calls: count }, sentence) =>
  `Treppe aus ${afterCalls(count)}: Jede Stufe ist eine Runde, so breit wie die Schritte, die sie übernommen hat. Die Linie des Standard-Samplers braucht für jeden von ${plural(steps, 'Schritt', 'Schritten')} einen Aufruf. ${sentence}`;
