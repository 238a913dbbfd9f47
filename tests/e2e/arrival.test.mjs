// How the page arrives: what is fetched, how soon something moves, and that nothing jumps.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { describe, test } from 'node:test';
import { FIGURES, PAGE_URL, inBrowser, moreSettings } from './harness.mjs';

/** Bytes of gzip: all that the page itself fetches, and its scripts. */
const PAGE_BYTES = 300_000;
const SCRIPT_BYTES = 120_000;
/** Layout shift that nobody notices (web.dev/cls says .1). */
const SHIFT = 0.02;
/** Share by which a figure may be higher or lower than the place that was kept for it: fonts differ. */
const KEPT = 0.05;
/** Of processor and clock, on a machine that does other things too: from localhost to the first motion. */
const FIRST_MOTION_MS = 1000;

describe('arrival', () => {
  const open = inBrowser(['--disable-features=WebGPU']);

  test('the page without weights and wasm is small, and so are its scripts', async () => {
    const bodies = new Map();
    await open({
      ready: true,
      route: async (page) => {
        page.on('response', async (response) => {
          const { pathname } = new URL(response.url());
          if (/\.(wasm|bpk)$/.test(pathname) || /^\/pkg\//.test(pathname) || response.status() !== 200) return;
          bodies.set(pathname, await response.body().catch(() => Buffer.alloc(0)));
        });
      },
    });
    const sizes = [...bodies].map(([path, body]) => ({ path, bytes: gzipSync(body, { level: 9 }).length }));
    const sum = (some) => some.reduce((all, { bytes }) => all + bytes, 0);
    const scripts = sizes.filter(({ path }) => path.endsWith('.js'));
    assert.ok(scripts.length > 10 && sizes.some(({ path }) => path.endsWith('race.bin')), `only ${[...bodies.keys()]} was seen`);
    assert.ok(sum(sizes) <= PAGE_BYTES, `${sum(sizes)} bytes: ${JSON.stringify(sizes)}`);
    assert.ok(sum(scripts) <= SCRIPT_BYTES, `${sum(scripts)} bytes of scripts: ${JSON.stringify(scripts)}`);
  });

  test('something moves within a second, before any wasm has come', async () => {
    const times = [];
    for (let visit = 0; visit < 3; visit++) {
      const page = await open({
        wait: false,
        route: async (page) => {
          await page.addInitScript(() => {
            const watch = () => {
              if (Number(document.querySelector('#scrub')?.value) > 0)
                window.__moved = {
                  at: performance.now(),
                  wasm: performance.getEntriesByType('resource').filter(({ name, responseEnd }) => name.endsWith('.wasm') && responseEnd > 0).length,
                };
              else requestAnimationFrame(watch);
            };
            requestAnimationFrame(watch);
          });
        },
      });
      await page.waitForFunction(() => window.__moved);
      const { at, wasm } = await page.evaluate(() => window.__moved);
      times.push(at);
      assert.equal(wasm, 0);
      await page.close();
    }
    assert.ok(Math.min(...times) <= FIRST_MOTION_MS, `${times} ms`);
  });

  /** A page that keeps what its layout has shifted, unless somebody has just pressed something. */
  const watched = (width, height, options = {}) =>
    open({
      wait: false,
      width,
      ...options,
      route: async (page) => {
        await page.setViewportSize({ width, height });
        await page.addInitScript(() => {
          window.__shifts = [];
          new PerformanceObserver((list) => {
            for (const { value, hadRecentInput, sources } of list.getEntries()) {
              if (!hadRecentInput)
                window.__shifts.push({
                  value,
                  of: sources.map(({ node }) => `${node?.closest?.('figure, section')?.id ?? ''} ${node?.id || node?.className || node?.nodeName}`).join(', '),
                });
            }
          }).observe({ type: 'layout-shift', buffered: true });
        });
        await options.route?.(page);
      },
    });
  const sum = (shifts) => shifts.reduce((all, { value }) => all + value, 0);
  const plays = (page) => page.waitForFunction(() => window.__trace?.source.kind === 'recorded' && Number(document.querySelector('#scrub').value) > 20);

  for (const [width, height] of [
    [1280, 720],
    [853, 720],
    [360, 740],
  ]) {
    test(`${width} px: nothing jumps while it arrives, and while the reader goes through it`, async () => {
      const page = await watched(width, height);
      await plays(page);
      const arrived = await page.evaluate(() => window.__shifts.splice(0));
      assert.ok(sum(arrived) <= SHIFT, JSON.stringify(arrived));
      for (const id of FIGURES) {
        await page.locator(`#${id}`).scrollIntoViewIfNeeded();
        await page.waitForFunction((name) => document.getElementById(name).dataset.mounted === '', id);
      }
      const shifts = await page.evaluate(() => window.__shifts);
      // figures mount before they are seen; each may move by itself a little
      assert.ok(sum(shifts) <= 4 * SHIFT, JSON.stringify(shifts));
    });

    test(`${width} px: a figure that comes late finds its place kept`, async () => {
      /** @type {Map<string, () => void>} */
      const held = new Map();
      const page = await watched(width, height, {
        engine: false,
        route: (page) =>
          page.route('**/figures/*/index.js', async (route) => {
            const [, name] = /figures\/(\w+)\//.exec(route.request().url());
            if (name !== 'race' && name !== 'round') await new Promise((resolve) => held.set(name, resolve));
            await route.continue();
          }),
      });
      await plays(page);
      for (const id of ['bell', 'crescent', 'world', 'stairs', 'evidence', 'gallery', 'pay']) {
        const figure = page.locator(`#${id}`);
        await figure.evaluate((element) => element.scrollIntoView());
        while (!held.has(id)) await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
        const before = await figure.evaluate((element) => element.offsetHeight);
        await page.evaluate(() => window.__shifts.splice(0));
        held.get(id)();
        await page.waitForFunction((name) => document.getElementById(name).dataset.mounted === '', id);
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
        const shifts = await page.evaluate(() => window.__shifts);
        assert.ok(sum(shifts) <= SHIFT, `${id}: ${JSON.stringify(shifts)}`);
        const after = await figure.evaluate((element) => element.offsetHeight);
        assert.ok(Math.abs(after - before) <= KEPT * before, `${id} is ${after} px high, and ${before} px were kept for it`);
      }
    });
  }

  for (const language of ['', 'de.html']) {
    test(`nothing below the race moves while it is on${language && `, ${language}`}`, async () => {
      const page = await open({ site: PAGE_URL + language, reducedMotion: 'reduce', engine: false });
      for (const width of [1280, 1060, 853, 700, 600, 430, 360, 320]) {
        await page.setViewportSize({ width, height: 720 });
        const heights = await page.evaluate(async () => {
          /** @type {HTMLInputElement} */
          const scrub = document.querySelector('#scrub');
          const heights = new Set();
          for (const [axis, from] of [
            ['calls', 0],
            ['time', 0.9],
          ]) {
            document.querySelector(`#axis input[value="${axis}"]`).click();
            for (let part = from; part <= 1; part += 0.02) {
              scrub.value = String(Number(scrub.max) * part);
              scrub.dispatchEvent(new Event('input', { bubbles: true }));
              await new Promise((resolve) => requestAnimationFrame(resolve));
              heights.add(document.querySelector('#race').offsetHeight);
            }
          }
          return [...heights];
        });
        assert.equal(heights.length, 1, `at ${width} px the race is ${heights} px high`);
      }
    });

    test(`nothing below the controls moves when the engine has come${language && `, ${language}`}`, async () => {
      const widths = [1280, 853, 700, 360];
      const heightsOf = async (page) => {
        const heights = [await page.evaluate(() => document.querySelector('#controls').offsetHeight)];
        // what is folded away has its place too
        await moreSettings(page);
        for (const width of widths) {
          await page.setViewportSize({ width, height: 720 });
          heights.push(await page.evaluate(() => document.querySelector('#controls').offsetHeight));
        }
        return heights;
      };
      const without = await heightsOf(await open({ site: PAGE_URL + language, engine: false }));
      const page = await open({ site: PAGE_URL + language, ready: true });
      await page.waitForFunction(() => document.querySelector('#price-note').textContent !== '');
      assert.deepEqual(await heightsOf(page), without);
    });

    test(`nothing below moves while a run is computed, held and shown${language && `, ${language}`}`, async () => {
      const page = await open({ site: PAGE_URL + language, hash: '#seed=7&steps=200&window=auto/0.9/2', reducedMotion: 'reduce', ready: true });
      await page.waitForFunction(() => document.querySelector('#price-note').textContent !== '');
      await page.waitForFunction(() => window.__trace.settings.steps === 200 && !document.querySelector('#result').hidden);
      await moreSettings(page);
      for (const [width, height] of [
        [1280, 720],
        [853, 720],
        [600, 720],
        [360, 740],
      ]) {
        await page.setViewportSize({ width, height });
        const seen = await page.evaluate(async () => {
          const heights = [];
          const states = new Set();
          const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
          const hold = document.querySelector('#hold');
          const { seed } = window.__trace.settings;
          document.querySelector('#new-seed').click();
          await frame();
          let computed = 0;
          while (window.__trace.settings.seed === seed || document.querySelector('#result').hidden) {
            await frame();
            const [race, result, controls] = ['#race', '#result', '#controls'].map((name) => document.querySelector(name).getBoundingClientRect().height);
            // what a result has to say is known at the end
            heights.push([race - result, controls]);
            if (hold.hidden) continue;
            states.add(hold.textContent);
            computed += 1;
            // held for ten frames
            if (computed === 3 || computed === 13) hold.click();
          }
          await frame();
          return { heights, states: states.size };
        });
        assert.equal(seen.states, 2, 'the run was seen being computed and held');
        for (const [index, name] of ['race', 'controls'].entries()) {
          const heights = seen.heights.map((pair) => pair[index]);
          assert.ok(Math.max(...heights) - Math.min(...heights) < 1, `at ${width} px: ${name} is ${[...new Set(heights)]} px high`);
        }
      }
    });
  }

  test('nothing is fetched twice, and figures only when the reader comes near them', async () => {
    const asked = [];
    const page = await open({
      ready: true,
      route: async (page) => {
        page.on('request', (request) => {
          if (request.method() === 'GET') asked.push(request.url());
        });
      },
    });
    const before = asked.filter((url) => /figures\/(crescent|world|gallery|stairs|pay|evidence|bell)\/.*\.js|pkg\/toy|gallery\.json|stairs\.json/.test(url));
    assert.deepEqual(before, []);
    await page.locator('#world').scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector('#world').dataset.mounted === '');
    assert.ok(asked.some((url) => url.includes('pkg/toy')));
    assert.ok(asked.every((url) => url.startsWith(PAGE_URL) || /^(blob|data):/.test(url)));
    // a worker asks for its own modules, also for those that the page or another worker has
    const twice = asked.filter((url, index) => asked.indexOf(url) !== index && !/assist\.js|desk\.js|arrivals\.js|pkg\/cpu/.test(url));
    assert.deepEqual(twice, []);
  });
});
