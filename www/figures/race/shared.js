// @ts-check
/** The shared axis above the scrubber: where each lane ends on it. */

import { h } from '../../parts/dom.js';
import * as words from '#words/race.js';

/** @typedef {import('../../state/trace.js').Columns} Columns */
/** @typedef {import('../../state/trace.js').Axis} Axis */

/** Beyond this share of the axis a label stands inside its bar. */
const INSIDE = 0.55;

/** @param {HTMLElement} root */
export function mountShared(root) {
  const rows = /** @type {const} */ (['speculative', 'plain']).map((name) => {
    const bar = h('div', { class: 'shared-bar' });
    const label = h('div', { class: 'shared-label' });
    return { name, bar, label, element: h('div', { class: `shared-row shared-${name}` }, bar, label) };
  });
  root.replaceChildren(...rows.map(({ element }) => element));

  /**
   * @param {Columns} table
   * @param {Axis} axis
   */
  return (table, axis) => {
    const ends = { speculative: table.speculative[axis].at(-1) ?? 0, plain: table.plain[axis].at(-1) ?? 0 };
    const longest = Math.max(ends.speculative, ends.plain, Number.MIN_VALUE);
    for (const { name, bar, label } of rows) {
      const share = ends[name] / longest;
      bar.style.width = `${100 * share}%`;
      label.replaceChildren(h('span', { class: 'shared-name' }, words.names[name]), words.laneEnd(ends[name], axis));
      label.style.insetInlineStart = share > INSIDE ? 'auto' : `${100 * share}%`;
      label.style.insetInlineEnd = share > INSIDE ? `${100 * (1 - share)}%` : 'auto';
    }
  };
}
