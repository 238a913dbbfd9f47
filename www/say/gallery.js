// @ts-check
/** What is said of distances between distributions of pictures. */

/** @typedef {import('../figures/gallery/index.js').PictureSet} PictureSet */
/** @typedef {import('../figures/gallery/index.js').Compared} Compared */

/** @param {PictureSet} set */
export const waits = ({ calls }) => ({ key: Number.isInteger(calls) ? 'waits' : 'waitsAbout', calls: Math.round(calls) });

/** @param {{sampler: string, steps: number}} set */
export const sampler = ({ sampler, steps }) => ({ key: sampler === 'few' || sampler === 'plain' ? 'standard' : sampler, steps });

/** @param {PictureSet} set */
export const set = (set) => ({ key: 'set', sampler: sampler(set), waits: waits(set) });

/** @param {PictureSet} set @param {string} model @param {number} number @param {number} of */
export const picture = (set, model, number, of) => ({ key: 'picture', sampler: sampler(set), model, number, of });

/** @param {Compared} one */
const beyond = (one) => one.distance > one.null_95;
/** @param {Compared} one */
const place = (one) => ({ key: beyond(one) ? 'outside' : 'inside' });
/** @param {Compared} one */
export const placed = (one) => ({ key: 'placed', place: place(one) });

/** @param {Compared} one */
const numbers = ({ distance, null_95: end, share_of_null_beyond: p }) => ({
  key: 'numbers',
  distance,
  end,
  share: p === 0 ? { key: 'noDeal' } : { key: 'p', p, digits: p < 0.1 ? 1 : 2 },
});

/**
 * A sentence or two for each comparison.
 * @param {string} model
 * @param {Compared[]} compared
 * @param {number} until by how much an estimate may have changed
 */
export const judged = (model, compared, until) =>
  ['few', 'cached', 'speculative'].flatMap((name) => {
    const one = compared.find(({ sampler }) => sampler === name);
    if (!one) return [];
    const { steps, samples, distance, null_95: end } = one;
    return [{ key: `${name}-${beyond(one) ? 'outside' : 'inside'}`, model, steps, samples, times: distance / end, until, numbers: numbers(one) }];
  });

/** @param {string} model @param {Compared[]} compared */
export const strip = (model, compared) => ({
  key: 'strip',
  model,
  rows: compared.map((one) => ({ key: 'stripRow', sampler: sampler(one), place: place(one), numbers: numbers(one) })),
});
