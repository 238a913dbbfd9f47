// @ts-check
/** Live runs: asks the engines for one, or for times of several, and takes what they report into the session and before the visitor. */

import { EngineError } from './engine/host.js';
import { times } from './engine/times.js';
import { fastest, windowsFor } from './figures/measured.js';
import { byId, write } from './parts/dom.js';
import { clearProblems, problem, say } from './parts/notices.js';
import { compare } from './state/files.js';
import { KEEP_BYTES, mayKeep } from './state/memory.js';
import * as sessions from './state/session.js';
import { choices, fieldOf, runPart, sameRun, workers } from './state/settings.js';
import * as words from '#words/main.js';

/** @typedef {import('./engine/engine.js').Backend} Backend */
/** @typedef {import('./engine/engine.js').EngineEvent} EngineEvent */
/** @typedef {import('./engine/engine.js').RunEvent} RunEvent */
/** @typedef {import('./state/session.js').Asked} Asked */
/** @typedef {import('./state/settings.js').Settings} Settings */

/**
 * @typedef {object} Page
 * @property {import('./state/store.js').Store} store
 * @property {import('./engine/engine.js').Engines} engines
 * @property {ReturnType<typeof import('./parts/controls.js').mountControls>} controls
 * @property {ReturnType<typeof import('./parts/devices.js').mountDevices>} devices
 * @property {ReturnType<typeof import('./figures/measured.js').mountMeasured>} measured
 * @property {ReturnType<typeof import('./state/address.js').mountAddress>} address
 * @property {() => void} drawState draws what is under way
 * @property {() => void} ended nothing is asked for any more
 */

/** @param {Page} page */
export function mountLive({ store, engines, controls, devices, measured, address, drawState, ended }) {
  const backend = () => /** @type {Backend} */ (store.session.settings.engine);

  /** Ends what was asked for last. @type {AbortController | undefined} */
  let asked;

  /** Something else is asked for. */
  function another() {
    asked?.abort();
    asked = new AbortController();
    return asked;
  }

  /**
   * Whether the form can be used; if not, the status says why.
   * @param {(why: string) => string} otherwise
   */
  function formIsGood(otherwise) {
    const complaint = controls.complaint();
    if (complaint) {
      say(otherwise(complaint));
      return false;
    }
    store.session = sessions.stopped(store.session);
    clearProblems();
    return true;
  }

  function drawMemory() {
    const run = sessions.runOf(store.session);
    const { settings } = store.session;
    if (run) write(byId('memory'), words.memory(settings.steps, settings.window, mayKeep(settings, run.trace), KEEP_BYTES));
  }

  /** @param {{again?: boolean} & Pick<Asked, 'at' | 'repeats'>} [how] `again`: the address stands already */
  function run({ again = false, at, repeats } = {}) {
    if (!formIsGood(words.notRun)) return;
    // a position belongs to the run that it was found in
    if (!again) store.session = sessions.remembered(store.session, 'at', undefined);
    if (again) address.now();
    else address.push();
    const { settings } = store.session;
    drawMemory();
    const mine = another();
    const events = engines.run(runPart(settings), { backend: backend(), workers: workers(settings), signal: mine.signal });
    // what was measured was about another run
    measured.leave();
    store.session = sessions.ask(store.session, { settings: runPart(settings), at, repeats });
    say(engines.device(backend()) ? words.status.starting : words.status.waiting);
    drawState();
    compute(events, mine);
  }

  /** @param {AsyncIterable<RunEvent>} events of a run @param {AbortController} mine */
  async function compute(events, mine) {
    try {
      for await (const event of events) {
        if (asked !== mine) return;
        hear(event);
      }
      if (asked === mine) end();
    } catch (error) {
      if (asked !== mine) return;
      putBack(mine.signal.aborted ? words.status.cancelled : words.status.unfinished);
      if (!mine.signal.aborted) failed(error);
    }
  }

  /** Times this run with several windows and drafts and plain, and takes the fastest. */
  async function measure() {
    if (!formIsGood(words.notMeasured)) return;
    const { settings } = store.session;
    const mine = another();
    const turn = engines.take(mine.signal);
    putBack(words.status.measuring);
    measured.leave();
    const candidates = { windows: windowsFor(settings.steps, workers(settings)), drafts: choices('draft', settings).map(([draft]) => String(draft)) };
    const heard = (/** @type {RunEvent} */ event) => {
      if (event.type === 'started') devices.arrived();
      else devices.hear(event);
    };
    const { lines, error } = await measured.search(devices.hasCard() ? ['cpu', 'webgpu'] : [backend()], (engine) =>
      times(engines, runPart(settings), { backend: engine, workers: workers(settings), heard }, candidates, turn),
    );
    turn.end();
    if (asked !== mine) return;
    const cancelled = mine.signal.aborted;
    devices.arrived();
    if (cancelled) {
      measured.leave();
      say(words.status.measurementCancelled);
    } else if (lines.length > 0) {
      const { engine, draft, window } = fastest(lines).best;
      store.session = sessions.set(store.session, { engine, draft, window: /** @type {Settings['window']} */ (window) });
      run();
      measured.show(lines);
    } else {
      measured.leave();
      say(words.status.unmeasured);
    }
    // a run that was asked for has cleared what stood there
    if (error && !cancelled) failed(error);
    drawState();
  }

  function hold() {
    const now = sessions.computingOf(store.session);
    if (!now) return;
    store.session = sessions.hold(store.session, !now.held);
    engines.hold(!now.held);
    say(now.held ? words.status.computing : words.status.held, true);
  }

  /** What is heard of an engine, or of the run that was asked for. @param {EngineEvent | RunEvent} event */
  function hear(event) {
    devices.hear(event);
    if (event.type === 'started') {
      devices.arrived();
      begin(event);
    } else if (event.type === 'lane') {
      store.session = sessions.goOn(store.session, event.lane);
    } else if (event.type === 'round' || event.type === 'plain') {
      store.session = sessions.grow(store.session, event);
    } else if (event.type === 'handover') {
      if (event.begun) store.session = sessions.noted(store.session, 'handover');
      store.session = sessions.set(store.session, { engine: 'cpu' });
      address.keep();
      problem(words.handover(event.why, event.begun));
      drawState();
    } else if (event.type === 'failed') {
      failed(event.error);
    }
  }

  /** @param {Extract<RunEvent, {type: 'started'}>} event */
  function begin(event) {
    if (store.session.settings.window === 'auto') {
      store.session = sessions.priced(store.session, event.settings.window);
      address.keep();
    }
    store.session = sessions.begin(store.session, event, document.hidden);
    say(words.status.computing, true);
  }

  /** The run that was asked for is complete. */
  function end() {
    const now = sessions.computingOf(store.session);
    if (!now) return;
    const { repeats } = now.asked;
    store.session = sessions.end(store.session);
    say(repeats ? compare(repeats, now.trace) : words.status.done, true);
    ended();
  }

  /** @param {string} why */
  function putBack(why) {
    devices.arrived();
    store.session = sessions.putBack(store.session);
    say(why);
    drawState();
  }

  /** What an engine could not do. @param {unknown} error */
  function failed(error) {
    if (!(error instanceof EngineError)) throw error;
    const { message, field: named, lost } = error;
    devices.arrived();
    const field = fieldOf(named);
    const raw = String(/** @type {Record<string, unknown>} */ (store.session.settings)[named]);
    if (field) controls.refuse({ field: field.name, raw, message });
    problem(named === 'memory' ? words.outOfMemory : named === 'panic' ? words.panic(message) : message, lost);
    if (lost) devices.drawStopped();
  }

  return {
    run,
    measure,
    hold,
    hear,
    failed,
    cancel: () => asked?.abort(),
    drawMemory,
    /** Runs what is set, unless this very run was asked for already. */
    submit() {
      const asked = sessions.askedOf(store.session);
      if (!asked || !sameRun(asked.settings, runPart(store.session.settings))) run();
    },
    newSeed() {
      const [high, low] = crypto.getRandomValues(new Uint32Array(2));
      store.session = sessions.set(store.session, { seed: (high % 2 ** 16) * 2 ** 16 + (low % 2 ** 16) });
      run();
    },
  };
}
