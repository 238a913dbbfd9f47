// @ts-check
// A denoiser in an ONNX file: its inputs and outputs found by name and shape, and refused by name where they do not fit.

/** @typedef {{name: string, isTensor: boolean, type?: string, shape?: (number | string)[]}} Port */
/** @typedef {{shape: number[], denoise: (question: {sample: Float32Array, timesteps: Float64Array, batch: number}) => Promise<Float32Array>, text: string, release: () => Promise<void>}} Model */

const NAMES = {
  sample: ['sample', 'x', 'input', 'latent', 'latents', 'noisy_sample'],
  timestep: ['timestep', 'timesteps', 't', 'time', 'sigma'],
  label: ['class_labels', 'class_label', 'labels', 'label', 'y'],
  output: ['out_sample', 'sample', 'output', 'noise_pred', 'velocity', 'epsilon', 'eps', 'model_output', 'prediction'],
};
/** Types of timesteps and labels, and how numbers become them: whole ones by rounding. */
const KINDS = {
  int64: (/** @type {Float64Array} */ values) => BigInt64Array.from(values, (value) => BigInt(Math.round(value))),
  int32: (/** @type {Float64Array} */ values) => Int32Array.from(values, Math.round),
  float32: (/** @type {Float64Array} */ values) => Float32Array.from(values),
  float64: (/** @type {Float64Array} */ values) => values,
};
/** A dimension that an export has fixed; what has no name, or -1, is free. @param {unknown} size @returns {size is number} */
const isFixed = (size) => typeof size === 'number' && size > 0;

/** @param {string} field @param {string} message */
function refuse(field, message) {
  return Object.assign(new Error(message), { field });
}

/**
 * @param {any} ort ONNX Runtime Web
 * @param {Uint8Array} bytes of the file
 * @param {() => number} label of the class to draw, asked at each call
 * @returns {Promise<Model>}
 */
export async function open(ort, bytes, label) {
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] }).catch((/** @type {unknown} */ error) => {
    throw refuse('model', `ONNX Runtime cannot open the model: ${error instanceof Error ? error.message : error}`);
  });
  try {
    return model(ort, session, label);
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** @param {any} ort @param {any} session @param {() => number} label @returns {Model} */
function model(ort, session, label) {
  const { sample, timestep, label: labels } = roles(session.inputMetadata);
  const shape = stateShape(sample);
  perRow(timestep);
  const output = theOutput(session.outputMetadata, shape);
  return {
    release: () => session.release(),
    shape,
    text: `${sample.name} ${JSON.stringify(sample.shape)}, ${timestep.name}${labels ? `, ${labels.name}` : ''} → ${output.name}`,
    async denoise({ sample: states, timesteps, batch }) {
      /** @type {Record<string, any>} */
      const feeds = {
        [sample.name]: new ort.Tensor('float32', states, [batch, ...shape]),
        [timestep.name]: vector(ort, timestep, timesteps),
      };
      if (labels) feeds[labels.name] = vector(ort, labels, new Float64Array(batch).fill(label()));
      const { [output.name]: found } = await session.run(feeds);
      return found.data;
    },
  };
}

/** Which input is what. @param {Port[]} inputs */
function roles(inputs) {
  /** @param {string[]} names */
  const named = (names) => inputs.find(({ name }) => names.includes(name.toLowerCase()));
  const sample = named(NAMES.sample) ?? inputs.find(({ shape }) => shape?.length === 4);
  const timestep = named(NAMES.timestep) ?? inputs.find((input) => input !== sample && (shapeOf(input).length <= 1));
  if (!sample) throw refuse('sample', `the model has no input for the noisy sample: found ${list(inputs)}`);
  if (!timestep) throw refuse('timestep', `the model has no input for the timestep: found ${list(inputs)}`);
  const label = named(NAMES.label);
  const other = inputs.find((input) => input !== sample && input !== timestep && input !== label);
  if (other) throw refuse(other.name, `the model wants an input "${other.name}" that this page cannot give: it samples models of images, with or without classes`);
  if (sample.type !== 'float32') throw refuse(sample.name, `the input "${sample.name}" is of type ${sample.type}, not float32`);
  for (const port of label ? [timestep, label] : [timestep]) {
    if (!(String(port.type) in KINDS)) throw refuse(port.name, `the input "${port.name}" is of type ${port.type}: ${Object.keys(KINDS).join(', ')} can be given`);
  }
  return { sample, timestep, label };
}

/** @param {Port} port */
const shapeOf = (port) => port.shape ?? [];
/** @param {Port[]} ports */
const list = (ports) => ports.map(({ name, shape }) => `"${name}" ${JSON.stringify(shape)}`).join(', ');

/** The shape of one state, which must be fixed; the batch must be free. @param {Port} sample */
function stateShape(sample) {
  const [batch, ...shape] = shapeOf(sample);
  if (isFixed(batch)) throw refuse(sample.name, `the input "${sample.name}" takes ${batch} row(s) only: export the model with a dynamic batch`);
  if (!shape.every(isFixed)) throw refuse(sample.name, `the input "${sample.name}" has a free dimension besides the batch, ${JSON.stringify(sample.shape)}: export the model for one size`);
  return /** @type {number[]} */ (shape);
}

/** Rows of one call have timesteps of their own. @param {Port} timestep */
function perRow(timestep) {
  const shape = shapeOf(timestep);
  if (shape.length !== 1 || isFixed(shape[0])) {
    throw refuse(timestep.name, `the input "${timestep.name}" has shape ${JSON.stringify(shape)}: the rows of a call have timesteps of their own, so export the model with one for each row of the batch`);
  }
}

/** The output of a state's shape. @param {Port[]} outputs @param {number[]} shape */
function theOutput(outputs, shape) {
  const fits = outputs.filter((output) => {
    const [, ...found] = shapeOf(output);
    return found.length === shape.length && found.every((size, i) => !isFixed(size) || size === shape[i]);
  });
  const named = fits.filter(({ name }) => NAMES.output.includes(name.toLowerCase()));
  const [fit, other] = named.length > 0 ? named : fits;
  if (other) throw refuse('output', `the model has several outputs of the sample's shape, and none is surely its prediction: ${list(fits)}`);
  if (fit && fit.type !== 'float32' && fit.type !== 'float16') throw refuse(fit.name, `the output "${fit.name}" is of type ${fit.type}, not float32 or float16`);
  if (fit) return fit;
  const channels = outputs.find((output) => shapeOf(output).length === shape.length + 1);
  if (channels) throw refuse(channels.name, `the output "${channels.name}" has shape ${JSON.stringify(channels.shape)}, not that of the sample: a model that also predicts a variance (learned_range) cannot be sampled exactly`);
  throw refuse('output', `the model has no output of the sample's shape: found ${list(outputs)}`);
}

/** @param {any} ort @param {Port} port @param {Float64Array} values */
function vector(ort, port, values) {
  const make = KINDS[/** @type {keyof typeof KINDS} */ (port.type)];
  return new ort.Tensor(port.type, make(values), [values.length]);
}
