// In the page: an engine of each kind behind the same function.

const FOLDER = new URL('./', import.meta.url);
const ROOT = new URL('../', FOLDER);
/** Ends of the times that the ONNX file's input `timestep` counts. */
const [LEAST, MOST] = [0.05, 0.995];

const bytes = async (/** @type {string} */ path, base = FOLDER) => new Uint8Array(await (await fetch(new URL(path, base))).arrayBuffer());
const text = async (/** @type {string} */ path, base = FOLDER) => (await fetch(new URL(path, base))).text();

/** What some rows are: states, times of the cosine schedule, classes. @param {any} network @param {number} rows */
function rowsOf({ channels, size, classes }, rows) {
  const shape = [channels, size, size];
  return {
    rows,
    shape,
    states: Float32Array.from({ length: rows * channels * size ** 2 }, (_, i) => Math.sin(i * i)),
    times: Float64Array.from({ length: rows }, (_, i) => (i + 1) / (rows + 1)),
    labels: Uint32Array.from({ length: rows }, (_, i) => i % (classes.length + 1)),
  };
}

/** @typedef {ReturnType<typeof rowsOf>} Rows */
/** @typedef {(rows: Rows) => () => Promise<Float32Array>} Engine */

/** @type {Record<string, (settings: {threads: number, sidecar: string, timesteps: number}) => Promise<Engine>>} */
const kinds = {
  async ours({ sidecar }) {
    const module = await import(new URL('pkg/cpu/speculative_diffusion.js', ROOT).href);
    const [weights] = await Promise.all([bytes('assets/faces.bpk', ROOT), module.default()]);
    const engine = await module.Engine.load(weights, sidecar);
    return ({ states, times, labels }) =>
      () =>
        engine.velocities(states, times, labels);
  },
  async ort({ threads, timesteps }) {
    const ort = await runtime(threads);
    const session = await ort.InferenceSession.create(await bytes('model.onnx'), { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
    return ({ rows, shape, states, times, labels }) => {
      const feeds = {
        sample: new ort.Tensor('float32', states, [rows, ...shape]),
        timestep: new ort.Tensor('float32', counted(times, timesteps), [rows]),
        class_labels: new ort.Tensor('int64', BigInt64Array.from(labels, BigInt), [rows]),
      };
      return async () => (await session.run(feeds)).velocity.data;
    };
  },
  tract: (settings) => compiled('tract', settings),
  rten: (settings) => compiled('rten', settings),
  async tfjs({ threads, timesteps }) {
    // they are scripts, which leave their names behind
    for (const file of ['tf-core.min.js', 'tf-backend-wasm.min.js']) (0, eval)(await text(file));
    const { tf } = /** @type {any} */ (globalThis);
    tf.wasm.setWasmPaths(FOLDER.href);
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', threads > 1);
    tf.wasm.setThreadsCount(threads);
    const [file, { network }] = await Promise.all([bytes('model.onnx'), import(new URL('tfjs.js', FOLDER).href), tf.setBackend('wasm')]);
    const forward = network(tf, file);
    return ({ rows, shape, states, times, labels }) => {
      const inputs = [tf.tensor(states, [rows, ...shape]), tf.tensor(counted(times, timesteps)), tf.tensor(Int32Array.from(labels), [rows], 'int32')];
      return async () => {
        const output = tf.tidy(() => forward(...inputs));
        const velocities = await output.data();
        output.dispose();
        return velocities;
      };
    };
  },
};

/** ONNX Runtime Web with so many threads: an instance of its own. @param {number} threads */
export async function runtime(threads) {
  const ort = await import(new URL(`ort.wasm.bundle.min.mjs?threads=${threads}`, FOLDER).href);
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = FOLDER.href;
  return ort;
}

/** Times of the cosine schedule as the file counts them. @param {Float64Array} times @param {number} timesteps */
const counted = (times, timesteps) => Float32Array.from(times, (t) => ((t - LEAST) / (MOST - LEAST)) * (timesteps - 1));

/** One of the engines that peers/src makes a module of. @param {string} name @param {{timesteps: number}} settings @returns {Promise<Engine>} */
async function compiled(name, { timesteps }) {
  const module = await import(new URL(`${name}/speculative_diffusion.js`, FOLDER).href);
  const [file] = await Promise.all([bytes('model.onnx'), module.default()]);
  return ({ rows, shape, states, times, labels }) => {
    const model = new module.Model(file, rows, Uint32Array.from(shape));
    const [timestep, classes] = [counted(times, timesteps), Int32Array.from(labels)];
    return async () => model.run(states, timestep, classes);
  };
}

/**
 * Opens an engine and has it compute a row.
 * @param {string} kind
 * @param {number} threads
 * @param {number} timesteps
 */
export async function open(kind, threads, timesteps) {
  const sidecar = await text('assets/faces.json', ROOT);
  const { network } = JSON.parse(sidecar);
  const began = performance.now();
  const engine = await kinds[kind]({ threads, sidecar, timesteps });
  const work = engine(rowsOf(network, 1));
  await work();
  const first = performance.now() - began;
  return { first, prepare: (/** @type {number} */ rows) => engine(rowsOf(network, rows)) };
}
