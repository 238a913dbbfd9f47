// @ts-check
/** Numbers and sentences. All that the page says about a run is said here, from its trace. */

import { VERDICTS, comparison, finalDifference, totals } from '../../state/trace.js';

/** @typedef {import('../../state/trace.js').Trace} Trace */
/** @typedef {import('../../state/trace.js').Columns} Columns */
/** @typedef {import('../../state/trace.js').Cursor} Cursor */
/** @typedef {import('../../state/trace.js').Round} Round */
/** @typedef {import('../../state/trace.js').Device} Device */

/** Differences up to this many of 255 grey levels cannot be seen; they come from rounding in f32. */
const INVISIBLE = 2;
/** Ratios this near to 1 are none. */
const EVEN = 0.05;

export const inBackground = 'The tab was in the background during this run, where browsers slow it down: its times mean little.';

/** @param {number} most @param {number} kept */
export const memoryQuestion = (most, kept) => `This run may fill ${megabytes(most)} of memory with pictures if most drafts are rejected; pictures of discarded drafts are dropped from ${megabytes(kept)} on. A shorter window or fewer steps need less.`;
/** @param {number} gap */
export const gapBar = (gap) => `distance of the means: ${significant(gap)}`;
export const pathWords = { axis: 'ln of target over draft, summed', peak: 'the peak: commit up to here', beyond: 'no peak within the window: all committed' };
/** @param {Round} round */
export const pathLabel = (round) => (stopOf(round) >= 0 ? `The summed logarithm of target over draft density along the window has its peak in step ${round.level[stopOf(round)] + 1}; the window is committed up to there` : 'The summed logarithm of target over draft density along the window rises higher behind it than within, so all of it is committed');
/** Of the buttons that turn the pages of a long window. */
export const pagesName = 'Steps of the window';
export const runAnyway = 'Run it anyway';

/** Which rounds the microscope shows: a value and its words. */
export const roundChoices = [['example', 'recorded, windows of 12'], ['run', 'the run above']];

/** @param {string} why */
export const microscopeProblem = (why) => `The recorded rounds could not be loaded (${why}). Run live above, and look at the rounds of that run.`;

/** @param {number} count @param {string} word */
export const plural = (count, word) => `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;

/** @param {number} value */
export function ratio(value) {
  return `${value.toFixed(value >= 9.95 ? 0 : value < 0.95 ? 2 : 1)}×`;
}

/** @param {number} ms */
export function duration(ms) {
  if (ms < 999.5) return `${ms < 9.95 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
  return `${(ms / 1000).toFixed(ms < 99950 ? 1 : 0)} s`;
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

/** @param {number} value */
export function significant(value) {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e5)) {
    const [digits, power] = value.toExponential(1).split('e');
    const raised = [...String(Number(power))].map((sign) => (sign === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(sign)])).join('');
    return `${digits.replace('-', '−')}·10${raised}`;
  }
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3).replace('-', '−');
}

/** @typedef {import('../../engine/engine.js').Timed} Timed */

/** @type {Record<string, string>} */
const ENGINES = { cpu: 'CPU', webgpu: 'WebGPU', burn: 'burn on WebGPU' };

/** @param {import('../../engine/engine.js').Backend} backend */
export const engineName = (backend) => ENGINES[backend];

/** @param {Timed[]} lines */
const onSeveral = (lines) => new Set(lines.map(({ engine }) => engine)).size > 1;

/**
 * @param {Timed} line
 * @param {Timed[]} lines that it is one of
 */
export function timedWords({ engine, lane, draft, window }, lines) {
  const words = lane === 'plain' ? 'standard sampler' : `${draft}, L\u00a0=\u00a0${window}`;
  return onSeveral(lines) ? `${ENGINES[engine]}: ${words}` : words;
}

/**
 * What rows were measured to cost, and what follows.
 * @param {import('../../engine/engine.js').Backend} backend
 * @param {import('../../engine/worker.js').Price} price
 */
export function priceSentence(backend, { row, lanes, few, many }) {
  const side = backend === 'cpu' && lanes > 1 ? ` for each of ${lanes} side by side` : '';
  return `Measured here on ${engineName(backend)}: a call of ${plural(few.rows, 'row')} takes ${duration(few.ms)}, one of ${many.rows} takes ${duration(many.ms)}. A further row${side} adds ${row} of a call, and the window auto is as long as pays at that price.`;
}

/** Share of drafted steps that are rejected, for a first guess. */
const REJECTED = 1 / 8;
/** Longest window. */
const LONGEST = 256;

/**
 * Milliseconds that a committed step takes with the best window, if one draft in eight is rejected.
 * @param {import('../../engine/worker.js').Price} price
 */
export function stepTime({ row, lanes, few }) {
  let [best, reached, committed] = [Infinity, 1, 0];
  for (let rows = 1; rows <= LONGEST; rows++) {
    committed += reached;
    reached *= 1 - REJECTED;
    best = Math.min(best, few.ms * (1 + row * (Math.ceil(rows / lanes) - 1)) / committed);
  }
  return best;
}

/**
 * @param {number} cpu milliseconds a step
 * @param {number} webgpu
 * @param {boolean} wins
 */
export function contestSentence(cpu, webgpu, wins) {
  const times = `a step is expected to take ${duration(webgpu)} there and ${duration(cpu)} on the CPU`;
  return wins ? `It is the faster engine here (${times}), so it computes from now on.` : `The CPU stays (${times}).`;
}

/**
 * Which engine, draft and window is fastest, and what that means.
 * @param {Timed[]} lines at least one
 * @returns {{best: Timed, sentence: string}} the best that speculates
 */
export function fastest(lines) {
  const least = (/** @type {Timed[]} */ some) => some.reduce((one, other) => (other.ms < one.ms ? other : one));
  const [speculative, plain] = ['speculative', 'plain'].map((wanted) => lines.filter(({ lane }) => lane === wanted));
  if (speculative.length === 0 || plain.length === 0) return { best: least(lines), sentence: '' };
  const [best, limit] = [least(speculative), least(plain)];
  const where = !onSeveral(lines) ? '' : limit.engine === 'cpu' ? ' on the CPU' : ' on WebGPU';
  const times = `${duration(best.ms)} instead of ${duration(limit.ms)}`;
  if (limit.ms < best.ms) {
    return { best, sentence: `The standard sampler was fastest${where}: speculation saves sequential calls, and here a call costs as much as its network evaluations. Of the speculative ones ${timedWords(best, lines)} comes nearest, with ${times}. It is set now, and the address keeps it.` };
  }
  return { best, sentence: `The fastest here is ${timedWords(best, lines)}: ${times} for the standard sampler${where}, with ${best.calls} calls instead of ${limit.calls}. It is set now, and the address keeps it.` };
}

/** @param {Device} device */
export function deviceName(device) {
  if (device.backend === 'cpu') return device.workers && device.workers > 1 ? `CPU · ${device.workers} workers` : 'CPU';
  return `${ENGINES[device.backend]} · ${device.adapter || 'unnamed adapter'}${device.software ? ' (software)' : ''}`;
}

/** @param {Round} round @param {number} position */
export const verdictWord = (round, position) => VERDICTS[round.verdict[position]];

/** @param {Round} round */
export function stopOf(round) {
  return round.verdict.indexOf(VERDICTS.indexOf('rejected'));
}

/** @param {Round} round */
const acceptedIn = (round) => round.verdict.reduce((sum, verdict) => sum + Number(VERDICTS[verdict] === 'accepted'), 0);

/**
 * Whether the peak test judged a position, which draws no uniform for it.
 * @param {Round} round
 * @param {number} position
 */
export const isPeak = (round, position) => Number.isFinite(round.gap[position]) && !Number.isFinite(round.lnU[position]);

/**
 * What happened at the cursor, for eyes and for screen readers.
 * @param {Trace} trace
 * @param {Columns} table
 * @param {Cursor} cursor
 */
export function cursorSentence(trace, table, cursor) {
  const speculative = totals(table.speculative, cursor.rounds);
  const plain = totals(table.plain, cursor.plain);
  const speculativeDone = speculative.level === table.steps;
  const plainDone = plain.level === table.steps;
  if (speculativeDone && plainDone) return `Both are done: ${plural(speculative.calls, 'call')} against ${plain.calls}.`;
  const other = plainDone ? 'The standard sampler is done; the speculative one is still waiting.'
    : `Standard sampler: step ${plain.level} of ${table.steps}${speculativeDone ? ', still waiting' : ''}.`;
  if (speculativeDone) return `The speculative sampler is done after ${plural(speculative.calls, 'call')}. ${other}`;
  if (cursor.rounds === 0) return `Both start from the same noise. ${other}`;
  return `${roundSentence(trace.rounds[cursor.rounds - 1], cursor.rounds)} ${other}`;
}

/** @param {import('../../state/settings.js').RunSettings} settings */
export function runWords({ seed, model, class: kind, guidance, steps, eta, window, draft, rule }) {
  const shown = model === 'faces' ? [] : [model];
  const chosen = kind === 'any' ? [] : [kind];
  const guided = guidance > 1 ? [`guidance ${guidance}`] : [];
  return [`seed ${seed}`, ...shown, ...chosen, ...guided, `K = ${steps}`, `η = ${eta}`, `L = ${window}`, draft, ...(rule === 'auto' ? [] : [rule])].join(' · ');
}

/**
 * @param {Round} round
 * @param {number} number counted from 1
 */
export function roundSentence(round, number) {
  const accepted = acceptedIn(round);
  const stop = stopOf(round);
  if (accepted === 0 && stop < 0) return `Round ${number} took the last step, which has no noise and needs no test.`;
  const drafted = `Round ${number} drafted ${plural(round.length, 'step')} and accepted ${accepted}`;
  return stop < 0 ? `${drafted}${round.length > 1 ? ': all of them' : ''}.` : `${drafted}; step ${round.level[stop] + 1} was rejected and ${isPeak(round, stop) ? 'corrected' : 'reflected'}.`;
}

/**
 * What the draft of a round took for granted.
 * @param {Round} round
 * @param {string} draft
 * @param {boolean} rooted whether a root call was made for it
 */
function draftSentence(round, draft, rooted) {
  if (draft === 'independent' || draft === 'corrected') {
    return `A smaller network, the drafter, was asked instead${draft === 'corrected' ? ', and what it gets wrong was estimated from earlier calls' : ''}, ${round.draftCalls === 1 ? 'once' : `${round.draftCalls} times, one small call behind the other`}.`;
  }
  if (draft === 'frozen') return 'One root call predicts the clean picture, and the draft holds that prediction still for the whole window.';
  const kept = round.carried.reduce((sum, flag) => sum + flag, 0);
  if (kept > 0) {
    return `${kept === 1 ? 'One position uses' : `${kept} positions use`} a prediction reused from an earlier round for that very step${draft === 'secant' ? ', moved along with its state' : ''}; the others copy the last one known.`;
  }
  return rooted ? 'A root call predicts the clean picture once, and the draft holds it still.' : 'Every position copies the last prediction known; the network is not asked.';
}

/**
 * One sentence for each phase of a round.
 * @param {Round} round
 * @param {Trace} trace
 */
export function phaseSentences(round, trace) {
  const { draft } = trace.settings;
  const drafted = draft === 'independent' || draft === 'corrected';
  const rooted = draft === 'frozen' || (!drafted && round.first === 0);
  const unasked = rooted ? '' : ` without asking the ${drafted ? 'target' : 'network'}`;
  const stop = stopOf(round);
  const accepted = acceptedIn(round);
  const discarded = round.length - round.committed;
  const judged = stop >= 0
    ? `${accepted === 0 ? 'The very first one fails' : accepted === 1 ? 'The first one passes' : `The first ${accepted} pass`}; step ${round.level[stop] + 1} is rejected and ${isPeak(round, stop) ? 'goes on from its peak as the target would' : 'replaced by its reflection'}, so the step has exactly the target’s distribution.${discarded > 0 ? ' What lies beyond is discarded untested.' : ''}`
    : accepted === 0 ? 'The last step has no noise: it is taken as the target says, without a test.' : accepted === 1 ? 'It passes.' : `All ${accepted} pass.`;
  return [
    `The sampler rolls out ${plural(round.length, 'step')} ahead${unasked}. ${draftSentence(round, draft, rooted)}`,
    rooted && round.length === 1
      ? 'The root call has already said where the target would have gone: no second call is needed.'
      : `One call of the network looks at ${round.length === 1 ? 'the step and says where the target would have gone from it' : `all ${plural(round.length, 'step')} at once and says where the target would have gone from each`}${rooted ? ' (the first is known from the root call)' : ''}.`,
    `${isPeak(round, 0) ? 'All drafts are judged together, by the highest point of the path of their likelihood ratios.' : 'From left to right, each draft is tested against its target mean.'} ${judged}`,
    `${plural(round.committed, 'step')} committed for ${plural(round.calls, 'sequential call')} and ${plural(round.rows, 'network evaluation')}`
      + `${discarded > 0 ? `; ${discarded} discarded${draft === 'carry' || draft === 'secant' ? ', though predictions and noises past the rejection are reused by the next draft' : ''}.` : '.'}`,
  ];
}

/**
 * @param {Round} round
 * @param {number} position
 */
export function positionSentence(round, position) {
  const step = `Step ${round.level[position] + 1}`;
  const word = verdictWord(round, position);
  if (word === 'discarded') return `${step} was discarded without a test, because the round stopped before it.`;
  if (word === 'deterministic') return `${step} has no noise, so it is taken as the target says, without a test.`;
  if (isPeak(round, position)) {
    return word === 'accepted'
      ? `${step} was accepted: the window’s path of likelihood ratios rises higher behind it than within it or before, so the peak test keeps it.`
      : `${step} was rejected: the window’s path of likelihood ratios has its peak within this step. Up to the peak the draft is kept, from there the chain goes on as the target would, so the step has exactly the target’s distribution.`;
  }
  const threshold = Math.min(1, Math.exp(round.lnRatio[position]));
  const tested = `u = ${significant(Math.exp(round.lnU[position]))} against the threshold ${significant(threshold)}${round.lnRatio[position] >= 0 ? ', which always passes' : ''}`;
  const chance = `Means that are ${significant(round.gap[position])} apart (in units of the noise) are accepted ${(100 * round.probability[position]).toFixed(round.probability[position] > 0.995 ? 2 : 0)} % of the time.`;
  return word === 'accepted'
    ? `${step} was accepted: ${tested}. ${chance}`
    : `${step} was rejected: ${tested}. ${chance} It is reflected in the plane midway between the two means, so the step has exactly the target’s distribution.`;
}

/**
 * The result of a finished run, in its own numbers, good or bad.
 * @param {Trace} trace
 * @param {Columns} table
 */
export function resultParts(trace, table) {
  const costs = comparison(table);
  const one = totals(table.speculative, table.speculative.calls.length - 1);
  const other = totals(table.plain, table.plain.calls.length - 1);
  const difference = finalDifference(trace);
  const same = difference <= INVISIBLE ? 'The same picture' : `A picture that differs by up to ${difference} of 255 grey levels`;
  const against = (/** @type {number} */ value) => (Math.abs(value - 1) < EVEN ? 'as many' : value > 1 ? `${ratio(value)} fewer` : `${ratio(1 / value)} more`);
  const draftCalls = trace.rounds.reduce((sum, round) => sum + round.draftCalls, 0);
  const drafter = draftCalls > 0 ? `The drafts took ${plural(draftCalls, 'call')} of the drafter, a smaller network, one behind the other: they are in the time, not among the calls and evaluations.` : '';
  const slower = costs.time < 1;
  const { device } = trace.source;
  const where = device.backend === 'cpu' ? 'On this CPU' : 'On this device';
  const times = `${duration(one.time)} instead of ${duration(other.time)}`;
  const because = !slower || drafter ? '' : device.backend === 'cpu' || device.software ? ', because every network evaluation costs time here' : ', because evaluations in one call still cost time here';
  const speed = Math.abs(costs.time - 1) < EVEN ? `${where} it took as long: ${times}` : `${where} it was ${slower ? 'slower' : 'faster'}: ${times}${because}`;
  const why = slower && !drafter && device.backend === 'cpu' ? '“Find the fastest settings” times several windows and drafts on this device.' : '';
  return {
    line: `${same} after ${plural(one.calls, 'sequential call')} instead of ${other.calls}. ${speed}.`,
    calls: `${one.calls} instead of ${other.calls} (${against(costs.calls)})`,
    rows: `${one.rows} instead of ${other.rows} (${against(costs.rows)})`,
    time: `${times} (${Math.abs(costs.time - 1) < EVEN ? 'as long' : slower ? `${ratio(1 / costs.time)} as long` : `${ratio(costs.time)} faster`})`,
    notes: [drafter, why].filter(Boolean),
  };
}
