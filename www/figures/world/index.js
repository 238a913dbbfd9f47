// @ts-check
/** The figure “A flat world”: a density in two dimensions, one particle on it, and many. */

import * as words from '#words/world.js';
import { h, write } from '../../parts/dom.js';
import { breathe, drawn } from '../../parts/frames.js';
import { DENSITIES, DRAFTS, RULES, STEPS, WINDOWS, addressOf, firstWorld, numbersOf, worldOf } from './densities.js';
import { mountOwn } from './own.js';
import { mountParticle } from './particle.js';
import { mountSwarm } from './swarm.js';

/** @typedef {import('./densities.js').World} World */

const SEEDS = 10_000;
/** The page's own keys, which a slider here needs for itself. */
const KEYS = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'];

/** @type {import('../../sections.js').Figure['mount']} */
export async function mount(root, context) {
  const toys = await context.toy();
  let world = worldOf(context.recall('world')) ?? firstWorld();
  /** @type {import('../../engine/toy.js').Toy | undefined} */
  let toy;
  let frame = 0;

  const choice = (
    /** @type {'density' | 'draft' | 'window' | 'rule'} */ name,
    /** @type {(string | number)[]} */ values,
    /** @type {(value: any) => string} */ word,
  ) => {
    const select = h('select', { name: `world-${name}` }, ...values.map((value) => h('option', { value }, word(value))));
    select.addEventListener('change', () => change({ [name]: values[select.selectedIndex] }));
    return { name, select, element: h('label', { class: 'field' }, h('span', {}, words.labels[name]), select) };
  };
  const choices = [
    choice('density', DENSITIES, (value) => words.densities[value]),
    choice('draft', DRAFTS, String),
    choice('window', WINDOWS, words.windowName),
    choice('rule', RULES, String),
  ];
  const steps = h('input', { type: 'range', name: 'world-steps', ...STEPS });
  const stepsNow = h('strong');
  const seed = h('button', { type: 'button', 'data-action': 'seed' }, words.buttons.seed);
  const [density, ...others] = choices;
  const settings = h(
    'div',
    { class: 'world-settings' },
    density.element,
    h('label', { class: 'field world-steps' }, h('span', {}, `${words.labels.steps}: `, stepsNow), steps),
    ...others.map(({ element }) => element),
    seed,
  );

  const particle = mountParticle(context, words, showOwn);
  const own = mountOwn(
    particle.plane,
    words,
    (clusters) => change({ clusters }),
    () => particle.showData(),
  );
  const swarm = mountSwarm(context, words, toys);

  function showOwn() {
    own.show(world.clusters, world.density === 'own', particle.isData());
  }

  /** Computes what is then drawn. */
  function prepare() {
    const before = toy;
    toy = new toys.Toy(2, numbersOf(world));
    for (const { name, select } of choices) select.value = String(world[name]);
    steps.value = String(world.steps);
    write(stepsNow, String(world.steps));
    particle.show(world, toy);
    swarm.show(world, toy);
    before?.free();
  }

  function show() {
    prepare();
    particle.draw();
    showOwn();
  }

  /** @param {Partial<World>} changed */
  function change(changed) {
    world = { ...world, ...changed };
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(show);
    context.remember('world', addressOf(world));
    if (changed.density === 'own') particle.showData();
  }

  steps.addEventListener('input', () => change({ steps: Number(steps.value) }));
  seed.addEventListener('click', () => change({ seed: Math.floor(Math.random() * SEEDS) }));
  root.addEventListener('keydown', (event) => {
    if (KEYS.includes(event.key)) event.stopPropagation();
  });
  if (world.density === 'own') particle.showData();
  // in steps: what waits for the page's thread goes first
  await breathe();
  prepare();
  await breathe();
  root.replaceChildren(settings, own.element, particle.element, swarm.element);
  showOwn();
  await drawn();
  particle.draw();
}
