// With the wasm module in a string, for what copies no files.
import { SpeculativeSampler, init } from 'speculative-diffusion/inline';
import { denoise } from './denoiser.js';

init()
  .then(() => SpeculativeSampler.cosine({ numInferenceSteps: 60, window: 'auto' }).sample({ shape: [4, 8], seed: 7, denoise }))
  .then(
    ({ calls }) => {
      globalThis.result = { calls };
    },
    (error) => {
      globalThis.result = { error: String(error) };
    },
  );
