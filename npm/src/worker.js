// @ts-check
// A module worker that samples with a denoiser of the caller's own, off the page's main thread. The denoiser is a module
// that exports `denoise` (and `drafter`), or `create(options)` that promises one, or both of them by their names.

import { SamplerError, SpeculativeSampler, init } from './index.js';

/** @typedef {{id: number, type: string, wasm?: string, module?: string, options?: unknown, kind?: string, config?: any, sampler?: any, run?: any}} Message */

const KINDS = ['fromConfig', 'ancestral', 'fromSteps', 'cosine'];
const WORK = ['sample', 'sampleMany', 'check', 'audit', 'measure'];

/** @type {any} */
let sampler;
/** @type {{denoise?: import('./index.js').Denoise, drafter?: import('./index.js').Denoise}} */
let models = {};
/** @type {Map<number, AbortController>} */
const running = new Map();

/** @param {Message} message */
async function load({ wasm, module, options, kind = 'fromConfig', config, sampler: settings }) {
  if (!KINDS.includes(kind)) throw new SamplerError('kind', `kind is "${kind}": choose ${KINDS.join(', ')}`);
  await init(wasm);
  const exported = await import(/* @vite-ignore */ /* webpackIgnore: true */ String(module));
  const created = exported.create ? await exported.create(options) : exported;
  const make = /** @type {any} */ (SpeculativeSampler)[kind].bind(SpeculativeSampler);
  // both or neither: a model belongs to its chain
  sampler = kind === 'cosine' ? make(settings) : make(config, settings);
  models = typeof created === 'function' ? { denoise: created } : { denoise: created.denoise, drafter: created.drafter };
}

/** @param {Message} message */
async function compute({ id, type, run }) {
  if (!sampler) throw new SamplerError('load', 'load a denoiser first');
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const result = await sampler[type]({
      ...run,
      ...models,
      trace: false,
      signal: controller.signal,
      onRound: (/** @type {import('./index.js').Progress} */ { seed, index, round, level, preview, costs }) =>
        self.postMessage({ id, type: 'round', seed, index, round, level, preview, costs }, { transfer: buffers([preview, ...Object.values(round)]) }),
      onMeasure: (/** @type {import('./index.js').Timing} */ timing) => self.postMessage({ id, type: 'measured', timing }),
    });
    if (type === 'sampleMany') return { ...result, samples: result.samples.map(untraced) };
    return type === 'sample' ? untraced(result) : result;
  } finally {
    running.delete(id);
  }
}

/** The rounds were sent as they came. @param {import('./index.js').Sampled} sampled */
function untraced({ trace: _, error, ...sampled }) {
  return { ...sampled, ...(error && { error: described(error) }) };
}

/** What of an error can be sent. @param {unknown} error */
function described(error) {
  const { name, message, field, states } = /** @type {SamplerError} */ (error);
  return { name, message, field, states };
}

/** What need not be copied. @param {unknown[]} values */
const buffers = (values) => [...new Set(values.flatMap((value) => (ArrayBuffer.isView(value) ? [/** @type {ArrayBuffer} */ (value.buffer)] : [])))];

/** @param {MessageEvent<Message>} event */
self.onmessage = async ({ data }) => {
  const { id, type } = data;
  if (type === 'cancel') {
    running.get(id)?.abort();
    return;
  }
  try {
    if (type !== 'load' && !WORK.includes(type)) throw new SamplerError('type', `the worker knows no message "${type}"`);
    self.postMessage({ id, type: 'done', result: await (type === 'load' ? load(data) : compute(data)) });
  } catch (error) {
    self.postMessage({ id, type: 'failed', error: described(error) });
  }
};
