// @ts-check
/** The figure “A hand that must not wait”: one world twice, and two hands that wait for their plans, each as long as its calls take. */

import * as words from '#words/policy.js';
import { h, s, write } from '../../parts/dom.js';
import { announcer, line, linear, sizeOf, sized } from '../../parts/plot.js';
import { mountPlan } from './plan.js';
import { between, momentOf, plane, pointsOf } from './plane.js';

/** @typedef {import('../../engine/policy.js').Scene} Scene */
/** @typedef {import('./plane.js').Moment} Moment */
/** @typedef {'standard' | 'speculative'} Lane */
/**
 * A hand and its world: as it was and as it is, how much of the goal was covered at each tick, and the tick since the start or
 * the last change at which that was enough.
 * @typedef {{name: Lane, scene: Scene, before: Moment, now: Moment, state: Float64Array, coverage: number[], home: number | undefined, view: ReturnType<typeof plane>}} Side
 */

/** @type {Lane[]} */
const LANES = ['standard', 'speculative'];
/** Milliseconds of a tick. */
const TICK = 100;
/** A frame that comes later than this (a tab in the background) counts as this long. */
const LONGEST_FRAME = 200;
/** Milliseconds of a frame for plans that are being made. */
const BUDGET = 3;
/** Milliseconds of a call: what a larger network on a GPU takes. */
const USUAL = 10;
const MOST = 50;
/** Coverage that counts as home. */
const HOME = 0.9;
/** Ticks that the chart shows. */
const SHOWN = 300;
/** The goal's circle when it moves by itself: radius in pixels, and pixels a tick. */
const CIRCLE = 90;
const PACE = 1;
/** Seeds that a visitor is led through. */
const SEEDS = 10_000;
const FIRST = 7;
/** Milliseconds without a change before it is spoken. */
const SETTLED = 1500;
const [COVERAGE, CALLS, LOST] = [8, 9, 12];

/** What stands in the address: seed, milliseconds of a call or `here`, and `on` where the hand goes on. @param {string | undefined} text */
function parsed(text) {
  const [seed, call, meanwhile] = (text ?? '').split('.');
  const number = Number(call);
  return {
    seed: /^\d{1,4}$/.test(seed) ? Number(seed) : FIRST,
    call: Number.isInteger(number) && number >= 1 && number <= MOST ? number : USUAL,
    here: call === 'here',
    goOn: meanwhile === 'on',
  };
}

/** @type {import('../../sections.js').Figure['mount']} */
export async function mount(root, context) {
  const hands = await context.hands();
  let { seed, call, here, goOn } = parsed(context.recall('policy'));
  let [tick, kicks, since] = [0, 0, 0];
  let [clock, last, frame, visible, playing] = [0, 0, 0, false, !context.still()];
  /** Milliseconds that calls have taken on this device, and how many. */
  const spent = { ms: 0, calls: 0 };
  /** @type {Side[]} */
  let sides = [];
  const curves = LANES.map((name) => s('path', { class: `policy-line policy-line-${name}` }));
  /** A curve in the chart; nothing before it has a size. @type {(coverage: number[]) => string} */
  let place = () => '';

  const views = LANES.map((name, index) => plane({ label: words.planes[name], ...(index === 0 ? { names: words.things, put } : { put }) }));
  const button = (/** @type {string} */ name, /** @type {string} */ word, primary = false) =>
    h('button', { type: 'button', 'data-action': name, ...(primary ? { class: 'play' } : {}) }, word);
  const play = button('play', words.pause, true);
  const [stepOn, kick, again, open] = [button('step', words.step), button('kick', words.kick), button('again', words.again), button('open', words.open)];
  const moving = h('input', { type: 'checkbox', name: 'policy-moving' });
  const slider = h('input', { type: 'range', id: 'policy-call', min: 1, max: MOST, step: 1, value: call });
  const shownCall = h('output', { for: 'policy-call', 'aria-live': 'off' });
  const radio = (/** @type {string} */ name, /** @type {string} */ value, /** @type {string} */ word, checked = false) =>
    h('label', {}, h('input', { type: 'radio', name, value, checked }), h('span', {}, word));
  const clocks = h(
    'fieldset',
    { class: 'segmented' },
    h('legend', {}, words.clock),
    radio('policy-clock', 'set', words.simulated, !here),
    radio('policy-clock', 'here', words.measured, here),
  );
  const meanwhile = h(
    'fieldset',
    { class: 'segmented' },
    h('legend', {}, words.meanwhile),
    radio('policy-meanwhile', 'wait', words.wait, !goOn),
    radio('policy-meanwhile', 'on', words.goOn, goOn),
  );
  const sentence = h('p', { class: 'policy-sentence' });
  const live = h('p', { class: 'sr', 'aria-live': 'polite' });
  const speak = announcer(live, { after: SETTLED, every: 4 * SETTLED });
  const chart = s('svg', { role: 'img', class: 'policy-chart' });
  const numbers = LANES.map(() => ({ coverage: h('dd'), calls: h('dd'), lost: h('dd') }));
  const plan = mountPlan(() => sides[1].scene);
  root.replaceChildren(
    h(
      'div',
      { class: 'policy-controls' },
      h('div', { class: 'policy-slider' }, h('label', { for: 'policy-call' }, words.call), slider, shownCall),
      clocks,
      meanwhile,
    ),
    h(
      'div',
      { class: 'policy-planes' },
      ...LANES.map((name, index) =>
        h(
          'div',
          { class: `policy-side policy-${name}` },
          h('h3', {}, words.lanes[name]),
          views[index].element,
          h(
            'dl',
            { class: 'policy-numbers' },
            ...Object.entries(numbers[index]).map(([number, dd]) =>
              h('div', { 'data-number': number }, h('dt', {}, words.numbers[/** @type {'coverage' | 'calls' | 'lost'} */ (number)]), dd),
            ),
          ),
        ),
      ),
    ),
    h('p', { class: 'policy-hint note' }, words.hint),
    h('div', { class: 'actions' }, play, stepOn, kick, again, open, h('label', { class: 'policy-check' }, moving, words.moving)),
    sentence,
    live,
    chart,
    plan.element,
  );

  const seconds = () => (here && spent.calls > 0 ? spent.ms / spent.calls : call) / 1000;

  function begin() {
    for (const { scene } of sides) scene.free();
    [tick, kicks, since, clock] = [0, 0, 0, 0];
    sides = LANES.map((name, index) => {
      const scene = hands.scene(seed, name === 'speculative');
      const state = scene.state();
      const now = momentOf(state);
      return { name, scene, before: now, now, state, coverage: [], home: undefined, view: views[index] };
    });
    plan.close();
    configure();
    draw();
  }

  function configure() {
    const usual = seed === FIRST && call === USUAL && !here && !goOn;
    context.remember('policy', usual ? undefined : `${seed}.${here ? 'here' : call}${goOn ? '.on' : ''}`);
    slider.disabled = here;
    take();
  }

  /** What a call takes, as it is set or as it has been measured so far. */
  function take() {
    for (const { scene } of sides) scene.configure(Math.min(1, seconds()), goOn);
    write(shownCall, words.callNow(1000 * seconds()));
    slider.setAttribute('aria-valuetext', words.callNow(1000 * seconds()));
  }

  /** @param {import('./plane.js').Thing} thing @param {import('./plane.js').Pose} pose */
  function put(thing, { x, y, angle }) {
    for (const side of sides) {
      if (thing === 'block') side.scene.putBlock(x, y, angle);
      else side.scene.putGoal(x, y, angle);
    }
    changed();
  }

  /** Block or goal is elsewhere: nothing glides there, and time counts from here. */
  function changed() {
    since = tick;
    for (const side of sides) {
      side.state = side.scene.state();
      side.now = momentOf(side.state);
      side.before = side.now;
      side.home = undefined;
    }
    plan.close();
    draw();
  }

  /** A call or some, timed. @param {Scene} scene */
  function think(scene) {
    const begun = performance.now();
    const more = scene.think(1);
    if (more) {
      spent.ms += performance.now() - begun;
      spent.calls += 1;
    }
    return more;
  }

  function advance() {
    tick += 1;
    for (const side of sides) {
      if (moving.checked) {
        const angle = (PACE / CIRCLE) * tick;
        side.scene.putGoal(256 + CIRCLE * Math.cos(angle), 256 + CIRCLE * Math.sin(angle), Math.PI / 4 + angle);
      }
      side.before = side.now;
      side.scene.tick();
      side.state = side.scene.state();
      side.now = momentOf(side.state);
      side.coverage.push(side.state[COVERAGE]);
      if (side.coverage.length > SHOWN) side.coverage.shift();
      if (side.state[COVERAGE] > HOME) side.home ??= tick - since;
    }
    if (here) {
      // a hand that is stepped has its calls timed too
      for (const { scene } of sides) think(scene);
      take();
    }
    report();
  }

  function report() {
    for (const [index, { state }] of sides.entries()) {
      write(numbers[index].coverage, words.covered(state[COVERAGE]));
      write(numbers[index].calls, state[CALLS] > 0 ? words.callsOf(state[CALLS]) : '–');
      write(numbers[index].lost, words.ticks(state[LOST]));
    }
    const [standard, speculative] = sides;
    const said = words.verdict({ standard: standard.home, speculative: speculative.home, moving: moving.checked, ticks: tick - since });
    write(sentence, said);
    speak(said);
    drawCurves();
  }

  /** The chart's axes, which stay as they are until it has another size. */
  function drawChart() {
    const { width, height } = sizeOf(chart);
    if (width === 0) return;
    const [left, right, above, below] = [44, 8, 32, 22];
    const x = linear([0, SHOWN], [left, width - right]);
    const y = linear([0, 1], [height - below, above]);
    place = (coverage) => (coverage.length > 1 ? line(coverage.map((value, at) => [x(at), y(value)])) : '');
    chart.replaceChildren(
      s('text', { x: 0, y: 12, class: 'chart-axis' }, words.chartTitle),
      ...[0, 0.5, 1].map((value) => s('text', { x: left - 6, y: y(value) + 4, class: 'chart-tick chart-end' }, words.covered(value))),
      ...[0, 0.5, 1].map((value) => s('line', { x1: left, x2: width - right, y1: y(value), y2: y(value), class: 'chart-grid' })),
      s('line', { x1: left, x2: width - right, y1: y(HOME), y2: y(HOME), class: 'chart-stem' }),
      s('text', { x: width - right, y: height - 4, class: 'chart-tick chart-end' }, words.chartTime(SHOWN / 10)),
      ...curves,
    );
    drawCurves();
  }

  function drawCurves() {
    chart.setAttribute('aria-label', words.chartLabel(sides.map(({ state }) => state[COVERAGE])));
    for (const [index, { coverage }] of sides.entries()) curves[index].setAttribute('d', place(coverage));
  }

  function draw() {
    const share = Math.min(1, clock / TICK);
    for (const { view, before, now, scene } of sides) view.show(between(before, now, share), pointsOf(scene.ahead()));
    write(play, playing ? words.pause : words.play);
    play.dataset.playing = String(playing);
    if (tick === since) report();
  }

  /** @param {number} now */
  function run(now) {
    frame = requestAnimationFrame(run);
    clock += Math.min(LONGEST_FRAME, now - last);
    last = now;
    while (clock >= TICK) {
      clock -= TICK;
      advance();
    }
    // plans ahead of time, so that no frame has to make a whole one
    const until = performance.now() + BUDGET;
    let more = true;
    while (more && performance.now() < until) {
      more = false;
      for (const { scene } of sides) more = think(scene) || more;
    }
    draw();
  }

  function settle() {
    cancelAnimationFrame(frame);
    frame = 0;
    if (playing && visible) {
      last = performance.now();
      frame = requestAnimationFrame(run);
    }
    draw();
  }

  play.addEventListener('click', () => {
    playing = !playing;
    if (playing) plan.close();
    settle();
  });
  stepOn.addEventListener('click', () => {
    playing = false;
    clock = TICK;
    advance();
    settle();
  });
  kick.addEventListener('click', () => {
    kicks += 1;
    const done = sides.map(({ scene }) => scene.kick(kicks));
    changed();
    if (!done.every(Boolean)) write(sentence, words.noKick);
  });
  again.addEventListener('click', () => {
    seed = Math.floor(Math.random() * SEEDS);
    begin();
  });
  open.addEventListener('click', () => {
    playing = false;
    settle();
    plan.open();
    if (!plan.isOpen) write(sentence, words.nothingToOpen);
  });
  slider.addEventListener('input', () => {
    call = Number(slider.value);
    configure();
  });
  clocks.addEventListener('change', () => {
    here = /** @type {HTMLInputElement} */ (clocks.querySelector('input[value="here"]')).checked;
    configure();
  });
  meanwhile.addEventListener('change', () => {
    goOn = /** @type {HTMLInputElement} */ (meanwhile.querySelector('input[value="on"]')).checked;
    configure();
  });
  moving.addEventListener('change', () => {
    changed();
  });
  // the page's own keys, which the planes and sliders here need for themselves
  root.addEventListener('keydown', (event) => {
    if (event.key.startsWith('Arrow') || event.key === 'Home' || event.key === 'End') event.stopPropagation();
  });
  begin();
  sized(chart, drawChart);
  new IntersectionObserver(([{ isIntersecting }]) => {
    visible = isIntersecting;
    settle();
  }).observe(root);
}
