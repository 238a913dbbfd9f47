/** The page's side of the worker of `speculative-diffusion/worker`. */
import type {
  AuditOptions,
  Audited,
  CheckOptions,
  Checked,
  MeasureOptions,
  Price,
  Progress,
  SampleManyOptions,
  SampleOptions,
  Sampled,
  SampledMany,
  SpeculativeSampler,
  Timing,
} from './index.js';

type Maker = 'fromConfig' | 'ancestral' | 'fromSteps';

/** What the worker loads. */
export type Model = {
  /** A module that exports `denoise` (and `drafter`), or `create(options)` which promises one or `{denoise, drafter}`. */
  module: string | URL;
  /** For its `create`. */
  options?: unknown;
  /** Where the wasm module lies, by default beside the worker. */
  wasm?: string | URL;
} & (
  | {
      [K in Maker]: {
        /** Which method makes the chain; "fromConfig" by default. */
        kind: K;
        /** Its first argument: a configuration, or a table. */
        config: Parameters<(typeof SpeculativeSampler)[K]>[0];
        /** Its options. */
        sampler: Parameters<(typeof SpeculativeSampler)[K]>[1];
      };
    }[Maker]
  | { kind?: undefined; config: string | Record<string, unknown>; sampler: Parameters<typeof SpeculativeSampler.fromConfig>[1] }
  | { kind: 'cosine'; config?: undefined; sampler: Parameters<typeof SpeculativeSampler.cosine>[0] }
);

/** What is heard of a job, and how it is ended. A run that is cancelled is rejected with its `states` as soon as the worker has heard of
 * it; so is one whose listener throws, with the `field` `listener`. */
export interface Listener {
  signal?: AbortSignal;
  /** A state cannot be taken from here: an error has them. */
  onRound?: (progress: Omit<Progress, 'state'>) => void;
  onMeasure?: (timing: Timing) => void;
}

/** Options that can be sent. */
type Sent<T> = Omit<T, 'denoise' | 'drafter' | 'onRound' | 'onMeasure' | 'signal'>;

/** The sampler in the worker, with its denoiser. Errors are SamplerErrors; their `field` is `worker` where the worker itself failed. */
export interface RemoteSampler {
  sample(run: Sent<SampleOptions>, listener?: Listener): Promise<Sampled>;
  sampleMany(run: Sent<SampleManyOptions>, listener?: Listener): Promise<SampledMany>;
  check(run: Sent<CheckOptions>, listener?: Listener): Promise<Checked>;
  audit(run: Sent<AuditOptions>, listener?: Listener): Promise<Audited & { calls: number; rows: number }>;
  measure(run: Sent<MeasureOptions>, listener?: Listener): Promise<Price>;
  /** Ends the worker. What was under way is rejected. */
  close(): void;
}

/**
 * Loads the model in the worker: one that you have made, or a new one of the script at this address, which may lie on another origin that
 * lets it be read, as on a CDN.
 */
export function connect(worker: Worker | string | URL, model: Model): Promise<RemoteSampler>;
