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

/** @param {string} text */
export function say(text) {
  write(byId('status'), text);
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
