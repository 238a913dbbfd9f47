// The network's ONNX file in TensorFlow.js: its operators, one after the other, as those of tfjs. That has images with their
// channels last; what the file says of an image's second axis is said of the last one here.

/** A value: `image` where its tensor is [rows, height, width, channels]; `turned` where its last two axes lie the other way round;
 * `groups` where it is an image to be normalised in so many groups.
 * @typedef {{tensor: any, image?: boolean, turned?: boolean, groups?: number}} Value */

/** The fields of a protocol buffer, by their numbers. @param {Uint8Array} bytes @returns {Map<number, any[]>} */
function fields(bytes) {
  const found = new Map();
  let at = 0;
  const whole = () => {
    let [value, factor, byte] = [0, 1, 0];
    do {
      byte = bytes[at++];
      value += (byte & 127) * factor;
      factor *= 128;
    } while (byte > 127);
    return value;
  };
  const taken = (/** @type {number} */ length) => bytes.subarray(at, (at += length));
  while (at < bytes.length) {
    const key = whole();
    const read = [whole, () => taken(8), () => taken(whole()), undefined, undefined, () => taken(4)][key & 7];
    if (!read) throw new Error(`the ONNX file has a field of type ${key & 7}`);
    const number = key >>> 3;
    found.set(number, [...(found.get(number) ?? []), read()]);
  }
  return found;
}

const text = (/** @type {Uint8Array} */ bytes) => new TextDecoder().decode(bytes);
const numbers = (/** @type {Uint8Array} */ bytes) => new DataView(bytes.buffer, bytes.byteOffset);

/** The graph of an ONNX file: its nodes and constants. @param {Uint8Array} file */
function graph(file) {
  const found = fields(fields(file).get(7)?.[0]);
  const nodes = (found.get(1) ?? []).map((bytes) => {
    const node = fields(bytes);
    const attributes = (node.get(5) ?? []).map((attribute) => {
      const { 1: name, 2: float, 3: integer, 8: integers } = Object.fromEntries(fields(attribute));
      return [text(name[0]), integers ?? integer?.[0] ?? (float && numbers(float[0]).getFloat32(0, true))];
    });
    const [inputs, outputs] = [1, 2].map((key) => (node.get(key) ?? []).map(text));
    return { kind: text(node.get(4)?.[0]), inputs, outputs, attributes: Object.fromEntries(attributes) };
  });
  const constants = (found.get(5) ?? []).map((bytes) => {
    const { 1: shape = [], 2: type, 8: name, 9: raw } = Object.fromEntries(fields(bytes));
    const data = raw[0].slice().buffer;
    return [text(name[0]), { shape, data: type[0] === 1 ? new Float32Array(data) : Array.from(new BigInt64Array(data), Number) }];
  });
  return { nodes, constants: new Map(constants) };
}

/**
 * @param {any} tf TensorFlow.js
 * @param {Uint8Array} file
 * @returns {(sample: any, timestep: any, labels: any) => any} the first output, of tensors
 */
export function network(tf, file) {
  const { nodes, constants } = graph(file);
  /** Constants that are tensors. @type {Map<string, any>} */
  const tensors = new Map();
  const weights = new Set(nodes.filter(({ kind }) => kind === 'Conv').map(({ inputs }) => inputs[1]));
  for (const [name, { shape, data }] of constants) {
    if (!(data instanceof Float32Array)) continue;
    const tensor = tf.tensor(data, shape);
    // factors and shifts of channels, whose other axes have one number
    const flat = shape.length === 3 ? tf.reshape(tensor, [shape[0]]) : tensor;
    tensors.set(name, weights.has(name) ? tf.transpose(tensor, [2, 3, 1, 0]) : flat);
  }
  const wholes = (/** @type {string} */ name) => constants.get(name)?.data;

  const image = (/** @type {Value} */ x) => (x.image ? x.tensor : tf.transpose(x.tensor, [0, 2, 3, 1]));
  const plain = (/** @type {Value} */ x) => {
    if (x.image) return tf.transpose(x.tensor, [0, 3, 1, 2]);
    return x.turned ? tf.transpose(x.tensor, [0, 1, 3, 2]) : x.tensor;
  };
  const both = (/** @type {string} */ name, /** @type {Value} */ a, /** @type {Value} */ b) => ({ ...b, ...a, tensor: tf[name](a.tensor, b.tensor) });

  /** @param {Value} x @param {number[]} sizes @returns {Value} */
  function reshaped(x, sizes) {
    const { tensor } = x;
    const [rows] = tensor.shape;
    if (x.groups) return { tensor, image: true };
    if (x.image && sizes.length === 3) return { tensor, groups: sizes[1] };
    const [, channels, third, pixels] = sizes;
    // an image as heads, and back: its pixels lie outside
    if (x.image && sizes.length === 4 && third * channels === tensor.shape[3])
      return { tensor: tf.transpose(tf.reshape(tensor, [rows, pixels, channels, third]), [0, 2, 1, 3]), turned: true };
    if (x.turned) return { tensor: tf.reshape(tf.transpose(tensor, [0, 2, 1, 3]), [rows, third, pixels, channels]), image: true };
    if (tensor.rank === 2) return { tensor: tf.reshape(tensor, [rows, 1, 1, channels]), image: true };
    const from = plain(x);
    const due = sizes.map((size, axis) => (size === 0 ? from.shape[axis] : size));
    return { tensor: tf.reshape(from, due) };
  }

  /** @param {Value} x @param {number} epsilon @returns {Value} */
  function normalised({ tensor, groups }, epsilon) {
    const [rows, height, width, channels] = tensor.shape;
    const apart = tf.reshape(tensor, [rows, height * width, groups, channels / /** @type {number} */ (groups)]);
    const { mean, variance } = tf.moments(apart, [1, 3], true);
    const normed = tf.mul(tf.sub(apart, mean), tf.rsqrt(tf.add(variance, epsilon)));
    return { tensor: tf.reshape(normed, tensor.shape), groups };
  }

  /** @type {Record<string, (inputs: Value[], attributes: Record<string, any>, names: string[]) => Value | Value[]>} */
  const operators = {
    Add: ([a, b]) => both('add', a, b),
    Sub: ([a, b]) => both('sub', a, b),
    Mul: ([a, b]) => both('mul', a, b),
    Round: ([x]) => ({ ...x, tensor: tf.round(x.tensor) }),
    Sin: ([x]) => ({ ...x, tensor: tf.sin(x.tensor) }),
    Cos: ([x]) => ({ ...x, tensor: tf.cos(x.tensor) }),
    Sigmoid: ([x]) => ({ ...x, tensor: tf.sigmoid(x.tensor) }),
    Identity: ([x]) => x,
    Softmax: ([x]) => ({ ...x, tensor: tf.softmax(x.tensor) }),
    Gather: ([table, indices]) => ({ tensor: tf.gather(table.tensor, indices.tensor) }),
    Unsqueeze: ([x], _, names) => ({ tensor: tf.expandDims(x.tensor, wholes(names[1])[0]) }),
    Concat: (parts) => ({
      ...parts[0],
      tensor: tf.concat(
        parts.map(({ tensor }) => tensor),
        parts[0].image ? 3 : 1,
      ),
    }),
    Gemm: ([x, weights, bias]) => ({ tensor: tf.fused.matMul({ a: x.tensor, b: weights.tensor, bias: bias.tensor }) }),
    MatMul: ([a, b]) => ({ tensor: tf.matMul(a.tensor, b.tensor, !!a.turned, !!b.turned) }),
    Split: ([x], _, names) => tf.split(x.tensor, wholes(names[1]), x.image ? 3 : 1).map((/** @type {any} */ tensor) => ({ ...x, tensor })),
    Reshape: ([x], _, names) => reshaped(x, wholes(names[1])),
    Transpose: ([x], { perm }) => (perm.join() === '0,1,3,2' ? { ...x, turned: !x.turned } : { tensor: tf.transpose(plain(x), perm) }),
    InstanceNormalization: ([x], { epsilon }) => normalised(x, epsilon),
    Resize: ([x]) => {
      const [, height, width] = x.tensor.shape;
      return { ...x, tensor: tf.image.resizeNearestNeighbor(x.tensor, [2 * height, 2 * width]) };
    },
    Conv: ([x, filter, bias], { strides, pads }) => {
      const settings = { x: image(x), filter: filter.tensor, bias: bias.tensor, strides, pad: pads[0] };
      return { tensor: tf.fused.conv2d(settings), image: true };
    },
    Pad: ([x], _, names) => {
      const pads = wholes(names[1]);
      const around = pads.slice(0, 4).map((/** @type {number} */ before, /** @type {number} */ axis) => [before, pads[axis + 4]]);
      return { tensor: tf.pad(plain(x), around) };
    },
    Slice: ([x], _, names) => {
      const [from, to] = [wholes(names[1]), wholes(names[2])];
      const tensor = plain(x);
      const [rows, channels] = tensor.shape;
      return { tensor: tf.slice(tensor, [0, 0, ...from], [rows, channels, to[0] - from[0], to[1] - from[1]]) };
    },
  };

  return (sample, timestep, labels) => {
    /** @type {Map<string, Value>} */
    const values = new Map([
      ['sample', { tensor: sample }],
      ['timestep', { tensor: timestep }],
      ['class_labels', { tensor: labels }],
    ]);
    for (const [name, tensor] of tensors) values.set(name, { tensor });
    /** @type {Value} */
    let last = { tensor: sample };
    for (const { kind, inputs, outputs, attributes } of nodes) {
      if (!operators[kind]) throw new Error(`no operator for ${kind}`);
      const made = [
        operators[kind](
          inputs.map((name) => /** @type {Value} */ (values.get(name))),
          attributes,
          inputs,
        ),
      ].flat();
      outputs.forEach((name, i) => values.set(name, made[i]));
      last = made[0];
    }
    return plain(last);
  };
}
