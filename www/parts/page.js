// @ts-check
/** What stands around the figures: skip links, the other language, the help; and the page as a frame for one figure. */

import { byId } from './dom.js';

/** Figures that are embedded through the page itself, by their names in `?embed=`. @type {Record<string, string>} */
const EMBEDDED = { race: 'race', round: 'microscope' };

/** Shows one figure alone, for an iframe. Returns whether one is wanted. */
export function embed() {
  const wanted = new URLSearchParams(location.search).get('embed');
  if (wanted === null) return false;
  const figure = EMBEDDED[wanted];
  if (!figure) {
    // embed.html knows the others, and what to say of those that nobody has
    const { href } = /** @type {HTMLAnchorElement} */ (byId('embed-any'));
    location.replace(`${href}?figure=${encodeURIComponent(wanted)}${location.hash}`);
    return true;
  }
  document.documentElement.dataset.embed = figure;
  byId(figure).dataset.embedded = '';
  return true;
}

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
  const translation = /** @type {HTMLAnchorElement} */ (byId('language'));
  translation.search = location.search;
  // the settings go along, as they are when it is followed
  for (const type of ['pointerdown', 'focus', 'click'])
    translation.addEventListener(type, () => {
      translation.hash = location.hash;
    });
  byId('help-open').addEventListener('click', openHelp);
}
