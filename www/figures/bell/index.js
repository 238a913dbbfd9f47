// @ts-check
/** One step of the chain along one direction: the network puts the mean, the noise does the rest. */

import * as words from '#words/bell.js';
import { h, s, write } from '../../parts/dom.js';
import { PEAK, Pile, bars, clock, draggable, normal, overlap, points, sized, voice } from '../crescent/plot.js';

/** @typedef {import('../../sections.js').Context} Context */

const NAME = 'bell';
const SEED = 11;
const MEAN = 1.2;
const FARTHEST = 3;
const MANY = 100;
/** Drawn again when the page is opened; further samples follow them. */
const FIRST = 100;
/** More would not be seen. */
const MOST = 5000;
const REACH = 5.6;
const HEIGHT = 268;
const GROUND = 232;
const TALL = 178;
/** Milliseconds that a sample falls, and that many take together. */
const FALL = 700;
const FALL_MANY = 1200;
/** Share of that time that each of many falls. */
const EACH = 0.35;

/** @param {string | undefined} text */
function recalled(text) {
  const mean = /^-?[0-3]\.\d{2}$/.test(text ?? '') ? Number(text) : MEAN;
  return Math.abs(mean) <= FARTHEST ? mean : MEAN;
}

/**
 * @param {HTMLElement} root
 * @param {Context} context
 */
export async function mount(root, context) {
  const toy = await context.toy();
  let mean = recalled(context.recall(NAME));
  /** Noise of each sample: what a step of equal means commits. */
  let noises = [...toy.couple(0, 'reflection', SEED, 0, FIRST).committed];
  let next = FIRST;
  /** How many of them lie in the pile; the others fall. */
  let fallen = FIRST;
  let share = 1;
  /** @type {number | undefined} the noise of a sample that was drawn alone */
  let single;
  let width = 0;
  let sentence = '';
  const falling = clock();

  const scene = s('g');
  const grip = s('path', { class: 'grip' });
  const svg = s('svg', { class: 'bell-picture', role: 'img' }, scene, grip);
  const input = h('input', { type: 'range', id: 'bell-mean', min: -FARTHEST, max: FARTHEST, step: 0.05, value: mean });
  const readout = h('output', { for: 'bell-mean', 'aria-live': 'off' });
  const one = h('button', { type: 'button', class: 'primary' }, words.drawOne);
  const many = h('button', { type: 'button' }, words.drawMany(MANY));
  const clear = h('button', { type: 'button', class: 'quiet' }, words.clear);
  const number = (/** @type {string} */ name, /** @type {string} */ label) => h('div', { 'data-number': name }, h('dt', {}, label), h('dd', {}));
  const numbers = h(
    'dl',
    { class: 'bell-numbers' },
    number('draws', words.labels.draws),
    number('mean', words.labels.mean),
    number('deviation', words.labels.deviation),
    number('common', words.labels.common),
  );
  const told = h('p', { class: 'sentence bell-sentence' });
  const live = h('p', { class: 'sr', 'aria-live': 'polite' });
  const speak = voice(live);
  root.replaceChildren(
    h(
      'div',
      { class: 'bell-figure' },
      h(
        'div',
        { class: 'bell-main' },
        svg,
        h(
          'p',
          { class: 'legend' },
          h('span', {}, h('i', { class: 'key-line' }), words.keys.target),
          h('span', {}, h('i', { class: 'key-line key-dashed' }), words.keys.guess),
          h('span', {}, h('i', { class: 'key-area key-common' }), words.keys.both),
          h('span', {}, h('i', { class: 'key-area key-sample' }), words.keys.sample),
        ),
        told,
      ),
      h(
        'div',
        { class: 'bell-side' },
        h(
          'div',
          { class: 'bell-controls' },
          h('div', { class: 'bell-range' }, h('label', { for: 'bell-mean' }, words.where, h('small', {}, words.unit)), readout, input),
          one,
          h('div', { class: 'bell-buttons' }, many, clear),
        ),
        numbers,
      ),
    ),
    live,
  );

  const x = (/** @type {number} */ value) => ((value + REACH) / (2 * REACH)) * width;
  const y = (/** @type {number} */ value) => GROUND - (value / PEAK) * TALL;

  /** @param {string} text */
  function say(text) {
    if (text === sentence) return;
    sentence = text;
    write(told, text);
    speak(text);
  }

  function draw() {
    const pile = new Pile();
    for (const noise of noises.slice(0, fallen)) pile.add(mean + noise, true);
    drawWords(pile);
    if (width === 0) return;
    const target = (/** @type {number} */ at) => normal(at - mean);
    const curve = (/** @type {(at: number) => number} */ height) => `M${points(x, y, -REACH, REACH, height)}`;
    const both = `${curve((at) => Math.min(normal(at), target(at)))}L${x(REACH)},${GROUND}L0,${GROUND}Z`;
    scene.replaceChildren(
      ...bars(pile, MANY, x, y),
      s('path', { d: both, class: 'bell-common' }),
      s('path', { d: curve(normal), class: 'bell-draft' }),
      s('path', { d: curve(target), class: 'bell-target' }),
      s('line', { x1: 0, x2: width, y1: GROUND, y2: GROUND, class: 'bell-ground' }),
      ...[-4, -2, 0, 2, 4].map((at) => s('text', { x: x(at), y: GROUND + 18, class: 'bar-label' }, words.place(at).replace('.00', ''))),
      ...labels(),
      ...samples(),
      s('circle', { cx: x(mean), cy: y(PEAK), r: 7, class: 'grip-knob' }),
    );
    grip.setAttribute('d', `M${points(x, y, mean - 2, mean + 2, (at) => target(at) + 0.03)}L${x(mean + 2)},${GROUND}L${x(mean - 2)},${GROUND}Z`);
  }

  /** @param {Pile} pile */
  function drawWords(pile) {
    const common = overlap(Math.abs(mean));
    svg.setAttribute('aria-label', words.picture(mean, common, pile.count));
    write(readout, words.place(mean));
    input.setAttribute('aria-valuetext', words.place(mean));
    const values = {
      draws: String(pile.count),
      mean: pile.count ? words.place(pile.mean) : '–',
      deviation: pile.count ? words.place(pile.deviation) : '–',
      common: words.percent(common),
    };
    for (const [name, value] of Object.entries(values)) write(/** @type {Element} */ (numbers.querySelector(`[data-number="${name}"] dd`)), value);
    many.disabled = noises.length + MANY > MOST;
    one.disabled = noises.length >= MOST;
  }

  function labels() {
    const side = mean < 0 ? -1 : 1;
    const apart = Math.abs(x(mean) - x(0)) > 130;
    const anchor = (/** @type {number} */ sign) => (apart ? '' : sign > 0 ? 'bell-name-right' : 'bell-name-left');
    const away = apart ? 0 : 12;
    return [
      s('text', { x: x(mean) + side * away, y: y(PEAK) - 14, class: `bell-name ${anchor(side)}` }, words.names.target),
      s('text', { x: x(0) - side * away, y: y(PEAK) - 14, class: `bell-name bell-name-draft ${anchor(-side)}` }, words.names.guess),
    ];
  }

  /** What falls, or where the last one fell. */
  function samples() {
    const dots = [];
    const count = noises.length - fallen;
    for (let i = 0; i < count; i++) {
      // each falls in a part of the time, one behind the other
      const each = single === undefined ? EACH : 1;
      const own = (share - (i / count) * (1 - each)) / each;
      if (own > 0 && own < 1) dots.push(s('circle', { cx: x(mean + noises[fallen + i]), cy: 8 + (GROUND - 8) * own * own, r: 4.5, class: 'bell-point' }));
    }
    if (single !== undefined && fallen === noises.length) {
      const at = mean + single;
      dots.push(
        s('line', { x1: x(at), x2: x(at), y1: GROUND, y2: y(Math.max(normal(at), normal(single))), class: 'bell-stem' }),
        s('circle', { cx: x(at), cy: GROUND, r: 5.5, class: 'bell-point' }),
      );
    }
    return dots;
  }

  /** @param {number} count */
  function drop(count) {
    falling.stop();
    fallen = noises.length;
    noises.push(...toy.couple(0, 'reflection', SEED, next, count).committed);
    next += count;
    single = count === 1 ? noises[noises.length - 1] : undefined;
    const done = () => {
      fallen = noises.length;
      draw();
      const noise = single ?? NaN;
      say(count === 1 ? words.drawn(mean, noise, normal(mean + noise) / normal(noise)) : words.piled(noises.length, mean, overlap(Math.abs(mean))));
    };
    if (context.still()) return done();
    falling.start(count === 1 ? FALL : FALL_MANY, (now) => {
      share = now;
      if (now === 1) done();
      else draw();
    });
  }

  /** @param {number} to */
  function move(to) {
    mean = Math.max(-FARTHEST, Math.min(FARTHEST, Math.round(to * 20) / 20)) + 0;
    falling.stop();
    fallen = noises.length;
    single = undefined;
    input.value = String(mean);
    draw();
    say(words.moved(mean, overlap(Math.abs(mean)), fallen));
  }
  const remember = () => context.remember(NAME, mean === MEAN ? undefined : mean.toFixed(2));

  input.addEventListener('input', () => move(Number(input.value)));
  input.addEventListener('change', remember);
  draggable(
    svg,
    grip,
    () => x(mean),
    (to) => move((to / width) * 2 * REACH - REACH),
    remember,
  );
  one.addEventListener('click', () => drop(1));
  many.addEventListener('click', () => drop(MANY));
  clear.addEventListener('click', () => {
    falling.stop();
    noises = [];
    fallen = 0;
    single = undefined;
    draw();
    say(words.cleared);
  });
  sentence = words.piled(noises.length, mean, overlap(Math.abs(mean)));
  write(told, sentence);
  sized(svg, HEIGHT, (now) => {
    width = now;
    draw();
  });
}
