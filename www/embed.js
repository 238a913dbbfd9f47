// @ts-check
/**
 * One figure in a page of somebody else's: it fetches what that figure needs and nothing more. Without a figure's name it is the
 * page where the snippet is made. The race and the microscope are the page's own; they are embedded through it.
 */

import * as words from '#words/embed.js';
import { byId, h } from './parts/dom.js';
import { loadToy } from './engine/toy.js';
import { mountSections } from './sections.js';
import { readTokens } from './parts/tokens.js';
import { defaults, readHash, remembering, runPart, workers, writeHash } from './state/settings.js';
import { columns, decodeRace } from './state/trace.js';

/** @typedef {import('./sections.js').Context} Context */

/** Figures, by what mounts them. */
const ALONE = ['bell', 'crescent', 'stairs', 'evidence', 'gallery', 'pay', 'world'];
const PAGES = { race: 'race', microscope: 'round' };

const home = /** @type {HTMLAnchorElement} */ (byId('home'));
const address = readHash(location.hash);
let { figures } = address;
const settings = { ...defaults(), ...address.settings };
const reduced = matchMedia('(prefers-reduced-motion: reduce)');
/** @type {Promise<import('./engine/engine.js').Engines> | undefined} */
let engines;

/** @type {Context} */
const context = {
  tokens: readTokens,
  restyled: (redraw) => {
    for (const colours of ['(prefers-color-scheme: dark)', 'print']) matchMedia(colours).addEventListener('change', redraw);
  },
  still: () => reduced.matches,
  toy: loadToy,
  shown: async (heard) => {
    const response = await fetch(new URL('./assets/race.bin', import.meta.url)).catch(() => undefined);
    if (!response?.ok || !response.body) return;
    const trace = await decodeRace(/** @type {ReadableStream<BufferSource>} */ (response.body));
    heard(trace, columns(trace));
  },
  // nothing is timed here
  measured: () => {},
  settings: () => runPart(settings),
  collect: async (wanted, options) => {
    engines ??= import('./engine/engine.js').then(({ Engines }) => new Engines(() => {}));
    return (await engines).collect(wanted, 'cpu', workers(settings), options);
  },
  remember: (name, value) => {
    figures = remembering(figures, name, value);
    history.replaceState(null, '', writeHash(settings, figures));
  },
  recall: (name) => figures[name],
};

/** The figures as the page has them: their headings and captions are written once. */
async function page() {
  const response = await fetch(home.href);
  if (!response.ok) throw new Error(words.answered(response.status));
  return new DOMParser().parseFromString(await response.text(), 'text/html');
}

/** A figure that is embedded through the article. @param {string} name */
const ofArticle = (name) => new URL(`?embed=${PAGES[/** @type {keyof typeof PAGES} */ (name)]}`, home.href).href;

/** @param {string} name */
async function show(name) {
  const figure = (await page()).getElementById(name);
  if (!figure) throw new Error(words.missing(name));
  document.documentElement.dataset.embed = name;
  byId('place').append(figure);
  home.hash = name;
  mountSections(context);
}

async function choose() {
  const pages = await page();
  const title = (/** @type {string} */ name) => pages.getElementById(`${name}-title`)?.textContent ?? name;
  const names = [...Object.keys(PAGES), ...ALONE];
  const select = h('select', { id: 'which' }, ...names.map((name) => h('option', { value: name }, title(name))));
  const code = h('textarea', { id: 'snippet', rows: 4, readonly: true, spellcheck: 'false' });
  const copy = h('button', { type: 'button', class: 'primary' }, words.copy);
  const said = h('p', { class: 'note', role: 'status' });
  const frame = h('iframe', { class: 'preview', title: words.preview, loading: 'lazy' });
  const draw = () => {
    const { value } = select;
    const of = value in PAGES ? ofArticle(value) : new URL(`?figure=${value}`, location.href).href;
    code.value = `<iframe src="${of}" title="${title(value)}" width="100%" height="640" loading="lazy"></iframe>`;
    if (frame.src !== of) frame.src = of;
  };
  select.addEventListener('change', draw);
  copy.addEventListener('click', async () => {
    code.select();
    const copied = await navigator.clipboard?.writeText(code.value).then(
      () => true,
      () => false,
    );
    said.textContent = copied ? words.copied : words.selected;
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
    else if (wanted in PAGES) location.replace(ofArticle(wanted) + location.hash);
    else if (ALONE.includes(wanted)) await show(wanted);
    else byId('problems').append(h('p', {}, words.unknown(wanted.slice(0, 40), [...Object.keys(PAGES), ...ALONE])));
  } catch (error) {
    byId('problems').append(h('p', {}, words.failed(error instanceof Error ? error.message : String(error))));
  }
}

start();
