// @ts-check
/** Files of numbers that figures show. */

import { answered, unreachable } from '#words/sections.js';

/** @type {Map<string, Promise<any>>} */
const asked = new Map();

/** Of this name, as JSON; an error is a sentence. @param {string} name @returns {Promise<any>} */
export function asset(name) {
  const before = asked.get(name);
  if (before) return before;
  const coming = (async () => {
    const response = await fetch(new URL(`../assets/${name}`, import.meta.url)).catch(() => {
      throw new Error(unreachable);
    });
    if (!response.ok) throw new Error(answered(response.status));
    return response.json();
  })();
  asked.set(name, coming);
  // the next one may try again
  coming.catch(() => asked.delete(name));
  return coming;
}
