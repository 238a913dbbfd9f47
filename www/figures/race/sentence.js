// @ts-check
/** The sentence under the race, and its announcement: while something moves only now and then. */

import { write } from '../../parts/dom.js';
import * as words from '#words/main.js';
import { cursorSentence } from '#words/run.js';

/** Milliseconds between two announcements while something moves, and before one of what stands. */
const ANNOUNCE_EVERY = 3000;
const ANNOUNCE_AFTER = 150;

/** @param {HTMLElement} shown @param {HTMLElement} live where it is announced */
export function mountSentence(shown, live) {
  let announcedAt = 0;
  let timer = 0;

  /** @param {string} sentence @param {boolean} moving */
  function announce(sentence, moving) {
    clearTimeout(timer);
    const wait = moving ? Math.max(0, announcedAt + ANNOUNCE_EVERY - performance.now()) : ANNOUNCE_AFTER;
    const say = () => {
      announcedAt = performance.now();
      write(live, sentence);
    };
    if (wait === 0) say();
    else timer = window.setTimeout(say, wait);
  }

  /**
   * @param {import('../../state/session.js').Run} run
   * @param {import('../../state/trace.js').Cursor} cursor
   * @param {import('../../state/session.js').Computing | undefined} computing
   * @param {boolean} playing
   */
  return ({ trace, table }, cursor, computing, playing) => {
    const lane = computing && table[computing.lane];
    const sentence = lane
      ? words.computing(computing.lane, lane.level.at(-1) ?? 0, table.steps, lane.calls.at(-1) ?? 0, computing.held)
      : cursorSentence(trace, table, cursor);
    write(shown, sentence);
    announce(sentence, playing || computing !== undefined);
  };
}
