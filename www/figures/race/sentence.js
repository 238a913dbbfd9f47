// @ts-check
/** The sentence under the race, and its announcement. */

import { write } from '../../parts/dom.js';
import { announcer } from '../../parts/plot.js';
import * as words from '#words/main.js';
import { cursorSentence } from '#words/run.js';

/** What stands is said at once, a run that is computed now and then; a replay only once it has come to rest. */
const STANDING = { after: 150 };
const COMPUTING = { after: 0, every: 3000 };

/** @param {HTMLElement} shown @param {HTMLElement} live where it is announced */
export function mountSentence(shown, live) {
  const announce = announcer(live, STANDING);

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
    if (computing) announce(sentence, COMPUTING);
    else if (!playing) announce(sentence);
  };
}
