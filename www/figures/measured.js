// @ts-check
/** Looks for the fastest: what a run took with several windows and drafts and plain, as a table. */

import { h } from '../parts/dom.js';
import * as words from '#words/measured.js';

/** @typedef {import('../engine/engine.js').Backend} Backend */
/** @typedef {import('../engine/times.js').Timed} Timed */

/** Windows that are timed with the draft that is set; the other drafts follow with the best of them. */
const WINDOWS = [2, 3, 4, 8, 12, 20];

/**
 * The windows that are worth timing: also as many steps as there are workers, and the window by price.
 * @param {number} steps of the chain
 * @param {number} workers
 * @returns {(number | 'auto')[]}
 */
export function windowsFor(steps, workers) {
  const lengths = [...new Set([...WINDOWS, Math.max(2, workers)])].sort((one, other) => one - other);
  return [...lengths.filter((window) => window < steps), 'auto'];
}

/** How far the times of a line lie apart. @param {Timed} line */
const scatterOf = ({ ms, most }) => most - ms;

/** @param {Timed[]} lines at least one */
const least = (lines) => lines.reduce((one, other) => (other.ms < one.ms ? other : one));

/**
 * The best that speculates, and the best that does not; and of the others the one that comes nearest to the first, if it is no
 * farther from it than their times scatter.
 * @param {Timed[]} lines at least one
 * @returns {{best: Timed, limit?: Timed, tied?: {line: Timed, scatter: number}}}
 */
export function fastest(lines) {
  const [speculative, plain] = ['speculative', 'plain'].map((wanted) => lines.filter(({ lane }) => lane === wanted));
  if (speculative.length === 0 || plain.length === 0) return { best: least(lines) };
  const [best, limit] = [least(speculative), least(plain)];
  const next = least([limit, ...speculative.filter((line) => line !== best)]);
  const scatter = Math.max(scatterOf(best), scatterOf(next));
  return { best, limit, ...(Math.abs(next.ms - best.ms) < scatter ? { tied: { line: next, scatter } } : {}) };
}

/**
 * @param {HTMLElement} root
 * @param {(lines: Timed[]) => void} known hears what is known of the run that is set
 */
export function mountMeasured(root, known) {
  return {
    /**
     * Times engines, one after the other. Returns what was timed on those that are through, and why one is not.
     * @param {Backend[]} engines
     * @param {(engine: Backend) => AsyncIterable<Timed>} time
     * @returns {Promise<{lines: Timed[], error?: unknown}>}
     */
    async search(engines, time) {
      /** @type {Timed[]} */
      let whole = [];
      for (const engine of engines) {
        const lines = [...whole];
        try {
          for await (const line of time(engine)) {
            const at = lines.findIndex((other) => /** @type {const} */ (['engine', 'lane', 'draft', 'window']).every((key) => other[key] === line[key]));
            lines.splice(at < 0 ? lines.length : at, 1, line);
            drawMeasured(root, lines, false);
          }
        } catch (error) {
          return { lines: whole, error };
        }
        whole = lines;
      }
      return { lines: whole };
    },
    /** Nothing more will come. @param {Timed[]} lines */
    show(lines) {
      drawMeasured(root, lines, true);
      known(lines);
    },
    /** What was found is about another run. */
    leave() {
      root.hidden = true;
      known([]);
    },
  };
}

/**
 * @param {HTMLElement} root
 * @param {Timed[]} lines measured so far
 * @param {boolean} complete nothing more will come
 */
function drawMeasured(root, lines, complete) {
  root.hidden = lines.length === 0;
  if (root.hidden) return;
  const longest = Math.max(...lines.map(({ ms }) => ms));
  const first = fastest(lines);
  const workers = lines.find(({ engine }) => engine === 'cpu')?.workers;
  const row = (/** @type {Timed} */ line) => {
    const { engine, lane, draft, window, ms } = line;
    const plain = lines.find((other) => other.lane === 'plain' && other.engine === engine);
    const cells = words.cells(line, plain);
    const bar = h('i', {});
    bar.style.setProperty('--share', String(ms / longest));
    return h(
      'tr',
      { 'data-engine': engine, 'data-lane': lane, 'data-draft': draft, 'data-window': window, 'data-chosen': complete && line === first.best },
      h('th', { scope: 'row' }, words.timedWords(line, lines)),
      h('td', {}, cells.calls),
      h('td', {}, cells.rows),
      h('td', { class: 'measured-time' }, bar, h('span', {}, cells.time)),
      h('td', {}, cells.share),
    );
  };
  const heads = words.heads.map((head) => h('th', { scope: 'col' }, head));
  const sorted = complete ? [...lines].sort((one, other) => one.ms - other.ms) : lines;
  root.replaceChildren(
    h('h3', {}, words.title(workers)),
    h('p', {}, complete ? words.sentence(first, lines) : words.measuring),
    h('table', {}, h('thead', {}, h('tr', {}, ...heads)), h('tbody', {}, ...sorted.map(row))),
  );
}
