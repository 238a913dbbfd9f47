// @ts-check
/** What stands around the figures: skip links, the other language, the help. */

import { byId } from './dom.js';

export function openHelp() {
  /** @type {HTMLDialogElement} */ (byId('help')).showModal();
}

export function mountPage() {
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
  byId('help-open').addEventListener('click', openHelp);
}
