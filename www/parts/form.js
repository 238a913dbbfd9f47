// @ts-check
/** The buttons of the form: run, find the fastest, hold, cancel, copy the link, save and load. The fields are controls.js. */

import { byId, write } from './dom.js';
import { clearProblems, say } from './notices.js';
import { copied } from './download.js';
import { mountSaving } from './saving.js';
import * as words from '#words/main.js';

/** @typedef {import('../state/session.js').Session} Session */

/**
 * @param {{run: () => void, measure: () => void, hold: () => void, cancel: () => void, link: () => string,
 *   shown: () => import('../state/session.js').Run | undefined, repeat: (run: import('../state/files.js').Imported) => void}} page
 *   `link` writes the address and returns it, `repeat` runs a saved run again
 */
export function mountForm(page) {
  byId('form').addEventListener('submit', (event) => {
    event.preventDefault();
    page.run();
  });
  byId('measure').addEventListener('click', page.measure);
  byId('hold').addEventListener('click', page.hold);
  byId('cancel').addEventListener('click', page.cancel);
  byId('share').addEventListener('click', async () => {
    const link = page.link();
    say((await copied(link)) ? words.status.copied : words.linkIs(link));
  });
  mountSaving({
    run: page.shown,
    loading: () => {
      clearProblems();
      say('');
    },
    loaded: page.repeat,
    refused: say,
  });
  return {
    /** @param {boolean} busy whether an engine works for the visitor @param {import('../state/session.js').Computing | undefined} run */
    draw(busy, run) {
      byId('hold').hidden = !busy || !run;
      write(byId('hold'), run?.held ? words.hold.continue : words.hold.pause);
      byId('cancel').hidden = !busy;
    },
  };
}
