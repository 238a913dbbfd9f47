// The worker through its client: what it answers is what the module answers here.
import { SamplerError, SpeculativeSampler, init } from './package/index.js';
import { connect } from './package/worker-client.js';
import { denoise } from './denoiser.js';

const shape = [4, 8];
const config = { _class_name: 'DDPMScheduler', prediction_type: 'sample', clip_sample: false };
const sampler = { numInferenceSteps: 60, window: 'auto' };
const module = './denoiser.js';
const worker = () => new Worker('./package/worker.js', { type: 'module' });
const caught = (promise) => promise.then(assertFailed, (error) => (error instanceof SamplerError ? error : assertFailed(error)));
const assertFailed = (result) => {
  throw new Error(`was to fail with a SamplerError: ${result}`);
};
const same = (one, other) => one.length === other.length && one.every((x, i) => x === other[i]);

async function main() {
  await init();
  const here = await SpeculativeSampler.fromConfig(config, sampler).sample({ shape, seed: 7, denoise });
  const ours = worker();
  // rounds that came in a result, having come already
  let sentTwice = 0;
  ours.addEventListener('message', ({ data }) => {
    if (data.type === 'done') sentTwice += Number('trace' in (data.result ?? {})) + (data.result?.samples ?? []).filter((one) => 'trace' in one).length;
  });
  const remote = await connect(ours, { module, config, sampler, options: { pause: true } });

  const levels = [];
  let shown;
  const onRound = ({ level, seed, index, preview }) => {
    if (seed === 7 && index === 0) levels.push(level);
    shown = preview;
  };
  const there = await remote.sample({ shape, seed: 7 }, { onRound });
  const untraced = await remote.sample({ shape, seed: 7, trace: false });
  const many = await remote.sampleMany({ shape, seeds: [7, 8, 9, 10, 11, 12] });
  const checked = await remote.check({ shape, guidance: { scale: 2 } });
  const audited = await remote.audit({ shape, runs: 8 });
  const timings = [];
  const { window } = await remote.measure({ shape }, { onMeasure: (timing) => timings.push(timing) });

  const controller = new AbortController();
  const cancelled = await caught(remote.sample({ shape, seed: 7 }, { signal: controller.signal, onRound: ({ level }) => level > 20 && controller.abort() }));
  const rest = await remote.sample({ shape, seed: 7, state: cancelled.states[0] });
  const already = await caught(remote.sample({ shape, seed: 7 }, { signal: AbortSignal.abort() }));
  const gone = new RangeError('gone');
  const thrown = await caught(
    remote.sample(
      { shape, seed: 7 },
      {
        onRound: () => {
          throw gone;
        },
      },
    ),
  );
  const withDrafter = await connect(worker(), { module, config, sampler: { ...sampler, draft: 'independent', window: 8 }, options: { drafts: true } });
  const drafted = await withDrafter.sample({ shape, seed: 7 });
  withDrafter.close();
  const ancestral = await connect('./package/worker.js', { module, kind: 'ancestral', config, sampler: { sigmas: [3, 2, 1, 0], window: 2 } });
  const short = await ancestral.sample({ shape, seed: 7 });
  // it stops answering in the middle of a call
  const hung = caught(ancestral.check({ shape }));
  ancestral.close();

  const poison = 'poisoned.js';
  const poisoned = await connect(worker(), { module: poison, config, sampler: { ...sampler, rule: 'reflection' } });
  const { samples } = await poisoned.sampleMany({ shape, seeds: [3, 1] });
  const healthy = await connect(worker(), { module, config, sampler: { ...sampler, rule: 'reflection' } });
  const mended = await healthy.sample({ shape, seed: 1, state: samples[1].error.states[0] });
  const whole = await healthy.sample({ shape, seed: 1 });

  const refused = await Promise.all([
    caught(remote.sample({ shape, seed: -1 })),
    caught(remote.sample({ shape, seed: 1, mask: { sample: () => {} } })),
    caught(connect(worker(), { module, config: {}, sampler })),
    caught(connect(worker(), { module, config, sampler, kind: 'magic' })),
    hung,
    caught(ancestral.sample({ shape, seed: 7 })),
    caught(connect(new URL('./throws.js', location.href), { module, config, sampler })),
    caught(connect('http://', { module, config, sampler })),
  ]);
  return {
    same: same(there.sample, here.sample),
    previewed: shown.length === 32,
    trace: {
      levels: levels.at(-1) === 60 && levels.length === here.trace.length,
      rounds:
        there.trace.length === here.trace.length &&
        there.trace.every((round, i) => same(round.residual, here.trace[i].residual) || round.residual.some(Number.isNaN)),
      kept: untraced.trace.length > 0,
    },
    measured: window.startsWith('auto') && timings.length > 3,
    many: {
      same: same(many.samples[0].sample, here.sample) && many.samples[1].trace.length > 0,
      errors: many.samples.filter(({ error }) => error).length,
      audit: many.audit.count > 50,
    },
    checked: checked.passed,
    audited: audited.passed && audited.calls < 60,
    drafter: drafted.draftCalls > 0 && drafted.calls < 60,
    ancestral: short.sample.length === 32 && short.calls <= 4,
    cancelled: {
      name: cancelled.name,
      field: cancelled.field,
      cause: cancelled.cause === controller.signal.reason,
      states: cancelled.states.length,
      resumed: same(rest.sample, here.sample) && rest.calls < here.calls,
    },
    already: { name: already.name, field: already.field },
    poisoned: { fields: samples.map(({ error }) => error?.field ?? null), mended: mended.sample.every(Number.isFinite) && mended.calls < whole.calls },
    thrown: { field: thrown.field, cause: thrown.cause === gone, states: thrown.states.length },
    refused: refused.map(({ field }) => field),
    sentTwice,
  };
}

main().then(
  (result) => {
    globalThis.result = result;
  },
  (error) => {
    globalThis.result = { error: `${error.stack}` };
  },
);
