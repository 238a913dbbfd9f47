// @ts-check
// A module worker that samples with a denoiser of the caller's own, off the page's main thread. The denoiser is a module
// that exports `denoise`, or `create(options)` that promises one.

import { SamplerError, SpeculativeSampler, init } from './index.js';

/** @typedef {{id: number, type: string, wasm?: string, module?: string, options?: unknown, config?: unknown, sampler?: any, run?: any}} Message */

/** @type {SpeculativeSampler | undefined} */
let sampler;
/** @type {import('./index.js').Denoise | undefined} */
let denoise;
/** @type {Map<number, AbortController>} */
const running = new Map();

const jobs = {
  /** @param {Message} message */
  async load({ wasm, module, options, config, sampler: settings }) {
    await init(wasm);
    const exported = await import(/* @vite-ignore */ String(module));
    const model = exported.create ? await exported.create(options) : exported.denoise;
    // both or neither: a model belongs to its chain
    sampler = SpeculativeSampler.fromConfig(/** @type {any} */ (config), settings);
    denoise = model;
  },
  /** @param {Message} message */
  async sample({ id, run }) {
    if (!sampler || !denoise) throw new SamplerError('load', 'load a denoiser first');
    const controller = new AbortController();
    running.set(id, controller);
    try {
      // the trace was sent round by round
      const { trace: _, ...result } = await sampler.sample({
        ...run,
        denoise,
        signal: controller.signal,
        onRound: ({ round, level, costs }) => self.postMessage({ id, type: 'round', round, level, costs }),
      });
      return result;
    } finally {
      running.delete(id);
    }
  },
};

/** @param {MessageEvent<Message>} event */
self.onmessage = async ({ data }) => {
  const { id, type } = data;
  if (type === 'cancel') {
    running.get(id)?.abort();
    return;
  }
  try {
    const job = type === 'load' || type === 'sample' ? jobs[type] : undefined;
    if (!job) throw new SamplerError('type', `the worker knows no message "${type}"`);
    self.postMessage({ id, type: 'done', result: await job(data) });
  } catch (error) {
    const { name, message, field, states } = /** @type {SamplerError} */ (error);
    self.postMessage({ id, type: 'failed', error: { name, message, field, states } });
  }
};
