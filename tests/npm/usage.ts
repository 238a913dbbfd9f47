// Compiled, never run: what a TypeScript user writes, and what she must not.
import { SpeculativeSampler, init, type Denoise, type Progress, SamplerError } from 'speculative-diffusion';
import { fromSession, open } from 'speculative-diffusion/onnx';
import type { FigureChange } from 'speculative-diffusion/figure';
import { connect } from 'speculative-diffusion/worker-client';

const denoise: Denoise = async ({ sample, timesteps, batch, shape }) => {
  const rows: number = batch + shape[0] + timesteps.length;
  return sample.map((x) => x * rows);
};

export async function main(config: Record<string, unknown>): Promise<Float32Array> {
  await init(new URL('https://example.org/speculative_diffusion_bg.wasm'));
  const sampler = SpeculativeSampler.fromConfig(config, { numInferenceSteps: 100, draft: 'secant', window: 'measured' });
  const onRound = ({ level, costs, preview }: Progress) => console.log(level, costs.calls, preview?.[0]);
  const controller = new AbortController();
  const { sample, calls, rows, trace } = await sampler.sample({ shape: [3, 16, 16], seed: 7, denoise, onRound, signal: controller.signal });
  console.log(calls + rows, trace[0].gap[0], (await sampler.check({ shape: [1], denoise, guidance: { scale: 2 } })).passed);
  const { window, row, timings } = await sampler.measure({ shape: [3, 16, 16], denoise, seeds: [1, 2] });
  console.log(row, timings[0].ms, SpeculativeSampler.cosine({ numInferenceSteps: 9, window }).start);
  for await (const { round, state } of sampler.rounds({ shape: [3], denoise, trace: false })) console.log(round.committed, state().length);
  // what engines answer with, as their declarations have it
  const tensor: Denoise = async ({ timestepsInt64, sample }) => ({ data: sample, dims: [timestepsInt64.length], type: 'float32' as const });
  const { samples } = await sampler.sampleMany({ shape: [3], seeds: [1], denoise: tensor });
  const again: SpeculativeSampler = SpeculativeSampler.fromSteps(sampler.steps, { window: samples[0].window });
  console.log(again.steps.length + samples[0].shape[0]);
  class Tensor {
    constructor(public type: string) {}
  }
  const runtime = { Tensor, InferenceSession: { create: async (path: string) => ({ path }) } };
  const model = await open(runtime, 'model.onnx', { labels: ({ batch }) => new Array(batch).fill(1), session: { executionProviders: ['wasm'] } });
  console.log((await sampler.sample(model)).calls, fromSession(runtime, {}, { inputs: { prompt: () => new Tensor('float32') } }).text);
  const remote = await connect(new Worker('worker.js'), { module: './model.js', config, sampler: { numInferenceSteps: 9 } });
  console.log((await remote.sample({ shape: [3], seed: 7 }, { signal: controller.signal, onRound: ({ level }) => console.log(level) })).trace);
  await connect(new Worker('worker.js'), { module: './model.js', kind: 'ancestral', config, sampler: { sigmas: [1, 0], window: 4 } });
  await connect('https://a.cdn/speculative-diffusion@0.2.0/worker.js', { module: './model.js', config, sampler: { numInferenceSteps: 9 } });
  // @ts-expect-error: a function cannot be sent to a worker
  await remote.sample({ shape: [3], denoise });
  // @ts-expect-error: a configuration has no sigmas of its own
  await connect(new Worker('worker.js'), { module: './model.js', kind: 'fromConfig', config, sampler: { sigmas: [1, 0] } });
  const figure: HTMLElement = document.createElement('speculative-figure');
  figure.addEventListener('change', (event) => console.log((event as CustomEvent<FigureChange>).detail.address));
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
    // @ts-expect-error: a configuration says what is predicted
    SpeculativeSampler.fromConfig(config, { numInferenceSteps: 9, prediction: 'epsilon' });
    // @ts-expect-error: nor has it levels of its own
    SpeculativeSampler.fromConfig(config, { numInferenceSteps: 9, sigmas: [1, 0] });
    // @ts-expect-error: levels are given by one of the two
    SpeculativeSampler.ancestral(config, { sigmas: [2, 1], timesteps: [2, 1] });
    // @ts-expect-error: the cosine chain has a start of its own
    SpeculativeSampler.cosine({ numInferenceSteps: 9, start: 80 });
    // @ts-expect-error: a window is a number or has a name
    SpeculativeSampler.cosine({ numInferenceSteps: 9, window: 'long' });
    // @ts-expect-error: whoever asks for rounds is given them
    sampler.rounds({ shape: [3], denoise, onRound });
    // @ts-expect-error: an audit has seeds of its own
    await sampler.audit({ shape: [3], denoise, seeds: [1] });
    // @ts-expect-error: words are no numbers
    await sampler.sample({ shape: [3], denoise: () => 'nonsense' });
  } catch (error) {
    if (error instanceof SamplerError) console.log(error.field, error.states?.length, error.cause);
  }
  return sample;
}
