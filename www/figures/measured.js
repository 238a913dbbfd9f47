// @ts-check
/** What a run took with each window and plain, on this device: a table with a bar for each time. */

import { h } from '../dom.js';
import { duration, fastest, plural, windowWords } from '../words.js';

/** @typedef {import('../engine.js').Timed} Timed */

/**
 * @param {HTMLElement} root
 * @param {Timed[]} lines measured so far
 * @param {boolean} complete nothing more will come
 */
export function drawMeasured(root, lines, complete) {
  root.hidden = lines.length === 0;
  if (root.hidden) return;
  const longest = Math.max(...lines.map(({ ms }) => ms));
  const plain = lines.find(({ window }) => window === 'plain');
  const { window: best, sentence } = fastest(lines);
  // a window of one step costs what the plain sampler costs
  const chosen = best === 1 ? 'plain' : best;
  const row = (/** @type {Timed} */ { window, calls, rows, ms }) => {
    const bar = h('i', {});
    bar.style.setProperty('--share', String(ms / longest));
    return h('tr', { 'data-window': window, 'data-chosen': complete && window === chosen },
      h('th', { scope: 'row' }, windowWords(window)), h('td', {}, calls.toLocaleString('en')), h('td', {}, rows.toLocaleString('en')),
      h('td', { class: 'measured-time' }, bar, h('span', {}, duration(ms))), h('td', {}, plain ? `${(ms / plain.ms).toFixed(2)}×` : ''));
  };
  const heads = ['Window', 'Calls', 'Rows', 'Time', 'Against plain'].map((words) => h('th', { scope: 'col' }, words));
  root.replaceChildren(
    h('h3', {}, `On this device, with ${plural(lines[0].workers, 'worker')}`),
    h('table', {}, h('thead', {}, h('tr', {}, ...heads)), h('tbody', {}, ...lines.map(row))),
    h('p', {}, complete ? sentence : 'Measuring …'));
}
