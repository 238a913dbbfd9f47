// @ts-check
/** What goes wrong in a worker, in a form that can be sent. It has no words: a failure of a known kind carries what a sentence needs. */

/** @typedef {'engine' | 'weights' | 'description' | 'drafter' | 'drafter-description'} Part a file that is loaded */
/** @typedef {'device' | 'engine' | 'shaders' | 'warmup'} Stage of the start of an engine */
/**
 * What went wrong; without a kind `message` is the engine's own sentence, with one only the technical detail. `dead`: the wasm
 * instance cannot be used again.
 * @typedef {{field: string, message: string, dead: boolean, kind?: 'stopped' | 'missing' | 'late' | 'damaged' | 'lost' | 'worker' | 'silent', what?: Part, status?: number}} Failure
 */

/**
 * @param {any} error
 * @returns {Failure}
 */
export function failure(error) {
  const dead = error instanceof WebAssembly.RuntimeError || error?.name === 'RuntimeError';
  const memory = error instanceof RangeError || /out of memory|memory access|allocation/i.test(String(error?.message));
  const field = error?.field ?? (memory ? 'memory' : dead ? 'panic' : 'engine');
  const message = String(error?.message ?? error);
  return field === 'panic' ? stopped(message, dead) : { field, message, dead, kind: error?.kind, what: error?.what, status: error?.status };
}

/**
 * @param {string} why
 * @param {boolean} dead
 * @returns {Failure}
 */
export function stopped(why, dead) {
  return { field: 'panic', kind: 'stopped', message: why.replace(/^Uncaught (\w*Error: )?/, '').replace(/\.$/, ''), dead };
}

/**
 * @param {Part} what could not be loaded
 * @param {string} why
 * @param {number} [status] of the server's answer
 */
export function notLoaded(what, why, status) {
  return Object.assign(new Error(why), { field: 'download', kind: 'missing', what, status });
}

/** @param {Part} what nothing came of, though it was asked for again */
export const notInTime = (what) => Object.assign(new Error(''), { field: 'download', kind: 'late', what });

/**
 * Names the file that an error of the browser's is about.
 * @param {Part} what
 * @param {new (...all: any[]) => Error} kind
 * @returns {(error: Error) => never}
 */
export const damaged = (what, kind) => (error) => {
  throw error instanceof kind ? Object.assign(new Error(error.message), { field: 'download', kind: 'damaged', what }) : error;
};
