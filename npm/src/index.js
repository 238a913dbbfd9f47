// @ts-check
/// <reference types="./index.d.ts" />
// The sampler for a denoiser of the caller's own. The arithmetic is in the wasm module; here it is asked, the denoiser
// answers, and what was done is reported. This file has no formula of a schedule and no accept rule.

import load, { Check, Pool, Scheduler } from './speculative_diffusion.js';
import { measured } from './price.js';

/** @typedef {import('./index.js').DraftOptions} DraftOptions */
/** @typedef {import('./index.js').SampleOptions} SampleOptions */
/** @typedef {import('./index.js').Denoise} Denoise */
/** @typedef {import('./index.js').SampleManyOptions} SampleManyOptions */
/** A chain on its way. @typedef {{seed: number, index: number, trace: import('./index.js').Round[], error?: unknown}} Chain */
/** What the wasm module asks. @typedef {{sample: Float32Array, timesteps: Float64Array, steps: Uint32Array, runs: Uint32Array, conditional?: number, drafts?: boolean}} Rows */

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

/** @param {unknown} error */
const trapped = (error) => new SamplerError('module', `the wasm module trapped, most often for want of memory: ${error}`, { cause: error });

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
    throw error instanceof WebAssembly.RuntimeError ? trapped(error) : own(error, 'sampler');
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
      const why = error instanceof Error ? error.message : error;
      throw new SamplerError('init', `the wasm module could not be loaded: ${why}; give init() its address, or import speculative-diffusion/inline`, {
        cause: error,
      });
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
const DEFAULTS = { draft: 'secant', window: 'measured', rule: 'auto' };
/** The window for a price that was not measured. */
const USUAL = 'auto';
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
  /** Windows that were measured, or are being, by what for. @type {Map<string, string | Promise<unknown>>} */
  #measured;

  /**
   * @param {() => import('./speculative_diffusion.js').Scheduler} make
   * @param {DraftOptions} options
   * @param {string[]} known options besides those of every sampler
   * @param {Map<string, string | Promise<unknown>>} [measured]
   */
  constructor(make, options, known, measured = new Map()) {
    if (!loaded) throw new SamplerError('init', 'the wasm module is not loaded yet: await init() first');
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const { draft, window, rule, ...rest } = { ...DEFAULTS, ...given };
    const unknown = Object.keys(rest).find((name) => !known.includes(name));
    if (unknown) throw new SamplerError(unknown, `"${unknown}" is no option here: ${[...Object.keys(DEFAULTS), ...known].join(', ')} are`);
    this.#settings = /** @type {Required<DraftOptions>} */ ({ draft, window, rule });
    this.#measured = measured;
    this.#scheduler = asked(make);
    // settings that cannot be used are refused now, not at the first sample
    asked(() => new Pool(this.#scheduler, this.#with(), 1, 1)).free();
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
    return new SpeculativeSampler(() => this.#scheduler.last(Math.floor(this.steps.length * strength)), this.#settings, [], this.#measured);
  }

  /** @param {{jump?: number, visits?: number}} [options] */
  withJumps({ jump = 10, visits = 10 } = {}) {
    return new SpeculativeSampler(() => this.#scheduler.withJumps(jump, visits), this.#settings, [], this.#measured);
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
    return only(await this.sampleMany(alone(options)));
  }

  /** @param {SampleOptions} options */
  async *rounds(options) {
    return only(yield* this.#run(alone(options)));
  }

  /** @param {SampleManyOptions} options */
  async sampleMany(options) {
    return told(this.#run(options), options.onRound);
  }

  /** @param {import('./index.js').MeasureOptions} options */
  async measure(options) {
    const all = { ...options, seeds: options.seeds ?? [0] };
    const chains = all.seeds.length;
    const dim = demanded(all);
    const { pool } = this.#begun(all, dim, USUAL);
    try {
      const price = await this.#price(pool, all, chains);
      this.#measured.set(purpose(all, dim, chains), price.window);
      return price;
    } finally {
      untrapped(() => pool.free());
    }
  }

  /** The settings, with this window in place of one that is to be measured. @param {string | number} [window] */
  #with(window = USUAL) {
    return this.#settings.window === 'measured' ? { ...this.#settings, window } : this.#settings;
  }

  /**
   * Runs at their start, or where they stood.
   * @param {SampleManyOptions} options @param {number} dim @param {string | number} window
   */
  #begun({ seeds, batch = BATCH, plain = false, states, images, guidance, mask }, dim, window) {
    const pool = asked(() => new Pool(this.#scheduler, this.#with(window), dim, batch));
    try {
      guide(pool, guidance);
      if (mask) {
        const [sample, known] = [list('mask', mask.sample), list('mask', mask.known)];
        asked(() => pool.keep(Float32Array.from(sample ?? []), Uint8Array.from(known ?? [], Boolean)));
      }
      const runs = seeds.map((seed, i) => asked(() => pool.push(seed, Boolean(plain), states?.[i] && unpacked(states[i]).state, list('image', images?.[i]))));
      return { pool, runs };
    } catch (error) {
      untrapped(() => pool.free());
      throw error;
    }
  }

  /**
   * The window of these runs: what is set, what saved states were made with, what was measured before, or is measured now.
   * @param {SampleManyOptions} options @param {number} dim @param {number} chains that share a call
   * @returns {Promise<string | number>}
   */
  async #window(options, dim, chains) {
    if (this.#settings.window !== 'measured') return this.#settings.window;
    if (options.plain) return USUAL;
    const saved = new Set((options.states ?? []).flatMap((state) => (state && unpacked(state).window) || []));
    if (saved.size > 1)
      throw new SamplerError('states', `the states were saved with several windows, ${[...saved].join(' and ')}: go on from those of one at a time`);
    if (saved.size === 1) return [...saved][0];
    const key = purpose(options, dim, chains);
    for (let known; (known = this.#measured.get(key));) {
      if (typeof known === 'string') return known;
      await unlessAborted(known, options.signal);
    }
    const { pool } = this.#begun(options, dim, USUAL);
    try {
      const measuring = this.#price(pool, options, chains);
      // runs that begin meanwhile would disturb it: they wait
      this.#measured.set(
        key,
        measuring.catch(() => this.#measured.delete(key)),
      );
      const { window } = await measuring;
      this.#measured.set(key, window);
      return window;
    } finally {
      untrapped(() => pool.free());
    }
  }

  /**
   * What further rows cost, in calls like the first that these runs ask for.
   * @param {import('./speculative_diffusion.js').Pool} pool
   * @param {SampleManyOptions} options @param {number} chains that share a call
   * @returns {Promise<import('./index.js').Price>}
   */
  async #price(pool, options, chains) {
    const { shape, seeds, denoise, batch = BATCH, guidance, onMeasure, signal } = options;
    const interruption = interrupted(signal);
    /** @type {{rows: number, ms: number}[]} */
    const timings = [];
    try {
      const turn = turns();
      const first = asked(() => pool.ask());
      const shared = Math.min(chains, first?.timesteps.length ?? 0);
      const time = async (/** @type {number} */ fold) => {
        await turn();
        signal?.throwIfAborted();
        const rows = repeated(first, shared, fold, guidance !== undefined);
        const seedsAsked = Array.from(rows.runs, (run) => seeds[run]);
        const began = performance.now();
        const answer = await interruption.before(output(denoise, 'denoise', rows, shape, signal, seedsAsked));
        const timing = { rows: rows.timesteps.length, ms: performance.now() - began };
        if (answer.length !== rows.sample.length) {
          throw new SamplerError('denoise', `denoise returned ${answer.length} numbers for ${timing.rows} rows: ${rows.sample.length} were asked for`);
        }
        timings.push(timing);
        onMeasure?.(timing);
        return timing.ms;
      };
      // a single run's window is never cut
      const price = shared ? await measured(time, (fold) => shared === 1 || fold * shared <= batch) : undefined;
      const window = price ? `auto/${price.row}/${price.lanes}` : USUAL;
      return { window: /** @type {'auto'} */ (window), ...price, timings };
    } catch (error) {
      throw own(error, 'denoise', { signal });
    } finally {
      interruption.over();
    }
  }

  /**
   * @param {SampleManyOptions} options
   * @param {number} [chains] that the window is to be for
   * @returns {AsyncGenerator<import('./index.js').Progress, import('./index.js').SampledMany, undefined>}
   */
  async *#run(options, chains = options.seeds?.length) {
    const { shape, seeds, denoise, drafter, plain = false, trace: kept = true, signal } = options;
    const dim = demanded(options);
    const window = await this.#window(options, dim, chains);
    const { pool, runs } = this.#begun(options, dim, window);
    const interruption = interrupted(signal);
    let running = true;
    /** @type {Map<number, Chain>} */
    const going = new Map(runs.map((run, index) => [run, { seed: seeds[index], index, trace: [] }]));
    const measured = this.#settings.window === 'measured' && !plain;
    const stateOf = (/** @type {number} */ run) => (measured ? packed(window, pool.state(run)) : pool.state(run));
    const statesOf = (/** @type {number[]} */ which) => untrapped(() => which.map(stateOf));
    try {
      const turn = turns();
      for (let question; (question = pool.ask());) {
        await turn();
        signal?.throwIfAborted();
        const { drafts, ...rows } = question;
        const [model, field] = drafts ? [drafter, 'drafter'] : [denoise, 'denoise'];
        if (!model) throw new SamplerError('drafter', 'the draft asks a drafter, and none was given');
        const seedsAsked = Array.from(rows.runs, (run) => going.get(run)?.seed);
        const answer = await interruption.before(output(model, field, rows, shape, signal, seedsAsked, () => pool.drawAhead()));
        for (const { run, round, preview, error } of pool.answer(answer)) {
          const chain = /** @type {Chain} */ (going.get(run));
          // the others go on
          if (error) chain.error = error;
          else {
            if (kept) chain.trace.push(round);
            yield {
              seed: chain.seed,
              index: chain.index,
              round,
              level: round.first + round.committed,
              preview,
              costs: pool.costs(run),
              state: () => {
                if (!running) throw new SamplerError('state', 'a state can be taken while its run goes on: call state() in onRound');
                return stateOf(run);
              },
            };
          }
        }
      }
      signal?.throwIfAborted();
      const samples = Array.from(going, ([run, { seed, trace, error }]) => ({
        seed,
        sample: pool.sample(run),
        shape: [...shape],
        ...(!plain && { window: /** @type {any} */ (window) }),
        ...pool.costs(run),
        trace,
        ...(error !== undefined && { error: own(error, 'denoise', { states: statesOf([run]) }) }),
      }));
      return { samples, calls: pool.calls(), audit: pool.audit() };
    } catch (error) {
      // nothing is lost: every chain can go on from here
      const states = statesOf(runs);
      if (!states) throw trapped(error);
      throw own(error, 'denoise', { signal, states });
    } finally {
      running = false;
      interruption.over();
      untrapped(() => pool.free());
    }
  }

  /** @param {import('./index.js').CheckOptions} options */
  async check({ shape, denoise, seed = 0, guidance, signal }) {
    demand(denoise, 'denoise');
    const dim = dimensions(shape);
    const check = asked(() => new Check(this.#scheduler, this.#with(), dim, seed));
    const interruption = interrupted(signal);
    try {
      guide(check, guidance);
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
    // with the windows of a run that is alone, whose residuals are in question
    const { samples, audit } = await told(this.#run({ ...rest, seeds, trace: false }, 1), onRound);
    if (!audit) throw new SamplerError('runs', `${runs} runs have too few tested steps to say anything: ask for more`);
    return { ...audit, calls: mean(samples.map(({ calls }) => calls)), rows: mean(samples.map(({ rows }) => rows)) };
  }
}

/** One run as many. @param {SampleOptions} options @returns {SampleManyOptions} */
function alone({ seed = randomSeed(), state, image, ...rest }) {
  return { ...rest, seeds: [seed], states: [state], images: [image] };
}

/** @param {import('./index.js').SampledMany} many */
function only({ samples: [sampled] }) {
  if (sampled.error) throw sampled.error;
  return sampled;
}

/**
 * Runs to the end, and tells of each round.
 * @param {AsyncGenerator<import('./index.js').Progress, import('./index.js').SampledMany, undefined>} run
 * @param {((progress: import('./index.js').Progress) => void) | undefined} onRound
 */
async function told(run, onRound) {
  let step = await run.next();
  while (!step.done) {
    let next = () => run.next();
    try {
      onRound?.(step.value);
    } catch (error) {
      // the run fails by it, with its states
      next = () => run.throw(error);
    }
    step = await next();
  }
  return step.value;
}

/** @param {{guide: (scale: number, least: number, most: number, rescale: number) => void}} asking @param {import('./index.js').RunOptions['guidance']} guidance */
function guide(asking, guidance) {
  if (!guidance) return;
  const { scale, interval: [least, most] = [0, Infinity], rescale = 0 } = guidance;
  asked(() => asking.guide(Number(scale), Number(least), Number(most), Number(rescale)));
}

/** Numbers of a state, if all that runs need is there. @param {SampleManyOptions} options */
function demanded({ shape, seeds, denoise, drafter }) {
  const dim = dimensions(shape);
  demand(denoise, 'denoise');
  if (drafter !== undefined) demand(drafter, 'drafter');
  if (!Array.isArray(seeds) || seeds.length === 0) throw new SamplerError('seeds', 'seeds must be an array of whole numbers');
  if (!seeds.every((seed) => typeof seed === 'number')) throw new SamplerError('seed', 'a seed must be a whole number from 0 on');
  return dim;
}

/** What a price holds for: calls of so many rows of this size. @param {SampleManyOptions} options @param {number} dim @param {number} chains */
const purpose = ({ batch = BATCH, guidance }, dim, chains) => `${dim} ${chains} ${chains > 1 ? batch : ''} ${guidance !== undefined}`;

/**
 * A question with the first rows of another so many times over, and as often again without their condition if they are guided.
 * @param {Rows} question @param {number} count @param {number} fold @param {boolean} guided
 */
function repeated({ sample, timesteps, steps, runs }, count, fold, guided) {
  const dim = sample.length / timesteps.length;
  const rows = Array.from({ length: count * fold * (guided ? 2 : 1) }, (_, row) => row % count);
  const states = new Float32Array(rows.length * dim);
  rows.forEach((row, i) => states.set(sample.subarray(row * dim, (row + 1) * dim), i * dim));
  return {
    sample: states,
    timesteps: Float64Array.from(rows, (row) => timesteps[row]),
    steps: Uint32Array.from(rows, (row) => steps[row]),
    runs: Uint32Array.from(rows, (row) => runs[row]),
    conditional: count * fold,
  };
}

/** Every state begins with "spdiff"; no window has so long a name. */
const FIRST_OF_A_STATE = 's'.charCodeAt(0);

/** Of a window that was measured, a saved state says which it was: it may be another next time. @param {string | number} window @param {Uint8Array} state */
function packed(window, state) {
  const name = new TextEncoder().encode(String(window));
  const bytes = new Uint8Array(1 + name.length + state.length);
  bytes[0] = name.length;
  bytes.set(name, 1);
  bytes.set(state, 1 + name.length);
  return bytes;
}

/** @param {Uint8Array} bytes @returns {{window?: string, state: Uint8Array}} */
function unpacked(bytes) {
  // of a window that was given, a state is what Rust and Python save too
  if (bytes instanceof Uint8Array && bytes[0] === FIRST_OF_A_STATE) return { state: bytes };
  const [length, at] = bytes instanceof Uint8Array ? [bytes[0], 1 + bytes[0]] : [0, 0];
  const window = length > 0 && bytes.length > at ? new TextDecoder().decode(bytes.subarray(1, at)) : '';
  if (!/^(auto[/.\d]*|\d+)$/.test(window)) throw new SamplerError('state', 'a state must be the bytes that state() gave');
  return { window, state: bytes.subarray(at) };
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

/** @param {Promise<unknown>} promise @param {AbortSignal | undefined} signal */
async function unlessAborted(promise, signal) {
  const interruption = interrupted(signal);
  try {
    await interruption.before(promise);
  } catch (error) {
    throw own(error, 'signal', { signal });
  } finally {
    interruption.over();
  }
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
 * @param {Rows} question
 * @param {number[]} shape @param {AbortSignal | undefined} signal @param {(number | undefined)[]} seeds
 * @param {() => void} [meanwhile] done while it computes
 */
async function output(denoise, field, { sample, timesteps, steps, runs, conditional = timesteps.length }, shape, signal, seeds, meanwhile) {
  const batch = timesteps.length;
  const promised = denoise({
    sample,
    timesteps,
    get timestepsInt64() {
      return BigInt64Array.from(timesteps, (t) => BigInt(Math.round(t)));
    },
    batch,
    conditional,
    shape: [batch, ...shape],
    steps,
    runs,
    seeds,
    signal,
  });
  if (promised instanceof Promise) meanwhile?.();
  const answer = await held(await promised);
  if (answer instanceof Float32Array) return answer;
  // halves, where the engine has no array of its own for them
  if (answer instanceof Uint16Array) return Float32Array.from(answer, half);
  const whole = answer instanceof BigInt64Array || answer instanceof BigUint64Array;
  if ((ArrayBuffer.isView(answer) && !whole) || Array.isArray(answer)) return Float32Array.from(/** @type {any} */ (answer));
  throw new SamplerError(field, `${field} must return a Float32Array, a tensor of such numbers, or a promise of one`);
}

/** The numbers of an answer, which a tensor holds, or fetches from a graphics card. @param {any} answer */
function held(answer) {
  if (ArrayBuffer.isView(answer) || Array.isArray(answer)) return answer;
  const far = answer?.location !== undefined && answer.location !== 'cpu';
  return far && typeof answer.getData === 'function' ? answer.getData() : answer?.data;
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
