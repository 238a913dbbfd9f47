// @ts-check
// The page: files in, samples out. What it shows was measured in the run that it shows.

import * as ort from './vendor/onnxruntime-web/ort.wasm.min.mjs';
import { SpeculativeSampler, init } from './vendor/speculative-diffusion/index.js';
import { open } from './vendor/speculative-diffusion/onnx.js';

const AUDIT_RUNS = 16;
/** So often a run shows what it has come to. */
const PREVIEW_MS = 200;

/** @template {HTMLElement} [T=HTMLInputElement] @param {string} id @returns {T} */
const byId = (id) => /** @type {any} */ (document.getElementById(id));
const number = (/** @type {string} */ id) => Number(byId(id).value);

/** @type {{model: import('./vendor/speculative-diffusion/onnx.js').Model, config: string} | undefined} */
let loaded;
/** What was made last, and of what: a sampler keeps what was measured for it. @type {{key: string, sampler: SpeculativeSampler} | undefined} */
let last;
let running = new AbortController();

/** @param {string} text @param {boolean} [trouble] */
function say(text, trouble = false) {
  byId('status').textContent = text;
  byId('status').className = trouble ? 'trouble' : '';
}

/** Runs one job at a time, with its progress, a way to cancel it, and a sentence if it fails. @param {() => Promise<void>} work */
async function job(work) {
  running = new AbortController();
  for (const group of ['run', 'files']) /** @type {HTMLFieldSetElement} */ (byId(group)).disabled = true;
  byId('cancel').disabled = false;
  // a disabled group would disable its own way out
  byId('form').append(byId('cancel'));
  try {
    await work();
  } catch (error) {
    const { name, message, field } = /** @type {Error & {field?: string}} */ (error);
    say(name === 'AbortError' ? 'Cancelled.' : `${field && !message.startsWith(field) ? `${field}: ` : ''}${message}`, name !== 'AbortError');
  } finally {
    byId('run').append(byId('cancel'));
    byId('cancel').disabled = true;
    byId('progress').hidden = true;
    /** @type {HTMLFieldSetElement} */ (byId('files')).disabled = false;
    /** @type {HTMLFieldSetElement} */ (byId('run')).disabled = !loaded;
  }
}

/** @param {number} share */
function progress(share) {
  byId('progress').hidden = false;
  byId('progress').value = String(share);
}

/** @param {Uint8Array} bytes @param {string} config @param {string} name */
async function load(bytes, config, name) {
  say('Opening the model.');
  const [model] = await Promise.all([open(ort, bytes, { labels: () => number('label'), session: { executionProviders: ['wasm'] } }), init()]);
  let ancestral;
  try {
    // what the configuration cannot express is refused now
    ({ ancestral } = made(config, { numInferenceSteps: 2 }));
  } catch (error) {
    await model.release();
    throw error;
  }
  await loaded?.model.release();
  loaded = { model, config };
  last = undefined;
  const said = (/** @type {string} */ field) => new RegExp(`"${field}"\\s*:\\s*"?([^",}]*)`).exec(config)?.[1].trim();
  const most = Number(said('num_train_timesteps') ?? 1000);
  byId('steps').max = String(most);
  byId('steps').value = String(Math.min(number('steps'), most));
  const kind = said('_class_name') ?? '';
  const prediction = kind.startsWith('FlowMatch') ? 'flow' : (said('prediction_type') ?? 'epsilon');
  byId('about').textContent = `${name}: ${model.text}; ${kind}${ancestral ? ' (its levels, ancestral steps)' : ''}, ${prediction}`;
  say('Ready.');
}

/** The class's own sampler, or the ancestral one where that adds no noise. @param {string} config @param {{numInferenceSteps: number, eta?: number, window?: any}} options */
function made(config, options) {
  try {
    return { sampler: SpeculativeSampler.fromConfig(config, options), ancestral: false };
  } catch (error) {
    const { field } = /** @type {{field?: string}} */ (error);
    // a class that is unknown is refused again
    if (field !== '_class_name' && field !== 'algorithm_type') throw error;
    return { sampler: SpeculativeSampler.ancestral(config, options), ancestral: true };
  }
}

function sampler() {
  if (!loaded) throw new Error('load a model first');
  const window = byId('window').value.trim();
  const options = { numInferenceSteps: number('steps'), eta: number('eta'), window: Number(window) || window };
  const key = JSON.stringify(options);
  if (last?.key !== key) last = { key, sampler: made(loaded.config, options).sampler };
  return last.sampler;
}

function model() {
  if (!loaded) throw new Error('load a model first');
  return { shape: loaded.model.shape, denoise: loaded.model.denoise, signal: running.signal };
}

/** One run, timed, with its progress. @param {boolean} plain @param {number} seed */
async function timed(plain, seed) {
  const steps = number('steps');
  const began = performance.now();
  let drawn = began;
  const onRound = (/** @type {import('./vendor/speculative-diffusion/index.js').Progress} */ { level, preview }) => {
    progress(level / steps);
    // as often in both runs, which are timed
    if (!preview || performance.now() - drawn < PREVIEW_MS) return;
    drawn = performance.now();
    byId('pictures').replaceChildren(picture(`${plain ? 'standard' : 'speculative'}, after ${level} of ${steps} steps`, preview));
  };
  const result = await sampler().sample({ ...model(), seed, plain, onRound });
  return { ...result, seconds: (performance.now() - began) / 1000 };
}

async function sample() {
  const results = [];
  // the first call of a session compiles and allocates: it is not what is compared
  await sampler().check(model());
  if (byId('window').value.trim() === 'measured') {
    say('Measuring what a row costs here.');
    await sampler().measure(model());
  }
  for (const plain of [false, true]) {
    const name = plain ? 'standard' : 'speculative';
    say(`Computing the ${name} run.`);
    results.push({ name, ...await timed(plain, number('seed')) });
  }
  const [speculative, standard] = results;
  byId('result').hidden = false;
  /** @type {HTMLTableElement} */ (/** @type {any} */ (byId('result'))).tBodies[0].replaceChildren(...results.map(({ name, calls, rows, seconds }) => {
    const row = document.createElement('tr');
    for (const text of [name, calls, rows, seconds.toFixed(2)]) row.insertCell().textContent = String(text);
    return row;
  }));
  byId('pictures').replaceChildren(...results.map(({ name, sample }) => picture(name, sample)));
  const ratio = speculative.seconds / standard.seconds;
  const cost = ratio < 1 ? `${(100 - 100 * ratio).toFixed(0)} % less time` : `${ratio.toFixed(1)} times as long: on this device every evaluation costs about as much as the first`;
  byId('verdict').textContent = (speculative.calls === standard.calls
    ? `With the window ${speculative.window} both samplers make ${standard.calls} calls of one evaluation: here every further evaluation costs about as much as a call. `
    : `With the window ${speculative.window}, ${standard.calls} calls became ${speculative.calls}, each of ${(speculative.rows / speculative.calls).toFixed(1)} network evaluations on average. Here that took ${cost}. `)
    + 'The two pictures differ because the two runs use their noise differently; both have the same distribution.';
  say('Done.');
}

/** A state as an image of one or three planes. @param {string} name @param {Float32Array} state */
function picture(name, state) {
  const figure = document.createElement('figure');
  const shape = /** @type {NonNullable<typeof loaded>} */ (loaded).model.shape;
  const [channels, height, width] = shape.length === 3 ? shape : [1, 1, state.length];
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = context.createImageData(width, height);
  const area = width * height;
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = (state[Math.min(c, channels - 1) * area + i] + 1) * 127.5;
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  const caption = document.createElement('figcaption');
  caption.textContent = name;
  figure.append(canvas, caption);
  return figure;
}

async function check() {
  say('Asking the same rows together, again, shuffled and alone.');
  const { passed, text } = await sampler().check(model());
  say(`${passed ? 'The model answers each row by itself' : 'The model does not answer each row by itself, so its samples would not be exact'}: ${text}.`, !passed);
}

async function audit() {
  let rounds = 0;
  const steps = number('steps');
  const { passed, text, calls } = await sampler().audit({
    ...model(), runs: AUDIT_RUNS, seed: 1000, onRound: ({ round }) => {
      rounds += round.committed;
      progress(rounds / (AUDIT_RUNS * steps));
    },
  });
  say(`${passed ? 'Passed' : 'FAILED'}, ${calls.toFixed(1)} calls a run: ${text}.`, !passed);
}

/** @param {string} path */
async function fetched(path) {
  const response = await fetch(path);
  if (!response.ok) throw Object.assign(new Error(`${path} could not be fetched: the server answered ${response.status}`), { field: 'download' });
  return response;
}

const takeFaces = async () => load(
  new Uint8Array(await (await fetched('faces/model.onnx')).arrayBuffer()), await (await fetched('faces/scheduler_config.json')).text(), 'faces',
);

async function takeFiles() {
  const [file] = byId('model').files ?? [];
  const [config] = byId('config').files ?? [];
  if (!file || !config) throw Object.assign(new Error('choose both files first'), { field: file ? 'scheduler_config.json' : 'model.onnx' });
  await load(new Uint8Array(await file.arrayBuffer()), await config.text(), file.name);
}

// one thread: more need headers that not every server sends
ort.env.wasm.numThreads = 1;
byId('load').addEventListener('click', () => job(takeFiles));
byId('faces').addEventListener('click', () => job(takeFaces));
byId('check').addEventListener('click', () => job(check));
byId('audit').addEventListener('click', () => job(audit));
byId('cancel').addEventListener('click', () => running.abort());
byId('form').addEventListener('submit', (event) => {
  event.preventDefault();
  job(sample);
});

// for tests: the sampler and the model of this very page
Object.assign(globalThis, { example: { sampler, model, isLoaded: () => loaded !== undefined } });
