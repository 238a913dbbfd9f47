// @ts-check
/** The standard normal distribution. */

/** @param {number} x */
export const density = (x) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** Abramowitz and Stegun, 7.1.26: within 1e-7. @param {number} x */
export function cumulative(x) {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const tail = (t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp((-x * x) / 2)) / 2;
  return x < 0 ? tail : 1 - tail;
}

/** Area under both of two normal curves. @param {number} distance of their means */
export const overlap = (distance) => 2 * cumulative(-Math.abs(distance) / 2);
