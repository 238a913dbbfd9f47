// @ts-check
/** Mounts each figure of the article when the reader comes near it. What a figure needs and how it is made is its own business. */

import { h } from './parts/dom.js';
import * as words from '#words/sections.js';

/** @typedef {import('./state/trace.js').Trace} Trace */
/** @typedef {import('./state/trace.js').Columns} Columns */
/** @typedef {import('./state/trace.js').Round} Round */
/** @typedef {import('./state/settings.js').RunSettings} RunSettings */
/**
 * What a figure is given. It never reads the address or the form, and never starts a worker.
 * @typedef {object} Context
 * @property {() => import('./parts/tokens.js').Tokens} tokens the colours, as they are now
 * @property {(redraw: () => void) => void} restyled called when theme or colours have changed
 * @property {() => boolean} still whether nothing may move by itself
 * @property {() => Promise<import('./engine/toy.js').ToyModule>} toy
 * @property {(heard: (trace: Trace, table: Columns) => void) => void} shown called with the finished run that the page shows, now if there is one and whenever another is shown
 * @property {(heard: (lines: import('./engine/times.js').Timed[]) => void) => void} measured called with what was timed on this device of the
 *   run that is set, now and whenever that changes; empty while nothing is known
 * @property {() => RunSettings} settings of the run that the page shows, or would run
 * @property {(settings: RunSettings, options: {signal: AbortSignal, lanes?: ('speculative' | 'plain')[], heard?: (lane: 'speculative' | 'plain', part: any) => void}) => Promise<{speculative: Round[], plain: import('./state/trace.js').PlainStep[]}>} collect
 *   runs the network behind the page, when nothing else does: a run that the visitor asks for goes first, and this one begins
 *   again behind it. Rejects with an AbortError once the signal has come, and with an error whose message is a sentence when the
 *   engine cannot. The plain lane follows the speculative one of the same run: alone it is empty
 * @property {(name: string, value: string | undefined) => void} remember keeps a figure's own state in the address, `undefined` forgets it
 * @property {(name: string) => string | undefined} recall what the address says of a figure
 */
/** @typedef {{mount: (root: HTMLElement, context: Context) => void | Promise<void>}} Figure */

/** A figure is mounted when it comes within so much of the visible part of the page. */
const NEAR = '600px';

/**
 * @param {Context} context
 * @param {HTMLElement} [root] within which figures are looked for
 */
export function mountSections(context, root = document.body) {
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        mount(/** @type {HTMLElement} */ (target), context);
      }
    },
    { rootMargin: NEAR },
  );
  for (const figure of root.querySelectorAll('[data-figure]')) observer.observe(figure);
}

/**
 * @param {HTMLElement} figure
 * @param {Context} context
 */
async function mount(figure, context) {
  const place = /** @type {HTMLElement} */ (figure.querySelector('[data-mount]') ?? figure);
  try {
    /** @type {Figure} */
    const module = await import(new URL(`./figures/${figure.dataset.figure}/index.js`, import.meta.url).href);
    await module.mount(place, context);
    figure.dataset.mounted = '';
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    const button = h('button', { type: 'button' }, words.again);
    button.addEventListener('click', () => mount(figure, context));
    place.replaceChildren(h('p', { class: 'figure-problem', role: 'alert' }, words.failed(message), ' ', button));
  }
}
