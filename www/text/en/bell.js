// @ts-check
/** What is said of a step as a bell. */

import { plural, significant } from './run.js';

export const where = 'Where the network puts the mean';
export const unit = 'in units of the noise';
export const drawOne = 'Draw one sample';
export const drawMany = (/** @type {number} */ count) => `Draw ${count}`;
export const clear = 'Clear';
export const names = { target: 'network', guess: 'guess' };
export const keys = { target: 'where the network puts it', guess: 'a guess', both: 'in both bells', sample: 'samples' };
export const labels = { draws: 'samples', mean: 'their mean', deviation: 'their deviation', common: 'the bells have in common' };

export const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)} %`;
/** @param {number} value */
export const place = (value) =>
  value
    .toFixed(2)
    .replace('-', '−')
    .replace(/^−0\.00$/, '0.00');

/**
 * @param {number} mean
 * @param {number} common
 * @param {number} count
 */
export function picture(mean, common, count) {
  return `A solid bell around ${place(mean)}, where the network puts the mean, and a dashed bell around 0, a guess. They have ${percent(common)} in common. Under the solid bell lies a histogram of ${plural(count, 'sample')}.`;
}

/** @param {number} mean @param {number} common @param {number} count */
export function moved(mean, common, count) {
  const kept = count > 0 ? ' The noise of the samples is the same as before, so they move with it.' : '';
  return `The network’s bell stands at ${place(mean)}.${kept} It has ${percent(common)} in common with the guess: so often can a state drawn around the guess be kept.`;
}

/**
 * @param {number} mean
 * @param {number} noise
 * @param {number} times how likely the state is around the guess, relative to the network's mean
 */
export function drawn(mean, noise, times) {
  return `The network put the mean at ${place(mean)}, and the noise added ${place(noise)}: the next state is ${place(mean + noise)}. Around the guess the same state is ${significant(times)} times as likely.`;
}

/**
 * @param {number} count
 * @param {number} mean of the bell
 * @param {number} common
 */
export function piled(count, mean, common) {
  return `${plural(count, 'sample')}. The network decided only that the bell stands at ${place(mean)}; where each sample fell was chance. The two bells have ${percent(common)} in common, so the same state can come from either.`;
}

export const cleared = 'No samples yet: draw one.';
