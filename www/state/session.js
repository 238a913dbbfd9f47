// @ts-check
/**
 * The session: what is set, the run that is shown or on its way to be, and where in it the viewer is. One value, and a function for each thing that can
 * happen to it, which returns the next one; only a trace grows in place. Knows nothing of drawing or of engines.
 */

import { slim } from './memory.js';
import { remembering } from './settings.js';
import { columns, cursorAt } from './trace.js';

/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {import('./settings.js').RunSettings} RunSettings */
/** @typedef {import('./trace.js').Trace} Trace */
/** @typedef {import('./trace.js').Columns} Columns */
/** @typedef {import('./trace.js').Axis} Axis */
/** @typedef {import('./trace.js').Cursor} Cursor */
/** @typedef {import('./trace.js').Device} Device */
/** @typedef {import('./trace.js').LaneName} LaneName */
/** @typedef {{trace: Trace, table: Columns}} Run with what is derived from it */
/** Nothing is computed. @typedef {{phase: 'empty'} | {phase: 'shown', trace: Trace, table: Columns}} Still */
/**
 * A run that was asked for and has not ended: where the address wants it to stand once it is shown, and the saved run that it
 * repeats.
 * @typedef {{settings: RunSettings, at?: string, repeats?: import('./files.js').Imported}} Asked
 */
/** The engine has not begun with it; what was shown before still is. @typedef {{phase: 'waiting', asked: Asked, kept: Still}} Waiting */
/**
 * `lane` is the one that is being computed, `kept` what was shown before. The columns are `stale` when the trace has grown since.
 * @typedef {{phase: 'computing', asked: Asked, kept: Still, lane: LaneName, trace: Trace, table: Columns, stale: boolean, held: boolean}} Computing
 */
/** @typedef {Still | Waiting | Computing} Phase */
/**
 * `figures` is what figures remember, `found` the window that was found for auto, `timed` what was
 * timed of the run that is set. The replay stands at `position` of the shared
 * axis or is `playing`; one that `starts` plays as soon as it is seen.
 * @typedef {{settings: Settings, figures: Record<string, string>, found: Settings['window'] | undefined, timed: Timed[], run: Phase} & Replay} Session
 */
/** @typedef {import('../engine/times.js').Timed} Timed */
/** @typedef {{position: number, playing: boolean, starts: boolean}} Replay */

/** @param {{settings: Settings, figures: Record<string, string>}} address @returns {Session} */
export const opened = ({ settings, figures }) => ({
  settings,
  figures,
  found: undefined,
  timed: [],
  run: { phase: 'empty' },
  position: 0,
  playing: false,
  starts: false,
});

/** @param {Phase} run @returns {Still} */
const stillOf = (run) => (run.phase === 'waiting' || run.phase === 'computing' ? run.kept : run);

/** The run that is drawn, if there is one. @param {Session} session @returns {Run | undefined} */
export function runOf({ run }) {
  const drawn = run.phase === 'computing' ? run : stillOf(run);
  return drawn.phase === 'empty' ? undefined : drawn;
}

/** What is shown while nothing is computed. @param {Session} session */
export const restOf = ({ run }) => (run.phase === 'computing' ? undefined : stillOf(run));

/** What can be done about the run. @param {Session} session */
export const stateOf = ({ run }) => `${run.phase} ${run.phase === 'computing' && run.held}`;

/** @param {Session} session @returns {Computing | undefined} */
export const computingOf = ({ run }) => (run.phase === 'computing' ? run : undefined);

/** The run that was asked for and has not ended. @param {Session} session @returns {Asked | undefined} */
export const askedOf = ({ run }) => (run.phase === 'waiting' || run.phase === 'computing' ? run.asked : undefined);

/** @param {Session} session @param {Partial<Settings>} changed @returns {Session} */
export const set = (session, changed) => ({ ...session, settings: { ...session.settings, ...changed } });

/** For another engine or number of workers: a window that was found is found again. @param {Session} session @returns {Session} */
export const unpriced = (session) => (session.settings.window === session.found ? set(session, { window: 'auto' }) : session);

/** @param {Session} session @param {Timed[]} timed @returns {Session} */
export const timed = (session, timed) => (timed.length + session.timed.length === 0 ? session : { ...session, timed });

/** The window that was found for auto. @param {Session} session @param {Settings['window']} window @returns {Session} */
export const priced = (session, window) => ({ ...set(session, { window }), found: window });

/** @param {Session} session @param {string} name of a figure @param {string | undefined} value @returns {Session} */
export const remembered = (session, name, value) =>
  session.figures[name] === value ? session : { ...session, figures: remembering(session.figures, name, value) };

/** @param {Session} session @returns {Axis} */
export const axisOf = ({ settings }) => /** @type {Axis} */ (settings.axis);

/** Where the shared axis ends. @param {Columns} table @param {Axis} axis */
const endOf = ({ speculative, plain }, axis) => Math.max(speculative[axis].at(-1) ?? 0, plain[axis].at(-1) ?? 0);

/** The rounds and steps that are over where the viewer is. @param {Session} session @returns {Cursor | undefined} */
export function cursorOf(session) {
  const run = runOf(session);
  const axis = axisOf(session);
  if (!run) return undefined;
  const { rounds, plain } = run.trace;
  if (computingOf(session)) return { axis, position: Infinity, rounds: rounds.length, plain: plain.length };
  return cursorAt(run.table, axis, session.position);
}

/** The replay goes on elsewhere, or does something else. @param {Session} session @param {Partial<Replay>} replay @returns {Session} */
export const moved = (session, replay) =>
  Object.entries(replay).every(([key, value]) => session[/** @type {keyof Replay} */ (key)] === value) ? session : { ...session, ...replay };

/** Nothing moves by itself any more. @param {Session} session */
export const stopped = (session) => moved(session, { playing: false, starts: false });

/** To where a round is over. @param {Session} session @param {number} index @returns {Session} */
export const toRound = (session, index) => moved(stopped(session), { position: runOf(session)?.table.speculative[axisOf(session)][index + 1] ?? 0 });

/** Shown otherwise; on another axis the replay stands, or plays on, at the same share. @param {Session} session @param {Partial<Settings>} changed @returns {Session} */
export function viewed(session, changed) {
  const next = set(session, changed);
  const table = runOf(session)?.table;
  const end = table ? endOf(table, axisOf(session)) : 0;
  return table && end > 0 && axisOf(next) !== axisOf(session) ? { ...next, position: (session.position / end) * endOf(table, axisOf(next)) } : next;
}

/** Where a run that has come is looked at: where the address wants it to stand, or from its start. @param {Session} session @param {Columns} table @param {string} [at] @returns {Replay} */
function presented(session, table, at) {
  const wanted = Number(at ?? NaN);
  const stands = wanted >= 0 && wanted <= endOf(table, axisOf(session));
  return { position: stands ? wanted : 0, playing: false, starts: !stands };
}

/** A recorded run has come; one that was computed meanwhile is not replaced. @param {Session} session @param {Trace} trace @param {string} [at] @returns {Session} */
export function recorded(session, trace, at) {
  if (runOf(session)) return session;
  /** @type {Still} */
  const shown = { phase: 'shown', trace, table: columns(trace) };
  return { ...session, run: session.run.phase === 'waiting' ? { ...session.run, kept: shown } : shown, ...presented(session, shown.table, at) };
}

/** @param {Session} session @param {Asked} asked @returns {Session} */
export const ask = (session, asked) => ({ ...session, run: { phase: 'waiting', asked, kept: stillOf(session.run) } });

/**
 * The engine has begun with it, or another goes on with what there is.
 * @param {Session} session
 * @param {{settings: RunSettings, start: Float32Array, device: Device, classes: string[], continued: boolean}} event
 * @param {boolean} background whether the tab is there
 * @returns {Session}
 */
export function begin(session, { settings, start, device, classes, continued }, background) {
  const { run } = session;
  if (run.phase !== 'waiting' && run.phase !== 'computing') return session;
  const { asked, kept } = run;
  const [before, held] = run.phase === 'computing' ? [run.trace, run.held] : [undefined, false];
  if (continued && before) return grownTo(session, { ...before, source: { ...before.source, device } });
  const note = before?.source.note ?? (background ? 'background' : undefined);
  /** @type {Trace} */
  const trace = { settings, dim: start.length, classes, start, rounds: [], plain: [], source: { kind: 'live', device, ...(note ? { note } : {}) } };
  return { ...stopped(session), run: { phase: 'computing', asked, kept, lane: 'speculative', trace, table: columns(trace), stale: false, held } };
}

/** @param {Session} session @param {Trace} trace @returns {Session} */
function grownTo(session, trace) {
  const { run } = session;
  return run.phase === 'computing' ? { ...session, run: { ...run, trace, table: columns(trace), stale: false } } : session;
}

/** The engine goes on with a lane. @param {Session} session @param {LaneName} lane @returns {Session} */
export function goOn(session, lane) {
  const { run } = session;
  return run.phase === 'computing' ? { ...session, run: { ...run, lane, table: columns(run.trace), stale: false } } : session;
}

/**
 * One round or one plain step more. An engine that took over may repeat some.
 * @param {Session} session
 * @param {{type: 'round', part: import('./trace.js').Round} | {type: 'plain', part: import('./trace.js').PlainStep}} event
 * @returns {Session}
 */
export function grow(session, event) {
  const { run } = session;
  if (run.phase !== 'computing') return session;
  const { trace } = run;
  if (event.type === 'round') {
    trace.rounds = trace.rounds.filter(({ first }) => first < event.part.first);
    trace.rounds.push(event.part);
    slim(trace);
  } else {
    trace.plain[event.part.level] = event.part;
  }
  return { ...session, run: { ...run, stale: true } };
}

/** Columns as the trace is now. @param {Session} session @returns {Session} */
export const counted = (session) => (session.run.phase === 'computing' && session.run.stale ? grownTo(session, session.run.trace) : session);

/** What is to be known of the times of the run that is computed. @param {Session} session @param {string} note @returns {Session} */
export function noted(session, note) {
  const { run } = session;
  if (run.phase !== 'computing') return session;
  return { ...session, run: { ...run, trace: { ...run.trace, source: { ...run.trace.source, note } } } };
}

/** @param {Session} session @param {boolean} held @returns {Session} */
export const hold = (session, held) => (session.run.phase === 'computing' ? { ...session, run: { ...session.run, held } } : session);

/** Both lanes are complete. @param {Session} session @returns {Session} */
export function end(session) {
  const { run } = session;
  if (run.phase !== 'computing') return session;
  const { asked, trace } = run;
  const table = columns(trace);
  return { ...session, run: { phase: 'shown', trace, table }, ...presented(session, table, asked.at) };
}

/** The run does not come to its end: what was shown before is shown again. @param {Session} session @returns {Session} */
export const putBack = (session) => ({ ...stopped(session), run: stillOf(session.run) });
