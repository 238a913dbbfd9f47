// @ts-check
/** What a run took with several windows and drafts and plain, on the engines of this device: a table with a bar for each time. */

import { h } from '../parts/dom.js';
import { duration, fastest, plural, timedWords } from '../text/en/run.js';

/** @typedef {import('../engine/engine.js').Timed} Timed */

/**
 * @param {HTMLElement} root
 * @param {Timed[]} lines measured so far
 * @param {boolean} complete nothing more will come
 */
export function drawMeasured(root, lines, complete) {
  root.hidden = lines.length === 0;
  if (root.hidden) return;
  const longest = Math.max(...lines.map(({ ms }) => ms));
  const { best, sentence } = fastest(lines);
  const workers = lines.find(({ engine }) => engine === 'cpu')?.workers;
  const row = (/** @type {Timed} */ line) => {
    const { engine, lane, draft, window, calls, rows, ms } = line;
    const plain = lines.find((other) => other.lane === 'plain' && other.engine === engine);
    const bar = h('i', {});
    bar.style.setProperty('--share', String(ms / longest));
    return h('tr', { 'data-engine': engine, 'data-lane': lane, 'data-draft': draft, 'data-window': window, 'data-chosen': complete && line === best },
      h('th', { scope: 'row' }, timedWords(line, lines)), h('td', {}, calls.toLocaleString('en')), h('td', {}, rows.toLocaleString('en')),
      h('td', { class: 'measured-time' }, bar, h('span', {}, duration(ms))), h('td', {}, plain ? `${(ms / plain.ms).toFixed(2)}×` : ''));
  };
  const heads = ['Draft and window', 'Sequential calls', 'Evaluations', 'Time', 'Against the standard sampler'].map((words) => h('th', { scope: 'col' }, words));
  const sorted = complete ? [...lines].sort((one, other) => one.ms - other.ms) : lines;
  root.replaceChildren(
    h('h3', {}, `On this device${workers ? `, with ${plural(workers, 'worker')} on the CPU` : ''}`),
    h('p', {}, complete ? sentence : 'Measuring …'),
    h('table', {}, h('thead', {}, h('tr', {}, ...heads)), h('tbody', {}, ...sorted.map(row))));
}
