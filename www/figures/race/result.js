// @ts-check
/** What stands about a run beside the race: where it was computed, its settings, and once it is complete its result. */

import { h, write } from '../../parts/dom.js';
import { computingOf, runOf } from '../../state/session.js';
import { isComplete } from '../../state/trace.js';
import * as words from '#words/main.js';
import { resultParts, runWords } from '#words/run.js';

/** @typedef {import('../../state/session.js').Session} Session */

/** @param {HTMLElement} root @param {Session} session */
export function drawResult(root, session) {
  const run = runOf(session);
  root.hidden = !run || session.run.phase === 'computing' || !isComplete(run.table);
  if (root.hidden || !run) return;
  const parts = resultParts(run.trace, run.table);
  const cost = (/** @type {'calls' | 'rows' | 'time'} */ key) => h('div', { 'data-cost': key }, h('dt', {}, words.costs[key]), h('dd', {}, parts[key]));
  root.replaceChildren(
    h('p', { class: 'result-line' }, parts.line),
    h('dl', { class: 'result-costs' }, cost('calls'), cost('rows'), cost('time')),
    ...[...parts.notes, words.notes[run.trace.source.note ?? '']].filter(Boolean).map((text) => h('p', { class: 'result-why' }, String(text))),
  );
}

/** @param {HTMLElement} badge @param {HTMLElement} what @param {Session} session */
export function drawBadge(badge, what, session) {
  const trace = runOf(session)?.trace;
  const computing = computingOf(session);
  badge.dataset.kind = trace?.source.kind ?? 'none';
  write(what, trace ? runWords(trace.settings) : '');
  if (!trace) write(badge, words.badges.none);
  else if (trace.source.kind === 'recorded') write(badge, words.badges.recorded);
  else write(badge, words.live(trace.source.device, computing !== undefined, computing?.held ?? false));
}
