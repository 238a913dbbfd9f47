// @ts-check
/** What figure “Why not simply fewer steps?” says. */

import { plural } from './run.js';

/** @typedef {import('../../figures/gallery/index.js').PictureSet} PictureSet */
/** @typedef {import('../../figures/gallery/index.js').Compared} Compared */
/** @typedef {import('../../figures/gallery/index.js').Model} Model */

export const legend = 'Draw';
/** @type {Record<string, string>} */
export const models = { faces: 'faces', fashion: 'clothes' };

/** @param {number} calls */
const waits = (calls) => `${Number.isInteger(calls) ? '' : 'about '}${plural(Math.round(calls), 'sequential call')} per picture`;
/** @param {{sampler: string, steps: number}} set */
export const samplerName = ({ sampler, steps }) => (sampler === 'speculative' ? `${steps} steps, speculative sampler` : `${steps} steps, standard sampler`);
/** @param {PictureSet} set */
export const setWaits = ({ calls }) => waits(calls);
/** @param {PictureSet} set */
export const setTitle = (set) => `${samplerName(set)}, ${waits(set.calls)}`;
/** @param {PictureSet} set @param {string} model @param {number} number @param {number} of */
export const picture = (set, model, number, of) => `${models[model]}, picture ${number} of ${of}: ${samplerName(set)}`;
export const hint = 'Select a picture to enlarge it. On the keyboard, the arrow keys move between pictures and Enter enlarges.';
export const previous = 'Previous';
export const next = 'Next';
export const close = 'Close';
export const savePng = 'Save PNG';

/** @param {Compared[]} compared @param {number} all steps */
export const measureTitle = (compared, all) =>
  `How far ${compared[0].samples.toLocaleString('en')} samples are from as many of the standard sampler with all ${all} steps`;
export const axis = 'energy distance';
export const band = '95 % of random deals, with their median';
/** @param {Compared} one */
const beyond = (one) => one.distance > one.null_95;
/** @param {boolean} outside */
const place = (outside) => (outside ? 'outside' : 'inside');
/** @param {Compared} one */
export const placed = (one) => `: ${place(beyond(one))}`;

/** @param {number} value */
const digits = (value) => value.toPrecision(2).replace('-', '−');
/** @param {Compared} one */
const share = ({ share_of_null_beyond: p }) => (p === 0 ? 'no random deal is as far apart' : `p = ${p.toPrecision(p < 0.1 ? 1 : 2)}`);
/** @param {Compared} one */
const numbers = (one) => `distance ${digits(one.distance)}, 95 % of random deals below ${digits(one.null_95)}; ${share(one)}`;

/**
 * A sentence or two for each comparison.
 * @param {string} model
 * @param {Compared[]} compared
 */
export function judged(model, compared) {
  const few = compared.find(({ sampler }) => sampler === 'few');
  const speculative = compared.find(({ sampler }) => sampler === 'speculative');
  const parts = [];
  if (few) {
    parts.push(
      beyond(few)
        ? `On ${models[model]}, the standard sampler with ${few.steps} steps draws from another distribution: its samples lie outside the band, at ${(few.distance / few.null_95).toFixed(1)} times the end of the band (${numbers(few)}). Two dozen pictures hardly show it; ${few.samples.toLocaleString('en')} samples do.`
        : `On ${models[model]}, ${few.samples.toLocaleString('en')} samples of the standard sampler with ${few.steps} steps cannot be distinguished by this statistic from those with all steps: they lie inside the band (${numbers(few)}). That does not make the distributions equal; a small difference needs more samples, or a statistic that looks at what the eye sees.`,
    );
  }
  if (speculative) {
    parts.push(
      beyond(speculative)
        ? `The speculative samples lie outside the band here (${numbers(speculative)}), as one comparison in twenty does where nothing differs.`
        : `The speculative samples lie inside the band (${numbers(speculative)}): by this statistic they cannot be distinguished from the standard sampler’s.`,
    );
  }
  return parts;
}

/** @param {string} model @param {Compared[]} compared */
export const stripLabel = (model, compared) =>
  `Energy distances on ${models[model]}. ${compared.map((one) => `${samplerName(one)}: ${place(beyond(one))} the band, ${numbers(one)}`).join('. ')}.`;
/** @param {string} command */
export const recipe = (command) => `Made and measured by ${command}.`;
/** @param {string} why */
export const missing = (why) => `the pictures could not be loaded: ${why}`;
/** @param {number} status */
export const answered = (status) => `the server answered ${status}`;
