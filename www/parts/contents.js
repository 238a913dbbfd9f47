// @ts-check
/** The table of contents, which shows where the reader is: beside the article where it fits, folded above it elsewhere. */

import { byId } from './dom.js';

/** Where it stands beside the article, as in style.css. */
const BESIDE = matchMedia('(min-width: 1280px)');
/** The section under this line of the window is the one that is read. */
const LINE = '-30% 0px -70% 0px';

export function mountContents() {
  const contents = /** @type {HTMLDetailsElement} */ (byId('contents'));
  const here = /** @type {HTMLElement} */ (contents.querySelector('.contents-here'));
  const links = /** @type {HTMLAnchorElement[]} */ ([...contents.querySelectorAll('a')]);
  const fold = () => {
    contents.open = BESIDE.matches;
  };
  fold();
  BESIDE.addEventListener('change', fold);
  contents.addEventListener('click', ({ target }) => {
    if (target instanceof HTMLAnchorElement) fold();
  });
  contents.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || BESIDE.matches) return;
    fold();
    contents.querySelector('summary')?.focus();
  });
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        const link = links.find(({ hash }) => hash === `#${target.id}`);
        if (!link) continue;
        if (isIntersecting) link.setAttribute('aria-current', 'location');
        else link.removeAttribute('aria-current');
      }
      here.textContent = links.find((link) => link.hasAttribute('aria-current'))?.textContent ?? here.textContent;
    },
    { rootMargin: LINE },
  );
  for (const { hash } of links) observer.observe(byId(hash.slice(1)));
}
