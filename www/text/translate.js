// @ts-check
/** Puts the page into its language. English stands in the HTML itself; another language has a table of what stands where. */

import { language, load } from './index.js';

/** @typedef {{html: Record<string, string>, attributes: Record<string, Record<string, string>>}} Table what stands in an element and in its attributes, by selector */

/** @param {Document} page this one, or another page of this site */
export async function translate(page) {
  const root = page.documentElement;
  if (language !== 'en') {
    /** @type {Record<string, Table>} */
    const tables = await load('page');
    const { html, attributes } = tables[root.dataset.page ?? 'article'];
    for (const [selector, content] of Object.entries(html)) {
      for (const element of page.querySelectorAll(selector)) element.innerHTML = content;
    }
    for (const [selector, values] of Object.entries(attributes)) {
      for (const element of page.querySelectorAll(selector)) {
        for (const [name, value] of Object.entries(values)) element.setAttribute(name, value);
      }
    }
    root.lang = language;
    if (page === document) dispatchEvent(new Event('translated'));
  }
  if (!root.hidden) return;
  root.hidden = false;
  // a hidden page could not be scrolled to its anchor
  if (/^#[a-z-]+$/.test(location.hash)) page.getElementById(location.hash.slice(1))?.scrollIntoView();
}

await translate(document);
