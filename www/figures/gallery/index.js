// @ts-check
/**
 * What exactness buys: pictures by few standard steps, by estimates that are used again, by as many waits of the speculative sampler,
 * and by all standard steps; and how far their distributions are apart.
 */

import * as words from '#words/gallery.js';
import { asset } from '../../parts/asset.js';
import { h, s, write } from '../../parts/dom.js';
import { drawPixels } from '../../parts/pixels.js';
import { sized } from '../../parts/plot.js';
import { drawStrip } from './strip.js';

/** @typedef {{sampler: 'few' | 'cached' | 'speculative' | 'plain', steps: number, calls: number, images: string}} PictureSet `calls` is the mean of a picture's sequential calls, `images` base64 */
/**
 * The energy distance of so many samples to as many of the standard sampler with all steps, and the same distance where the
 * pooled samples are dealt out at random.
 * @typedef {{sampler: 'few' | 'cached' | 'speculative', steps: number, samples: number, distance: number, null_median: number, null_95: number, share_of_null_beyond: number}} Compared
 */
/** `cached_until`: the share of its size by which an estimate may have changed before another is made. @typedef {{size: number, channels: number, cached_until: number, sets: PictureSet[], compared: Compared[]}} Model */
/** @typedef {{command: string, models: Record<string, Model>}} Gallery */

const PICTURES = 24;
const COLUMNS = 8;
const ORDER = ['few', 'cached', 'speculative', 'plain'];
/** Where the arrow keys go. @type {Record<string, (at: number) => number>} */
const MOVES = {
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  ArrowUp: (at) => at - COLUMNS,
  ArrowDown: (at) => at + COLUMNS,
  Home: () => 0,
  End: () => PICTURES - 1,
};

/**
 * @param {PictureSet} set
 * @param {Model} model
 * @returns {Float32Array[]}
 */
function decoded({ images }, { size, channels }) {
  const bytes = Float32Array.from(atob(images), (letter) => letter.charCodeAt(0) / 127.5 - 1);
  const dim = size * size * channels;
  return Array.from({ length: bytes.length / dim }, (_, i) => bytes.subarray(i * dim, (i + 1) * dim));
}

/** @type {import('../../sections.js').Figure['mount']} */
export async function mount(root, context) {
  /** @type {Gallery} */
  const gallery = await asset('gallery.json');
  const names = Object.keys(gallery.models);
  let name = names.find((one) => one === context.recall('gallery')) ?? names[0];

  const kinds = h(
    'fieldset',
    { class: 'segmented' },
    h('legend', {}, words.legend),
    ...names.map((one) =>
      h('label', {}, h('input', { type: 'radio', name: 'gallery-model', value: one, checked: one === name }), h('span', {}, words.models[one] ?? one)),
    ),
  );
  const groups = ORDER.map((sampler) => {
    const title = h('h3');
    const waits = h('p', { class: 'gallery-waits' });
    const buttons = Array.from({ length: PICTURES }, (_, i) =>
      h(
        'button',
        { type: 'button', class: 'gallery-picture', tabindex: i === 0 ? 0 : -1 },
        h('canvas', { class: 'pixels', width: 16, height: 16, 'aria-hidden': 'true' }),
      ),
    );
    const grid = h('div', { class: 'gallery-grid', role: 'group' }, ...buttons);
    const element = h('section', { class: `gallery-group gallery-${sampler}` }, h('div', {}, title, waits), grid);
    return { element, title, waits, buttons, grid, set: /** @type {PictureSet | undefined} */ (undefined), images: /** @type {Float32Array[]} */ ([]) };
  });
  const large = h('canvas', { class: 'pixels', width: 16, height: 16, role: 'img' });
  const caption = h('p', { class: 'gallery-caption', 'aria-live': 'polite' });
  const [previous, next, close] = [words.previous, words.next, words.close].map((text) => h('button', { type: 'button' }, text));
  const dialog = h('dialog', { class: 'gallery-dialog', 'aria-label': words.hint }, large, caption, h('div', { class: 'gallery-turn' }, previous, next, close));
  const strip = s('svg', { class: 'gallery-strip', role: 'img' });
  const stripTitle = h('h3', { class: 'gallery-measured' });
  const sentences = h('div', { class: 'gallery-sentences', 'aria-live': 'polite' });
  root.replaceChildren(
    h('div', { class: 'gallery-head' }, kinds),
    h('div', { class: 'gallery-groups' }, ...groups.map(({ element }) => element)),
    h('div', { class: 'gallery-foot' }, h('p', { 'data-hint': true }, words.hint)),
    stripTitle,
    strip,
    h('p', { class: 'legend' }, h('span', {}, h('i', { class: 'gallery-key' }), words.band)),
    sentences,
    h('p', { class: 'note' }, words.recipe(gallery.command)),
    dialog,
  );

  /** The picture that is shown large. @type {[group: number, index: number]} */
  let enlarged = [0, 0];
  const model = () => gallery.models[name];

  function drawMeasured() {
    drawStrip(strip, model().compared);
  }

  function draw() {
    for (const [number, group] of groups.entries()) {
      group.set = model().sets.find(({ sampler }) => sampler === ORDER[number]);
      group.element.hidden = !group.set;
      if (!group.set) continue;
      const { set } = group;
      group.images = decoded(set, model());
      write(group.title, words.samplerName(set));
      write(group.waits, words.setWaits(set));
      group.grid.setAttribute('aria-label', words.setTitle(set));
      for (const [i, button] of group.buttons.entries()) {
        drawPixels(/** @type {HTMLCanvasElement} */ (button.firstChild), group.images[i]);
        button.setAttribute('aria-label', words.picture(set, name, i + 1, PICTURES));
      }
    }
    const { compared, sets, cached_until: until } = model();
    write(stripTitle, words.measureTitle(compared, Math.max(...sets.map(({ steps }) => steps))));
    strip.setAttribute('aria-label', words.stripLabel(name, compared));
    sentences.replaceChildren(...words.judged(name, compared, until).map((text) => h('p', {}, text)));
    drawMeasured();
  }

  /** @param {number} group @param {number} index */
  function enlarge(group, index) {
    enlarged = [group, index];
    const { set, images } = groups[group];
    if (!set) return;
    drawPixels(large, images[index]);
    const text = words.picture(set, name, index + 1, PICTURES);
    large.setAttribute('aria-label', text);
    write(caption, text);
    if (!dialog.open) dialog.showModal();
  }

  /** @param {number} group @param {number} index */
  function focus(group, index) {
    for (const [i, button] of groups[group].buttons.entries()) button.tabIndex = i === index ? 0 : -1;
    groups[group].buttons[index].focus();
  }

  /** @param {-1 | 1} by */
  function turn(by) {
    const [group, index] = enlarged;
    enlarge(group, (index + by + PICTURES) % PICTURES);
  }

  for (const [number, { buttons }] of groups.entries()) {
    for (const [index, button] of buttons.entries()) {
      button.addEventListener('click', () => enlarge(number, index));
      button.addEventListener('keydown', (event) => {
        const to = MOVES[event.key]?.(index);
        if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
        // the page would move the replay
        event.preventDefault();
        event.stopPropagation();
        if (to >= 0 && to < PICTURES) focus(number, to);
      });
    }
  }
  previous.addEventListener('click', () => turn(-1));
  next.addEventListener('click', () => turn(1));
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('keydown', ({ key }) => {
    if (key === 'ArrowLeft') turn(-1);
    if (key === 'ArrowRight') turn(1);
  });
  dialog.addEventListener('close', () => focus(...enlarged));
  kinds.addEventListener('change', ({ target }) => {
    name = /** @type {HTMLInputElement} */ (target).value;
    context.remember('gallery', name === names[0] ? undefined : name);
    draw();
  });
  draw();
  sized(strip, drawMeasured);
}
