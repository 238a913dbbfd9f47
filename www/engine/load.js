// @ts-check
/** Fetches engines and networks, and tells how much has come. With assist.js and toy.js the only importer of pkg/. */

import { fetched, imported, isLate } from '../parts/arrivals.js';
import { damaged, notInTime, notLoaded } from './failure.js';

/** @typedef {import('./failure.js').Part} Part */
/** What a helper's copy of an engine is made of. @typedef {{module: WebAssembly.Module, weights: Uint8Array<ArrayBuffer>, sidecar: string}} Copy */
/** @typedef {(message: object) => void} Tell to the page */

/** Between two words on a download. */
const TELL_EVERY_MS = 50;

/** @param {string} path from the page's folder */
const at = (path) => new URL(`../${path}`, import.meta.url);

/** @param {string} why */
const shortly = (why) => (why.length > 120 ? `${why.slice(0, 120)}…` : why);

/**
 * @template T
 * @param {string} path
 * @param {Part} what it is
 * @param {number} expected bytes, 0 if unknown
 * @param {(response: Response) => Promise<T>} take what is made of it, while it comes or at its end
 * @param {Tell} tell
 * @param {AbortSignal} [signal] ends it
 */
function download(path, what, expected, take, tell, signal) {
  const come = (/** @type {Response} */ response) => {
    if (!response.ok || !response.body) throw notLoaded(what, '', response.status);
    return take(told(response, what, expected, tell));
  };
  return fetched(at(path), async (response) => come(response), signal).catch(failed(what));
}

/** Of which kind an error is that a broken connection causes. @param {Part} what @returns {(error: Error) => never} */
const failed = (what) => (error) => {
  throw isLate(error) ? notInTime(what) : error instanceof TypeError ? notLoaded(what, shortly(error.message)) : error;
};

/**
 * What comes is counted.
 * @param {Response} response
 * @param {Part} what
 * @param {number} expected
 * @param {Tell} tell
 */
function told(response, what, expected, tell) {
  const encoded = response.headers.get('content-encoding');
  const total = expected || (encoded ? 0 : Number(response.headers.get('content-length') ?? 0));
  let loaded = 0;
  let told = -Infinity;
  const progress = () => {
    told = performance.now();
    tell({ type: 'progress', what, loaded, total: Math.max(total, total && loaded) });
  };
  const counted = new TransformStream({
    transform(part, controller) {
      loaded += part.length;
      if (performance.now() > told + TELL_EVERY_MS) progress();
      controller.enqueue(part);
    },
    flush: progress,
  });
  // a browser compiles nothing else, and not every server says so
  const headers = { 'content-type': 'application/wasm' };
  return new Response(/** @type {ReadableStream} */ (response.body).pipeThrough(counted), { headers });
}

/**
 * A network's weights and their description.
 * @param {string} name
 * @param {'weights' | 'drafter'} what
 * @param {Tell} tell
 * @param {AbortSignal} [signal]
 */
export async function network(name, what, tell, signal) {
  const description = what === 'weights' ? 'description' : 'drafter-description';
  const sidecar = await download(`./assets/${name}.json`, description, 0, (response) => response.text(), tell, signal);
  const { bytes } = await Promise.resolve(sidecar).then(JSON.parse).catch(damaged(description, SyntaxError));
  const weights = await download(`./assets/${name}.bpk`, what, Number(bytes) || 0, (response) => response.arrayBuffer(), tell, signal);
  return { sidecar, weights: new Uint8Array(weights) };
}

/**
 * @param {string} backend
 * @param {string} model
 * @param {Tell} tell
 * @returns {Promise<{engine: any, copy: Copy}>}
 */
export async function engineOf(backend, model, tell) {
  const folder = backend === 'webgpu' ? 'gpu' : backend;
  const [script, module, { sidecar, weights }] = await Promise.all([
    imported(at(`./pkg/${folder}/speculative_diffusion.js`).href).catch((error) => {
      throw isLate(error) ? notInTime('engine') : notLoaded('engine', shortly(error.message));
    }),
    download(`./pkg/${folder}/speculative_diffusion_bg.wasm`, 'engine', 0, (response) => WebAssembly.compileStreaming(response), tell).catch(
      damaged('engine', WebAssembly.CompileError),
    ),
    network(model, 'weights', tell),
  ]);
  tell({ type: 'preparing', stage: backend === 'cpu' ? 'engine' : 'device' });
  // of another build than the script that starts it
  await script.default({ module_or_path: module }).catch(damaged('engine', WebAssembly.LinkError));
  return { engine: await script.Engine.load(weights, sidecar), copy: { module, weights, sidecar } };
}
