// @ts-check
/** One particle on the plane: the map, its transport, and what the present phase of the present round did. */

import { h, s, write } from '../../parts/dom.js';
import { fitted } from '../../parts/pixels.js';
import { announcer } from '../../parts/plot.js';
import { decimal, whole } from '#words/run.js';
import { COMMIT, DRAFT, JUDGE, PHASES, WHOLE, drawParticle, pathOf, shader, windowView } from './map.js';

/** @typedef {import('../../sections.js').Context} Context */
/** @typedef {import('../../engine/toy.js').Toy} Toy */
/** @typedef {import('../../engine/toy.js').ToyRun} ToyRun */
/** @typedef {typeof import('../../text/en/world.js')} Words */
/** @typedef {import('./densities.js').World} World */
/** @typedef {import('./map.js').Moment} Moment */

/** Milliseconds that a phase takes when it is played. */
const PACE = [1100, 900, 1500, 700];
const ICONS = {
  back: 'M13 4v12L5 10z',
  play: 'M5 3v14l12-7z',
  pause: 'M5 3h4v14H5zM11 3h4v14h-4z',
  forward: 'M7 4v12l8-6z',
  round: 'M3 4v12l7-6zM10 4v12l7-6z',
};

/** Milliseconds without a change before it is spoken. */
const REST = 1000;
/** Steps that a round should have committed to be shown first. */
const TELLING = 4;

/** @param {...('back' | 'play' | 'pause' | 'forward' | 'round')} names */
const icon = (...names) =>
  s('svg', { viewBox: '0 0 20 20', 'aria-hidden': 'true' }, ...names.map((name) => s('path', { d: ICONS[name], class: `icon-${name}` })));

/**
 * @param {Context} context
 * @param {Words} words
 * @param {() => void} viewed called when another density of the plane is shown
 */
export function mountParticle(context, words, viewed) {
  /** @type {{world: World, toy: Toy, run: ToyRun, path: ReturnType<typeof pathOf>} | undefined} */
  let shown;
  /** In phases; between two while one is played. */
  let position = 0;
  let frame = 0;
  let before = 0;
  let pictured = false;

  const canvas = h('canvas', { class: 'world-map', role: 'img' });
  const lens = h('canvas', { class: 'world-map', role: 'img' });
  const plane = h('div', { class: 'world-plane' }, canvas);
  const data = h('input', { type: 'checkbox', name: 'data' });
  const title = h('h3', { class: 'round-title' });
  const phases = words.phases.map((name, number) =>
    h('button', { type: 'button', 'data-phase': number }, h('span', { class: 'phase-number' }, String(number + 1)), ` ${name}`),
  );
  const sentence = h('p', { class: 'world-sentence' });
  const live = h('p', { class: 'sr', 'aria-live': 'polite' });
  const announce = announcer(live, { after: REST });
  const tally = h('p', { class: 'world-tally' });
  const counters = Object.entries(words.counters).map(([name, word]) => ({ name, value: h('dd', { 'data-counter': name }), word }));
  const scrub = h('input', { type: 'range', class: 'world-scrub', min: 0, step: 1, 'aria-label': words.positionLabel });
  const action = (/** @type {'back' | 'forward' | 'round'} */ name) => h('button', { type: 'button', 'data-action': name }, icon(name), words.buttons[name]);
  const playWord = h('span', {}, words.buttons.play);
  const play = h('button', { type: 'button', class: 'play', 'data-action': 'play' }, icon('play', 'pause'), playWord);
  const [back, forward, round] = [action('back'), action('forward'), action('round')];
  const element = h(
    'div',
    {},
    h('h3', {}, words.chainTitle),
    h(
      'div',
      { class: 'world-panels' },
      h('div', {}, h('div', { class: 'world-map-head' }, h('h3', {}, words.planeTitle), h('label', {}, data, words.data)), plane),
      h('div', {}, h('div', { class: 'world-map-head' }, h('h3', {}, words.lensTitle)), h('div', { class: 'world-plane' }, lens)),
    ),
    scrub,
    h('div', { class: 'world-transport' }, back, play, forward, round),
    legend(words),
    h(
      'div',
      { class: 'world-readout' },
      h('div', {}, title, h('div', { class: 'phase-buttons', role: 'group', 'aria-label': words.phaseGroup }, ...phases), sentence, live),
      h('div', {}, h('dl', { class: 'world-counters' }, ...counters.map(({ value, word }) => h('div', {}, h('dt', {}, word), value))), tally),
    ),
  );

  const colours = () => ({ ...context.tokens(), ground: getComputedStyle(canvas).backgroundColor });
  const [shade, lensShade] = [shader(colours), shader(colours)];
  const end = () => PHASES * (shown?.run.rounds.length ?? 0);
  /** @returns {Moment} */
  const moment = () => {
    if (position <= 0) return { round: -1, phase: COMMIT, share: 1 };
    const index = Math.ceil(position) - 1;
    return { round: Math.floor(index / PHASES), phase: index % PHASES, share: position - index };
  };

  function draw() {
    if (!shown) return;
    pictured = true;
    if (canvas.clientWidth === 0) return;
    const { toy, run, path } = shown;
    const now = moment();
    const done = now.phase === COMMIT && now.share === 1;
    const of = run.rounds[now.round];
    const time = data.checked ? 0 : done ? (run.rounds[now.round + 1]?.time[0] ?? 0) : of.time[0];
    const enlarged = Math.max(0, now.round);
    const frame = windowView(run.rounds[enlarged], path.states.slice(2 * path.before[enlarged] - 2, 2 * path.before[enlarged]));
    const scene = { run, path, moment: now, colours: colours() };
    const [whole, part] = [fitted(canvas), fitted(lens)];
    drawParticle(whole.context, whole.width, { ...scene, view: WHOLE, frame, shade: shade(toy, time, WHOLE) });
    drawParticle(part.context, part.width, { ...scene, view: frame, shade: lensShade(toy, time, frame) });
    report(now, of);
  }

  /** @param {Moment} now @param {import('../../state/trace.js').Round | undefined} of */
  function report(now, of) {
    if (!shown) return;
    const { run, world } = shown;
    const calls = run.rounds.slice(0, now.round + 1).reduce((sum, one) => sum + one.calls, 0);
    const steps = of ? of.first + (now.phase === COMMIT ? of.committed : 0) : 0;
    const heading = words.title(now.round, run.rounds.length, of);
    const rooted = of !== undefined && (world.draft === 'frozen' || of.first === 0);
    const said = words.phaseSentence(of, now.phase, rooted);
    // a draft costs its root call, if it has one
    const spent = of && now.phase === DRAFT ? calls - of.calls + Number(rooted) : calls;
    write(title, heading);
    write(sentence, said);
    write(tally, words.tally(spent, steps, world.steps));
    const values = { calls: whole(spent), steps: `${whole(steps)} / ${whole(world.steps)}`, perCall: spent > 0 ? decimal(steps / spent, 1) : '–' };
    for (const { name, value } of counters) write(value, values[/** @type {keyof typeof values} */ (name)]);
    for (const [number, button] of phases.entries()) {
      if (of && number === now.phase) button.setAttribute('aria-current', 'step');
      else button.removeAttribute('aria-current');
    }
    const playing = frame !== 0;
    canvas.setAttribute('aria-label', words.mapLabel(world.density, heading, said, data.checked));
    lens.setAttribute('aria-label', words.lensLabel(heading, said));
    scrub.max = String(end());
    scrub.value = String(Math.ceil(position));
    scrub.setAttribute('aria-valuetext', words.positionText(now.round, run.rounds.length, now.phase));
    play.dataset.playing = String(playing);
    write(playWord, playing ? words.buttons.pause : words.buttons.play);
    // not disabled: the focus would be lost at the end
    back.setAttribute('aria-disabled', String(position <= 0));
    for (const button of [forward, round]) button.setAttribute('aria-disabled', String(position >= end()));
  }

  function pause() {
    cancelAnimationFrame(frame);
    frame = 0;
  }

  function tick() {
    const now = performance.now();
    // a frame after a pause of the tab counts as a short one
    position = Math.min(end(), position + Math.min(100, now - before) / PACE[moment().phase]);
    before = now;
    frame = position < end() ? requestAnimationFrame(tick) : 0;
    draw();
    if (frame === 0) speak();
  }

  /** @param {number} wanted */
  function seek(wanted) {
    pause();
    position = Math.max(0, Math.min(end(), Math.round(wanted)));
    draw();
    speak();
  }

  /** Says where it has come to rest. */
  const speak = () => announce(`${title.textContent}. ${sentence.textContent} ${tally.textContent}`);

  play.addEventListener('click', () => {
    if (frame !== 0) return seek(Math.ceil(position));
    if (context.still()) return seek(end());
    if (position >= end()) position = 0;
    before = performance.now();
    frame = requestAnimationFrame(tick);
    return draw();
  });
  back.addEventListener('click', () => seek(Math.ceil(position) - 1));
  forward.addEventListener('click', () => seek(Math.floor(position) + 1));
  round.addEventListener('click', () => seek(PHASES * (Math.floor(position / PHASES) + 1)));
  scrub.addEventListener('input', () => seek(Number(scrub.value)));
  for (const [number, button] of phases.entries()) button.addEventListener('click', () => seek(PHASES * Math.max(0, moment().round) + number + 1));
  data.addEventListener('change', () => {
    draw();
    viewed();
  });
  context.restyled(draw);
  // its first call is that for the canvas without a picture
  new ResizeObserver(() => pictured && draw()).observe(canvas);

  /** Where a rejection can be seen best, so that nothing need be pressed to see one. @param {ToyRun} run */
  function telling(run) {
    const leap = run.rounds.map(({ verdict, gap, s: noise, committed }) => {
      const stop = verdict.indexOf(1);
      return stop < 0 || committed < TELLING || verdict.length - committed < 2 ? 0 : gap[stop] * noise[stop];
    });
    const best = leap.indexOf(Math.max(...leap));
    return leap[best] > 0 ? PHASES * best + JUDGE + 1 : PHASES * run.rounds.length;
  }

  return {
    element,
    plane,
    /** Whether the density is the data's: what own clusters are placed on. */
    isData: () => data.checked,
    showData() {
      data.checked = true;
      draw();
      viewed();
    },
    draw,
    /** Takes a run; it is seen once it is drawn. @param {World} world @param {Toy} toy */
    show(world, toy) {
      pause();
      const run = toy.run({ seed: world.seed, steps: world.steps, eta: 1, window: world.window, draft: world.draft, rule: world.rule });
      shown = { world, toy, run, path: pathOf(run) };
      position = telling(run);
      element.dataset.rule = world.rule;
    },
  };
}

/** @param {Words} words */
function legend({ legend: names }) {
  const entry = (/** @type {keyof typeof names} */ name, /** @type {SVGElement[]} */ ...marks) =>
    h('span', { class: `world-key-${name}` }, s('svg', { viewBox: '0 0 26 14', 'aria-hidden': 'true' }, ...marks), names[name]);
  const line = (/** @type {string} */ kind) => s('path', { d: 'M1,7H25', class: kind });
  const dot = (/** @type {string} */ kind) => s('circle', { cx: 13, cy: 7, r: 4.5, class: kind });
  const diamond = () => s('path', { d: 'M1,7H7M13,1L19,7L13,13L7,7Z', class: 'world-mark-reflected' });
  return h(
    'p',
    { class: 'world-legend legend' },
    entry('now', dot('world-mark-now')),
    entry('path', line('world-mark-path')),
    entry('drafted', line('world-mark-drafted'), dot('world-mark-open')),
    entry('draftMean', s('circle', { cx: 13, cy: 7, r: 2.25, class: 'world-mark-now' })),
    entry('target', s('path', { d: 'M1,7H21', class: 'world-mark-tie' }), s('path', { d: 'M17,7H25M21,3V11', class: 'world-mark-target' })),
    entry('accepted', dot('world-mark-accepted')),
    entry('rejected', s('path', { d: 'M8,2L18,12M18,2L8,12', class: 'world-mark-rejected' })),
    entry('mirror', line('world-mark-mirror')),
    entry('reflected', diamond()),
    entry('corrected', diamond()),
    entry('discarded', dot('world-mark-discarded')),
    entry('last', s('rect', { x: 9, y: 3, width: 8, height: 8, class: 'world-mark-last' })),
  );
}
