// @ts-check
/** Die Sätze darüber, was eine weitere Netzauswertung kosten darf. */

import { decimal, percent, plural, ratio, whole } from './run.js';

export { percent };

/** @typedef {import('../../figures/pay/model.js').Run} Run */
/** @typedef {import('../../figures/pay/model.js').Costs} Costs */
/** @typedef {import('../../state/trace.js').Source} Source */

/**
 * Eine Zeit gegenüber der des Standard-Samplers; nahe 1 zählt die zweite Stelle.
 * @param {number} value
 */
export const ratioWords = (value) => `${decimal(value, value >= 9.95 ? 0 : value >= 1.995 ? 1 : 2)}×`;
/** @param {number} value */
const share = (value) => `das ${ratioWords(value).replace('×', '-Fache')} der Zeit`;
export const waiting = 'Diese Abbildung füllt sich, sobald ein Lauf oben fertig ist.';
export const slider = 'Eine weitere Auswertung in einem Aufruf kostet';
export const measure = 'Hier messen';
export const measuring = 'Wird gemessen …';
/** Wo man weitermacht und wo man aufhört: Zeit eines Aufrufs mit zwei Auswertungen, in Aufrufen mit einer. */
const [GO_ON, STOP] = [1.4, 1.8];
/** @param {number} ratio @param {boolean} here ob es auf diesem Gerät gemessen wurde */
export const twoRows = (ratio, here) =>
  `${here ? 'Hier gemessen: Zwei' : 'Zwei'} Auswertungen in einem Aufruf dauern ${decimal(ratio, 2)}-mal so lange wie eine${ratio < GO_ON ? ': weitermachen' : ratio < STOP ? ': es lohnt sich vielleicht etwas' : ': aufhören'}. (Faustregel: unter ${decimal(GO_ON, 1)} weitermachen, ab ${decimal(STOP, 1)} aufhören.)`;
export const bars = { title: 'Zeit je Fenster bei diesem Preis', standard: '1×', best: 'am schnellsten' };
export const axes = {
  time: 'Zeit des Laufs oben (Standard-Sampler = 1×)',
  price: 'Preis je weiterer Auswertung, in % eines Aufrufs',
  faster: 'schneller',
  slower: 'langsamer',
};

/** @param {number} price */
export const even = (price) => `Gewinnschwelle ${percent(price)}`;
/** @param {number} price */
export const valueText = (price) => `${percent(price)} eines Aufrufs`;
/** @param {string} window */
export const windowName = (window) => (window === '1' ? 'Standard' : window === 'auto' ? 'L = auto' : `L = ${window}`);

/** @param {Source} source @param {number} price */
export const measuredName = ({ kind }, price) =>
  `${kind === 'live' ? 'hier gemessen' : 'beim Aufzeichnen gemessen'}: ${percent(Math.min(1, price))}${price > 1 ? ' oder mehr' : ''}`;

/** @param {number} value eine Zeit gegenüber der des Standard-Samplers */
const speed = (value) => {
  if (ratioWords(value) === ratioWords(1)) return 'so lange wie der Standard-Sampler';
  return `${share(value)} des Standard-Samplers, ${value < 1 ? `ist also ${ratio(1 / value)} so schnell` : 'ist also langsamer'}`;
};

/**
 * @param {Run} run
 * @param {number} price
 */
export function verdict({ plain, speculative }, price) {
  if (price === 0) return 'Dieser Lauf spart keine Aufrufe, kann sich also nicht lohnen.';
  const counts = `${plural(speculative.calls, 'Aufruf', 'Aufrufe')} statt ${whole(plain.calls)}, mit ${whole(speculative.rows)} Auswertungen statt ${whole(plain.rows)}`;
  return price > 1
    ? `Der Lauf oben lohnt sich, was auch immer eine Auswertung kostet: ${counts}.`
    : `Der Lauf oben lohnt sich, wo eine weitere Auswertung weniger als ${percent(price)} eines Aufrufs kostet: ${counts}.`;
}

/** @param {number} price @param {number} value */
export const atPrice = (price, value) => `Bei ${percent(price)} braucht er ${speed(value)}.`;

/**
 * @param {{window: string, ratio: number}} best
 * @param {import('../../parts/chains.js').Recorded} file
 */
export function bestWindow({ window, ratio: value }, { steps, windows, model }) {
  const of = `Mittel aus ${whole(windows[0].chains)} aufgezeichneten Ketten, ${model}, K\u00a0=\u00a0${whole(steps)}`;
  return window === '1'
    ? `Bei diesem Preis ist kein festes Fenster schneller als der Standard-Sampler (${of}).`
    : `Von den festen Fenstern ist L = ${window} bei diesem Preis am schnellsten: ${share(value)} des Standard-Samplers (${of}).`;
}

/**
 * Wann es sich lohnt, und wann nicht.
 * @param {number} free Verhältnis, wo Auswertungen nichts kosten
 * @param {number} full und wo jede einen ganzen Aufruf kostet
 */
export const cases = (free, full) => [
  `Am meisten lohnt es sich, wo ein Aufruf mit vielen Auswertungen so lange dauert wie einer mit einer, etwa auf einem großen, unbeschäftigten Beschleuniger: Dort bräuchte dieser Lauf ${share(free)}.`,
  `Es lohnt sich nicht, wo eine weitere Auswertung fast einen ganzen Aufruf kostet, etwa auf einem einzelnen CPU-Kern. Dort ist es langsamer: Dieser Lauf bräuchte ${share(full)}.`,
];

/** @param {import('../../state/trace.js').Device} device @param {number} window mittlere Länge der Fenster des Laufs */
export const sideBySide = ({ workers = 1 }, window) =>
  `Dieser Preis wurde mit Fenstern von etwa ${plural(Math.round(window), 'Schritt', 'Schritten')} auf ${plural(workers, 'CPU-Thread', 'CPU-Threads')} gemessen; für längere Fenster kann er anders sein.`;
export const drafterNote =
  'Die Entwürfe dieses Laufs haben auch ein kleineres Netz gefragt. Diese Aufrufe sind nicht mitgezählt, er dauert also länger als gezeigt.';

/** @param {string[]} sentences */
export const priceName = (...sentences) => `Linie der Zeit des Laufs über dem Preis einer weiteren Auswertung. ${sentences.join(' ')}`;
/** @param {string} sentence */
export const barsName = (sentence) => `Balken der Zeit je Fenster. ${sentence}`;
