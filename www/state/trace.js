// @ts-check
/**
 * The trace of a run: one shape for recorded and live runs, and the columns derived from it. Every number the page
 * shows comes from here, and from that very run. Knows nothing of drawing.
 */

import { breathe } from '../parts/frames.js';

/** @typedef {import('./settings.js').RunSettings} RunSettings */
/** @typedef {{backend: string, adapter: string, software: boolean, workers?: number}} Device */
/**
 * One round of the speculative lane. Images lie one after the other in `Float32Array(length * dim)`.
 * @typedef {object} Round
 * @property {number} first level of the first window position
 * @property {number} length positions in the window
 * @property {number} committed steps committed
 * @property {number} calls sequential calls of the target: 1, or 2 with a root call
 * @property {number} draftCalls calls of the drafter, one behind the other
 * @property {number} rows network rows evaluated, guidance counted
 * @property {number} ms wall-clock of the round
 * @property {Uint32Array} level
 * @property {Uint8Array} verdict see VERDICTS
 * @property {Uint8Array} carried 1: the draft used an estimate kept from an earlier round for this very level
 * @property {Float64Array} s noise scale of the step
 * @property {Float64Array} time t in [0, 1]
 * @property {Float64Array} gap |D|, NaN where not tested
 * @property {Float64Array} probability of acceptance
 * @property {Float64Array} lnU
 * @property {Float64Array} lnRatio accepted iff lnU <= lnRatio
 * @property {Float64Array} residual committed residual along the gap
 * @property {Float32Array} draftMean
 * @property {Float32Array} draft
 * @property {Float32Array} targetMean
 * @property {Float32Array} estimate the network's clean estimate
 * @property {Float32Array} state the committed states only
 */
/** @typedef {{level: number, calls: number, rows: number, ms: number, state: Float32Array, estimate: Float32Array}} PlainStep */
/** @typedef {{kind: 'recorded' | 'live', device: Device, note?: string}} Source */
/** @typedef {{settings: RunSettings, dim: number, classes: string[], start: Float32Array, rounds: Round[], plain: PlainStep[], source: Source}} Trace */
/** @typedef {'calls' | 'time'} Axis */
/** @typedef {'speculative' | 'plain'} LaneName */
/** @typedef {{calls: number[], time: number[], rows: number[], level: number[], accepted: number[], rejected: number[]}} Lane after each event, 0 = before the first */
/** @typedef {{steps: number, speculative: Lane, plain: Lane}} Columns */
/** @typedef {{axis: Axis, position: number, rounds: number, plain: number}} Cursor rounds and plain steps that are over */

export const VERDICTS = /** @type {const} */ (['accepted', 'rejected', 'deterministic', 'discarded']);
const ACCEPTED = 0;
const REJECTED = 1;

/** Differences up to this many of 255 grey levels cannot be seen; they come from rounding in f32. */
const INVISIBLE = 2;

/** @param {Round} round @param {number} position */
export const verdictOf = (round, position) => VERDICTS[round.verdict[position]];

/** The position of a round that was rejected, -1 if none was. @param {Round} round */
export const stopOf = (round) => round.verdict.indexOf(REJECTED);

/** @param {Round} round */
export const acceptedIn = (round) => round.verdict.reduce((sum, verdict) => sum + Number(verdict === ACCEPTED), 0);

/**
 * Whether the peak test judged a position, which draws no uniform for it.
 * @param {Round} round
 * @param {number} position
 */
export const isPeak = (round, position) => Number.isFinite(round.gap[position]) && !Number.isFinite(round.lnU[position]);

/** @param {string} text */
function bytes(text) {
  const binary = atob(text);
  const result = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) result[i] = binary.charCodeAt(i);
  return result;
}

/** Images of bytes, as images of numbers. @param {Uint8Array} values */
const image8 = (values) => Float32Array.from(values, (byte) => byte / 127.5 - 1);

/** @param {any} value */
function column(value) {
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.image === 'string') return image8(bytes(value.image));
  if (typeof value.f64 === 'string') return new Float64Array(bytes(value.f64).buffer);
  if (typeof value.u32 === 'string') return new Uint32Array(bytes(value.u32).buffer);
  if (typeof value.u8 === 'string') return bytes(value.u8);
  return value;
}

/** @param {any} record */
const columnsOf = (record) => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, column(value)]));

/**
 * Decodes a recorded run with all its pictures, with pauses.
 * @param {any} file
 * @returns {Promise<Trace>}
 */
export async function decode(file) {
  const trace = /** @type {Trace} */ ({ ...file, start: column(file.start), rounds: [], plain: [] });
  for (const round of file.rounds) {
    trace.rounds.push(/** @type {any} */ (columnsOf(round)));
    await breathe();
  }
  return trace;
}

/**
 * Decodes the recorded race: the length of a description, that as JSON, then of every step the committed state and the denoised
 * estimate it was made from, at last the standard sampler's own end; images in bytes, all of it deflated. The standard sampler
 * passes through the same states, so they are kept once. No drafts are in it.
 * @param {ReadableStream<BufferSource>} stream
 * @returns {Promise<Trace>}
 */
export async function decodeRace(stream) {
  const file = await new Response(stream.pipeThrough(new DecompressionStream('deflate'))).arrayBuffer();
  const head = 4 + new DataView(file).getUint32(0, true);
  const race = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 4, head - 4)));
  await breathe();
  const {
    dim,
    settings: { steps },
  } = race;
  if (file.byteLength !== head + (2 + 2 * steps) * dim) throw new RangeError('the file was cut short');
  const part = (/** @type {number} */ from, /** @type {number} */ count) => image8(new Uint8Array(file, head + from * dim, count * dim));
  const none = (/** @type {number} */ length) => new Float64Array(length).fill(NaN);
  const trace = /** @type {Trace} */ ({ ...race, start: part(0, 1), rounds: [], plain: [] });
  for (const round of race.rounds) {
    const { first, length, committed } = round;
    trace.rounds.push(
      /** @type {any} */ ({
        s: none(length),
        time: none(length),
        gap: none(length),
        probability: none(length),
        lnU: none(length),
        lnRatio: none(length),
        ...columnsOf(round),
        carried: new Uint8Array(length),
        level: Uint32Array.from({ length }, (_, i) => first + i),
        state: part(1 + first, committed),
        estimate: part(1 + steps + first, committed),
      }),
    );
  }
  await breathe();
  for (const [level, step] of race.plain.entries()) {
    const state = level + 1 === steps ? part(1 + 2 * steps, 1) : part(1 + level, 1);
    trace.plain.push({ level, calls: 1, rows: 1, ...step, state, estimate: part(1 + steps + level, 1) });
    if (level % 32 === 31) await breathe();
  }
  return trace;
}

/** @returns {Lane} */
const emptyLane = () => ({ calls: [0], time: [0], rows: [0], level: [0], accepted: [0], rejected: [0] });

/**
 * @param {Lane} lane
 * @param {{calls: number, ms: number, rows: number}} cost
 * @param {number} level
 * @param {number} accepted
 * @param {number} rejected
 */
function add(lane, cost, level, accepted, rejected) {
  const last = lane.calls.length - 1;
  lane.calls.push(lane.calls[last] + cost.calls);
  lane.time.push(lane.time[last] + cost.ms);
  lane.rows.push(lane.rows[last] + cost.rows);
  lane.level.push(level);
  lane.accepted.push(lane.accepted[last] + accepted);
  lane.rejected.push(lane.rejected[last] + rejected);
}

/**
 * @param {Trace} trace
 * @returns {Columns}
 */
export function columns(trace) {
  const speculative = emptyLane();
  for (const round of trace.rounds) {
    let accepted = 0;
    let rejected = 0;
    for (const verdict of round.verdict) {
      if (verdict === ACCEPTED) accepted += 1;
      if (verdict === REJECTED) rejected += 1;
    }
    add(speculative, round, round.first + round.committed, accepted, rejected);
  }
  const plain = emptyLane();
  for (const step of trace.plain) add(plain, step, step.level + 1, 0, 0);
  return { steps: trace.settings.steps, speculative, plain };
}

/** @param {readonly number[]} list */
const last = (list) => list[list.length - 1];

/**
 * Index of the last event at or before the position.
 * @param {number[]} events ascending
 * @param {number} position
 */
function reached(events, position) {
  let low = 0;
  let high = events.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (events[middle] <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * @param {Columns} table
 * @param {Axis} axis
 * @param {number} position
 * @returns {Cursor}
 */
export function cursorAt(table, axis, position) {
  return { axis, position, rounds: reached(table.speculative[axis], position), plain: reached(table.plain[axis], position) };
}

/**
 * Where the replay can stop: every event of either lane, and the ends of rounds.
 * @param {Columns} table
 * @param {Axis} axis
 */
export function stops(table, axis) {
  const steps = [...new Set([...table.speculative[axis], ...table.plain[axis]])].sort((a, b) => a - b);
  return { steps, rounds: table.speculative[axis], end: last(steps) };
}

/**
 * What one lane has spent and got at an event.
 * @param {Lane} lane
 * @param {number} event
 */
export function totals(lane, event) {
  const calls = lane.calls[event];
  const level = lane.level[event];
  return {
    calls,
    level,
    rows: lane.rows[event],
    time: lane.time[event],
    accepted: lane.accepted[event],
    tested: lane.accepted[event] + lane.rejected[event],
    stepsPerCall: calls > 0 ? level / calls : NaN,
  };
}

/** @param {Columns} table */
export function isComplete(table) {
  return last(table.speculative.level) === table.steps && last(table.plain.level) === table.steps;
}

/**
 * The three costs, plain against speculative; larger than 1 means that the speculative lane needs less.
 * @param {Columns} table
 */
export function comparison(table) {
  const { speculative, plain } = table;
  return {
    calls: last(plain.calls) / last(speculative.calls),
    rows: last(plain.rows) / last(speculative.rows),
    time: last(plain.time) / last(speculative.time),
  };
}

/**
 * The picture of a lane at the cursor: the state, and the clean estimate it was made from.
 * @param {Trace} trace
 * @param {LaneName} lane
 * @param {Cursor} cursor
 * @returns {{state: Float32Array, estimate: Float32Array | undefined}}
 */
export function picture(trace, lane, cursor) {
  const { dim } = trace;
  if (lane === 'plain') {
    const step = trace.plain[cursor.plain - 1];
    return step ? { state: step.state, estimate: step.estimate } : { state: trace.start, estimate: undefined };
  }
  const round = trace.rounds[cursor.rounds - 1];
  if (!round) return { state: trace.start, estimate: undefined };
  const row = round.committed - 1;
  return { state: image(round.state, row, dim), estimate: image(round.estimate, row, dim) };
}

/**
 * @param {Float32Array} images
 * @param {number} row
 * @param {number} dim
 */
export function image(images, row, dim) {
  return images.subarray(row * dim, (row + 1) * dim);
}

/**
 * Largest difference of the two final pictures in grey levels of 255, as they are shown.
 * @param {Trace} trace
 */
export function finalDifference(trace) {
  const end = { axis: /** @type {Axis} */ ('calls'), position: Infinity, rounds: trace.rounds.length, plain: trace.plain.length };
  const one = picture(trace, 'speculative', end).state;
  const other = picture(trace, 'plain', end).state;
  const shown = (/** @type {number} */ value) => Math.round((Math.max(-1, Math.min(1, value)) + 1) * 127.5);
  let largest = 0;
  for (let i = 0; i < trace.dim; i++) largest = Math.max(largest, Math.abs(shown(one[i]) - shown(other[i])));
  return largest;
}

/**
 * The outcome of a finished run: what both lanes have spent, the three costs, and whether the pictures can be told apart.
 * @param {Trace} trace
 * @param {Columns} table
 */
export function outcome(trace, table) {
  const [speculative, plain] = [table.speculative, table.plain].map((lane) => totals(lane, lane.calls.length - 1));
  const difference = finalDifference(trace);
  const draftCalls = trace.rounds.reduce((sum, round) => sum + round.draftCalls, 0);
  return { speculative, plain, costs: comparison(table), difference, same: difference <= INVISIBLE, draftCalls };
}
