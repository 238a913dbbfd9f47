// @ts-check
/** What the figure “A flat world” says. Every number is of the run or the samples that it draws. */

import * as say from '../../say/world.js';
import { sayer } from '../../say/index.js';
import { decimal, place, plural, significant, whole } from './run.js';

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
  draw: (/** @type {number} */ count) => `Draw ${whole(count)}`,
  more: (/** @type {number} */ count) => `Draw ${whole(count)} more`,
  cancel: 'Cancel',
};
export const phases = ['draft', 'verify', 'accept / reject', 'commit'];
export const phaseGroup = 'Phases of the round';
export const positionLabel = 'Position in the run';
export const planeTitle = 'The plane';
export const lensTitle = 'The window, enlarged';
export const data = 'show the data’s density';
export const ownHint =
  'Click or tap the plane to place a cluster, drag to move it. Keyboard: arrows move the chosen one, Enter takes the next, Delete removes it.';
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
export const chainTitle = 'One chain, round by round';
export const swarmTitle = 'Many chains, two samplers';
export const panels = { speculative: 'Speculative', plain: 'Standard sampler' };
export const notExact = 'not exact';
export const curve = 'Bars: the end points along each axis. Line: the density of the data along that axis.';

/** @param {number} calls @param {number} done @param {number} all */
export const tally = (calls, done, all) =>
  `So far ${plural(calls, 'sequential call')} for ${whole(done)} of ${whole(all)} steps; the standard sampler makes one call a step.`;

/** @param {string} density @param {string} heading @param {string} sentence @param {boolean} isData */
export const mapLabel = (density, heading, sentence, isData) =>
  `A plane shaded by the density of ${isData ? 'the data' : 'the current step'} (${densities[density]}), with the particle’s path. ${heading}. ${sentence}`;
/** @param {string} heading @param {string} sentence */
export const lensLabel = (heading, sentence) => `The framed part of the plane, enlarged, with the target’s means. ${heading}. ${sentence}`;
/** @param {number} round @param {number} rounds @param {number} phase */
export const positionText = (round, rounds, phase) => (round < 0 ? 'start' : `round ${whole(round + 1)} of ${whole(rounds)}, ${phases[phase]}`);

/** @param {number} index */
export const clusterName = (index) => `Cluster ${index + 1}`;
/** @param {number} x @param {number} y */
export const clusterPlace = (x, y) => `x ${place(x)}, y ${place(y)}`;
/** @param {number} done @param {number} wanted */
export const progress = (done, wanted) => `${whole(done)} of ${whole(wanted)} chains by each sampler`;
/** @param {string} name @param {string} density @param {number} chains */
export const panelLabel = (name, density, chains) =>
  `${name}: ${plural(chains, 'end point')} over the density of the data (${densities[density]}), with a histogram along each axis.`;
/** @param {string} why */
export const failed = (why) => `The computation stopped (${why}). Draw again, or change a setting.`;
export const nothingDrawn = 'Draw chains by both samplers and compare where they end.';

/** @type {import('../../say/index.js').Templates} */
export const templates = {
  titleBefore: 'Before the first round',
  titleOne: ({ number, rounds, from }) => `Round ${whole(number)} of ${whole(rounds)}: step ${whole(from)}`,
  titleMany: ({ number, rounds, from, to }) => `Round ${whole(number)} of ${whole(rounds)}: steps ${whole(from)} to ${whole(to)}`,
  start: 'The particle starts from noise: one draw of a standard normal distribution.',
  draftRooted: ({ count }) => `A first call of the network gives a denoised estimate, and from it ${drafted(count)}`,
  draftKnown: ({ count }) => `Without a call, from estimates already known, ${drafted(count)}`,
  verifyLast: 'One call of the target gives the last state.',
  verify: ({ given, farthest }) =>
    `${given} Among the steps that are tested the largest distance of the means is |D| = ${significant(farthest)}, in units of the noise.`,
  meansOfAll: ({ count }) => `One call of the target gives the mean of all ${plural(count, 'step')}.`,
  meanKnown: 'The first call has already given the target’s mean.',
  meanOfOne: 'One call of the target gives the mean of the step.',
  round: (of) => `${plural(of.count, 'step')} drafted: ${whole(of.accepted)} accepted, ${of.rejected}, ${whole(of.discarded)} discarded${of.last}.`,
  noneRejected: 'none rejected',
  stepReflected: (of) => `step ${whole(of.step)} rejected and reflected in the plane midway between the two means`,
  stepReplaced: (of) => `step ${whole(of.step)} rejected and corrected by the peak test, which is also exact`,
  lastUntested: '; the last step has no noise and needs no test',
  committed: (of) => `${plural(of.committed, 'step')} committed for ${plural(of.calls, 'sequential call')}.`,
  committedToDiamond: (of) => `${plural(of.committed, 'step')} committed for ${plural(of.calls, 'sequential call')}; the next round begins at the diamond.`,
  clusters: (of) => `${of.clusters} clusters.`,
  clusterLast: '1 cluster; the last one stays.',
  clustersFull: (of) => `${of.clusters} clusters, as many as there can be.`,
  noChains: 'No chains yet.',
  chains: ({ chains, each }) => `${plural(chains, 'chain')}, ${decimal(each, 1)} sequential calls a chain`,
  saved: ({ one, other }) => `On average ${decimal(one, 1)} sequential calls a chain instead of ${decimal(other, 1)}.`,
  swarm: (of) => `${of.saved} ${differ(of)}. ${of.verdict}`,
  wrongSwarm: (of) => `Not exact. ${of.saved} ${differ(of)}. ${of.verdict}`,
  noDifference: 'No difference can be seen.',
  chance: 'Chance does this once in a hundred times; draw more to find out.',
  seen: 'The wrong rule samples from another distribution.',
  unseen: ({ chains }) =>
    `${plural(chains, 'chain')} ${chains === 1 ? 'is' : 'are'} too few to show the error. Draw more, or use fewer steps or a longer window.`,
};
/** @param {number} count */
const drafted = (count) => `${plural(count, 'step')} ${count === 1 ? 'is' : 'are'} drafted.`;
/** @param {{x: number, y: number, bound: number}} of */
const differ = ({ x, y, bound }) =>
  `The distribution functions of the two samples differ by at most ${decimal(x, 3)} along x and ${decimal(y, 3)} along y; chance alone stays below ${decimal(bound, 3)} in 99 of 100 cases`;

export const title = sayer(say.title, templates);
export const phaseSentence = sayer(say.phase, templates);
export const clusterCount = sayer(say.clusters, templates);
export const panelSentence = sayer(say.panel, templates);
export const swarmSentence = sayer(say.swarm, templates);
