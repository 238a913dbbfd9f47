// @ts-check
/** Fetches what was recorded: the race that a visitor sees first, and rounds with longer windows for the microscope. */

import { decode, decodeRace } from './trace.js';
import * as words from '#words/main.js';

/** @typedef {import('./trace.js').Trace} Trace */

/** @param {string} name of a file in assets/ */
async function fetchAsset(name) {
  const response = await fetch(new URL(`../assets/${name}`, import.meta.url));
  if (!response.ok || !response.body) throw new Error(words.answered(response.status));
  return response;
}

/**
 * Throws an error whose message is a sentence.
 * @param {() => void} arrived called once, when nothing more is to be fetched for it, whether it has come or not
 * @returns {Promise<Trace>}
 */
export async function recordedRace(arrived) {
  try {
    const { body } = await fetchAsset('race.bin');
    return await decodeRace(/** @type {ReadableStream<BufferSource>} */ (body));
  } catch (error) {
    throw new Error(words.noRecorded(error instanceof RangeError ? words.cutShort : error instanceof Error ? error.message : String(error)), { cause: error });
  } finally {
    arrived();
  }
}

/** @returns {Promise<Trace>} */
export async function recordedRounds() {
  return decode(await (await fetchAsset('microscope.json')).json());
}
