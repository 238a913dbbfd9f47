// @ts-check
/** Code to copy: the blocks stand in the page, each gets a button. */

import * as words from '#words/use.js';
import { h } from '../../parts/dom.js';
import { copied } from '../../parts/download.js';

/** @type {import('../../sections.js').Figure['mount']} */
export function mount(root) {
  const said = h('p', { class: 'sr', 'aria-live': 'polite' });
  root.append(said);
  for (const block of root.querySelectorAll('.use-block')) {
    const button = h('button', { type: 'button' }, words.copy);
    button.addEventListener('click', async () => {
      const code = block.querySelector('pre') ?? block;
      const done = await copied(code.textContent ?? '');
      if (!done) getSelection()?.selectAllChildren(code);
      button.textContent = said.textContent = done ? words.copied : words.selected;
      setTimeout(() => {
        button.textContent = words.copy;
      }, 2000);
    });
    // not upon the code, but beside its heading
    block.before(button);
  }
}
