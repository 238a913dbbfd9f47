// @ts-check
/** What a visitor may take away: the run as JSON (settings and scalars, no pictures) and its rounds as CSV; and bring back: a JSON that is run again and compared. */

import { RUN_FIELDS, defaults, parse, runPart } from './settings.js';
import { VERDICTS } from './trace.js';
import * as words from '#words/files.js';

/** @typedef {import('./trace.js').Trace} Trace */
/** @typedef {import('./settings.js').RunSettings} RunSettings */
/** @typedef {{settings: RunSettings, rounds: {first: number, verdict: string[], gap?: (number | null)[]}[]}} Imported */

const SCALARS = /** @type {const} */ (['first', 'length', 'committed', 'calls', 'draftCalls', 'rows', 'ms']);
const COLUMNS = /** @type {const} */ (['level', 'carried', 's', 'time', 'gap', 'probability', 'lnU', 'lnRatio', 'residual']);

/** @param {Trace} trace */
export function toJson(trace) {
  const { settings, source, dim } = trace;
  const rounds = trace.rounds.map((round) => ({
    ...Object.fromEntries(SCALARS.map((name) => [name, round[name]])),
    verdict: Array.from(round.verdict, (verdict) => VERDICTS[verdict]),
    ...Object.fromEntries(COLUMNS.map((name) => [name, Array.from(round[name], (value) => (Number.isFinite(value) ? value : null))])),
  }));
  const plain = trace.plain.map(({ level, calls, rows, ms }) => ({ level, calls, rows, ms }));
  return JSON.stringify({ settings, source, dim, rounds, plain }, null, 1);
}

/** @param {Trace} trace one line for each window position */
export function toCsv(trace) {
  const lines = [`round,${SCALARS.join(',')},verdict,${COLUMNS.join(',')}`];
  for (const [index, round] of trace.rounds.entries()) {
    for (let position = 0; position < round.length; position++) {
      const values = COLUMNS.map((name) => (Number.isFinite(round[name][position]) ? round[name][position] : ''));
      lines.push([index + 1, ...SCALARS.map((name) => round[name]), VERDICTS[round.verdict[position]], ...values].join(','));
    }
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Reads an exported run; throws an error whose message says what is wrong with it.
 * @param {string} text
 * @returns {Imported}
 */
export function fromJson(text) {
  /** @type {any} */
  let file;
  try {
    file = JSON.parse(text);
  } catch {
    throw new Error(words.notJson);
  }
  if (
    !file?.settings ||
    !Array.isArray(file.rounds) ||
    !file.rounds.every((/** @type {any} */ round) => Number.isInteger(round?.first) && Array.isArray(round?.verdict))
  ) {
    throw new Error(words.noRun);
  }
  // what a draft freezes was a setting once
  const { quantity = 'x0hat', ...given } = file.settings;
  const unknown = Object.keys(quantity === 'x0hat' ? given : file.settings).find((name) => !RUN_FIELDS.some((field) => field.name === name));
  if (unknown !== undefined) throw new Error(words.unknownSetting(unknown.slice(0, 40)));
  const settings = defaults();
  for (const field of RUN_FIELDS) {
    // the test was no setting once
    const result = parse(field, String(file.settings[field.name] ?? (field.name === 'rule' ? 'reflection' : undefined)), settings);
    if ('problem' in result) throw new Error(words.refused(result.problem.message));
    /** @type {Record<string, any>} */ (settings)[field.name] = result.value;
  }
  const committed = file.rounds.reduce(
    (/** @type {number} */ sum, /** @type {any} */ { verdict }) => sum + verdict.filter((/** @type {string} */ one) => one !== 'discarded').length,
    0,
  );
  if (committed !== settings.steps) throw new Error(words.cutShort(file.rounds.length, committed, settings.steps));
  return { settings: runPart(settings), rounds: file.rounds };
}

/** Gaps of one run on two devices agree to this share, or they are other gaps. */
const SAME_GAP = 1e-3;

/**
 * Whether a repeated run took the same decisions by the same numbers, as a sentence.
 * @param {Imported} imported
 * @param {Trace} trace
 */
export function compare(imported, trace) {
  const ours = trace.rounds.map(({ first, verdict }) => `${first} ${Array.from(verdict, (one) => VERDICTS[one])}`);
  const theirs = imported.rounds.map(({ first, verdict }) => `${first} ${verdict}`);
  const parting = ours.findIndex((round, index) => round !== theirs[index]);
  if (parting >= 0 || ours.length !== theirs.length) return words.parted(parting < 0 ? ours.length + 1 : parting + 1);
  const other = trace.rounds.findIndex(({ gap }, index) =>
    imported.rounds[index].gap?.some((theirs, position) => theirs !== null && Math.abs(theirs - gap[position]) > SAME_GAP * Math.max(1, gap[position])),
  );
  if (other >= 0) return words.otherGaps(ours.length, other + 1);
  return words.same(ours.length);
}
