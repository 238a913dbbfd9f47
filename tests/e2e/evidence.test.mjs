// Figures “Do not take our word for it” and “Why not simply fewer steps?”.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ENGINE_READY_MS, PAGE_URL, RUN_MS, addressSays, figure, inBrowser, overflowing, position, pressed, seriousIn, text } from './harness.mjs';

const SHORT_RUN = '#seed=11&model=faces&class=hat&guidance=1&steps=24&eta=1&window=8&draft=carry&rule=auto';
/** 95 % point of the Kolmogorov-Smirnov statistic. */
const LIMIT = 1.36;
/** What a run of K steps can test at most: the last step has no noise. */
const TESTED = 23;
const LOOKS = [{}, { colorScheme: 'dark' }, { width: 360 }];

const lineOf = (page) => text(page, '#evidence .result-line');
const whyOf = (page) => text(page, '#evidence .evidence-why');
/** The rows of the table: number, mean and deviation of accepted, rejected and all. */
const table = (page) =>
  page.$$eval('#evidence tbody tr', (rows) =>
    rows.slice(0, 3).map((row) => [...row.querySelectorAll('td')].map(({ textContent }) => Number(textContent.replaceAll(',', '').replace('−', '-')))),
  );
const statistic = async (page) => Number(/= ([\d.]+),/.exec(await text(page, '#evidence .evidence-statistic'))[1]);
/** Whether the e-value is beyond its limit; what it is stands there as well. */
const eBeyond = async (page) => {
  const line = page.locator('#evidence .evidence-e');
  assert.match(await line.innerText(), /^e-value (0\.\d+|[\d.]+|10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+), limit 20$/);
  return (await line.getAttribute('data-beyond')) === 'true';
};
/** The residuals of the run that is shown, as the trace has them. */
const residuals = (page) =>
  page.evaluate(() => {
    const parts = [[], []];
    for (const { verdict, residual } of window.__trace.rounds)
      verdict.forEach((one, i) => {
        if (one < 2 && Number.isFinite(residual[i])) parts[one].push(residual[i]);
      });
    return parts;
  });
const moments = (values) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [values.length, mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))];
};
const whyHolds = (page, pattern, timeout = RUN_MS) =>
  page.waitForFunction((source) => new RegExp(source).test(document.querySelector('#evidence .evidence-why').textContent), pattern, { timeout });
const toyDone = (page) => whyHolds(page, '600 chains', ENGINE_READY_MS);
const liveRun = (page, seed) =>
  page.waitForFunction(
    (wanted) => window.__trace.source.kind === 'live' && window.__trace.settings.seed === wanted && !document.querySelector('#result').hidden,
    seed,
    { timeout: RUN_MS },
  );
/** Heights of the bars, summed over the bins. */
const drawn = (page) =>
  page.evaluate(() =>
    ['accepted', 'rejected'].map((name) =>
      [...document.querySelectorAll(`#evidence rect.evidence-${name}`)].reduce((sum, { height }) => sum + height.baseVal.value, 0),
    ),
  );

describe('evidence', () => {
  const open = inBrowser([]);

  test('the residuals of the run that is shown are drawn, counted and judged', async () => {
    const page = await open();
    await figure(page, 'evidence');
    const [accepted, rejected] = await residuals(page);
    const rows = await table(page);
    for (const [i, part] of [accepted, rejected, [...accepted, ...rejected]].entries()) {
      const [n, mean, deviation] = moments(part);
      assert.equal(rows[i][0], n);
      assert.ok(Math.abs(rows[i][1] - mean) <= 0.0051 && Math.abs(rows[i][2] - deviation) <= 0.0051, `row ${i}: ${rows[i]} is not ${[mean, deviation]}`);
    }
    const [blue, pink] = await drawn(page);
    assert.ok(Math.abs(pink / (blue + pink) - rejected.length / (accepted.length + rejected.length)) < 1e-3, 'bars are as high as their counts');
    assert.match(await whyOf(page), new RegExp(`^${accepted.length + rejected.length} residuals of 1 run:`));
    assert.ok((await statistic(page)) > 0.2);
    assert.ok(!(await eBeyond(page)));
    assert.match(
      await page.locator('#evidence .evidence-histogram').getAttribute('aria-label'),
      new RegExp(`${accepted.length} accepted below, ${rejected.length} rejected on top`),
    );
    await page.locator('#evidence [data-mount] summary').click();
    assert.match(await text(page, '#evidence .evidence-limits'), /cannot|does not see[\s\S]*is no evidence/);
  });

  test('ten more runs are added one by one, each seed once, and can be cancelled', async () => {
    const page = await open({ hash: SHORT_RUN, ready: true });
    await liveRun(page, 11);
    await figure(page, 'evidence');
    await whyHolds(page, 'of 1 run:');
    const button = page.locator('#evidence .evidence-more button');
    await button.focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => /^\d+ of 10$/.test(document.querySelector('.evidence-status').textContent), undefined, { timeout: RUN_MS });
    await whyHolds(page, 'of 3 runs:');
    assert.equal(await button.innerText(), 'Cancel');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => /^Cancelled after \d+ of 10/.test(document.querySelector('.evidence-status').textContent));
    const before = Number(/of (\d+) runs/.exec(await whyOf(page))[1]);
    await button.click();
    await whyHolds(page, `of ${before + 10} runs:`);
    await page.waitForFunction(() => document.querySelector('.evidence-more button').textContent === 'Run ten more');
    const [, , [n]] = await table(page);
    assert.ok(n > (before + 10) * (TESTED - 3) && n <= (before + 10) * TESTED, `${n} residuals`);
    assert.ok((await statistic(page)) < 2.5, 'the network is sampled exactly');
    assert.ok(!(await eBeyond(page)), 'however often one has looked');
    // the same run again, and one that was collected already, count no second time
    for (const seed of [11, 12]) {
      await page.locator('#field-seed').fill(String(seed));
      await page.locator('#run').click();
      await liveRun(page, seed);
      await whyHolds(page, `of ${before + 10} runs:`);
    }
    // nor does the same seed with another window replace what has been seen of it
    const [, , all] = await table(page);
    await page.locator('#field-seed').fill('12');
    await page.locator('#field-window').fill('3');
    await page.locator('#run').click();
    await page.waitForFunction(() => window.__trace.settings.window === 3 && !document.querySelector('#result').hidden, undefined, { timeout: RUN_MS });
    assert.deepEqual((await table(page))[2], all);
    await page.locator('#field-seed').fill('99');
    await page.locator('#run').click();
    await liveRun(page, 99);
    await whyHolds(page, `of ${before + 11} runs:`);
  });

  test('runs that are asked for before the engine is there wait for it, and say so', async () => {
    let go = () => {};
    const gate = new Promise((resolve) => {
      go = resolve;
    });
    const page = await open({
      route: (page) =>
        page.route(/\/pkg\/cpu\/.*\.wasm$/, async (route) => {
          await gate;
          await route.continue();
        }),
    });
    await figure(page, 'evidence');
    await page.locator('#evidence .evidence-more button').click();
    assert.match(await text(page, '.evidence-status'), /^Waiting for the engine/);
    go();
    await whyHolds(page, 'of 2 runs:');
    await page.locator('#evidence .evidence-more button').click();
  });

  test('a wrong rule on the toy is marked not exact and seen to be wrong, the right one is neither', async () => {
    const page = await open();
    await figure(page, 'evidence');
    await page.locator('#evidence input[value="network"]').focus();
    await page.keyboard.press('ArrowRight');
    await toyDone(page);
    const seen = {};
    for (const rule of ['keep-noise', 'redraw', 'accept-all', 'reflection']) {
      const radio = page.locator(`#evidence input[value="${rule}"]`);
      if (!(await radio.isChecked())) await page.keyboard.press('ArrowRight');
      else await radio.focus();
      assert.ok(await radio.isChecked(), `the arrow key goes to ${rule}`);
      await toyDone(page);
      await page.waitForFunction((exact) => document.querySelector('#evidence [data-mount]').dataset.exact === exact, String(rule === 'reflection'));
      seen[rule] = await statistic(page);
      assert.equal(await eBeyond(page), rule !== 'reflection', `the e-value of ${rule}`);
      const marked = [await text(page, '#evidence .badge'), await lineOf(page)];
      const outside = await page.locator('#evidence .evidence-outside').count();
      if (rule === 'reflection') {
        assert.ok(
          marked.every((words) => !/not exact/i.test(words)),
          String(marked),
        );
        assert.ok(seen[rule] <= LIMIT, `the exact rule reaches ${seen[rule]}`);
        assert.ok(outside <= 4, `${outside} bins`);
      } else {
        assert.ok(
          marked.every((words) => /not exact/i.test(words)),
          String(marked),
        );
        assert.ok(seen[rule] > 3 * LIMIT, `${rule} reaches only ${seen[rule]}`);
        assert.ok(outside > 6, `${outside} bins`);
      }
      await addressSays(page, 'evidence', rule);
    }
    await page.locator('#evidence label', { hasText: 'These runs of the network' }).click();
    await whyHolds(page, 'of 1 run:');
    await addressSays(page, 'evidence', null);
  });

  test('nothing moves by itself where motion is reduced', async () => {
    const steps = {};
    for (const reducedMotion of ['reduce', 'no-preference']) {
      const page = await open({ reducedMotion });
      await figure(page, 'evidence');
      await page.evaluate(() => {
        const why = document.querySelector('#evidence .evidence-why');
        window.seen = 0;
        new MutationObserver(() => {
          window.seen += 1;
        }).observe(why, { childList: true, characterData: true, subtree: true });
      });
      await page.locator('#evidence label', { hasText: 'A test problem' }).click();
      await toyDone(page);
      steps[reducedMotion] = await page.evaluate(() => window.seen);
    }
    assert.ok(steps.reduce === 1 && steps['no-preference'] > 5, JSON.stringify(steps));
  });

  test('the address opens the toy, and nonsense in it opens the runs', async () => {
    const page = await open({ hash: '#evidence=accept-all' });
    await figure(page, 'evidence');
    await toyDone(page);
    assert.match(await lineOf(page), /^Not exact/);
    const other = await open({ hash: '#evidence=perfect' });
    await figure(other, 'evidence');
    await whyHolds(other, 'of 1 run:');
  });

  for (const look of LOOKS) {
    test(`axe finds nothing serious and nothing overflows: ${JSON.stringify(look)}`, async () => {
      const page = await open({ ...look, reducedMotion: 'reduce', hash: '#evidence=keep-noise' });
      await figure(page, 'evidence');
      await toyDone(page);
      await page.locator('#evidence [data-mount] summary').click();
      assert.deepEqual(await seriousIn(page, '#evidence'), []);
      assert.ok((await overflowing(page)) <= 0);
      await page.locator('#evidence label', { hasText: 'These runs of the network' }).click();
      await whyHolds(page, 'of 1 run:');
      assert.deepEqual(await seriousIn(page, '#evidence'), []);
      assert.ok((await overflowing(page)) <= 0);
      const small = await page.$$eval('#evidence :is(button, label, summary)', (all) =>
        all.filter((one) => one.clientHeight > 0 && one.getBoundingClientRect().height < 24).map(({ outerHTML }) => outerHTML),
      );
      assert.deepEqual(small, []);
    });
  }
});

describe('gallery', () => {
  const open = inBrowser([], { engine: false });
  const asset = async () => (await fetch(`${PAGE_URL}assets/gallery.json`)).json();
  const pictures = (page, sampler) => page.locator(`#gallery .gallery-${sampler} .gallery-picture`);
  const sentences = (page) => text(page, '#gallery .gallery-sentences');
  /** The first pixel's red (or grey) of a canvas, and that of a stored picture. */
  const shown = (locator) => locator.evaluate((canvas) => canvas.getContext('2d').getImageData(0, 0, 1, 1).data[0]);
  const stored = ({ images }, { size, channels }, index) => Buffer.from(images, 'base64')[index * size * size * channels];
  const close = (one, other) => assert.ok(Math.abs(one - other) <= 1, `${one} is not ${other}`);

  test('four groups of pictures with their waits, and the measured distances, as the file has them', async () => {
    const { models } = await asset();
    const page = await open();
    await figure(page, 'gallery');
    for (const [name, model] of Object.entries(models)) {
      if (name !== 'faces') {
        await page.locator('#gallery input[value="faces"]').focus();
        await page.keyboard.press('ArrowRight');
        await addressSays(page, 'gallery', name);
      }
      for (const set of model.sets) {
        assert.equal(await pictures(page, set.sampler).count(), 24);
        const title = `${await text(page, `.gallery-${set.sampler} h3`)} ${await text(page, `.gallery-${set.sampler} .gallery-waits`)}`;
        assert.match(title, new RegExp(`^${set.steps} .*\\b${Math.round(set.calls)} sequential calls per picture`));
        for (const index of [0, 23]) close(await shown(pictures(page, set.sampler).nth(index).locator('canvas')), stored(set, model, index));
      }
      const said = await page.$$eval('#gallery .gallery-sentences p', (all) => all.map(({ textContent }) => textContent));
      for (const [i, one] of model.compared.entries()) {
        assert.match(said[i], one.distance > one.null_95 ? /outside the band/ : /inside the band/);
        assert.ok(said[i].includes(`distance ${one.distance.toPrecision(2)}`), said[i]);
      }
    }
  });

  test('alone, its drawing has its styles, and the names of its rows fit on a phone, in both languages', async () => {
    for (const page of ['embed.html', 'embed.de.html']) {
      const alone = await open({ site: `${PAGE_URL}${page}?figure=gallery`, width: 360, colorScheme: 'dark', wait: false });
      await alone.locator('#gallery[data-mounted]').waitFor();
      const { fills, right, width } = await alone.evaluate(() => {
        const strip = document.querySelector('.gallery-strip');
        const all = [...strip.querySelectorAll('text')];
        const box = strip.getBoundingClientRect();
        return {
          fills: all.map((one) => getComputedStyle(one).fill),
          right: Math.max(...all.map((one) => one.getBoundingClientRect().right)) - box.left,
          width: box.width,
        };
      });
      assert.ok(!fills.includes('rgb(0, 0, 0)'), String(fills));
      assert.ok(right <= width, `${page}: ${right} of ${width}`);
      await alone.close();
    }
  });

  test('the sentence follows the data', async () => {
    const changed = await asset();
    const [few, cached, speculative] = changed.models.faces.compared;
    Object.assign(few, { distance: few.null_median, share_of_null_beyond: 0.5 });
    Object.assign(cached, { distance: cached.null_median, share_of_null_beyond: 0.25 });
    Object.assign(speculative, { distance: 2 * speculative.null_95, share_of_null_beyond: 0 });
    const page = await open({ route: (page) => page.route('**/assets/gallery.json', (route) => route.fulfill({ json: changed })) });
    await figure(page, 'gallery');
    assert.match(
      await sentences(page),
      /cannot be distinguished by this statistic from those with all steps: they lie inside the band \(.*p\s=\s0\.50\)[\s\S]*changed by 20\s% of its size is not seen by this statistic: 480 samples lie inside the band \(.*p\s=\s0\.25\)[\s\S]*The speculative samples lie outside the band here \(.*no random deal is as far apart/,
    );
    assert.deepEqual(await page.locator('#gallery .gallery-place').allTextContents(), [': inside', ': inside', ': outside']);
  });

  test('a picture is enlarged by mouse and by keyboard, and the replay stays where it is', async () => {
    const {
      models: { faces },
    } = await asset();
    const page = await open({ reducedMotion: 'reduce' });
    await figure(page, 'gallery');
    const plain = faces.sets.find(({ sampler }) => sampler === 'plain');
    const dialog = page.locator('#gallery dialog');
    await pictures(page, 'plain').nth(3).click();
    assert.ok(await dialog.isVisible());
    close(await shown(dialog.locator('canvas')), stored(plain, faces, 3));
    await dialog.getByRole('button', { name: 'Next' }).click();
    close(await shown(dialog.locator('canvas')), stored(plain, faces, 4));
    await dialog.getByRole('button', { name: 'Close' }).click();
    assert.ok(!(await dialog.isVisible()));
    const before = await position(page);
    await pictures(page, 'speculative').first().focus();
    await pressed(page, 'ArrowDown');
    await pressed(page, 'ArrowRight');
    await pressed(page, 'Enter');
    const speculative = faces.sets.find(({ sampler }) => sampler === 'speculative');
    assert.match(await text(page, '#gallery .gallery-caption'), /picture 10 of 24/);
    close(await shown(dialog.locator('canvas')), stored(speculative, faces, 9));
    await pressed(page, 'ArrowLeft');
    assert.match(await text(page, '#gallery .gallery-caption'), /picture 9 of 24/);
    await pressed(page, 'Escape');
    assert.ok(!(await dialog.isVisible()));
    assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /picture 9 of 24/);
    assert.equal(await position(page), before);
  });

  test('a tap enlarges a picture', async () => {
    const page = await open({ touch: true, width: 360 });
    await figure(page, 'gallery');
    await pictures(page, 'few').nth(1).tap();
    assert.match(await text(page, '#gallery .gallery-caption'), /picture 2 of 24/);
    assert.ok((await overflowing(page)) <= 0);
  });

  test('pictures that cannot be loaded leave a sentence and a way on', async () => {
    let broken = true;
    const page = await open({
      route: (page, tolerate) => {
        tolerate(/404/);
        return page.route('**/assets/gallery.json', (route) => (broken ? route.fulfill({ status: 404, body: '' }) : route.continue()));
      },
    });
    await page.locator('#gallery').scrollIntoViewIfNeeded();
    await page.waitForSelector('#gallery .figure-problem');
    assert.match(await text(page, '#gallery .figure-problem'), /the server answered 404/);
    broken = false;
    await page.locator('#gallery').getByRole('button', { name: 'Try again' }).click();
    await figure(page, 'gallery');
    assert.equal(await pictures(page, 'few').count(), 24);
  });

  for (const look of LOOKS) {
    test(`axe finds nothing serious and nothing overflows: ${JSON.stringify(look)}`, async () => {
      const page = await open({ ...look, reducedMotion: 'reduce', hash: '#gallery=fashion' });
      await figure(page, 'gallery');
      assert.ok(await page.locator('#gallery input[value="fashion"]').isChecked());
      assert.deepEqual(await seriousIn(page, '#gallery'), []);
      assert.ok((await overflowing(page)) <= 0);
      const small = await page.$$eval(
        '#gallery :is(button, label)',
        (all) => all.map((one) => one.getBoundingClientRect()).filter(({ width, height }) => width > 0 && Math.min(width, height) < 24).length,
      );
      assert.equal(small, 0);
      await pictures(page, 'few').first().click();
      assert.deepEqual(await seriousIn(page, '#gallery'), []);
    });
  }
});
