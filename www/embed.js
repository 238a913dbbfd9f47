// @ts-check
/** One figure in a page of somebody else's: what it needs and nothing more. Without a figure's name it is the page where the snippet is made. */

import * as words from '#words/embed.js';
import { FIGURES } from './figures/index.js';
import { fetched, imported, isLate } from './parts/arrivals.js';
import { byId, h } from './parts/dom.js';
import { copied } from './parts/download.js';
import { readTokens } from './parts/tokens.js';
import { contextOf, mountSections } from './sections.js';
import { mountAddress } from './state/address.js';
import { recordedRace } from './state/recorded.js';
import * as sessions from './state/session.js';
import { RUN_FIELDS, readHash, runPart, workers, writeHash } from './state/settings.js';
import { Store } from './state/store.js';

const NAMES = FIGURES.filter(({ embeds }) => embeds).map(({ name }) => name);
const home = /** @type {HTMLAnchorElement} */ (byId('home'));
const query = new URLSearchParams(location.search);
const wanted = FIGURES.find(({ name, embeds }) => embeds && name === query.get('figure'));
const opened = readHash(addressed());
const store = new Store(sessions.opened(opened));
/** @type {Promise<import('./engine/engine.js').Engines> | undefined} */
let loading;
/** @type {AbortController | undefined} */
let running;

/** The address, with the figure's state where that stands in the query: its own, or an address with the run. */
function addressed() {
  const state = query.get('state');
  // what the visitor has made of it since
  if (!state || !wanted || location.hash.includes('=')) return location.hash;
  return `#${state.includes('=') ? state : `${wanted.remembers ?? wanted.name}=${encodeURIComponent(state)}`}`;
}

/** @param {unknown} error */
const whyOf = (error) => (isLate(error) ? words.late : error instanceof Error ? error.message : String(error));

/** @param {string} sentence */
const problem = (sentence) => byId('problems').append(h('p', {}, sentence));

/** What draws again when the page around says which colours it has. @type {(() => void)[]} */
const restyling = [];

/** @param {unknown} theme */
function paint(theme) {
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

const engines = () =>
  (loading ??= imported(new URL('./engine/engine.js', import.meta.url).href).then(
    ({ Engines }) => new Engines(() => {}),
    (error) => {
      // it can be asked for again
      loading = undefined;
      throw new Error(words.failed(whyOf(error)), { cause: error });
    },
  ));

const context = contextOf(store, {
  tokens: readTokens,
  restyled: (redraw) => {
    for (const colours of ['(prefers-color-scheme: dark)', 'print']) matchMedia(colours).addEventListener('change', redraw);
    restyling.push(redraw);
  },
  collect: async (wanted, options) => (await engines()).collect(wanted, 'cpu', workers(store.session.settings), options),
  ratio: async () => (await engines()).ratio('cpu', store.session.settings.model, workers(store.session.settings)),
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
    // where no origin is, no worker is allowed
    problem(origin === 'null' ? words.sandboxed : /** @type {Error} */ (error).message);
  }
}

/** The run that the address names, or the recorded one. */
async function showRun() {
  if (RUN_FIELDS.some(({ name }) => opened.named.has(name))) return run();
  store.session = sessions.recorded(store.session, await recordedRace(), opened.figures.at);
  return undefined;
}

/** The figures as the article has them: their headings and captions are written once. */
const article = () =>
  fetched(home.href, async (response) => {
    if (!response.ok) throw new Error(words.answered(response.status));
    return new DOMParser().parseFromString(await response.text(), 'text/html');
  });

/** Tells the page around how high the figure is and in which state, and hears which colours that page has. @param {import('./figures/index.js').Entry} entry */
function correspond({ name, remembers, run: ofRun }) {
  if (parent === window) return;
  const tell = (/** @type {object} */ what) => parent.postMessage({ type: 'speculative-figure', figure: name, ...what }, '*');
  tell({ title: byId(`${name}-title`).textContent });
  new ResizeObserver(() => tell({ height: Math.ceil(document.body.getBoundingClientRect().height) })).observe(document.body);
  const address = () => {
    const { settings, figures } = store.session;
    const url = new URL(writeHash(settings, figures), location.href);
    url.searchParams.delete('state');
    tell({ address: url.href, state: ofRun ? url.hash.slice(1) : figures[remembers ?? name] });
  };
  store.watch(({ figures }) => figures, address);
  store.watch(({ settings }) => settings, address);
  addEventListener('message', ({ source, data }) => {
    if (source !== parent || data?.type !== 'speculative-figure' || !('theme' in data)) return;
    paint(data.theme);
    for (const redraw of restyling) redraw();
  });
}

/** @param {import('./figures/index.js').Entry} entry */
async function show(entry) {
  const { name } = entry;
  const figure = (await article()).getElementById(name);
  if (!figure) throw new Error(words.missing(name));
  document.documentElement.dataset.embed = name;
  // the glossary stays in the article
  for (const term of figure.querySelectorAll('.term')) term.replaceWith(term.textContent ?? '');
  byId('place').append(figure);
  home.hash = name;
  correspond(entry);
  for (const { message } of opened.problems) problem(message);
  if (opened.problems.length > 0) return;
  mountAddress(store);
  mountSections(context);
  if (entry.run) await showRun();
}

async function choose() {
  const from = await article();
  const title = (/** @type {string} */ name) => from.getElementById(`${name}-title`)?.textContent ?? name;
  const select = h('select', { id: 'which' }, ...NAMES.map((name) => h('option', { value: name }, title(name))));
  /** @param {string} id @param {number} rows @param {string} label */
  const snippet = (id, rows, label) => {
    const code = h('textarea', { id, rows, readonly: true, spellcheck: 'false' });
    const said = h('p', { class: 'note', role: 'status' });
    const copy = h('button', { type: 'button', class: 'primary' }, words.copy);
    copy.addEventListener('click', async () => {
      code.select();
      said.textContent = (await copied(code.value)) ? words.copied : words.selected;
    });
    return { code, all: [h('div', { class: 'field' }, h('label', { for: id }, label), code), copy, said] };
  };
  const element = snippet('element', 4, words.element);
  const frame = snippet('snippet', 4, words.frame);
  const preview = h('div', { class: 'preview' });
  const { lang } = document.documentElement;
  /** @param {string | undefined} state */
  const write = (state) => {
    const name = select.value;
    const attributes = Object.entries({ name, lang, state }).map(([attribute, value]) => (value ? ` ${attribute}="${value.replaceAll('&', '&amp;')}"` : ''));
    element.code.value = `<script src="${new URL('embed-element.js', location.href).href}" defer></script>\n<speculative-figure${attributes.join('')}></speculative-figure>`;
    const of = new URL(`?figure=${name}`, location.href);
    if (state) of.searchParams.set('state', state);
    frame.code.value = `<iframe src="${of.href.replaceAll('&', '&amp;')}" title="${title(name)}" width="100%" height="640" loading="lazy"></iframe>`;
  };
  const draw = () => {
    preview.replaceChildren(h(/** @type {any} */ ('speculative-figure'), { name: select.value, lang }));
    write(undefined);
  };
  select.addEventListener('change', draw);
  // the state that the preview is left in
  preview.addEventListener('change', (event) => event instanceof CustomEvent && write(event.detail.state));
  byId('place').append(
    h(
      'section',
      { class: 'wide embedding' },
      h('h2', {}, words.title),
      h('p', {}, words.lead),
      h('div', { class: 'field' }, h('label', { for: 'which' }, words.which), select),
      ...element.all,
      ...frame.all,
      preview,
    ),
  );
  document.head.append(h('script', { src: './embed-element.js' }));
  draw();
}

async function start() {
  const named = query.get('figure');
  paint(query.get('theme'));
  try {
    if (named === null) await choose();
    else if (wanted) await show(wanted);
    else problem(words.unknown(named.slice(0, 40), NAMES));
  } catch (error) {
    problem(words.failed(whyOf(error)));
  }
}

start();
