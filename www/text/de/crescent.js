// @ts-check
/** Was über die beiden Sicheln gesagt wird. */

import { decimal, percent as inPercent, place, plural, significant, whole } from './run.js';

/** @typedef {import('../../figures/crescent/draws.js').Rule} Rule */
/** @typedef {import('../../figures/crescent/draws.js').Trial} Trial */

export const distance = 'Abstand der Mittelwerte';
export const flip = 'Umklappen';
export const flipBack = 'Zurückklappen';
export const question = 'Was mit einem durchgefallenen Entwurf geschieht';
/** @type {Record<Rule, string>} */
export const rules = {
  reflection: 'Spiegeln',
  'keep-noise': 'Verschieben ohne Spiegeln',
  redraw: 'Neu aus dem Ziel ziehen',
  'accept-all': 'Trotzdem annehmen',
};
export const exactness = (/** @type {boolean} */ exact) => (exact ? 'exakt' : 'nicht exakt');
export const drawOne = 'Einmal ziehen';
export const drawMany = (/** @type {number} */ count) => `${whole(count)}-mal ziehen`;
export const clear = 'Leeren';
export const names = { target: 'Ziel', draft: 'Entwurf', mirror: 'Mitte', committed: 'übernommene Werte' };
export const keys = { both: 'in beiden: angenommen', out: 'steht über: abgelehnt', open: 'nicht abgedeckt' };
/** @type {Record<Rule, string>} */
export const fates = {
  reflection: 'abgelehnt, dann gespiegelt',
  'keep-noise': 'abgelehnt, dann verschoben',
  redraw: 'abgelehnt, dann neu gezogen',
  'accept-all': 'durchgefallen, aber angenommen',
};
export const accepted = 'angenommen';
export const labels = { draws: 'Ziehungen', accepted: 'bestehen den Test', mean: 'Mittelwert', deviation: 'Streuung' };
export const none = '–';

/** @param {number} share */
const percent = (share) => inPercent(share, 1);
export const overlapIs = (/** @type {number} */ share) => `Überlappung ${percent(share)}`;
/** @param {number} wanted @param {number} spread @param {boolean} off */
export const wantedIs = (wanted, spread, off) => `${off ? 'nicht' : 'Ziel'} ${wanted} ± ${decimal(spread, 2)}`;

/** @type {Record<Rule, string>} */
const done = { reflection: 'gespiegelt', 'keep-noise': 'ohne Spiegeln verschoben', redraw: 'neu aus dem Ziel gezogen', 'accept-all': 'trotzdem angenommen' };

/**
 * @param {number} gap
 * @param {number} share
 * @param {number} count
 * @param {Rule} rule
 * @param {boolean} exact
 * @param {boolean} flipped
 */
export function picture(gap, share, count, rule, exact, flipped) {
  return `Zwei gleich breite Glocken: das Ziel um 0, durchgezogen, und der Entwurf um ${place(gap)}, gestrichelt. Sie überlappen sich zu ${percent(share)}. ${flipped ? 'Die Sichel des Entwurfs ist über die gepunktete Linie in der Mitte geklappt und füllt den nicht abgedeckten Teil des Ziels.' : 'Was am Entwurf übersteht und was am Ziel nicht abgedeckt ist, sind Spiegelbilder an der gepunkteten Linie in der Mitte.'} Darunter: ein Histogramm von ${plural(count, 'übernommenem Wert', 'übernommenen Werten')} auf der Kurve des Ziels; durchgefallene Entwürfe werden ${done[rule]} (${exactness(exact)}).`;
}

/** @param {number} share der Überlappung */
export function flippedWords(share) {
  return `An der gepunkteten Linie gespiegelt füllen die ${percent(1 - share)} des Entwurfs, die überstehen, genau die ${percent(1 - share)} des Ziels, die nicht abgedeckt waren. Angenommene und gespiegelte Entwürfe zusammen haben die Verteilung des Ziels.`;
}

/** @param {number} share der Überlappung */
export function unflippedWords(share) {
  return `${percent(share)} des Entwurfs liegen unter der Glocke des Ziels. Der Rest steht als Sichel über, und das Ziel hat einen gleich großen Teil, der nicht abgedeckt ist.`;
}

/**
 * Eine Ziehung.
 * @param {Trial} trial
 * @param {Rule} rule
 */
export function trialWords({ draft, u, threshold, passed, committed }, rule) {
  const tested = `u = ${significant(u)} gegen die Schwelle ${significant(threshold)}`;
  if (passed) return `Der Entwurf ${place(draft)} wird angenommen: ${tested}. Sein Punkt liegt unter der Glocke des Ziels.`;
  const failed = `Der Entwurf ${place(draft)} fällt durch: ${tested}. Sein Punkt liegt über der Glocke des Ziels, in der Sichel.`;
  return `${failed} ${
    {
      reflection: `Er wird an der gepunkteten Linie auf ${place(committed)} gespiegelt, in den Teil, der nicht abgedeckt war.`,
      'keep-noise': `Er wird ohne Spiegeln verschoben: Sein Rauschen wird unverändert zum Mittelwert des Ziels addiert, das ergibt ${place(committed)}. Nicht exakt.`,
      redraw: `Aus dem Ziel wird ein neuer Wert gezogen, ${place(committed)}. Nicht exakt: Dort liegen schon die angenommenen Entwürfe.`,
      'accept-all': 'Er wird trotzdem angenommen. Nicht exakt.',
    }[rule]
  }`;
}

/**
 * Viele Ziehungen.
 * @param {import('../../parts/bells.js').Pile} pile
 * @param {number} share der Überlappung
 * @param {Rule} rule
 * @param {boolean} exact
 * @param {boolean} off ob Mittelwert oder Streuung außerhalb dessen liegen, was der Zufall erklärt
 */
export function pileWords({ count, passed, mean, deviation }, share, rule, exact, off) {
  if (count === 0) return `Noch keine Ziehung. Die Glocken überlappen sich zu ${percent(share)}: Dieser Anteil der Entwürfe wird angenommen.`;
  const numbers = `${plural(count, 'Ziehung', 'Ziehungen')}: ${percent(passed / count)} haben den Test bestanden (die Glocken überlappen sich zu ${percent(share)}). Die übernommenen Werte haben den Mittelwert ${place(mean)} und die Streuung ${place(deviation)} (Ziel: 0 und 1)`;
  if (exact) return `${numbers}. Die Verteilung ist die des Ziels, wie schlecht der Entwurf auch ist: Ein schlechter besteht nur seltener.`;
  if (passed === count) return `${numbers}. Nicht exakt, aber hier ist kein Entwurf durchgefallen, also ging nichts schief.`;
  return `${numbers}. Nicht exakt: ${off ? 'Das Histogramm verfehlt die Kurve' : 'Diese Zahlen zeigen es nicht; die Form des Histogramms zeigt es'}.`;
}
