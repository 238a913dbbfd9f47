// @ts-check
/**
 * Figure 2, one round under the microscope: the window as a film strip, in four phases, and one position in detail.
 * A function of (trace, cursor, tokens); the phase, what is revealed and the chosen position are the viewer's own.
 */

import { h, s, write } from '../../parts/dom.js';
import { isPeak, stopOf } from '../../state/trace.js';
import * as words from '#words/round.js';
import { whole } from '#words/run.js';
import { COMMIT, DRAFT, JUDGE, VERIFY, drawCell, mountCell } from './cell.js';
import { mountDetail } from './detail.js';
import { drawPath } from './path.js';

/** @typedef {import('../../state/trace.js').Trace} Trace */
/** @typedef {import('../../state/trace.js').Round} Round */
/** @typedef {import('../../sections.js').View} View */
/** @typedef {import('./cell.js').Cell} Cell */

/** Milliseconds of slow motion: per drafted position, for the call, per verdict, and before the commit. */
const PACE = { draft: 110, verify: 1900, judge: 420, rest: 1500 };
const DENSE = 24;
/** Positions of a page: more would take too long to draw at once. */
const PAGE = 48;

/**
 * @param {HTMLElement} root
 * @param {{toRound: (index: number) => void, slowMotion: () => void, still: () => boolean}} wishes what the viewer asks of the page
 */
export function mountRound(root, wishes) {
  /** @type {View | undefined} */
  let view;
  let index = -1;
  /** Rounds that there were when it was last drawn. */
  let known = 0;
  /** The round that the viewer asked for by name, if the cursor is still on it. */
  let asked = -1;
  let phase = COMMIT;
  let revealed = Infinity;
  let selected = 0;
  let timer = 0;
  /** @type {Cell[]} */
  let cells = [];
  /** First position of the page that is shown. */
  let from = 0;

  const title = h('h3', { class: 'round-title' });
  const before = h('button', { type: 'button', class: 'quiet', 'data-action': 'round-before' }, words.buttons.before);
  const after = h('button', { type: 'button', class: 'quiet', 'data-action': 'round-after' }, words.buttons.after);
  const slow = h('button', { type: 'button', 'data-action': 'slow-motion' }, words.buttons.slow);
  const buttons = words.phases.map((name, number) =>
    h('button', { type: 'button', 'data-phase': number }, h('span', { class: 'phase-number' }, String(number + 1)), ` ${name}`),
  );
  const sentence = h('p', { class: 'phase-sentence', 'aria-live': 'polite' });
  const pages = h('div', { class: 'strip-pages', role: 'group', 'aria-label': words.groups.pages });
  const strip = h('div', { class: 'strip', role: 'group', 'aria-label': words.groups.window });
  const path = s('svg', { class: 'path', role: 'img' });
  const detail = mountDetail();
  root.replaceChildren(
    h('div', { class: 'round-head' }, title, h('div', { class: 'round-walk' }, before, after)),
    h('div', { class: 'phases' }, h('div', { class: 'phase-buttons', role: 'group', 'aria-label': words.groups.phases }, ...buttons), slow),
    sentence,
    pages,
    strip,
    path,
    detail.element,
  );

  // until there is a round to show, its place is kept
  root.hidden = true;

  const ask = (/** @type {number} */ wanted) => {
    asked = wanted;
    wishes.toRound(wanted);
  };
  // a button that is disabled would lose the focus
  const walk = (/** @type {HTMLElement} */ button, /** @type {number} */ step) => {
    if (button.getAttribute('aria-disabled') !== 'true') ask(index + step);
  };
  before.addEventListener('click', () => walk(before, -1));
  after.addEventListener('click', () => walk(after, 1));
  slow.addEventListener('click', () => {
    if (timer) halt();
    else startSlowMotion();
    draw();
  });
  for (const [number, button] of buttons.entries()) {
    button.addEventListener('click', () => {
      halt();
      wishes.slowMotion();
      phase = number;
      revealed = Infinity;
      draw();
    });
  }
  strip.addEventListener('keydown', (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (move === undefined || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const count = round()?.length ?? 1;
    select(Math.max(0, Math.min(count - 1, selected + move)));
    cells[selected - from].button.focus();
  });

  const round = () => view?.trace.rounds[index];

  function halt() {
    clearTimeout(timer);
    timer = 0;
  }

  function startSlowMotion() {
    wishes.slowMotion();
    phase = DRAFT;
    selected = 0;
    revealed = wishes.still() ? Infinity : 0;
    timer = window.setTimeout(advance, wishes.still() ? PACE.verify : PACE.draft);
  }

  function advance() {
    const now = round();
    if (!now) return halt();
    let pause = PACE.rest;
    const wanted = phase === DRAFT ? now.length : now.committed;
    if ((phase === DRAFT || phase === JUDGE) && revealed < wanted) {
      revealed += 1;
      pause = revealed === wanted ? PACE.rest : phase === DRAFT ? PACE.draft : PACE.judge;
      if (phase === JUDGE) selected = revealed - 1;
    } else if (phase < COMMIT) {
      phase += 1;
      revealed = phase === JUDGE && !wishes.still() ? 0 : Infinity;
      pause = phase === VERIFY ? PACE.verify : wishes.still() ? PACE.verify : PACE.judge;
    } else {
      halt();
      draw();
      return undefined;
    }
    timer = window.setTimeout(advance, pause);
    draw();
    return undefined;
  }

  /** @param {number} position */
  function select(position) {
    const now = round();
    if (position === selected || !now || !view) return;
    const last = selected;
    selected = position;
    if (pageOf(position) !== from) {
      draw();
      return;
    }
    for (const one of [last, position]) if (cells[one - from]) drawCell(cells[one - from], now, view.trace.dim, one, seen());
    drawDetail(now, view.trace);
  }

  const seen = () => ({ phase, revealed, selected });

  /** @param {number} place on its page @param {Event} by */
  function choose(place, by) {
    // one that passes over the strip chooses only while nothing moves
    if (by instanceof PointerEvent && by.type === 'pointerenter' && (by.pointerType !== 'mouse' || timer)) return;
    select(from + place);
  }

  const pageOf = (/** @type {number} */ position) => PAGE * Math.floor(position / PAGE);

  /** @param {Round} now */
  function drawPages(now) {
    const count = Math.ceil(now.length / PAGE);
    pages.hidden = count < 2;
    pages.replaceChildren(
      ...(count < 2
        ? []
        : Array.from({ length: count }, (_, page) => {
            const [first, end] = [PAGE * page, Math.min(now.length, PAGE * (page + 1))];
            const button = h(
              'button',
              { type: 'button', 'aria-pressed': String(first === from) },
              `${whole(now.level[first] + 1)}–${whole(now.level[end - 1] + 1)}`,
            );
            button.addEventListener('click', () => select(first));
            return button;
          })),
    );
  }

  /** @param {Round} now @param {Trace} trace */
  function drawDetail(now, trace) {
    detail.draw(
      now,
      trace.dim,
      selected,
      { answered: phase >= VERIFY, judged: phase === COMMIT || (phase === JUDGE && selected < revealed) },
      trace.source.kind === 'recorded',
    );
  }

  function draw() {
    const now = round();
    root.hidden = now === undefined;
    if (!now || !view) return;
    const { trace } = view;
    selected = Math.min(selected, now.length - 1);
    write(title, words.title(index, trace.rounds.length, now));
    before.setAttribute('aria-disabled', String(index === 0));
    after.setAttribute('aria-disabled', String(index >= trace.rounds.length - 1));
    write(slow, timer ? words.buttons.stop : words.buttons.slow);
    slow.setAttribute('aria-pressed', String(timer !== 0));
    for (const [number, button] of buttons.entries()) {
      if (number === phase) button.setAttribute('aria-current', 'step');
      else button.removeAttribute('aria-current');
    }
    sentence.setAttribute('aria-live', timer || wishes.still() || document.activeElement?.closest('.phases') ? 'polite' : 'off');
    write(sentence, words.phaseSentences(now, trace)[phase]);
    from = pageOf(selected);
    const count = Math.min(PAGE, now.length - from);
    if (cells.length !== count) {
      cells = Array.from({ length: count }, (_, place) => cells[place] ?? mountCell((by) => choose(place, by)));
      strip.replaceChildren(...cells.map(({ button }) => button));
    }
    drawPages(now);
    strip.classList.toggle('dense', now.length > DENSE);
    for (const [place, cell] of cells.entries()) drawCell(cell, now, trace.dim, from + place, seen());
    const judged = phase === COMMIT && isPeak(now, 0);
    path.toggleAttribute('hidden', !judged);
    if (judged) {
      drawPath(path, now, trace.dim, words.pathWords);
      path.setAttribute('aria-label', words.pathLabel(now));
    }
    drawDetail(now, trace);
  }

  /** @param {View} next */
  return (next) => {
    const under = Math.max(0, next.cursor.rounds - 1);
    if (under !== asked) asked = -1;
    const wanted = under === asked ? under : telling(next.trace.rounds, under, next.table.speculative.level[next.cursor.rounds] === next.table.steps);
    // hidden: the round that was wanted was not there yet
    const other = next.trace !== view?.trace || wanted !== index || root.hidden;
    const grown = next.trace.rounds.length !== known;
    known = next.trace.rounds.length;
    view = next;
    if (!other) {
      if (grown) draw();
      return;
    }
    index = wanted;
    halt();
    phase = COMMIT;
    revealed = Infinity;
    const now = round();
    if (now) selected = Math.max(0, stopOf(now) >= 0 ? stopOf(now) : 0);
    draw();
  };
}

/**
 * The round under the cursor; once the lane is done, its longest round that ended in a rejection.
 * @param {Round[]} rounds
 * @param {number} index
 * @param {boolean} done
 */
function telling(rounds, index, done) {
  if (!done) return index;
  const weight = (/** @type {Round} */ round) => (stopOf(round) >= 0 ? round.committed : 0);
  return rounds.reduce((best, round, at) => (weight(round) > weight(rounds[best]) ? at : best), 0);
}
