// @ts-check
/** One plan opened: its rounds as paths in the plane, level by level; and others that might have been chosen. */

import * as words from '#words/policy.js';
import { h, write } from '../../parts/dom.js';
import { VERDICTS } from '../../state/trace.js';
import { momentOf, plane, pointsOf } from './plane.js';

/** @typedef {import('../../state/trace.js').Round} Round */
/** @typedef {import('../../engine/policy.js').Scene} Scene */

const DIM = 32;
const FAN = 24;
/** Plans of it that are drawn in a frame. */
const AT_ONCE = 2;

/** @param {() => Scene} sceneOf what made the plan */
export function mountPlan(sceneOf) {
  /** @type {import('../../engine/policy.js').Opened | undefined} */
  let opened;
  /** Places of other plans, as far as they have been drawn. @type {import('../../parts/plot.js').Pair[][]} */
  let others = [];
  let frame = 0;
  const view = plane({ label: words.planLabel });
  const slider = h('input', { type: 'range', min: 0, step: 1, value: 0, id: 'policy-level' });
  const shownLevel = h('output', { for: 'policy-level', 'aria-live': 'off' });
  const estimates = h('input', { type: 'checkbox', name: 'policy-estimates' });
  const fan = h('input', { type: 'checkbox', name: 'policy-fan' });
  const sentence = h('p', { class: 'policy-round', 'aria-live': 'polite' });
  const key = (/** @type {string} */ kind, /** @type {string} */ name) => h('span', {}, h('i', { class: `policy-key ${kind}` }), name);
  const element = h(
    'div',
    { class: 'policy-opened', hidden: true },
    h('h3', {}, words.planTitle),
    h(
      'div',
      { class: 'policy-opened-view' },
      view.element,
      h(
        'div',
        {},
        h('div', { class: 'policy-slider' }, h('label', { for: 'policy-level' }, words.level), slider, shownLevel),
        sentence,
        h(
          'p',
          { class: 'legend' },
          key('policy-accepted', words.legend.accepted),
          key('policy-rejected', words.legend.rejected),
          key('policy-reflected', words.legend.committed),
          key('policy-discarded', words.legend.discarded),
        ),
        h('label', { class: 'policy-check' }, estimates, words.showEstimates),
        h('label', { class: 'policy-check' }, fan, words.showFan(FAN)),
        h('p', { class: 'note' }, words.planNote),
      ),
    ),
  );

  function draw() {
    if (!opened) return;
    const scene = sceneOf();
    const level = Number(slider.value);
    const index = opened.rounds.findIndex(({ first, committed }) => level < first + committed);
    const round = opened.rounds[index];
    const place = (/** @type {Float32Array} */ images, /** @type {number} */ position) =>
      pointsOf(scene.path(Float64Array.from(images.subarray(position * DIM, (position + 1) * DIM))));
    const now = level - round.first;
    const drafted = Array.from({ length: round.length }, (_, position) => ({
      points: place(estimates.checked ? round.estimate : round.draft, position),
      kind: `policy-path policy-${VERDICTS[round.verdict[position]]} ${position === now ? 'policy-chosen' : ''}`,
    }));
    const stop = round.verdict.indexOf(VERDICTS.indexOf('rejected'));
    const moved = stop >= 0 && !estimates.checked ? [{ points: place(round.state, stop), kind: 'policy-path policy-reflected' }] : [];
    view.trace([
      ...(fan.checked ? others : []).map((points) => ({ points, kind: 'policy-path policy-other' })),
      // later positions below, and the chosen one on top
      ...drafted.filter((_, position) => position !== now).toReversed(),
      ...moved,
      drafted[now],
    ]);
    write(shownLevel, words.levelNow(level, round.time[now]));
    slider.setAttribute('aria-valuetext', words.levelNow(level, round.time[now]));
    write(sentence, words.roundSentence(round, index, opened.rounds.length));
  }

  /** Draws the other plans, some in each frame. */
  function grow() {
    if (!opened || !fan.checked || others.length >= FAN) return;
    const places = pointsOf(sceneOf().fan(others.length, AT_ONCE));
    for (let one = 0; one < AT_ONCE; one++) others.push(places.slice((one * DIM) / 2, ((one + 1) * DIM) / 2));
    draw();
    frame = requestAnimationFrame(grow);
  }

  for (const input of [slider, estimates, fan]) input.addEventListener('input', draw);
  fan.addEventListener('input', grow);
  return {
    element,
    get isOpen() {
      return !element.hidden;
    },
    /** Opens the last plan, if there is one. */
    open() {
      const scene = sceneOf();
      opened = scene.open();
      if (!opened) return;
      element.hidden = false;
      view.show(momentOf(scene.state()));
      slider.max = String(opened.rounds.reduce((sum, { committed }) => sum + committed, 0) - 1);
      slider.value = '0';
      cancelAnimationFrame(frame);
      others = [];
      draw();
      grow();
    },
    close() {
      element.hidden = true;
      opened = undefined;
    },
  };
}
