/**
 * A module worker. With a bundler, import its URL as the bundler does it; without one, give the path of the file:
 * `new Worker('./node_modules/speculative-diffusion/worker.js', { type: 'module' })`. `speculative-diffusion/worker-client` talks to it;
 * these are the messages.
 *
 * To it: `{id, type: 'load', wasm?, module, options?, kind?, config?, sampler}`, where `module` is the URL of a module that exports
 * `denoise` (and `drafter`), or `create(options)` which promises one or `{denoise, drafter}`; `kind` names the method of
 * `SpeculativeSampler` that makes the chain, "fromConfig" by default, `config` is its first argument and `sampler` its options;
 * `{id, type, run}` with the type "sample", "sampleMany", "check", "audit" or "measure", and in `run` that method's options but for
 * functions and the signal; `{id, type: 'cancel'}` with the id of one of them.
 *
 * From it: `{id, type: 'round', seed, index, round, level, preview, costs}`, `{id, type: 'measured', timing}`, `{id, type: 'done', result}` with
 * what the method resolves to but for the traces, which came round by round, and `{id, type: 'failed', error: {name, message, field,
 * states}}`: with `states` the runs go on.
 */
export {};
