// @ts-check
/**
 * Evidence of exactness: the committed residuals along the gap, of the very runs that the page shows, beside N(0,1); and the
 * same for a toy whose rule may be a wrong one.
 */

import * as words from '#words/evidence.js';
import { h, s, toggles, write } from '../../parts/dom.js';
import { breathe } from '../../parts/frames.js';
import { announcer, sized } from '../../parts/plot.js';
import { VERDICTS } from '../../state/trace.js';
import { drawCumulative, drawHistogram } from './chart.js';
import { E_LIMIT, LIMIT, summarize, visible } from './normal.js';
import { Runs } from './runs.js';

/** @typedef {import('../../say/evidence.js').Shown} Shown */
/** @typedef {import('../../say/evidence.js').Origin} Origin */
/** @typedef {import('./runs.js').Run} Run */

const RULES = /** @type {const} */ (['reflection', 'keep-noise', 'redraw', 'accept-all']);
const MORE = 10;
/** Eight narrow Gaussians on a circle: weight, mean, variances. */
const RING = Array.from({ length: 8 }, (_, i) => [1, Math.cos((Math.PI * i) / 4), Math.sin((Math.PI * i) / 4), 0.002, 0.002]).flat();
const CHAINS = 600;
/** So many at a time take some milliseconds. */
const CHUNK = 30;
const TOY = { seed: 1, steps: 40, eta: 1, window: 8, draft: 'carry' };
/** Milliseconds between two announcements. */
const ANNOUNCE_EVERY = 1500;

/** @type {import('../../sections.js').Figure['mount']} */
export async function mount(root, context) {
  const runs = new Runs();
  /** @type {Map<Shown, Run & {chains: number, exact: boolean}>} */
  const toys = new Map();
  const recalled = RULES.find((rule) => rule === context.recall('evidence'));
  /** @type {{rule: Shown, toy: boolean}} */
  const state = { rule: recalled ?? 'keep-noise', toy: recalled !== undefined };
  /** @type {import('../../sections.js').RunSettings | undefined} of the run that is shown */
  let settings;
  /** @type {AbortController | undefined} */
  let collecting;

  const choice = (/** @type {string} */ name, /** @type {string} */ value, /** @type {string} */ text, /** @type {boolean} */ checked) =>
    h('label', {}, h('input', { type: 'radio', name, value, checked }), h('span', {}, text));
  const badge = h('span', { class: 'badge' });
  const kinds = h(
    'fieldset',
    { class: 'segmented' },
    h('legend', {}, words.switchLegend),
    choice('evidence-of', 'network', words.network, !state.toy),
    choice('evidence-of', 'toy', words.toy, state.toy),
  );
  const rules = h(
    'fieldset',
    { class: 'evidence-rules' },
    h('legend', {}, words.rulesLegend),
    ...RULES.map((rule) => choice('evidence-rule', rule, words.rules[rule].name, rule === state.rule)),
  );
  const button = h('button', { type: 'button', class: 'primary' }, words.more);
  const bar = h('progress', { max: MORE, value: 0, 'aria-label': words.more, hidden: true });
  const status = h('span', { class: 'evidence-status' });
  const asking = h('div', { class: 'evidence-more' }, button, bar, status);
  const histogram = s('svg', { class: 'evidence-histogram', role: 'img' });
  const cumulative = s('svg', { class: 'evidence-cumulative', role: 'img' });
  const names = [words.accepted, words.rejected({ of: 'network', runs: 0, corrected: 0 }, 0), words.all, words.expected].map((text) => h('span', {}, text));
  const keys = ['accepted', 'rejected'].map((name) => h('i', { class: `evidence-key evidence-key-${name}` }));
  const cells = names.map(() => [0, 1, 2].map(() => h('td')));
  const table = h(
    'table',
    { class: 'evidence-table' },
    h('thead', {}, h('tr', {}, ...words.columns.map((text) => h('th', { scope: 'col' }, text)))),
    h('tbody', {}, ...names.map((name, i) => h('tr', {}, h('th', { scope: 'row' }, ...(keys[i] ? [keys[i]] : []), name), ...cells[i]))),
  );
  const legend = h(
    'p',
    { class: 'legend' },
    h('span', {}, h('i', { class: 'evidence-key evidence-key-normal' }), words.normal),
    h('span', {}, h('i', { class: 'evidence-key evidence-key-band' }), words.band),
    h('span', {}, h('i', { class: 'evidence-key-outside' }, '▲▼'), words.outside),
  );
  const statistic = h('p', { class: 'evidence-statistic' });
  const eValue = h('p', { class: 'evidence-statistic evidence-e' });
  const line = h('p', { class: 'result-line' });
  const why = h('p', { class: 'evidence-why' });
  const live = h('p', { class: 'sr', 'aria-live': 'polite' });
  const announce = announcer(live, { after: 150, every: ANNOUNCE_EVERY });
  const limits = h('div', { class: 'evidence-limits' });
  root.replaceChildren(
    h('div', { class: 'evidence-head' }, badge, kinds),
    h('div', { class: 'evidence-choice' }, asking, rules),
    h(
      'div',
      { class: 'evidence-charts' },
      h('div', {}, histogram, legend),
      h('div', { class: 'evidence-side' }, table, h('div', {}, h('p', { class: 'evidence-title' }, words.cumulativeTitle), cumulative, statistic, eValue)),
    ),
    h('div', { class: 'evidence-result' }, line, why),
    live,
    h('details', {}, h('summary', {}, words.limits), limits),
  );

  /** What is drawn now, if there is anything. @returns {{residuals: Run, origin: Origin} | undefined} */
  function drawn() {
    if (state.toy) {
      const toy = toys.get(state.rule);
      return toy && toy.chains > 0 ? { residuals: toy, origin: { of: 'toy', rule: state.rule, exact: toy.exact, chains: toy.chains } } : undefined;
    }
    const { residuals } = runs;
    return residuals.accepted.length + residuals.rejected.length > 0
      ? { residuals, origin: { of: 'network', runs: runs.count, corrected: residuals.corrected } }
      : undefined;
  }

  function draw() {
    asking.hidden = state.toy;
    rules.hidden = !state.toy;
    const now = drawn();
    if (!now) {
      write(line, state.toy ? '' : words.noRun);
      return;
    }
    const { residuals, origin } = now;
    const summary = summarize(residuals);
    const wrong = origin.of === 'toy' && !origin.exact;
    write(badge, words.badge(origin));
    badge.dataset.kind = wrong ? 'trouble' : 'ready';
    root.dataset.exact = String(!wrong);
    drawHistogram(histogram, summary);
    drawCumulative(cumulative, summary);
    histogram.setAttribute('aria-label', words.histogramLabel(summary, origin, LIMIT));
    cumulative.setAttribute('aria-label', words.cumulativeLabel(summary, LIMIT));
    write(names[1], words.rejected(origin, summary.rejected.n));
    const rows = [...[summary.accepted, summary.rejected, summary.all].map(words.row), words.expectedRow(summary.all.n)];
    for (const [i, row] of rows.entries()) for (const [j, text] of row.entries()) write(cells[i][j], text);
    write(statistic, words.statistic(summary.ks, LIMIT));
    statistic.dataset.beyond = String(summary.ks > LIMIT);
    write(eValue, words.eValue(summary.lnE, E_LIMIT));
    eValue.dataset.beyond = String(summary.lnE > Math.log(E_LIMIT));
    const said = words.result(summary, origin, LIMIT);
    write(line, said.line);
    write(why, said.why);
    announce(`${said.line} ${said.why}`);
    limits.replaceChildren(...words.paragraphs(summary.all.n, visible(summary.all.n)).map((text) => h('p', {}, text)));
  }

  /** Computes the chains of a rule, some at a time; goes on where it was left. @param {Shown} rule */
  async function compute(rule) {
    const { Toy } = await context.toy();
    const toy = toys.get(rule) ?? { accepted: [], rejected: [], corrected: 0, chains: 0, exact: false };
    toys.set(rule, toy);
    const mixture = new Toy(2, Float64Array.from(RING));
    try {
      while (toy.chains < CHAINS && state.toy && state.rule === rule) {
        const { residuals, verdicts, exact } = mixture.swarm({ ...TOY, rule }, toy.chains, CHUNK);
        for (const [i, value] of residuals.entries()) toy[VERDICTS[verdicts[i]] === 'accepted' ? 'accepted' : 'rejected'].push(value);
        toy.chains += CHUNK;
        toy.exact = exact;
        if (!context.still() || toy.chains >= CHAINS) draw();
        await breathe();
      }
    } finally {
      mixture.free();
    }
  }

  function choose() {
    context.remember('evidence', state.toy ? state.rule : undefined);
    draw();
    if (!state.toy || (toys.get(state.rule)?.chains ?? 0) >= CHAINS) return;
    compute(state.rule).catch(({ message }) => write(line, message));
  }

  async function collect() {
    collecting = new AbortController();
    const { signal } = collecting;
    write(button, words.cancel);
    bar.hidden = false;
    let done = 0;
    const of = settings ?? context.settings();
    let { seed } = of;
    try {
      for (; done < MORE; done++) {
        do seed = seed === Number.MAX_SAFE_INTEGER ? 0 : seed + 1;
        while (runs.has(seed));
        bar.value = done;
        const number = words.progress(done + 1, MORE);
        if (done === 0) write(status, words.waiting);
        else write(status, number);
        const { speculative } = await context.collect({ ...of, seed }, { signal, heard: () => write(status, number) });
        runs.add(seed, speculative);
        if (!state.toy) draw();
      }
      write(status, '');
    } catch (error) {
      write(status, signal.aborted ? words.stopped(done, MORE) : words.failed(/** @type {Error} */ (error).message, done));
    }
    collecting = undefined;
    bar.hidden = true;
    write(button, words.more);
  }

  toggles(
    button,
    () => collecting !== undefined,
    collect,
    () => collecting?.abort(),
  );
  kinds.addEventListener('change', ({ target }) => {
    state.toy = /** @type {HTMLInputElement} */ (target).value === 'toy';
    choose();
  });
  rules.addEventListener('change', ({ target }) => {
    state.rule = /** @type {Shown} */ (/** @type {HTMLInputElement} */ (target).value);
    choose();
  });
  context.shown((trace) => {
    settings = trace.settings;
    runs.add(settings.seed, trace.rounds);
    if (!state.toy) draw();
  });
  choose();
  sized(histogram, draw);
}
