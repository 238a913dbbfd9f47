// @ts-check
/** Was über einen Schritt als Glocke gesagt wird. */

import { decimal, plural, significant } from './run.js';

export const where = 'Wohin das Netz den Mittelwert setzt';
export const unit = 'in Einheiten des Rauschens';
export const drawOne = 'Einmal ziehen';
export const drawMany = (/** @type {number} */ count) => `${count}-mal ziehen`;
export const clear = 'Leeren';
export const names = { target: 'Netz', guess: 'Vermutung' };
export const keys = { target: 'wohin das Netz sie setzt', guess: 'eine Vermutung', both: 'in beiden Glocken', sample: 'Stichprobe' };
export const labels = { draws: 'Ziehungen', mean: 'ihr Mittelwert', deviation: 'ihre Streuung', common: 'den Glocken gemeinsam' };

export const percent = (/** @type {number} */ share) => `${decimal(100 * share, 1)} %`;
/** @param {number} value */
export const place = (value) => decimal(value, 2).replace(/^−0,00$/, '0,00');

/**
 * @param {number} mean
 * @param {number} common
 * @param {number} count
 */
export function picture(mean, common, count) {
  return `Eine durchgezogene Glocke um ${place(mean)}, wohin das Netz den Mittelwert setzt, und eine gestrichelte um 0, eine Vermutung. ${percent(common)} ist beiden gemeinsam. Unter der durchgezogenen Glocke liegt ein Histogramm von ${plural(count, 'Ziehung', 'Ziehungen')}.`;
}

/** @param {number} mean @param {number} common @param {number} count */
export function moved(mean, common, count) {
  const kept = count > 0 ? ' Das Rauschen der Ziehungen ist dasselbe wie vorher, daher wandern sie mit.' : '';
  return `Die Glocke des Netzes steht bei ${place(mean)}.${kept} Mit der Vermutung hat sie ${percent(common)} gemeinsam: So oft lässt sich ein Zustand behalten, der um die Vermutung gezogen wurde.`;
}

/**
 * @param {number} mean
 * @param {number} noise
 * @param {number} times wie wahrscheinlich der Zustand um die Vermutung ist, gegenüber dem Mittelwert des Netzes
 */
export function drawn(mean, noise, times) {
  return `Das Netz hat den Mittelwert auf ${place(mean)} gesetzt, das Rauschen hat ${place(noise)} hinzugefügt: Der nächste Zustand ist ${place(mean + noise)}. Um die Vermutung ist derselbe Zustand ${significant(times)}-mal so wahrscheinlich.`;
}

/**
 * @param {number} count
 * @param {number} mean der Glocke
 * @param {number} common
 */
export function piled(count, mean, common) {
  return `${plural(count, 'Ziehung', 'Ziehungen')}. Das Netz hat nur bestimmt, dass die Glocke bei ${place(mean)} steht; wohin jede Ziehung fiel, war Zufall. ${percent(common)} ist beiden Glocken gemeinsam, derselbe Zustand kann also aus beiden stammen.`;
}

export const cleared = 'Noch keine Ziehung.';
