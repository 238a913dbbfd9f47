// @ts-check
/// <reference types="./onnx.d.ts" />
// A denoiser in an ONNX file: its inputs and outputs found by name and shape, and refused by name where they do not fit.

import { SamplerError } from './index.js';

/** @typedef {import('./onnx.js').Port} Port */
/** @typedef {import('./onnx.js').Options} Options */
/** @typedef {import('./onnx.js').Model} Model */
/** @typedef {import('./index.js').Question} Question */

const NAMES = {
  sample: ['sample', 'x', 'input', 'latent', 'latents', 'noisy_sample'],
  timestep: ['timestep', 'timesteps', 't', 'time', 'sigma'],
  labels: ['class_labels', 'class_label', 'labels', 'label', 'y'],
  output: ['out_sample', 'sample', 'output', 'noise_pred', 'velocity', 'epsilon', 'eps', 'model_output', 'prediction'],
};
/** Types of timesteps and labels, and how numbers become them: whole ones by rounding. */
const KINDS = {
  int64: (/** @type {ArrayLike<number>} */ values) => BigInt64Array.from(values, (value) => BigInt(Math.round(value))),
  int32: (/** @type {ArrayLike<number>} */ values) => Int32Array.from(values, Math.round),
  float32: (/** @type {ArrayLike<number>} */ values) => Float32Array.from(values),
  float64: (/** @type {ArrayLike<number>} */ values) => Float64Array.from(values),
};
/** A dimension that an export has fixed; what has no name, or -1, is free. @param {unknown} size @returns {size is number} */
const isFixed = (size) => typeof size === 'number' && size > 0;

/**
 * @param {any} ort ONNX Runtime
 * @param {unknown} file its address, path or bytes
 * @param {Options & {session?: object}} [options]
 * @returns {Promise<Model>}
 */
export async function open(ort, file, { session: settings, ...options } = {}) {
  const session = await ort.InferenceSession.create(file, settings).catch((/** @type {unknown} */ error) => {
    throw new SamplerError('model', `ONNX Runtime cannot open the model: ${error instanceof Error ? error.message : error}`, { cause: error });
  });
  try {
    return fromSession(ort, session, options);
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** @param {any} ort @param {any} session @param {Options} [options] @returns {Model} */
export function fromSession(ort, session, options = {}) {
  const { inputMetadata, outputMetadata } = session;
  if (!inputMetadata || !outputMetadata) {
    throw new SamplerError('session', 'the session does not say which inputs and outputs its model has (inputMetadata): take a newer ONNX Runtime');
  }
  const { inputs = {}, labels: wanted } = options;
  const { sample, timestep, labels } = roles(inputMetadata, options);
  const shape = stateShape(sample);
  perRow(timestep);
  const output = theOutput(outputMetadata, shape, options.names?.output);
  return {
    release: () => session.release(),
    shape,
    text: `${sample.name} ${JSON.stringify(sample.shape)}, ${[timestep, ...(labels ? [labels] : [])].map(({ name }) => name).join(', ')} → ${output.name}`,
    async denoise(question) {
      const { sample: states, timesteps, batch } = question;
      /** @type {Record<string, any>} */
      const feeds = { [sample.name]: new ort.Tensor('float32', states, [batch, ...shape]), [timestep.name]: vector(ort, timestep, timesteps) };
      if (labels) {
        const label = typeof wanted === 'function' ? wanted(question) : wanted;
        feeds[labels.name] = vector(ort, labels, rowsOf(labels, label, batch));
      }
      for (const [name, make] of Object.entries(inputs)) feeds[name] = await make(question);
      const { [output.name]: found } = await session.run(feeds);
      // it may lie on a graphics card
      return found.getData ? found.getData() : found.data;
    },
  };
}

/** One for each row. @param {Port} labels @param {number | ArrayLike<number> | undefined} label @param {number} batch */
function rowsOf(labels, label, batch) {
  if (typeof label === 'number') return new Float64Array(batch).fill(label);
  if (label?.length === batch) return label;
  throw new SamplerError(
    'labels',
    `the model has classes, in its input "${labels.name}": labels must be a number, or a function that returns one or ${batch} for the rows of a call`,
  );
}

/** Which input is what. @param {Port[]} ports @param {Options} options */
function roles(ports, { names = {}, inputs = {} }) {
  const given = Object.keys(inputs);
  const unknown = given.find((name) => !ports.some((port) => port.name === name));
  if (unknown) throw new SamplerError(unknown, `the model has no input "${unknown}": found ${list(ports)}`);
  const free = ports.filter(({ name }) => !given.includes(name));
  /** @param {'sample' | 'timestep' | 'labels'} role */
  const named = (role) => {
    const name = names[role];
    const found = free.find((port) => (name === undefined ? NAMES[role].includes(port.name.toLowerCase()) : port.name === name));
    if (name !== undefined && !found) throw new SamplerError(role, `the model has no input "${name}": found ${list(ports)}`);
    return found;
  };
  const sample = named('sample') ?? free.find(({ shape }) => shape?.length === 4);
  const timestep = named('timestep') ?? free.find((port) => port !== sample && shapeOf(port).length <= 1);
  if (!sample) throw new SamplerError('sample', `the model has no input for the noisy sample: found ${list(ports)}`);
  if (!timestep) throw new SamplerError('timestep', `the model has no input for the timestep: found ${list(ports)}`);
  const labels = named('labels');
  const other = free.find((port) => port !== sample && port !== timestep && port !== labels);
  if (other)
    throw new SamplerError(
      other.name,
      `the model wants an input "${other.name}" ${JSON.stringify(other.shape)}: give a function that makes it, as inputs["${other.name}"]`,
    );
  if (sample.type !== 'float32') throw new SamplerError(sample.name, `the input "${sample.name}" is of type ${sample.type}, not float32`);
  for (const port of labels ? [timestep, labels] : [timestep]) {
    if (!(String(port.type) in KINDS))
      throw new SamplerError(port.name, `the input "${port.name}" is of type ${port.type}: ${Object.keys(KINDS).join(', ')} can be given`);
  }
  return { sample, timestep, labels };
}

/** @param {Port} port */
const shapeOf = (port) => port.shape ?? [];
/** @param {Port[]} ports */
const list = (ports) => ports.map(({ name, shape }) => `"${name}" ${JSON.stringify(shape)}`).join(', ');

/** The shape of one state, which must be fixed; the batch must be free. @param {Port} sample */
function stateShape(sample) {
  const [batch, ...shape] = shapeOf(sample);
  if (isFixed(batch)) throw new SamplerError(sample.name, `the input "${sample.name}" takes ${batch} row(s) only: export the model with a dynamic batch`);
  if (shape.length === 0 || !shape.every(isFixed)) {
    throw new SamplerError(
      sample.name,
      `the input "${sample.name}" has a free dimension besides the batch, ${JSON.stringify(sample.shape)}: export the model for one size`,
    );
  }
  return /** @type {number[]} */ (shape);
}

/** Rows of one call have timesteps of their own. @param {Port} timestep */
function perRow(timestep) {
  const shape = shapeOf(timestep);
  if (shape.length !== 1 || isFixed(shape[0])) {
    throw new SamplerError(
      timestep.name,
      `the input "${timestep.name}" has shape ${JSON.stringify(shape)}: the rows of a call have timesteps of their own, so export the model with one for each row of the batch`,
    );
  }
}

/** The output of a state's shape. @param {Port[]} ports @param {number[]} shape @param {string | undefined} name */
function theOutput(ports, shape, name) {
  const outputs = name === undefined ? ports : ports.filter((port) => port.name === name);
  const fits = outputs.filter((output) => {
    const [, ...found] = shapeOf(output);
    return found.length === shape.length && found.every((size, i) => !isFixed(size) || size === shape[i]);
  });
  const named = fits.filter((output) => NAMES.output.includes(output.name.toLowerCase()));
  const [fit, other] = named.length > 0 ? named : fits;
  if (other)
    throw new SamplerError(
      'output',
      `the model has several outputs of the sample's shape, and none is surely its prediction: ${list(fits)}; say which by names.output`,
    );
  if (fit && fit.type !== 'float32' && fit.type !== 'float16')
    throw new SamplerError(fit.name, `the output "${fit.name}" is of type ${fit.type}, not float32 or float16`);
  if (fit) return fit;
  const channels = outputs.find((output) => shapeOf(output).length === shape.length + 1);
  if (channels)
    throw new SamplerError(
      channels.name,
      `the output "${channels.name}" has shape ${JSON.stringify(channels.shape)}, not that of the sample: a model that also predicts a variance (learned_range) cannot be sampled exactly`,
    );
  throw new SamplerError('output', `the model has no output ${name === undefined ? '' : `"${name}" `}of the sample's shape: found ${list(ports)}`);
}

/** @param {any} ort @param {Port} port @param {ArrayLike<number>} values */
function vector(ort, port, values) {
  const make = KINDS[/** @type {keyof typeof KINDS} */ (port.type)];
  return new ort.Tensor(port.type, make(values), [values.length]);
}
