/**
 * A module worker: `new Worker(new URL('speculative-diffusion/worker', import.meta.url), { type: 'module' })`.
 *
 * To it: `{id, type: 'load', wasm?, module, options?, config, sampler}`, where `module` is the URL of a module that exports
 * `denoise`, or `create(options)` which promises one, and `sampler` the options of `SpeculativeSampler.fromConfig`;
 * `{id, type: 'sample', run: {shape, seed, batch?, plain?}}`; `{id, type: 'cancel'}` with the id of a sample.
 *
 * From it: `{id, type: 'round', round, level, costs}`, `{id, type: 'done', result}` with what `sample` resolves to, and
 * `{id, type: 'failed', error: {name, message, field}}`.
 */
export {};
