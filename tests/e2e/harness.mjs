// What the tests of the page share: a browser, a page in it whose console must stay free of errors, and small questions to it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before } from 'node:test';
import { chromium } from 'playwright-core';
import { FIGURES as REGISTRY } from '../../www/figures/index.js';

/** Names of all figures of the article. */
export const FIGURES = REGISTRY.map(({ name }) => name);
export const PAGE_URL = process.env.PAGE_URL ?? 'http://127.0.0.1:8000/';
/** The built site, as a static host serves it. */
export const DIST_URL = process.env.DIST_URL;
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const SHOTS = fileURLToPath(new URL('../../target/e2e/', import.meta.url));
export const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Generous: a cold engine on a busy machine with two cores. */
export const ENGINE_READY_MS = 60_000;
export const RUN_MS = 120_000;
export const ALWAYS = ['--headless=new', '--no-sandbox', '--disable-dev-shm-usage', ...(process.env.CHROMIUM_FLAGS ?? '').split(' ').filter(Boolean)];
/** There is a graphics card, which `CHROMIUM_FLAGS` lets the browser use. */
export const CARD = process.env.CARD === '1';

/** Messages that are the browser's own account of a missing optional engine, which the page tells in words. */
export const expectedMessage = (message) => /\/pkg\/(gpu|burn)\//.test(message.location().url);

/**
 * @param {string[]} flags
 * @param {{engine?: boolean}} [usually] without `engine` the network's never comes, which figures that ask nothing of it need not wait for
 */
export function inBrowser(flags, { engine: usually = true } = {}) {
  let browser;
  /** @type {import('playwright-core').BrowserContext[]} */
  let contexts = [];
  let errors = [];
  let tolerated = [];
  before(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: [...ALWAYS, ...flags] });
  });
  after(() => browser?.close());
  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    const seen = errors.filter((text) => !tolerated.some((pattern) => pattern.test(text)));
    errors = [];
    tolerated = [];
    assert.deepEqual(seen, [], 'the console holds errors');
  });

  return async ({
    hash = '',
    width = 1280,
    colorScheme = 'light',
    forcedColors = 'none',
    reducedMotion = 'no-preference',
    ready = false,
    touch = false,
    wait = true,
    engine = usually,
    route,
    site = PAGE_URL,
  } = {}) => {
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme, forcedColors, reducedMotion, hasTouch: touch });
    contexts.push(context);
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !expectedMessage(message)) errors.push(message.text());
    });
    if (!engine) await page.route('**/pkg/cpu/**', () => {});
    if (route) await route(page, (pattern) => tolerated.push(pattern));
    await page.goto(site + hash);
    // the race is mounted where it is seen: an address may lead further down
    if (wait)
      await page.waitForFunction(() => {
        const { bottom } = document.querySelector('#race').getBoundingClientRect();
        return window.__trace?.rounds.length > 0 && (document.querySelector('#race').dataset.mounted === '' || bottom < 0);
      });
    if (ready) await engineReady(page);
    return page;
  };
}

export const engineReady = (page) =>
  page.waitForFunction(() => document.querySelector('#engine-badge').dataset.kind === 'ready', undefined, { timeout: ENGINE_READY_MS });
/** Opens what the form folds away. */
export const moreSettings = (page) =>
  page.evaluate(() => {
    document.querySelector('#more').open = true;
  });
export const text = (page, selector) => page.locator(selector).first().innerText();
export const settingsOf = (page) => page.evaluate(() => window.__trace.settings);
export const counter = async (page, lane, name) => (await text(page, `.lane-${lane} [data-counter="${name}"]`)).replaceAll(',', '');
/** A key for the race, unless something else has the focus. */
export const pressed = async (page, key) => {
  await page.evaluate(() => {
    if (document.activeElement === document.body) document.querySelector('#race').focus({ preventScroll: true });
  });
  await page.keyboard.press(key);
  // two frames: one for the handler's request, one for what it draws
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
};
export const position = (page) => page.locator('#scrub').evaluate((input) => Number(input.value));
export const isPlaying = (page) => page.locator('#play').evaluate((button) => button.dataset.playing === 'true');

/** A figure of the article, scrolled to and mounted. */
export async function figure(page, name) {
  const found = page.locator(`#${name}`);
  await found.scrollIntoViewIfNeeded();
  await page.waitForFunction((id) => document.getElementById(id).dataset.mounted === '', name, { timeout: ENGINE_READY_MS });
  return found;
}

/** What the address comes to say of a setting or a figure, `null` for nothing; it is written now and then. */
export const addressSays = (page, name, wanted) =>
  // a name without a state is a place
  page.waitForFunction(([one, value]) => (new URLSearchParams(location.hash.slice(1)).get(one) || null) === value, [name, wanted]);

/** What axe finds serious. */
export async function seriousIn(page, selector) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((inside) => window.axe.run(inside), selector);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** Anything that reaches beyond the right edge of the window. */
export const overflowing = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** A short run, as an address has it; and the page once a live run of this seed stands there whole. */
export const SHORT = 'seed=11&class=hat&steps=24&window=8&draft=carry';
export const shown = (page, seed) =>
  page.waitForFunction(
    (wanted) =>
      window.__trace?.source.kind === 'live' &&
      window.__trace.settings.seed === wanted &&
      window.__trace.plain.length === window.__trace.settings.steps &&
      !document.querySelector('#result').hidden,
    seed,
    { timeout: RUN_MS },
  );
