// @ts-check
/** Why reflection is exact: what sticks out of the draft's bell is the mirror image of what the target's bell leaves uncovered. */

import * as words from '#words/crescent.js';
import { h, s, write } from '../../parts/dom.js';
import { whole } from '#words/run.js';
import { PEAK, Pile, bars, clock, crossed, diamond, draggable, normal, overlap, points, sized, voice } from './plot.js';

/** @typedef {import('../../sections.js').Context} Context */
/** @typedef {import('../../text/en/crescent.js').Rule} Rule */
/** @typedef {import('../../text/en/crescent.js').Trial} Trial */

const NAME = 'crescent';
const SEED = 3;
const GAP = 1.5;
const FARTHEST = 4;
/** @type {Rule[]} */
const RULES = ['reflection', 'keep-noise', 'redraw', 'accept-all'];
const MANY = 500;
/** More would not be seen. */
const MOST = 20000;
const LOW = -3.7;
const HIGH = 7.4;
/** Heights of the picture: of the bells above, and of the pile below, between which their legend stands. */
const TALL = 160;
const GROUND = 206;
const TALL_BELOW = 96;
/** From the end of the legend to what lies below it. */
const HEADING = 26;
const PILE = 184;
const BOTTOM = 26;
const FLIP = 1100;
const GROW = 1100;
const TRIAL = 2800;
/** Shares of a trial at which the draft is placed, its point found, the verdict seen and the committed value reached. */
const [PLACED, FOUND, JUDGED, COMMITTED] = [0.15, 0.35, 0.45, 0.8];
/** Standard errors that chance explains. */
const ERRORS = 3;

/** @param {string | undefined} text */
function recalled(text) {
  const [, gap, rule] = /^([0-4]\.\d{2})-([a-z-]+)$/.exec(text ?? '') ?? [];
  const known = RULES.find((one) => one === rule);
  return known && Number(gap) <= FARTHEST ? { gap: Number(gap), rule: known } : { gap: GAP, rule: RULES[0] };
}

/** The part of a stretch of time that is over. @param {number} share @param {number} from @param {number} to */
const within = (share, from, to) => Math.max(0, Math.min(1, (share - from) / (to - from)));
const smooth = (/** @type {number} */ share) => share * share * (3 - 2 * share);

/**
 * @param {HTMLElement} root
 * @param {Context} context
 */
export async function mount(root, context) {
  const toy = await context.toy();
  let { gap, rule } = recalled(context.recall(NAME));
  let exact = toy.couple(gap, rule, SEED, 0, 1).exact;
  let share = overlap(gap);
  let pile = new Pile();
  let next = 0;
  /** @type {Trial[]} drawn, and not yet in the pile */
  let waiting = [];
  let flipped = false;
  /** How far the crescent is turned over, from 0 to 1. */
  let turned = 0;
  /** @type {Trial | undefined} */
  let trial;
  let shown = 1;
  let width = 0;
  /** Where the legend of the bells ends. */
  let below = 0;
  const [flipping, drawing] = [clock(), clock()];

  const scene = s('g');
  const grip = s('path', { class: 'grip' });
  const svg = s('svg', { class: 'crescent-picture', role: 'img' }, patterns(), scene, grip);
  const input = h('input', { type: 'range', id: 'crescent-gap', min: 0, max: FARTHEST, step: 0.05, value: gap });
  const readout = h('output', { for: 'crescent-gap', 'aria-live': 'off' });
  const flip = h('button', { type: 'button', class: 'primary' });
  const one = h('button', { type: 'button' }, words.drawOne);
  const many = h('button', { type: 'button' }, words.drawMany(MANY));
  const clear = h('button', { type: 'button', class: 'quiet' }, words.clear);
  const choices = h(
    'fieldset',
    { class: 'crescent-rules' },
    h('legend', {}, words.question),
    ...RULES.map((name) => {
      const right = toy.couple(gap, name, SEED, 0, 1).exact;
      return h(
        'label',
        { 'data-exact': String(right) },
        h('input', { type: 'radio', name: 'crescent-rule', value: name, checked: name === rule }),
        h('span', {}, words.rules[name]),
        h('small', {}, words.exactness(right)),
      );
    }),
  );
  const number = (/** @type {string} */ name, /** @type {string} */ label) =>
    h('div', { 'data-number': name }, h('dt', {}, label), h('dd', {}), h('dd', { class: 'bell-wanted' }));
  const numbers = h(
    'dl',
    { class: 'bell-numbers' },
    number('draws', words.labels.draws),
    number('accepted', words.labels.accepted),
    number('mean', words.labels.mean),
    number('deviation', words.labels.deviation),
  );
  const fate = h('span', {});
  const told = h('p', { class: 'sentence bell-sentence' });
  const live = h('p', { class: 'sr', 'aria-live': 'polite' });
  const speak = voice(live);
  const key = (/** @type {string} */ kind, /** @type {Node | string} */ name) => h('span', {}, h('i', { class: `key-area ${kind}` }), name);
  const sticking = h('span', {}, words.keys.out);
  const open = key('key-open', words.keys.open);
  const keys = h('p', { class: 'legend crescent-keys' }, key('', words.keys.both), key('key-out', sticking), open);
  root.replaceChildren(
    h(
      'div',
      { class: 'bell-figure' },
      h(
        'div',
        { class: 'bell-main' },
        h('div', { class: 'crescent-plots' }, svg, keys, h('p', { class: 'legend' }, key('key-passed', words.accepted), key('key-failed', fate))),
        told,
      ),
      h(
        'div',
        { class: 'bell-side' },
        h(
          'div',
          { class: 'bell-controls' },
          h('div', { class: 'bell-range' }, h('label', { for: 'crescent-gap' }, words.distance), readout, input),
          flip,
          h('div', { class: 'bell-buttons' }, one, many, clear),
        ),
        choices,
        numbers,
      ),
    ),
    live,
  );

  const x = (/** @type {number} */ value) => ((value - LOW) / (HIGH - LOW)) * width;
  const y = (/** @type {number} */ value) => GROUND - (value / PEAK) * TALL;
  const groundBelow = () => below + PILE;
  const yBelow = (/** @type {number} */ value) => groundBelow() - (value / PEAK) * TALL_BELOW;
  /** The crescent lies on what was not covered. */
  const covered = () => turned === 1;
  const draftBell = (/** @type {number} */ at) => normal(at - gap);

  /** @param {string} text @param {boolean} [aloud] */
  function say(text, aloud = true) {
    if (told.textContent === text) return;
    write(told, text);
    if (aloud) speak(text);
  }
  const off = (/** @type {number} */ value, /** @type {number} */ wanted, /** @type {number} */ spread) => Math.abs(value - wanted) > spread;
  const spreads = () => ({ mean: ERRORS / Math.sqrt(pile.count), deviation: ERRORS / Math.sqrt(2 * pile.count) });
  const misses = () => off(pile.mean, 0, spreads().mean) || off(pile.deviation, 1, spreads().deviation);
  const pileSentence = () => words.pileWords(pile, share, rule, exact, misses());

  /** @param {number} count */
  function take(count) {
    const draws = toy.couple(gap, rule, SEED, next, count);
    // of the same draws, what the test says: a wrong rule may accept all the same
    const { accepted } = toy.couple(gap, 'reflection', SEED, next, count);
    next += count;
    for (let i = 0; i < count; i++) {
      waiting.push({
        draft: draws.draft[i],
        u: Math.exp(draws.lnU[i]),
        threshold: Math.min(1, Math.exp(draws.lnRatio[i])),
        passed: accepted[i] === 1,
        committed: draws.committed[i],
      });
    }
  }

  /** Lets what was drawn fall into the pile. @param {number} [count] all of it unless told */
  function settle(count = waiting.length) {
    for (const { committed, passed } of waiting.splice(0, count)) pile.add(committed, passed);
  }

  function draw() {
    drawWords();
    if (width === 0) return;
    const middle = x(gap / 2);
    const curve = (/** @type {(at: number) => number} */ height, below = false) => `M${points(x, below ? yBelow : y, LOW, HIGH, height)}`;
    const between = (
      /** @type {number} */ from,
      /** @type {number} */ to,
      /** @type {(at: number) => number} */ upper,
      /** @type {(at: number) => number} */ lower,
    ) => `M${points(x, y, from, to, upper)}L${points(x, y, to, from, lower)}Z`;
    const across = Math.cos(Math.PI * turned);
    // what the mirror makes of the crescent, seen while it is being turned over like a page
    const crescent = s('path', {
      d: between(gap / 2, Math.min(HIGH, gap - LOW), draftBell, normal),
      class: 'crescent-out',
      transform: `matrix(${across} 0 0 1 ${middle * (1 - across)} 0)`,
    });
    scene.replaceChildren(
      s('path', { d: `${curve((at) => Math.min(normal(at), draftBell(at)))}L${width},${GROUND}L0,${GROUND}Z`, class: 'bell-overlap' }),
      s('path', { d: between(LOW, gap / 2, normal, draftBell), class: `crescent-open ${covered() ? 'crescent-covered' : ''}` }),
      crescent,
      s('path', { d: curve(draftBell), class: 'bell-draft' }),
      s('path', { d: curve(normal), class: 'bell-target' }),
      s('line', { x1: 0, x2: width, y1: GROUND, y2: GROUND, class: 'bell-ground' }),
      s('line', { x1: middle, x2: middle, y1: 20, y2: GROUND + 10, class: 'bell-mirror' }),
      s('text', { x: middle, y: 13, class: 'bell-name bell-name-reflected' }, words.names.mirror),
      ...labels(),
      s('circle', { cx: x(gap), cy: y(PEAK), r: 7, class: 'grip-knob' }),
      ...bars(pile, MANY, x, yBelow),
      s('path', { d: curve(normal, true), class: 'bell-target' }),
      s('line', { x1: 0, x2: width, y1: groundBelow(), y2: groundBelow(), class: 'bell-ground' }),
      ...[-2, 0, 2, 4, 6].map((at) => s('text', { x: x(at), y: groundBelow() + 18, class: 'bar-label' }, words.place(at).replace('.00', ''))),
      ...(trial ? marks(trial, shown) : []),
      s('text', { x: 0, y: below + HEADING, class: 'bell-name bell-name-right' }, words.names.committed),
      s(
        'text',
        { x: width, y: below + HEADING, class: `bell-name bell-name-left crescent-verdict ${exact ? '' : 'bell-name-reflected'}` },
        `${exact ? '✓' : '✗'} ${words.exactness(exact)}`,
      ),
    );
    grip.setAttribute('d', `M${points(x, y, gap - 2, gap + 2, (at) => draftBell(at) + 0.03)}L${x(gap + 2)},${GROUND}L${x(gap - 2)},${GROUND}Z`);
  }

  function drawWords() {
    svg.setAttribute('aria-label', words.picture(gap, share, pile.count, rule, exact, flipped));
    write(readout, words.place(gap));
    input.setAttribute('aria-valuetext', words.place(gap));
    write(flip, flipped ? words.flipBack : words.flip);
    write(fate, words.fates[rule]);
    write(sticking, covered() ? words.fates.reflection : words.keys.out);
    open.style.visibility = covered() ? 'hidden' : 'visible';
    const { count, passed, mean, deviation } = pile;
    const spread = spreads();
    /** @type {[string, string, string, boolean][]} */
    const rows =
      count === 0
        ? [
            ['draws', '0', '', false],
            ['accepted', words.none, words.overlapIs(share), false],
            ['mean', words.none, '', false],
            ['deviation', words.none, '', false],
          ]
        : [
            ['draws', whole(count), '', false],
            ['accepted', words.percent(passed / count), words.overlapIs(share), false],
            ['mean', words.place(mean), words.wantedIs(0, spread.mean, off(mean, 0, spread.mean)), off(mean, 0, spread.mean)],
            [
              'deviation',
              words.place(deviation),
              words.wantedIs(1, spread.deviation, off(deviation, 1, spread.deviation)),
              off(deviation, 1, spread.deviation),
            ],
          ];
    for (const [name, value, wanted, wrong] of rows) {
      const row = /** @type {HTMLElement} */ (numbers.querySelector(`[data-number="${name}"]`));
      write(row.children[1], value);
      write(row.children[2], wanted);
      row.toggleAttribute('data-off', wrong);
    }
    many.disabled = next + MANY > MOST;
    one.disabled = next >= MOST;
  }

  function labels() {
    const apart = x(gap) - x(0) > 56;
    return [
      s('text', { x: x(0) - (apart ? 0 : 12), y: y(PEAK) - 14, class: `bell-name ${apart ? '' : 'bell-name-left'}` }, words.names.target),
      s('text', { x: x(gap) + (apart ? 0 : 12), y: y(PEAK) - 14, class: `bell-name bell-name-draft ${apart ? '' : 'bell-name-right'}` }, words.names.draft),
    ];
  }

  /**
   * The point of a draw at height u on the draft's bell, its verdict, and the way to where it is committed.
   * @param {Trial} of
   * @param {number} time from 0 to 1
   */
  function marks({ draft, u, passed, committed }, time) {
    const [from, to, top] = [x(draft), x(committed), y(draftBell(draft))];
    const height = y(u * draftBell(draft));
    // mirrored or moved it keeps its height; what is drawn again has none
    const end = rule === 'redraw' && !passed ? GROUND : height;
    const [placed, found] = [smooth(within(time, 0, PLACED)), smooth(within(time, PLACED, FOUND))];
    const parts = [s('line', { x1: from, x2: from, y1: GROUND, y2: GROUND + (top - GROUND) * placed, class: 'bell-stem' })];
    const point = top + (height - top) * found;
    if (time < JUDGED) return [...parts, s('circle', { cx: from, cy: point, r: 5, class: 'crescent-point' })];
    const leapt = smooth(within(time, JUDGED + 0.1, COMMITTED));
    const fall = smooth(within(time, COMMITTED, 1));
    if (!passed && from !== to && leapt > 0) {
      const over = { x: (from + to) / 2, y: Math.min(height, end) - 56 };
      const at = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ c) =>
        (1 - leapt) ** 2 * a + 2 * leapt * (1 - leapt) * b + leapt ** 2 * c;
      const here = { x: at(from, over.x, to), y: at(height, over.y, end) };
      // the part of the arc that is over is an arc of the same kind
      parts.push(
        s('path', { d: `M${from},${height}Q${from + (over.x - from) * leapt},${height + (over.y - height) * leapt} ${here.x},${here.y}`, class: 'bell-leap' }),
        s('path', { d: diamond(here.x, here.y, 7), class: 'bell-reflected crescent-mark' }),
      );
    }
    if (fall > 0)
      parts.push(
        s('line', {
          x1: to,
          x2: to,
          y1: end + 8,
          y2: end + 8 + (groundBelow() - end - 8) * fall,
          class: `crescent-fall ${passed ? '' : 'crescent-fall-failed'}`,
        }),
      );
    if (fall === 1)
      parts.push(
        passed
          ? s('circle', { cx: to, cy: groundBelow(), r: 5, class: 'bell-point' })
          : s('path', { d: diamond(to, groundBelow(), 6), class: 'bell-reflected crescent-mark' }),
      );
    parts.push(passed ? s('circle', { cx: from, cy: height, r: 6, class: 'bell-point' }) : s('path', { d: crossed(from, height, 6), class: 'bell-cross' }));
    return parts;
  }

  /** Ends what is under way. */
  function rest() {
    drawing.stop();
    settle();
    trial = undefined;
    shown = 1;
  }

  function drawOne() {
    rest();
    take(1);
    trial = waiting[0];
    const done = () => {
      settle();
      shown = 1;
      draw();
      say(words.trialWords(/** @type {Trial} */ (trial), rule));
    };
    if (context.still()) return done();
    drawing.start(TRIAL, (now) => {
      shown = now;
      if (now === 1) done();
      else draw();
    });
  }

  function drawMany() {
    rest();
    take(MANY);
    const done = () => {
      settle();
      draw();
      say(pileSentence());
    };
    if (context.still()) return done();
    drawing.start(GROW, (now) => {
      if (now === 1) return done();
      settle(waiting.length - Math.round(MANY * (1 - now)));
      draw();
    });
  }

  /** Another step or another rule: the first draws are made again with it, so that only it makes the difference. */
  function again() {
    const count = Math.min(MANY, pile.count + waiting.length);
    drawing.stop();
    [pile, waiting, trial, next] = [new Pile(), [], undefined, 0];
    share = overlap(gap);
    exact = toy.couple(gap, rule, SEED, 0, 1).exact;
    take(count);
    settle();
    draw();
    say(pileSentence());
  }
  const remember = () => context.remember(NAME, gap === GAP && rule === RULES[0] ? undefined : `${gap.toFixed(2)}-${rule}`);

  /** @param {number} to */
  function move(to) {
    gap = Math.max(0, Math.min(FARTHEST, Math.round(to * 20) / 20));
    input.value = String(gap);
    again();
  }

  input.addEventListener('input', () => move(Number(input.value)));
  input.addEventListener('change', remember);
  draggable(
    svg,
    grip,
    () => x(gap),
    (to) => move(LOW + (to / width) * (HIGH - LOW)),
    remember,
  );
  choices.addEventListener('change', (event) => {
    rule = /** @type {Rule} */ (/** @type {HTMLInputElement} */ (event.target).value);
    again();
    remember();
  });
  flip.addEventListener('click', () => {
    flipped = !flipped;
    const [from, to] = [turned, Number(flipped)];
    const done = () => {
      turned = to;
      draw();
      say(flipped ? words.flippedWords(share) : words.unflippedWords(share));
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
    drawing.stop();
    [pile, waiting, trial] = [new Pile(), [], undefined];
    draw();
    say(pileSentence());
  });

  take(MANY);
  settle();
  say(words.unflippedWords(share), false);
  const height = () => {
    below = keys.offsetTop + keys.offsetHeight;
    svg.style.height = `${groundBelow() + BOTTOM}px`;
    return groundBelow() + BOTTOM;
  };
  sized(svg, height, (now) => {
    width = now;
    draw();
  });
}

/** Hatching for what sticks out, dots for what is not covered. */
function patterns() {
  const pattern = (/** @type {string} */ id, /** @type {number} */ size, /** @type {SVGElement[]} */ ...parts) =>
    s('pattern', { id, width: size, height: size, patternUnits: 'userSpaceOnUse' }, ...parts);
  return s(
    'defs',
    {},
    pattern(
      'crescent-hatch',
      8,
      s('rect', { width: 8, height: 8, class: 'hatch-ground' }),
      s('path', { d: 'M-2,2L2,-2M0,8L8,0M6,10L10,6', class: 'hatch-line' }),
    ),
    pattern('crescent-dots', 8, s('circle', { cx: 2, cy: 2, r: 1.2, class: 'hatch-dot' }), s('circle', { cx: 6, cy: 6, r: 1.2, class: 'hatch-dot' })),
  );
}
