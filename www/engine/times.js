// @ts-check
/** What whole runs take on an engine, with several windows and drafts. */

import { EngineError } from './host.js';

/** @typedef {import('./engine.js').Backend} Backend */
/** @typedef {import('./engine.js').RunEvent} RunEvent */
/** @typedef {import('../state/trace.js').LaneName} LaneName */
/**
 * What a whole run took in one lane, at best and at `most`, of so many `times`; of the plain lane, draft and window say nothing.
 * @typedef {{engine: Backend, lane: LaneName, draft: string, window: number | string, calls: number, rows: number, ms: number, most: number, times: number, workers: number}} Timed
 */
/** @typedef {{windows: (number | 'auto')[], drafts: string[]}} Candidates */

/** What took no longer is repeated. */
const SHORT_MS = 6000;
/** What a drafter that cannot be had is reported as. */
const NO_DRAFTER = ['download', 'drafter', 'weights'];

/**
 * Times runs with each of these windows, plain, and then with the other drafts and the fastest window; all of it twice where that
 * takes no long time, and the better time counts: other programs only ever make it longer. How far the times lie apart is
 * reported too. Yields what is known of a run whenever that has changed.
 * @param {import('./engine.js').Engines} engines
 * @param {import('../state/settings.js').RunSettings} settings
 * @param {{backend: Backend, workers: number, heard: (event: RunEvent) => void}} how `heard` what the engine reports of a run
 * @param {Candidates} candidates
 * @param {import('./turns.js').Turn} turn
 * @returns {AsyncGenerator<Timed, void>}
 */
export async function* times(engines, settings, { backend, workers, heard }, { windows, drafts }, turn) {
  /** @type {Map<string, Timed>} */
  const best = new Map();
  let spent = 0;

  /** @param {Timed} line */
  const known = (line) => {
    const key = line.lane === 'plain' ? line.lane : `${line.draft} ${line.window}`;
    const before = best.get(key) ?? { ms: Infinity, most: 0, times: 0 };
    spent += line.ms;
    const now = { ...line, ms: Math.min(line.ms, before.ms), most: Math.max(line.ms, before.most), times: 1 + before.times };
    best.set(key, now);
    return now;
  };

  /** @param {string} draft @param {number | string} window @param {LaneName[]} lanes */
  async function* run(draft, window, lanes) {
    const asked = { ...settings, draft, window: /** @type {any} */ (window) };
    /** @type {Timed | undefined} */
    let line;
    let fresh = { engine: backend, draft, window, calls: 0, rows: 0, ms: 0, most: 0, times: 1, workers };
    for await (const event of engines.compute(asked, { backend, workers, lanes, pictures: false, handover: false }, turn)) {
      heard(event);
      if (event.type === 'started') {
        line = undefined;
        fresh = { ...fresh, window: event.settings.window, workers: event.device.workers ?? 1 };
      } else if (event.type === 'lane') {
        if (line) yield known(line);
        line = { ...fresh, lane: event.lane };
      } else if (line && (event.type === 'round' || event.type === 'plain')) {
        const { calls, rows, ms } = event.part;
        line = { ...line, calls: line.calls + calls, rows: line.rows + rows, ms: line.ms + ms };
      }
    }
    if (line) yield known(line);
  }

  /** @param {() => AsyncGenerator<Timed, void>} work */
  async function* twice(work) {
    const before = spent;
    yield* work();
    if (spent - before < SHORT_MS) yield* work();
  }

  yield* twice(async function* () {
    // the plain lane goes through the states of a run, so it follows the first
    for (const window of windows) yield* run(settings.draft, window, window === windows[0] ? ['speculative', 'plain'] : ['speculative']);
  });
  const { window } = [...best.values()].filter(({ lane }) => lane === 'speculative').reduce((one, other) => (other.ms < one.ms ? other : one));
  const left = new Set(drafts.filter((draft) => draft !== settings.draft));
  yield* twice(async function* () {
    for (const draft of left) {
      try {
        yield* run(draft, window, ['speculative']);
      } catch (error) {
        // without a network the rest can still be timed
        if (!(error instanceof EngineError) || !NO_DRAFTER.includes(error.field)) throw error;
        left.delete(draft);
      }
    }
  });
}
