// @ts-check
/** What a run took with several windows and drafts and plain, on the engines of this device: a table with a bar for each time. */

import { h } from '../parts/dom.js';
import { load } from '../text/index.js';

/** @typedef {import('../engine/engine.js').Timed} Timed */

/** @type {typeof import('../text/en/measured.js')} */
const words = await load('measured');

/**
 * The best that speculates, and the best that does not.
 * @param {Timed[]} lines at least one
 * @returns {{best: Timed, limit: Timed | undefined}}
 */
export function fastest(lines) {
  const least = (/** @type {Timed[]} */ some) => some.reduce((one, other) => (other.ms < one.ms ? other : one));
  const [speculative, plain] = ['speculative', 'plain'].map((wanted) => lines.filter(({ lane }) => lane === wanted));
  if (speculative.length === 0 || plain.length === 0) return { best: least(lines), limit: undefined };
  return { best: least(speculative), limit: least(plain) };
}

/**
 * @param {HTMLElement} root
 * @param {Timed[]} lines measured so far
 * @param {boolean} complete nothing more will come
 */
export function drawMeasured(root, lines, complete) {
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
