// @ts-check
/** What figure “Why not simply fewer steps?” says. */

import * as say from '../../say/gallery.js';
import { sayer } from '../../say/index.js';
import { decimal, percent, plural, precise, whole } from './run.js';

/** @typedef {import('../../figures/gallery/index.js').Compared} Compared */

export const legend = 'Draw';
/** @type {Record<string, string>} */
export const models = { faces: 'faces', fashion: 'clothes' };

export const hint = 'Select a picture to enlarge it. On the keyboard, the arrow keys move between pictures and Enter enlarges.';
export const previous = 'Previous';
export const next = 'Next';
export const close = 'Close';

/** @param {Compared[]} compared @param {number} all steps */
export const measureTitle = (compared, all) =>
  `How far ${whole(compared[0].samples)} samples are from as many of the standard sampler with all ${whole(all)} steps`;
export const axis = 'energy distance';
export const band = '95 % of random deals, with their median';
/** @param {string} command */
export const recipe = (command) => `Made and measured by ${command}.`;

/** @type {import('../../say/index.js').Templates} */
export const templates = {
  waits: (of) => `${plural(of.calls, 'sequential call')} per picture`,
  waitsAbout: (of) => `about ${plural(of.calls, 'sequential call')} per picture`,
  speculative: (of) => `${whole(of.steps)} steps, speculative sampler`,
  standard: (of) => `${whole(of.steps)} steps, standard sampler`,
  cached: (of) => `${whole(of.steps)} steps, cached estimates`,
  set: ({ sampler, waits }) => `${sampler}, ${waits}`,
  picture: (of) => `${models[of.model]}, picture ${whole(of.number)} of ${whole(of.of)}: ${of.sampler}`,
  placed: ({ place }) => `: ${place}`,
  inside: 'inside',
  outside: 'outside',
  numbers: (of) => `distance ${precise(of.distance, 2)}, 95 % of random deals below ${precise(of.end, 2)}; ${of.share}`,
  noDeal: 'no random deal is as far apart',
  p: ({ p, digits }) => `p\u00a0=\u00a0${precise(p, digits)}`,
  'few-outside': (of) =>
    `On ${models[of.model]}, the standard sampler with ${whole(of.steps)} steps draws from another distribution: its samples lie outside the band, at ${decimal(of.times, 1)} times the end of the band (${of.numbers}). Two dozen pictures hardly show it; ${whole(of.samples)} samples do.`,
  'few-inside': (of) =>
    `On ${models[of.model]}, ${whole(of.samples)} samples of the standard sampler with ${whole(of.steps)} steps cannot be distinguished by this statistic from those with all steps: they lie inside the band (${of.numbers}). That does not make the distributions equal; a small difference needs more samples, or a statistic that looks at what the eye sees.`,
  'cached-outside': (of) =>
    `Using an estimate again until it would have changed by ${percent(of.until)} of its size draws from another distribution too: ${whole(of.samples)} samples lie outside the band, at ${decimal(of.times, 1)} times its end (${of.numbers}).`,
  'cached-inside': (of) =>
    `Using an estimate again until it would have changed by ${percent(of.until)} of its size is not seen by this statistic: ${whole(of.samples)} samples lie inside the band (${of.numbers}). Nothing keeps the distribution there, and how far it goes depends on the threshold.`,
  'speculative-outside': (of) => `The speculative samples lie outside the band here (${of.numbers}), as one comparison in twenty does where nothing differs.`,
  'speculative-inside': (of) =>
    `The speculative samples lie inside the band (${of.numbers}): by this statistic they cannot be distinguished from the standard sampler’s.`,
  strip: (of) => `Energy distances on ${models[of.model]}. ${of.rows.join('. ')}.`,
  stripRow: (of) => `${of.sampler}: ${of.place} the band, ${of.numbers}`,
};

export const samplerName = sayer(say.sampler, templates);
export const setWaits = sayer(say.waits, templates);
export const setTitle = sayer(say.set, templates);
export const picture = sayer(say.picture, templates);
export const placed = sayer(say.placed, templates);
export const judged = sayer(say.judged, templates);
export const stripLabel = sayer(say.strip, templates);
