// @ts-check
/** What is said of a step as a bell. */

import { percent as inPercent, place, plural, significant, whole } from './run.js';

export const where = 'Mean given by the network';
export const unit = 'in units of the noise';
export const drawOne = 'Draw one sample';
export const drawMany = (/** @type {number} */ count) => `Draw ${whole(count)}`;
export const clear = 'Clear';
export const names = { target: 'target', guess: 'draft' };
export const keys = { target: 'target', guess: 'draft', both: 'overlap', sample: 'samples' };
export const labels = { draws: 'samples', mean: 'their mean', deviation: 'their deviation', common: 'overlap' };

/** @param {number} share */
const percent = (share) => inPercent(share, 1);

/**
 * @param {number} mean
 * @param {number} common
 * @param {number} count
 */
export function picture(mean, common, count) {
  return `A solid bell, the target, around ${place(mean)}, the mean given by the network, and a dashed bell, the draft, around 0. They overlap by ${percent(common)}. Under the solid bell lies a histogram of ${plural(count, 'sample')}.`;
}

/** @param {number} mean @param {number} common @param {number} count */
export function moved(mean, common, count) {
  const kept = count > 0 ? ' The noise of the samples is the same as before, so they move with it.' : '';
  return `The mean of the target is ${place(mean)}.${kept} The bells overlap by ${percent(common)}: that is how often a state drawn from the draft can be kept.`;
}

/**
 * @param {number} mean
 * @param {number} noise
 * @param {number} times how likely the state is around the draft's mean, relative to the target's mean
 */
export function drawn(mean, noise, times) {
  return `The network gave the mean ${place(mean)}, and the noise added ${place(noise)}: the next state is ${place(mean + noise)}. Around the draft’s mean the same state is ${significant(times)} times as likely.`;
}

/**
 * @param {number} count
 * @param {number} mean of the bell
 * @param {number} common
 */
export function piled(count, mean, common) {
  return `${plural(count, 'sample')}. The network gave only the mean, ${place(mean)}; the noise did the rest. The two bells overlap by ${percent(common)}: that is how often a state drawn from the draft can be kept.`;
}

export const cleared = 'No samples yet: draw one.';
