// @ts-check
/** One step of the chain along one direction: the network puts the mean, the noise does the rest. */

import * as words from '#words/bell.js';
import { percent, place, setting, whole } from '#words/run.js';
import { PEAK, Pile, bars, mountBells } from '../../parts/bells.js';
import { h, s } from '../../parts/dom.js';
import { density, overlap } from '../../parts/normal.js';
import { graph, line, linear, sizeOf, sized, tween } from '../../parts/plot.js';

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
const GROUND = 232;
const TALL = 178;
/** Milliseconds that a sample falls, and that many take together. */
const FALL = 700;
const FALL_MANY = 1200;
/** Share of that time that each of many falls. */
const EACH = 0.35;
/** Pixels between two bells whose names do not touch. */
const APART = 130;

/** @param {string | undefined} text */
function recalled(text) {
  const mean = /^-?[0-3]\.\d{2}$/.test(text ?? '') ? Number(text) : MEAN;
  return Math.abs(mean) <= FARTHEST ? mean : MEAN;
}

/** @type {import('../../sections.js').Figure['mount']} */
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
  const falling = tween();

  const one = h('button', { type: 'button', class: 'primary' }, words.drawOne);
  const many = h('button', { type: 'button' }, words.drawMany(MANY));
  const clear = h('button', { type: 'button', class: 'quiet' }, words.clear);
  const key = (/** @type {string} */ kind, /** @type {string} */ name) => h('span', {}, h('i', { class: kind }), name);
  const bells = mountBells(root, {
    name: NAME,
    range: { id: 'bell-mean', min: -FARTHEST, max: FARTHEST, step: 0.05, value: mean, label: [words.where, h('small', {}, words.unit)] },
    labels: words.labels,
    main: (svg) => [
      svg,
      h(
        'p',
        { class: 'legend' },
        key('key-line', words.keys.target),
        key('key-line key-dashed', words.keys.guess),
        key('key-area key-common', words.keys.both),
        key('key-area key-sample', words.keys.sample),
      ),
    ],
    buttons: [one, many, clear],
  });
  let x = linear([-REACH, REACH], [0, 0]);
  const y = linear([0, PEAK], [GROUND, GROUND - TALL]);
  const common = () => overlap(mean);

  function draw() {
    const { width } = sizeOf(bells.svg);
    x = linear([-REACH, REACH], [0, width]);
    const pile = new Pile();
    for (const noise of noises.slice(0, fallen)) pile.add(mean + noise, true);
    drawWords(pile);
    if (width === 0) return;
    const target = (/** @type {number} */ at) => density(at - mean);
    const curve = (/** @type {(at: number) => number} */ height) => line(graph(x, y, [-REACH, REACH], height));
    bells.scene.replaceChildren(
      ...bars(pile, MANY, x, y),
      s('path', { d: `${curve((at) => Math.min(density(at), target(at)))}L${x(REACH)},${GROUND}L0,${GROUND}Z`, class: 'bell-common' }),
      s('path', { d: curve(density), class: 'bell-draft' }),
      s('path', { d: curve(target), class: 'bell-target' }),
      s('line', { x1: 0, x2: width, y1: GROUND, y2: GROUND, class: 'bell-ground' }),
      ...[-4, -2, 0, 2, 4].map((at) => s('text', { x: x(at), y: GROUND + 18, class: 'bar-label' }, setting(at))),
      ...names(),
      ...samples(),
      s('circle', { cx: x(mean), cy: y(PEAK), r: 7, class: 'grip-knob' }),
    );
  }

  /** @param {Pile} pile */
  function drawWords(pile) {
    bells.svg.setAttribute('aria-label', words.picture(mean, common(), pile.count));
    bells.place(x, y, mean, GROUND, place(mean));
    bells.number('draws', whole(pile.count));
    bells.number('mean', pile.count ? place(pile.mean) : '–');
    bells.number('deviation', pile.count ? place(pile.deviation) : '–');
    bells.number('common', percent(common(), 1));
    many.disabled = noises.length + MANY > MOST;
    one.disabled = noises.length >= MOST;
  }

  function names() {
    const side = mean < 0 ? -1 : 1;
    const apart = Math.abs(x(mean) - x(0)) > APART;
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
      // each falls in a part of the time, one after the other
      const each = single === undefined ? EACH : 1;
      const own = (share - (i / count) * (1 - each)) / each;
      if (own > 0 && own < 1) dots.push(s('circle', { cx: x(mean + noises[fallen + i]), cy: 8 + (GROUND - 8) * own * own, r: 4.5, class: 'bell-point' }));
    }
    if (single !== undefined && fallen === noises.length) {
      const at = mean + single;
      dots.push(
        s('line', { x1: x(at), x2: x(at), y1: GROUND, y2: y(Math.max(density(at), density(single))), class: 'bell-stem' }),
        s('circle', { cx: x(at), cy: GROUND, r: 5.5, class: 'bell-point' }),
      );
    }
    return dots;
  }

  /** Ends what is under way. */
  function rest() {
    falling.stop();
    fallen = noises.length;
    single = undefined;
  }

  /** @param {number} count */
  function drop(count) {
    rest();
    noises.push(...toy.couple(0, 'reflection', SEED, next, count).committed);
    next += count;
    if (count === 1) single = noises[noises.length - 1];
    const done = () => {
      fallen = noises.length;
      draw();
      bells.say(single === undefined ? words.piled(noises.length, mean, common()) : words.drawn(mean, single, density(mean + single) / density(single)));
    };
    if (context.still()) return done();
    falling.start(count === 1 ? FALL : FALL_MANY, (now) => {
      share = now;
      if (now === 1) done();
      else draw();
    });
  }

  bells.moves(
    () => x(mean),
    (pixel) => (pixel / (x(REACH) - x(-REACH))) * 2 * REACH - REACH,
    (to) => {
      rest();
      mean = to;
      draw();
      bells.say(words.moved(mean, common(), fallen));
    },
    () => context.remember(NAME, mean === MEAN ? undefined : mean.toFixed(2)),
  );
  one.addEventListener('click', () => drop(1));
  many.addEventListener('click', () => drop(MANY));
  clear.addEventListener('click', () => {
    noises = [];
    rest();
    draw();
    bells.say(words.cleared);
  });
  bells.say(words.piled(noises.length, mean, common()), false);
  sized(bells.svg, draw);
}
