// @ts-check
// What a further row adds to a call here, found from calls that take so long. The window follows from it in the wasm module.

/** Calls of so many times the rows are timed, until one takes so much longer than the first. */
const FOLDS = [1, 2, 4, 16];
const LONGER = 1.4;
/** Calls of each size, in turns; fewer where they take so long at best. The quickest counts: what else the machine does makes a call longer. */
const TURNS = 5;
const TURNS_MS = 40;
/** Rows of a call that are computed side by side are believed in if a price without them is a tenth off, and explains the times so much worse. */
const OFF = 0.01;
const WORSE = 4;
/** Above this price the little that a further row wins is less than the errors of measuring: it counts as a call. */
const DEAR = 0.7;

/** @typedef {{fold: number, ms: number}} Timing */

/**
 * @param {(fold: number) => Promise<number>} time makes a call of so many times the rows, and says how long it took
 * @param {(fold: number) => boolean} possible
 * @returns {Promise<{row: number, lanes: number} | undefined>} nothing where the clock is too coarse to tell
 */
export async function measured(time, possible) {
  const folds = FOLDS.filter(possible);
  // a further row needs a further call
  if (folds.length === 1) return { row: 1, lanes: 1 };
  /** @type {{fold: number, times: number[]}[]} */
  const sizes = [];
  for (const fold of folds) {
    // the first call of a size compiles and allocates
    const times = [await time(fold), await time(fold)];
    sizes.push({ fold, times });
    const long = () => Math.min(...times) > LONGER * Math.min(...sizes[0].times);
    // a quick call may have been disturbed
    if (long() && times[1] < TURNS_MS) times.push(await time(fold));
    if (long()) break;
  }
  const quickest = () => sum(sizes.map(({ times }) => Math.min(...times)));
  for (let turn = 1; turn < TURNS && turn * quickest() < TURNS_MS; turn++) {
    for (const { fold, times } of sizes) times.push(await time(fold));
  }
  return fitted(sizes.map(({ fold, times }) => ({ fold, ms: Math.min(...times) })));
}

/** The price that explains the times best. @param {Timing[]} timings @returns {{row: number, lanes: number} | undefined} */
export function fitted([{ ms: one }, ...more]) {
  if (!(one > 0)) return undefined;
  /** @type {{row: number, lanes: number, error: number} | undefined} */
  let best;
  for (const lanes of [1, ...more.slice(0, -1).map(({ fold }) => fold)]) {
    const waits = more.map(({ fold, ms }) => [Math.ceil(fold / lanes) - 1, ms / one]);
    const slope = sum(waits.map(([wait, times]) => wait * (times - 1))) / sum(waits.map(([wait]) => wait * wait));
    const row = Math.min(1, Math.max(0.005, slope));
    const error = sum(waits.map(([wait, times]) => Math.log(times / (1 + row * wait)) ** 2));
    if (!best || (best.error > OFF && best.error > WORSE * error)) best = { row, lanes, error };
  }
  if (!best) return undefined;
  // in steps, so that the same machine finds the same price again
  const grid = best.row < 0.1 ? 0.005 : 0.05;
  if (best.row > DEAR) return { row: 1, lanes: best.lanes };
  return { row: Number((grid * Math.round(best.row / grid)).toFixed(3)), lanes: best.lanes };
}

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
