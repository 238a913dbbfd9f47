// @ts-check
/**
 * The sampler on models without weights, on the page's own thread: mixtures of Gaussians and single steps. The only importer of
 * pkg/toy. Here, and nowhere else, a rule may be a wrong one; what it made says `exact: false`, and a figure that shows it says
 * so too.
 */

import { answered, late } from '#words/sections.js';
import { compiled, imported, isLate } from '../parts/arrivals.js';

/** @typedef {import('../state/trace.js').Round} Round */
/** @typedef {'reflection' | 'peak' | 'auto' | 'redraw' | 'keep-noise' | 'half-reflection' | 'wrong-ratio' | 'lenient' | 'accept-all'} ToyRule the first three are exact */
/** @typedef {{seed: number, steps: number, eta: number, window: number | string, draft: string, rule: ToyRule}} ToySettings */
/** @typedef {{start: Float32Array, rounds: Round[], exact: boolean}} ToyRun */
/** @typedef {{ends: Float64Array, calls: number, rows: number, residuals: Float64Array, verdicts: Uint8Array, exact: boolean}} ToySwarm `residuals` and `verdicts` are those of every tested and committed step */
/** @typedef {{draft: Float64Array, lnU: Float64Array, lnRatio: Float64Array, committed: Float64Array, accepted: Uint8Array, exact: boolean}} Draws one number a draw */
/** @typedef {{density: (points: Float64Array, t: number) => Float64Array, run: (settings: ToySettings) => ToyRun, swarm: (settings: ToySettings, first: number, count: number) => ToySwarm, free: () => void}} Toy */
/**
 * `Toy` takes the dimensions and for each component weight, mean and variances. `couple(gap, rule, seed, first, count)` draws
 * one step many times: the draft is normal around `gap`, the target around 0, both of deviation 1.
 * @typedef {{Toy: new (dim: number, numbers: Float64Array) => Toy, couple: (gap: number, rule: ToyRule, seed: number, first: number, count: number) => Draws}} ToyModule
 */

/** @type {Promise<ToyModule> | undefined} */
let loading;

/** Loads it when it is first asked for. @returns {Promise<ToyModule>} */
export function loadToy() {
  loading ??= (async () => {
    const folder = new URL('../pkg/toy/', import.meta.url);
    const [module, wasm] = await Promise.all([
      imported(new URL('speculative_diffusion.js', folder).href),
      compiled(new URL('speculative_diffusion_bg.wasm', folder), (status) => new Error(answered(status))),
    ]);
    await module.default({ module_or_path: wasm });
    return module;
  })().catch((error) => {
    // the next figure may try again
    loading = undefined;
    throw isLate(error) ? new Error(late) : error;
  });
  return loading;
}
