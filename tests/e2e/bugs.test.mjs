// What visitors and reviewers found wrong once: each is a test that fails on the page as it was.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ENGINE_READY_MS,
  PAGE_URL,
  RUN_MS,
  SHORT,
  engineReady,
  figure,
  inBrowser,
  isPlaying,
  overflowing,
  position,
  pressed,
  seriousIn,
  settingsOf,
  shown,
  text,
  moreSettings,
} from './harness.mjs';

const boxes = (page, selector) =>
  page
    .locator(selector)
    .evaluateAll((elements) => elements.filter((element) => element.offsetParent).map((element) => element.getBoundingClientRect().toJSON()));

describe('what was wrong once', () => {
  const open = inBrowser(['--disable-features=WebGPU']);

  for (const width of [853, 360, 320]) {
    test(`${width} px: counters neither touch nor leave the figure`, async () => {
      const page = await open({ width, hash: `#${SHORT}&steps=300&window=16`, reducedMotion: 'reduce' });
      await shown(page, 11);
      const { right } = await page.locator('#race').evaluate((race) => race.getBoundingClientRect().toJSON());
      for (const lane of ['speculative', 'plain']) {
        const all = await boxes(page, `.lane-${lane} .counters dd, .lane-${lane} .counters dt`);
        assert.ok(all.length >= 4);
        for (const one of all) {
          assert.ok(one.right <= right - 8, `a counter ends at ${one.right} of ${right}`);
          for (const other of all) {
            const apart = one === other || one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top;
            assert.ok(apart, `${JSON.stringify(one)} over ${JSON.stringify(other)}`);
          }
        }
      }
      assert.ok((await overflowing(page)) <= 0);
    });
  }

  for (const [width, height] of [
    [1280, 720],
    [360, 740],
  ]) {
    test(`${width} x ${height}: lanes, axis, play and verdict stand on the first screen`, async () => {
      const page = await open({ width, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height });
      // the verdict comes once both are done
      assert.equal(await page.locator('.result-line').isVisible(), false);
      await pressed(page, 'End');
      assert.ok(await page.locator('.result-line').isVisible());
      const parts = ['speculative', 'plain'].flatMap((lane) => ['.pixels', 'h3', '.track'].map((part) => `.lane-${lane} ${part}`));
      for (const selector of [...parts, '#scrub', '#play', '.result-line']) {
        const [{ top, bottom }] = await boxes(page, selector);
        assert.ok(top >= 0 && (selector === '.result-line' ? top + 40 : bottom) <= height, `${selector} is at ${top} to ${bottom}`);
      }
    });
  }

  test('the race moves from at most 150 kB, and before the microscope or any wasm is asked for', async () => {
    const asked = [];
    const page = await open({
      route: async (page) => {
        page.on('request', (request) => asked.push(new URL(request.url()).pathname.split('/').pop()));
      },
    });
    await page.waitForFunction(() => document.querySelector('#play').dataset.playing === 'true');
    const bytes = await page.evaluate(async () => (await (await fetch('./assets/race.bin')).arrayBuffer()).byteLength);
    assert.ok(bytes <= 150_000, `${bytes} bytes`);
    assert.ok(!asked.includes('microscope.json'));
  });

  const withFile = async (page, content) =>
    page.setInputFiles('#import-file', { name: 'run.json', mimeType: 'application/json', buffer: Buffer.from(content) });
  const exported = (page) => page.evaluate(async () => (await import('./state/files.js')).toJson(window.__trace));

  test('an import that is cut short, changed or of unknown settings says which, and no old success stands beside it', async () => {
    const page = await open({ hash: `#${SHORT}`, ready: true });
    await shown(page, 11);
    const run = JSON.parse(await exported(page));
    await withFile(page, JSON.stringify(run));
    await page.waitForFunction(() => /same verdicts and the same distances/.test(document.querySelector('#status').textContent), undefined, {
      timeout: RUN_MS,
    });
    await withFile(page, 'nonsense');
    await page.waitForFunction(() => /^The file is not JSON/.test(document.querySelector('#status').textContent));
    await withFile(page, JSON.stringify({ ...run, rounds: run.rounds.slice(0, 2) }));
    await page.waitForFunction(() => /cut short: its 2 rounds/.test(document.querySelector('#status').textContent));
    await withFile(page, JSON.stringify({ ...run, settings: { ...run.settings, flavour: 1 } }));
    await page.waitForFunction(() => /“flavour”/.test(document.querySelector('#status').textContent));
    await withFile(page, JSON.stringify({ ...run, rounds: run.rounds.map((round) => ({ ...round, gap: round.gap.map((gap) => gap && gap * 1.5) })) }));
    await page.waitForFunction(() => /distances of the means differ/.test(document.querySelector('#status').textContent), undefined, { timeout: RUN_MS });
  });

  test('an address with a seed has the defaults that an empty one has', async () => {
    const page = await open();
    const { seed, window: _, ...own } = await settingsOf(page);
    const other = await open({ hash: `#seed=${seed}` });
    const { seed: __, window: ___, ...named } = await settingsOf(other);
    assert.deepEqual(named, own);
  });

  test('a module that does not arrive is reported, with a way on', async () => {
    const page = await open({
      wait: false,
      route: async (page, tolerate) => {
        tolerate(/404|Failed to load/);
        await page.route('**/parts/notices.js', (route) => route.fulfill({ status: 404, body: '' }));
      },
    });
    await page.waitForFunction(() => /could not be loaded/.test(document.querySelector('#problems').textContent));
    assert.ok(await page.getByRole('button', { name: 'Reload' }).isVisible());
    assert.doesNotMatch(await text(page, '#badge'), /loading/);
  });

  test('a module of the race that does not arrive is reported in its place, and asked for again', async () => {
    const page = await open({
      wait: false,
      reducedMotion: 'reduce',
      route: async (page, tolerate) => {
        tolerate(/404|Failed to load/);
        await page.route('**/parts/player.js', (route) => route.fulfill({ status: 404, body: '' }), { times: 1 });
      },
    });
    await page.locator('#race .figure-problem').waitFor();
    assert.doesNotMatch(await text(page, '#badge'), /loading/);
    assert.ok(await page.locator('#race figcaption').isVisible());
    await page.click('#race .figure-problem button');
    await page.waitForFunction(() => Number(document.querySelector('#scrub').value) > 0 && !document.querySelector('.figure-problem'));
  });

  for (const [what, pattern, body] of [
    ['engine', '**/pkg/cpu/*.wasm', 'garbage'],
    ['description of the weights', '**/assets/faces.json', '{'],
  ]) {
    test(`a damaged ${what} is named in a sentence of the page's own`, async () => {
      const page = await open({
        route: async (page, tolerate) => {
          tolerate(/./);
          await page.route(pattern, (route) => route.fulfill({ status: 200, contentType: 'application/octet-stream', body }));
        },
      });
      await page.waitForFunction((name) => document.querySelector('#problems').textContent.includes(`The ${name} is damaged`), what, {
        timeout: ENGINE_READY_MS,
      });
      assert.doesNotMatch(await text(page, '#problems'), /magic|JSON|token/i);
    });
  }

  test('a bad address of any length is refused in a line', async () => {
    const page = await open({ hash: `#seed=${'9'.repeat(20_000)}` });
    assert.match(await text(page, '#problems'), /Seed \(seed\) cannot be/);
    assert.ok((await text(page, '#problems')).length < 300);
  });

  test('a run whose pictures would fill the memory drops those of discarded drafts', async () => {
    const page = await open({ hash: '#seed=3&steps=750&window=128&draft=frozen-drift', reducedMotion: 'reduce' });
    await shown(page, 3);
    const { kept, drafted } = await page.evaluate(() => {
      const names = ['draftMean', 'draft', 'targetMean', 'estimate'];
      const { rounds, dim } = window.__trace;
      return {
        kept: rounds.reduce((sum, round) => sum + names.reduce((bytes, name) => bytes + round[name].byteLength, 0), 0),
        drafted: rounds.reduce((sum, { length }) => sum + length * dim * 4 * names.length, 0),
      };
    });
    assert.ok(drafted > 160e6 && kept <= 160e6, `${kept} bytes of ${drafted}`);
    await moreSettings(page);
    assert.match(await text(page, '#memory'), /at most 150\sMB/);
    await figure(page, 'microscope');
    await page.locator('#rounds-of input[value="run"]').check({ force: true });
    await page.locator('.cell').first().waitFor();
  });

  test('a window of 256 is shown in pages, and choosing a step redraws two cells', async () => {
    const page = await open({ hash: '#seed=3&steps=150&window=256&rule=reflection&draft=secant', reducedMotion: 'reduce' });
    await shown(page, 3);
    await figure(page, 'microscope');
    await page.locator('#rounds-of input[value="run"]').check({ force: true });
    await page.waitForFunction(() => document.querySelectorAll('.strip-pages button').length > 1);
    assert.ok((await page.locator('.cell').count()) <= 48);
    const drawn = await page.evaluate(() => {
      let count = 0;
      const put = CanvasRenderingContext2D.prototype.putImageData;
      CanvasRenderingContext2D.prototype.putImageData = function (...all) {
        if (this.canvas.closest('.cell')) count += 1;
        return put.apply(this, all);
      };
      const other = [...document.querySelectorAll('.cell')].find((cell) => cell.getAttribute('aria-pressed') === 'false');
      other.click();
      return count;
    });
    assert.ok(drawn > 0 && drawn <= 6, `${drawn} pictures were drawn`);
    await page.locator('.strip-pages button').nth(1).click();
    assert.equal(await page.locator('.strip-pages [aria-pressed="true"]').count(), 1);
  });

  test('keys are taken by the figure in focus alone, and the position is no live region', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await page.evaluate(() => document.activeElement?.blur());
    const { seed } = await settingsOf(page);
    for (const key of ['n', '?', 'Home', ',']) await page.keyboard.press(key);
    assert.equal((await settingsOf(page)).seed, seed);
    assert.ok(!(await page.locator('#help').isVisible()));
    assert.equal(await page.locator('output').count(), 0);
    await pressed(page, 'Home');
    assert.equal(await position(page), 0);
  });

  test('Enter in a changed field starts one run', async () => {
    const page = await open({ ready: true, reducedMotion: 'reduce' });
    await page.evaluate(() => {
      window.runs = 0;
      const post = Worker.prototype.postMessage;
      Worker.prototype.postMessage = function (message, ...rest) {
        if (message.type === 'run') window.runs += 1;
        return post.call(this, message, ...rest);
      };
    });
    await page.fill('#field-steps', '24');
    await page.press('#field-steps', 'Enter');
    await page.waitForFunction(() => window.__trace.settings.steps === 24 && !document.querySelector('#result').hidden, undefined, { timeout: RUN_MS });
    assert.equal(await page.evaluate(() => window.runs), 1);
  });

  test('the race keeps its place while a run is computed', async () => {
    const page = await open({ ready: true, reducedMotion: 'reduce' });
    const tops = () => page.evaluate(() => ['#race', '#controls'].map((id) => document.querySelector(id).getBoundingClientRect().top + scrollY));
    const before = await tops();
    await page.fill('#field-steps', '200');
    await page.press('#field-steps', 'Tab');
    await page.waitForFunction(() => document.querySelector('#result').hidden && window.__trace.rounds.length > 0, undefined, { timeout: RUN_MS });
    const during = await tops();
    for (const [index, top] of before.entries()) assert.ok(Math.abs(during[index] - top) <= 4, `${top} became ${during[index]}`);
    await page.click('#cancel');
  });

  test('the last round keeps the focus on its button', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await page.locator('#microscope').scrollIntoViewIfNeeded();
    await page.locator('.cell').first().waitFor();
    const after = page.locator('[data-action="round-after"]');
    await after.focus();
    for (let round = 0; round < 30; round++) await page.keyboard.press('Enter');
    assert.equal(await after.getAttribute('aria-disabled'), 'true');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.action), 'round-after');
  });

  test('#how is an anchor, and a section of the page is no setting', async () => {
    // the race is not in view, and mounts when it is
    const page = await open({ hash: '#how', wait: false });
    await page.waitForFunction(() => window.__trace?.rounds.length > 0);
    assert.equal(await text(page, '#problems'), '');
    assert.ok(await page.locator('#how').evaluate((section) => section.getBoundingClientRect().top < innerHeight));
  });

  test('Back returns to the run before', async () => {
    const page = await open({ hash: `#${SHORT}`, reducedMotion: 'reduce' });
    await shown(page, 11);
    await page.click('#new-seed');
    await page.waitForFunction(() => window.__trace.settings.seed !== 11 && !document.querySelector('#result').hidden, undefined, { timeout: RUN_MS });
    await page.goBack();
    await shown(page, 11);
  });

  test('a position that stands is kept in the address and comes back', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await pressed(page, 'Home');
    for (let step = 0; step < 3; step++) await pressed(page, 'ArrowRight');
    await page.waitForFunction(() => /at=3/.test(location.hash));
    const link = await page.evaluate(() => location.hash);
    const again = await open({ hash: link, reducedMotion: 'reduce' });
    await again.waitForFunction(() => Number(document.querySelector('#scrub').value) === 3, undefined, { timeout: RUN_MS });
  });

  test('a position of a run that is not the recorded one comes back too, and a new run does not take it', async () => {
    const page = await open({ hash: `#${SHORT}&at=3` });
    await shown(page, 11);
    await page.waitForFunction(() => Number(document.querySelector('#scrub').value) === 3);
    await page.click('#new-seed');
    await page.waitForFunction(() => window.__trace.settings.seed !== 11 && !document.querySelector('#result').hidden, undefined, { timeout: RUN_MS });
    assert.doesNotMatch(await page.evaluate(() => location.hash), /at=3/);
    await page.waitForFunction(() => Number(document.querySelector('#scrub').value) > 3.5);
  });

  test('a class is remembered when its model comes back', async () => {
    const page = await open({ ready: true, reducedMotion: 'reduce' });
    await page.selectOption('#field-class', 'glasses');
    await page.selectOption('#field-model', 'fashion');
    await page.selectOption('#field-model', 'faces');
    assert.equal(await page.inputValue('#field-class'), 'glasses');
  });

  test('the threshold of an accepted step is the same in sentence and readout', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await page.locator('#microscope').scrollIntoViewIfNeeded();
    await page.locator('.cell').first().waitFor();
    const [accepted] = await page
      .locator('.cell')
      .evaluateAll((cells) => cells.map((cell, index) => ({ state: cell.dataset.state, index })).filter(({ state }) => state === 'accepted'));
    await page.locator('.cell').nth(accepted.index).focus();
    const sentence = await text(page, '.position-sentence');
    const readout = await page
      .locator('.numbers div', { has: page.locator('dt', { hasText: 'threshold' }) })
      .locator('dd')
      .innerText();
    const [, said] = /threshold (\S+?)[.,]? /.exec(`${sentence} `) ?? [];
    assert.equal(readout.includes('always passes'), sentence.includes('always passes'));
    if (!readout.includes('always passes')) assert.equal(readout, said);
  });

  test('a race below the window starts when it is seen', async () => {
    const page = await open({
      wait: false,
      route: async (page) => {
        await page.addInitScript(() => {
          addEventListener('DOMContentLoaded', () => {
            document.querySelector('.title').style.marginBottom = '3000px';
          });
        });
      },
    });
    await page.waitForFunction(() => window.__trace?.rounds.length > 0);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    assert.ok(!(await isPlaying(page)));
    await page.locator('#lanes').scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector('#play').dataset.playing === 'true');
  });

  test('an embed shows one figure with a heading and a link home, and loads no engine', async () => {
    const asked = [];
    const route = async (page) => {
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    };
    // as figures were embedded once
    const page = await open({ site: `${PAGE_URL}?embed=race`, reducedMotion: 'reduce', route, wait: false });
    await page.waitForURL(/embed\.html\?figure=race$/);
    await figure(page, 'race');
    await page.waitForFunction(() => Number(document.querySelector('.lane-plain [data-counter="calls"]').textContent) > 0);
    assert.ok(await page.locator('#race h2').isVisible());
    assert.ok(await page.locator('#home').isVisible());
    assert.equal(await page.locator('#controls').count(), 0);
    assert.ok(!asked.some((path) => /wasm|\.bpk|worker/.test(path)), asked.join(' '));
  });

  test('an embed of another figure fetches neither race nor engine; one that nobody has is named', async () => {
    const asked = [];
    const route = async (page) => {
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    };
    const page = await open({ site: `${PAGE_URL}embed.html?figure=crescent`, wait: false, route });
    await figure(page, 'crescent');
    assert.ok(await page.locator('#crescent-title').isVisible());
    assert.ok(!asked.some((path) => /race\.bin|\.bpk|pkg\/cpu|worker/.test(path)), asked.join(' '));
    assert.deepEqual(await seriousIn(page, 'body'), []);
    const typo = await open({ site: `${PAGE_URL}?embed=typo`, wait: false });
    await typo.waitForFunction(() => /no figure “typo”/.test(document.querySelector('#problems')?.textContent ?? ''));
  });

  test('the page for embedding makes a snippet for each figure', async () => {
    const page = await open({ site: `${PAGE_URL}embed.html`, wait: false, width: 360 });
    await page.locator('#which').waitFor();
    await page.selectOption('#which', 'world');
    assert.match(await page.inputValue('#snippet'), /embed\.html\?figure=world/);
    assert.deepEqual(await seriousIn(page, 'body'), []);
    assert.ok((await overflowing(page)) <= 0);
  });

  test('a slider that is dragged moves its figure, however often the browser lets the address be written', async () => {
    const page = await open({
      engine: false,
      route: (page) =>
        page.addInitScript(() => {
          // as WebKit does
          const { replaceState } = history;
          let times = 0;
          history.replaceState = (...rest) => {
            if (++times > 100) throw new DOMException('100 times per 30 seconds', 'SecurityError');
            replaceState.apply(history, rest);
          };
        }),
    });
    for (const [name, output] of [
      ['pay', '.pay-label output'],
      ['stairs', '.stairs-slider output'],
    ]) {
      const found = await figure(page, name);
      const [first, last] = await found.evaluate(async (figure, output) => {
        const slider = figure.querySelector('input[type="range"]');
        const read = (value) => {
          slider.value = String(value);
          slider.dispatchEvent(new Event('input', { bubbles: true }));
          return figure.querySelector(output).textContent;
        };
        const [min, max] = [Number(slider.min), Number(slider.max)];
        const first = read(min);
        for (let move = 0; move < 250; move++) {
          read(move % 2 ? min : max);
          if (move % 25 === 0) await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        return [first, read(max)];
      }, output);
      assert.notEqual(first, last);
      await page.waitForFunction((wanted) => new URLSearchParams(location.hash.slice(1)).get(wanted.name) === wanted.value, {
        name,
        value: await found
          .locator('input[type="range"]')
          .first()
          .evaluate((slider, name) => (name === 'pay' ? slider.value : '1000'), name),
      });
    }
  });

  test('a run that the address names does not wait for the recorded one', async () => {
    const page = await open({ hash: `#${SHORT}`, wait: false, route: (page) => page.route('**/race.bin', () => {}) });
    await shown(page, 11);
  });

  test('a field that was refused in the address announces what is wrong when it is typed into again', async () => {
    const page = await open({ hash: '#window=999', wait: false });
    const problem = page.locator('#field-window-problem');
    await page.waitForFunction(() => document.querySelector('#field-window-problem')?.textContent !== '');
    assert.equal(await problem.getAttribute('role'), null, 'the page announces what it has refused');
    await page.fill('#field-window', '300');
    await page.press('#field-window', 'Enter');
    await page.waitForFunction(() => /300/.test(document.querySelector('#field-window-problem').textContent));
    assert.equal(await problem.getAttribute('role'), 'alert');
  });

  test('the arrow keys count up and down in a field', async () => {
    const page = await open({ engine: false });
    await page.focus('#field-steps');
    for (const [key, value] of [
      ['ArrowUp', '101'],
      ['ArrowDown', '100'],
      ['ArrowDown', '99'],
    ]) {
      await page.keyboard.press(key);
      assert.equal(await page.inputValue('#field-steps'), value);
    }
  });

  test('an embedded figure whose run does not come, or whose address is refused, says so', async () => {
    const damaged = await open({
      site: `${PAGE_URL}embed.html?figure=evidence`,
      wait: false,
      route: (page) => page.route('**/race.bin', (route) => route.fulfill({ body: 'nothing that can be inflated' })),
    });
    await damaged.waitForFunction(() => /recorded run/.test(document.querySelector('#problems').textContent));
    const refused = await open({ site: `${PAGE_URL}embed.html?figure=stairs`, hash: '#window=999', wait: false });
    await refused.waitForFunction(() => /“999”/.test(document.querySelector('#problems').textContent));
  });

  test('an embedded race computes the run that its address names, and a new one on demand', async () => {
    const page = await open({ site: `${PAGE_URL}embed.html?figure=race`, hash: `#${SHORT}`, wait: false, reducedMotion: 'reduce' });
    const says = (seed) => page.waitForFunction((wanted) => document.querySelector('#what')?.textContent.includes(wanted), seed, { timeout: RUN_MS });
    await says('seed 11');
    await page.waitForFunction(() => !document.querySelector('#result').hidden, undefined, { timeout: RUN_MS });
    await page.click('#new-seed');
    await page.waitForFunction(() => !/seed 11/.test(document.querySelector('#what').textContent), undefined, { timeout: RUN_MS });
    await page.waitForFunction(() => !document.querySelector('#result').hidden, undefined, { timeout: RUN_MS });
  });

  test('a run behind the page goes on after one that the visitor asked for', async () => {
    const page = await open({ ready: true, reducedMotion: 'reduce' });
    await engineReady(page);
    const parts = page.evaluate(async () => {
      const { Engines } = await import('./engine/engine.js');
      const events = [];
      const engines = new Engines(({ type, message }) => events.push(message ?? type));
      const settings = { ...window.__trace.settings, steps: 24, window: 4, seed: 5 };
      const how = { backend: 'cpu', workers: 1 };
      const behind = engines.collect(settings, 'cpu', 1, { signal: new AbortController().signal, lanes: ['speculative', 'plain'] });
      const begun = new Promise((resolve) => {
        setTimeout(resolve, 300);
      });
      await begun;
      let ended = 0;
      for await (const { type } of engines.run({ ...settings, seed: 6 }, { ...how, signal: new AbortController().signal })) ended += Number(type === 'plain');
      const { speculative, plain } = await behind;
      const gone = new AbortController();
      const cancelled = engines.collect(settings, 'cpu', 1, { signal: gone.signal }).catch(({ name }) => name);
      gone.abort();
      return {
        events,
        ended,
        committed: speculative.reduce((sum, { committed }) => sum + committed, 0),
        plain: plain.length,
        pictures: 'draft' in speculative[0],
        cancelled: await cancelled,
      };
    });
    const { events, ended, committed, plain, pictures, cancelled } = await parts;
    assert.deepEqual([committed, plain, pictures, cancelled], [24, 24, false, 'AbortError']);
    assert.equal(ended, 24, 'the run that was asked for was finished first');
    assert.ok(events.includes('ready') && !events.includes('warming up'), `what is done behind the page is not announced: ${events}`);
  });

  test('engines of two models take turns: runs behind the page and prices all come to their ends, each of its own network', async () => {
    const page = await open({ hash: '#steps=999999', wait: false });
    const { own, mixed, price } = await page.evaluate(async () => {
      const { Engines } = await import('./engine/engine.js');
      const { defaults, runPart } = await import('./state/settings.js');
      const { signal } = new AbortController();
      const faces = { ...runPart(defaults()), steps: 24, window: 4, seed: 5 };
      const fashion = { ...faces, model: 'fashion' };
      const means = ({ speculative }) => speculative.map(({ state }) => state.at(-1));
      const engines = new Engines(() => {});
      const begun = new Promise((resolve) => {
        window.__first = engines.collect(faces, 'cpu', 1, { signal, heard: resolve });
      });
      await begun;
      const all = Promise.all([
        window.__first,
        engines.price('cpu', 'fashion', 1),
        engines.collect(fashion, 'cpu', 1, { signal }),
        engines.collect(faces, 'cpu', 1, { signal }),
      ]);
      // an engine of its own for each
      const own = [];
      for (const settings of [faces, fashion]) own.push(means(await new Engines(() => {}).collect(settings, 'cpu', 1, { signal })));
      const [first, price, second, third] = await all;
      return { own, mixed: [first, second, third].map(means), price };
    });
    assert.deepEqual(mixed, [own[0], own[1], own[0]]);
    assert.ok(price.row > 0 && price.few.ms > 0, JSON.stringify(price));
  });

  test('a run that is held does not hold the next one', async () => {
    const page = await open({ ready: true, reducedMotion: 'reduce' });
    await page.evaluate(() => {
      location.hash = 'seed=4&steps=300&window=4&class=hat';
    });
    await page.waitForFunction(() => window.__trace.source.kind === 'live' && window.__trace.rounds.length > 0, undefined, { timeout: RUN_MS });
    await page.click('#hold');
    await page.evaluate((next) => {
      location.hash = next;
    }, SHORT);
    await shown(page, 11);
  });

  test('the fastest is found during a run too, which ends there', async () => {
    const page = await open({ hash: '#seed=4&steps=6&window=4&class=hat', ready: true, reducedMotion: 'reduce' });
    await shown(page, 4);
    await page.fill('#field-eta', '0.5');
    await page.press('#field-eta', 'Enter');
    await moreSettings(page);
    await page.click('#measure');
    await page.locator('#measured [data-chosen]').first().waitFor({ timeout: RUN_MS });
    await page.waitForFunction(() => document.querySelector('#cancel').hidden, undefined, { timeout: RUN_MS });
    assert.equal((await settingsOf(page)).eta, 0.5);
  });

  test('an engine rehearses before its first run, and each lane begins once the cores are free', async () => {
    const page = await open({
      hash: `#${SHORT}`,
      route: async (page) => {
        await page.addInitScript(() => {
          window.__calls = [];
          new BroadcastChannel('calls').onmessage = ({ data }) => window.__calls.push(data);
        });
        await page.route(/\/pkg\/cpu\/speculative_diffusion\.js$/, async (route) => {
          const response = await route.fetch();
          await route.fulfill({
            response,
            body: `${await response.text()}
              const calls = new BroadcastChannel('calls');
              for (const [kind, name] of [[Engine, 'run'], [Engine, 'warm_up'], [Run, 'next'], [Run, 'plain_next']]) {
                const real = kind.prototype[name];
                kind.prototype[name] = function (...all) { calls.postMessage(name === 'run' ? 'run ' + all[0].seed : name); return real.apply(this, all); };
              }`,
          });
        });
      },
    });
    await shown(page, 11);
    const calls = await page.evaluate(() => window.__calls);
    const began = calls.indexOf('run 11');
    assert.deepEqual(
      calls
        .slice(0, began)
        .filter((call) => call !== 'warm_up')
        .slice(0, 2),
      ['run 0', 'next'],
      'a run that nobody sees',
    );
    for (const lane of ['next', 'plain_next']) {
      const first = calls.indexOf(lane, began);
      assert.deepEqual(
        calls.slice(first - 4, first),
        Array.from({ length: 4 }, () => 'warm_up'),
        lane,
      );
    }
  });

  test('in forced colours the chosen axis, the button that plays, and the legend are seen', async () => {
    const page = await open();
    await page.emulateMedia({ forcedColors: 'active' });
    const style = (selector) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => (({ backgroundColor, borderTopColor, color }) => ({ backgroundColor, borderTopColor, color }))(getComputedStyle(element)));
    const [chosen, other, paper] = [await style('#axis input:checked + span'), await style('#axis input:not(:checked) + span'), await style('body')];
    assert.notEqual(chosen.backgroundColor, other.backgroundColor);
    assert.notEqual((await style('#play')).backgroundColor, paper.backgroundColor);
    // words on a ground of their own: the browser puts none behind them, which would be of their colour
    for (const selector of ['button.primary', '[aria-current] > .phase-number', '.world-handle.selected']) {
      await page.evaluate((one) => {
        const button = document.createElement('button');
        button.innerHTML = '<span class="phase-number">1</span>';
        button.className = one.startsWith('button') ? 'primary' : 'world-handle selected';
        if (one.startsWith('[')) button.setAttribute('aria-current', 'step');
        document.querySelector('#race').append(button);
      }, selector);
      const { adjusted, ground, words } = await page
        .locator(`#race ${selector}`)
        .last()
        .evaluate((element) => {
          const { forcedColorAdjust, backgroundColor, color } = getComputedStyle(element);
          return { adjusted: forcedColorAdjust, ground: backgroundColor, words: color };
        });
      assert.equal(adjusted, 'none', selector);
      assert.notEqual(ground, words, selector);
    }
    // what is drawn on canvases and in charts takes the colours of the system
    const [ink, system] = await page.evaluate(async () => {
      const { readTokens } = await import('./parts/tokens.js');
      document.body.style.outlineColor = 'CanvasText';
      return [readTokens().ink, getComputedStyle(document.body).outlineColor];
    });
    assert.equal(ink, system);
    for (const key of ['accepted', 'rejected', 'discarded', 'deterministic', 'round']) {
      const shot = await page.locator(`.key-${key}`).first().screenshot();
      const colours = await page.evaluate(async (base64) => {
        const image = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]));
        const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(image.width, image.height).getContext('2d'));
        context.drawImage(image, 0, 0);
        return new Set(new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer)).size;
      }, shot.toString('base64'));
      assert.ok(colours > 1, `${key} shows ${colours} colour`);
    }
  });

  for (const theme of ['light', 'dark'])
    test(`printed from a ${theme} page: dark on white, lanes whole and apart in greyscale, no controls`, async () => {
      const page = await open({ colorScheme: theme });
      if (theme === 'dark') while ((await page.evaluate(() => document.documentElement.dataset.theme)) !== 'dark') await page.click('#theme');
      await page.locator('#race').focus();
      await pressed(page, 'End');
      // the colour that a canvas has most of, of what is not its ground
      const painted = () =>
        page.locator('.lane-plain canvas.track').evaluate((canvas) => {
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          const counts = new Map();
          for (let at = 0; at < data.length; at += 4)
            if (data[at + 3] === 255) counts.set(data.slice(at, at + 3).join(), (counts.get(data.slice(at, at + 3).join()) ?? 0) + 1);
          return [...counts].sort(([, one], [, other]) => other - one)[0][0];
        });
      const [LIGHT, DARK] = ['92,51,0', '246,207,146'];
      const onScreen = await painted();
      await page.emulateMedia({ media: 'print' });
      const printed = await page.evaluate(() => {
        const style = (selector) => getComputedStyle(/** @type {Element} */ (document.querySelector(selector)));
        const luminance = (token) => {
          document.body.style.outlineColor = `var(${token})`;
          const [r, g, b] = style('body')
            .outlineColor.match(/\d+/g)
            .map((level) => Number(level) / 255)
            .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        return {
          ink: luminance('--ink'),
          lanes: ['--speculative', '--plain'].map(luminance),
          paper: style('body').backgroundColor,
          kept: [...document.querySelectorAll('.lane')].map((lane) => getComputedStyle(lane).breakInside),
          exact: style('.track').printColorAdjust,
          gone: ['.transport', '.transport-row', '#controls', '.top nav'].map((selector) => style(selector).display),
        };
      });
      const [red, green, blue] = (printed.paper.match(/\d+/g) ?? []).map(Number);
      assert.ok(Math.min(red, green, blue) > 240, `the paper is ${printed.paper}`);
      assert.ok(printed.ink < 0.05);
      const [one, other] = printed.lanes.map((lane) => lane + 0.05);
      assert.ok(Math.max(one, other) / Math.min(one, other) > 1.5, `lanes of luminance ${printed.lanes}`);
      assert.deepEqual(printed.kept, ['avoid', 'avoid']);
      assert.equal(printed.exact, 'exact');
      assert.deepEqual(new Set(printed.gone), new Set(['none']));
      // what scripts have drawn is drawn again for paper
      assert.equal(onScreen, theme === 'dark' ? DARK : LIGHT);
      const late = Date.now() + RUN_MS;
      while ((await painted()) !== LIGHT) assert.ok(Date.now() < late, 'drawn for paper');
    });
});
