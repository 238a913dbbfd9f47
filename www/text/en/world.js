// @ts-check
/** What the figure “A flat world” says. Every number is of the run or the samples that it draws. */

import { VERDICTS } from '../../state/trace.js';
import { plural, significant } from './run.js';

/** @typedef {import('../../state/trace.js').Round} Round */

export const labels = { density: 'Density', steps: 'Steps K', draft: 'Draft', window: 'Window L', rule: 'Test', size: 'Size', cases: 'A draft that fails' };
/** @type {Record<string, string>} */
export const densities = { two: 'two clusters', ring: 'ring of eight', spiral: 'spiral', blob: 'one broad blob', own: 'your own' };
/** @param {number | string} window */
export const windowName = (window) => (typeof window === 'number' ? String(window) : 'auto, fewest calls');
/** @type {Record<string, string>} */
export const rules = {
  'keep-noise': 'Move it without reflecting (not exact)',
  redraw: 'Draw again from the target (not exact)',
  'accept-all': 'Accept it anyway (not exact)',
};
export const chosenRule = (/** @type {string} */ rule) => `${rule === 'reflection' ? 'Reflect it' : `Test: ${rule}`} (exact)`;
export const buttons = {
  seed: 'New seed',
  back: 'Back',
  play: 'Play',
  pause: 'Pause',
  forward: 'Step',
  round: 'Next round',
  add: 'Add a cluster',
  remove: 'Remove',
  draw: (/** @type {number} */ count) => `Draw ${count}`,
  more: (/** @type {number} */ count) => `Draw ${count} more`,
  cancel: 'Cancel',
};
export const phases = ['draft', 'verify', 'accept / reject', 'commit'];
export const phaseGroup = 'Phases of the round';
export const positionLabel = 'Position in the run';
export const planeTitle = 'The plane';
export const lensTitle = 'The window, enlarged';
export const data = 'show the data’s density';
export const ownHint =
  'Click or tap the plane to place a cluster, drag to move it. With the keyboard: Tab to a cluster, arrow keys move it, Delete removes it.';
export const legend = {
  path: 'committed',
  now: 'current state',
  drafted: 'drafted',
  accepted: 'accepted',
  draftMean: 'draft’s mean',
  target: 'target’s mean',
  rejected: 'rejected',
  mirror: 'mirror',
  reflected: 'reflected',
  corrected: 'corrected',
  discarded: 'discarded',
  last: 'last step, no test',
};
export const counters = { calls: 'sequential calls', steps: 'steps committed', perCall: 'steps per call' };
export const swarmTitle = 'Many particles, two samplers';
export const panels = { speculative: 'Speculative', plain: 'Standard sampler' };
export const notExact = 'not exact';
export const curve = 'Bars: the end points along each axis. Line: the density of the data along that axis.';

/** @param {Round} round */
const stopOf = (round) => round.verdict.indexOf(VERDICTS.indexOf('rejected'));
/** @param {Round} round @param {string} word */
const count = (round, word) => round.verdict.reduce((sum, verdict) => sum + Number(VERDICTS[verdict] === word), 0);
/** @param {Round} round */
const steps = ({ first, length }) => (length === 1 ? `step ${first + 1}` : `steps ${first + 1} to ${first + length}`);

/** @param {number} index @param {number} rounds @param {Round | undefined} round */
export const title = (index, rounds, round) => (round ? `Round ${index + 1} of ${rounds}: ${steps(round)}` : 'Before the first round');

/** @param {Round} round @param {boolean} rooted */
function draftPhase(round, rooted) {
  const source = rooted ? 'A root call gives a denoised estimate, and from it' : 'Without a call, from estimates already known,';
  return `${source} ${plural(round.length, 'step')} ${round.length === 1 ? 'is' : 'are'} drafted.`;
}

/** @param {Round} round @param {boolean} rooted */
function verifyPhase(round, rooted) {
  if (round.s[0] === 0) return 'One call of the target gives the last state.';
  const given =
    round.length > 1
      ? `One call of the target gives the mean of all ${plural(round.length, 'step')}.`
      : rooted
        ? 'The root call has already given the target’s mean.'
        : 'One call of the target gives the mean of the step.';
  const farthest = round.gap.reduce((most, gap) => (gap > most ? gap : most), 0);
  return `${given} Among the steps that are tested the largest distance of the means is |D| = ${significant(farthest)}, in units of the noise.`;
}

/** @param {Round} round */
export function roundSentence(round) {
  const stop = stopOf(round);
  const [accepted, discarded] = [count(round, 'accepted'), count(round, 'discarded')];
  const last = count(round, 'deterministic') > 0 ? ', the last step taken without a test, as it has no noise' : '';
  const rejected =
    stop < 0
      ? 'none rejected'
      : `step ${round.level[stop] + 1} rejected and ${Number.isFinite(round.lnU[stop]) ? 'reflected in the plane midway between the two means' : 'replaced by the peak test in another way, also exact'}`;
  return `${plural(round.length, 'step')} drafted: ${accepted} accepted, ${rejected}, ${discarded} discarded${last}.`;
}

/**
 * @param {Round | undefined} round
 * @param {number} phase
 * @param {boolean} rooted whether a root call was made for its draft
 */
export function phaseSentence(round, phase, rooted) {
  if (!round) return 'The particle starts from noise: one draw of a standard normal distribution.';
  return [
    draftPhase(round, rooted),
    verifyPhase(round, rooted),
    roundSentence(round),
    `${plural(round.committed, 'step')} committed for ${plural(round.calls, 'sequential call')}${stopOf(round) < 0 ? '.' : '; the next round begins at the diamond.'}`,
  ][phase];
}

/** @param {number} calls @param {number} done @param {number} all */
export const tally = (calls, done, all) =>
  `So far ${plural(calls, 'sequential call')} for ${done} of ${all} steps; the standard sampler makes one call a step.`;

/** @param {string} density @param {string} heading @param {string} sentence @param {boolean} isData */
export const mapLabel = (density, heading, sentence, isData) =>
  `A plane shaded by the density of ${isData ? 'the data' : 'the current step'} (${densities[density]}), with the particle’s path. ${heading}. ${sentence}`;
/** @param {string} heading @param {string} sentence */
export const lensLabel = (heading, sentence) => `The framed part of the plane, enlarged, with the target’s means. ${heading}. ${sentence}`;
/** @param {number} round @param {number} rounds @param {number} phase */
export const positionText = (round, rounds, phase) => (round < 0 ? 'start' : `round ${round + 1} of ${rounds}, ${phases[phase]}`);

/** @param {number} index */
export const clusterName = (index) => `Cluster ${index + 1}`;
/** @param {number} x @param {number} y */
export const clusterPlace = (x, y) => `x ${x.toFixed(2).replace('-', '−')}, y ${y.toFixed(2).replace('-', '−')}`;
/** @param {number} clusters @param {number} most */
export const clusterCount = (clusters, most) =>
  clusters === most ? `${clusters} clusters, as many as there can be.` : `${plural(clusters, 'cluster')}${clusters === 1 ? '; the last one stays' : ''}.`;

/** @param {number} done @param {number} wanted */
export const progress = (done, wanted) => `${done} of ${wanted} chains by each sampler`;
/** @param {number} chains @param {number} calls */
export const panelSentence = (chains, calls) =>
  chains === 0 ? 'No chains yet.' : `${plural(chains, 'chain')}, ${(calls / chains).toFixed(1)} sequential calls a chain`;
/** @param {string} name @param {string} density @param {number} chains */
export const panelLabel = (name, density, chains) =>
  `${name}: ${plural(chains, 'end point')} over the density of the data (${densities[density]}), with a histogram along each axis.`;
export const nothingDrawn = 'Draw chains by both samplers and compare where they end.';

/**
 * @param {{chains: number, exact: boolean, calls: [number, number], distance: [number, number], bound: number}} result calls of both samplers; the largest difference of the samples' distribution functions along each axis
 */
export function swarmSentence({ chains, exact, calls, distance, bound }) {
  const [one, other] = calls.map((sum) => (sum / chains).toFixed(1));
  const saved = `On average ${one} sequential calls a chain instead of ${other}.`;
  const measured = `The distribution functions of the two samples differ by at most ${distance[0].toFixed(3)} along x and ${distance[1].toFixed(3)} along y`;
  const chance = `chance alone stays below ${bound.toFixed(3)} in 99 of 100 cases`;
  const differs = Math.max(...distance) > bound;
  if (exact) return `${saved} ${measured}; ${chance}. ${differs ? 'This is one of the others, or a bug: draw more.' : 'No difference can be seen.'}`;
  return `Not exact. ${saved} ${measured}; ${chance}. ${differs ? 'The wrong rule samples from another distribution.' : `${plural(chains, 'chain')} ${chains === 1 ? 'is' : 'are'} too few to show the error. Draw more, or use fewer steps or a longer window.`}`;
}
