// @ts-check
/** Was über einen Schritt als Glocke gesagt wird. */

import { percent as inPercent, place, plural, significant, whole } from './run.js';

export const where = 'Mittelwert, den das Netz liefert';
export const unit = 'in Einheiten des Rauschens';
export const drawOne = 'Einmal ziehen';
export const drawMany = (/** @type {number} */ count) => `${whole(count)}-mal ziehen`;
export const clear = 'Leeren';
export const names = { target: 'Ziel', guess: 'Entwurf' };
export const keys = { target: 'Ziel', guess: 'Entwurf', both: 'Überlappung', sample: 'Stichprobe' };
export const labels = { draws: 'Ziehungen', mean: 'ihr Mittelwert', deviation: 'ihre Streuung', common: 'Überlappung' };

/** @param {number} share */
const percent = (share) => inPercent(share, 1);

/**
 * @param {number} mean
 * @param {number} common
 * @param {number} count
 */
export function picture(mean, common, count) {
  return `Eine durchgezogene Glocke, das Ziel, um ${place(mean)}, den Mittelwert, den das Netz liefert, und eine gestrichelte, der Entwurf, um 0. Sie überlappen sich zu ${percent(common)}. Unter der durchgezogenen Glocke liegt ein Histogramm von ${plural(count, 'Ziehung', 'Ziehungen')}.`;
}

/** @param {number} mean @param {number} common @param {number} count */
export function moved(mean, common, count) {
  const kept = count > 0 ? ' Das Rauschen der Ziehungen ist dasselbe wie vorher, daher wandern sie mit.' : '';
  return `Der Mittelwert des Ziels ist ${place(mean)}.${kept} Die Glocken überlappen sich zu ${percent(common)}: So oft kann ein Zustand behalten werden, der aus dem Entwurf gezogen wurde.`;
}

/**
 * @param {number} mean
 * @param {number} noise
 * @param {number} times wie wahrscheinlich der Zustand um den Mittelwert des Entwurfs ist, gegenüber dem des Ziels
 */
export function drawn(mean, noise, times) {
  return `Das Netz hat den Mittelwert ${place(mean)} geliefert, das Rauschen hat ${place(noise)} hinzugefügt: Der nächste Zustand ist ${place(mean + noise)}. Um den Mittelwert des Entwurfs ist derselbe Zustand ${significant(times)}-mal so wahrscheinlich.`;
}

/**
 * @param {number} count
 * @param {number} mean der Glocke
 * @param {number} common
 */
export function piled(count, mean, common) {
  return `${plural(count, 'Ziehung', 'Ziehungen')}. Das Netz hat nur den Mittelwert ${place(mean)} geliefert; den Rest hat das Rauschen besorgt. Die Glocken überlappen sich zu ${percent(common)}: So oft kann ein Zustand behalten werden, der aus dem Entwurf gezogen wurde.`;
}

export const cleared = 'Noch keine Ziehung.';
