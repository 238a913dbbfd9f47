// @ts-check
/** Files of numbers that figures show. */

import { answered, late, unreachable } from '#words/sections.js';
import { fetched, isLate } from './arrivals.js';

/** @type {Map<string, Promise<any>>} */
const asked = new Map();

/**
 * Of this name; an error is a sentence.
 * @template T
 * @param {string} name
 * @param {(response: Response) => Promise<T>} take
 */
export async function file(name, take) {
  const checked = async (/** @type {Response} */ response) => {
    if (!response.ok) throw new Error(answered(response.status));
    return take(response);
  };
  return fetched(new URL(`../assets/${name}`, import.meta.url), checked).catch((error) => {
    throw isLate(error) ? new Error(late) : error instanceof TypeError ? new Error(unreachable) : error;
  });
}

/** The same as JSON, once. @param {string} name @returns {Promise<any>} */
export function asset(name) {
  const before = asked.get(name);
  if (before) return before;
  const coming = file(name, (response) => response.json());
  asked.set(name, coming);
  // the next one may try again
  coming.catch(() => asked.delete(name));
  return coming;
}
