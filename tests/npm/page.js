// The package as files, under a policy that allows nothing else: from the wasm file, from a string, and in a worker.
import { SpeculativeSampler, init } from './package/index.js';
import './package/figure.js';
import { denoise } from './denoiser.js';

const run = { shape: [4, 8], seed: 7 };
const options = { numInferenceSteps: 60, window: 'auto' };
const config = { _class_name: 'DDPMScheduler', prediction_type: 'sample', clip_sample: false };

await init();
const { sample, calls } = await SpeculativeSampler.fromConfig(config, options).sample({ ...run, denoise });

const worker = new Worker('./package/worker.js', { type: 'module' });
const rounds = [];
const ask = (message) =>
  new Promise((resolve, reject) => {
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.onmessage = ({ data }) => {
      if (data.type === 'round' && data.id === 4) worker.postMessage({ id: 4, type: 'cancel' });
      else if (data.type === 'round') rounds.push(data.level);
      else if (data.type === 'done') resolve(data.result);
      else reject(data.error);
    };
    worker.postMessage(message);
  });
await ask({ id: 1, type: 'load', module: new URL('denoiser.js', location.href).href, config, sampler: options, options: { pause: true } });
const there = await ask({ id: 2, type: 'sample', run });
const refused = await ask({ id: 3, type: 'sample', run: { ...run, seed: -1 } }).catch((error) => error.message);
const same = (state) => state.every((x, i) => x === sample[i]);
const soFar = [...rounds];
const cancelled = await ask({ id: 4, type: 'sample', run }).catch((error) => error);
const rest = await ask({ id: 5, type: 'sample', run: { ...run, state: cancelled.states[0] } });

globalThis.result = {
  calls,
  rounds: soFar,
  refused,
  same: same(there.sample),
  length: sample.length,
  traced: 'trace' in there,
  figure: Boolean(customElements.get('speculative-figure')),
  cancelled: { ...cancelled, states: undefined },
  resumed: same(rest.sample) && rest.calls < there.calls,
};
