// @ts-check
/** One position of a round in detail. */

import { h, s, write } from '../../parts/dom.js';
import { drawPixels } from '../../parts/pixels.js';
import { image, isPeak, verdictOf } from '../../state/trace.js';
import * as words from '#words/round.js';
import { drawBells, drawThreshold } from './bells.js';

/** @typedef {import('../../state/trace.js').Round} Round */

/** What is shown of the chosen step: its pictures, its two bells, its numbers. */
export function mountDetail() {
  const pictures = /** @type {const} */ (['draftMean', 'targetMean', 'difference', 'draft', 'committed']).map((which) => {
    const name = words.pictures[which];
    const canvas = h('canvas', { class: 'pixels', width: 16, height: 16, role: 'img', 'aria-label': name });
    const label = h('span', { class: 'picture-name' }, name);
    return { canvas, label, element: h('div', { class: 'picture' }, canvas, label) };
  });
  const title = h('h4', {});
  const bells = s('svg', { class: 'bells', role: 'img', 'aria-label': words.bellsLabel });
  const threshold = s('svg', { class: 'threshold', role: 'img', 'aria-label': words.thresholdLabel });
  const numbers = h('dl', { class: 'numbers' });
  const sentence = h('p', { class: 'position-sentence' });
  const element = h(
    'div',
    { class: 'detail' },
    h('div', { class: 'detail-text' }, title, sentence, numbers),
    h('div', { class: 'detail-plot' }, bells, threshold),
    h('div', { class: 'detail-pictures' }, ...pictures.map((one) => one.element)),
  );

  /**
   * @param {Round} round
   * @param {number} dim
   * @param {number} position
   * @param {{answered: boolean, judged: boolean}} known whether the target has been asked, and whether this step has its verdict
   * @param {boolean} eightBit
   */
  function draw(round, dim, position, { answered, judged }, eightBit) {
    const word = verdictOf(round, position);
    element.dataset.verdict = judged ? word : 'open';
    write(title, words.stepTitle(round, position, judged));
    write(sentence, judged ? words.positionSentence(round, position) : answered ? words.answered : words.unasked);
    const mean = image(round.draftMean, position, dim);
    const target = image(round.targetMean, position, dim);
    for (const { element } of pictures.slice(1, 3)) element.hidden = !answered;
    const difference = mean.map((value, i) => value - target[i]);
    const gain = amplification(difference);
    drawPixels(pictures[0].canvas, mean);
    drawPixels(pictures[1].canvas, target);
    drawPixels(pictures[2].canvas, difference, gain);
    write(pictures[2].label, words.difference(difference.some((value) => value !== 0) ? gain : 0, eightBit));
    drawPixels(pictures[3].canvas, image(round.draft, position, dim));
    const committed = position < round.committed && judged;
    pictures[4].element.hidden = !committed;
    if (committed) drawPixels(pictures[4].canvas, image(round.state, position, dim));
    write(pictures[4].label, words.pictures[word === 'rejected' && !isPeak(round, position) ? 'reflected' : 'committed']);
    const tested = judged && Number.isFinite(round.gap[position]);
    for (const svg of [bells, threshold]) svg.toggleAttribute('hidden', !tested);
    if (tested) {
      drawBells(bells, round, position, words.bellNames);
      drawThreshold(threshold, round, position);
    }
    numbers.replaceChildren(...words.numbers(round, position, tested).map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
  }

  return { element, draw };
}

/**
 * A round factor that makes the largest difference about full contrast.
 * @param {Float32Array} difference
 */
export function amplification(difference) {
  const largest = difference.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(1 / largest));
  const factor = [5, 2, 1].find((one) => one * power * largest <= 1) ?? 1;
  return Math.max(1, factor * power);
}
