/**
 * A module worker. With a bundler, import its URL as the bundler does it; without one, give the path of the file:
 * `new Worker('./node_modules/speculative-diffusion/worker.js', { type: 'module' })`.
 *
 * To it: `{id, type: 'load', wasm?, module, options?, config, sampler}`, where `module` is the URL of a module that exports
 * `denoise`, or `create(options)` which promises one, and `sampler` the options of `SpeculativeSampler.fromConfig`;
 * `{id, type: 'sample', run: {shape, seed, state?, plain?}}` (drafts that ask a drafter are not for it); `{id, type: 'cancel'}` with the id of a sample.
 *
 * From it: `{id, type: 'round', round, level, costs}`, `{id, type: 'done', result}` with what `sample` resolves to but for the
 * trace, which came round by round, and `{id, type: 'failed', error: {name, message, field, states}}`: with `states[0]` as `state`
 * the run goes on.
 */
export {};
