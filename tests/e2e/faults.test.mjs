// When things go wrong: each fault is provoked for real, a sentence says what happened, and nothing is lost. The table of all of
// them is in docs/FAULTS.md.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LATE_PANIC, failingCpu, liveRunShown, roundsShown, SHORT_RUN } from './runs.mjs';
import { ENGINE_READY_MS, PAGE_URL, RUN_MS, SHORT, engineReady, inBrowser, isPlaying, position, pressed, settingsOf, shown, text } from './harness.mjs';

/** Longer than workers wait for one another. */
const FROZEN_MS = 6000;
const decisions = (page) => page.evaluate(() => window.__trace.rounds.map(({ first, verdict, gap }) => [first, [...verdict], [...gap].map(String)]));
describe('faults', () => {
  const open = inBrowser(['--disable-features=WebGPU']);

  test('a browser that knows WebGPU but has no adapter: the CPU computes, and a sentence says so', async () => {
    const page = await open({
      hash: `#${SHORT}`,
      route: (page) => page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => ({ requestAdapter: async () => null }) })),
    });
    await shown(page, 11);
    await page.waitForFunction(() => /WebGPU/.test(document.querySelector('#gpu-note').textContent), undefined, { timeout: ENGINE_READY_MS });
    assert.match(await text(page, '#badge'), /CPU/);
    assert.equal(await text(page, '#problems'), '');
  });

  test('an adapter whose driver never answers keeps nobody waiting', async () => {
    const page = await open({
      hash: `#${SHORT}`,
      route: (page) =>
        page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => ({ requestAdapter: () => new Promise(() => {}) }) })),
    });
    await shown(page, 11);
  });

  test('a link that names WebGPU does not wait for a driver that never answers: the CPU computes, and a sentence says so', async () => {
    const page = await open({
      hash: `#${SHORT}&engine=webgpu`,
      route: (page) =>
        page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => ({ requestAdapter: () => new Promise(() => {}) }) })),
    });
    await shown(page, 11);
    assert.match(await text(page, '#badge'), /CPU/);
    assert.match(await text(page, '#problems'), /The graphics driver does not answer/);
  });

  test('a run that hangs, and is cancelled, keeps no other one waiting', async () => {
    const page = await open({ hash: `#${SHORT_RUN}`, route: (page) => failingCpu(page, 'await new Promise(() => {});') });
    await roundsShown(page, 2);
    await page.click('#cancel');
    await page.waitForFunction(() => window.__trace.source.kind === 'recorded');
    await page.unroute(/\/pkg\/cpu\/speculative_diffusion\.js$/);
    await page.click('#run');
    await liveRunShown(page, 11);
    assert.equal(await text(page, '#problems'), '');
  });

  test('an engine that panics in a cancelled run is not charged to a run behind the page', async () => {
    const page = await open({ hash: '#steps=999999', wait: false, route: (page) => failingCpu(page, LATE_PANIC) });
    await page
      .evaluate(async (hash) => {
        const { Engines } = await import('./engine/engine.js');
        const { readHash, runPart } = await import('./state/settings.js');
        window.__engines = new Engines(() => {});
        window.__settings = runPart(readHash(`#${hash}`).settings);
        const gone = new AbortController();
        let rounds = 0;
        for await (const { type } of window.__engines.run(window.__settings, { backend: 'cpu', workers: 1, signal: gone.signal })) {
          rounds += Number(type === 'round');
          // the third call never ends; it is under way by then, or the engine would be whole when the next run begins
          if (rounds === 2) setTimeout(() => gone.abort(), 1000);
        }
      }, SHORT_RUN)
      .catch((error) => assert.match(String(error), /abort/i));
    await page.unroute(/\/pkg\/cpu\/speculative_diffusion\.js$/);
    const committed = await page.evaluate(async () => {
      const { speculative } = await window.__engines.collect(window.__settings, 'cpu', 1, { signal: new AbortController().signal });
      return speculative.reduce((sum, { committed }) => sum + committed, 0);
    });
    assert.equal(committed, 24);
  });

  for (const [what, change] of [
    ['hangs', 'new Promise(() => {})'],
    ['answers with too few numbers', 'asked.apply(this, all).then((numbers) => numbers.slice(1))'],
    ['answers with NaN', 'asked.apply(this, all).then((numbers) => numbers.fill(NaN))'],
  ])
    test(`a helper that ${what} costs time, and no number changes`, async () => {
      const page = await open({
        hash: `#${SHORT}&workers=2`,
        // only helpers are asked for velocities; their first call warms them up
        route: (page) =>
          page.route(/\/pkg\/cpu\/speculative_diffusion\.js$/, async (route) => {
            const response = await route.fetch();
            await route.fulfill({
              response,
              body: `${await response.text()}
                const asked = Engine.prototype.velocities;
                let calls = 0;
                Engine.prototype.velocities = function (...all) { return calls++ < 2 ? asked.apply(this, all) : ${change}; };`,
            });
          }),
      });
      await shown(page, 11);
      const found = await decisions(page);
      await page.close();
      const alone = await open({ hash: `#${SHORT}&workers=1` });
      await shown(alone, 11);
      assert.deepEqual(found, await decisions(alone));
    });

  test('a worker that cannot start workers: helpers compute all the same, because the page starts them', async () => {
    const page = await open({
      hash: `#${SHORT}&workers=2`,
      route: (page) =>
        page.route('**/engine/worker.js', async (route) => {
          const response = await route.fetch();
          await route.fulfill({ response, body: `delete globalThis.Worker; ${await response.text()}` });
        }),
    });
    await shown(page, 11);
    assert.match(await text(page, '#badge'), /CPU · 2 workers/);
  });

  test('weights that come slowly: the article is there, bytes are counted, and the run begins when they have come', async () => {
    let go = () => {};
    const gate = new Promise((resolve) => {
      go = resolve;
    });
    const page = await open({
      hash: `#${SHORT}`,
      route: (page) =>
        page.route('**/faces.bpk', async (route) => {
          await gate;
          await route.continue();
        }),
    });
    await page.waitForFunction(() => /starts as soon as the engine is ready/.test(document.querySelector('#status').textContent));
    assert.equal(await page.evaluate(() => window.__trace.source.kind), 'recorded');
    go();
    await shown(page, 11);
  });

  test('an engine file of another build is named, and the recorded run stays', async () => {
    const page = await open({
      route: (page, tolerate) => {
        tolerate(/./);
        return page.route('**/pkg/cpu/*.wasm', async (route) =>
          route.fulfill({ response: await route.fetch({ url: route.request().url().replace('/cpu/', '/toy/') }) }),
        );
      },
    });
    await page.waitForFunction(() => document.querySelector('#problems').textContent !== '', undefined, { timeout: ENGINE_READY_MS });
    assert.match(await text(page, '#problems'), /engine/i);
    assert.doesNotMatch(await text(page, '#problems'), /WebAssembly\.instantiate|LinkError|undefined/);
    assert.equal(await page.evaluate(() => window.__trace.source.kind), 'recorded');
  });

  test('a browser that stores nothing: theme and run work for as long as the page is open', async () => {
    const page = await open({
      hash: `#${SHORT}`,
      route: (page) =>
        page.addInitScript(() => {
          const full = () => {
            throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
          };
          Storage.prototype.setItem = full;
          Storage.prototype.getItem = full;
        }),
    });
    await shown(page, 11);
    await page.click('#theme');
    assert.match(await text(page, '#theme'), /light/);
  });

  test('a tab that goes into the background during a run says that its times mean little', async () => {
    const page = await open({ ready: true, reducedMotion: 'reduce' });
    await page.evaluate(() => {
      location.hash = 'seed=4&steps=300&window=4&class=hat';
    });
    await page.waitForFunction(() => window.__trace.source.kind === 'live' && window.__trace.rounds.length > 0, undefined, { timeout: RUN_MS });
    await page.evaluate(() => {
      Object.defineProperty(Document.prototype, 'hidden', { get: () => true, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await shown(page, 4);
    await pressed(page, 'End');
    assert.match(await text(page, '#result'), /in the background/);
  });

  test('a tab that the system freezes in mid-run goes on where it was', async () => {
    const run = 'seed=4&steps=400&window=4&class=hat&workers=2';
    const page = await open({ ready: true, reducedMotion: 'reduce' });
    await page.evaluate((hash) => {
      location.hash = hash;
    }, run);
    await page.waitForFunction(() => window.__trace.source.kind === 'live' && window.__trace.rounds.length > 5, undefined, { timeout: RUN_MS });
    // as a phone does it: no part of the page gets a processor, and its clock goes on
    const browser = await page.context().browser().newBrowserCDPSession();
    const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
    const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
    assert.ok(renderers.length > 0);
    for (const pid of renderers) process.kill(pid, 'SIGSTOP');
    await new Promise((resolve) => {
      setTimeout(resolve, FROZEN_MS);
    });
    for (const pid of renderers) process.kill(pid, 'SIGCONT');
    await shown(page, 4);
    const found = await decisions(page);
    assert.equal(await text(page, '#problems'), '');
    await page.close();
    const alone = await open({ hash: `#${run}`, reducedMotion: 'reduce' });
    await shown(alone, 4);
    assert.deepEqual(found, await decisions(alone));
  });

  test('a page that is left and come back to shows what it showed', async () => {
    const page = await open({ hash: `#${SHORT}`, reducedMotion: 'reduce' });
    await shown(page, 11);
    const before = await decisions(page);
    await page.goto('about:blank');
    await page.goBack();
    await shown(page, 11);
    assert.deepEqual(await decisions(page), before);
  });

  test('two tabs compute side by side, the same numbers', async () => {
    const page = await open({ hash: `#${SHORT}` });
    const other = await page.context().newPage();
    await other.goto(`${PAGE_URL}#${SHORT}`);
    await Promise.all([shown(page, 11), shown(other, 11)]);
    assert.deepEqual(await decisions(page), await decisions(other));
  });

  test('a clock that jumps moves the replay by no more than a frame', async () => {
    const page = await open({
      route: (page) =>
        page.addInitScript(() => {
          const real = performance.now.bind(performance);
          window.__jump = 0;
          performance.now = () => real() + window.__jump;
        }),
    });
    await page.waitForFunction(() => Number(document.querySelector('#scrub').value) > 2);
    const before = await position(page);
    await page.evaluate(() => {
      window.__jump = 3.6e6;
    });
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    assert.ok((await isPlaying(page)) && (await position(page)) < before + 10, `${before} became ${await position(page)}`);
  });

  test('a worker that cannot be started is reported, and the article stays', async () => {
    const page = await open({
      route: (page, tolerate) => {
        tolerate(/./);
        return page.route(/\/engine\/worker\.js$/, (route) => route.fulfill({ status: 404, body: '' }));
      },
    });
    await page.waitForFunction(() => /could not be started/.test(document.querySelector('#problems').textContent), undefined, { timeout: ENGINE_READY_MS });
    assert.equal(await page.evaluate(() => window.__trace.source.kind), 'recorded');
  });

  test('changes in mid-run: the last one counts, and nothing is left over', async () => {
    const page = await open({ ready: true, reducedMotion: 'reduce' });
    await engineReady(page);
    for (const steps of [400, 300, 60, 24]) {
      await page.fill('#field-steps', String(steps));
      await page.press('#field-steps', 'Tab');
    }
    await page.waitForFunction(() => window.__trace.settings.steps === 24 && !document.querySelector('#result').hidden, undefined, { timeout: RUN_MS });
    assert.equal((await settingsOf(page)).steps, 24);
    assert.equal(await text(page, '#problems'), '');
  });
});
