/** A denoiser in an ONNX file, computed by ONNX Runtime: onnxruntime-web, -node or -react-native, whose module is handed over. */
import type { Numbers, Question } from './index.js';

/** An input or output, as a session describes it. */
export interface Port {
  name: string;
  isTensor?: boolean;
  type?: string;
  shape?: readonly (number | string)[];
}

/** What of ONNX Runtime is used. */
export interface Runtime {
  Tensor: new (...given: any[]) => any;
  InferenceSession: { create(...given: any[]): Promise<any> };
}

export interface Options {
  /** The class of each row of a call, where the model has classes: one number for all, or a function that says it, for instance by `runs`. */
  labels?: number | ((question: Question) => number | ArrayLike<number>);
  /** What makes the tensor of each further input, by its name; the first dimension is `question.batch`. */
  inputs?: Record<string, (question: Question) => unknown>;
  /** Names of inputs and of the output, where they are not found by themselves. */
  names?: { sample?: string; timestep?: string; labels?: string; output?: string };
}

/** A model that can be sampled. */
export interface Model {
  /** Of one state. */
  shape: number[];
  denoise: (question: Question) => Promise<Numbers>;
  /** Which inputs and which output were found. */
  text: string;
  /** Releases the session. */
  release(): Promise<void>;
}

/**
 * Opens a file, given by its address, its path or its bytes; `session` are the options of `InferenceSession.create`.
 * @throws a SamplerError whose `field` is `model` where it cannot be opened, or names what does not fit; the session is released then.
 */
export function open(ort: Runtime, file: string | URL | ArrayBuffer | Uint8Array, options?: Options & { session?: object }): Promise<Model>;

/**
 * A session as a denoiser. The batch of the model must be dynamic, the rest of its shape fixed, and its timestep one for each row.
 * @throws a SamplerError whose `field` names the input or output that does not fit.
 */
export function fromSession(ort: Pick<Runtime, 'Tensor'>, session: object, options?: Options): Model;
