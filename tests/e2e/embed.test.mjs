// Figures in pages of somebody else's: in a plain frame, by the element, sandboxed, in an isolated page, on hosts with and without
// headers.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { FIGURES } from '../../www/figures/index.js';
import { proxy } from '../proxy.mjs';
import { PAGE_URL, inBrowser, seriousIn } from './harness.mjs';

const EMBEDS = FIGURES.filter(({ embeds }) => embeds).map(({ name }) => name);
const ISOLATED = { 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-opener-policy': 'same-origin' };

describe('figures in other pages', { concurrency: false }, () => {
  const open = inBrowser([], { engine: false });
  /** Static hosts of the site: one that sends no header, one that lets everybody read, one that isolates. @type {Record<string, Awaited<ReturnType<typeof proxy>>>} */
  const hosts = {};
  before(async () => {
    hosts.bare = await proxy(PAGE_URL, { bare: true });
    hosts.open = await proxy(PAGE_URL, { bare: true, more: { 'access-control-allow-origin': '*' } });
    hosts.isolated = await proxy(PAGE_URL, { bare: true, more: { ...ISOLATED, 'cross-origin-resource-policy': 'cross-origin' } });
  });
  /** Pages of another origin, by their paths. @type {Map<string, {headers: Record<string, string>, html: string}>} */
  const pages = new Map();
  const server = createServer(({ url }, response) => {
    const { headers, html } = pages.get(String(url)) ?? { headers: {}, html: '' };
    response.writeHead(200, { 'content-type': 'text/html', ...headers });
    response.end(html);
  });
  before(() => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined))));
  after(() => {
    for (const { close } of [...Object.values(hosts), server]) close.call(server);
    server.closeAllConnections();
  });

  /** The other page, with this body. */
  const host = (body, { headers = {}, lang = 'en', style = '', ...more } = {}) => {
    const path = `/${pages.size}.html`;
    const html = `<!doctype html><html lang="${lang}"><meta charset="utf-8"><title>host</title><style>${style}</style><body>${body}`;
    pages.set(path, { headers, html });
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    return open({ site: `http://127.0.0.1:${port}${path}`, wait: false, reducedMotion: 'reduce', ...more });
  };
  const mounted = (page, name, at = 'iframe') => page.frameLocator(at).locator(`#${name}[data-mounted]`).waitFor({ state: 'attached', timeout: 10_000 });
  /** How much of the figure does not fit into its frame, and how much of the frame it leaves empty. */
  const misfit = async (page) => {
    const inside = page.frames().at(-1);
    const content = await inside.evaluate(() => Math.ceil(document.body.getBoundingClientRect().height));
    return Math.abs((await page.locator('iframe').evaluate((frame) => frame.getBoundingClientRect().height)) - content);
  };

  for (const name of EMBEDS) {
    test(`${name}: in a plain frame, in a sandboxed one, and by the element, which is as high as it is`, async () => {
      const frame = (site, attributes = '') => `<iframe src="${site}embed.html?figure=${name}" ${attributes} width="700" height="900"></iframe>`;
      const plain = await host(frame(hosts.bare.url));
      await mounted(plain, name);
      const sandboxed = await host(frame(hosts.open.url, 'sandbox="allow-scripts"'));
      await mounted(sandboxed, name);
      assert.equal(await sandboxed.frameLocator('iframe').locator('.figure-problem, #problems p').count(), 0);
      const element = await host(`<script src="${hosts.bare.url}embed-element.js" defer></script><speculative-figure name="${name}"></speculative-figure>`);
      await mounted(element, name);
      for (const width of [1280, 360]) {
        await element.setViewportSize({ width, height: 800 });
        for (let wait = 0; (await misfit(element)) > 1; wait++) {
          assert.ok(wait < 50, `${await misfit(element)} px at ${width}`);
          await element.waitForTimeout(100);
        }
      }
      const title = await element.frameLocator('iframe').locator(`#${name}-title`).textContent();
      assert.equal(await element.locator('iframe').getAttribute('title'), title);
    });
  }

  test('a sandboxed frame of a host that lets nobody read says what it needs, in both languages', async () => {
    for (const [page, sentence] of [
      ['embed.html', /sandboxed frame/],
      ['embed.de.html', /Rahmen mit sandbox/],
    ]) {
      const closed = await host(`<iframe src="${hosts.bare.url}${page}?figure=bell" sandbox="allow-scripts" width="700" height="900"></iframe>`, {
        route: (_, tolerate) => tolerate(/CORS policy|ERR_FAILED|import map/),
      });
      const inside = closed.frameLocator('iframe');
      await inside.locator('#problems p').waitFor();
      assert.match(String(await inside.locator('#problems').textContent()), sentence);
      await inside.locator('#problems button').click();
      await inside.locator('#problems p').waitFor();
    }
  });

  test('a sandboxed frame holds the article too, and a run that no worker can compute there is a sentence', async () => {
    // as a built site has it
    hosts.open.answers.set('/', { change: (body) => String(body).replace('<html lang="en"', '<html lang="en" data-offline') });
    const tolerated = (/** @type {RegExp} */ pattern) => ({ route: (_, tolerate) => tolerate(pattern) });
    const article = await host(`<iframe src="${hosts.open.url}" sandbox="allow-scripts" width="1100" height="900"></iframe>`, tolerated(/Worker/));
    await mounted(article, 'race');
    assert.ok(await article.frames()[1].evaluate(() => document.documentElement.hasAttribute('data-offline')));
    const race = await host(
      `<iframe src="${hosts.open.url}embed.html?figure=race" sandbox="allow-scripts" width="700" height="900"></iframe>`,
      tolerated(/Worker/),
    );
    await mounted(race, 'race');
    await race.frameLocator('iframe').locator('#new-seed').click();
    await race.frameLocator('iframe').locator('#problems p').first().waitFor();
    assert.match(String(await race.frameLocator('iframe').locator('#problems').textContent()), /^A sandboxed frame cannot compute/);
  });

  test('an isolated page holds figures of a host that sends no header, and in a plain frame of one that isolates', async () => {
    const script = `<script src="${hosts.open.url}embed-element.js" crossorigin defer></script>`;
    const element = await host(`${script}<speculative-figure name="bell" src="${hosts.bare.url}"></speculative-figure>`, { headers: ISOLATED });
    assert.ok(await element.evaluate(() => globalThis.crossOriginIsolated));
    await mounted(element, 'bell');
    const frame = await host(`<iframe src="${hosts.isolated.url}embed.html?figure=bell"></iframe>`, { headers: ISOLATED });
    await mounted(frame, 'bell');
  });

  test('the element hands on state and language, and says where the visitor has taken the figure', async () => {
    const page = await host(
      `<script src="${hosts.bare.url}embed-element.js" defer></script><speculative-figure name="crescent" state="2.50-redraw"></speculative-figure>
      <script>var heard = []; addEventListener('change', ({ target, detail }) => heard.push([target.localName, detail]));</script>`,
      { lang: 'de-AT' },
    );
    await mounted(page, 'crescent');
    const inside = page.frameLocator('iframe');
    assert.equal(await inside.locator('#crescent-title').textContent(), 'Die Sichel umklappen');
    assert.equal(await page.evaluate(() => globalThis.heard.length), 0);
    const slider = inside.getByRole('slider').first();
    await slider.focus();
    await slider.press('ArrowRight');
    await page.waitForFunction(() => globalThis.heard.length > 0);
    const [element, { address, state }] = await page.evaluate(() => globalThis.heard.at(-1));
    assert.equal(element, 'speculative-figure');
    assert.match(state, /^2\.\d+-redraw$/);
    assert.notEqual(state, '2.50-redraw');
    assert.ok(address.startsWith(`${hosts.bare.url}embed.de.html?figure=crescent`) && address.includes(`crescent=${state}`), address);
    // the state that it is in makes no new frame, another does
    await page.evaluate((now) => {
      globalThis.frame = document.querySelector('iframe');
      document.querySelector('speculative-figure').setAttribute('state', now);
    }, state);
    assert.ok(await page.evaluate(() => globalThis.frame === document.querySelector('iframe')));
    await page.evaluate(() => document.querySelector('speculative-figure').setAttribute('state', '1.00-redraw'));
    assert.ok(await page.evaluate(() => globalThis.frame !== document.querySelector('iframe')));
    await mounted(page, 'crescent');
    // what others send is not heard
    await page.evaluate(() => postMessage({ type: 'speculative-figure', height: 5, address: 'x' }, '*'));
    await page.waitForTimeout(50);
    assert.ok((await page.locator('iframe').boundingBox()).height > 100);
    await page.evaluate(() => document.querySelector('speculative-figure').remove());
    assert.equal(await page.locator('iframe').count(), 0);
  });

  test('a run stands in the state of a figure that is about one', async () => {
    const page = await host(`<script src="${hosts.bare.url}embed-element.js" defer></script><speculative-figure name="race" state="at=20"></speculative-figure>
      <script>var heard = []; addEventListener('change', ({ detail }) => heard.push(detail));</script>`);
    await mounted(page, 'race');
    const refused = await host(
      `<script src="${hosts.bare.url}embed-element.js" defer></script><speculative-figure name="race" state="seed=x"></speculative-figure>`,
    );
    await refused.frameLocator('iframe').locator('#problems p').waitFor();
  });

  test('the element has the colours of its page, and takes others at once', async () => {
    const body = `<script src="${hosts.bare.url}embed-element.js" defer></script><speculative-figure name="bell"></speculative-figure>`;
    const paper = (page) =>
      page
        .frameLocator('iframe')
        .locator('body')
        .evaluate((inside) => getComputedStyle(inside).backgroundColor);
    const [LIGHT, DARK] = ['rgb(253, 253, 251)', 'rgb(20, 22, 26)'];
    for (const [style, colorScheme, expected] of [
      ['', 'dark', LIGHT],
      [':root { color-scheme: light dark }', 'dark', DARK],
      [':root { color-scheme: dark }', 'light', DARK],
    ]) {
      const page = await host(body, { style, colorScheme });
      await mounted(page, 'bell');
      assert.equal(await paper(page), expected, style);
      await page.evaluate((theme) => document.querySelector('speculative-figure').setAttribute('theme', theme), expected === DARK ? 'light' : 'dark');
      await page.waitForTimeout(100);
      assert.equal(await paper(page), expected === DARK ? LIGHT : DARK, style);
    }
  });

  test('the page for embedding offers the element first, with the state that its preview is in', async () => {
    for (const [site, lang, first] of [
      ['embed.html', 'en', /as high as its figure/],
      ['embed.de.html', 'de', /so hoch wie/],
    ]) {
      const page = await open({ site: PAGE_URL + site, wait: false, width: 853 });
      await page.selectOption('#which', 'crescent');
      assert.match(String(await page.locator('label[for="element"]').textContent()), first);
      const element = () => page.inputValue('#element');
      assert.equal(
        await element(),
        `<script src="${PAGE_URL}embed-element.js" defer></script>\n<speculative-figure name="crescent" lang="${lang}"></speculative-figure>`,
      );
      assert.match(await page.inputValue('#snippet'), new RegExp(`^<iframe src="${PAGE_URL}${site}\\?figure=crescent" title=`));
      await mounted(page, 'crescent', '.preview iframe');
      const slider = page.frameLocator('.preview iframe').getByRole('slider').first();
      await slider.focus();
      await slider.press('ArrowRight');
      await page.waitForFunction(() => / state="\d/.test(document.querySelector('#element').value));
      const state = / state="([^"]+)"/.exec(await element())?.[1];
      assert.ok((await page.inputValue('#snippet')).includes(`&amp;state=${state}"`));
      assert.deepEqual(await seriousIn(page, 'body'), []);
    }
  });
});
