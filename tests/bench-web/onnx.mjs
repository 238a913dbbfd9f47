// The shipped network as an ONNX file, for the peer in the benchmark: written from the same burnpack weights, field by
// field of ONNX's protocol buffers (onnx.proto, opset 18).

const GROUPS = 8;
const HEADS = 4;
const EPSILON = 1e-5;

// ── burnpack ──

/** @param {Uint8Array} bytes */
function tensors(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 10 + view.getUint32(6, true);
  const numbers = Math.ceil(end / 256) * 256;
  let at = 10;
  const value = () => {
    const head = bytes[at++];
    const [major, minor] = [head >> 5, head & 31];
    let size = minor;
    if (minor === 24) size = bytes[at++];
    else if (minor === 25) { size = view.getUint16(at); at += 2; }
    else if (minor === 26) { size = view.getUint32(at); at += 4; }
    else if (minor === 27) { size = Number(view.getBigUint64(at)); at += 8; }
    if (major === 0) return size;
    if (major === 3) { at += size; return new TextDecoder().decode(bytes.subarray(at - size, at)); }
    if (major === 4) return Array.from({ length: size }, value);
    if (major === 5) return Object.fromEntries(Array.from({ length: size }, () => [value(), value()]));
    throw new Error(`CBOR of major type ${major} is not known here`);
  };
  return new Map(Object.entries(value().tensors).map(([name, { shape, data_offsets: [from, to] }]) => {
    const values = Float32Array.from({ length: (to - from) / 2 }, (_, i) => half(view.getUint16(numbers + from + 2 * i, true)));
    return [name, { shape, values }];
  }));
}

/** @param {number} bits */
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
}

// ── protocol buffers ──

/** @param {number | bigint} number */
function varint(number) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(number));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}

/** @param {...(ArrayLike<number>)} parts */
function joined(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A field of bytes: a text, a message, packed numbers. */
const bytesOf = (/** @type {number} */ field, /** @type {ArrayLike<number>} */ bytes) => joined(varint(field << 3 | 2), varint(bytes.length), bytes);
const textOf = (/** @type {number} */ field, /** @type {string} */ text) => bytesOf(field, new TextEncoder().encode(text));
const wholeOf = (/** @type {number} */ field, /** @type {number} */ number) => joined(varint(field << 3), varint(number));
const floatOf = (/** @type {number} */ field, /** @type {number} */ number) => joined(varint(field << 3 | 5), new Uint8Array(Float32Array.of(number).buffer));

const FLOAT = 1;
const INT64 = 7;

/** @param {string} name @param {number[]} shape @param {Float32Array | BigInt64Array} values */
function tensor(name, shape, values) {
  return joined(
    ...shape.map((size) => wholeOf(1, size)),
    wholeOf(2, values instanceof Float32Array ? FLOAT : INT64),
    textOf(8, name),
    bytesOf(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  );
}

/** @param {string} name @param {number | string | number[]} value */
function attribute(name, value) {
  if (Array.isArray(value)) return joined(textOf(1, name), ...value.map((number) => wholeOf(8, number)), wholeOf(20, 7));
  if (typeof value === 'string') return joined(textOf(1, name), textOf(4, value), wholeOf(20, 3));
  if (Number.isInteger(value)) return joined(textOf(1, name), wholeOf(3, value), wholeOf(20, 2));
  return joined(textOf(1, name), floatOf(2, value), wholeOf(20, 1));
}

/** Rows are free, all else is fixed. @param {string} name @param {number[]} shape */
function port(name, shape) {
  const sizes = shape.map((size) => bytesOf(1, wholeOf(1, size)));
  const type = joined(wholeOf(1, FLOAT), bytesOf(2, joined(bytesOf(1, textOf(2, 'rows')), ...sizes)));
  return joined(textOf(1, name), bytesOf(2, bytesOf(1, type)));
}

// ── the network ──

/**
 * Inputs `x` `[rows, channels, size, size]`, `time` (features) and `label` (one-hot); output `velocity`.
 * @param {Uint8Array} weights
 * @param {{network: {channels: number, size: number, base: number, patch?: number, multipliers: number[], classes: string[]}}} sidecar
 */
export function onnx(weights, { network }) {
  const { channels, size, base, patch = 1, multipliers, classes } = network;
  if (patch !== 1) throw new Error('networks on patches are not written as ONNX');
  const found = tensors(weights);
  /** @type {Uint8Array[]} */
  const nodes = [];
  /** @type {Map<string, Uint8Array>} */
  const constants = new Map();
  let last = 0;

  const op = (/** @type {string} */ type, /** @type {string[]} */ inputs, attributes = {}, outputs = 1) => {
    const names = Array.from({ length: outputs }, () => `v${++last}`);
    nodes.push(joined(
      ...inputs.map((name) => textOf(1, name)), ...names.map((name) => textOf(2, name)), textOf(4, type),
      ...Object.entries(attributes).map(([name, value]) => bytesOf(5, attribute(name, value))),
    ));
    return names;
  };
  const one = (/** @type {string} */ type, /** @type {string[]} */ inputs, attributes = {}) => op(type, inputs, attributes)[0];
  const constant = (/** @type {string} */ name, /** @type {number[]} */ shape, /** @type {Float32Array | BigInt64Array} */ values) => {
    constants.set(name, tensor(name, shape, values));
    return name;
  };
  const whole = (/** @type {number[]} */ values) => constant(`i${values}`, [values.length], BigInt64Array.from(values.map(BigInt)));
  const number = (/** @type {number} */ value) => constant(`f${value}`, [], Float32Array.of(value));
  const weight = (/** @type {string} */ name, /** @type {number[] | undefined} */ shape = undefined) => {
    const entry = found.get(name);
    if (!entry) throw new Error(`the weights have no ${name}`);
    return constant(name, shape ?? entry.shape, entry.values);
  };
  const widthOf = (/** @type {string} */ name) => /** @type {{shape: number[]}} */ (found.get(name)).shape[0];

  const silu = (/** @type {string} */ x) => one('Mul', [x, one('Sigmoid', [x])]);
  const linear = (/** @type {string} */ name, /** @type {string} */ x) => one('Gemm', [x, weight(`${name}.weight`), weight(`${name}.bias`)]);
  const conv = (/** @type {string} */ name, /** @type {string} */ x, kernel = 3, stride = 1) => one('Conv', [x, weight(`${name}.weight`), weight(`${name}.bias`)], {
    kernel_shape: [kernel, kernel], strides: [stride, stride], pads: Array(4).fill(kernel >> 1),
  });
  const norm = (/** @type {string} */ name, /** @type {string} */ x, /** @type {number} */ side) => {
    const width = widthOf(`${name}.gamma`);
    const scale = constant('ones', [GROUPS], new Float32Array(GROUPS).fill(1));
    const shift = constant('zeros', [GROUPS], new Float32Array(GROUPS));
    const grouped = one('InstanceNormalization', [one('Reshape', [x, whole([0, GROUPS, -1])]), scale, shift], { epsilon: EPSILON });
    const back = one('Reshape', [grouped, whole([0, width, side, side])]);
    return one('Add', [one('Mul', [back, weight(`${name}.gamma`, [width, 1, 1])]), weight(`${name}.beta`, [width, 1, 1])]);
  };
  const block = (/** @type {string} */ name, /** @type {string} */ x, /** @type {string} */ embedding, /** @type {number} */ side) => {
    const width = widthOf(`${name}.conv1.bias`);
    const h = conv(`${name}.conv1`, silu(norm(`${name}.norm1`, x, side)));
    const modulation = one('Reshape', [linear(`${name}.embed`, embedding), whole([0, 2 * width, 1, 1])]);
    const [scale, shift] = op('Split', [modulation, whole([width, width])], { axis: 1 }, 2);
    const modulated = one('Add', [one('Mul', [norm(`${name}.norm2`, h, side), one('Add', [scale, number(1)])]), shift]);
    const skip = found.has(`${name}.skip.weight`) ? conv(`${name}.skip`, x, 1) : x;
    return one('Add', [conv(`${name}.conv2`, silu(modulated)), skip]);
  };
  const attention = (/** @type {string} */ x, /** @type {number} */ side) => {
    const width = widthOf('attention.norm.gamma');
    const head = width / HEADS;
    const qkv = one('Reshape', [conv('attention.query_key_value', norm('attention.norm', x, side), 1), whole([0, 3 * HEADS, head, side * side])]);
    const [query, key, value] = op('Split', [qkv, whole([HEADS, HEADS, HEADS])], { axis: 1 }, 3);
    const turned = (/** @type {string} */ tensor) => one('Transpose', [tensor], { perm: [0, 1, 3, 2] });
    const scores = one('Mul', [one('MatMul', [turned(query), key]), number(1 / Math.sqrt(head))]);
    const y = turned(one('MatMul', [one('Softmax', [scores], { axis: 3 }), turned(value)]));
    return one('Add', [x, conv('attention.output', one('Reshape', [y, whole([0, width, side, side])]), 1)]);
  };

  const time = linear('time2', silu(linear('time1', 'time')));
  const embedding = silu(one('Add', [time, one('MatMul', ['label', weight('label.weight')])]));
  let side = size;
  let h = conv('input', 'x');
  const skips = [h];
  multipliers.forEach((_, level) => {
    h = block(`down.${level}`, h, embedding, side);
    skips.push(h);
    if (level < multipliers.length - 1) {
      h = conv(`downsample.${level}`, h, 3, 2);
      side /= 2;
      skips.push(h);
    }
  });
  h = block('middle1', h, embedding, side);
  h = attention(h, side);
  h = block('middle2', h, embedding, side);
  multipliers.forEach((_, level) => {
    for (const part of [0, 1]) {
      h = block(`up.${2 * level + part}`, one('Concat', [h, /** @type {string} */ (skips.pop())], { axis: 1 }), embedding, side);
    }
    if (level < multipliers.length - 1) {
      const scales = constant('twice', [4], Float32Array.of(1, 1, 2, 2));
      h = one('Resize', [h, '', scales], { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' });
      side *= 2;
      h = conv(`upsample.${level}`, h);
    }
  });
  const velocity = conv('output', silu(norm('norm', h, side)));

  const graph = joined(
    ...nodes.map((node) => bytesOf(1, node)),
    textOf(2, 'unet'),
    ...[...constants.values()].map((value) => bytesOf(5, value)),
    bytesOf(11, port('x', [channels, size, size])),
    bytesOf(11, port('time', [2 * base])),
    bytesOf(11, port('label', [classes.length + 1])),
    bytesOf(12, port(velocity, [channels, size, size])),
  );
  return { model: joined(wholeOf(1, 8), textOf(2, 'speculative-diffusion'), bytesOf(7, graph), bytesOf(8, joined(textOf(1, ''), wholeOf(2, 18)))), output: velocity };
}
