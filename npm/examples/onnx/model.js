// @ts-check
// A denoiser in an ONNX file: its inputs and outputs found by name and shape, and refused by name where they do not fit.

/** @typedef {{name: string, isTensor: boolean, type?: string, shape?: (number | string)[]}} Port */
/** @typedef {{shape: number[], denoise: (question: {sample: Float32Array, timesteps: Float64Array, batch: number}) => Promise<Float32Array>, text: string}} Model */

const NAMES = {
  sample: ['sample', 'x', 'input', 'latent', 'latents', 'noisy_sample'],
  timestep: ['timestep', 'timesteps', 't', 'time', 'sigma'],
  label: ['class_labels', 'class_label', 'labels', 'label', 'y'],
};

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
  /** @type {Port[]} */
  const inputs = session.inputMetadata;
  const ports = roles(inputs);
  const { sample, timestep, label: labels } = ports;
  const shape = stateShape(sample);
  perRow(timestep);
  const output = theOutput(session.outputMetadata, shape);
  return {
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
  return { sample, timestep, label };
}

/** @param {Port} port */
const shapeOf = (port) => port.shape ?? [];
/** @param {Port[]} ports */
const list = (ports) => ports.map(({ name, shape }) => `"${name}" ${JSON.stringify(shape)}`).join(', ');

/** The shape of one state, which must be fixed; the batch must be free. @param {Port} sample */
function stateShape(sample) {
  const [batch, ...shape] = shapeOf(sample);
  if (typeof batch === 'number') throw refuse(sample.name, `the input "${sample.name}" takes ${batch} row(s) only: export the model with a dynamic batch`);
  const free = shape.find((size) => typeof size !== 'number');
  if (free !== undefined) throw refuse(sample.name, `the input "${sample.name}" has a free dimension "${free}" besides the batch: export the model for one size`);
  return /** @type {number[]} */ (shape);
}

/** Rows of one call have timesteps of their own. @param {Port} timestep */
function perRow(timestep) {
  const shape = shapeOf(timestep);
  if (shape.length !== 1 || typeof shape[0] === 'number') {
    throw refuse(timestep.name, `the input "${timestep.name}" has shape ${JSON.stringify(shape)}: the rows of a call have timesteps of their own, so export the model with one for each row of the batch`);
  }
}

/** The output of a state's shape. @param {Port[]} outputs @param {number[]} shape */
function theOutput(outputs, shape) {
  const fits = outputs.find((output) => {
    const [, ...found] = shapeOf(output);
    return found.length === shape.length && found.every((size, i) => typeof size !== 'number' || size === shape[i]);
  });
  if (fits) return fits;
  const channels = outputs.find((output) => shapeOf(output).length === shape.length + 1);
  if (channels) throw refuse(channels.name, `the output "${channels.name}" has shape ${JSON.stringify(channels.shape)}, not that of the sample: a model that also predicts a variance (learned_range) cannot be sampled exactly`);
  throw refuse('output', `the model has no output of the sample's shape: found ${list(outputs)}`);
}

/** @param {any} ort @param {Port} port @param {Float64Array} values */
function vector(ort, port, values) {
  const kinds = {
    int64: () => BigInt64Array.from(values, (value) => BigInt(Math.round(value))),
    int32: () => Int32Array.from(values),
    float32: () => Float32Array.from(values),
    float64: () => values,
  };
  const make = kinds[/** @type {keyof typeof kinds} */ (port.type)];
  if (!make) throw refuse(port.name, `the input "${port.name}" is of type ${port.type}: int64, int32, float32 or float64 can be given`);
  return new ort.Tensor(port.type, make(), [values.length]);
}
