// @ts-check
/** The contest of engines: once, behind the page, CPU and WebGPU are asked what rows cost, and the faster one wins. */

import { stepTime } from './price.js';

/** @typedef {import('./engine.js').Backend} Backend */
/** @typedef {import('./worker.js').Price} Price */
/** @typedef {{phase: 'due'} | {phase: 'open', prices: Map<Backend, Price>} | {phase: 'over'}} Contest */
/** @typedef {{own: number, other: number, wins: boolean, price: Price}} Outcome milliseconds a step on the CPU and on WebGPU, whether WebGPU wins, and its price */

/** An engine is taken in another's place if it needs less than this share of its time. */
const CLEARLY = 0.9;

/** @returns {Contest} */
export const due = () => ({ phase: 'due' });

/** @returns {Contest} */
export const over = () => ({ phase: 'over' });

/**
 * Asks both engines, which are loaded for it where they are not there.
 * @param {import('./engine.js').Engines} engines
 * @param {string} model
 * @param {number} workers
 * @returns {Contest}
 */
export function open(engines, model, workers) {
  for (const backend of /** @type {const} */ (['cpu', 'webgpu'])) engines.probe(backend, model, workers);
  return { phase: 'open', prices: new Map() };
}

/**
 * What an engine's price decides, once both are known.
 * @param {Contest} contest
 * @param {Backend} backend
 * @param {Price} price
 * @returns {Outcome | undefined}
 */
export function hear(contest, backend, price) {
  if (contest.phase !== 'open') return undefined;
  const { prices } = contest;
  prices.set(backend, price);
  const [cpu, webgpu] = [prices.get('cpu'), prices.get('webgpu')];
  if (!cpu || !webgpu) return undefined;
  const [own, other] = [cpu, webgpu].map(stepTime);
  return { own, other, wins: other < CLEARLY * own, price: webgpu };
}
