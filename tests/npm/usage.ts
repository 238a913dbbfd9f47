// Compiled, never run: what a TypeScript user writes, and what she must not.
import { SpeculativeSampler, init, type Denoise, type Progress, SamplerError } from 'speculative-diffusion';

const denoise: Denoise = async ({ sample, timesteps, batch, shape }) => {
  const rows: number = batch + shape[0] + timesteps.length;
  return sample.map((x) => x * rows);
};

export async function main(config: Record<string, unknown>): Promise<Float32Array> {
  await init(new URL('https://example.org/speculative_diffusion_bg.wasm'));
  const sampler = SpeculativeSampler.fromConfig(config, { numInferenceSteps: 100, draft: 'secant', window: 'auto' });
  const onRound = ({ level, costs }: Progress) => console.log(level, costs.calls);
  const controller = new AbortController();
  const { sample, calls, rows, trace } = await sampler.sample({ shape: [3, 16, 16], seed: 7, denoise, onRound, signal: controller.signal });
  console.log(calls + rows, trace[0].gap[0], (await sampler.check({ shape: [1], denoise })).passed);
  try {
    // @ts-expect-error: there is no such draft
    SpeculativeSampler.cosine({ numInferenceSteps: 9, draft: 'magic' });
    // @ts-expect-error: a sample needs a shape
    await sampler.sample({ denoise });
    // @ts-expect-error: the number of steps is missing
    SpeculativeSampler.fromConfig(config, {});
    // @ts-expect-error: a table has its number of steps
    SpeculativeSampler.fromSteps(sampler.steps, { numInferenceSteps: 9 });
    // @ts-expect-error: and its own noise
    SpeculativeSampler.fromSteps(sampler.steps, { eta: 0.5 });
  } catch (error) {
    if (error instanceof SamplerError) console.log(error.field, error.states?.length, error.cause);
  }
  return sample;
}
