// The figure “A hand that must not wait”: two worlds, two hands, one plan opened.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { SHOTS, addressSays, figure, inBrowser, overflowing, seriousIn, text } from './harness.mjs';

const $ = (inside) => `#policy ${inside}`;
const number = async (page, lane, name) => Number((await text(page, $(`.policy-${lane} [data-number="${name}"] dd`))).replace(/[^\d.]/g, ''));
const click = (page, action) => page.locator($(`[data-action="${action}"]`)).click();
const isPlaying = (page) => page.locator($('[data-action="play"]')).evaluate((button) => button.dataset.playing === 'true');
/** Where a thing is in the standard hand's plane. */
const placeOf = (page, thing, side = 0) =>
  page
    .locator($(`.policy-side .policy-plane`))
    .nth(side)
    .locator(`[data-thing="${thing}"]`)
    .evaluate((group) =>
      group
        .getAttribute('transform')
        .match(/-?[\d.]+/g)
        .map(Number),
    );

async function opened(page) {
  await figure(page, 'policy');
  await page.locator($('.policy-planes')).scrollIntoViewIfNeeded();
}
async function paused(page) {
  await opened(page);
  if (await isPlaying(page)) await click(page, 'play');
}
async function ticks(page, count) {
  for (let tick = 0; tick < count; tick++) await click(page, 'step');
}

describe('a hand that must not wait', () => {
  const open = inBrowser([], { engine: false });

  test('plays by itself: both hands push, one after eight calls a plan, the other after a hundred', async () => {
    const page = await open();
    await opened(page);
    assert.ok(await isPlaying(page));
    await page.waitForFunction(() => [...document.querySelectorAll('#policy [data-number="calls"] dd')].every((dd) => Number(dd.textContent) > 0));
    assert.equal(await number(page, 'standard', 'calls'), 100);
    assert.ok((await number(page, 'speculative', 'calls')) < 20);
    // the slower one has lost more ticks
    await page.waitForFunction(() => {
      const [standard, speculative] = [...document.querySelectorAll('#policy [data-number="lost"] dd')].map((dd) => Number(dd.textContent));
      return standard > speculative + 5;
    });
    assert.ok(!(await page.evaluate(() => location.hash)).includes('policy'), 'an untouched figure keeps out of the address');
  });

  test('the speculative hand is home long before the other, whose goal is the same', async () => {
    const page = await open();
    await paused(page);
    for (let seconds = 0; seconds < 30; seconds++) {
      if ((await number(page, 'speculative', 'coverage')) > 90) break;
      await ticks(page, 10);
    }
    assert.ok((await number(page, 'speculative', 'coverage')) > 90);
    assert.ok((await number(page, 'standard', 'coverage')) < 90);
    assert.match(await text(page, $('.policy-sentence')), /The speculative hand was home after [\d.]+ s; the standard one is not/);
    assert.deepEqual(await placeOf(page, 'goal', 0), await placeOf(page, 'goal', 1));
  });

  test('T and goal by mouse, touch and keys, in both worlds alike', async () => {
    const page = await open();
    await paused(page);
    const box = await page.locator($('.policy-plane')).first().boundingBox();
    const at = ([x, y]) => [box.x + (x / 512) * box.width, box.y + (y / 512) * box.height];
    for (const thing of ['goal', 'block']) {
      const [x, y] = await placeOf(page, thing);
      await page.mouse.move(...at([x, y]));
      await page.mouse.down();
      await page.mouse.move(...at([x + 20, y + 10]), { steps: 3 });
      await page.mouse.up();
      const [now, low] = await placeOf(page, thing);
      assert.ok(Math.abs(now - x - 20) < 1 && Math.abs(low - y - 10) < 1, `${thing}: ${now - x}, ${low - y}`);
      assert.deepEqual(await placeOf(page, thing, 1), await placeOf(page, thing, 0));
      // by its grip it is turned
      const [, , angle] = await placeOf(page, thing);
      const turn = (degrees) => [now - 62 * Math.sin((degrees * Math.PI) / 180), low + 62 * Math.cos((degrees * Math.PI) / 180)];
      await page.mouse.move(...at(turn(angle)));
      await page.mouse.down();
      await page.mouse.move(...at(turn(angle + 30)), { steps: 3 });
      await page.mouse.up();
      assert.ok(Math.abs((await placeOf(page, thing))[2] - angle - 30) < 1);
      await page
        .locator($(`[data-thing="${thing}"]`))
        .first()
        .focus();
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('+');
      const [moved, , turned] = await placeOf(page, thing);
      assert.ok(Math.abs(moved - now + 8) < 1 && Math.abs(turned - angle - 37.5) < 1);
    }
    await page.locator($('[data-thing="block"]')).first().focus();
    for (let press = 0; press < 80; press++) await page.keyboard.press('ArrowRight');
    assert.equal((await placeOf(page, 'block'))[0], 452, 'the plane has an edge');
  });

  test('a T that is put onto the hand, kicks, and a tab in the background leave a world that goes on', async () => {
    const page = await open();
    await paused(page);
    const hand = await page
      .locator($('.policy-hand'))
      .first()
      .evaluate((circle) =>
        circle
          .getAttribute('transform')
          .match(/-?[\d.]+/g)
          .map(Number),
      );
    const box = await page.locator($('.policy-plane')).first().boundingBox();
    const at = ([x, y]) => [box.x + (x / 512) * box.width, box.y + (y / 512) * box.height];
    await page.mouse.move(...at((await placeOf(page, 'block')).slice(0, 2)));
    await page.mouse.down();
    await page.mouse.move(...at(hand), { steps: 12 });
    await page.mouse.up();
    for (let kick = 0; kick < 5; kick++) {
      await click(page, 'kick');
      await ticks(page, 3);
    }
    const cdp = await page.context().newCDPSession(page);
    await click(page, 'play');
    await cdp.send('Emulation.setFocusEmulationEnabled', { enabled: false });
    await page.waitForTimeout(1500);
    await click(page, 'play');
    const numbers = await page.evaluate(() =>
      [...document.querySelectorAll('#policy .policy-plane [transform]')].map((group) => group.getAttribute('transform')),
    );
    assert.ok(numbers.length > 0 && numbers.every((transform) => !/NaN|Infinity|e\+/.test(transform)), numbers.join(' | '));
  });

  test('one plan is opened: its rounds, level by level, and others that might have been chosen', async () => {
    const page = await open();
    await paused(page);
    await click(page, 'again');
    await click(page, 'open');
    assert.match(await text(page, $('.policy-sentence')), /There is no plan yet/);
    await ticks(page, 4);
    await click(page, 'open');
    const level = page.locator('#policy-level');
    await level.focus();
    const rounds = new Set();
    for (let step = 0; step < 100; step++) {
      rounds.add(await text(page, $('.policy-round')));
      await page.keyboard.press('ArrowRight');
    }
    assert.equal(await level.inputValue(), '99');
    const calls = await number(page, 'speculative', 'calls');
    assert.ok(rounds.size >= 4 && rounds.size <= calls, `${rounds.size} rounds in ${calls} calls`);
    assert.match([...rounds][0], /^Round 1 of \d+: \d+ steps? drafted, \d+ accepted, /);
    assert.equal(await page.locator($('.policy-opened .policy-other')).count(), 0);
    await page.locator($('[name="policy-fan"]')).check();
    await page.waitForFunction(() => document.querySelectorAll('#policy .policy-opened .policy-other').length === 24);
    await page.locator($('[name="policy-estimates"]')).check();
    assert.ok((await page.locator($('.policy-opened .policy-path')).count()) > 24);
    await click(page, 'play');
    assert.ok(await page.locator($('.policy-opened')).isHidden());
  });

  test('what a call takes and what the hand does meanwhile, in the address too', async () => {
    const page = await open({ hash: '#policy=12.2.on' });
    await paused(page);
    assert.equal(await page.locator('#policy-call').inputValue(), '2');
    assert.ok(await page.locator($('input[value="on"]')).isChecked());
    await page.locator('#policy-call').fill('50');
    await addressSays(page, 'policy', '12.50.on');
    await page.locator($('input[value="here"]')).check({ force: true });
    await ticks(page, 8);
    assert.match(await text(page, $('.policy-controls output')), /^0\.\d+ ms$|^\d ms$/);
    assert.ok(await page.locator('#policy-call').isDisabled());
    const other = await open({ hash: '#policy=nonsense' });
    await paused(other);
    assert.equal(await other.locator('#policy-call').inputValue(), '10');
  });

  test('stands still under reduced motion, and steps by hand', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await opened(page);
    assert.ok(!(await isPlaying(page)));
    const before = await placeOf(page, 'block');
    await page.waitForTimeout(500);
    assert.deepEqual(await placeOf(page, 'block'), before);
    await ticks(page, 3);
    assert.match(await text(page, $('.policy-sentence')), /0\.3 s/);
  });

  test('without its weights there is a sentence and a second try', async () => {
    let missing = true;
    const page = await open({
      route: async (one, tolerate) => {
        tolerate(/404/);
        await one.route('**/assets/policy.bpk', (route) => (missing ? route.fulfill({ status: 404 }) : route.continue()));
      },
    });
    await page.locator('#policy').scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector('#policy [role="alert"]')?.textContent.includes('could not be loaded'));
    missing = false;
    await page.locator($('[role="alert"] button')).click();
    await page.locator($('.policy-planes')).waitFor();
  });

  for (const width of [1280, 360])
    test(`a visitor's minute at ${width} px: the start, the T dragged, both hands at work, one plan opened`, async () => {
      const page = await open({ width });
      const shot = async (moment) => {
        await mkdir(SHOTS, { recursive: true });
        await page.locator('#policy').screenshot({ path: `${SHOTS}policy-${width}-${moment}.png` });
      };
      await paused(page);
      await shot('1-start');
      const box = await page.locator($('.policy-plane')).first().boundingBox();
      const at = ([x, y]) => [box.x + (x / 512) * box.width, box.y + (y / 512) * box.height];
      const [x, y] = await placeOf(page, 'block');
      await page.mouse.move(...at([x, y]));
      await page.mouse.down();
      await page.mouse.move(...at([x + 40, y + 20]), { steps: 5 });
      await page.mouse.up();
      assert.ok(Math.abs((await placeOf(page, 'block', 1))[0] - x - 40) < 2);
      await shot('2-dragged');
      await ticks(page, 30);
      assert.ok((await number(page, 'standard', 'lost')) > (await number(page, 'speculative', 'lost')));
      await shot('3-at-work');
      await click(page, 'open');
      await page.locator('#policy-level').fill('60');
      await page.locator($('[name="policy-fan"]')).check();
      await page.waitForFunction(() => document.querySelectorAll('#policy .policy-opened .policy-other').length === 24);
      await shot('4-a-plan');
    });

  test('fits and is accessible at every width, light and dark', async () => {
    for (const [width, colorScheme] of [
      [1280, 'light'],
      [853, 'dark'],
      [360, 'light'],
    ]) {
      const page = await open({ width, colorScheme });
      await paused(page);
      await ticks(page, 4);
      await click(page, 'open');
      assert.equal(await overflowing(page), 0, `${width}`);
      assert.deepEqual(await seriousIn(page, '#policy'), []);
      await page.context().close();
    }
  });
});
