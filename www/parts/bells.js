// @ts-check
/** What the figures of two bells share: a bell that is moved, draws that pile up under it, their numbers and a sentence. */

import { h, s, write } from './dom.js';
import { density } from './normal.js';
import { announcer, graph, line } from './plot.js';

/** @typedef {import('./plot.js').Scale} Scale */

/** Height of a bell. */
export const PEAK = density(0);
/** Width of a bar, in units of the noise. */
const BIN = 0.25;
/** How far a bell can be grasped on either side of its mean, and over its curve. */
const GRASP = 2;
const OVER = 0.03;

/** Draws that have been made: how many, their moments, and how many fell in each bar. */
export class Pile {
  count = 0;
  passed = 0;
  #sum = 0;
  #squares = 0;
  /** @type {Map<number, [number, number]>} of each bar the draws that failed and that passed the test */
  bars = new Map();

  /** @param {number} value @param {boolean} passed */
  add(value, passed) {
    this.count += 1;
    this.passed += Number(passed);
    this.#sum += value;
    this.#squares += value * value;
    const bar = Math.floor(value / BIN);
    const counts = this.bars.get(bar) ?? [0, 0];
    counts[Number(passed)] += 1;
    this.bars.set(bar, counts);
  }

  get mean() {
    return this.#sum / this.count;
  }
  get deviation() {
    return Math.sqrt(Math.max(0, this.#squares / this.count - this.mean ** 2));
  }
}

/**
 * The bars of a pile, as densities: while there are fewer than `full` draws they grow towards the curve.
 * @param {Pile} pile
 * @param {number} full
 * @param {Scale} x
 * @param {Scale} y
 */
export function bars(pile, full, x, y) {
  const unit = 1 / (Math.max(full, pile.count) * BIN);
  const width = x(BIN) - x(0) - 1;
  const rect = (/** @type {number} */ bar, /** @type {number} */ from, /** @type {number} */ count, /** @type {string} */ kind) =>
    s('rect', {
      x: (x(bar * BIN) + 0.5).toFixed(2),
      y: y((from + count) * unit).toFixed(2),
      width: width.toFixed(2),
      height: (y(0) - y(count * unit)).toFixed(2),
      class: `pile-${kind}`,
    });
  return [...pile.bars].flatMap(([bar, [failed, passed]]) => [
    ...(passed > 0 ? [rect(bar, 0, passed, 'passed')] : []),
    ...(failed > 0 ? [rect(bar, passed, failed, 'failed')] : []),
  ]);
}

/**
 * Sideways dragging of a part of a drawing; the range input beside it does the same from the keyboard.
 * @param {SVGElement} svg which keeps the pointer, because its parts are redrawn
 * @param {SVGElement} part
 * @param {() => number} start where the part stands, in pixels
 * @param {(to: number) => void} moved
 * @param {() => void} dropped
 */
function draggable(svg, part, start, moved, dropped) {
  let offset = NaN;
  const at = (/** @type {PointerEvent} */ event) => event.clientX - svg.getBoundingClientRect().left;
  part.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    offset = start() - at(event);
    svg.setPointerCapture(event.pointerId);
    svg.classList.add('dragging');
    event.preventDefault();
  });
  svg.addEventListener('pointermove', (event) => {
    if (!Number.isNaN(offset)) moved(at(event) + offset);
  });
  for (const end of /** @type {const} */ (['pointerup', 'pointercancel'])) {
    svg.addEventListener(end, () => {
      if (Number.isNaN(offset)) return;
      offset = NaN;
      svg.classList.remove('dragging');
      dropped();
    });
  }
}

/**
 * Where the bell stands that can be moved: in steps of the slider, between its ends.
 * @typedef {{id: string, min: number, max: number, step: number, value: number, label: (Node | string)[]}} Range
 */
/**
 * @param {HTMLElement} root
 * @param {object} parts
 * @param {string} parts.name of the figure
 * @param {Range} parts.range
 * @param {Record<string, string>} parts.labels of the numbers
 * @param {boolean} [parts.wanted] whether beside a number stands what it should be
 * @param {SVGElement[]} [parts.defs]
 * @param {(svg: SVGElement) => Element[]} parts.main what stands over the sentence, with the picture in it
 * @param {HTMLButtonElement[]} parts.buttons the first of them is the largest
 * @param {HTMLElement[]} [parts.choices]
 */
export function mountBells(root, { name, range, labels, wanted = false, defs = [], main, buttons: [first, ...buttons], choices = [] }) {
  const scene = s('g');
  const grip = s('path', { class: 'grip' });
  const svg = s('svg', { class: `${name}-picture`, role: 'img' }, ...defs, scene, grip);
  const { id, min, max, step, value } = range;
  const input = h('input', { type: 'range', id, min, max, step, value });
  const readout = h('output', { for: id, 'aria-live': 'off' });
  const rows = Object.fromEntries(
    Object.entries(labels).map(([key, label]) => [
      key,
      h('div', { 'data-number': key }, h('dt', {}, label), h('dd'), ...(wanted ? [h('dd', { class: 'bell-wanted' })] : [])),
    ]),
  );
  const sentence = h('p', { class: 'sentence bell-sentence' });
  const live = h('p', { class: 'sr', 'aria-live': 'polite' });
  const speak = announcer(live, { after: 250, every: 1000 });
  root.replaceChildren(
    h(
      'div',
      { class: 'bell-figure' },
      h('div', { class: 'bell-main' }, ...main(svg), sentence),
      h(
        'div',
        { class: 'bell-side' },
        h(
          'div',
          { class: 'bell-controls' },
          h('div', { class: 'bell-range' }, h('label', { for: id }, ...range.label), readout, input),
          first,
          h('div', { class: 'bell-buttons' }, ...buttons),
        ),
        ...choices,
        h('dl', { class: 'bell-numbers' }, ...Object.values(rows)),
      ),
    ),
    live,
  );
  const fitting = (/** @type {number} */ to) => Number(Math.max(min, Math.min(max, Math.round(to / step) * step)).toFixed(2)) + 0;

  return {
    svg,
    scene,
    /** @param {string} text @param {boolean} [aloud] */
    say(text, aloud = true) {
      if (sentence.textContent === text) return;
      write(sentence, text);
      if (aloud) speak(text);
    },
    /** @param {string} key @param {string} shown @param {string} [due] @param {boolean} [off] whether it differs from that */
    number(key, shown, due = '', off = false) {
      write(rows[key].children[1], shown);
      if (wanted) write(rows[key].children[2], due);
      rows[key].toggleAttribute('data-off', off);
    },
    /** The bell that can be moved. @param {Scale} x @param {Scale} y @param {number} mean @param {number} ground @param {string} text where it stands */
    place(x, y, mean, ground, text) {
      input.value = String(mean);
      write(readout, text);
      input.setAttribute('aria-valuetext', text);
      const points = graph(x, y, [mean - GRASP, mean + GRASP], (at) => density(at - mean) + OVER);
      grip.setAttribute('d', `${line(points)}L${x(mean + GRASP)},${ground}L${x(mean - GRASP)},${ground}Z`);
    },
    /** @param {() => number} at where it stands in pixels @param {(pixel: number) => number} mean of a bell there @param {(mean: number) => void} moved @param {() => void} rested */
    moves(at, mean, moved, rested) {
      input.addEventListener('input', () => moved(fitting(Number(input.value))));
      input.addEventListener('change', rested);
      draggable(svg, grip, at, (to) => moved(fitting(mean(to))), rested);
    },
  };
}
