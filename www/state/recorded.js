// @ts-check
/** Fetches the recorded race, which a visitor sees first. */

import * as words from '#words/main.js';
import { decodeRace } from './trace.js';

/**
 * Throws an error whose message is a sentence.
 * @param {() => void} [arrived] called once, when nothing more is to be fetched for it, whether it has come or not
 * @returns {Promise<import('./trace.js').Trace>}
 */
export async function recordedRace(arrived = () => {}) {
  try {
    const { ok, status, body } = await fetch(new URL('../assets/race.bin', import.meta.url));
    if (!ok || !body) throw new Error(words.answered(status));
    return await decodeRace(/** @type {ReadableStream<BufferSource>} */ (body));
  } catch (error) {
    throw new Error(words.noRecorded(error instanceof RangeError ? words.cutShort : error instanceof Error ? error.message : String(error)), { cause: error });
  } finally {
    arrived();
  }
}
