// @ts-check
/** Why speculation saves calls: the rounds of a chain as treads, for chains of many lengths. */

import { runWords } from '#words/run.js';
import * as words from '#words/stairs.js';
import { recordedChains } from '../../parts/chains.js';
import { h, s, toggles, write } from '../../parts/dom.js';
import { announcer, hatching, sized, tween } from '../../parts/plot.js';
import { drawGrowth } from './growth.js';
import { between, cross, drawStairs, recordedTread, stairs, treadOf } from './treads.js';

/** @typedef {import('./treads.js').Tread} Tread */
/** @typedef {import('./treads.js').Stairs} Stairs */
/** @typedef {import('../../state/settings.js').RunSettings} RunSettings */
/** @typedef {import('../../text/en/stairs.js').Source} Source */
/** @typedef {{steps: number, treads: Tread[], ms: number, settings: RunSettings}} Run */

/** Of the recorded chains: a further row adds two percent to a call. */
const WINDOW = 'auto/0.02';
/** What every recorded chain has. */
const RECORDED = { guidance: 1, window: WINDOW, draft: 'secant', rule: 'auto' };
/** Where the page's own runs begin. */
const FIRST = 100;
/** Milliseconds after a change before it is announced: a slider that is dragged would be spoken all the while. */
const SETTLED = 1000;
/** Milliseconds from one staircase to the next. */
const MOVE_MS = 450;
/** Calls that stay free above the highest staircase; the picture ends at a full ten. */
const HEADROOM = 2;
const TEN = 10;

/** @param {{steps: number, treads: Tread[]}} run */
const costsOf = ({ steps, treads }) => ({
  steps,
  calls: treads.reduce((sum, { calls }) => sum + calls, 0),
  rows: treads.reduce((sum, { rows }) => sum + rows, 0),
});

/** @type {import('../../sections.js').Figure['mount']} */
export async function mount(root, context) {
  const file = await recordedChains();
  const recorded = file.chains.map(({ steps, rounds }) => ({ steps, treads: rounds.map(recordedTread) }));
  const points = recorded.map(costsOf);
  const highest = Math.max(...points.map(({ calls }) => calls));
  const first = Math.max(
    0,
    points.findIndex(({ steps }) => steps === FIRST),
  );

  /** @type {Source} */
  let source = 'recorded';
  let index = first;
  /** @type {Partial<Record<Source, Run>>} */
  const runs = {};
  /** @type {Stairs | undefined} */
  let drawn;
  /** @type {AbortController | undefined} */
  let running;
  const moves = tween();

  const picture = s('svg', { role: 'img', class: 'stairs-picture' });
  const small = s('svg', { role: 'img', class: 'stairs-growth', 'aria-label': words.growthName });
  const slider = h('input', { type: 'range', id: 'stairs-steps', min: 0, max: recorded.length - 1, step: 1 });
  const shownSteps = h('output', { for: 'stairs-steps', 'aria-live': 'off' });
  const button = h('button', { type: 'button' });
  const progress = h('progress', { 'aria-label': words.sources.here, max: 1, value: 0, hidden: true });
  const sentence = h('p', { class: 'cost-sentence' });
  const what = h('span');
  const status = h('p', { class: 'cost-status', role: 'status' });
  const live = h('p', { class: 'sr', 'aria-live': 'polite' });
  const numbers = { calls: h('dd'), standard: h('dd'), fewer: h('dd'), rows: h('dd') };
  const choices = /** @type {const} */ (['recorded', 'shown', 'here']).map((name) => ({
    name,
    input: h('input', { type: 'radio', name: 'stairs-source', value: name }),
  }));
  const speak = announcer(live, { after: SETTLED });

  root.replaceChildren(
    h(
      'div',
      { class: 'stairs-controls' },
      h('div', { class: 'stairs-slider' }, h('label', { for: 'stairs-steps' }, words.length), slider, shownSteps),
      h(
        'fieldset',
        { class: 'segmented' },
        h('legend', {}, words.source),
        ...choices.map(({ name, input }) => h('label', {}, input, h('span', {}, words.sources[name]))),
      ),
    ),
    sentence,
    h(
      'div',
      { class: 'stairs-view' },
      h('div', {}, picture, legend(words)),
      h(
        'div',
        {},
        h(
          'dl',
          { class: 'cost-numbers' },
          ...Object.entries(numbers).map(([name, dd]) =>
            h('div', { 'data-number': name }, h('dt', {}, words.numbers[/** @type {keyof typeof numbers} */ (name)]), dd),
          ),
        ),
        small,
      ),
    ),
    h('p', { class: 'note cost-what' }, what),
    h('div', { class: 'actions' }, button, progress, status),
    live,
  );

  /** @returns {{steps: number, treads: Tread[]}} */
  const current = () => (source === 'recorded' ? recorded[index] : /** @type {Run} */ (runs[source]));

  function draw() {
    const run = current();
    const costs = costsOf(run);
    if (drawn) drawStairs(picture, drawn, run.steps, { ...words.axes, calls: words.calls });
    if (costs.calls > 0) drawGrowth(small, points, costs, words.growth);
  }

  /** Says what is shown, and moves the picture there; returns the sentence. */
  function show(moving = !context.still()) {
    const run = current();
    const costs = costsOf(run);
    const own = source === 'recorded' ? undefined : runs[source];
    const same = points.find(({ steps }) => steps === run.steps);
    const said =
      running && source === 'here'
        ? words.progressSentence(
            run.treads.reduce((sum, { committed }) => sum + committed, 0),
            run.steps,
            costs.calls,
          )
        : source === 'here' && own
          ? words.hereSentence({ ...costs, ms: own.ms }, same)
          : own
            ? words.shownSentence(costs, same)
            : words.recordedSentence(costs, index === first ? points[points.length - 1] : points[first]);
    write(sentence, said);
    write(what, words.provenance(source, runWords(own?.settings ?? { ...RECORDED, ...file, steps: run.steps })));
    picture.setAttribute('aria-label', words.stairsName(costs, said));
    const values = words.numbersOf(costs);
    for (const [name, dd] of Object.entries(numbers)) write(dd, values[/** @type {keyof typeof values} */ (name)]);
    slider.value = String(index);
    slider.setAttribute('aria-valuetext', words.steps(points[index].steps));
    write(shownSteps, words.steps(run.steps));
    for (const { name, input } of choices) {
      input.checked = name === source;
      input.disabled = name !== 'recorded' && !runs[name];
    }
    write(button, running ? words.cancel : words.run(points[index].steps));
    progress.hidden = !running;
    move(stairs(run.steps, run.treads, TEN * Math.ceil((Math.max(highest, costs.calls) + HEADROOM) / TEN)), moving);
    return said;
  }

  /** @param {Stairs} target @param {boolean} moving */
  function move(target, moving) {
    moves.stop();
    const from = drawn;
    const to = (/** @type {number} */ share) => {
      drawn = from && share < 1 ? between(from, target, 1 - (1 - share) ** 3) : target;
      draw();
      picture.toggleAttribute('data-moving', share < 1);
    };
    if (from && moving) moves.start(MOVE_MS, to);
    else to(1);
  }

  /** @param {Source} next */
  function choose(next) {
    source = next;
    write(status, '');
    context.remember('stairs', source === 'shown' ? 'run' : index === first ? undefined : String(points[index].steps));
    speak(show());
  }

  async function runHere() {
    const settings = { ...context.settings(), steps: points[index].steps, window: WINDOW };
    /** @type {Run} */
    const run = { steps: settings.steps, treads: [], ms: 0, settings };
    const before = { source, here: runs.here };
    running = new AbortController();
    [source, runs.here] = ['here', run];
    write(status, '');
    show(false);
    try {
      await context.collect(settings, {
        signal: running.signal,
        heard: (_, /** @type {import('../../state/trace.js').Round} */ round) => {
          // one that a visitor's run has overtaken begins again
          if (round.first === 0) Object.assign(run, { treads: [], ms: 0 });
          run.treads.push(treadOf(round));
          run.ms += round.ms;
          progress.value = (round.first + round.committed) / settings.steps;
          if (source === 'here') show(false);
        },
      });
    } catch (error) {
      runs.here = before.here;
      if (source === 'here') source = before.source;
      write(status, /** @type {Error} */ (error).name === 'AbortError' ? words.cancelled : /** @type {Error} */ (error).message);
    }
    running = undefined;
    progress.value = 0;
    speak(show(false));
  }

  for (const { name, input } of choices) input.addEventListener('change', () => choose(name));
  slider.addEventListener('input', () => {
    index = Number(slider.value);
    choose('recorded');
  });
  toggles(
    button,
    () => running !== undefined,
    runHere,
    () => running?.abort(),
  );
  const kept = context.recall('stairs');
  const keptIndex = points.findIndex(({ steps }) => String(steps) === kept);
  if (keptIndex >= 0) index = keptIndex;
  let wanted = kept === 'run';
  context.shown((trace) => {
    runs.shown = { steps: trace.settings.steps, treads: trace.rounds.map(treadOf), ms: 0, settings: trace.settings };
    if (wanted) source = 'shown';
    wanted = false;
    show();
  });
  show(false);
  sized(picture, draw);
  sized(small, draw);
}

/** @param {typeof import('../../text/en/stairs.js')} words */
function legend({ legend: names }) {
  const key = (/** @type {string} */ name, /** @type {SVGElement[]} */ ...parts) =>
    h('span', {}, s('svg', { class: 'stairs-key', 'aria-hidden': 'true', viewBox: '0 0 26 12' }, ...parts), name);
  const block = (/** @type {string} */ kind, more = {}) => s('rect', { x: 1, y: 2, width: 24, height: 8, class: kind, ...more });
  return h(
    'p',
    { class: 'legend' },
    key(names.accepted, block('stairs-accepted')),
    key(names.rejected, block('stairs-rejected'), ...cross(13, 6, 3, true)),
    key(names.discarded, s('defs', {}, hatching('stairs-key-hatch', 'stairs-hatch')), block('stairs-discarded', { fill: 'url(#stairs-key-hatch)' })),
    key(names.standard, s('path', { d: 'M1,11H7V8H13V5H19V2H25', class: 'stairs-standard' })),
  );
}
