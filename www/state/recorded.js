// @ts-check
/** Fetches the recorded race, which a visitor sees first. */

import * as words from '#words/main.js';
import { fetched, isLate } from '../parts/arrivals.js';
import { decodeRace } from './trace.js';

/**
 * Throws an error whose message is a sentence.
 * @param {() => void} [arrived] called once, when nothing more is to be fetched for it, whether it has come or not
 * @returns {Promise<import('./trace.js').Trace>}
 */
export async function recordedRace(arrived = () => {}) {
  try {
    return await fetched(new URL('../assets/race.bin', import.meta.url), async ({ ok, status, body }) => {
      if (!ok || !body) throw new Error(words.answered(status));
      return decodeRace(/** @type {ReadableStream<BufferSource>} */ (body));
    });
  } catch (error) {
    throw new Error(
      words.noRecorded(error instanceof RangeError ? words.cutShort : isLate(error) ? words.late : error instanceof Error ? error.message : String(error)),
      { cause: error },
    );
  } finally {
    arrived();
  }
}
