// @ts-check
/** Figure 1, the race: two lanes that draw the same picture. A function of (trace, cursor, tokens). */

import { h, write } from '../../parts/dom.js';
import { picture, totals } from '../../state/trace.js';
import { drawPixels } from '../../parts/pixels.js';
import { drawPlainTrack, drawSpeculativeTrack } from './track.js';
import * as words from '#words/race.js';

/** @typedef {import('../../state/trace.js').LaneName} LaneName */
/** @typedef {import('../../sections.js').View} View */

/** @param {HTMLElement} root */
export function mountRace(root) {
  const lanes = { speculative: mountLane('speculative'), plain: mountLane('plain') };
  root.replaceChildren(lanes.speculative.element, lanes.plain.element);
  return (/** @type {View} */ view) => {
    lanes.speculative.draw(view);
    lanes.plain.draw(view);
  };
}

/** @param {LaneName} name */
function mountLane(name) {
  const state = h('canvas', { class: 'pixels', width: 16, height: 16, role: 'img', 'aria-label': words.stateLabel(name) });
  const estimate = h('canvas', { class: 'pixels', width: 16, height: 16, role: 'img', 'aria-label': words.estimateLabel(name) });
  const parts = { lead: h('span', { class: 'wide-only' }), main: h('span'), more: h('span', { class: 'wide-only' }) };
  const status = h('span', { class: 'lane-status' }, parts.lead, parts.main, parts.more);
  const track = h('canvas', { class: 'track', role: 'img' });
  const counters = {
    calls: counter('calls', words.counters.calls),
    rows: counter('rows', words.counters.rows),
    accepted: counter('accepted', words.counters.accepted),
    stepsPerCall: counter('steps-per-call', words.counters.stepsPerCall),
  };
  const used = Object.values(counters).filter((one) => name === 'speculative' || one !== counters.accepted);
  const element = h(
    'section',
    { class: `lane lane-${name}`, role: 'group', 'aria-label': words.samplers[name], 'data-lane': name },
    h(
      'div',
      { class: 'pictures' },
      h('div', { class: 'picture' }, state),
      h('div', { class: 'picture' }, estimate),
      h('span', { class: 'picture-name', 'aria-hidden': 'true' }, words.titles[name]),
    ),
    h(
      'div',
      { class: 'lane-body' },
      h('div', { class: 'lane-head' }, h('h3', {}, words.titles[name]), h('span', { class: 'lane-subtitle' }, words.subtitles[name]), status),
      h('dl', { class: 'counters' }, ...used.map((one) => one.element)),
      track,
    ),
  );

  /** @param {View} view */
  function draw({ trace, table, cursor, tokens, computing }) {
    const { steps } = table;
    const lane = table[name];
    const event = name === 'plain' ? cursor.plain : cursor.rounds;
    const sum = totals(lane, event);
    const images = picture(trace, name, cursor);
    drawPixels(state, images.state);
    drawPixels(estimate, images.estimate);
    const counted = words.counted(sum);
    for (const key of /** @type {const} */ (['calls', 'rows', 'accepted', 'stepsPerCall'])) write(counters[key].value, counted[key]);
    const done = sum.level === steps;
    const otherDone = !computing && (name === 'plain' ? table.speculative.level[cursor.rounds] : table.plain.level[cursor.plain]) === steps;
    const [lead, main, more] = words.status(sum.level, steps, otherDone, computing !== undefined && computing !== name);
    write(parts.lead, lead);
    write(parts.main, main);
    write(parts.more, more);
    element.dataset.state = done ? 'done' : otherDone ? 'waiting' : 'running';
    track.setAttribute('aria-label', words.trackLabel(name, sum.level, steps));
    if (name === 'plain') drawPlainTrack(track, trace, sum.level, tokens);
    else drawSpeculativeTrack(track, trace, cursor.rounds, tokens);
  }

  return { element, draw };
}

/**
 * @param {string} key
 * @param {string} label
 */
function counter(key, label) {
  const value = h('dd', { 'data-counter': key });
  return { value, element: h('div', { class: `counter-${key}` }, h('dt', {}, label), value) };
}
