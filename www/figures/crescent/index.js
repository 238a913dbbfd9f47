// @ts-check
/** Why reflection is exact: what sticks out of the draft's bell is the mirror image of what the target's bell leaves uncovered. */

import * as words from '#words/crescent.js';
import { percent, place as at, whole } from '#words/run.js';
import { mountBells } from '../../parts/bells.js';
import { h, write } from '../../parts/dom.js';
import { overlap } from '../../parts/normal.js';
import { sizeOf, sized, tween } from '../../parts/plot.js';
import { Draws } from './draws.js';
import { FULL, GROUND, heightOf, meanAt, patterns, picture, scales, smooth } from './picture.js';

/** @typedef {import('./draws.js').Rule} Rule */

const NAME = 'crescent';
const GAP = 1.5;
const FARTHEST = 4;
/** @type {Rule[]} */
const RULES = ['reflection', 'keep-noise', 'redraw', 'accept-all'];
/** More would not be seen. */
const MOST = 20000;
/** Milliseconds that the crescent is turned over, that many draws fall, and that one takes. */
const FLIP = 1100;
const FALL_MANY = 1100;
const TRIAL = 2800;

/** @param {string | undefined} text */
function recalled(text) {
  const [, gap, rule] = /^([0-4]\.\d{2})-([a-z-]+)$/.exec(text ?? '') ?? [];
  const known = RULES.find((one) => one === rule);
  return known && Number(gap) <= FARTHEST ? { gap: Number(gap), rule: known } : { gap: GAP, rule: RULES[0] };
}

/** What to do with a draft that fails. @param {Rule} chosen @param {(rule: Rule) => boolean} isExact */
const choicesOf = (chosen, isExact) =>
  h(
    'fieldset',
    { class: 'crescent-rules' },
    h('legend', {}, words.question),
    ...RULES.map((rule) =>
      h(
        'label',
        { 'data-exact': String(isExact(rule)) },
        h('input', { type: 'radio', name: 'crescent-rule', value: rule, checked: rule === chosen }),
        h('span', {}, words.rules[rule]),
        h('small', {}, words.exactness(isExact(rule))),
      ),
    ),
  );

/** @type {import('../../sections.js').Figure['mount']} */
export async function mount(root, context) {
  const toy = await context.toy();
  const { gap, rule } = recalled(context.recall(NAME));
  let draws = new Draws(toy, gap, rule);
  let flipped = false;
  let turned = 0;
  /** @type {import('./draws.js').Trial | undefined} */
  let trial;
  let share = 1;
  /** Of the picture, and where the legend of the bells ends. */
  let place = { width: 0, below: 0 };
  const [flipping, drawing] = [tween(), tween()];

  const key = (/** @type {string} */ kind, /** @type {Node | string} */ name) => h('span', {}, h('i', { class: `key-area ${kind}` }), name);
  const [fate, sticking] = [h('span'), h('span', {}, words.keys.out)];
  const open = key('key-open', words.keys.open);
  const keys = h('p', { class: 'legend crescent-keys' }, key('', words.keys.both), key('key-out', sticking), open);
  const flip = h('button', { type: 'button', class: 'primary' });
  const one = h('button', { type: 'button' }, words.drawOne);
  const many = h('button', { type: 'button' }, words.drawMany(FULL));
  const clear = h('button', { type: 'button', class: 'quiet' }, words.clear);
  const choices = choicesOf(rule, (name) => new Draws(toy, gap, name).exact);
  const bells = mountBells(root, {
    name: NAME,
    range: { id: 'crescent-gap', min: 0, max: FARTHEST, step: 0.05, value: gap, label: [words.distance] },
    labels: words.labels,
    wanted: true,
    defs: [patterns()],
    main: (svg) => [h('div', { class: 'crescent-plots' }, svg, keys, h('p', { class: 'legend' }, key('key-passed', words.accepted), key('key-failed', fate)))],
    buttons: [flip, one, many, clear],
    choices: [choices],
  });

  const common = () => overlap(draws.gap);
  const pileSentence = () => words.pileWords(draws.pile, common(), draws.rule, draws.exact, draws.off.mean || draws.off.deviation);

  function draw() {
    place = { ...place, width: sizeOf(bells.svg).width };
    drawWords();
    if (place.width > 0) bells.scene.replaceChildren(...picture({ draws, turned, trial, share }, place));
  }

  function drawWords() {
    const { gap, rule, exact, pile, spread, off } = draws;
    const { x, y } = scales(place);
    bells.svg.setAttribute('aria-label', words.picture(gap, common(), pile.count, rule, exact, flipped));
    bells.place(x, y, gap, GROUND, at(gap));
    write(flip, flipped ? words.flipBack : words.flip);
    write(fate, words.fates[rule]);
    // the crescent lies on what was not covered
    const covered = turned === 1;
    write(sticking, covered ? words.fates.reflection : words.keys.out);
    open.style.visibility = covered ? 'hidden' : 'visible';
    const isEmpty = pile.count === 0;
    bells.number('draws', whole(pile.count));
    bells.number('accepted', isEmpty ? words.none : percent(pile.passed / pile.count, 1), words.overlapIs(common()));
    for (const [name, due] of /** @type {const} */ ([
      ['mean', 0],
      ['deviation', 1],
    ])) {
      if (isEmpty) bells.number(name, words.none);
      else bells.number(name, at(pile[name]), words.wantedIs(due, spread[name], off[name]), off[name]);
    }
    many.disabled = draws.count + FULL > MOST;
    one.disabled = draws.count >= MOST;
  }

  /**
   * Draws some, and lets them fall.
   * @param {number} count
   * @param {number} ms
   * @param {(now: number) => void} frame
   * @param {() => string} sentence
   */
  function drop(count, ms, frame, sentence) {
    drawing.stop();
    draws.settle();
    draws.take(count);
    trial = count === 1 ? draws.waiting[0] : undefined;
    const done = () => {
      draws.settle();
      share = 1;
      draw();
      bells.say(sentence());
    };
    if (context.still()) return done();
    drawing.start(ms, (now) => {
      if (now === 1) return done();
      frame(now);
      draw();
    });
  }

  function drawOne() {
    drop(
      1,
      TRIAL,
      (now) => {
        share = now;
      },
      () => words.trialWords(/** @type {import('./draws.js').Trial} */ (trial), draws.rule),
    );
  }

  const drawMany = () => drop(FULL, FALL_MANY, (now) => draws.settle(draws.waiting.length - Math.round(FULL * (1 - now))), pileSentence);

  /** @param {Draws} others to be shown at once */
  function show(others) {
    drawing.stop();
    [draws, trial] = [others, undefined];
    draw();
    bells.say(pileSentence());
  }

  const remember = () => context.remember(NAME, draws.gap === GAP && draws.rule === RULES[0] ? undefined : `${draws.gap.toFixed(2)}-${draws.rule}`);
  bells.moves(
    () => scales(place).x(draws.gap),
    (pixel) => meanAt(pixel, place.width),
    (to) => show(draws.again(to, draws.rule, FULL)),
    remember,
  );
  /** @param {Rule} rule */
  function take(rule) {
    show(draws.again(draws.gap, rule, FULL));
    remember();
  }

  choices.addEventListener('change', ({ target }) => {
    // only reflection turns the crescent over
    flipping.stop();
    [flipped, turned] = [false, 0];
    take(/** @type {Rule} */ (/** @type {HTMLInputElement} */ (target).value));
  });
  flip.addEventListener('click', () => {
    flipped = !flipped;
    const [reflection] = RULES;
    if (flipped && draws.rule !== reflection) {
      for (const input of choices.querySelectorAll('input')) input.checked = input.value === reflection;
      take(reflection);
    }
    const [from, to] = [turned, Number(flipped)];
    const done = () => {
      turned = to;
      draw();
      bells.say(flipped ? words.flippedWords(common()) : words.unflippedWords(common()));
    };
    if (context.still()) return done();
    flipping.start(FLIP, (now) => {
      turned = from + (to - from) * smooth(now);
      if (now === 1) done();
      else draw();
    });
  });
  one.addEventListener('click', drawOne);
  many.addEventListener('click', drawMany);
  clear.addEventListener('click', () => {
    draws.clear();
    show(draws);
  });

  draws.take(FULL);
  draws.settle();
  bells.say(words.unflippedWords(common()), false);
  sized(bells.svg, () => {
    place = { ...place, below: keys.offsetTop + keys.offsetHeight };
    bells.svg.style.height = `${heightOf(place.below)}px`;
    draw();
  });
}
