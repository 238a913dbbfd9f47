// @ts-check
/** A helper, in a worker of its own that the page starts: a copy of the CPU engine, which computes the rows that it is asked for. */

import { Desk } from './desk.js';

/** @typedef {import('./helpers.js').Parts} Parts */

/** Rows that a helper computes before it is asked: browsers compile hot code again, better now than in the first call that counts. */
const WARM = 8;

/** @type {{postMessage: (message: any, transfer?: Transferable[]) => void, onmessage: ((event: MessageEvent<Parts>) => void) | null, onunhandledrejection: ((event: PromiseRejectionEvent) => void) | null}} */
const scope = /** @type {any} */ (self);

const gone = () => scope.postMessage({ helping: false });

/** @param {Parts} parts */
async function assist({ module, weights, sidecar, dim, desk, port }) {
  const { default: start, Engine } = await import(new URL('../pkg/cpu/speculative_diffusion.js', import.meta.url).href);
  await start({ module_or_path: module });
  const engine = await Engine.load(weights, sidecar);
  await engine.velocities(new Float32Array(WARM * dim), new Float64Array(WARM), new Uint32Array(WARM));
  let ended = Promise.resolve();
  if (port)
    port.onmessage = ({ data: { id, states, times, labels } }) => {
      ended = ended
        .then(async () => {
          const velocities = await engine.velocities(states, times, labels);
          port.postMessage({ id, velocities }, [velocities.buffer]);
        })
        .catch(gone);
    };
  scope.postMessage({ helping: true });
  if (desk) await new Desk(desk, dim).serve((states, times, labels) => engine.velocities(states, times, labels));
}

scope.onmessage = ({ data }) => {
  assist(data).catch(gone);
};

scope.onunhandledrejection = (event) => {
  event.preventDefault();
  gone();
};
