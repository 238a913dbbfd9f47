// The figures about cost: the staircase, and whether it pays.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { RUN_MS, addressSays, figure, inBrowser, overflowing, seriousIn, text, moreSettings } from './harness.mjs';
import { against, breakEven, priceOf, ratioAt, windowTimes } from '../../www/figures/pay/model.js';

const file = JSON.parse(await readFile(new URL('../../assets/stairs.json', import.meta.url), 'utf8'));
const SHORT_RUN = 'seed=11&model=faces&class=hat&guidance=1&steps=24&eta=1&window=8&draft=secant&rule=auto';
/** A pixel, for what was rounded in between. */
const PIXEL = 1;

const sum = (list, key) => list.reduce((all, one) => all + one[key], 0);
const chain = (steps) => file.chains.find((one) => one.steps === steps);
const calls = (steps) => sum(chain(steps).rounds, 'calls');
const words = (steps) => `K = ${steps.toLocaleString('en')}`;
const number = (page, name) => text(page, `#stairs [data-number="${name}"] dd`);
const slider = (page, id) => page.locator(`#${id} input[type="range"]`);
const button = (page, id) => page.locator(`#${id} .actions button`);
const source = (page, value) => page.locator(`#stairs input[value="${value}"]`);
const shownLive = (page) =>
  page.waitForFunction(
    () => window.__trace?.source.kind === 'live' && window.__trace.plain.length === window.__trace.settings.steps && !document.querySelector('#result').hidden,
    undefined,
    { timeout: RUN_MS },
  );
const withText = (page, selector, wanted) =>
  page.waitForFunction(([where, what]) => document.querySelector(where)?.textContent.includes(what), [selector, wanted], { timeout: RUN_MS });

/** The staircase at rest at a length. */
async function restsAt(page, steps) {
  await page.waitForFunction(
    (wanted) => document.querySelector('#stairs output')?.textContent === wanted && !document.querySelector('.stairs-picture').hasAttribute('data-moving'),
    words(steps),
  );
}
async function openedStairs(page, steps = 100) {
  await figure(page, 'stairs');
  await restsAt(page, steps);
}
async function openedPay(page) {
  await figure(page, 'pay');
  await page.waitForFunction(() => document.querySelector('#pay .pay-line'));
}

/** What is drawn, in pixels. */
const drawn = (page) =>
  page.evaluate(() => {
    const boxes = (kind) =>
      [...document.querySelectorAll(`.stairs-picture .${kind}`)].map((rect) =>
        Object.fromEntries(['x', 'y', 'width', 'height'].map((name) => [name, Number(rect.getAttribute(name))])),
      );
    const ground = document.querySelector('.stairs-picture .chart-ground');
    return {
      accepted: boxes('stairs-accepted'),
      rejected: boxes('stairs-rejected'),
      discarded: boxes('stairs-discarded'),
      crosses: document.querySelectorAll('.stairs-picture .stairs-cross').length,
      left: Number(ground.getAttribute('x1')),
      right: Number(ground.getAttribute('x2')),
      ground: Number(ground.getAttribute('y1')),
      names: [...document.querySelectorAll('.stairs-picture .chart-name')].map(({ textContent }) => textContent),
    };
  });

/** That the picture has a tread a round, as wide as its steps and as high as its calls. */
async function treadsAgree(page, steps, rounds) {
  const { accepted, rejected, discarded, crosses, left, right, ground, names } = await drawn(page);
  assert.equal(accepted.length, rounds.length, 'a tread a round');
  assert.equal(crosses, sum(rounds, 'rejected'));
  assert.equal(rejected.length, sum(rounds, 'rejected'));
  assert.equal(discarded.length, rounds.filter((round) => round.discarded > 0).length);
  const step = (right - left) / steps;
  const total = sum(rounds, 'calls');
  let [level, wastes, rejections] = [0, 0, 0];
  for (const [index, round] of rounds.entries()) {
    const { x, width } = accepted[index];
    const pink = round.rejected ? rejected[rejections++] : { x: x + width, width: 0 };
    assert.ok(Math.abs(x - left - level * step) < PIXEL, `round ${index + 1} begins at step ${level}`);
    level += round.committed;
    assert.ok(Math.abs(pink.x + pink.width - left - level * step) < PIXEL, `round ${index + 1} ends at step ${level}`);
    if (round.discarded === 0) continue;
    assert.ok(Math.abs(discarded[wastes++].width - round.discarded * step) < PIXEL, `round ${index + 1} discards ${round.discarded}`);
  }
  assert.equal(level, steps);
  // the middle of a tread of one call is half a call below its number
  const unit = (ground - accepted.at(-1).y - accepted.at(-1).height / 2) / (total - rounds.at(-1).calls / 2);
  assert.ok(Math.abs(ground - accepted[0].y - accepted[0].height / 2 - (unit * rounds[0].calls) / 2) < PIXEL, 'heights count calls');
  assert.ok(names.includes(`${total} call${total === 1 ? '' : 's'}`), names.join(' | '));
  assert.ok(names.includes(`${steps.toLocaleString('en')} calls`), names.join(' | '));
}
const withDiscarded = (rounds) => rounds.map((round) => ({ ...round, discarded: round.rows - round.committed }));

/** Words of a figure's pictures that are too small or reach beyond it, wherever its slider stands. */
const misplaced = (page, id) =>
  page.evaluate(async (name) => {
    const figure = document.getElementById(name);
    const slider = figure.querySelector('input[type="range"]');
    const [found, pictures] = [[], new Set()];
    for (let value = Number(slider.min); value <= Number(slider.max); value++) {
      slider.value = String(value);
      slider.dispatchEvent(new InputEvent('input', { bubbles: true }));
      await new Promise((resolve) => requestAnimationFrame(resolve));
      pictures.add(figure.querySelector('svg').innerHTML);
      const box = figure.getBoundingClientRect();
      for (const words of figure.querySelectorAll('svg text')) {
        const { left, right, width } = words.getBoundingClientRect();
        const small = Number.parseFloat(getComputedStyle(words).fontSize) < 12;
        if (width > 0 && (left < box.left || right > box.right || small)) found.push(`at ${value}: ${words.textContent}`);
      }
    }
    return { found, pictures: pictures.size, stops: Number(slider.max) + 1 - Number(slider.min) };
  }, id);

/** Where on the screen a slider has a value. */
async function onTrack(page, id, value) {
  // clear of the header, which stays at the top of small windows
  await slider(page, id).evaluate(async (input) => {
    input.scrollIntoView({ block: 'center' });
    // figures above may still be on their way: no finger falls upon what moves
    for (let top = NaN; top !== input.getBoundingClientRect().top;) {
      top = input.getBoundingClientRect().top;
      await new Promise((resolve) => {
        setTimeout(resolve, 200);
      });
    }
  });
  const { x, y, width, height } = await slider(page, id).boundingBox();
  const [min, max] = await slider(page, id).evaluate((input) => [Number(input.min), Number(input.max)]);
  const thumb = 16;
  return [x + thumb / 2 + ((value - min) / (max - min)) * (width - thumb), y + height / 2];
}

describe('the staircase', () => {
  const open = inBrowser([], { engine: false });

  test('begins with the point: a hundred steps, and what ten times as many need', async () => {
    const page = await open();
    await openedStairs(page);
    await treadsAgree(page, 100, withDiscarded(chain(100).rounds));
    const last = file.chains.at(-1).steps;
    assert.equal(
      await text(page, '#stairs .cost-sentence'),
      `100 steps: ${calls(100)} calls. K = ${last.toLocaleString('en')}, ten times the steps, needs ${calls(last) - calls(100)} more calls.`,
    );
    assert.equal(await number(page, 'calls'), String(calls(100)));
    assert.equal(await number(page, 'standard'), '100');
    assert.equal(await number(page, 'fewer'), `${(100 / calls(100)).toFixed(1)}× fewer`);
    assert.equal(await number(page, 'rows'), (sum(chain(100).rounds, 'rows') / 100).toFixed(1));
    assert.match(await page.locator('.stairs-picture').getAttribute('aria-label'), new RegExp(`^Staircase of ${calls(100)} calls`));
    assert.equal(await page.locator('.stairs-growth .growth-point').count(), file.chains.length);
  });

  test('is led through all lengths by keys alone, and remembers where', async () => {
    const page = await open();
    await openedStairs(page);
    await slider(page, 'stairs').focus();
    await page.keyboard.press('Home');
    for (const { steps, rounds } of file.chains) {
      await restsAt(page, steps);
      assert.equal(await number(page, 'calls'), String(sum(rounds, 'calls')));
      assert.equal(await slider(page, 'stairs').getAttribute('aria-valuetext'), words(steps));
      await page.keyboard.press('ArrowRight');
    }
    const { steps, rounds } = file.chains.at(-1);
    await treadsAgree(page, steps, withDiscarded(rounds));
    assert.match(
      await text(page, '#stairs .cost-sentence'),
      new RegExp(`^1,000 steps: ${calls(1000)} calls\\. Ten times the steps of K = 100 need ${calls(1000) - calls(100)} more calls\\.$`),
    );
    await addressSays(page, 'stairs', '1000');
    await page.waitForFunction(
      (said) => document.querySelector('#stairs [aria-live="polite"]').textContent === said,
      await text(page, '#stairs .cost-sentence'),
    );
  });

  test('by mouse and by touch', async () => {
    const page = await open();
    await openedStairs(page);
    await page.mouse.click(...(await onTrack(page, 'stairs', 9)));
    await restsAt(page, file.chains[9].steps);
    await treadsAgree(page, file.chains[9].steps, withDiscarded(file.chains[9].rounds));
    await page.context().close();
    const other = await open({ touch: true, width: 360 });
    await openedStairs(other);
    await other.touchscreen.tap(...(await onTrack(other, 'stairs', 7)));
    await restsAt(other, file.chains[7].steps);
    assert.equal(await number(other, 'calls'), String(sum(file.chains[7].rounds, 'calls')));
  });

  test('a link leads to a length, nonsense to the usual one', async () => {
    const page = await open({ hash: '#stairs=600' });
    await openedStairs(page, 600);
    await treadsAgree(page, 600, withDiscarded(chain(600).rounds));
    await page.context().close();
    const other = await open({ hash: '#stairs=601' });
    await openedStairs(other, 100);
  });

  test('shows the run above, by keys alone', async () => {
    const page = await open();
    await openedStairs(page);
    await source(page, 'recorded').focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(
      () => document.querySelector('#stairs input[value="shown"]').checked && !document.querySelector('.stairs-picture').hasAttribute('data-moving'),
    );
    const rounds = await page.evaluate(() =>
      window.__trace.rounds.map(({ calls, rows, committed, length, verdict }) => ({
        calls,
        rows,
        committed,
        discarded: length - committed,
        rejected: verdict.filter((one) => one === 1).length,
      })),
    );
    await treadsAgree(page, 100, rounds);
    assert.match(await text(page, '#stairs .cost-sentence'), new RegExp(`^The run above: 100 steps, ${sum(rounds, 'calls')} calls`));
    await addressSays(page, 'stairs', 'run');
    await slider(page, 'stairs').focus();
    await page.keyboard.press('ArrowLeft');
    await restsAt(page, 70);
    assert.ok(await source(page, 'recorded').isChecked(), 'the slider leads back to the recorded chains');
  });

  test('runs a length here, and can be cancelled', async () => {
    const page = await open({ ready: true, engine: true });
    await openedStairs(page);
    assert.ok(await source(page, 'here').isDisabled());
    await slider(page, 'stairs').focus();
    await page.keyboard.press('End');
    assert.equal(await button(page, 'stairs').innerText(), 'Run K = 1,000 here');
    await button(page, 'stairs').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('#stairs progress').value > 0, undefined, { timeout: RUN_MS });
    await page.keyboard.press('Enter');
    await withText(page, '#stairs .cost-status', 'cancelled');
    assert.ok(await source(page, 'recorded').isChecked());
    await slider(page, 'stairs').focus();
    await page.keyboard.press('Home');
    await button(page, 'stairs').click();
    await withText(page, '#stairs .cost-sentence', 'Run here: 20 steps');
    const [, counted, recorded] =
      /, (\d+) calls in [\d.]+\sm?s; the recorded chain of this length needs (\d+)\.$/.exec(await text(page, '#stairs .cost-sentence')) ?? [];
    assert.equal(Number(recorded), calls(20));
    const { accepted, names } = await drawn(page);
    assert.ok(accepted.length > 1 && accepted.length <= 20);
    assert.ok(names.includes(`${counted} calls`), names.join(' | '));
    assert.match(await text(page, '#stairs .cost-what'), /^Run on this device: seed 7 · K = 20 /);
    assert.ok((await source(page, 'here').isChecked()) && (await source(page, 'here').isEnabled()));
  });

  test('moves between two lengths, unless motion is reduced', async () => {
    for (const reducedMotion of ['no-preference', 'reduce']) {
      const page = await open({ reducedMotion });
      await openedStairs(page);
      await page.evaluate(() => {
        window.moved = false;
        new MutationObserver(() => {
          window.moved ||= document.querySelector('.stairs-picture').hasAttribute('data-moving');
        }).observe(document.querySelector('.stairs-picture'), { attributes: true });
      });
      await slider(page, 'stairs').focus();
      await page.keyboard.press('End');
      await restsAt(page, 1000);
      assert.equal(await page.evaluate(() => window.moved), reducedMotion === 'no-preference');
      await page.context().close();
    }
  });

  test('without its file there is a sentence and a second try', async () => {
    let missing = true;
    const page = await open({
      route: async (one, tolerate) => {
        tolerate(/404/);
        await one.route('**/assets/stairs.json', (route) => (missing ? route.fulfill({ status: 404 }) : route.continue()));
      },
    });
    await page.locator('#stairs').scrollIntoViewIfNeeded();
    await withText(page, '#stairs [role="alert"]', 'could not be loaded');
    missing = false;
    await page.locator('#stairs [role="alert"] button').click();
    await restsAt(page, 100);
  });
});

describe('would it pay', () => {
  const open = inBrowser([]);
  const run = (page) =>
    page.evaluate(() => {
      const total = (list) => list.reduce((all, { calls, rows }) => ({ calls: all.calls + calls, rows: all.rows + rows }), { calls: 0, rows: 0 });
      return { speculative: total(window.__trace.rounds), plain: total(window.__trace.plain) };
    });
  const times = (value) => `${value.toFixed(value >= 9.95 ? 0 : value >= 1.995 ? 1 : 2)}×`;
  const percent = (value) => `${Math.round(100 * value)}\u00a0%`;

  /** That words and picture say what the counts imply at a price. */
  async function agrees(page, price) {
    await withText(page, '#pay .pay-verdict', `At ${percent(price)} it takes`);
    const { plain, speculative } = await run(page);
    const even = (plain.calls - speculative.calls) / (speculative.rows - speculative.calls);
    const value = (speculative.calls + price * (speculative.rows - speculative.calls)) / plain.calls;
    const said = await page.locator('#pay .pay-verdict').textContent();
    assert.ok(
      said.includes(`less than ${percent(even)} of a call: ${speculative.calls} calls instead of ${plain.calls}, with ${speculative.rows} evaluations`),
      said,
    );
    assert.ok(said.includes(`it takes ${times(value)} the time`), said);
    assert.ok(said.includes('slower') === value > 1, said);
    const best = file.windows
      .map(({ window, calls, rows }) => ({ window, value: (calls + price * (rows - calls)) / 100 }))
      .sort((one, other) => one.value - other.value)[0];
    const chosen = await text(page, '#pay .pay-best');
    if (best.window === '1') assert.match(chosen, /^No fixed window is faster/);
    else assert.ok(chosen.startsWith(`Of the fixed windows L = ${best.window} is fastest at this price: ${times(best.value)}`), chosen);
    assert.equal(await page.locator('#pay .pay-bar-best').count(), Number(best.window !== '1'));
    const at = await page.evaluate(() => {
      const of = (selector) => {
        const { left, right, top, bottom } = document.querySelector(selector).getBoundingClientRect();
        return [(left + right) / 2, (top + bottom) / 2];
      };
      return { here: of('.pay-price .growth-mark'), even: of('.pay-price .pay-even'), standard: of('.pay-price .pay-standard') };
    });
    assert.equal(at.here[1] > at.standard[1] + PIXEL, value < 0.99, 'below the line is faster');
    assert.equal(at.here[0] < at.even[0], price < even, 'and left of the break-even');
    assert.ok(Math.abs(at.even[1] - at.standard[1]) < PIXEL);
  }

  test('follows from the counts of the run, at any price, by keys alone', async () => {
    const page = await open();
    await openedPay(page);
    await agrees(page, 0.1);
    await slider(page, 'pay').focus();
    for (const [key, price] of [
      ['ArrowRight', 0.11],
      ['End', 1],
      ['Home', 0],
    ]) {
      await page.keyboard.press(key);
      await agrees(page, price);
      await addressSays(page, 'pay', String(Math.round(100 * price)));
      assert.equal(await slider(page, 'pay').getAttribute('aria-valuetext'), `${percent(price)} of a call`);
    }
    const cases = await text(page, '#pay .pay-cases');
    const { plain, speculative } = await run(page);
    assert.ok(
      cases.includes(`would take ${times(speculative.calls / plain.calls)} the time`) &&
        cases.includes(`would take ${times(speculative.rows / plain.calls)} the time`),
      cases,
    );
    await page.waitForFunction(() => document.querySelector('#pay [aria-live="polite"]').textContent.startsWith('At 0'));
  });

  test('by mouse and by touch', async () => {
    const page = await open();
    await openedPay(page);
    await page.mouse.click(...(await onTrack(page, 'pay', 100)));
    await agrees(page, 1);
    await page.context().close();
    const other = await open({ touch: true, width: 360 });
    await openedPay(other);
    await other.touchscreen.tap(...(await onTrack(other, 'pay', 0)));
    await agrees(other, 0);
  });

  test('a link leads to a price, nonsense to none', async () => {
    const page = await open({ hash: '#pay=33' });
    await openedPay(page);
    await agrees(page, 0.33);
    await page.context().close();
    const other = await open({ hash: '#pay=133' });
    await openedPay(other);
    await agrees(other, 0.1);
  });

  test('marks the price that the run had, and where that was measured', async () => {
    const page = await open({ ready: true });
    await openedPay(page);
    const price = () =>
      page.evaluate(() => {
        const { rounds, plain } = window.__trace;
        const step = plain.reduce((all, { ms }) => all + ms, 0) / plain.length;
        const [over, under] = rounds.reduce(([a, b], { rows, calls, ms }) => [a + (rows - calls) * (ms / step - calls), b + (rows - calls) ** 2], [0, 0]);
        return Math.max(0, over / under);
      });
    const mark = (value) => `${percent(Math.min(1, value))}${value > 1 ? ' or more' : ''}`;
    assert.equal(await page.locator('#pay text.pay-measured').textContent(), `measured where recorded: ${mark(await price())}`);
    await page.evaluate((next) => {
      location.hash = next;
    }, SHORT_RUN);
    await shownLive(page);
    await withText(page, '#pay text.pay-measured', 'measured here');
    assert.equal(await page.locator('#pay text.pay-measured').textContent(), `measured here: ${mark(await price())}`);
    // the slider follows what was measured on this device, as nobody has moved it
    assert.equal(Number(await slider(page, 'pay').inputValue()), Math.round(100 * Math.min(1, await price())));
  });

  test('the time of a call with two evaluations is measured by a button, taken as the price, and judged', async () => {
    const page = await open({ ready: true });
    await openedPay(page);
    const two = () => text(page, '#pay .pay-two');
    // the slider's second reading, at the ends of the rule of thumb
    await slider(page, 'pay').focus();
    for (const [price, ratio, verdict] of [
      [39, '1.39', 'go on'],
      [40, '1.40', 'it may pay a little'],
      [79, '1.79', 'it may pay a little'],
      [80, '1.80', 'stop here'],
    ]) {
      await slider(page, 'pay').fill(String(price));
      assert.ok((await two()).startsWith(`Two evaluations in a call take ${ratio}× the time of one: ${verdict}. (`), await two());
    }
    const button = page.locator('#pay .pay-ratio button');
    const tall = await page.locator('#pay').evaluate(({ offsetHeight }) => offsetHeight);
    await button.click();
    await withText(page, '#pay .pay-two', 'Measured here');
    const [, ratio, verdict] = /^Measured here: two evaluations in a call take ([\d.]+)× the time of one: ([a-z ]+)\./.exec(await two()) ?? [];
    assert.ok(Number(ratio) > 0.5 && Number(ratio) < 10, await two());
    assert.equal(verdict, Number(ratio) < 1.4 ? 'go on' : Number(ratio) < 1.8 ? 'it may pay a little' : 'stop here');
    const price = Math.max(0, Math.min(1, Number(ratio) - 1));
    assert.ok(Math.abs(Number(await slider(page, 'pay').inputValue()) - 100 * price) <= 1, `the slider stands at the price of ${ratio}`);
    await agrees(page, Number(await slider(page, 'pay').inputValue()) / 100);
    await addressSays(page, 'pay', await slider(page, 'pay').inputValue());
    await page.waitForFunction(() => document.querySelector('#pay [aria-live="polite"]').textContent.startsWith('Measured here'));
    assert.equal(await page.locator('#pay').evaluate(({ offsetHeight }) => offsetHeight), tall, 'nothing below moves');
    // what somebody sets is not what was measured
    await slider(page, 'pay').press(price > 0.5 ? 'Home' : 'End');
    assert.ok((await two()).startsWith('Two evaluations'));
  });

  test('an engine that cannot be had is told where it was asked for', async () => {
    const page = await open({
      route: (page, tolerate) => {
        tolerate(/404|Not Found/);
        return page.route('**/pkg/cpu/**', (route) => route.fulfill({ status: 404, body: '' }));
      },
    });
    await openedPay(page);
    const button = page.locator('#pay .pay-ratio button');
    await button.click();
    await page.waitForFunction(() => document.querySelector('#pay .pay-ratio button').getAttribute('aria-disabled') === null);
    assert.match(await text(page, '#pay .pay-two'), /engine/);
    assert.equal(await button.innerText(), 'Measure it here');
  });

  test('marks what “Find the fastest settings” has measured, until another run is asked for', async () => {
    const page = await open({ hash: `#${SHORT_RUN}` });
    await shownLive(page);
    await openedPay(page);
    assert.equal(await page.locator('#pay .pay-point').count(), 0);
    await moreSettings(page);
    await page.click('#measure');
    await page.locator('#measured [data-chosen]').first().waitFor({ timeout: RUN_MS });
    const against = new Map(
      await page
        .locator('#measured tbody tr')
        .evaluateAll((rows) =>
          rows
            .filter(({ dataset }) => dataset.lane === 'plain' || dataset.draft === 'secant')
            .map(({ dataset, cells }) => [dataset.lane === 'plain' ? 'standard' : `L = ${dataset.window.split('/')[0]}`, cells[4].innerText]),
        ),
    );
    const windows = [...file.windows.map(({ window }) => (window === '1' ? 'standard' : `L = ${window}`)), 'L = auto'];
    const marked = windows.filter((window) => against.has(window));
    assert.ok(marked.length >= 7, String(marked));
    assert.equal(await page.locator('#pay .pay-point').count(), marked.length);
    const auto = await page.locator('#pay .pay-value').last().textContent();
    assert.ok(Math.abs(Number.parseFloat(auto) - Number.parseFloat(against.get('L = auto'))) <= 0.0501, `${auto} is ${against.get('L = auto')}`);
    await page.waitForFunction(() => document.querySelector('#cancel').hidden, undefined, { timeout: RUN_MS });
    await page.click('#new-seed');
    await page.waitForFunction(() => document.querySelectorAll('#pay .pay-point').length === 0);
  });

  test('the model of cost', () => {
    const rounds = [
      [2, 17],
      [1, 18],
      [1, 5],
      [1, 1],
    ].map(([calls, rows]) => ({ calls, rows, draftCalls: 0, ms: 5 * (calls + 0.3 * (rows - calls)) }));
    const plain = Array.from({ length: 30 }, () => ({ calls: 1, rows: 1, ms: 5 }));
    assert.ok(Math.abs(priceOf({ rounds, plain }) - 0.3) < 1e-9);
    const guided = {
      rounds: rounds.map((round) => ({ ...round, rows: 2 * round.rows, ms: 5 * (round.calls + 0.3 * (2 * round.rows - round.calls)) })),
      plain: plain.map(() => ({ calls: 1, rows: 2, ms: 6.5 })),
    };
    assert.ok(Math.abs(priceOf(guided) - 0.3) < 1e-9, 'with guidance too');
    assert.equal(priceOf({ rounds: rounds.map((round) => ({ ...round, rows: round.calls })), plain }), undefined, 'nothing to learn from');
    assert.equal(priceOf({ rounds: rounds.map((round) => ({ ...round, draftCalls: 1 })), plain }), undefined, 'a drafter is in the times');
    const of = (calls, rows, steps, more = 1) => ({ speculative: { calls, rows }, plain: { calls: steps, rows: more * steps }, drafted: false });
    assert.equal(breakEven(of(14, 190, 100)), 86 / 176);
    assert.equal(ratioAt(of(14, 190, 100), 86 / 176), 1);
    assert.equal(breakEven(of(10, 10, 100)), Infinity);
    assert.equal(breakEven(of(100, 100, 100)), 0);
    assert.ok(Math.abs(ratioAt(of(14, 380, 100, 2), breakEven(of(14, 380, 100, 2))) - 1) < 1e-9);
    assert.equal(windowTimes(file.windows, 1).best.window, '1');
    assert.notEqual(windowTimes(file.windows, 0).best.window, '1');
    const line = (engine, lane, draft, window, ms) => ({ engine, lane, draft, window, ms });
    const timed = ['cpu', 'webgpu'].flatMap((engine, gpu) => [
      line(engine, 'speculative', 'carry', 4, 60 - 50 * gpu),
      line(engine, 'plain', 'carry', 4, 100 - 50 * gpu),
      line(engine, 'speculative', 'carry', 'auto/0.1/2', 40 - 20 * gpu),
      line(engine, 'speculative', 'secant', 4, 30 - 10 * gpu),
    ]);
    assert.deepEqual(
      [...against(timed)],
      [
        ['4', 0.2],
        ['1', 1],
        ['auto', 0.4],
      ],
      'on the faster engine, the draft that was set',
    );
    assert.equal(against(timed.slice(0, 1)).size, 0);
    assert.equal(against([]).size, 0);
  });
});

describe('both', () => {
  const open = inBrowser([], { engine: false });
  for (const [name, ready] of [
    ['stairs', openedStairs],
    ['pay', openedPay],
  ]) {
    for (const [width, colorScheme] of [
      [1280, 'light'],
      [1280, 'dark'],
      [853, 'light'],
      [360, 'light'],
      [360, 'dark'],
    ]) {
      test(`${name} at ${width} px, ${colorScheme}`, async () => {
        const page = await open({ width, colorScheme, reducedMotion: 'reduce' });
        await ready(page);
        assert.deepEqual(await seriousIn(page, `#${name}`), []);
        const { found, pictures, stops } = await misplaced(page, name);
        assert.deepEqual(found, []);
        assert.equal(pictures, stops, 'each stop has a picture of its own');
        assert.ok((await overflowing(page)) <= 0, 'nothing reaches beyond the window');
      });
    }
  }
});
