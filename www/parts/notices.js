// @ts-check
/** What the page says outside its figures: problems at its top, and by the form one line of status and how far a download is. */

import { byId, h, write } from './dom.js';
import * as words from '#words/main.js';

/** @typedef {import('../engine/engine.js').Backend} Backend */

/**
 * @param {string} sentence
 * @param {boolean} [reload] offers to
 */
export function problem(sentence, reload = false) {
  // a run and what is done behind the page may fail of one thing
  if ([...byId('problems').children].some(({ firstChild }) => firstChild?.textContent === sentence)) return;
  const line = h('p', {}, sentence);
  if (reload) {
    const button = h('button', { type: 'button' }, words.reload);
    button.addEventListener('click', () => location.reload());
    line.append(' ', button);
  }
  byId('problems').append(line);
}

export function clearProblems() {
  byId('problems').replaceChildren();
}

/**
 * @param {string} text
 * @param {boolean} [leads] to the race, which shows it
 */
export function say(text, leads = false) {
  write(byId('status'), text);
  if (!leads) return;
  const link = h('a', { href: '#race' }, words.toRace);
  link.addEventListener('click', (event) => {
    // the address is that of the run
    event.preventDefault();
    byId('race').focus();
  });
  byId('status').append(' ', link);
}

/**
 * @param {Backend} backend
 * @param {string} text
 * @param {number} [loaded] bytes
 * @param {number} [total] 0 where it is not known
 */
export function showProgress(backend, text, loaded = 0, total = 0) {
  const bar = /** @type {HTMLProgressElement} */ (byId('progress-bar'));
  bar.setAttribute('aria-label', words.progressLabel);
  if (total) {
    bar.max = total;
    bar.value = loaded;
  } else {
    bar.removeAttribute('value');
  }
  write(byId('progress-text'), words.progressOf(backend, text));
  byId('progress').hidden = false;
}

export function hideProgress() {
  byId('progress').hidden = true;
}
