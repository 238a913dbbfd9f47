// @ts-check
/**
 * What a run takes where one more row of a call adds a share of a call: time is calls + price · (rows − calls), in calls of one
 * row. Rows beyond one a call are what speculation pays, and guidance too.
 */

/** @typedef {import('../../state/trace.js').Trace} Trace */
/** @typedef {{calls: number, rows: number}} Costs */
/** @typedef {{plain: Costs, speculative: Costs, drafted: boolean}} Run `drafted`: a smaller network was asked too, which is not counted */

/** @param {{calls: number, rows: number}[]} parts @returns {Costs} */
export const sum = (parts) => parts.reduce((all, { calls, rows }) => ({ calls: all.calls + calls, rows: all.rows + rows }), { calls: 0, rows: 0 });

/** @param {Trace} trace @returns {Run} */
export const runOf = (trace) => ({ plain: sum(trace.plain), speculative: sum(trace.rounds), drafted: trace.rounds.some(({ draftCalls }) => draftCalls > 0) });

/** @param {Costs} costs @param {number} price */
export const time = ({ calls, rows }, price) => calls + price * (rows - calls);

/** Time of the run against the standard sampler's. @param {Run} run @param {number} price */
export const ratioAt = ({ plain, speculative }, price) => time(speculative, price) / time(plain, price);

/**
 * The price at which both take as long; Infinity where the run is faster at any price, 0 where at none.
 * @param {Run} run
 */
export function breakEven({ plain, speculative }) {
  const saved = plain.calls - speculative.calls;
  const added = speculative.rows - speculative.calls - (plain.rows - plain.calls);
  if (saved <= 0) return 0;
  return added > 0 ? saved / added : Infinity;
}

/**
 * What one more row cost in this run, by least squares through its rounds; nothing where no call had more than the standard
 * sampler's.
 * @param {Trace} trace
 * @returns {number | undefined} at least 0
 */
export function priceOf({ plain, rounds }) {
  if (rounds.some(({ draftCalls }) => draftCalls > 0) || plain.length === 0) return undefined;
  const step = plain.reduce((all, { ms }) => all + ms, 0) / plain.length;
  const more = (sum(plain).rows - sum(plain).calls) / plain.length;
  let [square, times, calls] = [0, 0, 0];
  for (const round of rounds) {
    const rows = round.rows - round.calls;
    square += rows * rows;
    times += rows * round.ms;
    calls += rows * round.calls;
  }
  // with guidance a step has rows of its own to pay, so that a call of one row is solved for
  const call = (step - (more * times) / square) / (1 - (more * calls) / square);
  const price = (times / square - (call * calls) / square) / call;
  return square > 0 && call > 0 && Number.isFinite(price) ? Math.max(0, price) : undefined;
}

/**
 * Times of fixed windows against the standard sampler's, which is the window of one step.
 * @param {import('../stairs/chart.js').Window[]} windows
 * @param {number} price
 */
export function windowTimes(windows, price) {
  const standard = time(/** @type {Costs} */ (windows.find(({ window }) => window === '1')), price);
  const lines = windows.map((costs) => ({ window: costs.window, ratio: time(costs, price) / standard }));
  return { lines, best: lines.reduce((one, other) => (other.ratio < one.ratio ? other : one)) };
}

/**
 * What windows took against the standard sampler on this device, by window: on the engine that is fastest, with the draft that was
 * timed first.
 * @param {import('../../engine/times.js').Timed[]} lines in the order in which they were timed
 * @returns {Map<string, number>}
 */
export function against(lines) {
  const fastest = lines.reduce((one, other) => (other.ms < (one?.ms ?? Infinity) ? other : one), lines[0]);
  const own = lines.filter(({ engine }) => engine === fastest.engine);
  const standard = own.find(({ lane }) => lane === 'plain');
  const draft = own.find(({ lane }) => lane === 'speculative')?.draft;
  if (!standard) return new Map();
  const shown = own.filter((line) => line === standard || line.draft === draft);
  return new Map(shown.map((line) => [line === standard ? '1' : String(line.window).split('/')[0], line.ms / standard.ms]));
}
