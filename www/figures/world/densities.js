// @ts-check
/** The densities that can be chosen, what else a visitor can set, and how both are kept in the address. */

/** @typedef {{x: number, y: number, size: number}} Cluster `size` is its standard deviation */
/** @typedef {{density: string, clusters: Cluster[], steps: number, draft: string, window: number | string, rule: 'reflection' | 'peak', seed: number}} World `clusters` are the visitor's own */

/** Half the width of the plane that is shown. */
export const HALF = 3.4;
export const STEPS = { min: 20, max: 300, step: 10 };
export const SIZE = { min: 0.1, max: 1, step: 0.05 };
export const MOST_CLUSTERS = 40;
export const DRAFTS = ['secant', 'carry', 'prefetched', 'frozen'];
/** The last makes the fewest calls: rows cost nothing. */
export const WINDOWS = [4, 8, 16, 32, 'auto/0'];
export const RULES = ['reflection', 'peak'];
/** Wrong ones, for the swarm only. */
export const WRONG = /** @type {const} */ (['keep-noise', 'redraw', 'accept-all']);
const MOST_SEED = 999_999_999;

/** @param {number} count @param {(index: number) => number[]} component weight, mean, variances */
const many = (count, component) => Array.from({ length: count }, (_, index) => component(index)).flat();

/** Weight, mean and variances of each component. @type {Record<string, number[]>} */
const PRESETS = {
  two: [2, -1.1, -0.75, 0.14, 0.14, 1, 1.3, 0.9, 0.14, 0.14],
  ring: many(8, (index) => [1, 2 * Math.cos((index * Math.PI) / 4), 2 * Math.sin((index * Math.PI) / 4), 0.06, 0.06]),
  spiral: many(40, (index) => {
    const [angle, radius] = [0.8 + 10 * Math.sqrt(index / 39), 0.3 + 2.1 * Math.sqrt(index / 39)];
    return [1, radius * Math.cos(angle), radius * Math.sin(angle), 0.02, 0.02];
  }),
  blob: [1, 0.3, -0.2, 1.1, 0.4],
};
export const DENSITIES = [...Object.keys(PRESETS), 'own'];

/** @returns {World} */
export const firstWorld = () => ({
  density: 'two',
  steps: 30,
  draft: 'secant',
  window: 8,
  rule: 'reflection',
  seed: 86,
  clusters: [
    { x: -1.4, y: 1, size: 0.35 },
    { x: 1.4, y: 1, size: 0.35 },
    { x: 0, y: -1.3, size: 0.5 },
  ],
});

/** What the toy takes. @param {World} world */
export const numbersOf = ({ density, clusters }) =>
  Float64Array.from(PRESETS[density] ?? clusters.flatMap(({ x, y, size }) => [1, x, y, size * size, size * size]));

/** The marginal along one axis. @param {Float64Array} numbers @param {0 | 1} axis */
export function marginalOf(numbers, axis) {
  const kept = [0, 1 + axis, 3 + axis];
  return Float64Array.from({ length: (numbers.length / 5) * 3 }, (_, index) => numbers[Math.floor(index / 3) * 5 + kept[index % 3]]);
}

/** @param {World} world what the address keeps: own clusters in hundredths */
export function addressOf({ density, clusters, steps, draft, window, rule, seed }) {
  const own = clusters.flatMap(({ x, y, size }) => [x, y, size].map((value) => Math.round(100 * value)));
  return [density === 'own' ? ['own', ...own].join('_') : density, steps, draft, String(window).replace('/', '_'), rule, seed].join('.');
}

/** @param {string | undefined} text @returns {World | undefined} nothing for nonsense */
export function worldOf(text) {
  const parts = text?.split('.') ?? [];
  const [shape, steps, draft, window, rule, seed] = parts;
  const [density, ...own] = shape?.split('_') ?? [];
  const known = parts.length === 6 && DENSITIES.includes(density) && DRAFTS.includes(draft) && RULES.includes(rule);
  const length = WINDOWS.find((one) => String(one).replace('/', '_') === window);
  const whole = [steps, seed, ...own].every((word) => /^-?\d{1,9}$/.test(word));
  const [k, s] = [Number(steps), Number(seed)];
  if (!known || !whole || length === undefined || k < STEPS.min || k > STEPS.max || s < 0 || s > MOST_SEED) return undefined;
  const values = own.map((word) => Number(word) / 100);
  const clusters = Array.from({ length: values.length / 3 }, (_, index) => ({ x: values[3 * index], y: values[3 * index + 1], size: values[3 * index + 2] }));
  const inside = (/** @type {Cluster} */ { x, y, size }) => Math.abs(x) <= HALF && Math.abs(y) <= HALF && size >= SIZE.min && size <= SIZE.max;
  const first = firstWorld();
  if (density === 'own' ? values.length % 3 !== 0 || clusters.length < 1 || clusters.length > MOST_CLUSTERS || !clusters.every(inside) : own.length > 0)
    return undefined;
  return {
    ...first,
    density,
    clusters: density === 'own' ? clusters : first.clusters,
    steps: k,
    draft,
    window: length,
    rule: /** @type {World['rule']} */ (rule),
    seed: s,
  };
}
