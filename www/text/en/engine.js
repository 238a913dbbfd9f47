// @ts-check
/** What is said of the engines: how they start, and why one cannot. */

import { unnamed } from './run.js';

/** @typedef {import('../../engine/failure.js').Failure} Failure */

/** @type {Record<import('../../engine/failure.js').Stage, string>} */
export const stages = { device: 'starting the graphics device', engine: 'starting the engine', shaders: 'compiling shaders', warmup: 'warming up' };

/** @type {Record<import('../../engine/failure.js').Part, string>} */
const parts = {
  engine: 'engine',
  weights: 'weights',
  description: 'description of the weights',
  drafter: 'weights of the drafter',
  'drafter-description': 'description of the weights of the drafter',
};

/** @param {Failure} failure */
export function failed({ kind, what = 'engine', message, status }) {
  if (kind === 'stopped') return `The engine stopped (${message}).`;
  if (kind === 'silent') return 'The engine no longer answered.';
  if (kind === 'lost') return `The graphics device was lost${message ? ` (${message})` : ''}.`;
  if (kind === 'missing')
    return `The ${parts[what]} could not be loaded (${status ? `the server answered ${status}` : message}). Check the connection and reload the page.`;
  if (kind === 'late') return `The ${parts[what]} did not arrive in time, though it was asked for twice. Check the connection and reload the page.`;
  if (kind === 'damaged')
    return `The ${parts[what]} is damaged: it arrived, but it cannot be read. Reload the page; if that does not help, the copy on the server is broken.`;
  if (kind === 'worker') return `The worker that computes could not be started${message ? ` (${message})` : ''}. Reload the page.`;
  return `${message.slice(0, 1).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;
}

/** Why there is no WebGPU. */
export const without = {
  browser: 'This browser does not support WebGPU here, so the CPU computes everything; the numbers are the same.',
  adapter: 'This browser supports WebGPU but found no GPU, so the CPU computes everything; the numbers are the same.',
  driver: 'The graphics driver does not answer, so the CPU computes everything; the numbers are the same.',
  engine: 'This copy of the page was built without the WebGPU engine, so the CPU computes everything.',
};

/** @param {string} adapter @param {boolean} software */
export const found = (adapter, software) =>
  software
    ? `WebGPU is here only as a software adapter (${adapter || unnamed}), which is slower than the CPU engine.`
    : `WebGPU is available (${adapter || unnamed}).`;
