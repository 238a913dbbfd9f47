// @ts-check
/** What a set of residuals says beside the same number of standard normals. Knows nothing of drawing or of runs. */

import { cumulative, density } from '../../parts/normal.js';

/** @typedef {{accepted: number[], rejected: number[]}} Residuals */
/** @typedef {{n: number, mean: number, deviation: number}} Moments */
/** @typedef {{from: number, to: number, accepted: number, rejected: number, expected: number, low: number, high: number, outside: boolean}} Bin `low` to `high` is the central 95 % range of its count */
/** @typedef {{accepted: Moments, rejected: Moments, all: Moments, sorted: Float64Array, bins: Bin[], outside: number, ks: number, at: number, lnE: number}} Summary
 * `ks` is the largest distance of the cumulative shares times the root of n, reached `at`; `lnE` the logarithm of the e-value */

/** Residuals below the first and above the last edge count to the outermost bins. */
export const REACH = 3.6;
export const WIDTH = 0.4;
const BINS = Math.round((2 * REACH) / WIDTH);
/** 95 % point of the Kolmogorov-Smirnov statistic of many numbers. */
export const LIMIT = 1.36;

/** In an exact sampler the e-value ever reaches this with a chance of one in so many at most. */
export const E_LIMIT = 20;
/** Intervals in which a standard normal is equally often. */
const OCTILES = 8;

/** @param {ArrayLike<number>} values @returns {Moments} */
function moments(values) {
  const n = values.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i];
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i] - mean) ** 2;
  return { n, mean, deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : NaN };
}

/**
 * The central 95 % range of a binomial count, exactly.
 * @param {number} n
 * @param {number} p
 */
function range(n, p) {
  let logarithm = n * Math.log1p(-p);
  let sum = Math.exp(logarithm);
  let low = sum >= 0.025 ? 0 : -1;
  let k = 0;
  while (sum < 0.975 && k < n) {
    logarithm += Math.log((((n - k) / (k + 1)) * p) / (1 - p));
    k += 1;
    sum += Math.exp(logarithm);
    if (low < 0 && sum >= 0.025) low = k;
  }
  return { low, high: k };
}

/**
 * The e-value's logarithm, as `audit::Evidence` of the library has it, for gaps of all sizes together: each residual's interval is
 * forecast from the residuals before it, and the probability of what came is divided by that of equal chances.
 * @param {ArrayLike<number>} values in any order
 */
function evidence(values) {
  const counts = new Array(OCTILES).fill(0);
  let sum = 0;
  for (let n = 0; n < values.length; n++) {
    const octile = Math.min(OCTILES - 1, Math.floor(OCTILES * cumulative(values[n])));
    sum += Math.log((OCTILES * (counts[octile] + 0.5)) / (n + OCTILES / 2));
    counts[octile] += 1;
  }
  return sum;
}

/** @param {number} value */
export const binOf = (value) => Math.max(0, Math.min(BINS - 1, Math.floor((value + REACH) / WIDTH)));

/**
 * @param {Residuals} residuals
 * @returns {Summary}
 */
export function summarize({ accepted, rejected }) {
  const sorted = Float64Array.from([...accepted, ...rejected]).sort();
  const n = sorted.length;
  const counts = [accepted, rejected].map((values) => {
    const count = new Uint32Array(BINS);
    for (const value of values) count[binOf(value)] += 1;
    return count;
  });
  const bins = Array.from({ length: BINS }, (_, i) => {
    const from = (i - BINS / 2) * WIDTH;
    const to = (i + 1 - BINS / 2) * WIDTH;
    const p = (i === BINS - 1 ? 1 : cumulative(to)) - (i === 0 ? 0 : cumulative(from));
    const { low, high } = range(n, p);
    const count = counts[0][i] + counts[1][i];
    return { from, to, accepted: counts[0][i], rejected: counts[1][i], expected: n * p, low, high, outside: count < low || count > high };
  });
  let [distance, at] = [0, 0];
  for (const [i, value] of sorted.entries()) {
    const expected = cumulative(value);
    const here = Math.max(expected - i / n, (i + 1) / n - expected);
    if (here > distance) [distance, at] = [here, value];
  }
  return {
    accepted: moments(accepted),
    rejected: moments(rejected),
    all: moments(sorted),
    sorted,
    bins,
    outside: bins.filter(({ outside }) => outside).length,
    ks: Math.sqrt(n) * distance,
    at,
    lnE: evidence(sorted),
  };
}

/**
 * What would bring the statistic to its 95 % point by itself: a shift of the mean, and a change of the deviation.
 * @param {number} n
 */
export const visible = (n) => ({ shift: LIMIT / Math.sqrt(n) / density(0), deviation: LIMIT / Math.sqrt(n) / density(1) });
