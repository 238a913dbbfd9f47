// @ts-check
/** The contest of engines: CPU or WebGPU, by what a step is expected to take at the prices that were measured. */

import { LONGEST } from '../state/settings.js';

/** @typedef {import('./price.js').Price} Price */
/** @typedef {{own: number, other: number, wins: boolean}} Outcome milliseconds a step on the CPU and on WebGPU, and whether WebGPU wins */

/** Share of drafted steps that are rejected, for a first guess. */
const REJECTED = 1 / 8;
/** An engine is taken in another's place if it needs less than this share of its time. */
const CLEARLY = 0.9;

/** Milliseconds that a committed step takes with the best window, if one draft in eight is rejected. @param {Price} price */
export function stepTime({ row, lanes, few }) {
  let [best, reached, committed] = [Infinity, 1, 0];
  for (let rows = 1; rows <= LONGEST; rows++) {
    committed += reached;
    reached *= 1 - REJECTED;
    best = Math.min(best, (few.ms * (1 + row * (Math.ceil(rows / lanes) - 1))) / committed);
  }
  return best;
}

/** @param {Price} cpu @param {Price} webgpu @returns {Outcome} */
export function decide(cpu, webgpu) {
  const [own, other] = [cpu, webgpu].map(stepTime);
  return { own, other, wins: other < CLEARLY * own };
}
