// What a user writes, whatever puts it together: the module, and the worker through its client.
import { SpeculativeSampler, init } from 'speculative-diffusion';
import { connect } from 'speculative-diffusion/worker-client';
import { denoise } from './denoiser.js';

const run = { shape: [4, 8], seed: 7 };
const sampler = { numInferenceSteps: 60, window: 'auto' };

async function main() {
  await init();
  const { calls } = await SpeculativeSampler.cosine(sampler).sample({ ...run, denoise });
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  // a module as a file, which a bundler leaves alone
  const remote = await connect(worker, { module: './denoiser.js', kind: 'cosine', sampler });
  return { calls, remote: (await remote.sample(run)).calls };
}

main().then(
  (result) => {
    globalThis.result = result;
  },
  (error) => {
    globalThis.result = { error: String(error) };
  },
);
