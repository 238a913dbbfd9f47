// Run inside a program that has installed the tarball: what the package promises, in Node.js.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterEach, test } from 'node:test';

import { SamplerError, SpeculativeSampler, init } from 'speculative-diffusion';
import { fromSession } from 'speculative-diffusion/onnx';
import { denoise, leaning } from './denoiser.js';

const shape = [4, 8];
// a window that is given: the default is measured, and a run of it repeats only where the same price is found again
const sampler = (options = {}) => SpeculativeSampler.cosine({ numInferenceSteps: 60, window: 'auto', ...options });
const field = (name) => (error) => {
  assert.ok(error instanceof SamplerError && error.name === 'SamplerError', String(error));
  assert.equal(error.field, name, error.message);
  assert.ok(error.message.length > 10);
  return true;
};

test('nothing happens before init, and a wrong source can be followed by a right one', async () => {
  assert.throws(sampler, field('init'));
  await assert.rejects(init(new Uint8Array([1, 2, 3])), field('init'));
  await init();
  await init();
  sampler();
});

test('the wasm file is exported, and what is for a page can be imported here', async () => {
  const wasm = createRequire(import.meta.url).resolve('speculative-diffusion/wasm');
  assert.equal(readFileSync(wasm).subarray(0, 4).toString('latin1'), '\0asm');
  await import('speculative-diffusion/figure');
});

test('a sample takes fewer calls than the plain one, whose state is of the same size', async () => {
  const rounds = [];
  const run = { shape, seed: 7, denoise };
  const { sample, calls, rows, trace, tested, accepted } = await sampler().sample({ ...run, onRound: (round) => rounds.push(round) });
  assert.equal(sample.length, 32);
  assert.ok(sample.every(Number.isFinite));
  assert.ok(calls < 30, `${calls} calls`);
  assert.ok(rows >= 60 && accepted <= tested && tested === 59);
  assert.deepEqual(
    rounds.map(({ round }) => round),
    trace,
  );
  assert.equal(rounds.at(-1).level, 60);
  assert.equal(
    trace.reduce((sum, { committed }) => sum + committed, 0),
    60,
  );
  const again = await sampler().sample(run);
  assert.deepEqual(again.sample, sample);
  const plain = await sampler().sample({ ...run, plain: true });
  assert.deepEqual([plain.calls, plain.rows, plain.sample.length], [60, 60, 32]);
});

test('a run shows what the model makes of its last committed step: guided, and with what is known', async () => {
  for (const plain of [false, true]) {
    const answers = [];
    const recorded = (question) => {
      const estimates = denoise(question);
      question.steps.forEach((step, row) => answers.push([step, String(estimates.slice(32 * row, 32 * row + 32))]));
      return estimates;
    };
    const shown = [];
    const { sample, trace } = await sampler().sample({ shape, seed: 7, plain, denoise: recorded, onRound: (progress) => shown.push(progress) });
    assert.equal(shown.length, trace.length);
    for (const { level, preview } of shown) {
      assert.ok(preview instanceof Float32Array);
      assert.ok(answers.some(([step, estimate]) => step === level - 1 && estimate === String(preview)));
    }
    assert.deepEqual(shown.at(-1).preview, sample, 'the last step is its estimate');
  }
  const previews = [];
  const mask = { sample: new Array(32).fill(0.5), known: Array.from({ length: 32 }, (_, i) => i < 8) };
  const conditioned = ({ sample, conditional }) => sample.map((_, i) => (i < 32 * conditional ? 1 : 0));
  const run = { shape, seed: 7, denoise: conditioned, guidance: { scale: 3 }, mask, onRound: ({ preview }) => previews.push(preview) };
  await sampler().withJumps({ jump: 10, visits: 2 }).sample(run);
  const expected = Float32Array.from(mask.known, (known) => (known ? 0.5 : 3));
  assert.ok(previews.length > 1);
  for (const preview of previews) assert.deepEqual(preview, expected);
});

test('chains that share calls do what each does alone, and each row names its run', async () => {
  const seeds = [3, 1, 4];
  const runs = new Set();
  const together = await sampler().sampleMany({
    shape,
    seeds,
    batch: 64,
    denoise: (question) => {
      question.runs.forEach((run, i) => {
        runs.add(run);
        assert.equal(question.seeds[i], seeds[run]);
      });
      assert.deepEqual(question.shape, [question.batch, ...shape]);
      return Promise.resolve(denoise(question));
    },
  });
  assert.deepEqual([...runs].sort(), [0, 1, 2]);
  let calls = 0;
  for (const [i, seed] of seeds.entries()) {
    const alone = await sampler().sample({ shape, seed, denoise });
    assert.deepEqual(alone.sample, together.samples[i].sample);
    assert.equal(alone.calls, together.samples[i].calls);
    calls += alone.calls;
  }
  assert.ok(together.calls < calls);
});

test('a run goes on from a saved state to the same sample', async () => {
  const saved = [];
  const run = { shape, seed: 7, denoise };
  const whole = await sampler().sample({ ...run, onRound: ({ state }) => saved.push(state()) });
  const {
    samples: [rest],
  } = await sampler().sampleMany({ shape, denoise, seeds: [7], states: [saved[2]] });
  assert.deepEqual(rest.sample, whole.sample);
  assert.ok(rest.calls < whole.calls);
  await assert.rejects(sampler().sampleMany({ shape, denoise, seeds: [8], states: [saved[2]] }), field('state'));
});

test('a chain that fails says so and is not lost, and the others go on', async () => {
  const poisoned = (question) => {
    const estimates = denoise(question);
    question.seeds.forEach((seed, row) => {
      if (seed === 1 && question.timesteps[row] < 0.5) estimates[row * 32] = NaN;
    });
    return estimates;
  };
  // the peak test may stop a shorter window earlier
  const stepwise = () => sampler({ rule: 'reflection' });
  const { samples } = await stepwise().sampleMany({ shape, seeds: [3, 1, 4], denoise: poisoned });
  assert.deepEqual(
    samples.map(({ error }) => error?.field),
    [undefined, 'denoise', undefined],
  );
  const {
    samples: [mended],
  } = await stepwise().sampleMany({ shape, seeds: [1], states: samples[1].error.states, denoise });
  assert.deepEqual(mended.sample, (await stepwise().sample({ shape, seed: 1, denoise })).sample);
  await assert.rejects(stepwise().sample({ shape, seed: 1, denoise: poisoned }), field('denoise'));
});

test('a run whose denoiser throws goes on from where it stood, a plain one too', async () => {
  for (const plain of [false, true]) {
    let calls = 0;
    // somebody else's, and not to be written to
    const gone = Object.freeze(new RangeError('gone'));
    const breaking = (question) => {
      if (++calls > 5) throw gone;
      return denoise(question);
    };
    const error = await sampler()
      .sample({ shape, seed: 7, plain, denoise: breaking })
      .catch((why) => why);
    assert.ok(error instanceof SamplerError && error !== gone && error.cause === gone);
    assert.deepEqual([error.name, error.message, error.field], ['SamplerError', 'gone', 'denoise']);
    const rest = await sampler().sample({ shape, seed: 7, plain, denoise, state: error.states[0] });
    const whole = await sampler().sample({ shape, seed: 7, plain, denoise });
    assert.deepEqual(rest.sample, whole.sample);
    assert.ok(rest.calls < whole.calls);
  }
  let late;
  await sampler().sample({
    shape,
    seed: 7,
    denoise,
    onRound: ({ state }) => {
      late = state;
    },
  });
  assert.throws(late, field('state'));
});

/** A denoiser that computes so many rows side by side, in so many milliseconds each time, by a clock that nothing else moves: the machine may be busy. */
const slow = (ms, lanes) => {
  let now = 0;
  performance.now = () => now;
  return (question) => {
    now += ms * Math.ceil(Math.max(1, question.batch / lanes));
    return denoise(question);
  };
};
const { now } = performance;
afterEach(() => {
  performance.now = now;
});
const unset = (options = {}) => sampler({ window: undefined, ...options });

test('where no window is given a price is measured: no more rows than plain where a row costs a call, few calls where it costs little', async () => {
  const run = { shape, seed: 7 };
  const dear = await unset().sample({ ...run, denoise: slow(2, 1) });
  assert.deepEqual([dear.window, dear.calls, dear.rows], ['auto/1/1', 60, 60]);
  const cheap = await unset({ window: 'measured' }).sample({ ...run, denoise: slow(2, Infinity) });
  assert.ok(cheap.window === 'auto/0.005/1' && cheap.calls < 20, `${cheap.window}: ${cheap.calls} calls`);
  const four = await unset().measure({ shape, denoise: slow(2, 4) });
  assert.deepEqual([four.window, four.row, four.lanes], ['auto/1/4', 1, 4]);
  assert.deepEqual(new Set(four.timings.map(({ rows }) => rows)), new Set([1, 2, 4, 16]));
  // the window that was found makes the same run, elsewhere too
  const again = await sampler({ window: cheap.window }).sample({ ...run, denoise });
  assert.deepEqual(again.sample, cheap.sample);
});

test('a price is measured once for a sampler and a size, and never for a plain run or a given window', async () => {
  const told = [];
  const run = { shape, seed: 7, denoise: slow(1, 1), onMeasure: (timing) => told.push(timing) };
  const one = unset();
  const { window } = await one.sample(run);
  const measured = told.length;
  assert.ok(measured >= 4 && told.every(({ rows, ms }) => ms === rows), JSON.stringify(told));
  assert.equal((await one.sample(run)).window, window);
  assert.equal((await one.withStrength(0.5).sample(run)).window, window);
  assert.equal((await unset().sample({ ...run, plain: true })).window, undefined);
  assert.equal((await sampler().sample(run)).window, 'auto');
  assert.equal(told.length, measured);
  await one.sample({ ...run, shape: [4, 4] });
  assert.ok(told.length > measured);
  // two at a time: the second waits for what the first finds, or measures where that one fails
  const late = (question) => Promise.resolve(run.denoise(question));
  const both = unset();
  const heard = [[], []];
  const pair = await Promise.all(heard.map((list) => both.sample({ ...run, denoise: late, onMeasure: (timing) => list.push(timing) })));
  assert.deepEqual([pair[0].sample, heard[1]], [pair[1].sample, []]);
  const controller = new AbortController();
  const failing = unset();
  const results = await Promise.allSettled([
    failing.sample({ ...run, denoise: () => Promise.reject(new Error('gone')) }),
    failing.sample({ ...run, denoise: late, onMeasure: () => controller.abort() }),
    failing.sample({ ...run, denoise: late, signal: controller.signal }),
  ]);
  assert.deepEqual(
    results.map(({ reason }) => reason?.name),
    ['SamplerError', undefined, 'AbortError'],
  );
});

test('chains that fill the calls anyway draft as if a row cost a call, and those that share little as long windows as one', async () => {
  const run = { shape, denoise: slow(2, 16), seeds: [1, 2, 3, 4] };
  const seen = [];
  const { samples } = await unset().sampleMany({ ...run, batch: 4, onMeasure: (timing) => seen.push(timing) });
  assert.deepEqual([samples[0].window, seen], ['auto/1/1', []]);
  const roomy = await unset().measure({ ...run, batch: 64 });
  assert.ok(roomy.lanes === 4, JSON.stringify(roomy));
  assert.deepEqual(new Set(roomy.timings.map(({ rows }) => rows)), new Set([4, 8, 16, 64]));
  const guided = await unset().measure({ shape, denoise: slow(1, 1), guidance: { scale: 2, interval: [0.1, 0.2] } });
  assert.equal(guided.timings[0].rows, 2);
});

test('a measurement is cancelled, fails and refuses as a run does', async () => {
  const controller = new AbortController();
  const aborted = unset().sample({ shape, denoise, signal: controller.signal, onMeasure: () => controller.abort() });
  await assert.rejects(aborted, (error) => error instanceof SamplerError && error.name === 'AbortError' && error.field === 'signal');
  const deaf = new AbortController();
  setTimeout(() => deaf.abort());
  await assert.rejects(unset().measure({ shape, denoise: () => new Promise(() => {}), signal: deaf.signal }), { name: 'AbortError' });
  const gone = new RangeError('gone');
  const breaking = () => {
    throw gone;
  };
  await assert.rejects(unset().sample({ shape, denoise: breaking }), (error) => error.cause === gone && error.field === 'denoise');
  await assert.rejects(unset().sample({ shape, denoise: ({ sample }) => sample.subarray(1) }), field('denoise'));
  await assert.rejects(unset().measure({ shape, denoise, seeds: [-1] }), field('seed'));
  await assert.rejects(unset().measure({ shape: [0], denoise }), field('shape'));
  // what cannot be run is refused before anything is asked
  await assert.rejects(unset().sample({ shape, denoise: breaking, mask: {} }), field('mask'));
});

test('a saved state goes on with the window that was measured for it, in another sampler too', async () => {
  const saved = [];
  const whole = await unset().sample({ shape, seed: 7, denoise: slow(0.5, Infinity), onRound: ({ state }) => saved.push(state()) });
  const measured = [];
  const rest = await unset().sample({ shape, seed: 7, denoise, state: saved[1], onMeasure: () => measured.push(1) });
  assert.deepEqual([rest.sample, rest.window, measured], [whole.sample, whole.window, []]);
  await assert.rejects(sampler({ window: 3 }).sample({ shape, seed: 7, denoise, state: saved[1] }), field('state'));
  const other = saved[1].slice();
  // the last digit of its window
  other[other[0]] ^= 1;
  await assert.rejects(unset().sampleMany({ shape, seeds: [7, 7], denoise, states: [saved[1], other] }), field('states'));
  const given = [];
  await sampler({ window: 3 }).sample({ shape, seed: 8, denoise, onRound: ({ state }) => given.push(state()) });
  await assert.rejects(unset().sampleMany({ shape, seeds: [7, 8], denoise, states: [saved[1], given[0]] }), field('state'));
  for (const state of [new Uint8Array(), Uint8Array.of(9, 1), 'text']) await assert.rejects(unset().sample({ shape, seed: 7, denoise, state }), field('state'));
});

test('rounds come one by one as they are asked for, and the run ends where the loop is left', async () => {
  const run = { shape, seed: 7, denoise };
  const whole = await sampler().sample(run);
  let calls = 0;
  const counted = { ...run, denoise: (question) => (calls++, denoise(question)) };
  const rounds = sampler().rounds(counted);
  const levels = [];
  let saved;
  let step;
  while (!(step = await rounds.next()).done) {
    levels.push(step.value.level);
    saved = step.value.state();
    assert.equal(step.value.costs.calls, calls, 'nothing is computed ahead');
  }
  assert.deepEqual([step.value.sample, levels.at(-1)], [whole.sample, 60]);
  assert.ok(saved.length > 32 * 8);
  for await (const { level, state } of sampler().rounds(counted)) {
    if (level > 20) {
      saved = state();
      break;
    }
  }
  const before = calls;
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(calls, before);
  assert.deepEqual((await sampler().sample({ ...run, state: saved })).sample, whole.sample);
  const controller = new AbortController();
  const aborted = (async () => {
    for await (const { level } of sampler().rounds({ ...run, signal: controller.signal })) if (level > 20) controller.abort();
  })();
  await assert.rejects(aborted, (error) => error.name === 'AbortError' && error.states.length === 1);
  await assert.rejects(
    sampler()
      .rounds({ ...run, shape: [] })
      .next(),
    field('shape'),
  );
});

test('what onRound throws ends the run with its states; a trace that is not wanted is not kept; results have their shape', async () => {
  const gone = new RangeError('gone');
  const error = await sampler()
    .sample({
      shape,
      seed: 7,
      denoise,
      onRound: ({ level }) => {
        if (level > 20) throw gone;
      },
    })
    .catch((why) => why);
  assert.ok(error instanceof SamplerError && error.cause === gone);
  const rounds = [];
  const rest = await sampler().sample({ shape, seed: 7, denoise, state: error.states[0], trace: false, onRound: ({ round }) => rounds.push(round) });
  const whole = await sampler().sample({ shape, seed: 7, denoise });
  assert.deepEqual([rest.sample, rest.trace, rest.shape], [whole.sample, [], shape]);
  assert.ok(rounds.length > 0 && rounds.length < whole.trace.length);
});

test('a denoiser may answer with a tensor, wherever that lies, and read its timesteps as int64', async () => {
  const { sample } = await sampler().sample({ shape, seed: 7, denoise });
  const tensors = [
    (data) => ({ data, dims: [data.length / 32, ...shape], type: 'float32' }),
    (data) => ({ data, location: 'cpu', getData: () => assert.fail('it is here') }),
    (data) => ({
      location: 'gpu-buffer',
      get data() {
        throw new Error('the data is not on CPU');
      },
      getData: () => Promise.resolve(data),
    }),
    (data) => ({ data: Promise.resolve(data) }),
  ];
  for (const tensor of tensors) {
    assert.deepEqual((await sampler().sample({ shape, seed: 7, denoise: (question) => tensor(denoise(question)) })).sample, sample);
    assert.deepEqual((await sampler().sample({ shape, seed: 7, denoise: async (question) => tensor(denoise(question)) })).sample, sample);
  }
  const config = { _class_name: 'DDPMScheduler', prediction_type: 'sample' };
  const times = [];
  await SpeculativeSampler.fromConfig(config, { numInferenceSteps: 20, window: 'auto' }).sample({
    shape,
    denoise: ({ sample: states, timesteps, timestepsInt64 }) => {
      assert.ok(timestepsInt64 instanceof BigInt64Array);
      assert.deepEqual(Array.from(timestepsInt64, Number), [...timesteps]);
      times.push(...timestepsInt64);
      return states.map((y) => 0.5 * y);
    },
  });
  assert.equal(times[0], 950n);
  for (const answer of [{}, { data: 'text' }, { data: new BigInt64Array(32) }, null, new BigInt64Array(32)]) {
    await assert.rejects(sampler().sample({ shape, denoise: () => answer }), field('denoise'));
  }
});

test('a session of ONNX Runtime becomes a denoiser: classes, further inputs, names of its own', async () => {
  class Tensor {
    constructor(type, data, dims) {
      Object.assign(this, { type, data, dims });
      assert.equal(
        data.length,
        dims.reduce((product, size) => product * size, 1),
      );
    }
  }
  const fed = [];
  const port = (name, dims, type = 'float32') => ({ name, shape: dims, type, isTensor: true });
  // as a session is, with the toy's formula in place of a network
  const session = (inputs, outputs = [port('out', ['n', ...shape])]) => ({
    inputMetadata: inputs,
    outputMetadata: outputs,
    run: async (feeds) => {
      fed.push(feeds);
      const { y, when } = feeds;
      const data = denoise({ sample: y.data, timesteps: Array.from(when.data, (t) => Number(t) / 1000), batch: when.dims[0] });
      return { out: new Tensor('float32', data, y.dims) };
    },
  });
  const inputs = [port('y', ['n', ...shape]), port('when', ['n'], 'int64'), port('class', ['n'], 'int32'), port('prompt', ['n', 2])];
  const names = { sample: 'y', timestep: 'when', labels: 'class' };
  const prompt = ({ batch }) => new Tensor('float32', new Float32Array(2 * batch), [batch, 2]);
  const model = fromSession({ Tensor }, session(inputs), { names, inputs: { prompt }, labels: ({ runs }) => runs.map((run) => 5 + run) });
  assert.deepEqual(model.shape, shape);
  const config = { _class_name: 'DDPMScheduler', prediction_type: 'sample' };
  const ddpm = SpeculativeSampler.fromConfig(config, { numInferenceSteps: 20, window: 'auto' });
  const { calls } = await ddpm.sampleMany({ seeds: [1, 2], shape: model.shape, denoise: model.denoise });
  assert.equal(fed.length, calls);
  assert.deepEqual(
    [fed[0].y.dims, fed[0].when.data, fed[0].class.data, fed[0].prompt.dims],
    [[2, ...shape], BigInt64Array.of(950n, 950n), Int32Array.of(5, 6), [2, 2]],
  );
  const refused = (change, options, name) =>
    assert.throws(() => fromSession({ Tensor }, change, { names, inputs: { prompt }, labels: 0, ...options }), field(name));
  refused({}, {}, 'session');
  refused(session(inputs), { inputs: {} }, 'prompt');
  refused(session(inputs), { inputs: { prompt, mask: prompt } }, 'mask');
  refused(session(inputs), { names: { ...names, sample: 'latents' } }, 'sample');
  refused(session(inputs), { names: { ...names, output: 'noise' } }, 'output');
  refused(session([port('y', ['n']), ...inputs.slice(1)], [port('out', ['n'])]), {}, 'y');
  const unlabelled = fromSession({ Tensor }, session(inputs), { names, inputs: { prompt } });
  await assert.rejects(ddpm.sample(unlabelled), field('labels'));
});

test('an abort ends the run with its reason, and nothing more is asked', async () => {
  const controller = new AbortController();
  let asked = 0;
  const aborted = sampler().sample({
    shape,
    signal: controller.signal,
    denoise: (question) => {
      if (++asked === 3) controller.abort();
      return denoise(question);
    },
  });
  await assert.rejects(aborted, { name: 'AbortError' });
  assert.equal(asked, 3);
});

test('runs that one signal ends each keep their own states', async () => {
  const controller = new AbortController();
  const errors = await Promise.all(
    [7, 8].map((seed) =>
      sampler()
        .sample({ shape, seed, signal: controller.signal, denoise, onRound: ({ level }) => seed === 8 && level > 20 && controller.abort() })
        .catch((why) => why),
    ),
  );
  assert.notEqual(errors[0], errors[1]);
  for (const [index, seed] of [7, 8].entries()) {
    const { name, field, cause, states } = errors[index];
    assert.deepEqual([name, field, cause], ['AbortError', 'signal', controller.signal.reason]);
    const rest = await sampler().sample({ shape, seed, denoise, state: states[0] });
    assert.deepEqual(rest.sample, (await sampler().sample({ shape, seed, denoise })).sample);
  }
});

test('an abort does not wait for a call that does not hear it, whose answer is dropped', async () => {
  for (const work of ['sample', 'check']) {
    const controller = new AbortController();
    let answer = () => {};
    let rounds = 0;
    const aborted = sampler()[work]({
      shape,
      signal: controller.signal,
      onRound: () => {
        rounds += 1;
      },
      denoise: (question) =>
        new Promise((resolve) => {
          answer = () => resolve(denoise(question));
          setTimeout(() => controller.abort());
        }),
    });
    await assert.rejects(aborted, (error) => error.name === 'AbortError' && error instanceof SamplerError);
    answer();
    await new Promise((resolve) => setTimeout(resolve));
    assert.equal(rounds, 0);
  }
});

test('the check and the audit pass an honest denoiser and fail one that leans on its batch', async () => {
  const checked = await sampler().check({ shape, denoise });
  assert.ok(checked.passed, checked.text);
  const caught = await sampler().check({ shape, denoise: leaning });
  assert.ok(!caught.passed && !caught.alone.passed && caught.repeated.exact, caught.text);
  const audited = await sampler().audit({ shape, denoise, runs: 60 });
  assert.ok(audited.passed && audited.count > 2000, audited.text);
  const failed = await sampler().audit({ shape, denoise: leaning, runs: 60 });
  assert.ok(!failed.passed, failed.text);
});

test('a guided check sees rows without their condition, which another does not ask', async () => {
  const conditions = (estimates, { conditional, batch }) => estimates.map((x, i) => (i < (estimates.length / batch) * conditional ? x : 0.5 * x));
  const honest = (question) => conditions(denoise(question), question);
  // without their condition rows see their neighbours
  const half = (question) => {
    const [own, leant] = [honest(question), conditions(leaning(question), question)];
    return own.map((x, i) => (i < 32 * question.conditional ? x : leant[i]));
  };
  for (const guidance of [{ scale: 7.5 }, { scale: 3, interval: [0.2, 6], rescale: 0.7 }]) {
    const checked = await sampler().check({ shape, denoise: honest, guidance });
    assert.ok(checked.passed, checked.text);
    const caught = await sampler().check({ shape, denoise: half, guidance });
    assert.ok(!caught.passed && !caught.alone.passed && caught.repeated.exact, caught.text);
  }
  assert.ok((await sampler().check({ shape, denoise: half })).passed, 'nobody has asked for those rows');
  await assert.rejects(sampler().check({ shape, denoise, guidance: { scale: NaN } }), field('guidance'));
});

test('a cheaper model can draft', async () => {
  const independent = SpeculativeSampler.cosine({ numInferenceSteps: 40, draft: 'independent', window: 8 });
  const drafter = (question) => denoise(question).map((x) => 0.95 * x);
  const { draftCalls, calls } = await independent.sample({ shape, seed: 1, denoise, drafter });
  assert.ok(draftCalls >= 40 && calls < 40, `${draftCalls} and ${calls} calls`);
  await assert.rejects(independent.sample({ shape, seed: 1, denoise }), field('drafter'));
});

test('chains come from a scheduler_config.json, or from a table', async () => {
  const config = { _class_name: 'DDPMScheduler', beta_schedule: 'squaredcos_cap_v2', prediction_type: 'epsilon', clip_sample: false };
  const ddpm = SpeculativeSampler.fromConfig(config, { numInferenceSteps: 50, window: 'auto' });
  assert.deepEqual([ddpm.steps.length, ddpm.steps[0].t, ddpm.steps[49].t, ddpm.start], [50, 980, 0, 1]);
  const { calls } = await ddpm.sample({ shape, seed: 1, denoise: ({ sample }) => sample.map((y) => 0.9 * y) });
  assert.ok(calls < 50);
  const copy = SpeculativeSampler.fromSteps(ddpm.steps, { start: ddpm.start, prediction: 'epsilon' });
  assert.deepEqual(copy.steps, ddpm.steps);
});

test("errors name the option or the configuration's field", async () => {
  const config =
    (fields, options = {}) =>
    () =>
      SpeculativeSampler.fromConfig({ _class_name: 'DDPMScheduler', ...fields }, { numInferenceSteps: 50, ...options });
  assert.throws(config({ variance_type: 'learned_range' }), field('variance_type'));
  assert.throws(config({ _class_name: 'PNDMScheduler' }), field('_class_name'));
  assert.throws(config({}, { numInferenceSteps: 0 }), field('numInferenceSteps'));
  assert.throws(config({}, { numInferenceSteps: undefined }), field('numInferenceSteps'));
  assert.throws(config({}, { eta: 0.5 }), field('eta'));
  assert.throws(config({}, { window: 0 }), field('window'));
  assert.throws(config({}, { draft: 'magic' }), field('draft'));
  assert.throws(config({}, { quantity: 'x0hat' }), field('quantity'));
  assert.throws(config({}, { rule: 'redraw' }), field('rule'));
  assert.throws(config({}, { window: 'auto/2' }), field('window'));
  assert.throws(config({}, { colour: 'red' }), field('colour'));
  assert.throws(config({}, { prediction: 'epsilon' }), field('prediction'));
  assert.throws(() => SpeculativeSampler.cosine({ numInferenceSteps: 9, start: 80 }), field('start'));
  assert.throws(() => SpeculativeSampler.cosine({ numInferenceSteps: 1 }), field('numInferenceSteps'));
  assert.throws(() => SpeculativeSampler.cosine(), field('numInferenceSteps'));
  assert.throws(() => SpeculativeSampler.fromSteps([], { eta: 1 }), field('eta'));
  SpeculativeSampler.cosine({ numInferenceSteps: 9, window: undefined, draft: undefined });
  assert.throws(() => SpeculativeSampler.fromConfig('{', { numInferenceSteps: 5 }), field('json'));
  assert.throws(() => SpeculativeSampler.fromSteps([]), field('steps'));
  assert.throws(() => SpeculativeSampler.cosine({ numInferenceSteps: 9, prediction: 'x' }), field('prediction'));
  const bad = (run, name) => assert.rejects(sampler().sample({ shape, seed: 1, denoise, ...run }), field(name));
  await bad({ shape: [] }, 'shape');
  await bad({ shape: [0] }, 'shape');
  await bad({ shape: [3, 20000, 20000] }, 'shape');
  await bad({ seed: -1 }, 'seed');
  await bad({ seed: 1.5 }, 'seed');
  await bad({ denoise: undefined }, 'denoise');
  await bad({ denoise: () => 'nonsense' }, 'denoise');
  await bad({ denoise: ({ sample }) => sample.subarray(1) }, 'denoise');
  await bad({ denoise: ({ sample }) => sample.map(() => NaN) }, 'denoise');
  await bad(
    {
      denoise: () => {
        throw Object.assign(new Error('the session is gone'), { field: 'mine' });
      },
    },
    'mine',
  );
  await assert.rejects(sampler().sampleMany({ shape, seeds: [], denoise }), field('seeds'));
  await assert.rejects(sampler().audit({ shape, denoise, runs: 1 }), field('runs'));
});

// as Stable Diffusion XL comes
const SDXL = {
  _class_name: 'EulerDiscreteScheduler',
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  beta_end: 0.012,
  timestep_spacing: 'leading',
  steps_offset: 1,
};

test('a configuration without noise of its own is sampled by its ancestral chain', async () => {
  assert.throws(() => SpeculativeSampler.fromConfig(SDXL, { numInferenceSteps: 50 }), field('_class_name'));
  const ancestral = SpeculativeSampler.ancestral(SDXL, { numInferenceSteps: 50, window: 'auto' });
  assert.deepEqual([ancestral.steps.length, ancestral.steps[0].t, ancestral.steps[49].t], [50, 981, 1]);
  // epsilon of data that are one point
  const levels = new Map(ancestral.steps.map(({ t, alpha, sigma }) => [t, [alpha, sigma]]));
  const point = ({ sample, timesteps }) =>
    sample.map((y, i) => {
      const [alpha, sigma] = levels.get(timesteps[Math.floor(i / 32)]);
      return (y - alpha * 0.5) / sigma;
    });
  const { sample, calls } = await ancestral.sample({ shape, seed: 7, denoise: point });
  assert.ok(calls < 20 && sample.every((x) => Math.abs(x - 0.5) < 1e-3), `${calls} calls, ${sample[0]}`);

  const given = SpeculativeSampler.ancestral(SDXL, { sigmas: [14.615, 6.475, 1.886, 0.399, 0] });
  assert.equal(given.steps.length, 4);
  assert.deepEqual(
    SpeculativeSampler.ancestral(SDXL, { timesteps: Float32Array.of(900, 500, 100) }).steps.map(({ t }) => t),
    [900, 500, 100],
  );
  const flux = { _class_name: 'FlowMatchEulerDiscreteScheduler', use_dynamic_shifting: true };
  assert.throws(() => SpeculativeSampler.ancestral(flux, { numInferenceSteps: 10 }), field('mu'));
  assert.equal(SpeculativeSampler.ancestral(flux, { numInferenceSteps: 10, mu: 1.15 }).steps.length, 10);
  assert.throws(() => SpeculativeSampler.ancestral(SDXL, { sigmas: [2, 1], timesteps: [2, 1] }), field('timesteps'));
  assert.throws(() => SpeculativeSampler.ancestral(SDXL, { sigmas: 7 }), field('sigmas'));
  assert.throws(() => SpeculativeSampler.ancestral(SDXL, {}), field('numInferenceSteps'));
});

test('a configuration is read as it is held in JavaScript', () => {
  const ddpm = (fields) => SpeculativeSampler.fromConfig({ _class_name: 'DDPMScheduler', ...fields }, { numInferenceSteps: 10 });
  ddpm({ clip_sample_range: Infinity });
  assert.throws(() => ddpm({ beta_end: NaN }), field('beta_end'));
  const betas = Float32Array.from({ length: 20 }, (_, i) => 0.01 + 0.01 * i);
  assert.deepEqual(ddpm({ num_train_timesteps: 20, trained_betas: betas }).steps, ddpm({ num_train_timesteps: 20, trained_betas: [...betas] }).steps);
});

test('halves are understood from their bits, and infinity is no number however it is clipped', async () => {
  const sampler = SpeculativeSampler.fromConfig({ _class_name: 'DDPMScheduler', prediction_type: 'sample' }, { numInferenceSteps: 20, window: 'auto' });
  const bits =
    (value) =>
    ({ sample }) =>
      new Uint16Array(sample.length).fill(value);
  const half = await sampler.sample({ shape, seed: 1, denoise: bits(0x3800) });
  const single = await sampler.sample({ shape, seed: 1, denoise: ({ sample }) => new Float32Array(sample.length).fill(0.5) });
  assert.deepEqual(half.sample, single.sample);
  await assert.rejects(sampler.sample({ shape, seed: 1, denoise: bits(0x7c00) }), field('denoise'));
});

test('a seed that is no number is refused, and an error that is frozen is passed on', async () => {
  await assert.rejects(sampler().sample({ shape, seed: null, denoise }), field('seed'));
  const frozen = Object.freeze(new TypeError('out of order'));
  const thrown = await sampler()
    .sample({
      shape,
      denoise: () => {
        throw frozen;
      },
    })
    .catch((error) => error);
  assert.ok(field('denoise')(thrown) && thrown.cause === frozen);
});

test('a chain of second order comes from its configuration, and from its table', async () => {
  const config = { _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'sde-dpmsolver++', use_karras_sigmas: true, prediction_type: 'sample' };
  const read = SpeculativeSampler.fromConfig(config, { numInferenceSteps: 30, window: 'auto' });
  assert.ok(read.steps[1].c < 0 && read.steps[0].c === 0);
  const run = { shape, seed: 3, denoise: ({ sample }) => sample.map((y) => 0.5 * Math.tanh(y)) };
  const [one, other] = [await read.sample(run), await SpeculativeSampler.fromSteps(read.steps, { start: read.start, window: 'auto' }).sample(run)];
  assert.deepEqual(one.sample, other.sample);
  assert.ok(one.calls < 30);
  assert.throws(() => SpeculativeSampler.fromSteps(read.steps.slice(1)), field('steps'));
});

test('a sample starts from an image, and stays the nearer to it the weaker it is asked to', async () => {
  const image = Float32Array.from({ length: 32 }, (_, i) => Math.sin(i));
  const far = (strength) => {
    const from = sampler().withStrength(strength);
    assert.equal(from.steps.length, Math.floor(60 * strength));
    return from.sample({ shape, seed: 5, image, denoise }).then(({ sample }) => sample.reduce((sum, x, i) => sum + (x - image[i]) ** 2, 0));
  };
  assert.ok((await far(0.2)) < (await far(0.9)));
  const sdxl = SpeculativeSampler.ancestral(SDXL, { numInferenceSteps: 50 }).withStrength(0.3);
  assert.deepEqual([sdxl.steps.length, sdxl.steps[0].t], [15, 281]);
  await sdxl.sample({ shape, seed: 5, image, denoise: ({ sample }) => sample.map((y) => 0.1 * y) });
  await assert.rejects(sampler().sample({ shape, image: [1, 2], denoise }), field('image'));
  await assert.rejects(sampler().sample({ shape, image: 'cat', denoise }), field('image'));
  assert.throws(() => sampler().withStrength(0), field('strength'));
  assert.throws(() => sampler().withStrength(0.01), field('steps'));
});

test('guidance asks rows again without their condition, and moves the outputs away from those', async () => {
  // data at +1 with the condition and at 0 without; the clean estimate is the output
  const asked = new Set();
  const conditioned = ({ sample, batch, conditional }) => {
    asked.add(batch === conditional);
    const size = sample.length / batch;
    return sample.map((_, i) => (i < conditional * size ? 1 : 0));
  };
  const run = { shape, seed: 5, denoise: conditioned };
  const [none, all, some] = await Promise.all(
    [undefined, { scale: 3 }, { scale: 3, interval: [0.3, 3] }].map((guidance) => sampler().sample({ ...run, guidance })),
  );
  assert.ok(none.sample.every((x) => Math.abs(x - 1) < 1e-6) && all.sample.every((x) => Math.abs(x - 3) < 1e-6));
  assert.ok(
    some.sample.every((x) => Math.abs(x - 1) < 1e-6),
    'the last levels are not guided',
  );
  assert.ok(none.rows < some.rows && some.rows < all.rows);
  assert.deepEqual([...asked].sort(), [false, true]);
  await assert.rejects(sampler().sample({ ...run, guidance: { scale: 'much' } }), field('guidance'));
  await assert.rejects(sampler().sample({ ...run, guidance: { scale: 2, rescale: 7 } }), field('guidance'));
});

test('a state of a window that was given is what Rust and Python save', async () => {
  const begins = async (options) => {
    const states = [];
    await sampler(options).sample({ shape, seed: 7, denoise, onRound: ({ state }) => states.push(state()) });
    return new TextDecoder().decode(states[0].subarray(0, 6)) === 'spdiff';
  };
  assert.deepEqual([await begins({ window: 'auto' }), await begins({ window: 8 }), await begins({ window: 'measured' })], [true, true, false]);
});

test('the bits of a seed are those of Rust and Python', async () => {
  const { cases } = JSON.parse(readFileSync(new URL('half.json', import.meta.url), 'utf8'));
  const half = ({ sample }) => sample.map((x) => 0.75 * Math.max(-1, Math.min(1, x)));
  for (const { steps, prediction, window, dim, seed, bits, calls, rows } of cases) {
    const text = /^\d+$/.test(window) ? Number(window) : window;
    const made = await SpeculativeSampler.cosine({ numInferenceSteps: steps, prediction, window: text }).sample({ shape: [dim], seed, denoise: half });
    assert.deepEqual([...new Uint32Array(made.sample.buffer)], bits);
    assert.deepEqual([made.calls, made.rows], [calls, rows]);
  }
});

test('what is known of a sample is kept, and jumps cost no call', async () => {
  const known = Array.from({ length: 2 * 8 }, (_, i) => i % 2 === 0);
  const mask = { sample: known.map((_, i) => i / 16), known };
  const run = { shape: [2, 8], seed: 5, denoise: ({ sample }) => sample.map((y) => 0.5 * y) };
  const jumping = sampler().withJumps({ jump: 10, visits: 3 });
  assert.equal(jumping.steps.filter(({ b }) => b === 0).length, 2 * Math.ceil((sampler().steps.length - 10) / 10));
  for (const made of [sampler(), jumping]) {
    const asked = new Set();
    const denoise = (question) => (question.steps.forEach((step) => asked.add(step)), run.denoise(question));
    const [plain, fast] = [await made.sample({ ...run, mask, denoise, plain: true }), await made.sample({ ...run, mask })];
    assert.equal(asked.size, made.steps.filter(({ b }) => b !== 0).length);
    assert.equal(plain.calls, asked.size);
    assert.ok(fast.calls < plain.calls);
    for (const { sample } of [plain, fast]) assert.ok(sample.every((x, i) => !known[i] || Math.abs(x - mask.sample[i]) < 1e-6));
  }
  await assert.rejects(sampler().sample({ ...run, mask: { sample: [1], known: [true] } }), field('mask'));
  await assert.rejects(sampler().sample({ ...run, mask: { sample: known.map(() => NaN), known } }), field('mask'));
  await assert.rejects(sampler().sample({ ...run, mask: {} }), field('mask'));
  assert.throws(() => sampler().withJumps({ jump: 0 }), field('jump'));
  assert.throws(() => sampler().withJumps({ visits: 1.5 }), field('visits'));
});

test('the programs of the README run', async () => {
  const readme = readFileSync(
    new URL(
      'README.md',
      createRequire(import.meta.url)
        .resolve('speculative-diffusion/wasm')
        .replace(/^/, 'file://'),
    ),
    'utf8',
  );
  const programs = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, program]) => program).filter((program) => program.includes('ancestral('));
  assert.equal(programs.length, 2);
  const Program = (async () => {}).constructor;
  const flux = { _class_name: 'FlowMatchEulerDiscreteScheduler', use_dynamic_shifting: true };
  const asked = new Set();
  // a call takes as long as any other, whatever its rows
  const timed = slow(1, Infinity);
  const unet = {
    run: (states, _, prompts) => {
      timed({ sample: states, timesteps: prompts, batch: prompts.length });
      prompts.forEach((prompt) => asked.add(prompt));
      return states.map((y) => 0.9 * y);
    },
  };
  const calls = await new Program(
    'SpeculativeSampler',
    'config',
    'unet',
    'prompt',
    'nothing',
    `${programs[0].replace('4, 128, 128', '4, 8, 8')}; return calls;`,
  )(SpeculativeSampler, SDXL, unet, 'a cat', 'none');
  assert.ok(calls < 50);
  assert.deepEqual([...asked].sort(), ['a cat', 'none']);
  assert.deepEqual([...asked].sort(), ['a cat', 'none']);
  const latents = new Float32Array(16 * 8 * 8).fill(0.1);
  const sample = await new Program('SpeculativeSampler', 'config', 'latents', 'denoise', `${programs[1].replace('16, 64, 64', '16, 8, 8')}; return sample;`)(
    SpeculativeSampler,
    flux,
    latents,
    ({ sample }) => sample.map((y) => 0.5 * y),
  );
  assert.equal(sample.length, latents.length);
});
