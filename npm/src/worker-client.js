// @ts-check
/// <reference types="./worker-client.d.ts" />
// The page's side of the worker: what is asked is answered by a promise.

import { SamplerError } from './index.js';

/** @typedef {import('./worker-client.js').Listener} Listener */
/** What is waited for. @typedef {Listener & {resolve: (result: any) => void, reject: (error: SamplerError) => void, traces: import('./index.js').Round[][] | undefined, thrown?: {error: unknown}}} Job */

/** Numbers of jobs: one worker may have several clients. */
let jobs = 0;

/**
 * @param {Worker | string | URL} given
 * @param {import('./worker-client.js').Model} model
 * @returns {Promise<import('./worker-client.js').RemoteSampler>}
 */
export async function connect(given, { module, wasm, ...rest }) {
  const own = typeof given === 'string' || given instanceof URL ? start(given) : undefined;
  const worker = own?.worker ?? /** @type {Worker} */ (given);
  /** @type {Map<number, Job>} */
  const waiting = new Map();
  /** @type {SamplerError | undefined} */
  let dead;

  /** @param {string} why */
  const die = (why) => {
    dead = new SamplerError('worker', why);
    for (const job of waiting.values()) job.reject(dead);
    waiting.clear();
  };
  worker.addEventListener('error', (event) => {
    // who waits is told
    event.preventDefault();
    die(`the worker failed: ${event.message || `its script could not be loaded${own?.advice ?? ''}`}`);
  });
  worker.addEventListener('messageerror', () => die('a message of the worker could not be read'));
  worker.addEventListener('message', ({ data }) => {
    const job = waiting.get(data.id);
    if (!job) return;
    if (data.type === 'round' || data.type === 'measured') {
      const { id, type, timing, ...progress } = data;
      if (type === 'round') job.traces?.[progress.index]?.push(progress.round);
      if (job.thrown) return;
      try {
        if (type === 'round') job.onRound?.(progress);
        else job.onMeasure?.(timing);
      } catch (error) {
        // the run ends by it, with its states
        job.thrown = { error };
        worker.postMessage({ id, type: 'cancel' });
      }
      return;
    }
    waiting.delete(data.id);
    if (job.thrown) job.reject(new SamplerError('listener', describe(job.thrown.error).message, { cause: job.thrown.error, states: data.error?.states }));
    else if (data.type === 'done') job.resolve(data.result);
    else job.reject(failure(data.error, job.signal));
  });

  /**
   * @param {string} type @param {object} message
   * @param {Listener} [listener] @param {import('./index.js').Round[][]} [traces] to be filled
   * @returns {Promise<any>}
   */
  function ask(type, message, listener = {}, traces = undefined) {
    const { signal } = listener;
    const id = ++jobs;
    const cancel = () => worker.postMessage({ id, type: 'cancel' });
    return new Promise((resolve, reject) => {
      if (dead) throw dead;
      if (signal?.aborted) throw failure({ ...describe(signal.reason), field: 'signal' }, signal);
      try {
        worker.postMessage({ ...message, id, type });
      } catch (error) {
        throw new SamplerError('run', `this cannot be sent to a worker: ${/** @type {Error} */ (error).message}`, { cause: error });
      }
      waiting.set(id, { ...listener, resolve, reject, traces });
      signal?.addEventListener('abort', cancel);
    }).finally(() => signal?.removeEventListener('abort', cancel));
  }

  try {
    await ask('load', { ...rest, module: address(module), wasm: wasm === undefined ? undefined : address(wasm) });
  } catch (error) {
    // nobody else has a hold of it
    own?.worker.terminate();
    throw error;
  } finally {
    own?.started();
  }
  return {
    async sample(run, listener) {
      /** @type {import('./index.js').Round[]} */
      const trace = [];
      const result = await ask('sample', { run }, listener, run.trace === false ? undefined : [trace]);
      return { ...result, trace };
    },
    async sampleMany(run, listener) {
      /** @type {import('./index.js').Round[][]} */
      const traces = run.seeds.map(() => []);
      const result = await ask('sampleMany', { run }, listener, run.trace === false ? undefined : traces);
      const samples = result.samples.map((/** @type {any} */ { error, ...sampled }, /** @type {number} */ i) => ({
        ...sampled,
        trace: traces[i],
        ...(error && { error: failure(error) }),
      }));
      return { ...result, samples };
    },
    check: (run, listener) => ask('check', { run }, listener),
    audit: (run, listener) => ask('audit', { run }, listener),
    measure: (run, listener) => ask('measure', { run }, listener),
    close() {
      worker.terminate();
      die('the worker was closed');
    },
  };
}

/**
 * A worker of this script. Browsers want a worker's own script from the page's origin, but let it import what another allows to be read.
 * @param {string | URL} script
 */
function start(script) {
  /** @type {string | undefined} */
  let own;
  let advice = '';
  const started = () => own && URL.revokeObjectURL(own);
  try {
    const { href, origin } = new URL(address(script));
    if (globalThis.location && origin !== location.origin) {
      advice = `; ${href} lies on another origin: it must send access-control-allow-origin, and a content security policy of this page must have blob: and ${origin} in worker-src, and ${origin} in script-src and connect-src; or put the package on your own server`;
      own = URL.createObjectURL(new Blob([`import ${JSON.stringify(href)};`], { type: 'text/javascript' }));
    }
    return { worker: new Worker(own ?? href, { type: 'module' }), advice, started };
  } catch (error) {
    started();
    throw new SamplerError('worker', `no worker could be started: ${describe(error).message}${advice}`, { cause: error });
  }
}

/** @param {any} reason */
const describe = (reason) => ({ name: reason?.name, message: reason?.message ?? String(reason) });

/** An error of the worker's as one of here. @param {any} error @param {AbortSignal} [signal] */
function failure({ name, message, field = 'worker', states }, signal) {
  const found = new SamplerError(field, message, { states, cause: field === 'signal' ? signal?.reason : undefined });
  if (name) found.name = name;
  return found;
}

/** As the worker will read it. @param {string | URL} url */
const address = (url) => new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href).href;
