import { SpeculativeSampler, init } from './package/inline.js';
import { denoise } from './denoiser.js';

await init();
const { calls } = await SpeculativeSampler.cosine({ numInferenceSteps: 60, window: 'auto' }).sample({ shape: [4, 8], seed: 7, denoise });
globalThis.result = {
  calls,
  fetched: performance
    .getEntriesByType('resource')
    .map(({ name }) => name)
    .filter((name) => name.endsWith('.wasm')),
};
