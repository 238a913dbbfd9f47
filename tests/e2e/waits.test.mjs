// Nothing waits for ever: what does not come is asked for again, once, and then there is a sentence. The table is in docs/FAULTS.md.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { proxy } from '../proxy.mjs';
import { DIST_URL, ENGINE_READY_MS, PAGE_URL, RUN_MS, SHORT, figure, inBrowser, seriousIn, shown, text } from './harness.mjs';
import { failingCpu } from './runs.mjs';

/** Twice five seconds without a sign, on a machine that does other things too. */
const ENDED_MS = 14_000;
/** Until something was asked for again. */
const AGAIN_MS = 10_000;

/** More than the page waits at a time; its clock jumps, that of its workers does not. */
const JUMP_MS = 5500;

/** Answers nothing to so many requests, after each of which the page's clock jumps. */
const silent = (page, url, requests = Infinity) => {
  let left = requests;
  return page.route(url, async (route) => {
    left -= 1;
    if (left < 0) return route.continue();
    await page.clock.runFor(JUMP_MS).catch(() => {});
    return undefined;
  });
};
const told = (page, pattern, place = '#problems') =>
  page.waitForFunction(([selector, source]) => new RegExp(source).test(document.querySelector(selector).textContent), [place, pattern.source], {
    timeout: ENDED_MS,
  });
const reloads = (page) => page.locator('#problems button').isVisible();

describe('waits', () => {
  const open = inBrowser(['--disable-features=WebGPU']);
  /** Files that never come leave nothing in the console; an engine that stops may. */
  const without = (url, requests, hash = '') =>
    open({
      hash,
      wait: false,
      route: async (page) => {
        await page.clock.install();
        await silent(page, url, requests);
      },
    });

  for (const [what, url] of [
    ['the worker', '**/engine/worker.js'],
    ['a module of the worker', '**/engine/helpers.js'],
    ['the engine\u2019s script', '**/pkg/cpu/speculative_diffusion.js*'],
    ['the engine', '**/pkg/cpu/*.wasm'],
    ['the weights', '**/faces.bpk'],
    ['the description of the weights', '**/faces.json'],
  ]) {
    test(`${what} does not come at first: the run is computed all the same`, async () => {
      const page = await without(url, 1, `#${SHORT}`);
      await shown(page, 11);
      assert.equal(await text(page, '#problems'), '');
    });

    test(`${what} never comes: a sentence, and the recorded run stays`, async () => {
      const page = await without(url);
      await told(page, /could not be started|did not arrive in time/);
      assert.equal(await page.evaluate(() => window.__trace.source.kind), 'recorded');
      assert.match(await text(page, '#problems'), /reload the page|Reload the page/);
      assert.doesNotMatch(await text(page, '#engine-badge'), /loading/);
    });
  }

  test('weights of which a piece comes now and then are waited for', async () => {
    const host = await proxy(PAGE_URL);
    try {
      host.answers.set('/faces.bpk', { every: 3000 });
      const page = await open({ site: host.url, hash: `#${SHORT}` });
      await shown(page, 11);
      assert.equal(await text(page, '#problems'), '');
    } finally {
      host.close();
    }
  });

  test('the recorded run never comes: a sentence, and a run can be computed', async () => {
    const page = await without('**/race.bin');
    await told(page, /recorded run could not be loaded.*in time/);
    assert.doesNotMatch(await text(page, '#badge'), /loading/);
    await page.fill('#field-steps', '20');
    await page.click('#run');
    await page.waitForFunction(() => window.__trace?.plain.length === 20, undefined, { timeout: RUN_MS });
  });

  test('the recorded run does not come at first', async () => {
    const page = await without('**/race.bin', 1);
    await page.waitForFunction(() => window.__trace?.rounds.length > 0, undefined, { timeout: AGAIN_MS });
    assert.equal(await text(page, '#problems'), '');
  });

  test('a module of the page does not come: a sentence and a button, which go when it has come', async () => {
    let go = () => {};
    const page = await open({ wait: false, site: 'about:blank', route: (page) => page.clock.install() });
    const asked = new Promise((resolve) => {
      page.route('**/parts/notices.js', (route) => {
        go = () => route.continue();
        resolve(undefined);
      });
    });
    await page.goto(PAGE_URL, { waitUntil: 'commit' });
    await asked;
    await page.clock.runFor(3 * JUMP_MS);
    await told(page, /could not be loaded/);
    assert.ok(await reloads(page));
    assert.deepEqual(await seriousIn(page, '#problems'), []);
    go();
    await page.waitForFunction(() => window.__trace?.rounds.length > 0 && document.querySelector('#problems').textContent === '');
  });

  for (const [what, name, url] of [
    ['its module', 'bell', '**/figures/bell/index.js*'],
    ['its style sheet', 'world', '**/figures/world/style.css*'],
    ['its numbers', 'stairs', '**/stairs.json'],
    ['the toy', 'crescent', '**/pkg/toy/*.wasm'],
    ['the toy\u2019s script', 'world', '**/pkg/toy/*.js*'],
    ['the network of the policy', 'policy', '**/policy.bpk'],
    ['the engine of the policy', 'policy', '**/pkg/policy/*.wasm'],
  ]) {
    test(`${name}, of which ${what} never comes: a sentence in its place, and it can be asked for again`, async () => {
      const page = await without(url);
      await page.locator(`#${name}`).scrollIntoViewIfNeeded();
      await page.locator(`#${name} .figure-problem`).waitFor({ timeout: ENDED_MS });
      assert.match(await text(page, `#${name} .figure-problem`), /did not arrive in time, though it was asked for twice/);
      await page.unroute(url);
      await page.locator(`#${name} .figure-problem button`).click();
      await figure(page, name);
    });

    test(`${name}, of which ${what} does not come at first`, async () => {
      const page = await without(url, 1);
      await page.locator(`#${name}`).scrollIntoViewIfNeeded();
      await page.waitForFunction((id) => document.getElementById(id).dataset.mounted === '', name, { timeout: AGAIN_MS });
      assert.equal(await page.locator(`#${name} .figure-problem`).count(), 0);
    });
  }

  test('the microscope\u2019s rounds never come: a sentence', async () => {
    const page = await without('**/microscope.json');
    await page.locator('#microscope').scrollIntoViewIfNeeded();
    await told(page, /recorded rounds could not be loaded.*in time/, '#rounds-problem');
  });

  for (const [language, home, late] of [
    ['en', '', /could not be loaded \(it did not arrive in time/],
    ['de', 'de.html', /konnte nicht geladen werden \(sie kam auch auf eine zweite Anfrage nicht rechtzeitig an/],
  ]) {
    /** A figure alone, whose file at this address does not come. */
    const embedded = (url, requests, more = '') =>
      open({
        site: `${PAGE_URL}embed${language === 'en' ? '' : '.de'}.html?figure=race${more}`,
        wait: false,
        route: async (page) => {
          await page.clock.install();
          await silent(page, url, requests);
        },
      });
    for (const [what, url, more, mounted] of [
      ['the article', `${PAGE_URL}${home}`, '', false],
      ['the door to the engines', '**/engine/engine.js*', `&state=${encodeURIComponent(SHORT)}`, true],
    ]) {
      test(`an embedded figure, ${language}: ${what} never comes: a sentence`, async () => {
        const page = await embedded(url, Infinity, more);
        await told(page, late);
        assert.equal(await page.locator('#race').count(), Number(mounted));
        assert.deepEqual(await seriousIn(page, '#problems'), []);
      });

      test(`an embedded figure, ${language}: ${what} does not come at first`, async () => {
        const page = await embedded(url, 1, more);
        await page.waitForFunction(() => window.document.querySelector('#race')?.dataset.mounted === '', undefined, { timeout: AGAIN_MS });
        if (mounted) await page.locator('#result:not([hidden])').waitFor({ timeout: RUN_MS, state: 'attached' });
        assert.equal(await text(page, '#problems'), '');
      });
    }
  }

  for (const [what, failure, at] of [
    ['an engine that never starts', 'await new Promise(() => {});', 'load'],
    ['a run that never goes on', 'await new Promise(() => {})', 'run'],
  ])
    test(`${what} is ended after minutes`, async () => {
      const page = await open({
        hash: `#${SHORT}`,
        wait: false,
        route: async (page) => {
          await page.clock.install();
          await failingCpu(page, failure, at);
        },
      });
      await page.clock.runFor(1000);
      if (at === 'run')
        await page.waitForFunction(() => window.__trace?.source.kind === 'live' && window.__trace.rounds.length === 2, undefined, { timeout: RUN_MS });
      else
        await page.waitForFunction(() => /starting the engine/.test(document.querySelector('#progress-text').textContent), undefined, {
          timeout: ENGINE_READY_MS,
        });
      for (let minutes = 0; minutes < 3; minutes++) await page.clock.runFor(60_000);
      await page.waitForFunction(() => /no longer answered/.test(document.querySelector('#problems').textContent));
      assert.equal(await page.locator('#problems p').count(), 1, 'it is said once');
      assert.ok(await reloads(page));
    });

  test('a run that is held is not ended', async () => {
    const page = await open({ hash: '#seed=5&steps=600&window=4', wait: false, route: (page) => page.clock.install() });
    await page.clock.runFor(1000);
    await page.waitForFunction(() => window.__trace?.source.kind === 'live' && window.__trace.rounds.length > 2, undefined, { timeout: RUN_MS });
    await page.locator('#hold').click();
    await page.waitForTimeout(500);
    for (let minutes = 0; minutes < 5; minutes++) await page.clock.runFor(60_000);
    assert.equal(await text(page, '#problems'), '');
    await page.locator('#cancel').click();
  });

  test('a newer build that does not take over comes with a reload', { skip: !DIST_URL && 'DIST_URL is not set: nothing serves dist/' }, async () => {
    const host = await proxy(String(DIST_URL), { bare: true });
    try {
      const page = await open({ site: host.url });
      await page.waitForFunction(() => navigator.serviceWorker.controller);
      host.answers.set('/offline.js', { change: (body) => `${body}\n// newer` });
      await page.evaluate(async () => {
        await (await navigator.serviceWorker.ready).update();
        ServiceWorker.prototype.postMessage = () => {};
        window.__before = true;
      });
      await page.locator('#newer button').click();
      await page.waitForFunction(() => !window.__before && window.__trace?.rounds.length > 0, undefined, { timeout: AGAIN_MS });
    } finally {
      host.close();
    }
  });
});

describe('waits for a graphics card', () => {
  const open = inBrowser([]);

  test('whether its engine is there is not waited for without end', async () => {
    const page = await open({
      engine: true,
      route: async (page) => {
        await page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: { requestAdapter: async () => ({ info: { vendor: 'borrowed' } }) } }));
        await silent(page, '**/pkg/{gpu,burn}/**');
      },
    });
    await told(page, /built without/, '#gpu-note');
  });
});
