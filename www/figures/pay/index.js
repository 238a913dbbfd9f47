// @ts-check
/** Whether speculation pays: from the counts of the run that is shown, at any price of a row. */

import * as words from '#words/pay.js';
import { runWords } from '#words/run.js';
import { h, s, write } from '../../parts/dom.js';
import { loadRecorded, sized, speaker } from '../stairs/chart.js';
import { measure, windowsFor } from './measure.js';
import { breakEven, priceOf, ratioAt, runOf, windowTimes } from './model.js';
import { drawPrice } from './price.js';
import { drawWindows, heightOf } from './windows.js';

/** @typedef {import('../../state/trace.js').Trace} Trace */
/** @typedef {import('./measure.js').Line} Line */

/** A price to begin with, where none was measured on this device. */
const USUAL = 0.1;

/** @param {string | undefined} text */
const parsed = (text) => (/^(100|\d{1,2})$/.test(text ?? '') ? Number(text) / 100 : undefined);

/** @type {import('../../sections.js').Figure['mount']} */
export async function mount(root, context) {
  const file = await loadRecorded();
  /** Chosen by the visitor; without it the price that was measured counts. */
  let chosen = parsed(context.recall('pay'));
  /** @type {Trace | undefined} */
  let trace;
  /** @type {import('./price.js').Measured | undefined} */
  let measured;
  /** The price on this device. @type {number | undefined} */
  let own;
  /** @type {Line[]} */
  let lines = [];
  /** What is or was measured. @type {import('../../state/settings.js').RunSettings | undefined} */
  let timed;
  /** @type {AbortController | undefined} */
  let running;

  const sentence = h('p', { class: 'cost-sentence pay-verdict' }, words.waiting);
  const picture = s('svg', { role: 'img', class: 'pay-price' });
  const bars = s('svg', { role: 'img', class: 'pay-windows' });
  const slider = h('input', { type: 'range', id: 'pay-price', min: 0, max: 100, step: 1 });
  const value = h('output', { for: 'pay-price', 'aria-live': 'off' });
  const best = h('p', { class: 'pay-best' });
  const notes = h('ul', { class: 'pay-cases' });
  const button = h('button', { type: 'button' }, words.measure);
  const progress = h('progress', { 'aria-label': words.measure, max: 1, value: 0, hidden: true });
  const status = h('p', { class: 'cost-status', role: 'status' });
  const result = h('section', { class: 'measured', hidden: true });
  const live = h('p', { class: 'sr', 'aria-live': 'polite' });
  const speak = speaker(live);

  root.replaceChildren(
    sentence,
    h(
      'div',
      { class: 'pay-view' },
      h('div', {}, h('div', { class: 'pay-label' }, h('label', { for: 'pay-price' }, words.slider), value), h('div', { class: 'pay-slider' }, slider), picture),
      h('div', {}, bars, best),
    ),
    notes,
    h('div', { class: 'actions' }, button, progress, status),
    result,
    live,
  );

  const price = () => Math.round(100 * (chosen ?? own ?? USUAL)) / 100;
  const standardMs = () => lines.find(({ window }) => window === '1')?.ms;
  /** Against the standard sampler, as far as measured. */
  const points = () => {
    const standard = standardMs();
    return new Map(standard ? lines.map(({ window, ms }) => /** @type {[string, number]} */ ([window, ms / standard])) : []);
  };

  function draw() {
    const now = price();
    if (trace)
      drawPrice(picture, runOf(trace), now, measured, breakEven(runOf(trace)), {
        ...words.axes,
        ratio: words.ratioWords,
        percent: words.percent,
        even: words.even,
      });
    const times = windowTimes(file.windows, now);
    /** @type {{window: string, ratio: number | undefined}[]} */
    const rows = times.lines;
    const extra = timed ? [{ window: 'auto', ratio: undefined }] : [];
    bars.style.height = `${heightOf(rows.length + extra.length)}px`;
    drawWindows(bars, [...rows, ...extra], times.best.window, points(), { ...words.bars, name: words.windowName, ratio: words.ratioWords });
  }

  function show() {
    const now = price();
    slider.value = String(Math.round(100 * now));
    slider.setAttribute('aria-valuetext', words.valueText(now));
    write(value, words.valueText(now));
    const chosenWindow = words.bestWindow(windowTimes(file.windows, now).best, file);
    write(best, chosenWindow);
    bars.setAttribute('aria-label', words.barsName(chosenWindow));
    if (trace) {
      const run = runOf(trace);
      const { device } = trace.source;
      const said = [words.verdict(run, breakEven(run)), words.atPrice(now, ratioAt(run, now))];
      write(sentence, said.join(' '));
      picture.setAttribute('aria-label', words.priceName(...said));
      const shared = measured && device.backend === 'cpu' && (device.workers ?? 1) > 1;
      const window = trace.rounds.reduce((sum, { length }) => sum + length, 0) / trace.rounds.length;
      notes.replaceChildren(
        ...[
          ...words.cases(ratioAt(run, 0), ratioAt(run, 1)),
          ...(shared ? [words.sideBySide(device, window)] : []),
          ...(run.drafted ? [words.drafterNote] : []),
        ].map((line) => h('li', {}, line)),
      );
    }
    draw();
  }

  function drawTable() {
    result.hidden = !timed;
    if (!timed) return;
    const found = points();
    const rest = lines.filter(({ window }) => window !== '1' && found.has(window));
    const fastest = rest.length > 0 ? rest.reduce((one, other) => (other.ms < one.ms ? other : one)) : undefined;
    const title = words.tableTitle(runWords({ ...timed, window: '…' }), !running);
    result.setAttribute('aria-label', title);
    result.replaceChildren(
      h('h3', {}, title),
      h(
        'table',
        {},
        h('thead', {}, h('tr', {}, ...Object.values(words.table).map((name) => h('th', { scope: 'col' }, name)))),
        h(
          'tbody',
          {},
          ...windowsFor(timed.steps).map((window) => {
            const line = lines.find((one) => one.window === window);
            const cells = line
              ? [String(line.calls), String(line.rows), words.time(line.ms), words.ratioWords(found.get(window) ?? NaN)]
              : ['–', '–', '–', '–'];
            return h(
              'tr',
              { 'data-window': window, 'data-chosen': !running && window === fastest?.window },
              h('th', { scope: 'row' }, words.windowName(window)),
              ...cells.map((cell) => h('td', {}, cell)),
            );
          }),
        ),
      ),
      ...(fastest && !running ? [h('p', {}, words.measuredSentence({ window: fastest.window, ratio: found.get(fastest.window) ?? NaN }))] : []),
    );
  }

  async function measureHere() {
    timed = context.settings();
    const all = windowsFor(timed.steps);
    lines = [];
    running = new AbortController();
    write(button, words.cancel);
    progress.hidden = false;
    drawTable();
    draw();
    let end = '';
    try {
      await measure(
        context,
        timed,
        running.signal,
        (window, share) => {
          // the standard sampler comes behind the first window
          const index = window === '1' ? 1 : window === all[1] ? 0 : all.indexOf(window);
          progress.value = (index + share) / all.length;
          write(status, words.progress(index + 1, all.length, window));
        },
        (line) => {
          lines = [...lines, line];
          drawTable();
          draw();
        },
      );
    } catch (error) {
      end = /** @type {Error} */ (error).name === 'AbortError' ? words.cancelled : /** @type {Error} */ (error).message;
      // without both there is nothing to compare
      if (lines.length < 2) timed = undefined;
    }
    running = undefined;
    write(button, words.measure);
    write(status, end);
    progress.hidden = true;
    progress.value = 0;
    drawTable();
    draw();
  }

  slider.addEventListener('input', () => {
    chosen = Number(slider.value) / 100;
    context.remember('pay', slider.value);
    show();
    speak([...(trace ? [words.atPrice(chosen, ratioAt(runOf(trace), chosen))] : []), best.textContent ?? ''].join(' '));
  });
  button.addEventListener('click', () => {
    if (running) running.abort();
    else measureHere();
  });
  context.shown((shown) => {
    trace = shown;
    const found = priceOf(shown);
    measured = found === undefined ? undefined : { price: Math.min(1, found), name: words.measuredName(shown.source, found) };
    own = shown.source.kind === 'live' ? measured?.price : undefined;
    show();
  });
  show();
  sized(picture, draw);
  sized(bars, draw);
}
