// @ts-check
/** What figure “Do not take our word for it” says. */

import { exponential, plural, significant } from './run.js';

/** @param {number} ks */
const rounded = (ks) => ks.toFixed(2);

/** @typedef {import('../../figures/evidence/normal.js').Summary} Summary */
/** @typedef {import('../../figures/evidence/normal.js').Moments} Moments */
/** @typedef {'reflection' | 'keep-noise' | 'accept-all' | 'redraw'} Shown a rule that the toy can be given here */
/** @typedef {{of: 'network', runs: number, corrected: number} | {of: 'toy', rule: Shown, exact: boolean, chains: number}} Origin
 * `corrected` of the rejected were so by the peak test, which reflects none */

export const switchLegend = 'Show';
export const network = 'These runs of the network';
export const toy = 'A toy';
export const rulesLegend = 'On a mixture of Gaussians (no network):';
/** @type {Record<Shown, {name: string, does: string}>} */
export const rules = {
  reflection: { name: 'Reflect it (exact)', does: 'A rejected draft is reflected in the plane midway between the two means.' },
  'keep-noise': {
    name: 'Move it without reflecting (not exact)',
    does: 'A rejected draft is moved to the target’s mean with its noise as it is, not reflected.',
  },
  redraw: {
    name: 'Draw again from the target (not exact)',
    does: 'A rejected step is drawn again from the target, as if the rejection carried no information.',
  },
  'accept-all': { name: 'Accept it anyway (not exact)', does: 'Every draft is accepted, whatever the test says.' },
};
export const more = 'Run ten more';
export const cancel = 'Cancel';
export const noRun = 'No finished run yet. The figure fills as soon as the race above has one.';
export const waiting = 'Waiting for the engine, which is loading or busy. A run that you ask for goes first.';
/** @param {number} number @param {number} of */
export const progress = (number, of) => `${number} of ${of}`;
/** @param {number} done @param {number} of */
export const stopped = (done, of) => `Cancelled after ${done} of ${of}.`;
/** @param {string} why @param {number} done */
export const failed = (why, done) => `The runs stopped after ${done}. ${why}`;
/** @param {Origin} origin */
export const badge = (origin) =>
  origin.of === 'network' ? 'runs of the network' : origin.exact ? 'a toy, with the exact rule' : 'not exact: a toy with a wrong rule';

export const accepted = 'accepted';
/** @param {Origin} origin @param {number} rejected */
export function rejected(origin, rejected) {
  if (origin.of === 'toy')
    return origin.rule === 'reflection'
      ? 'rejected, reflected'
      : origin.rule === 'redraw'
        ? 'rejected, drawn again'
        : origin.rule === 'keep-noise'
          ? 'rejected, moved'
          : 'rejected';
  return origin.corrected === 0 ? 'rejected, reflected' : origin.corrected === rejected ? 'rejected, corrected' : 'rejected, reflected or corrected';
}
export const normal = 'N(0,1)';
export const band = '95 % range of each count';
export const outside = 'outside its range';
export const awayFromDraft = '← away from the draft';
export const towardsDraft = 'towards the draft →';
export const cumulativeTitle = 'Difference of the cumulative shares × √n';

export const columns = ['residuals', 'number', 'mean', 'deviation'];
export const all = 'all together';
export const expected = 'N(0,1), 95 %';
/** @param {number} value */
export const number = (value) => String(value).replace('-', '−');
/** @param {number} value */
const signed = (value) => (Number.isFinite(value) ? `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}` : '–');
/** @param {Moments} moments */
export const row = ({ n, mean, deviation }) => [n.toLocaleString('en'), signed(mean), Number.isFinite(deviation) ? deviation.toFixed(2) : '–'];
/** What the mean and the deviation of n standard normals keep within, 19 times of 20. @param {number} n */
export function expectedRow(n) {
  const [mean, deviation] = [1.96 / Math.sqrt(n), 1.96 / Math.sqrt(2 * n)];
  const digits = mean < 0.02 ? 3 : 2;
  return ['', `± ${mean.toFixed(digits)}`, `1 ± ${deviation.toFixed(digits)}`];
}

/** @param {number} ks @param {number} limit */
export const statistic = (ks, limit) => `√n·Dₙ = ${rounded(ks)}, 95 % limit ${limit}`;

/** @param {number} lnE @param {number} limit */
export const eValue = (lnE, limit) => `e-value ${exponential(lnE)}, limit ${limit}`;

/** @param {Summary} summary @param {Origin} origin */
const counted = ({ all: { n } }, origin) =>
  `${plural(n, 'residual')} of ${origin.of === 'network' ? plural(origin.runs, 'run') : `${plural(origin.chains, 'chain')} on the toy`}`;

/** @param {Summary} summary @param {number} limit */
function judged({ ks, bins, outside }, limit) {
  const bounds = `${outside === 0 ? 'no bin is' : outside === 1 ? '1 bin is' : `${outside} bins are`} outside the 95 % range (of ${bins.length}, about one is by chance)`;
  return ks <= limit
    ? `the Kolmogorov–Smirnov statistic √n·Dₙ = ${rounded(ks)} is below ${limit}, and ${bounds}.`
    : `the Kolmogorov–Smirnov statistic √n·Dₙ = ${rounded(ks)} is ${(ks / limit).toFixed(1)} times the 95 % limit ${limit}, and ${bounds}.`;
}

/**
 * @param {Summary} summary
 * @param {Origin} origin
 * @param {number} limit
 * @returns {{line: string, why: string}}
 */
export function result(summary, origin, limit) {
  const { accepted, rejected, all, ks } = summary;
  const residuals = all.n === 1 ? 'this residual' : `these ${all.n.toLocaleString('en')} residuals`;
  const fits = ks <= limit;
  const parts =
    rejected.n === 0
      ? `Their mean is ${signed(all.mean)}.`
      : `The accepted ones alone have mean ${signed(accepted.mean)}, the rejected ones ${signed(rejected.mean)}, all together ${signed(all.mean)}.`;
  if (origin.of === 'toy') {
    const line = origin.exact
      ? `Exact rule: ${fits ? `together, ${residuals} cannot be distinguished from standard normal numbers` : 'this set lies outside the 95 % range, as one in twenty exact ones does'}.`
      : `Not exact: ${fits ? 'this many residuals do not show it yet' : 'together they are not standard normal'}.`;
    return { line, why: `${rules[origin.rule].does} ${counted(summary, origin)}: ${judged(summary, limit)} ${parts}` };
  }
  return {
    line: fits
      ? `Together, ${residuals} cannot be distinguished from standard normal numbers.`
      : 'This set lies outside the 95 % range, as one in twenty exact ones does.',
    why: `${counted(summary, origin)}: ${judged(summary, limit)} ${parts}${fits ? '' : ' More runs decide it.'}`,
  };
}

/** @param {Summary} summary @param {Origin} origin @param {number} limit */
export const histogramLabel = (summary, origin, limit) =>
  `Stacked histogram of ${counted(summary, origin)} on the density of N(0,1): ${summary.accepted.n} accepted below, ${summary.rejected.n} rejected on top; ${judged(summary, limit)}`;
/** @param {Summary} summary @param {number} limit */
export const cumulativeLabel = ({ ks, at }, limit) =>
  `Cumulative share of the residuals less that of N(0,1), times the root of n: it is farthest from 0 at ${signed(at)}, by ${rounded(ks)}. ${ks <= limit ? 'It stays within' : 'It leaves'} the band of ± ${limit}.`;

export const limits = 'What this can and cannot show';
/** @param {number} n @param {{shift: number, deviation: number}} visible */
export const paragraphs = (n, { shift, deviation }) => [
  `It sees any rule that changes a step’s distribution along the gap: a test that accepts too often, a rejected draft that is not reflected. With the ${plural(n, 'residual')} shown now, a mean that is off by about ${significant(shift)}, or a deviation that is off by about ${significant(deviation)}, is enough to bring √n·Dₙ to its 95 % limit. Smaller errors need more runs.`,
  'It does not see errors across the gap, in the directions in which draft and target agree; nor a wrong target mean, because a residual is measured from the mean that the sampler used; nor dependence between steps. The project’s test suite has tests for these, and docs/ARCHITECTURE.md names them.',
  'That the two pictures of the race agree is no evidence. The standard lane was given the noise that the speculative lane had committed, so that the two can be compared.',
  'Each seed counts once. Runs with the same seed share their noise, so the latest one takes the place of the one before. The 95 % limit is meant for one look: if you look after every run, √n·Dₙ will be above it now and then in an exact sampler too.',
  'The e-value may be looked at as often as you like. It bets on each residual by those before it, and is what a stake of 1 has become: in an exact sampler the chance that it ever reaches 20 is one in twenty at most, and it falls as bets are lost. The project keeps one over all its runs on fresh seeds, in docs/results/evidence.json.',
  'The outermost bins also hold what lies beyond ± 3.6. Triangles mark bins whose count is outside its range. A tested step whose two means agree, such as the first step of a run, has no direction between them, so it has no residual and is not counted: its draft is always accepted.',
];
