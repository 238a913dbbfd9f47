// @ts-check
/** Figure 1, the race: two lanes that draw the same picture. A function of (trace, cursor, tokens). */

import { h, write } from '../../parts/dom.js';
import { picture, totals } from '../../state/trace.js';
import { drawPixels } from '../../parts/pixels.js';
import { drawPlainTrack, drawSpeculativeTrack } from './track.js';

/** @typedef {import('../../state/trace.js').Trace} Trace */
/** @typedef {import('../../state/trace.js').Columns} Columns */
/** @typedef {import('../../state/trace.js').Cursor} Cursor */
/** @typedef {import('../../state/trace.js').LaneName} LaneName */
/** @typedef {import('../../parts/tokens.js').Tokens} Tokens */
/** @typedef {{trace: Trace, table: Columns, cursor: Cursor, tokens: Tokens, computing?: LaneName}} View computing: the lane that is being computed now */

const TITLES = { speculative: 'Speculative', plain: 'Standard' };
const SUBTITLES = { speculative: 'drafts several steps, checks them in one call', plain: 'one call for every step' };

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
  const state = h('canvas', { class: 'pixels', width: 16, height: 16, role: 'img', 'aria-label': `${TITLES[name]} sampler: current state` });
  const estimate = h('canvas', { class: 'pixels', width: 16, height: 16, role: 'img', 'aria-label': `${TITLES[name]} sampler: the network’s denoised estimate` });
  const parts = { lead: h('span', { class: 'wide-only' }), words: h('span'), more: h('span', { class: 'wide-only' }) };
  const status = h('span', { class: 'lane-status' }, parts.lead, parts.words, parts.more);
  const track = h('canvas', { class: 'track', role: 'img' });
  const counters = {
    calls: counter('calls', 'sequential calls'),
    rows: counter('rows', 'evaluations'),
    accepted: counter('accepted', 'accepted'),
    stepsPerCall: counter('steps-per-call', 'steps per call'),
  };
  const used = Object.values(counters).filter((one) => name === 'speculative' || one !== counters.accepted);
  const element = h('section', { class: `lane lane-${name}`, 'aria-label': `${TITLES[name]} sampler`, 'data-lane': name },
    h('div', { class: 'pictures' },
      h('div', { class: 'picture' }, state, h('span', { class: 'picture-name' }, 'state')),
      h('div', { class: 'picture' }, estimate, h('span', { class: 'picture-name' }, 'denoised estimate'))),
    h('div', { class: 'lane-body' },
      h('div', { class: 'lane-head' }, h('h3', {}, TITLES[name]), h('span', { class: 'lane-subtitle' }, SUBTITLES[name]), status),
      h('dl', { class: 'counters' }, ...used.map((one) => one.element)),
      track));

  /** @param {View} view */
  function draw({ trace, table, cursor, tokens, computing }) {
    const { steps } = table;
    const lane = table[name];
    const event = name === 'plain' ? cursor.plain : cursor.rounds;
    const sum = totals(lane, event);
    const images = picture(trace, name, cursor);
    drawPixels(state, images.state);
    drawPixels(estimate, images.prediction);
    write(counters.calls.value, sum.calls.toLocaleString('en'));
    write(counters.rows.value, sum.rows.toLocaleString('en'));
    write(counters.accepted.value, `${sum.accepted} of ${sum.tested}`);
    write(counters.stepsPerCall.value, sum.calls > 0 ? sum.stepsPerCall.toFixed(sum.stepsPerCall >= 10 ? 1 : 2) : '–');
    const done = sum.level === steps;
    const otherDone = !computing && (name === 'plain' ? table.speculative.level[cursor.rounds] : table.plain.level[cursor.plain]) === steps;
    const [lead, words, more] = laneWords(sum.level, steps, otherDone, computing && computing !== name && !done ? 'computed next' : '');
    write(parts.lead, lead);
    write(parts.words, words);
    write(parts.more, more);
    element.dataset.state = done ? 'done' : otherDone ? 'waiting' : 'running';
    track.setAttribute('aria-label', `${TITLES[name]} sampler: ${sum.level} of ${steps} steps taken`);
    if (name === 'plain') drawPlainTrack(track, trace, sum.level, tokens);
    else drawSpeculativeTrack(track, trace, cursor.rounds, tokens);
  }

  return { element, draw };
}

/**
 * Where a lane is; on a phone without the words that can be spared.
 * @param {number} level
 * @param {number} steps
 * @param {boolean} otherDone
 * @param {string} idle
 * @returns {[string, string, string]} of which the first and third stand on wide screens only
 */
function laneWords(level, steps, otherDone, idle) {
  if (level === steps) return ['', 'done', ''];
  if (idle) return ['', idle, ''];
  return otherDone ? ['', 'still waiting', ` · step ${level} of ${steps}`] : ['step ', `${level} of ${steps}`, ''];
}

/**
 * @param {string} key
 * @param {string} label
 */
function counter(key, label) {
  const value = h('dd', { 'data-counter': key });
  return { value, element: h('div', {}, h('dt', {}, label), value) };
}
