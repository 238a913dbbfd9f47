/**
 * Exact speculative sampling for a denoiser of your own.
 *
 * Load the wasm module once with `await init()`, make a sampler from a scheduler's configuration, and hand it a denoiser.
 * The samples have exactly the distribution of the plain sampler of the same chain, in fewer sequential calls, provided
 * that the denoiser answers every row of a batch independently of the others, and the same way each time
 * ({@link SpeculativeSampler.check} finds out).
 */

/** Where the wasm module comes from. By default the file beside this one. */
export type Source = string | URL | Response | Promise<Response> | ArrayBuffer | ArrayBufferView | WebAssembly.Module;

/** Loads the wasm module, once. @throws an error whose `field` is `init`. */
export function init(source?: Source): Promise<void>;

/**
 * What everything here throws. Its `name` is `SamplerError`, or that of the signal's reason where a run was cancelled
 * (`AbortError`).
 */
export class SamplerError extends Error {
  constructor(field: string, message: string, more?: { cause?: unknown; states?: Uint8Array[] });
  /** The option, or the field of a configuration, that is at fault; `signal` where a run was cancelled, `module` where the wasm module trapped. */
  field: string;
  /** What `denoise`, `drafter` or `onRound` has thrown, or the signal's reason. */
  cause?: unknown;
  /** Where the chains stood that a run had begun, to go on from: {@link SampleManyOptions.states}. */
  states?: Uint8Array[];
}

/** What the denoiser is asked: one sequential call. */
export interface Question {
  /** `[batch, ...shape]`, the noisy states one after the other, scaled as the scheduler's `scale_model_input` does. */
  sample: Float32Array;
  /** `[batch]`, the timestep of each row, in the model's own units. They differ from row to row. */
  timesteps: Float64Array;
  /** The same, rounded to whole numbers, as many exported models take them. Made when it is read. */
  readonly timestepsInt64: BigInt64Array;
  /** Number of rows. */
  batch: number;
  /** Rows from this number on are to be answered without their condition: `batch` unless there is {@link RunOptions.guidance}. */
  conditional: number;
  /** `[batch, ...shape]`. */
  shape: number[];
  /** `[batch]`, the index of the step of each row, 0 at the noisy end. */
  steps: Uint32Array;
  /** `[batch]`, the run that each row belongs to: its place in `seeds`. Conditions are looked up by it. */
  runs: Uint32Array;
  /** `[batch]`, the seed of that run; empty in a check. */
  seeds: (number | undefined)[];
  /** The caller's own. */
  signal?: AbortSignal;
}

/** The model. Its output is of the kind that the configuration's `prediction_type` names, `[batch, ...shape]`. */
export type Denoise = (question: Question) => Output | Promise<Output>;

/** Numbers, `[batch, ...shape]`. A `Uint16Array` holds the bits of halves. */
export type Numbers = Float32Array | Float64Array | Uint16Array | number[];

/** Numbers, or a tensor that holds them, as of ONNX Runtime or transformers.js. One on a graphics card is fetched by its `getData`. */
export type Output = Numbers | { readonly data: unknown; readonly location?: string; getData?(): Promise<unknown> };

/** The output of a model. */
export type Parametrisation = 'x0' | 'epsilon' | 'v_prediction' | 'flow' | 'score';

/** How long a chain is. */
export interface StepOptions {
  /** Steps of the chain, each a call of the plain sampler. */
  numInferenceSteps: number;
  /** Noise of a DDIM or flow chain, above 0 up to 1 (the default): at 0 there is nothing to speculate on. */
  eta?: number;
}

/** The levels of an ancestral chain: so many steps of the class's own, or levels of one's own. */
export type AncestralOptions = { eta?: number; mu?: number } & (
  | { numInferenceSteps: number; sigmas?: undefined; timesteps?: undefined }
  | { sigmas: ArrayLike<number>; numInferenceSteps?: undefined; timesteps?: undefined }
  | { timesteps: ArrayLike<number>; numInferenceSteps?: undefined; sigmas?: undefined }
);

/** See {@link DraftOptions.window}. */
export type Window = number | 'measured' | MeasuredWindow;

/** A window for a price. */
export type MeasuredWindow = 'auto' | `auto/${number}` | `auto/${number}/${number}`;

/** How drafts are made and tested. */
export interface DraftOptions {
  /** Where drafts come from; "secant" (the default) saves most calls on long chains. "independent" and
   * "corrected" need a `drafter`. */
  draft?: 'secant' | 'carry' | 'prefetched' | 'frozen' | 'frozen-drift' | 'independent' | 'corrected';
  /**
   * Steps drafted a round: 1 to 256, or as many as make a step cheapest if a further row adds so much to a call, as a share of
   * a call of one row: "auto/0.01" for a fast GPU, "auto/0" where rows are free, "auto/0.9/4" where 4 rows are computed side
   * by side and more of them wait. "auto" is "auto/0.02".
   *
   * "measured" (the default) finds that price by a few calls of the model before the first run of its size ({@link
   * SpeculativeSampler.measure}), so where a row costs a call there is one row a call, as in the plain sampler. The law of a
   * sample does not depend on the window, but the sample of a seed does: to repeat one, give the window that stands in its result.
   */
  window?: Window;
  /**
   * How drafts are tested; both tests are exact. The reflection looks at step after step, the peak test at a whole window and
   * saves more calls when windows are long. "auto" (the default) takes whichever saves more.
   */
  rule?: 'auto' | 'reflection' | 'peak';
}

/** One step of a chain: `y' ~ N(a y + b x0 + c x0', s^2 I)`, from the level `y = alpha x0 + sigma eps`; `x0'` is the estimate of the step before. */
export interface Step {
  /** Timestep that the model is given. */
  t: number;
  alpha: number;
  /** Above 0. */
  sigma: number;
  a: number;
  b: number;
  /** Standard deviation; 0 for a deterministic step. */
  s: number;
  /** Weight of the estimate of the step before, 0 if it is left out: not 0 in chains of second order alone. */
  c?: number;
}

/** One round: a window drafted, checked in one call, committed up to its first rejection. Columns have `length` entries. */
export interface Round {
  /** Step of the window's first position. */
  first: number;
  /** Positions of the window. */
  length: number;
  /** Steps that were committed. */
  committed: number;
  /** Sequential calls, 1 or 2; calls of the drafter; rows evaluated. */
  calls: number;
  draftCalls: number;
  rows: number;
  level: Uint32Array;
  /** 0 accepted, 1 reflected, 2 deterministic, 3 discarded. */
  verdict: Uint8Array;
  /** 1 where an earlier call's estimate for the very level was used. */
  carried: Uint8Array;
  s: Float64Array;
  time: Float64Array;
  /** Distance of the means, in units of the noise; NaN where nothing was tested, as in the next four. */
  gap: Float64Array;
  probability: Float64Array;
  lnU: Float64Array;
  lnRatio: Float64Array;
  /** Committed residual along the gap: standard normal over all tested steps. */
  residual: Float64Array;
  /** The last committed state. */
  state: Float32Array;
}

/** What a chain has cost. */
export interface Costs {
  /** Sequential calls of the denoiser that this chain waited for. */
  calls: number;
  /** Those of the drafter. */
  draftCalls: number;
  /** Rows evaluated. */
  rows: number;
  /** Drafts tested, and accepted. */
  tested: number;
  accepted: number;
}

/** A chain that has come a round further. */
export interface Progress {
  seed: number;
  /** Place in `seeds`. */
  index: number;
  round: Round;
  /** Steps committed so far. */
  level: number;
  /** The model's clean estimate at the last committed step that asked for one: a sample to look at meanwhile. None where no step of the
   * round did, as at a jump. */
  preview?: Float32Array;
  costs: Costs;
  /** The chain's state as bytes, to go on from later: pass it in `states` with the same seed and options. It keeps a window that was
   * measured. Call it in `onRound`. */
  state(): Uint8Array;
}

/** What is common to all runs. */
export interface RunOptions {
  /** Shape of one state, without a batch: `[channels, height, width]` for instance. */
  shape: number[];
  denoise: Denoise;
  /** A cheaper model, for the drafts "independent" and "corrected". It may be as wrong as it likes. */
  drafter?: Denoise;
  /** Most rows of a call that several chains share, 64 by default. */
  batch?: number;
  /** The plain sampler instead, one call a step: what a speculative run is compared with. */
  plain?: boolean;
  /**
   * Classifier-free guidance: rows are asked again without their condition ({@link Question.conditional}), in the same call, and
   * the outputs are combined. `interval` bounds it to levels with `sigma / alpha` from the first to the second number
   * (Kynkäänniemi et al. 2024), `rescale` is the share that is scaled to the conditional output's deviation (Lin et al. 2024).
   */
  guidance?: { scale: number; interval?: [number, number]; rescale?: number };
  /**
   * What is known of a sample: its numbers, and for each whether it is known. Known numbers take the place of the model's clean
   * estimates, at every level. {@link SpeculativeSampler.withJumps} lets the others agree better.
   */
  mask?: { sample: ArrayLike<number>; known: ArrayLike<number | boolean> };
  onRound?: (progress: Progress) => void;
  /** Whether results have the rounds in their `trace` (the default). `onRound` is told of them anyway. */
  trace?: boolean;
  /** Called for each call by which a price is measured, before the first round. They are not among the `calls` of a result. */
  onMeasure?: (timing: Timing) => void;
  /** Ends the run at once, also while a call is under way: the promise is rejected with a {@link SamplerError} whose `cause` is the
   * signal's reason. What the call still answers is dropped. */
  signal?: AbortSignal;
}

export interface SampleOptions extends RunOptions {
  /** A whole number up to 2^53; random by default. The same seed gives the same sample. */
  seed?: number;
  /** A state to go on from, as {@link Progress.state} gave it, with its seed. */
  state?: Uint8Array;
  /** The numbers of an image to start from, with noise of the chain's first level: see {@link SpeculativeSampler.withStrength}. */
  image?: ArrayLike<number>;
}

export interface SampleManyOptions extends RunOptions {
  /** One chain each. */
  seeds: number[];
  /** States to go on from, as {@link Progress.state} gave them, in the order of the seeds. */
  states?: (Uint8Array | undefined)[];
  /** Images to start from, in the order of the seeds. */
  images?: (ArrayLike<number> | undefined)[];
}

/** A call that was timed. */
export interface Timing {
  rows: number;
  /** Milliseconds. */
  ms: number;
}

/** What further rows cost. */
export interface Price {
  /** For {@link DraftOptions.window}: "auto/ROW/LANES", or "auto" where the clock was too coarse to tell. */
  window: MeasuredWindow;
  /** What each further row of `lanes` that are computed side by side adds to a call, as a share of a call of one row for each run. */
  row?: number;
  lanes?: number;
  /** All calls that were made, in their order. */
  timings: Timing[];
}

export interface MeasureOptions extends Pick<RunOptions, 'shape' | 'denoise' | 'batch' | 'guidance' | 'onMeasure' | 'signal'> {
  /** Chains that are to share calls, as of {@link SampleManyOptions}; one by default. */
  seeds?: number[];
}

/** A sample and what it cost. */
export interface Sampled extends Costs {
  seed: number;
  /** The numbers of one state. */
  sample: Float32Array;
  /** Shape of the sample. */
  shape: number[];
  /** The window of this run, which repeats it; none of a plain run. */
  window?: number | MeasuredWindow;
  /** All rounds, unless `trace` was false. */
  trace: Round[];
  /** Only of {@link SpeculativeSampler.sampleMany}: why this chain could not end; `sample` is then where it stood. */
  error?: SamplerError;
}

/** Samples of chains that shared calls. */
export interface SampledMany {
  samples: Sampled[];
  /** Shared calls. */
  calls: number;
  /** Of the residuals of all chains; nothing where there are too few. */
  audit: Audited | undefined;
}

/** Whether residuals could be standard normals. */
export interface Audited {
  passed: boolean;
  /** Tested steps. */
  count: number;
  /** Mean and variance in standard errors; critical at `criticalZ`. */
  meanZ: number;
  varianceZ: number;
  criticalZ: number;
  /** Kolmogorov's statistic; critical at `criticalKolmogorov`. */
  kolmogorov: number;
  criticalKolmogorov: number;
  /** The worst of the three, in critical values. */
  departure: number;
  /** What so many residuals would show 99 times in 100: a shift in standard deviations, a relative change of variance. */
  leastShiftSeen: number;
  leastSpreadSeen: number;
  /** All of it as a sentence. */
  text: string;
}

/** How far two answers to the same question are apart. */
export interface Agreement {
  /** Largest difference, relative to the root mean square. */
  worst: number;
  exact: boolean;
  passed: boolean;
}

/** Whether a denoiser answers each row by itself, and the same way each time. */
export interface Checked {
  passed: boolean;
  repeated: Agreement;
  shuffled: Agreement;
  alone: Agreement;
  text: string;
}

export interface CheckOptions {
  shape: number[];
  denoise: Denoise;
  seed?: number;
  /** As of the runs: rows are asked without their condition too, and the guided outputs are compared. */
  guidance?: RunOptions['guidance'];
  signal?: AbortSignal;
}

export interface AuditOptions extends Omit<RunOptions, 'plain' | 'trace'> {
  /** Chains to run, 32 by default; their seeds count on from `seed`. */
  runs?: number;
  seed?: number;
}

/** A chain, and how drafts are made for it. Errors are {@link SamplerError}s. */
export class SpeculativeSampler {
  private constructor();
  /** The sampler of a class of diffusers that adds noise to its steps (DDPM, DDIM, EulerAncestral, DPM++ 2M SDE, LCM, TCD, a stochastic flow), from its
   * `scheduler_config.json`, as text or parsed. */
  static fromConfig(config: string | Record<string, unknown>, options: DraftOptions & StepOptions): SpeculativeSampler;
  /**
   * The ancestral chain (DDIM with noise `eta`; 1 is DDPM) through the levels of any class of diffusers with a table of betas, or of
   * a flow, whatever its own solver does. `sigmas` are `sigma / alpha` from noisy to clean, or a flow's times before they are
   * shifted; `mu` is the shift of a flow with `use_dynamic_shifting`.
   */
  static ancestral(config: string | Record<string, unknown>, options: DraftOptions & AncestralOptions): SpeculativeSampler;
  /** A chain from its own table. `start` is the first state's standard deviation, 1 by default. */
  static fromSteps(steps: Step[], options?: DraftOptions & { start?: number; prediction?: Parametrisation }): SpeculativeSampler;
  /** The cosine chain of this project: `alpha = cos(pi t / 2)`, t uniform from .995 to .05, then one denoise. */
  static cosine(options: DraftOptions & StepOptions & { prediction?: Parametrisation }): SpeculativeSampler;
  /** The sampler of this chain's last steps, `floor(strength * steps)`: for samples that start from an `image` (SDEdit, img2img).
   * Strength is above 0 up to 1; the larger, the further from the image. */
  withStrength(strength: number): SpeculativeSampler;
  /** The same with jumps: every `jump` steps (10 by default) the chain goes back as many by adding noise, until it has come down
   * from there `visits` times (10 by default), as RePaint does for samples of which a part is known. The model is not asked at a jump. */
  withJumps(options?: { jump?: number; visits?: number }): SpeculativeSampler;
  /** The chain. */
  readonly steps: Step[];
  /** Standard deviation of the first state. */
  readonly start: number;
  /** One sample. */
  sample(options: SampleOptions): Promise<Sampled>;
  /** One sample, round by round, computed as they are asked for: `for await (const { level } of sampler.rounds({ .. }))`. Who leaves the
   * loop ends the run. The generator returns the sample. */
  rounds(options: Omit<SampleOptions, 'onRound'>): AsyncGenerator<Progress, Sampled, undefined>;
  /** Samples of several chains that share calls; `calls` are the shared ones. A chain that fails does not end the others. */
  sampleMany(options: SampleManyOptions): Promise<SampledMany>;
  /** Finds out what further rows cost, by some calls of 1, 2, 4 and 16 rows: six rows in all where a row costs a call. The same is done
   * before a run whose window is "measured", once for a sampler and a size, so a sampler is best made once for a model. */
  measure(options: MeasureOptions): Promise<Price>;
  /** Does the denoiser keep the conditions of exactness? Asks the same rows together, again, shuffled and alone; with `guidance`, those
   * without their condition too. */
  check(options: CheckOptions): Promise<Checked>;
  /** Judges the committed residuals of some runs. `calls` and `rows` are means. */
  audit(options: AuditOptions): Promise<Audited & { calls: number; rows: number }>;
}
