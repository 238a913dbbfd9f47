// @ts-check
/** Mounts each figure of the article when the reader comes near it. What a figure needs and how it is made is its own business. */

import * as words from '#words/sections.js';
import { loadHands } from './engine/policy.js';
import { loadToy } from './engine/toy.js';
import { FIGURES } from './figures/index.js';
import * as arrivals from './parts/arrivals.js';
import { h, write } from './parts/dom.js';
import { copied } from './parts/download.js';
import { saveFigure } from './parts/picture.js';
import { remembered, restOf } from './state/session.js';
import { defaults, runPart, writeHash } from './state/settings.js';
import { isComplete } from './state/trace.js';

/** @typedef {import('./state/store.js').Store} Store */
/** @typedef {import('./state/trace.js').Trace} Trace */
/** @typedef {import('./state/trace.js').Columns} Columns */
/** @typedef {import('./state/trace.js').Round} Round */
/** @typedef {import('./state/settings.js').RunSettings} RunSettings */
/** @typedef {import('./parts/tokens.js').Tokens} Tokens */
/** A run where the viewer looks; `computing` is the lane that is being computed now. @typedef {{trace: Trace, table: Columns, cursor: import('./state/trace.js').Cursor, tokens: Tokens, computing?: import('./state/trace.js').LaneName}} View */
/**
 * What differs between the pages that figures stand in.
 * @typedef {object} Page
 * @property {() => Tokens} tokens the colours, as they are now
 * @property {(redraw: () => void) => void} restyled called when theme or colours have changed
 * @property {(settings: RunSettings, options: {signal: AbortSignal, lanes?: ('speculative' | 'plain')[], heard?: (lane: 'speculative' | 'plain', part: any) => void}) => Promise<{speculative: Round[], plain: import('./state/trace.js').PlainStep[]}>} collect
 *   runs the network behind the page, when nothing else does: a run that the visitor asks for goes first, and this one begins
 *   again behind it. Rejects with an AbortError once the signal has come, and with an error whose message is a sentence when the
 *   engine cannot. The plain lane follows the speculative one of the same run: alone it is empty
 * @property {() => Promise<number>} ratio the time of a call with two evaluations, in calls with one, measured on this device; fails as `collect` does
 * @property {{hold: () => void, newSeed: () => void, help: () => void}} wishes what the viewer of the race may ask of the page
 */
/**
 * What a figure is given. It never reads the address or the form, and never starts a worker.
 * @typedef {Page & {
 *   store: Store,
 *   still: () => boolean,
 *   toy: () => Promise<import('./engine/toy.js').ToyModule>,
 *   hands: () => Promise<import('./engine/policy.js').Hands>,
 *   shown: (heard: (trace: Trace, table: Columns) => void) => void,
 *   measured: (heard: (lines: import('./engine/times.js').Timed[]) => void) => void,
 *   settings: () => RunSettings,
 *   remember: (name: string, value: string | undefined) => void,
 *   recall: (name: string) => string | undefined,
 * }} Context
 * `store` holds the session, for figures that are about the run as it goes on; `still` tells whether nothing may move by itself;
 * `shown` calls with the finished run that is shown, now if there is one and whenever another is; `measured` with
 * what was timed on this device of the run that is set, nothing while nothing is known; `settings` are those of the run that is
 * shown, or would be run. `remember` keeps a figure's own state in the address, `undefined` forgets it; `recall` is what
 * the address says
 */
/** @typedef {{mount: (root: HTMLElement, context: Context) => void | Promise<void>}} Figure */

/** Milliseconds that a button says what it has done. */
const DONE = 2000;

/** A figure is mounted when it comes within so much of the visible part of the page. */
const NEAR = '600px';

const reduced = matchMedia('(prefers-reduced-motion: reduce)');

/** @param {Store} store @param {Page} page @returns {Context} */
export const contextOf = (store, page) => ({
  ...page,
  store,
  still: () => reduced.matches,
  toy: loadToy,
  hands: loadHands,
  shown(heard) {
    /** @type {Trace | undefined} */
    let last;
    const look = (/** @type {ReturnType<typeof restOf>} */ rest) => {
      if (rest?.phase !== 'shown' || rest.trace === last || !isComplete(rest.table)) return;
      last = rest.trace;
      heard(rest.trace, rest.table);
    };
    look(restOf(store.session));
    store.watch(restOf, look);
  },
  measured(heard) {
    heard(store.session.timed);
    store.watch(({ timed }) => timed, heard);
  },
  settings: () => runPart(store.session.settings),
  remember(name, value) {
    store.session = remembered(store.session, name, value);
  },
  recall: (name) => store.session.figures[name],
});

/**
 * @param {Context} context
 * @param {HTMLElement} [root] within which figures are looked for
 */
export function mountSections(context, root = document.body) {
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        mount(/** @type {HTMLElement} */ (target), context);
      }
    },
    { rootMargin: NEAR },
  );
  for (const { name } of FIGURES) {
    const figure = root.querySelector(`#${name}`);
    if (figure) observer.observe(figure);
  }
}

/** Style sheets that figures have asked for. @type {Map<string, Promise<unknown>>} */
const sheets = new Map();

/** A style sheet, once; they stand in the order in which they are asked for. @param {string} path */
function styled(path) {
  const { href } = new URL(path, import.meta.url);
  if (!sheets.has(href) && document.querySelector(`link[href="./${path}"]`)) return undefined;
  const coming =
    sheets.get(href) ??
    arrivals
      .styled((again) => h('link', { rel: 'stylesheet', href: again ? `${href}?again` : href }))
      .catch((error) => {
        // the next figure may try again
        sheets.delete(href);
        throw error;
      });
  sheets.set(href, coming);
  return coming;
}

/** Where a figure can be linked to in its state. @param {import('./figures/index.js').Entry} entry @param {import('./state/session.js').Session} session */
function linkOf({ name, remembers = name, run }, { settings, figures }) {
  const { lang, dataset } = document.documentElement;
  const own = figures[remembers] === undefined ? {} : { [remembers]: figures[remembers] };
  const named = run && writeHash(settings) !== writeHash(defaults());
  const hash = named ? writeHash(settings, own, name) : Object.keys(own).length > 0 ? `#${new URLSearchParams(own)}` : `#${name}`;
  // a page with its picture, for previews
  const linked = dataset.linked?.split(' ').includes(name);
  const page = `./${linked ? `figure/${name}` : ''}${lang === 'en' ? (linked ? '.html' : '') : `${linked ? '.' : ''}${lang}.html`}`;
  return new URL(page + (linked && hash === `#${name}` ? '' : hash), location.href).href;
}

/** What can be taken from a figure: a link to it, and its picture. @param {HTMLElement} figure @param {import('./figures/index.js').Entry} entry @param {Context} context */
function offer(figure, entry, { store }) {
  const details = figure.querySelector('figcaption details');
  const { picture } = entry;
  if (!details || !picture || figure.querySelector('.takes')) return;
  const link = h('button', { type: 'button', class: 'quiet' }, words.copyLink);
  const image = h('button', { type: 'button', class: 'quiet' }, words.savePicture[picture]);
  const said = h('span', { class: 'sr', role: 'status' });
  let timer = 0;
  link.addEventListener('click', async () => {
    const address = linkOf(entry, store.session);
    const done = await copied(address);
    if (!done) prompt(words.copyLink, address);
    clearTimeout(timer);
    write(link, done ? words.copiedLink : words.copyLink);
    write(said, done ? words.copiedLink : '');
    timer = window.setTimeout(() => {
      write(link, words.copyLink);
      write(said, '');
    }, DONE);
  });
  image.addEventListener('click', async () => {
    write(said, '');
    try {
      await saveFigure(figure, picture);
    } catch {
      write(said, words.notSaved);
    }
  });
  details.before(h('div', { class: 'takes' }, link, image, said));
}

/**
 * @param {HTMLElement} figure
 * @param {Context} context
 */
async function mount(figure, context) {
  const place = /** @type {HTMLElement} */ (figure.querySelector('[data-mount]') ?? figure);
  try {
    const entry = /** @type {import('./figures/index.js').Entry} */ (FIGURES.find(({ name }) => name === figure.id));
    const { module: path, styles } = entry;
    const [module] = /** @type {[Figure]} */ (
      await Promise.all([arrivals.imported(new URL(`./figures/${path}`, import.meta.url).href), ...styles.map(styled)])
    );
    figure.querySelector('.figure-problem')?.remove();
    await module.mount(place, context);
    offer(figure, entry, context);
    figure.dataset.mounted = '';
    // after the layout with the figure in it, which the browser must not hold on to
    requestAnimationFrame(() => requestAnimationFrame(() => (figure.dataset.settled = '')));
  } catch (error) {
    const message = arrivals.isLate(error) ? words.late : /** @type {Error} */ (error).message;
    const button = h('button', { type: 'button' }, words.again);
    button.addEventListener('click', () => mount(figure, context));
    const problem = h('p', { class: 'figure-problem', role: 'alert' }, words.failed(message), ' ', button);
    if (place !== figure) place.replaceChildren(problem);
    else {
      // what stands in the page stays
      figure.querySelector('.figure-problem')?.remove();
      figure.querySelector('.figure-head')?.after(problem);
      figure.querySelector('.badge')?.replaceChildren('–');
    }
  }
}
