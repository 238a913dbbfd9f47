// @ts-check
/** Where many chains end, by the speculative and by the standard sampler, with what lies along each axis. */

import { h, write } from '../../parts/dom.js';
import { breathe } from '../../parts/frames.js';
import { fitted } from '../../parts/pixels.js';
import { HALF, WRONG, marginalOf, numbersOf } from './densities.js';
import { WHOLE, shader } from './map.js';

/** @typedef {import('../../sections.js').Context} Context */
/** @typedef {import('../../engine/toy.js').Toy} Toy */
/** @typedef {import('../../engine/toy.js').ToyModule} ToyModule */
/** @typedef {typeof import('../../text/en/world.js')} Words */
/** @typedef {import('./densities.js').World} World */
/** @typedef {{chains: number, calls: number, exact: boolean, ends: number[][]}} Sample `ends` along each axis */

const BATCH = 500;
const MOST = 10_000;
/** Milliseconds that a task may take, about, and chains of the first one, before it is known how long one takes. */
const TASK = 15;
const FIRST_CHUNK = 3;
/** Milliseconds between two pictures of a growing sample. */
const PICTURE = 120;
/** The standard sampler draws other chains, so that the two samples are independent. */
const APART = 1_000_000;
const BINS = 34;
const CURVE = 120;
/** Of the width, for a histogram. */
const MARGIN = 0.17;
/** Two samples of one distribution differ by more along either axis in one of so many cases. */
const ONE_OF = 100;

/** @returns {Sample} */
const empty = () => ({ chains: 0, calls: 0, exact: true, ends: [[], []] });

/** The largest difference of the distribution functions of two samples. @param {number[]} one @param {number[]} other */
export function distance(one, other) {
  const [a, b] = [one, other].map((list) => Float64Array.from(list).sort());
  let [i, j, most] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] <= b[j]) i += 1;
    else j += 1;
    most = Math.max(most, Math.abs(i / a.length - j / b.length));
  }
  return most;
}

/** What it stays below for two samples of so many, Kolmogorov and Smirnov's, on both axes together. @param {number} count */
const boundOf = (count) => Math.sqrt(-Math.log(1 / ONE_OF / 4) / count);

/**
 * @param {Context} context
 * @param {Words} words
 * @param {ToyModule} toys
 */
export function mountSwarm(context, words, toys) {
  /** @type {{world: World, toy: Toy, curves: Float64Array[]} | undefined} */
  let shown;
  /** Counts what makes a computation out of date. */
  let epoch = 0;
  let busy = false;
  let stopped = false;
  /** Why the last draw ended early, as a sentence. */
  let failure = '';
  let goal = 0;
  let later = 0;
  /** @type {Record<'speculative' | 'plain', Sample>} */
  let samples = { speculative: empty(), plain: empty() };

  const rule = h('select', { name: 'swarm-rule' });
  const go = h('button', { type: 'button', class: 'primary', 'data-action': 'draw' });
  const cancel = h('button', { type: 'button', 'data-action': 'cancel' }, words.buttons.cancel);
  const bar = h('progress', { max: 1, value: 0, 'aria-label': words.swarmTitle });
  const far = h('span');
  const work = h('div', { class: 'progress world-progress' }, bar, far, cancel);
  const result = h('p', { class: 'world-result', 'aria-live': 'polite' });
  const badge = h('span', { class: 'badge', 'data-kind': 'trouble', hidden: true }, words.notExact);
  const panels = /** @type {const} */ (['speculative', 'plain']).map((name) => {
    const canvas = h('canvas', { role: 'img' });
    const note = h('p', { class: 'world-panel-note' });
    const head = h('h4', {}, words.panels[name], ...(name === 'speculative' ? [badge] : []));
    return {
      name,
      canvas,
      note,
      element: h('section', { class: `world-panel world-panel-${name}`, role: 'group', 'aria-label': words.panels[name] }, head, canvas, note),
    };
  });
  const element = h(
    'div',
    { class: 'world-swarm' },
    h('h3', {}, words.swarmTitle),
    h('div', { class: 'world-swarm-row' }, h('label', { class: 'field' }, h('span', {}, words.labels.cases), rule), go, work),
    h('div', { class: 'world-panels' }, ...panels.map((panel) => panel.element)),
    result,
    h('p', { class: 'note' }, words.curve),
  );

  const colours = () => ({ ...context.tokens(), ground: getComputedStyle(panels[0].canvas).backgroundColor });
  const shade = shader(colours);

  function forget() {
    epoch += 1;
    [busy, failure] = [false, ''];
    samples = { speculative: empty(), plain: empty() };
    // a cluster that is dragged does not wait for these pictures
    clearTimeout(later);
    later = window.setTimeout(draw, PICTURE);
  }

  /** Draws a batch more; what goes wrong is told in the place of a result. */
  async function fill() {
    if (!shown || busy) return;
    const mine = ++epoch;
    [busy, stopped, failure] = [true, false, ''];
    goal = samples.plain.chains + BATCH;
    try {
      await grow(shown, () => mine === epoch);
    } catch (error) {
      if (mine !== epoch) return;
      // one sampler may have more chains than the other
      samples = { speculative: empty(), plain: empty() };
      failure = words.failed(/** @type {Error} */ (error).message);
    } finally {
      if (mine === epoch) busy = false;
    }
    if (mine === epoch) draw();
  }

  /** @param {{world: World, toy: Toy}} of @param {() => boolean} isWanted whether the toy is still the same */
  async function grow({ world, toy }, isWanted) {
    const settings = { seed: world.seed, steps: world.steps, eta: 1 };
    const kinds = /** @type {const} */ ([
      [
        samples.speculative,
        0,
        { ...settings, window: world.window, draft: world.draft, rule: /** @type {import('../../engine/toy.js').ToyRule} */ (rule.value) },
      ],
      [samples.plain, APART, { ...settings, window: 1, draft: 'frozen', rule: 'reflection' }],
    ]);
    let pictured = performance.now();
    let chunk = FIRST_CHUNK;
    draw();
    while (samples.plain.chains < goal && !stopped) {
      let slowest = 0;
      for (const [sample, first, how] of kinds) {
        await breathe();
        // a cancelled draw ends with as many chains by each sampler
        if (!isWanted()) return;
        const began = performance.now();
        const count = Math.min(chunk, goal - sample.chains);
        const { ends, calls, exact } = toy.swarm(how, first + sample.chains, count);
        ends.forEach((value, index) => sample.ends[index % 2].push(value));
        sample.chains += count;
        sample.calls += calls;
        sample.exact = exact;
        slowest = Math.max(slowest, performance.now() - began);
      }
      chunk = Math.max(1, Math.min(2 * chunk, Math.floor((chunk * TASK) / Math.max(0.1, slowest))));
      if (performance.now() - pictured > PICTURE && !context.still()) {
        await breathe();
        if (!isWanted()) return;
        draw();
        pictured = performance.now();
      } else tell();
    }
  }

  function tell() {
    bar.value = 1 - (goal - samples.plain.chains) / BATCH;
    write(far, words.progress(samples.plain.chains, goal));
  }

  function draw() {
    if (!shown) return;
    const { world } = shown;
    const { speculative, plain } = samples;
    const wrong = /** @type {readonly string[]} */ (WRONG).includes(rule.value);
    work.classList.toggle('idle', !busy);
    cancel.disabled = !busy;
    go.setAttribute('aria-disabled', String(busy || plain.chains >= MOST));
    write(go, plain.chains === 0 ? words.buttons.draw(BATCH) : words.buttons.more(BATCH));
    badge.hidden = !wrong;
    if (busy) tell();
    else if (plain.chains === 0) write(result, failure || words.nothingDrawn);
    else {
      write(
        result,
        words.swarmSentence({
          chains: plain.chains,
          exact: speculative.exact,
          calls: [speculative.calls, plain.calls],
          distance: [distance(speculative.ends[0], plain.ends[0]), distance(speculative.ends[1], plain.ends[1])],
          bound: boundOf(plain.chains),
        }),
      );
    }
    for (const { name, canvas, note } of panels) {
      const { chains, calls } = samples[name];
      write(note, words.panelSentence(chains, calls));
      canvas.setAttribute(
        'aria-label',
        words.panelLabel(name === 'speculative' && wrong ? `${words.panels[name]}, ${words.notExact}` : words.panels[name], world.density, chains),
      );
      if (canvas.clientWidth > 0) drawPanel(canvas, samples[name], name);
    }
  }

  /** @param {HTMLCanvasElement} canvas @param {Sample} sample @param {'speculative' | 'plain'} name */
  function drawPanel(canvas, { chains, ends }, name) {
    if (!shown) return;
    const { context: drawing, width } = fitted(canvas);
    const all = colours();
    const [margin, gap] = [MARGIN * width, 6];
    const size = width - margin - gap;
    const scale = size / (2 * HALF);
    drawing.save();
    drawing.translate(0, margin + gap);
    drawing.drawImage(shade(shown.toy, 0, WHOLE), 0, 0, size, size);
    drawing.strokeStyle = all.line;
    drawing.strokeRect(0.5, 0.5, size - 1, size - 1);
    drawing.beginPath();
    drawing.rect(0, 0, size, size);
    drawing.clip();
    drawing.fillStyle = all[name];
    drawing.globalAlpha = chains > 2 * BATCH ? 0.4 : 0.6;
    const radius = Math.max(1.2, size / 220);
    for (let index = 0; index < chains; index++)
      drawing.fillRect((ends[0][index] + HALF) * scale - radius, (HALF - ends[1][index]) * scale - radius, 2 * radius, 2 * radius);
    drawing.restore();
    for (const axis of /** @type {const} */ ([0, 1])) {
      drawing.save();
      // both are drawn as if along x with heights upwards
      if (axis === 0) drawing.translate(0, margin);
      else drawing.transform(0, -1, -1, 0, size + gap, width);
      drawMarginal(drawing, ends[axis], shown.curves[axis], { size, height: margin, colour: all[name], ink: all.ink, line: all.line });
      drawing.restore();
    }
  }

  /** @param {CanvasRenderingContext2D} drawing @param {number[]} values @param {Float64Array} curve @param {{size: number, height: number, colour: string, ink: string, line: string}} how */
  function drawMarginal(drawing, values, curve, { size, height, colour, ink, line }) {
    const most = 1.3 * curve.reduce((one, other) => Math.max(one, other));
    const counts = new Float64Array(BINS);
    for (const value of values) {
      const bin = Math.floor(((value / HALF + 1) / 2) * BINS);
      if (bin >= 0 && bin < BINS) counts[bin] += 1;
    }
    const wide = size / BINS;
    drawing.fillStyle = colour;
    drawing.globalAlpha = 0.5;
    counts.forEach((count, bin) => {
      const tall = Math.min(1, count / values.length / ((2 * HALF) / BINS) / most) * height;
      if (tall > 0) drawing.fillRect(bin * wide + 0.5, -tall, wide - 1, tall);
    });
    drawing.globalAlpha = 1;
    drawing.strokeStyle = line;
    drawing.strokeRect(0, 0, size, 0);
    drawing.strokeStyle = ink;
    drawing.lineWidth = 1.5;
    drawing.lineJoin = 'round';
    drawing.beginPath();
    curve.forEach((value, index) => drawing.lineTo((index / CURVE) * size, (-value / most) * height));
    drawing.stroke();
  }

  go.addEventListener('click', () => {
    if (!busy && samples.plain.chains < MOST) void fill();
  });
  cancel.addEventListener('click', () => {
    stopped = true;
    go.focus();
  });
  rule.addEventListener('change', () => {
    forget();
    void fill();
  });
  context.restyled(draw);
  new ResizeObserver(draw).observe(panels[0].canvas);
  new IntersectionObserver((entries, observer) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    if (samples.plain.chains === 0) void fill();
  }).observe(panels[0].canvas);

  return {
    element,
    /** @param {World} world @param {Toy} toy */
    show(world, toy) {
      const numbers = numbersOf(world);
      const points = Float64Array.from({ length: CURVE + 1 }, (_, index) => ((2 * index) / CURVE - 1) * HALF);
      const curves = /** @type {const} */ ([0, 1]).map((axis) => {
        const along = new toys.Toy(1, marginalOf(numbers, axis));
        const values = along.density(points, 0);
        along.free();
        return values;
      });
      shown = { world, toy, curves };
      const chosen = rule.selectedIndex > 0 ? rule.value : world.rule;
      rule.replaceChildren(
        h('option', { value: world.rule }, words.chosenRule(world.rule)),
        ...WRONG.map((name) => h('option', { value: name }, words.rules[name])),
      );
      rule.value = chosen;
      forget();
    },
  };
}
