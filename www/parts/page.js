// @ts-check
/** What stands around the figures: contents, links within the page, the other language, the help. */

import { mountContents } from './contents.js';
import { byId } from './dom.js';

export function openHelp() {
  /** @type {HTMLDialogElement} */ (byId('help')).showModal();
}

/** Where the source lies, with a slash at its end; while nothing is published, nothing leads there. */
const REPOSITORY = '';

/** Whether the page was asked for with this address, not reloaded where the reader was. */
export const arrives = () =>
  history.state?.opens || /** @type {PerformanceNavigationTiming} */ (performance.getEntriesByType('navigation')[0])?.type === 'navigate';

/** @param {string} id of a section; nothing where there is none */
export function goTo(id) {
  const section = document.getElementById(id);
  section?.scrollIntoView();
  section?.focus({ preventScroll: true });
}

export function mountPage() {
  mountContents();
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('a[href^="#"]'))) {
    if (!link.hash.includes('=')) continue;
    // a figure takes the state that a link gives it when it is mounted
    link.addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      history.pushState({ opens: true }, '', link.hash);
      history.scrollRestoration = 'manual';
      location.reload();
    });
  }
  for (const link of document.querySelectorAll('[data-skip]')) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      byId(/** @type {HTMLElement} */ (link).dataset.skip ?? '').focus();
    });
  }
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('a[hreflang]'))) {
    // the settings go along, as they are when it is followed
    for (const type of ['pointerdown', 'focus', 'click'])
      link.addEventListener(type, () => {
        [link.search, link.hash] = [location.search, location.hash];
      });
  }
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('a[data-repository]'))) {
    link.hidden = REPOSITORY === '';
    link.href = REPOSITORY + link.dataset.repository;
  }
  byId('help-open').addEventListener('click', openHelp);
}
