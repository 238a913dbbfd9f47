// @ts-check
/** The policy's world and network, on the page's own thread: a plan takes some milliseconds. The only importer of pkg/policy. */

import { answered, late } from '#words/sections.js';
import { compiled, imported, isLate } from '../parts/arrivals.js';
import { file } from '../parts/asset.js';
import { breathe } from '../parts/frames.js';

/** @typedef {import('../state/trace.js').Round} Round */
/** A plan again: its start and its rounds; states are plans of 32 numbers. @typedef {{start: Float32Array, rounds: Round[]}} Opened */
/**
 * A world with a hand. `state` holds hand (x, y), block (x, y, angle), goal (x, y, angle), coverage; calls of the last plan, the
 * ticks it took, plans so far, ticks lost, and whether a plan is being made. `path` turns states of the last plan into places of
 * the plane, x and y of each command.
 * @typedef {{configure: (seconds: number, goOn: boolean) => void, think: (calls: number) => boolean, tick: () => void, state: () => Float64Array, ahead: () => Float64Array, putBlock: (x: number, y: number, angle: number) => void, putGoal: (x: number, y: number, angle: number) => void, kick: (number: number) => boolean, open: () => Opened | undefined, path: (states: Float64Array) => Float64Array, fan: (first: number, count: number) => Float64Array, free: () => void}} Scene
 */
/** @typedef {{scene: (seed: number, speculative: boolean) => Scene}} Hands */

/** @type {Promise<Hands> | undefined} */
let loading;

/** Loads it when it is first asked for. @returns {Promise<Hands>} */
export function loadHands() {
  loading ??= (async () => {
    const folder = new URL('../pkg/policy/', import.meta.url);
    const [module, wasm, weights, sidecar] = await Promise.all([
      imported(new URL('speculative_diffusion.js', folder).href),
      compiled(new URL('speculative_diffusion_bg.wasm', folder), (status) => new Error(answered(status))),
      file('policy.bpk', (response) => response.arrayBuffer()),
      file('policy.json', (response) => response.text()),
    ]);
    await module.default({ module_or_path: wasm });
    const steps = new module.Loading(new Uint8Array(weights), sidecar);
    for (;;) {
      const hands = steps.step();
      if (hands) {
        steps.free();
        return hands;
      }
      await breathe();
    }
  })().catch((error) => {
    // the next visit may try again
    loading = undefined;
    throw isLate(error) ? new Error(late) : error;
  });
  return loading;
}
