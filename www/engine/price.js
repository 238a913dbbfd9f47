// @ts-check
/** What rows cost on an engine, found from calls that take so long; and whether the cores are free to be timed. */

import { macrotask } from './macrotask.js';

/**
 * What rows cost here: each further row of `lanes` that are computed side by side adds `row` to a call, in calls of one; and how
 * that was measured.
 * @typedef {{row: number, lanes: number, few: Timing, many: Timing}} Price
 */
/** @typedef {{rows: number, ms: number}} Timing */
/** @typedef {{warm_up: (rows: number) => Promise<void>, device: () => {backend: string, software: boolean}}} Timed an engine */

/** Rows of the larger call whose time gives the price of a row on a GPU, and on a software adapter, which takes seconds for that. */
const MANY = [16, 3];
/** Pairs of calls in a row that take little longer than the fastest so far, and the time after which those are taken that there are. */
const PRICING = { calls: 6, ms: 600 };
/** Cores are free once calls take little longer than they were measured to, several in a row, or after so long anyway. */
const QUIET = { times: 1.25, calls: 4, ms: 400 };

/**
 * Times calls of two sizes in turns, until both take no longer than they have at best for a while: when the page has just come, it
 * still draws.
 * @param {Timed} engine
 * @param {[few: number, many: number]} rows
 * @param {() => boolean} cancelled
 * @returns {Promise<[few: Timing, many: Timing]>}
 */
async function inTurns(engine, rows, cancelled) {
  const time = async (/** @type {Timing} */ call) => {
    const began = performance.now();
    await engine.warm_up(call.rows);
    const ms = performance.now() - began;
    const near = ms < QUIET.times * call.ms;
    call.ms = Math.min(call.ms, ms);
    return near;
  };
  const [few, many] = rows.map((count) => ({ rows: count, ms: Infinity }));
  await time(few);
  const late = performance.now() + (isSlow(engine) ? 0 : PRICING.ms);
  let calm = 0;
  do {
    const near = [await time(few), await time(many)];
    calm = near.every(Boolean) ? calm + 1 : 0;
    await macrotask();
  } while (calm < PRICING.calls && performance.now() < late && !cancelled());
  return [few, many];
}

/** Whether a call takes seconds. @param {Timed} engine */
function isSlow(engine) {
  const { backend, software } = engine.device();
  return software && backend !== 'cpu';
}

/** The time of a call of two rows, in calls of one. @param {Timed} engine @param {() => boolean} cancelled */
export async function measureRatio(engine, cancelled) {
  const [one, two] = await inTurns(engine, [1, 2], cancelled);
  return two.ms / one.ms;
}

/**
 * @param {Timed} engine
 * @param {number} workers that share the rows of a call
 * @param {() => boolean} cancelled
 * @returns {Promise<Price>}
 */
export async function measurePrice(engine, workers, cancelled) {
  const cpu = engine.device().backend === 'cpu';
  const [few, many] = await inTurns(engine, cpu ? [workers, 2 * workers] : [1, MANY[Number(isSlow(engine))]], cancelled);
  const further = cpu ? 1 : many.rows - 1;
  const exact = Math.min(1, Math.max(0.005, (many.ms / few.ms - 1) / further));
  // in steps, so that the same machine finds the same price again
  const grid = exact < 0.1 ? 0.005 : 0.05;
  const row = Number((grid * Math.round(exact / grid)).toFixed(3));
  // where a row costs a call, pairs waste the least of those windows that show anything
  return { row, lanes: Math.max(cpu ? workers : 1, row > 0.5 ? 2 : 1), few, many };
}

/**
 * Waits until the cores are free: what the page has just been sent it draws on them, and a lane is about to be timed.
 * @param {Timed} engine on the CPU
 * @param {Timing} few what a call was measured to take
 */
export async function quiet(engine, few) {
  const late = performance.now() + QUIET.ms;
  for (let calls = 0; calls < QUIET.calls && performance.now() < late;) {
    const began = performance.now();
    await engine.warm_up(few.rows);
    calls = performance.now() - began < QUIET.times * few.ms ? calls + 1 : 0;
    await macrotask();
  }
}
