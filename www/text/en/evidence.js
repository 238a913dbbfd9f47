// @ts-check
/** What figure “Do not take our word for it” says. */

import * as say from '../../say/evidence.js';
import { sayer } from '../../say/index.js';
import { decimal, exponential, plural, setting, signed, significant, whole } from './run.js';

/** @typedef {import('../../figures/evidence/normal.js').Moments} Moments */

export const switchLegend = 'Show';
export const network = 'These runs of the network';
export const toy = 'A test problem';
export const rulesLegend = 'On a mixture of Gaussians (no network):';
/** @type {Record<say.Shown, {name: string, does: string}>} */
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
export const progress = (number, of) => `${whole(number)} of ${whole(of)}`;
/** @param {number} done @param {number} of */
export const stopped = (done, of) => `Cancelled after ${whole(done)} of ${whole(of)}.`;
/** @param {string} why @param {number} done */
export const failed = (why, done) => `The runs stopped after ${whole(done)}. ${why}`;

export const accepted = 'accepted';
export const normal = 'N(0,1)';
export const band = '95 % range of each count';
export const outside = 'outside its range';
export const awayFromDraft = '← away from the draft';
export const towardsDraft = 'towards the draft →';
export const cumulativeTitle = 'Difference of the cumulative shares × √n';

export const columns = ['residuals', 'number', 'mean', 'deviation'];
export const all = 'all together';
export const expected = 'N(0,1), 95 %';
export const number = setting;
/** @param {Moments} moments */
export const row = ({ n, mean, deviation }) => [whole(n), signed(mean), Number.isFinite(deviation) ? decimal(deviation, 2) : '–'];

/** @param {number} ks @param {number} limit */
export const statistic = (ks, limit) => `√n·Dₙ = ${decimal(ks, 2)}, 95 % limit ${limit}`;

/** @param {number} lnE @param {number} limit */
export const eValue = (lnE, limit) => `e-value ${exponential(lnE)}, limit ${limit}`;

export const limits = 'What this can and cannot show';
/** @param {number} n @param {{shift: number, deviation: number}} visible */
export const paragraphs = (n, { shift, deviation }) => [
  `It sees any rule that changes a step’s distribution along the gap: a test that accepts too often, a rejected draft that is not reflected. With the ${plural(n, 'residual')} shown now, a mean that is off by about ${significant(shift)}, or a deviation that is off by about ${significant(deviation)}, is enough to bring √n·Dₙ to its 95 % limit. Smaller errors need more runs.`,
  'It does not see errors across the gap, in the directions in which draft and target agree; nor a wrong target mean, because a residual is measured from the mean that the sampler used; nor dependence between steps. The project’s test suite has tests for these, and docs/ARCHITECTURE.md names them.',
  'That the two pictures of the race agree is no evidence. The standard lane is given the very noise that the speculative lane ended up using, so that the two can be compared.',
  'Each seed counts once. Runs with the same seed share their noise, so only the first one counts. The 95 % limit is meant for one look: if you look after every run, √n·Dₙ will be above it now and then in an exact sampler too.',
  'The e-value may be looked at as often as you like. Start with 1 and bet on each new residual, using those already seen; the e-value is what you own. If the sampler is exact, the chance of ever owning 20 is at most 1 in 20. The project keeps one over all its runs on fresh seeds, in docs/results/evidence.json.',
  'The outermost bins also hold what lies beyond ± 3.6. Triangles mark bins whose count is outside its range. A tested step whose two means agree, such as the first step of a run, has no direction between them, so it has no residual and is not counted: its draft is always accepted.',
];

/** @type {import('../../say/index.js').Templates} */
export const templates = {
  badgeNetwork: 'runs of the network',
  badgeExact: 'test problem, with the exact rule',
  badgeWrong: 'not exact: test problem with a wrong rule',
  'rejected-reflection': 'rejected, reflected',
  'rejected-redraw': 'rejected, drawn again',
  'rejected-keep-noise': 'rejected, moved',
  'rejected-accept-all': 'rejected',
  'rejected-corrected': 'rejected, corrected',
  'rejected-either': 'rejected, reflected or corrected',
  aroundZero: ({ by, digits }) => `± ${decimal(by, digits)}`,
  aroundOne: ({ by, digits }) => `1 ± ${decimal(by, digits)}`,
  counted: ({ n, from }) => `${plural(n, 'residual')} of ${from}`,
  ofRuns: ({ count }) => plural(count, 'run'),
  ofChains: ({ count }) => `${plural(count, 'chain')} of the test problem`,
  below: (of) =>
    `the Kolmogorov–Smirnov statistic √n·Dₙ = ${decimal(of.ks, 2)} is below ${number(of.limit)}, and ${of.bins} outside the 95 % range (of ${whole(of.of)}, about one is by chance).`,
  above: (of) =>
    `the Kolmogorov–Smirnov statistic √n·Dₙ = ${decimal(of.ks, 2)} is ${decimal(of.times, 1)} times the 95 % limit ${number(of.limit)}, and ${of.bins} outside the 95 % range (of ${whole(of.of)}, about one is by chance).`,
  noBin: 'no bin is',
  oneBin: '1 bin is',
  bins: ({ outside }) => `${outside} bins are`,
  thisResidual: 'this residual',
  theseResiduals: ({ n }) => `these ${whole(n)} residuals`,
  fits: ({ residuals }) => `together, ${residuals} cannot be distinguished from standard normal numbers`,
  isOutside: 'this set lies outside the 95 % range, which happens to one exact sampler in twenty',
  wrongUnseen: 'this many residuals do not show it yet',
  wrongSeen: 'together they are not standard normal',
  networkLine: ({ line }) => `${line[0].toUpperCase()}${line.slice(1)}.`,
  exactRule: ({ line }) => `Exact rule: ${line}.`,
  wrongRule: ({ line }) => `Not exact: ${line}.`,
  why: (of) => `${of.does}${of.counted}: ${of.judged} ${of.parts}${of.more}`,
  does: ({ rule }) => `${rules[/** @type {say.Shown} */ (rule)].does} `,
  oneMean: ({ all }) => `Their mean is ${signed(all)}.`,
  threeMeans: (of) => `The accepted ones alone have mean ${signed(of.accepted)}, the rejected ones ${signed(of.rejected)}, all together ${signed(of.all)}.`,
  moreRuns: ' Collect more runs.',
  histogram: (of) => `Stacked histogram of ${of.counted} on the density of N(0,1): ${of.accepted} accepted below, ${of.rejected} rejected on top; ${of.judged}`,
  staysWithin: (of) =>
    `Cumulative share of the residuals less that of N(0,1), times the root of n: it is farthest from 0 at ${signed(of.at)}, by ${decimal(of.ks, 2)}. It stays within the band of ± ${number(of.limit)}.`,
  leaves: (of) =>
    `Cumulative share of the residuals less that of N(0,1), times the root of n: it is farthest from 0 at ${signed(of.at)}, by ${decimal(of.ks, 2)}. It leaves the band of ± ${number(of.limit)}.`,
};

export const badge = sayer(say.badge, templates);
export const rejected = sayer(say.rejected, templates);
export const expectedRow = sayer(say.expected, templates);
export const result = sayer(say.result, templates);
export const histogramLabel = sayer(say.histogram, templates);
export const cumulativeLabel = sayer(say.cumulative, templates);
