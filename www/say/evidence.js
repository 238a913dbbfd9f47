// @ts-check
/** What is said of residuals beside as many standard normal numbers. */

import { optional } from './index.js';

/** @typedef {import('../figures/evidence/normal.js').Summary} Summary */
/** @typedef {'reflection' | 'keep-noise' | 'accept-all' | 'redraw'} Shown a rule that the toy can be given here */
/** @typedef {{of: 'network', runs: number, corrected: number} | {of: 'toy', rule: Shown, exact: boolean, chains: number}} Origin
 * `corrected` of the rejected were so by the peak test, which reflects none */

/** @param {Origin} origin */
export const badge = (origin) => ({ key: origin.of === 'network' ? 'badgeNetwork' : origin.exact ? 'badgeExact' : 'badgeWrong' });

/** @param {Origin} origin @param {number} rejected */
export function rejected(origin, rejected) {
  if (origin.of === 'toy') return { key: `rejected-${origin.rule}` };
  return { key: origin.corrected === 0 ? 'rejected-reflection' : origin.corrected === rejected ? 'rejected-corrected' : 'rejected-either' };
}

/** What the mean and the deviation of n standard normals keep within, 19 times of 20. @param {number} n */
export function expected(n) {
  const [mean, deviation] = [1.96 / Math.sqrt(n), 1.96 / Math.sqrt(2 * n)];
  const digits = mean < 0.02 ? 3 : 2;
  return ['', { key: 'aroundZero', by: mean, digits }, { key: 'aroundOne', by: deviation, digits }];
}

/** @param {Summary} summary @param {Origin} origin */
const counted = ({ all: { n } }, origin) => ({
  key: 'counted',
  n,
  from: origin.of === 'network' ? { key: 'ofRuns', count: origin.runs } : { key: 'ofChains', count: origin.chains },
});

/** @param {Summary} summary @param {number} limit */
const judged = ({ ks, bins, outside }, limit) => ({
  key: ks <= limit ? 'below' : 'above',
  ks,
  limit,
  times: ks / limit,
  bins: { key: outside === 0 ? 'noBin' : outside === 1 ? 'oneBin' : 'bins', outside },
  of: bins.length,
});

/**
 * @param {Summary} summary
 * @param {Origin} origin
 * @param {number} limit
 */
export function result(summary, origin, limit) {
  const { accepted, rejected, all, ks } = summary;
  const fits = ks <= limit;
  const isToy = origin.of === 'toy';
  const residuals = { key: all.n === 1 ? 'thisResidual' : 'theseResiduals', n: all.n };
  const line = isToy && !origin.exact ? { key: fits ? 'wrongUnseen' : 'wrongSeen' } : { key: fits ? 'fits' : 'isOutside', residuals };
  return {
    line: isToy ? { key: origin.exact ? 'exactRule' : 'wrongRule', line } : { key: 'networkLine', line },
    why: {
      key: 'why',
      does: isToy ? { key: 'does', rule: origin.rule } : '',
      counted: counted(summary, origin),
      judged: judged(summary, limit),
      parts: { key: rejected.n === 0 ? 'oneMean' : 'threeMeans', accepted: accepted.mean, rejected: rejected.mean, all: all.mean },
      more: optional(!isToy && !fits, 'moreRuns'),
    },
  };
}

/** @param {Summary} summary @param {Origin} origin @param {number} limit */
export const histogram = (summary, origin, limit) => ({
  key: 'histogram',
  counted: counted(summary, origin),
  accepted: summary.accepted.n,
  rejected: summary.rejected.n,
  judged: judged(summary, limit),
});

/** @param {Summary} summary @param {number} limit */
export const cumulative = ({ ks, at }, limit) => ({ key: ks <= limit ? 'staysWithin' : 'leaves', ks, at, limit });
