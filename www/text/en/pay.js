// @ts-check
/** The sentences about what one more network evaluation may cost. */

import { decimal, percent, plural, ratio, whole } from './run.js';

export { percent };

/** @typedef {import('../../figures/pay/model.js').Run} Run */
/** @typedef {import('../../figures/pay/model.js').Costs} Costs */
/** @typedef {import('../../state/trace.js').Source} Source */

/**
 * A time against the standard sampler's; near 1 the second digit matters.
 * @param {number} value
 */
export const ratioWords = (value) => `${decimal(value, value >= 9.95 ? 0 : value >= 1.995 ? 1 : 2)}×`;
export const waiting = 'This figure fills in as soon as a run above has finished.';
export const slider = 'One more evaluation in a call costs';
export const measure = 'Measure it here';
export const measuring = 'Measuring …';
/** Where to go on and where to stop, by the time of a call with two evaluations in calls with one. */
const [GO_ON, STOP] = [1.4, 1.8];
/** @param {number} ratio @param {boolean} here whether it was measured on this device */
export const twoRows = (ratio, here) =>
  `${here ? 'Measured here: two' : 'Two'} evaluations in a call take ${decimal(ratio, 2)}× the time of one${ratio < GO_ON ? ': go on' : ratio < STOP ? ': it may pay a little' : ': stop here'}. (Rule of thumb: below ${decimal(GO_ON, 1)} go on, from ${decimal(STOP, 1)} on stop.)`;
export const bars = { title: 'time by window at this price', standard: '1×', best: 'fastest' };
export const axes = {
  time: 'time of the run above (standard sampler = 1×)',
  price: 'cost of one more evaluation, as a share of a call',
  faster: 'faster',
  slower: 'slower',
};

/** @param {number} price */
export const even = (price) => `break-even ${percent(price)}`;
/** @param {number} price */
export const valueText = (price) => `${percent(price)} of a call`;
/** @param {string} window */
export const windowName = (window) => (window === '1' ? 'standard' : window === 'auto' ? 'L = auto' : `L = ${window}`);

/** @param {Source} source @param {number} price */
export const measuredName = ({ kind }, price) =>
  `${kind === 'live' ? 'measured here' : 'measured where recorded'}: ${percent(Math.min(1, price))}${price > 1 ? ' or more' : ''}`;

/** @param {number} value a time against the standard sampler's */
const speed = (value) => {
  const words = ratioWords(value);
  if (words === ratioWords(1)) return 'the same time as the standard sampler';
  return `${words} the time of the standard sampler, ${value < 1 ? `${ratio(1 / value)} as fast` : 'which is slower'}`;
};

/**
 * @param {Run} run
 * @param {number} price
 */
export function verdict({ plain, speculative }, price) {
  if (price === 0) return 'This run saves no calls, so it cannot pay.';
  const counts = `${plural(speculative.calls, 'call')} instead of ${whole(plain.calls)}, with ${whole(speculative.rows)} evaluations instead of ${whole(plain.rows)}`;
  return price > 1
    ? `The run above pays whatever an evaluation costs: ${counts}.`
    : `The run above pays where one more evaluation costs less than ${percent(price)} of a call: ${counts}.`;
}

/** @param {number} price @param {number} value */
export const atPrice = (price, value) => `At ${percent(price)} it takes ${speed(value)}.`;

/**
 * @param {{window: string, ratio: number}} best
 * @param {import('../../parts/chains.js').Recorded} file
 */
export function bestWindow({ window, ratio: value }, { steps, windows, model }) {
  const of = `mean of ${whole(windows[0].chains)} recorded chains, ${model}, K\u00a0=\u00a0${whole(steps)}`;
  return window === '1'
    ? `No fixed window is faster than the standard sampler at this price (${of}).`
    : `Of the fixed windows L = ${window} is fastest at this price: ${ratioWords(value)} the time of the standard sampler (${of}).`;
}

/**
 * When it pays, and when it does not.
 * @param {number} free ratio where evaluations cost nothing
 * @param {number} full and where each costs a whole call
 */
export const cases = (free, full) => [
  `It pays most where a call with many evaluations takes as long as a call with one, as on a large, idle accelerator: there this run would take ${ratioWords(free)} the time.`,
  `It does not pay where one more evaluation costs nearly a whole call, as on one CPU core. It is slower there: this run would take ${ratioWords(full)} the time.`,
];

/** @param {import('../../state/trace.js').Device} device @param {number} window mean length of the run's windows */
export const sideBySide = ({ workers = 1 }, window) =>
  `This price was measured with windows of about ${plural(Math.round(window), 'step')} on ${plural(workers, 'CPU worker')}; it may differ for longer windows.`;
export const drafterNote = 'The drafts of this run asked a smaller network too. Those calls are not among the counts, so it takes longer than shown.';

/** @param {string[]} sentences */
export const priceName = (...sentences) => `Line of the run’s time over the cost of one more evaluation. ${sentences.join(' ')}`;
/** @param {string} sentence */
export const barsName = (sentence) => `Bars of the time by window. ${sentence}`;
