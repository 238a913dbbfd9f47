// The figure “A flat world”: a particle and a swarm on densities in the plane.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { figure, inBrowser, overflowing, pressed, seriousIn, text } from './harness.mjs';

const DRAWN_MS = 60_000;

const $ = (inside) => `#world ${inside}`;
const drawn = (page, chains = 500) =>
  page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll('#world .world-panel-note')].every(({ textContent }) => textContent.startsWith(wanted)) &&
      document.querySelector('#world .world-progress.idle'),
    chains.toLocaleString('en'),
    { timeout: DRAWN_MS },
  );
const swarmInView = async (page, chains) => {
  await page.locator($('.world-panels')).last().scrollIntoViewIfNeeded();
  await drawn(page, chains);
};
const shown = async (page) => {
  await figure(page, 'world');
  await page.locator($('.world-map')).first().scrollIntoViewIfNeeded();
  return page;
};
const rememberedIs = (page, pattern) =>
  page.waitForFunction((wanted) => new RegExp(wanted).test(new URLSearchParams(location.hash.slice(1)).get('world') ?? ''), pattern);
/** What is drawn, as a number that any other picture changes. */
const picture = (page, number = 0) =>
  page
    .locator($('canvas'))
    .nth(number)
    .evaluate((canvas) =>
      canvas
        .getContext('2d')
        .getImageData(0, 0, canvas.width, canvas.height)
        .data.reduce((sum, value, index) => (sum * 31 + value * ((index % 7) + 1)) % 1e9, 7),
    );
/** The very run that the figure should show, by the toy itself. */
const runOf = (page, numbers, settings) =>
  page.evaluate(
    async ([list, how]) => {
      const { loadToy } = await import(new URL('./engine/toy.js', location.href).href);
      const { Toy } = await loadToy();
      const { rounds } = new Toy(2, Float64Array.from(list)).run(how);
      return rounds.map(({ verdict, first, length, calls, committed }) => ({ verdict: [...verdict], first, length, calls, committed }));
    },
    [numbers, settings],
  );
const [ACCEPTED, REJECTED, , DISCARDED] = [0, 1, 2, 3];
const HOW = { eta: 1 };
/** One cluster of the visitor's own: no preset's numbers are repeated here. */
const OWN = 'world=own_50_-25_40.60.secant.8.reflection.11';
const OWN_NUMBERS = [1, 0.5, -0.25, 0.16, 0.16];
const numbersIn = (sentence) => [...sentence.matchAll(/\d[\d,]*(?:\.\d+)?/g)].map(([digits]) => Number(digits.replaceAll(',', '')));

describe('a flat world', () => {
  const open = inBrowser([], { engine: false });

  test('shows a rejection and both swarms before anything is pressed', async () => {
    const page = await shown(await open());
    assert.match(await text(page, $('.world-sentence')), /\d+ steps drafted: \d+ accepted, step \d+ rejected and reflected/);
    assert.ok(!(await page.evaluate(() => location.hash)).includes('world'), 'an untouched figure keeps out of the address');
    await swarmInView(page);
    const [chains, calls] = numbersIn(await text(page, $('.world-panel-speculative .world-panel-note')));
    const [, standard] = numbersIn(await text(page, $('.world-panel-plain .world-panel-note')));
    const steps = Number(await text(page, $('.world-steps strong')));
    assert.equal(chains, 500);
    assert.equal(standard, steps, 'the standard sampler makes one call a step');
    assert.ok(calls < standard / 2, `${calls} calls of ${standard}`);
    assert.match(await text(page, $('.world-result')), /No difference can be seen/);
    assert.ok(await page.locator($('.badge')).isHidden());
  });

  test('every round is said as it is in the run', async () => {
    const page = await shown(await open({ hash: `#${OWN}` }));
    const rounds = await runOf(page, OWN_NUMBERS, { ...HOW, seed: 11, steps: 60, window: 8, draft: 'secant', rule: 'reflection' });
    assert.ok(
      rounds.some(({ verdict }) => verdict.includes(REJECTED)),
      'the test needs a rejection',
    );
    await page.locator($('.world-scrub')).focus();
    await pressed(page, 'Home');
    assert.equal(await text(page, $('[data-counter="calls"]')), '0');
    let [calls, steps] = [0, 0];
    for (const [index, round] of rounds.entries()) {
      assert.ok(index > 0 || round.calls === 2, 'the first draft has a root call');
      for (let phase = 0; phase < 4; phase++) {
        await page.locator($('[data-action="forward"]')).click();
        assert.match(await text(page, $('.round-title')), new RegExp(`^Round ${index + 1} of ${rounds.length}`));
        assert.equal(await page.locator($('[aria-current="step"]')).getAttribute('data-phase'), String(phase));
        if (phase === 0) assert.equal(await text(page, $('[data-counter="calls"]')), String(calls + round.calls - 1), 'a draft costs its root call only');
        if (phase === 2) {
          const sentence = await text(page, $('.world-sentence'));
          const count = (wanted) => round.verdict.filter((verdict) => verdict === wanted).length;
          assert.match(sentence, new RegExp(`^${round.length} steps? drafted: ${count(ACCEPTED)} accepted`));
          assert.match(sentence, new RegExp(`${count(DISCARDED)} discarded`));
          const stop = round.verdict.indexOf(REJECTED);
          assert.match(sentence, stop < 0 ? /none rejected/ : new RegExp(`step ${round.first + stop + 1} rejected and reflected`));
        }
      }
      calls += round.calls;
      steps += round.committed;
      assert.equal(await text(page, $('[data-counter="calls"]')), String(calls));
      assert.equal(await text(page, $('[data-counter="steps"]')), `${steps} / 60`);
    }
    assert.equal(steps, 60);
    assert.equal(await page.locator($('.world-scrub')).inputValue(), String(4 * rounds.length));
  });

  test('steps back, jumps to a phase and to the next round, and plays', async () => {
    const page = await shown(await open());
    const at = () => page.locator($('.world-scrub')).inputValue().then(Number);
    const begin = await at();
    const before = await picture(page);
    await page.locator($('[data-action="back"]')).click();
    assert.equal(await at(), begin - 1);
    assert.notEqual(await picture(page), before);
    await page.locator($('[data-phase="0"]')).click();
    assert.equal((await at()) % 4, 1);
    await page.locator($('[data-action="round"]')).click();
    assert.equal((await at()) % 4, 0);
    await page.locator($('.world-scrub')).evaluate((input) => {
      input.value = '0';
      input.dispatchEvent(new Event('input'));
    });
    const play = page.locator($('[data-action="play"]'));
    await play.click();
    assert.equal((await play.innerText()).trim(), 'Pause');
    await page.waitForFunction(() => Number(document.querySelector('#world .world-scrub').value) >= 2);
    await play.click();
    assert.equal((await play.innerText()).trim(), 'Play');
    await page.waitForFunction(() =>
      document.querySelector('#world .world-readout [aria-live]').textContent.includes(document.querySelector('#world .world-sentence').textContent),
    );
  });

  test('by keyboard alone: transport and settings, without moving the race', async () => {
    const page = await shown(await open({ reducedMotion: 'reduce' }));
    const race = await page.locator('#scrub').inputValue();
    const scrub = page.locator($('.world-scrub'));
    await scrub.focus();
    const begin = Number(await scrub.inputValue());
    await pressed(page, 'ArrowRight');
    assert.equal(Number(await scrub.inputValue()), begin + 1);
    await pressed(page, 'End');
    const end = await scrub.getAttribute('max');
    assert.equal(await scrub.inputValue(), end);
    await page.locator($('[data-action="forward"]')).focus();
    await pressed(page, 'Enter');
    assert.equal(await scrub.inputValue(), end, 'nothing lies behind the end');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.action), 'forward', 'the focus stays');
    await page.locator($('[name="world-steps"]')).focus();
    await pressed(page, 'ArrowRight');
    await rememberedIs(page, '^two\\.40\\.secant\\.8\\.reflection\\.\\d+$');
    await page.locator($('[name="world-rule"]')).selectOption('peak');
    await rememberedIs(page, '\\.peak\\.');
    assert.ok(await page.locator($('.world-key-corrected')).isVisible());
    assert.ok(await page.locator($('.world-key-mirror')).isHidden(), 'the peak test has no mirror');
    assert.equal(await page.locator('#scrub').inputValue(), race);
  });

  test('a link restores it, and nonsense is ignored', async () => {
    let page = await shown(await open({ hash: '#world=ring.100.frozen.auto_0.peak.5' }));
    for (const [name, value] of [
      ['density', 'ring'],
      ['steps', '100'],
      ['draft', 'frozen'],
      ['window', 'auto/0'],
      ['rule', 'peak'],
    ]) {
      assert.equal(await page.locator($(`[name="world-${name}"]`)).inputValue(), value);
    }
    await page.locator($('[data-action="seed"]')).click();
    await rememberedIs(page, '^ring\\.100\\.frozen\\.auto_0\\.peak\\.\\d+$');
    for (const nonsense of [
      'own_1_2.60.secant.8.reflection.1',
      'two.7.secant.8.reflection.1',
      'own_900_0_30.60.secant.8.reflection.1',
      '<b>',
      'constructor.60.secant.8.reflection.1',
    ]) {
      await page.context().close();
      page = await shown(await open({ hash: `#world=${encodeURIComponent(nonsense)}` }));
      assert.equal(await page.locator($('[name="world-density"]')).inputValue(), 'two', nonsense);
      assert.equal(await page.locator($('[name="world-steps"]')).inputValue(), '30', nonsense);
    }
  });

  test('a wrong rule is marked and is seen to be wrong', async () => {
    const page = await shown(await open({ hash: '#world=two.20.secant.16.reflection.3' }));
    await swarmInView(page);
    const read = async () => numbersIn(await text(page, $('.world-result')));
    const [, , x, y, bound] = await read();
    assert.ok(Math.max(x, y) < bound, `exact: ${x}, ${y}, ${bound}`);
    await page.locator($('[name="swarm-rule"]')).selectOption('accept-all');
    await page.waitForFunction(() => document.querySelector('#world .world-result').textContent.startsWith('Not exact'), undefined, { timeout: DRAWN_MS });
    assert.equal(await text(page, $('.world-panel-speculative .badge')), 'not exact');
    assert.match(await page.locator($('.world-panel-speculative canvas')).getAttribute('aria-label'), /not exact/);
    assert.match(await text(page, $('[name="swarm-rule"] option:checked')), /not exact/);
    const [, , wrongX, wrongY, again] = await read();
    assert.equal(again, bound);
    assert.ok(Math.max(wrongX, wrongY) > 1.5 * bound, `wrong: ${wrongX}, ${wrongY}, ${bound}`);
    assert.match(await text(page, $('.world-result')), /another distribution/);
    for (const rule of ['keep-noise', 'redraw']) assert.match(await page.locator($(`[name="swarm-rule"] option[value="${rule}"]`)).innerText(), /not exact/);
  });

  test('more chains are added, and a draw can be cancelled', async () => {
    const page = await shown(await open({ hash: '#world=spiral.300.secant.8.reflection.3' }));
    await page.locator($('.world-panels')).last().scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector('#world .world-progress:not(.idle)'));
    await page.locator($('[data-action="cancel"]')).click();
    await page.waitForFunction(() => document.querySelector('#world .world-progress.idle'));
    const counts = await page.locator($('.world-panel-note')).allInnerTexts();
    const [one, other] = counts.map((note) => numbersIn(note)[0] ?? 0);
    assert.ok(one < 500, 'cancelled');
    assert.equal(one, other, 'as many by each sampler');
    await page.locator($('[name="world-density"]')).selectOption('blob');
    await page.waitForFunction(() => document.querySelector('#world .world-panel-note').textContent === 'No chains yet.');
    await page.locator($('[name="world-steps"]')).evaluate((input) => {
      input.value = '20';
      input.dispatchEvent(new Event('input'));
    });
    await rememberedIs(page, '^blob\\.20\\.');
    for (const wanted of [500, 1000]) {
      await page.locator($('[data-action="draw"]')).press('Enter');
      await drawn(page, wanted);
    }
  });

  /** The toy, with something done before it draws a swarm: of `how`, `first` and `count`. */
  const withSwarm = (before) => (page) =>
    page.route(/\/pkg\/toy\/[^?]*\.js$/, (route) => {
      const real = JSON.stringify(`${route.request().url()}?real`);
      return route.fulfill({
        contentType: 'text/javascript',
        body: `
          import init, { Toy } from ${real};
          const { swarm } = Toy.prototype;
          Toy.prototype.swarm = function (how, first, count) { ${before} return swarm.call(this, how, first, count); };
          export * from ${real};
          export default init;`,
      });
    });

  test('the two samplers draw chains of their own, so that their samples are independent', async () => {
    const page = await shown(await open({ route: withSwarm('(window.drawn ??= []).push([how.window, first, count]);') }));
    await swarmInView(page);
    const chains = await page.evaluate(() => window.drawn.map(([window, first, count]) => [window === 1, Array.from({ length: count }, (_, i) => first + i)]));
    const of = (isPlain) => chains.filter(([plain]) => plain === isPlain).flatMap(([, list]) => list);
    const speculative = new Set(of(false));
    assert.deepEqual([speculative.size, of(true).length], [500, 500]);
    assert.deepEqual(
      of(true).filter((chain) => speculative.has(chain)),
      [],
    );
  });

  test('a toy that throws leaves a sentence, and more can be drawn', async () => {
    const page = await shown(await open({ route: withSwarm("window.left = (window.left ?? 4) - 1; if (window.left === 0) throw new Error('unreachable');") }));
    await page.locator($('.world-panels')).last().scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector('#world .world-result').textContent.startsWith('The computation stopped (unreachable)'));
    assert.equal(await page.locator($('.world-progress.idle')).count(), 1);
    await page.locator($('[data-action="draw"]')).click();
    await drawn(page);
    assert.match(await text(page, $('.world-result')), /^On average/);
  });

  test('own clusters by mouse', async () => {
    const page = await shown(await open({ hash: `#${OWN}` }));
    const handles = page.locator($('.world-handle'));
    assert.equal(await handles.count(), 1);
    assert.ok(await page.locator($('[data-action="remove"]')).isDisabled(), 'the last cluster stays');
    const plane = await page.locator($('.world-plane')).first().boundingBox();
    const before = await picture(page);
    await page.mouse.click(plane.x + 0.25 * plane.width, plane.y + 0.25 * plane.height);
    await rememberedIs(page, '^own_50_-25_40_-1[67]\\d_1[67]\\d_40\\.');
    assert.equal(await handles.count(), 2);
    assert.notEqual(await picture(page), before);
    await page.mouse.move(plane.x + 0.25 * plane.width, plane.y + 0.25 * plane.height);
    await page.mouse.down();
    await page.mouse.move(plane.x + 0.5 * plane.width, plane.y + 0.5 * plane.height, { steps: 4 });
    await page.mouse.up();
    await rememberedIs(page, '^own_50_-25_40_-?[0-3]_-?[0-3]_40\\.');
    assert.equal(await handles.count(), 2, 'a drag places none');
    await page.mouse.move(plane.x + 0.5 * plane.width, plane.y + 0.5 * plane.height);
    await page.mouse.down({ button: 'right' });
    await page.mouse.move(plane.x + 0.75 * plane.width, plane.y + 0.5 * plane.height, { steps: 4 });
    await page.mouse.up({ button: 'right' });
    await rememberedIs(page, '^own_50_-25_40_-?[0-3]_-?[0-3]_40\\.');
    await page.locator($('[name="size"]')).evaluate((input) => {
      input.value = '0.8';
      input.dispatchEvent(new Event('input'));
    });
    await rememberedIs(page, '_80\\.');
    await page.locator($('[data-action="remove"]')).click();
    await rememberedIs(page, '^own_50_-25_40\\.');
    for (let count = 1; count < 40; count++) await page.locator($('[data-action="add"]')).evaluate((button) => button.click());
    assert.equal(await handles.count(), 40);
    assert.ok(await page.locator($('[data-action="add"]')).isDisabled());
    await page.locator($('[name="data"]')).uncheck();
    assert.ok(await handles.first().isHidden(), 'clusters are placed on the data’s density only');
  });

  test('own clusters by keyboard', async () => {
    const page = await shown(await open());
    await page.locator($('[name="world-density"]')).selectOption('own');
    await page.locator($('[data-action="add"]')).focus();
    await pressed(page, 'Enter');
    const focused = () => page.evaluate(() => document.activeElement.getAttribute('aria-label'));
    assert.equal(await focused(), 'Cluster 4');
    await pressed(page, 'ArrowLeft');
    await pressed(page, 'ArrowUp');
    await pressed(page, 'Shift+ArrowUp');
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-valuetext')), 'x −0.10, y 0.60');
    await rememberedIs(page, '^own_.*_-10_60_35\\.');
    await pressed(page, 'End');
    await pressed(page, 'PageDown');
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-valuetext')), 'x 3.40, y 0.10');
    await pressed(page, 'Home');
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-valuetext')), 'x −3.40, y 0.10');
    for (const [key, name] of [
      ['Enter', 'Cluster 1'],
      ['Shift+Enter', 'Cluster 4'],
      ['Shift+Enter', 'Cluster 3'],
    ]) {
      await pressed(page, key);
      assert.equal(await focused(), name);
      assert.equal(await page.locator($('.world-handle[tabindex="0"]')).count(), 1, 'one stop for the Tab key');
    }
    await pressed(page, 'Tab');
    assert.doesNotMatch(String(await focused()), /Cluster/);
    await pressed(page, 'Shift+Tab');
    assert.equal(await focused(), 'Cluster 3');
    for (const left of [3, 2, 1, 1]) {
      await pressed(page, 'Delete');
      assert.equal(await page.locator($('.world-handle')).count(), left);
    }
    assert.equal(await focused(), 'Cluster 1', 'the focus stays on a cluster');
  });

  test('own clusters by touch', async () => {
    const page = await shown(await open({ hash: `#${OWN}`, width: 360, touch: true }));
    const box = page.locator($('.world-plane')).first();
    await box.scrollIntoViewIfNeeded();
    const plane = await box.boundingBox();
    await page.touchscreen.tap(plane.x + 0.75 * plane.width, plane.y + 0.75 * plane.height);
    await rememberedIs(page, '^own_50_-25_40_1[67]\\d_-1[67]\\d_40\\.');
    const session = await page.context().newCDPSession(page);
    const at = (x, y) => [{ x: plane.x + x * plane.width, y: plane.y + y * plane.height }];
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0.75, 0.75) });
    for (const share of [0.7, 0.6, 0.5]) await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(share, 0.75) });
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await rememberedIs(page, '^own_50_-25_40_-?[0-3]_-1[67]\\d_40\\.');
  });

  test('with reduced motion nothing moves by itself', async () => {
    const page = await shown(await open({ reducedMotion: 'reduce' }));
    await page.locator($('[data-action="play"]')).click();
    const scrub = page.locator($('.world-scrub'));
    assert.equal(await scrub.inputValue(), await scrub.getAttribute('max'), 'play is its end');
    assert.equal((await text(page, $('[data-action="play"]'))).trim(), 'Play');
  });

  for (const colorScheme of ['light', 'dark']) {
    test(`axe finds nothing serious, ${colorScheme}`, async () => {
      const page = await shown(await open({ colorScheme, hash: `#${OWN}` }));
      await swarmInView(page);
      await page.locator($('[name="swarm-rule"]')).selectOption('redraw');
      await page.waitForFunction(() => document.querySelector('#world .world-result').textContent.startsWith('Not exact'), undefined, { timeout: DRAWN_MS });
      assert.deepEqual(await seriousIn(page, '#world'), []);
    });
  }

  test('colours follow the theme', async () => {
    const page = await shown(await open({ colorScheme: 'light' }));
    const before = await picture(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForFunction(() => matchMedia('(prefers-color-scheme: dark)').matches);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    assert.notEqual(await picture(page), before);
  });

  test('at 360 px nothing overflows, and targets can be hit', async () => {
    const page = await shown(await open({ width: 360, hash: `#${OWN}` }));
    await swarmInView(page);
    assert.ok((await overflowing(page)) <= 0);
    assert.deepEqual(await seriousIn(page, '#world'), []);
    const small = await page
      .locator('#world')
      .locator('button:visible, select:visible, input:visible')
      .evaluateAll((all) =>
        all
          .map((one) => ({ name: one.name || one.dataset.action || one.className, ...one.getBoundingClientRect().toJSON() }))
          .filter(({ width, height }) => Math.min(width, height) < 24)
          .map(({ name }) => name),
      );
    assert.deepEqual(small, []);
  });
});
