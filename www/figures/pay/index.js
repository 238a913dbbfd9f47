// @ts-check
/** Whether speculation pays: from the counts of the run that is shown, at any price of a row. */

import * as words from '#words/pay.js';
import { recordedChains } from '../../parts/chains.js';
import { h, s, write } from '../../parts/dom.js';
import { announcer, sized } from '../../parts/plot.js';
import { against, breakEven, priceOf, ratioAt, runOf, windowTimes } from './model.js';
import { drawPrice } from './price.js';
import { drawWindows, heightOf } from './windows.js';

/** @typedef {import('../../state/trace.js').Trace} Trace */

/** Milliseconds after a change before it is announced: a slider that is dragged would be spoken all the while. */
const SETTLED = 1000;
/** A price to begin with, where none was measured on this device. */
const USUAL = 0.1;

/** @param {string | undefined} text */
const parsed = (text) => (/^(100|\d{1,2})$/.test(text ?? '') ? Number(text) / 100 : undefined);

/** The price, as the slider has it, where two evaluations take so many calls. @param {number} ratio */
const priceOfTwo = (ratio) => Math.round(100 * Math.max(0, Math.min(1, ratio - 1))) / 100;

/** @type {import('../../sections.js').Figure['mount']} */
export async function mount(root, context) {
  const file = await recordedChains();
  /** Chosen by the visitor; without it the price that was measured counts. */
  let chosen = parsed(context.recall('pay'));
  /** @type {Trace | undefined} */
  let trace;
  /** @type {import('./price.js').Measured | undefined} */
  let measured;
  /** The price on this device. @type {number | undefined} */
  let own;
  /** Times by window against the standard sampler's, as far as they were measured on this device. @type {Map<string, number>} */
  let points = new Map();
  /** Of a call with two evaluations to one with one, as it was measured here. @type {number | undefined} */
  let ratio;

  const sentence = h('p', { class: 'cost-sentence pay-verdict' }, words.waiting);
  const picture = s('svg', { role: 'img', class: 'pay-price' });
  const bars = s('svg', { role: 'img', class: 'pay-windows' });
  const slider = h('input', { type: 'range', id: 'pay-price', min: 0, max: 100, step: 1 });
  const value = h('output', { for: 'pay-price', 'aria-live': 'off' });
  const two = h('p', { class: 'pay-two' });
  const measure = h('button', { type: 'button', class: 'primary' }, words.measure);
  const best = h('p', { class: 'pay-best' });
  const notes = h('ul', { class: 'pay-cases' });
  const live = h('p', { class: 'sr', 'aria-live': 'polite' });
  const speak = announcer(live, { after: SETTLED });

  root.replaceChildren(
    sentence,
    h('div', { class: 'pay-ratio' }, measure, two),
    h(
      'div',
      { class: 'pay-view' },
      h('div', {}, h('div', { class: 'pay-label' }, h('label', { for: 'pay-price' }, words.slider), value), h('div', { class: 'pay-slider' }, slider), picture),
      h('div', {}, bars, best),
    ),
    notes,
    live,
  );

  const price = () => Math.round(100 * (chosen ?? own ?? USUAL)) / 100;

  function draw() {
    const now = price();
    if (trace) drawPrice(picture, runOf(trace), now, measured, breakEven(runOf(trace)));
    const times = windowTimes(file.windows, now);
    /** @type {{window: string, ratio: number | undefined}[]} */
    const rows = times.lines;
    const extra = points.has('auto') ? [{ window: 'auto', ratio: undefined }] : [];
    bars.style.height = `${heightOf(rows.length + extra.length)}px`;
    drawWindows(bars, [...rows, ...extra], times.best.window, points);
  }

  function show() {
    const now = price();
    slider.value = String(Math.round(100 * now));
    slider.setAttribute('aria-valuetext', words.valueText(now));
    write(value, words.valueText(now));
    const isMeasured = ratio !== undefined && now === priceOfTwo(ratio);
    write(two, words.twoRows(isMeasured ? Number(ratio) : 1 + now, isMeasured));
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

  slider.addEventListener('input', () => {
    chosen = Number(slider.value) / 100;
    context.remember('pay', slider.value);
    show();
    speak([...(trace ? [words.atPrice(chosen, ratioAt(runOf(trace), chosen))] : []), best.textContent ?? ''].join(' '));
  });
  measure.addEventListener('click', async () => {
    if (measure.getAttribute('aria-disabled') === 'true') return;
    measure.setAttribute('aria-disabled', 'true');
    write(measure, words.measuring);
    try {
      ratio = await context.ratio();
      chosen = priceOfTwo(ratio);
      context.remember('pay', String(Math.round(100 * chosen)));
      show();
      speak([two.textContent, best.textContent].join(' '), { after: 0 });
    } catch (error) {
      // another model's engine has come; it can be asked again
      if (/** @type {Error} */ (error).name !== 'AbortError') write(two, /** @type {Error} */ (error).message);
      speak(two.textContent ?? '', { after: 0 });
    }
    measure.removeAttribute('aria-disabled');
    write(measure, words.measure);
  });
  context.shown((shown) => {
    trace = shown;
    const found = priceOf(shown);
    measured = found === undefined ? undefined : { price: Math.min(1, found), name: words.measuredName(shown.source, found) };
    own = shown.source.kind === 'live' ? measured?.price : undefined;
    show();
  });
  context.measured((lines) => {
    points = against(lines);
    draw();
  });
  show();
  sized(picture, draw);
  sized(bars, draw);
}
