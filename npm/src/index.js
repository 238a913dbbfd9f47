// @ts-check
/// <reference types="./index.d.ts" />
// The sampler for a denoiser of the caller's own. The arithmetic is in the wasm module; here it is asked, the denoiser
// answers, and what was done is reported. This file has no formula of a schedule and no accept rule.

import load, { Check, Pool, Scheduler } from './speculative_diffusion.js';

/** @typedef {import('./index.js').DraftOptions} DraftOptions */
/** @typedef {import('./index.js').SampleOptions} SampleOptions */
/** @typedef {import('./index.js').Denoise} Denoise */
/** A chain on its way. @typedef {{seed: number, index: number, trace: import('./index.js').Round[], error?: unknown}} Chain */

/** What cannot be done, or what went wrong in the caller's functions; that is its `cause` then, and is left as it is. */
export class SamplerError extends Error {
  name = 'SamplerError';

  /**
   * @param {string} field
   * @param {string} message
   * @param {{cause?: unknown, states?: Uint8Array[]}} [more]
   */
  constructor(field, message, { cause, states } = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.field = field;
    if (states) this.states = states;
  }
}

/**
 * As an error of this package's own, which no other run has.
 * @param {unknown} error
 * @param {string} field if it names none
 * @param {{signal?: AbortSignal, states?: Uint8Array[]}} [more]
 */
function own(error, field, { signal, states } = {}) {
  const { name, message, field: named } = /** @type {Partial<SamplerError>} */ (Object(error));
  const cancelled = signal?.aborted && error === signal.reason;
  const cause = error instanceof SamplerError ? error.cause : error;
  const found = new SamplerError(cancelled ? 'signal' : (named ?? field), message ?? String(error), { cause, states });
  if (cancelled && name) found.name = name;
  return found;
}

/**
 * What a wasm object refuses, as an error of this package.
 * @template T
 * @param {() => T} work
 * @returns {T}
 */
function asked(work) {
  try {
    return work();
  } catch (error) {
    throw own(error, 'sampler');
  }
}

/** @type {Promise<void> | undefined} */
let loading;
let loaded = false;

/**
 * Loads the wasm module, once. Later calls wait for the same module, whatever they are given.
 * @param {import('./index.js').Source} [source]
 */
export function init(source) {
  loading ??= read(source).then(
    () => {
      loaded = true;
    },
    (error) => {
      // so that another source can be tried
      loading = undefined;
      throw new SamplerError('init', `the wasm module could not be loaded: ${error instanceof Error ? error.message : error}`);
    },
  );
  return loading;
}

/** @param {import('./index.js').Source | undefined} source */
async function read(source) {
  const given = await (source ?? new URL('speculative_diffusion_bg.wasm', import.meta.url));
  const url = typeof given === 'string' || given instanceof URL ? String(given) : undefined;
  // Node.js cannot fetch files
  const files = url?.startsWith('file:') ? globalThis.process?.getBuiltinModule?.('node:fs') : undefined;
  await load({ module_or_path: files && url ? files.readFileSync(new URL(url)) : given });
}

/** What is asked for when nothing is said. */
const DEFAULTS = { draft: 'secant', window: 'auto', rule: 'auto' };
/** Rows that chains share in a call, unless said otherwise. */
const BATCH = 64;
/** The thread is lent to others after so many milliseconds of work, so that a page is drawn and a click is heard. */
const TURN_MS = 30;
/** Runs of an audit, unless said otherwise: some thousand residuals at 100 steps. */
const AUDIT_RUNS = 32;

/** A chain, and how drafts are made for it. */
export class SpeculativeSampler {
  #scheduler;
  #settings;

  /**
   * @param {() => import('./speculative_diffusion.js').Scheduler} make
   * @param {DraftOptions} options
   * @param {string[]} known options besides those of every sampler
   */
  constructor(make, options, known) {
    if (!loaded) throw new SamplerError('init', 'the wasm module is not loaded yet: await init() first');
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const { draft, window, rule, ...rest } = { ...DEFAULTS, ...given };
    const unknown = Object.keys(rest).find((name) => !known.includes(name));
    if (unknown) throw new SamplerError(unknown, `"${unknown}" is no option here: ${[...Object.keys(DEFAULTS), ...known].join(', ')} are`);
    this.#settings = { draft, window, rule };
    this.#scheduler = asked(make);
    // settings that cannot be used are refused now, not at the first sample
    asked(() => new Pool(this.#scheduler, this.#settings, 1, 1)).free();
  }

  /**
   * @param {string | Record<string, unknown>} config
   * @param {DraftOptions & {numInferenceSteps: number, eta?: number}} options
   */
  static fromConfig(config, options = /** @type {any} */ ({})) {
    const text = textOf(config);
    const { numInferenceSteps, eta = 1 } = options;
    return new SpeculativeSampler(() => Scheduler.fromConfig(text, Number(numInferenceSteps), eta), options, ['numInferenceSteps', 'eta']);
  }

  /**
   * @param {string | Record<string, unknown>} config
   * @param {DraftOptions & import('./index.js').AncestralOptions} options
   */
  static ancestral(config, options = /** @type {any} */ ({})) {
    const text = textOf(config);
    const { numInferenceSteps, eta = 1, mu } = options;
    const [sigmas, timesteps] = ['sigmas', 'timesteps'].map((name) => list(name, options[/** @type {'sigmas'} */ (name)]));
    const make = () => Scheduler.ancestral(text, Number(numInferenceSteps), eta, mu, sigmas, timesteps);
    return new SpeculativeSampler(make, options, ['numInferenceSteps', 'eta', 'mu', 'sigmas', 'timesteps']);
  }

  /**
   * @param {import('./index.js').Step[]} steps
   * @param {DraftOptions & {start?: number, prediction?: string}} [options]
   */
  static fromSteps(steps, options = {}) {
    if (!Array.isArray(steps)) throw new SamplerError('steps', 'steps must be an array of {t, alpha, sigma, a, b, s, c}');
    const table = steps.flatMap(({ t, alpha, sigma, a, b, s, c = 0 }) => [t, alpha, sigma, a, b, s, c]);
    const { start = 1, prediction = 'x0' } = options;
    return new SpeculativeSampler(() => Scheduler.fromSteps(Float64Array.from(table), start, prediction), options, ['start', 'prediction']);
  }

  /** @param {DraftOptions & {numInferenceSteps: number, eta?: number, prediction?: string}} options */
  static cosine(options = /** @type {any} */ ({})) {
    const { numInferenceSteps, eta = 1, prediction = 'x0' } = options;
    return new SpeculativeSampler(() => Scheduler.cosine(Number(numInferenceSteps), eta, prediction), options, ['numInferenceSteps', 'eta', 'prediction']);
  }

  /** @param {number} strength */
  withStrength(strength) {
    if (!(strength > 0 && strength <= 1)) throw new SamplerError('strength', `strength is ${strength}: choose a number above 0 up to 1`);
    return new SpeculativeSampler(() => this.#scheduler.last(Math.floor(this.steps.length * strength)), this.#settings, []);
  }

  /** @param {{jump?: number, visits?: number}} [options] */
  withJumps({ jump = 10, visits = 10 } = {}) {
    return new SpeculativeSampler(() => this.#scheduler.withJumps(jump, visits), this.#settings, []);
  }

  get steps() {
    const table = this.#scheduler.table();
    return Array.from({ length: table.length / 7 }, (_, k) => {
      const [t, alpha, sigma, a, b, s, c] = table.subarray(7 * k, 7 * k + 7);
      return { t, alpha, sigma, a, b, s, c };
    });
  }

  get start() {
    return this.#scheduler.start();
  }

  /** @param {SampleOptions} options */
  async sample(options) {
    const { seed = randomSeed(), state, image, ...rest } = options;
    const {
      samples: [only],
    } = await this.sampleMany({ ...rest, seeds: [seed], states: [state], images: [image] });
    if (only.error) throw only.error;
    return only;
  }

  /** @param {import('./index.js').SampleManyOptions} options */
  async sampleMany({ shape, seeds, denoise, drafter, batch = BATCH, plain = false, states, images, guidance, mask, onRound, signal }) {
    const dim = dimensions(shape);
    demand(denoise, 'denoise');
    if (drafter !== undefined) demand(drafter, 'drafter');
    if (!Array.isArray(seeds) || seeds.length === 0) throw new SamplerError('seeds', 'seeds must be an array of whole numbers');
    if (!seeds.every((seed) => typeof seed === 'number')) throw new SamplerError('seed', 'a seed must be a whole number from 0 on');
    const pool = asked(() => new Pool(this.#scheduler, this.#settings, dim, batch));
    if (guidance) {
      const { scale, interval: [least, most] = [0, Infinity], rescale = 0 } = guidance;
      asked(() => pool.guide(Number(scale), Number(least), Number(most), Number(rescale)));
    }
    if (mask) {
      const [sample, known] = [list('mask', mask.sample), list('mask', mask.known)];
      asked(() => pool.keep(Float32Array.from(sample ?? []), Uint8Array.from(known ?? [], Boolean)));
    }
    const interruption = interrupted(signal);
    let running = true;
    /** @type {Map<number, Chain>} */
    const chains = new Map();
    const statesOf = (/** @type {number[]} */ which) => untrapped(() => which.map((run) => pool.state(run)));
    try {
      seeds.forEach((seed, index) => chains.set(pool.push(seed, Boolean(plain), states?.[index], list('image', images?.[index])), { seed, index, trace: [] }));
      const turn = turns();
      for (let question; (question = pool.ask());) {
        await turn();
        signal?.throwIfAborted();
        const { drafts, ...rows } = question;
        const [model, field] = drafts ? [drafter, 'drafter'] : [denoise, 'denoise'];
        if (!model) throw new SamplerError('drafter', 'the draft asks a drafter, and none was given');
        const seedsAsked = Array.from(rows.runs, (run) => chains.get(run)?.seed);
        const answer = await interruption.before(output(model, field, rows, shape, signal, seedsAsked, () => pool.drawAhead()));
        for (const { run, round, error } of pool.answer(answer)) {
          const chain = /** @type {Chain} */ (chains.get(run));
          // the others go on
          if (error) chain.error = error;
          else {
            chain.trace.push(round);
            onRound?.({
              seed: chain.seed,
              index: chain.index,
              round,
              level: round.first + round.committed,
              costs: pool.costs(run),
              state: () => {
                if (!running) throw new SamplerError('state', 'a state can be taken while its run goes on: call state() in onRound');
                return pool.state(run);
              },
            });
          }
        }
      }
      signal?.throwIfAborted();
      const samples = Array.from(chains, ([run, { seed, trace, error }]) => ({
        seed,
        sample: pool.sample(run),
        ...pool.costs(run),
        trace,
        ...(error !== undefined && { error: own(error, 'denoise', { states: statesOf([run]) }) }),
      }));
      return { samples, calls: pool.calls(), audit: pool.audit() };
    } catch (error) {
      // nothing is lost: every chain can go on from here
      const states = statesOf([...chains.keys()]);
      if (!states) throw new SamplerError('module', `the wasm module trapped, most often for want of memory: ${error}`, { cause: error });
      throw own(error, 'denoise', { signal, states });
    } finally {
      running = false;
      interruption.over();
      untrapped(() => pool.free());
    }
  }

  /** @param {import('./index.js').CheckOptions} options */
  async check({ shape, denoise, seed = 0, signal }) {
    demand(denoise, 'denoise');
    const dim = dimensions(shape);
    const check = asked(() => new Check(this.#scheduler, this.#settings, dim, seed));
    const interruption = interrupted(signal);
    try {
      const turn = turns();
      for (let question; (question = check.ask());) {
        await turn();
        signal?.throwIfAborted();
        check.answer(await interruption.before(output(denoise, 'denoise', question, shape, signal, [])));
      }
      return check.judge();
    } catch (error) {
      throw own(error, 'denoise', { signal });
    } finally {
      interruption.over();
      untrapped(() => check.free());
    }
  }

  /** @param {import('./index.js').AuditOptions} options */
  async audit({ runs = AUDIT_RUNS, seed = 0, onRound, ...rest }) {
    if (!Number.isInteger(runs) || runs < 1) throw new SamplerError('runs', `runs is ${runs}: choose a whole number above 0`);
    const seeds = Array.from({ length: runs }, (_, i) => seed + i);
    const { samples, audit } = await this.sampleMany({ ...rest, seeds, onRound });
    if (!audit) throw new SamplerError('runs', `${runs} runs have too few tested steps to say anything: ask for more`);
    return { ...audit, calls: mean(samples.map(({ calls }) => calls)), rows: mean(samples.map(({ rows }) => rows)) };
  }
}

/**
 * What a trap of the wasm module leaves can be neither read nor freed, and the error of trying would hide the trap.
 * @template T @param {() => T} work @returns {T | undefined}
 */
function untrapped(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** What may come before an answer: that nobody wants it any more. @param {AbortSignal | undefined} signal */
function interrupted(signal) {
  /** Of the answer that is waited for now: a promise that all waits share would keep their answers. @type {(why: unknown) => void} */
  let refuse = () => {};
  const stop = () => refuse(signal?.reason);
  signal?.addEventListener('abort', stop);
  return {
    /** @template T @param {Promise<T>} answer @returns {Promise<T>} */
    before: (answer) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) reject(signal.reason);
        refuse = reject;
        answer.then(resolve, reject);
      }),
    over: () => signal?.removeEventListener('abort', stop),
  };
}

/** Waits for a turn of the event loop whenever this one has lasted long enough; a model may never wait by itself. */
function turns() {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < TURN_MS) return;
    await new Promise((resolve) => {
      if (globalThis.setImmediate) return setImmediate(resolve);
      // timers are held back, messages are not
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(undefined);
    });
    began = performance.now();
  };
}

/** @param {number[]} numbers */
function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/**
 * What the denoiser makes of a question.
 * @param {Denoise} denoise @param {string} field its name
 * @param {{sample: Float32Array, timesteps: Float64Array, steps: Uint32Array, runs: Uint32Array, conditional?: number}} question
 * @param {number[]} shape @param {AbortSignal | undefined} signal @param {(number | undefined)[]} seeds
 * @param {() => void} [meanwhile] done while it computes
 */
async function output(denoise, field, { sample, timesteps, steps, runs, conditional = timesteps.length }, shape, signal, seeds, meanwhile) {
  const batch = timesteps.length;
  const promised = denoise({ sample, timesteps, batch, conditional, shape: [batch, ...shape], steps, runs, seeds, signal });
  if (promised instanceof Promise) meanwhile?.();
  const answer = await promised;
  if (answer instanceof Float32Array) return answer;
  // halves, where the engine has no array of its own for them
  if (answer instanceof Uint16Array) return Float32Array.from(answer, half);
  if (ArrayBuffer.isView(answer) || Array.isArray(answer)) return Float32Array.from(/** @type {any} */ (answer));
  throw new SamplerError(field, `${field} must return a Float32Array, or a promise of one`);
}

/** A number of 16 bits from its bits. @param {number} bits */
function half(bits) {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size = exponent === 31 ? (fraction ? NaN : Infinity) : exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction;
  return bits & 0x8000 ? -size : size;
}

/** A configuration as text; JSON itself has neither typed arrays nor infinity. @param {string | Record<string, unknown>} config */
function textOf(config) {
  if (typeof config === 'string') return config;
  const held = (/** @type {string} */ _, /** @type {unknown} */ value) => {
    if (ArrayBuffer.isView(value)) return Array.from(/** @type {any} */ (value));
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  };
  return JSON.stringify(config, held) ?? '';
}

/** Numbers that need not be given. @param {string} name @param {unknown} numbers */
function list(name, numbers) {
  if (numbers === undefined) return undefined;
  if (Array.isArray(numbers) || ArrayBuffer.isView(numbers)) return Float64Array.from(/** @type {any} */ (numbers));
  throw new SamplerError(name, `${name} must be an array of numbers`);
}

/** @param {unknown} model @param {string} field */
function demand(model, field) {
  if (typeof model !== 'function') throw new SamplerError(field, `${field} must be a function`);
}

/** Numbers of one state. @param {number[]} shape */
function dimensions(shape) {
  const good = Array.isArray(shape) && shape.length > 0 && shape.every((size) => Number.isInteger(size) && size > 0);
  if (!good) throw new SamplerError('shape', 'shape must be an array of whole numbers above 0: the shape of one state, without a batch');
  return shape.reduce((product, size) => product * size, 1);
}

/** A whole number that JavaScript holds exactly. */
function randomSeed() {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high & 0x1fffff) * 2 ** 32 + low;
}
