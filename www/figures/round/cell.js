// @ts-check
/** A position in the film strip of a round: its draft, what the network predicted there, and what became of it. */

import { h, write } from '../../parts/dom.js';
import { drawPixels } from '../../parts/pixels.js';
import { image, isPeak, verdictOf } from '../../state/trace.js';
import * as words from '#words/round.js';
import { whole } from '#words/run.js';

/** @typedef {import('../../state/trace.js').Round} Round */
/** @typedef {{button: HTMLButtonElement, level: HTMLElement, sign: HTMLElement, draft: HTMLCanvasElement, estimate: HTMLCanvasElement, reflected: HTMLCanvasElement, mark: HTMLElement, gap: HTMLElement, kept: HTMLElement}} Cell */

/** What is shown of a round, one after the other. */
export const DRAFT = 0;
export const VERIFY = 1;
export const JUDGE = 2;
export const COMMIT = 3;
const MARKS = { accepted: '✓', rejected: '✕', deterministic: '=', discarded: '' };
/** Distance of the means that fills its bar. */
const FULL_BAR = 2;

/**
 * @param {(by: Event) => void} chosen by a click, the focus or a pointer
 * @returns {Cell}
 */
export function mountCell(chosen) {
  const parts = {
    level: h('span'),
    sign: h('span', { class: 'cell-sign', 'aria-hidden': 'true' }),
    draft: h('canvas', { class: 'pixels', width: 16, height: 16 }),
    estimate: h('canvas', { class: 'pixels cell-estimate', width: 16, height: 16 }),
    reflected: h('canvas', { class: 'pixels cell-reflected', width: 16, height: 16 }),
    gap: h('span', { class: 'cell-gap' }, h('i')),
    mark: h('span', { class: 'cell-mark' }),
    kept: h('span', { class: 'cell-kept', title: words.reusedHelp }, words.reused),
  };
  const button = h(
    'button',
    { type: 'button', class: 'cell' },
    h('span', { class: 'cell-head' }, h('span', {}, h('span', { class: 'sr' }, words.step), parts.level), parts.sign),
    h('span', { class: 'cell-pictures' }, h('span', { class: 'cell-frame' }, parts.draft, parts.estimate), parts.reflected),
    parts.gap,
    parts.mark,
    parts.kept,
  );
  for (const type of ['click', 'focus', 'pointerenter']) button.addEventListener(type, chosen);
  return { button, ...parts };
}

/**
 * @param {Cell} cell
 * @param {Round} now
 * @param {number} dim
 * @param {number} position
 * @param {{phase: number, revealed: number, selected: number}} seen the phase, positions revealed in it, and the chosen one
 */
export function drawCell(cell, now, dim, position, { phase, revealed, selected }) {
  const word = verdictOf(now, position);
  const drafted = phase > DRAFT || position < revealed;
  const judged = phase === COMMIT || (phase === JUDGE && position < revealed && (word !== 'discarded' || revealed > now.length));
  const shown = !drafted ? 'empty' : judged ? word : 'drafted';
  cell.button.dataset.state = shown;
  cell.button.tabIndex = position === selected ? 0 : -1;
  cell.button.setAttribute('aria-pressed', String(position === selected));
  write(cell.level, whole(now.level[position] + 1));
  write(cell.sign, judged ? MARKS[word] : '');
  cell.kept.hidden = now.carried[position] !== 1;
  // its line is kept, so that nothing below moves
  cell.kept.style.visibility = drafted ? 'visible' : 'hidden';
  drawPixels(cell.draft, drafted ? image(word === 'deterministic' && judged ? now.state : now.draft, position, dim) : undefined);
  cell.estimate.hidden = phase < VERIFY;
  if (phase >= VERIFY) drawPixels(cell.estimate, image(now.estimate, position, dim));
  // the bar says how far apart the means are before the verdict says what came of it
  const gap = phase >= VERIFY ? now.gap[position] : NaN;
  cell.gap.style.visibility = Number.isFinite(gap) && (judged || word !== 'discarded') ? 'visible' : 'hidden';
  cell.gap.style.setProperty('--gap', String(Math.min(1, gap / FULL_BAR || 0)));
  cell.gap.title = Number.isFinite(gap) ? words.gapBar(gap) : '';
  cell.reflected.hidden = shown !== 'rejected';
  if (shown === 'rejected') drawPixels(cell.reflected, image(now.state, position, dim));
  const mark = shown === 'rejected' && isPeak(now, position) ? 'replaced' : shown === 'drafted' && phase === VERIFY ? 'verifying' : shown;
  const [said, unseen] = words.marks[mark];
  cell.mark.replaceChildren(said, ...(unseen ? [h('span', { class: 'sr' }, ` ${unseen}`)] : []));
}
