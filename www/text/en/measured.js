// @ts-check
/** What is said of the times of windows and drafts on this device. */

import * as say from '../../say/measured.js';
import { sayer } from '../../say/index.js';
import { decimal, duration, engineName, plural, whole } from './run.js';

/** @typedef {import('../../engine/times.js').Timed} Timed */

export const heads = ['Draft and window', 'Sequential calls', 'Evaluations', 'Time', 'Against the standard sampler'];
/** @param {number | undefined} workers on the CPU */
export const title = (workers) => `On this device${workers ? `, with ${plural(workers, 'worker')} on the CPU` : ''}`;
export const measuring = 'Measuring …';
/** @param {number} ms the shortest time @param {number} most the longest */
const range = (ms, most) => (duration(ms) === duration(most) ? duration(ms) : `${duration(ms)} to ${duration(most)}`);
/** @param {Timed} line @param {Timed | undefined} plain */
export const cells = ({ calls, rows, ms, most }, plain) => ({
  calls: whole(calls),
  rows: whole(rows),
  time: range(ms, most),
  share: plain ? `${decimal(ms / plain.ms, 2)}×` : '',
});

/** @type {import('../../say/index.js').Templates} */
export const templates = {
  plain: 'standard sampler',
  drafted: ({ draft, window }) => `${draft}, L\u00a0=\u00a0${window}`,
  on: ({ engine, what }) => `${engineName(engine)}: ${what}`,
  whereCpu: ' on the CPU',
  whereGpu: ' on WebGPU',
  standard: ({ where }) => `the standard sampler${where}`,
  times: ({ one, other }) => `${duration(one)} instead of ${duration(other)}`,
  timedOnce: 'Some were timed once only, since twice would have taken long: how far their times scatter is not known.',
  timedTwice: 'Each was timed twice, and the shorter time counts.',
  tied: (of) =>
    `Within the scatter of these times, ${of.line} and ${of.other} are equally fast: ${duration(of.one)} and ${duration(of.second)}, while times of the same run differ by up to ${duration(of.scatter)}.${of.plain} The first is set now, with ${of.calls} calls instead of ${whole(of.standard)}, and the address keeps it. ${of.timing}`,
  standardTook: ({ ms, where }) => ` The standard sampler took ${duration(ms)}${where}.`,
  standardFirst: (of) =>
    `The standard sampler was fastest${of.where}: speculation saves sequential calls, and here a call costs as much as its network evaluations. Of the speculative ones ${of.line} comes nearest, with ${of.times}. It is set now, and the address keeps it. ${of.timing}`,
  fastest: (of) =>
    `The fastest here is ${of.line}: ${of.times} for the standard sampler${of.where}, with ${of.calls} calls instead of ${whole(of.standard)}. It is set now, and the address keeps it. ${of.timing}`,
};

export const timedWords = sayer(say.timed, templates);
export const sentence = sayer(say.sentence, templates);
