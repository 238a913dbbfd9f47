// The figures of bells: a step is a bell, and flip the crescent.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressSays, figure, inBrowser, overflowing, pressed, seriousIn, text } from './harness.mjs';
import { significant } from '../../www/text/en/run.js';

const FIGURES = ['bell', 'crescent'];
/** The figures' own, which their links rest on. */
const SEEDS = { bell: 11, crescent: 3 };
const WRONG = ['keep-noise', 'redraw', 'accept-all'];

const settled = (page, id) => page.waitForFunction((name) => document.querySelector(`#${name} svg`).viewBox.baseVal.width > 0, id);
/** @param {import('playwright-core').Page} page */
async function opened(page, id) {
  const found = await figure(page, id);
  await settled(page, id);
  return found;
}
const number = (page, id, name) => text(page, `#${id} [data-number="${name}"] dd`);
const value = async (page, id, name) => Number((await number(page, id, name)).replace('−', '-').replace(/[ ,%]/g, ''));
const draws = async (page, id) => value(page, id, 'draws');
const drawsAre = (page, id, count) =>
  page.waitForFunction(
    ([name, wanted]) => document.querySelector(`#${name} [data-number="draws"] dd`).textContent.replaceAll(',', '') === String(wanted),
    [id, count],
  );
const button = (page, id, name) => page.locator(`#${id}`).getByRole('button', { name, exact: true });
const verdict = (page) => page.locator('#crescent .crescent-verdict').textContent();
const sentence = (page, id) => text(page, `#${id} .bell-sentence`);
const choose = (page, rule) => page.locator(`#crescent input[value="${rule}"]`).check();
const slider = (page, id) => page.locator(`#${id} input[type="range"]`);
const slid = (page, id) => slider(page, id).evaluate((input) => Number(input.value));

/** The same draws, straight from the engine. */
const couple = (page, gap, rule, seed, first, count) =>
  page.evaluate(
    async (all) => {
      const { loadToy } = await import(new URL('./engine/toy.js', document.baseURI).href);
      const { committed, accepted, draft, lnU, lnRatio, exact } = (await loadToy()).couple(...all);
      return { committed: [...committed], accepted: [...accepted], draft: [...draft], lnU: [...lnU], lnRatio: [...lnRatio], exact };
    },
    [gap, rule, seed, first, count],
  );
const meanOf = (list) => list.reduce((sum, one) => sum + one, 0) / list.length;
/** Without a sign on zero. */
const rounded = (one) => Number(one.toFixed(2)) + 0;
const deviationOf = (list) => Math.sqrt(meanOf(list.map((one) => (one - meanOf(list)) ** 2)));

/** Where the knob of a bell is on the screen. */
const knob = async (page, id) => {
  const box = await page.locator(`#${id} .grip-knob`).boundingBox();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
};
/** Pixels of one unit of the noise, from the labels of the axis. */
const unit = (page, id) =>
  page.evaluate((name) => {
    const at = (wanted) => Number([...document.querySelectorAll(`#${name} .bar-label`)].find(({ textContent }) => textContent === wanted).getAttribute('x'));
    return (at('2') - at('0')) / 2;
  }, id);

/** How much of the drawn histogram lies elsewhere than under the drawn curve, from 0 to 1. */
const missed = (page) =>
  page.evaluate(() => {
    const curves = document.querySelectorAll('#crescent .bell-target');
    const corners = curves[curves.length - 1]
      .getAttribute('d')
      .slice(1)
      .split('L')
      .map((pair) => pair.split(',').map(Number));
    const ground = Math.max(...corners.map(([, y]) => y));
    const bars = new Map();
    for (const rect of document.querySelectorAll('#crescent :is(.pile-passed, .pile-failed)')) {
      const [x, width, height] = ['x', 'width', 'height'].map((name) => Number(rect.getAttribute(name)));
      const bar = bars.get(x) ?? { width, height: 0 };
      bars.set(x, { width, height: bar.height + height });
    }
    const curve = (x) => ground - corners.reduce((best, corner) => (Math.abs(corner[0] - x) < Math.abs(best[0] - x) ? corner : best))[1];
    const areas = [...bars].map(([x, { width, height }]) => ({ height, wanted: curve(x + width / 2) }));
    return areas.reduce((sum, { height, wanted }) => sum + Math.max(0, height - wanted), 0) / areas.reduce((sum, { height }) => sum + height, 0);
  });

describe('bells', () => {
  const open = inBrowser([], { engine: false });

  test('a step is a bell: the samples are those of the engine, around the mean', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await opened(page, 'bell');
    assert.equal(await draws(page, 'bell'), 100, 'something is to be seen at once');
    await button(page, 'bell', 'Draw 100').click();
    await drawsAre(page, 'bell', 200);
    const { committed } = await couple(page, 0, 'reflection', SEEDS.bell, 0, 201);
    const mean = await slid(page, 'bell');
    assert.equal(await number(page, 'bell', 'mean'), (mean + meanOf(committed.slice(0, 200))).toFixed(2));
    assert.equal(await number(page, 'bell', 'deviation'), deviationOf(committed.slice(0, 200)).toFixed(2));
    await button(page, 'bell', 'Draw one sample').click();
    await drawsAre(page, 'bell', 201);
    assert.ok(
      (await sentence(page, 'bell')).replaceAll('−', '-').includes(`the next state is ${(mean + committed[200]).toFixed(2)}`),
      await sentence(page, 'bell'),
    );
    await button(page, 'bell', 'Clear').click();
    await drawsAre(page, 'bell', 0);
    assert.equal(await page.locator('#bell .pile-passed').count(), 0);
  });

  test('a sample falls before it lies in the pile', async () => {
    const page = await open();
    await opened(page, 'bell');
    await button(page, 'bell', 'Draw one sample').click();
    await page.waitForFunction(() => document.querySelector('#bell .bell-point') && !document.querySelector('#bell .bell-stem'));
    await page.waitForFunction(() => document.querySelector('#bell .bell-stem'));
    assert.equal(await draws(page, 'bell'), 101);
  });

  for (const id of FIGURES) {
    test(`${id}: the bell is dragged by mouse, and the samples go with it`, async () => {
      const page = await open({ reducedMotion: 'reduce' });
      await opened(page, id);
      const before = await slid(page, id);
      const from = await knob(page, id);
      await page.mouse.move(from.x, from.y + 30);
      await page.mouse.down();
      await page.mouse.move(from.x + (await unit(page, id)), from.y + 60, { steps: 4 });
      await page.mouse.up();
      assert.ok(Math.abs((await slid(page, id)) - before - 1) <= 0.051, `${before} became ${await slid(page, id)}`);
      assert.equal(await text(page, `#${id} output`), (await slid(page, id)).toFixed(2));
      assert.ok(Math.abs((await knob(page, id)).x - from.x - (await unit(page, id))) <= 0.051 * (await unit(page, id)), 'the bell stands where it was let go');
      // let go: the pointer moves nothing
      const after = await slid(page, id);
      await page.mouse.move(from.x, from.y);
      assert.equal(await slid(page, id), after);
      await addressSays(page, id, id === 'bell' ? after.toFixed(2) : `${after.toFixed(2)}-reflection`);
    });

    test(`${id}: the bell is dragged by touch`, async () => {
      const page = await open({ width: 360, reducedMotion: 'reduce', touch: true });
      await opened(page, id);
      await page.locator(`#${id} svg`).first().scrollIntoViewIfNeeded();
      const before = await slid(page, id);
      const from = await knob(page, id);
      const client = await page.context().newCDPSession(page);
      const touch = (type, x, y) => client.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] });
      await touch('touchStart', from.x, from.y + 20);
      for (let i = 1; i <= 6; i++) await touch('touchMove', from.x + ((await unit(page, id)) * i) / 6, from.y + 20);
      await touch('touchEnd');
      await page.waitForFunction(([name, old]) => Math.abs(Number(document.querySelector(`#${name} input`).value) - old - 1) <= 0.101, [id, before]);
    });

    test(`${id}: by keyboard alone, to the ends`, async () => {
      const page = await open({ reducedMotion: 'reduce' });
      await opened(page, id);
      await slider(page, id).focus();
      const before = await slid(page, id);
      await pressed(page, 'ArrowRight');
      assert.ok(Math.abs((await slid(page, id)) - before - 0.05) < 1e-9);
      await pressed(page, 'End');
      assert.equal(await text(page, `#${id} output`), id === 'bell' ? '3.00' : '4.00');
      await pressed(page, 'Home');
      assert.equal(await text(page, `#${id} output`), id === 'bell' ? '−3.00' : '0.00');
      assert.ok((await page.locator(`#${id} svg`).getAttribute('aria-label')).includes(`around ${id === 'bell' ? '−3.00' : '0.00'}`));
      const count = await draws(page, id);
      await button(page, id, id === 'bell' ? 'Draw 100' : 'Draw 500').focus();
      await pressed(page, 'Enter');
      await drawsAre(page, id, count + (id === 'bell' ? 100 : 500));
    });

    test(`${id}: axe finds nothing serious, and nothing overflows`, async () => {
      for (const [colorScheme, width] of [
        ['light', 1280],
        ['dark', 1280],
        ['light', 360],
        ['dark', 853],
      ]) {
        const page = await open({ colorScheme, width, reducedMotion: 'reduce' });
        await opened(page, id);
        await button(page, id, id === 'bell' ? 'Draw one sample' : 'Draw one').click();
        if (id === 'crescent') await choose(page, 'keep-noise');
        assert.deepEqual(await seriousIn(page, `#${id}`), [], `${colorScheme} ${width}`);
        assert.ok((await overflowing(page)) <= 0, `${width}`);
        const outside = await page.evaluate((name) => {
          const { left, right } = document.getElementById(name).getBoundingClientRect();
          return [...document.querySelectorAll(`#${name} :is(text, button, label, dd, p)`)]
            .filter((element) => {
              const box = element.getBoundingClientRect();
              return box.width > 1 && (box.left < left || box.right > right);
            })
            .map(({ textContent }) => textContent);
        }, id);
        assert.deepEqual(outside, [], `${width}`);
        await page.context().close();
      }
    });
  }

  test('the crescent is the mirror image of what is not covered', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await opened(page, 'crescent');
    /** Share of the points of the uncovered part or of the crescent as it lies that are not in both. */
    const unlike = () =>
      page.evaluate(() => {
        const [out, hole] = ['.crescent-out', '.crescent-open'].map((name) => document.querySelector(`#crescent ${name}`));
        const back = out.transform.baseVal.consolidate().matrix.inverse();
        const box = hole.ownerSVGElement.viewBox.baseVal;
        let [either, both] = [0, 0];
        for (let x = 0.5; x < box.width; x += 4) {
          for (let y = 0.5; y < box.height; y += 4) {
            const point = new DOMPoint(x, y);
            const [one, other] = [hole.isPointInFill(point), out.isPointInFill(point.matrixTransform(back))];
            either += Number(one || other);
            both += Number(one && other);
          }
        }
        return 1 - both / either;
      });
    for (const gap of [1.5, 0.4, 3.2]) {
      await slider(page, 'crescent').fill(String(gap));
      assert.ok((await unlike()) > 0.9, 'they do not lie upon each other');
      await button(page, 'crescent', 'Flip it').click();
      assert.ok((await unlike()) < 0.03, `${await unlike()} at ${gap}`);
      await button(page, 'crescent', 'Flip it back').click();
    }
    assert.match(await sentence(page, 'crescent'), /sticks out as a crescent/);
  });

  test('the crescent turns over slowly, or at once if nothing may move', async () => {
    const across = () => document.querySelector('#crescent .crescent-out').transform.baseVal.consolidate().matrix.a;
    const still = await open({ reducedMotion: 'reduce' });
    await opened(still, 'crescent');
    await button(still, 'crescent', 'Flip it').focus();
    await still.keyboard.press('Enter');
    assert.equal(await still.evaluate(across), -1);
    await button(still, 'crescent', 'Draw one').click();
    assert.equal(await draws(still, 'crescent'), 501);
    await still.context().close();
    const page = await open();
    await opened(page, 'crescent');
    await button(page, 'crescent', 'Flip it').click();
    await page.waitForFunction(() => Math.abs(document.querySelector('#crescent .crescent-out').transform.baseVal.consolidate().matrix.a) < 0.9);
    // the sentence follows in the last frame, in which the crescent may look turned over already
    await page.waitForFunction(() => document.querySelector('#crescent .bell-sentence').textContent.includes('fills exactly'));
    assert.equal(await page.evaluate(across), -1);
  });

  test('one draw at a time: point, verdict and sentence are those of the data', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await opened(page, 'crescent');
    const gap = await slid(page, 'crescent');
    const { draft, lnU, lnRatio, committed, accepted } = await couple(page, gap, 'reflection', SEEDS.crescent, 500, 8);
    assert.ok(new Set(accepted).size === 2, 'both verdicts are seen');
    const scale = await unit(page, 'crescent');
    const zero = await page.evaluate(() =>
      Number([...document.querySelectorAll('#crescent .bar-label')].find(({ textContent }) => textContent === '0').getAttribute('x')),
    );
    for (let i = 0; i < 8; i++) {
      await button(page, 'crescent', 'Draw one').click();
      await drawsAre(page, 'crescent', 501 + i);
      const said = (await sentence(page, 'crescent')).replaceAll('−', '-');
      const told = (name) => Number(new RegExp(`${name} (-?[\\d.]+)`).exec(said)[1]);
      assert.equal(told('The draft'), Number(draft[i].toFixed(2)));
      const tested = `u = ${significant(Math.exp(lnU[i]))} against the threshold ${significant(Math.min(1, Math.exp(lnRatio[i])))}`;
      assert.ok(said.includes(tested.replaceAll('−', '-')), `${said} lacks ${tested}`);
      assert.equal(/is accepted/.test(said), accepted[i] === 1, said);
      assert.equal(await page.locator('#crescent .bell-cross').count(), accepted[i] ? 0 : 1);
      assert.equal(await page.locator('#crescent .bell-leap').count(), accepted[i] ? 0 : 1);
      const stem = Number(await page.locator('#crescent .bell-stem').getAttribute('x1'));
      const fall = Number(await page.locator('#crescent .crescent-fall').getAttribute('x1'));
      assert.ok(Math.abs(stem - zero - draft[i] * scale) < 0.5);
      assert.ok(Math.abs(fall - zero - committed[i] * scale) < 0.5);
      if (!accepted[i]) assert.ok(Math.abs((stem + fall) / 2 - zero - (gap / 2) * scale) < 0.5, 'the mirror stands halfway');
    }
  });

  test('slow motion: the verdict comes after the point, and another press or a drag takes its place', async () => {
    const page = await open();
    await opened(page, 'crescent');
    await button(page, 'crescent', 'Draw one').click();
    await page.waitForFunction(
      () => document.querySelector('#crescent .crescent-point') && !document.querySelector('#crescent .bell-cross, #crescent .bell-point'),
    );
    assert.equal(await draws(page, 'crescent'), 500);
    await button(page, 'crescent', 'Draw one').click();
    await drawsAre(page, 'crescent', 501);
    await page.waitForFunction(() => document.querySelector('#crescent .crescent-fall'));
    await drawsAre(page, 'crescent', 502);
    await button(page, 'crescent', 'Draw 500').click();
    await page.waitForFunction(() => {
      const count = Number(document.querySelector('#crescent [data-number="draws"] dd').textContent.replaceAll(',', ''));
      return count > 502 && count < 1002;
    });
    await slider(page, 'crescent').fill('2');
    await drawsAre(page, 'crescent', 500);
    assert.equal(await page.locator('#crescent .crescent-fall').count(), 0);
  });

  test('reflection is exact for any draft: the histogram keeps to the curve', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await opened(page, 'crescent');
    for (const gap of [0, 0.5, 1.5, 3, 4]) {
      await slider(page, 'crescent').fill(String(gap));
      const { committed, accepted } = await couple(page, gap, 'reflection', SEEDS.crescent, 0, 500);
      assert.equal(await draws(page, 'crescent'), 500);
      assert.equal(await value(page, 'crescent', 'mean'), rounded(meanOf(committed)));
      assert.equal(await value(page, 'crescent', 'deviation'), rounded(deviationOf(committed)));
      assert.equal(await value(page, 'crescent', 'accepted'), Number((100 * meanOf(accepted)).toFixed(1)));
      // the overlap that is told is the chance to pass, seen in many draws
      const told = Number(/[\d.]+/.exec(await text(page, '#crescent [data-number="accepted"] .bell-wanted'))[0]) / 100;
      const many = meanOf((await couple(page, gap, 'reflection', SEEDS.crescent + 1, 0, 20000)).accepted);
      assert.ok(Math.abs(told - many) < 0.015, `${told} is not ${many}`);
      assert.ok((await missed(page)) < 0.11, `${await missed(page)} at ${gap}`);
      assert.equal(await page.locator('#crescent [data-off]').count(), 0);
      assert.match(await verdict(page), /^✓ exact$/);
    }
  });

  test('a wrong rule is said to be not exact, and is seen to be wrong', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await opened(page, 'crescent');
    assert.deepEqual(await page.locator('#crescent .crescent-rules small').allInnerTexts(), ['exact', 'not exact', 'not exact', 'not exact']);
    const right = await missed(page);
    for (const rule of WRONG) {
      await choose(page, rule);
      const { committed, exact } = await couple(page, await slid(page, 'crescent'), rule, SEEDS.crescent, 0, 500);
      assert.equal(exact, false);
      assert.equal(await value(page, 'crescent', 'mean'), rounded(meanOf(committed)));
      assert.match(await verdict(page), /not exact/);
      assert.match(await sentence(page, 'crescent'), /Not exact: the histogram misses the curve/);
      assert.equal(await page.locator('#crescent [data-number="mean"][data-off]').count(), 1);
      assert.ok((await missed(page)) > right + 0.05, `${rule}: ${await missed(page)}, by reflection ${right}`);
      await button(page, 'crescent', 'Draw one').click();
    }
    await choose(page, 'reflection');
    assert.equal(await page.locator('#crescent [data-off]').count(), 0);
  });

  test('after as many draws as there can be, Clear makes room for others', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await opened(page, 'crescent');
    const many = button(page, 'crescent', 'Draw 500');
    await many.evaluate((one) => {
      for (let count = 0; count < 39; count++) one.click();
    });
    await drawsAre(page, 'crescent', 20_000);
    assert.ok(await many.isDisabled());
    await button(page, 'crescent', 'Clear').click();
    await many.click();
    await drawsAre(page, 'crescent', 500);
    await button(page, 'crescent', 'Draw one').click();
    await drawsAre(page, 'crescent', 501);
  });

  test('a rule is chosen by keyboard', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await opened(page, 'crescent');
    await page.locator('#crescent input[value="reflection"]').focus();
    await pressed(page, 'ArrowDown');
    assert.match(await verdict(page), /not exact/);
    await addressSays(page, 'crescent', '1.50-keep-noise');
  });

  test('results are spoken, not more than once a second', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await opened(page, 'crescent');
    await page.evaluate(() => {
      window.spoken = [];
      new MutationObserver(() => window.spoken.push(performance.now())).observe(document.querySelector('#crescent [aria-live="polite"]'), {
        childList: true,
        characterData: true,
        subtree: true,
      });
    });
    await slider(page, 'crescent').focus();
    for (let i = 0; i < 12; i++) await pressed(page, 'ArrowRight');
    await page.waitForFunction(
      () => document.querySelector('#crescent [aria-live="polite"]').textContent === document.querySelector('#crescent .bell-sentence').textContent,
    );
    const times = await page.evaluate(() => window.spoken);
    assert.ok(times.length >= 1);
    for (let i = 1; i < times.length; i++) assert.ok(times[i] - times[i - 1] > 950, `${times}`);
  });

  test('nothing in them jumps while they are mounted and used', async () => {
    const page = await open({ width: 360, reducedMotion: 'reduce' });
    await page.evaluate(
      (names) => {
        window.shifted = 0;
        new PerformanceObserver((list) => {
          for (const { value, hadRecentInput, sources } of list.getEntries()) {
            const ours = sources.some(({ node }) => (node instanceof Element ? node : node?.parentElement)?.closest(names));
            if (ours && !hadRecentInput) window.shifted += value;
          }
        }).observe({ type: 'layout-shift', buffered: true });
      },
      FIGURES.map((id) => `#${id} [data-mount]`).join(),
    );
    for (const id of FIGURES) await opened(page, id);
    // without an event of the visitor, which would excuse a jump
    for (const rule of [...WRONG, 'reflection']) await page.evaluate((name) => document.querySelector(`#crescent input[value="${name}"]`).click(), rule);
    await page.evaluate(() => document.querySelector('#crescent .bell-buttons button').click());
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    assert.ok((await page.evaluate(() => window.shifted)) <= 0.02, `${await page.evaluate(() => window.shifted)}`);
  });

  test('an address sets both figures, and nonsense in it is ignored', async () => {
    let page = await open({ hash: '#bell=-2.00&crescent=2.50-redraw', reducedMotion: 'reduce' });
    await opened(page, 'bell');
    await opened(page, 'crescent');
    assert.equal(await slid(page, 'bell'), -2);
    assert.equal(await slid(page, 'crescent'), 2.5);
    assert.ok(await page.locator('#crescent input[value="redraw"]').isChecked());
    await page.context().close();
    page = await open({ hash: '#bell=3.99&crescent=9-lenient', reducedMotion: 'reduce' });
    await opened(page, 'bell');
    await opened(page, 'crescent');
    assert.equal(await slid(page, 'bell'), 1.2);
    assert.equal(await slid(page, 'crescent'), 1.5);
    assert.ok(await page.locator('#crescent input[value="reflection"]').isChecked());
  });
});
