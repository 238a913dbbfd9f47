// @ts-check
/** One figure in a page of somebody else's: what it needs and nothing more. Without a figure's name it is the page where the snippet is made. */

import * as words from '#words/embed.js';
import { FIGURES } from './figures/index.js';
import { byId, h } from './parts/dom.js';
import { copied } from './parts/download.js';
import { readTokens } from './parts/tokens.js';
import { contextOf, mountSections } from './sections.js';
import { mountAddress } from './state/address.js';
import { recordedRace } from './state/recorded.js';
import * as sessions from './state/session.js';
import { RUN_FIELDS, readHash, runPart, workers } from './state/settings.js';
import { Store } from './state/store.js';

const NAMES = FIGURES.filter(({ embeds }) => embeds).map(({ name }) => name);
const home = /** @type {HTMLAnchorElement} */ (byId('home'));
const opened = readHash(location.hash);
const store = new Store(sessions.opened(opened));
/** @type {Promise<import('./engine/engine.js').Engines> | undefined} */
let loading;
/** @type {AbortController | undefined} */
let running;

/** @param {string} sentence */
const problem = (sentence) => byId('problems').append(h('p', {}, sentence));

const engines = () => (loading ??= import('./engine/engine.js').then(({ Engines }) => new Engines(() => {})));

const context = contextOf(store, {
  tokens: readTokens,
  restyled: (redraw) => {
    for (const colours of ['(prefers-color-scheme: dark)', 'print']) matchMedia(colours).addEventListener('change', redraw);
  },
  collect: async (wanted, options) => (await engines()).collect(wanted, 'cpu', workers(store.session.settings), options),
  wishes: {
    hold: async () => {
      const held = !sessions.computingOf(store.session)?.held;
      store.session = sessions.hold(store.session, held);
      (await engines()).hold(held);
    },
    newSeed: () => {
      running?.abort();
      store.session = sessions.set(store.session, { seed: crypto.getRandomValues(new Uint32Array(1))[0] });
      run();
    },
    help: () => {},
  },
});

/** Computes the run that is set. */
async function run() {
  const { settings, figures } = store.session;
  const { signal } = (running = new AbortController());
  store.session = sessions.ask(store.session, { settings: runPart(settings), at: figures.at });
  try {
    for await (const event of (await engines()).run(runPart(settings), { backend: 'cpu', workers: workers(settings), signal })) {
      if (event.type === 'started') store.session = sessions.begin(store.session, event, document.hidden);
      else if (event.type === 'lane') store.session = sessions.goOn(store.session, event.lane);
      else if (event.type === 'round' || event.type === 'plain') store.session = sessions.grow(store.session, event);
    }
    store.session = sessions.end(store.session);
  } catch (error) {
    // another was asked for
    if (signal.aborted) return;
    store.session = sessions.putBack(store.session);
    problem(/** @type {Error} */ (error).message);
  }
}

/** The run that the address names, or the recorded one. */
async function showRun() {
  if (RUN_FIELDS.some(({ name }) => opened.named.has(name))) return run();
  store.session = sessions.recorded(store.session, await recordedRace(), opened.figures.at);
  return undefined;
}

/** The figures as the article has them: their headings and captions are written once. */
async function article() {
  const response = await fetch(home.href);
  if (!response.ok) throw new Error(words.answered(response.status));
  return new DOMParser().parseFromString(await response.text(), 'text/html');
}

/** @param {string} name */
async function show(name) {
  const figure = (await article()).getElementById(name);
  if (!figure) throw new Error(words.missing(name));
  document.documentElement.dataset.embed = name;
  byId('place').append(figure);
  home.hash = name;
  for (const { message } of opened.problems) problem(message);
  if (opened.problems.length > 0) return;
  mountAddress(store);
  mountSections(context);
  if (FIGURES.find((one) => one.name === name)?.run) await showRun();
}

async function choose() {
  const from = await article();
  const title = (/** @type {string} */ name) => from.getElementById(`${name}-title`)?.textContent ?? name;
  const select = h('select', { id: 'which' }, ...NAMES.map((name) => h('option', { value: name }, title(name))));
  const code = h('textarea', { id: 'snippet', rows: 4, readonly: true, spellcheck: 'false' });
  const said = h('p', { class: 'note', role: 'status' });
  const frame = h('iframe', { class: 'preview', title: words.preview, loading: 'lazy' });
  const copy = h('button', { type: 'button', class: 'primary' }, words.copy);
  const draw = () => {
    const of = new URL(`?figure=${select.value}`, location.href).href;
    code.value = `<iframe src="${of}" title="${title(select.value)}" width="100%" height="640" loading="lazy"></iframe>`;
    if (frame.src !== of) frame.src = of;
  };
  select.addEventListener('change', draw);
  copy.addEventListener('click', async () => {
    code.select();
    said.textContent = (await copied(code.value)) ? words.copied : words.selected;
  });
  byId('place').append(
    h(
      'section',
      { class: 'wide' },
      h('h2', {}, words.title),
      h('p', { class: 'lead' }, words.lead),
      h('div', { class: 'field' }, h('label', { for: 'which' }, words.which), select),
      h('div', { class: 'field' }, h('label', { for: 'snippet' }, words.snippet), code),
      copy,
      said,
      frame,
    ),
  );
  draw();
}

async function start() {
  const wanted = new URLSearchParams(location.search).get('figure');
  try {
    if (wanted === null) await choose();
    else if (NAMES.includes(wanted)) await show(wanted);
    else problem(words.unknown(wanted.slice(0, 40), NAMES));
  } catch (error) {
    problem(words.failed(error instanceof Error ? error.message : String(error)));
  }
}

start();
