// @ts-check
/** What the page says around its runs: transport, badges, status, problems. */

import { calls, decimal, deviceName, duration, engineName, megabytes, plural, setting, whole } from './run.js';

/** @typedef {import('../../engine/engine.js').Backend} Backend */
/** @typedef {import('../../state/trace.js').LaneName} LaneName */

export const play = { play: 'Play', pause: 'Pause', again: 'Again' };
/** @param {import('../../state/trace.js').Axis} axis @param {number} position @param {number} end */
export const position = (axis, position, end) =>
  axis === 'time' ? `${duration(position)} of ${duration(end)}` : `call ${whole(Math.floor(position))} of ${whole(end)}`;
/** @param {number} times slower than it ran */
export const pace = (times) =>
  ` · shown ${times >= 1 ? `${decimal(times, times < 10 ? 1 : 0)}× slower than it ran` : `${decimal(1 / times, 1)}× faster than it ran`}`;

/** @param {LaneName} lane @param {number} level @param {number} steps @param {number} count @param {boolean} held */
export function computing(lane, level, steps, count, held) {
  const progress = `step ${whole(level)} of ${whole(steps)} after ${calls(count)}`;
  return `${held ? 'Paused. ' : ''}${
    lane === 'speculative'
      ? `Computing with the speculative sampler: ${progress}. The standard sampler follows on the same idle engine.`
      : `Computing with the standard sampler: ${progress}. Then both are replayed on the shared axis.`
  }`;
}

export const costs = { calls: 'sequential calls', rows: 'network evaluations', time: 'wall-clock' };
/** What is to be known of a run's times. @type {Record<string, string>} */
export const notes = {
  background: 'The tab was in the background during this run, where browsers slow it down, so do not rely on its times.',
  handover: 'This run began on WebGPU and was finished on the CPU after the WebGPU engine had stopped, so its times mix both engines.',
};

export const badges = { none: 'nothing loaded', recorded: 'recorded', stopped: 'engine stopped' };
/** @param {import('../../state/trace.js').Device} device @param {boolean} computing @param {boolean} held */
export const live = (device, computing, held) => `live: ${deviceName(device)}${computing ? (held ? ' · paused' : ' · computing') : ''}`;
/** @param {Backend} backend */
export const loading = (backend) => `loading ${engineName(backend)}`;
/** @param {import('../../state/trace.js').Device} device */
export const ready = (device) => `ready: ${deviceName(device)}`;
export const hold = { pause: 'Pause', continue: 'Continue' };

/** @param {string} why */
export const notRun = (why) => `Not run: ${why}`;
/** @param {string} why */
export const notMeasured = (why) => `Not measured: ${why}`;
export const status = {
  starting: 'Starting the run.',
  waiting: 'The run starts as soon as the engine is ready.',
  measuring: 'Measuring: the run is computed with several windows and drafts and by the standard sampler, and the fastest is taken.',
  unmeasured: 'The measurement was not finished.',
  measurementCancelled: 'The measurement was cancelled.',
  cancelled: 'The run was cancelled; the one before is shown again.',
  unfinished: 'The run was not finished; the one before is shown again.',
  computing: 'The run is being computed.',
  held: 'Paused. Nothing is lost.',
  done: 'The run is complete.',
  copied: 'Link copied. It contains every setting.',
};
export const toRace = 'See it in the race';
/** @param {string} link */
export const linkIs = (link) => `This link contains every setting of the run: ${link}`;

/** @param {number} loaded @param {number} total bytes, 0 if unknown */
export const progress = (loaded, total) => (total ? `${megabytes(loaded)} of ${megabytes(total)}` : megabytes(loaded));
export const progressLabel = 'Loading the engine';
/** @param {Backend} backend @param {string} text */
export const progressOf = (backend, text) => `${engineName(backend)} engine: ${text}`;

/** @param {number} ms */
export const warmed = (ms) => `Its shaders were compiled and a first evaluation computed in ${duration(ms)}.`;
/** @param {string} why */
export const notStarted = (why) => `It could not be started, so the CPU computes. ${why}`;
/** @param {string} why @param {boolean} begun */
export const handover = (why, begun) =>
  `WebGPU cannot go on. ${why} ${begun ? 'The CPU goes on from the last state that WebGPU handed over; nothing is lost.' : 'The CPU computes the run from its start.'}`;
/** @param {Backend} backend @param {string} sentence on WebGPU @param {boolean} built whether other engines are there */
export const unavailable = (backend, sentence, built) =>
  `The address asks for ${engineName(backend)}. ${built ? 'This copy of the page was built without that engine, so the CPU computes.' : sentence}`;
export const outOfMemory = 'The engine ran out of memory. Reload the page and choose fewer steps or a shorter window.';
/** @param {string} why */
export const panic = (why) => `${why} Reload the page: the address keeps all settings.`;
export const newer = 'A newer version of this page is there.';
export const take = 'Use it now';
export const reload = 'Reload with the same settings';

/** @param {number} steps @param {number | string} window @param {number} most bytes @param {number} kept from where on some are dropped */
export const memory = (steps, window, most, kept) =>
  `A run with K = ${whole(steps)} and L = ${window} keeps at most ${megabytes(Math.min(most, kept))} of pictures in memory${most > kept ? '; beyond that, pictures of discarded drafts are dropped, oldest rounds first' : ''}.`;

/** @param {string} message */
export const refusedAddress = (message) => `Refused from the address: ${message}`;
/** @param {number} status */
export const answered = (status) => `the server answered ${status}`;
export const late = 'it did not arrive in time, though it was asked for twice';
export const cutShort = 'the file was cut short';
/** @param {string} why */
export const noRecorded = (why) => `The recorded run could not be loaded (${why}). Run one live instead, as soon as the engine is ready.`;

/** @type {Record<string, string>} */
export const themes = { auto: 'Theme: auto', light: 'Theme: light', dark: 'Theme: dark' };

/**
 * What evaluations were measured to cost, and what follows.
 * @param {Backend} backend
 * @param {import('../../engine/price.js').Price} price
 */
export function price(backend, { row, lanes, few, many }) {
  const further = backend === 'cpu' && lanes > 1 ? `Each further ${lanes} evaluations, computed side by side, cost` : 'Each further evaluation costs';
  return `Measured here on ${engineName(backend)}: a call with ${plural(few.rows, 'evaluation')} takes ${duration(few.ms)}, one with ${whole(many.rows)} takes ${duration(many.ms)}. ${further} ${setting(row)} of a call, and the automatic window is chosen for that.`;
}

/**
 * @param {number} cpu milliseconds a step
 * @param {number} webgpu
 * @param {boolean} wins
 */
export function contest(cpu, webgpu, wins) {
  const times = `about ${duration(webgpu)} per step; the CPU takes ${duration(cpu)}`;
  return wins ? `It is faster here (${times}) and is used from now on.` : `It is not clearly faster here (${times}), so the CPU stays in use.`;
}
