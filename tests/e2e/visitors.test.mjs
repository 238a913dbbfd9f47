// What a student, a designer and a tester found wrong in an afternoon: each is a test that fails on the page as it was.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import {
  FIGURES,
  PAGE_URL,
  RUN_MS,
  SHORT,
  addressSays,
  engineReady,
  figure,
  inBrowser,
  isPlaying,
  overflowing,
  position,
  pressed,
  seriousIn,
  shown,
  text,
} from './harness.mjs';

const computing = (page) =>
  page.waitForFunction(
    () => window.__trace?.source.kind === 'live' && window.__trace.rounds.length > 0 && document.querySelector('#result').hidden,
    undefined,
    { timeout: RUN_MS },
  );
/** No adapter: the browser knows WebGPU, and has nothing for it. */
const noAdapter = (page) => page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: { requestAdapter: async () => null } }));

describe('what visitors found', () => {
  const open = inBrowser([]);

  for (const [name, path, said] of [
    ['page', '', /withheld.*window of its own/s],
    ['embedded figure', 'embed.html?figure=bell', /withheld.*window of its own/s],
    ['German embedded figure', 'embed.de.html?figure=bell', /vorenthalten.*eigenen Fenster/s],
  ])
    test(`in a frame that withholds the ${name}\u2019s files there is a sentence, and a way out`, async () => {
      const page = await open({ wait: false, route: async (_, tolerate) => tolerate(/./) });
      const host = createServer((_, response) => {
        response.setHeader('content-type', 'text/html');
        response.end(`<iframe sandbox="allow-scripts" width="900" height="600" src="${PAGE_URL}${path}"></iframe>`);
      });
      await new Promise((resolve) => {
        host.listen(0, '127.0.0.1', resolve);
      });
      try {
        await page.goto(`http://localhost:${/** @type {any} */ (host.address()).port}/`);
        const inside = page.frameLocator('iframe');
        await inside.locator('#blocked').waitFor();
        assert.match(await inside.locator('#blocked').innerText(), said);
        assert.equal(await inside.locator('#blocked a').getAttribute('target'), '_blank');
        assert.equal(await inside.locator('#blocked a').evaluate(({ href }) => href), PAGE_URL + path, 'the same, with its figure');
      } finally {
        host.close();
      }
      const usual = await open({ site: PAGE_URL + path, wait: path === '' });
      assert.ok(await usual.locator('#blocked').isHidden());
    });

  test('where service workers and storage throw, as in a sandbox, the page works, and reloads', async () => {
    const page = await open({
      site: PAGE_URL,
      route: async (page, tolerate) => {
        tolerate(/404|Failed to load/);
        await page.addInitScript(() => {
          const refuse = () => {
            throw new DOMException('The document is sandboxed.', 'SecurityError');
          };
          Object.defineProperty(navigator, 'serviceWorker', { get: refuse });
          Object.defineProperty(globalThis, 'localStorage', { get: refuse });
          // as on a built site
          new MutationObserver((_, observer) => {
            if (!document.documentElement) return;
            document.documentElement.dataset.offline = '';
            observer.disconnect();
          }).observe(document, { childList: true });
        });
      },
    });
    assert.equal(await page.evaluate(() => document.documentElement.dataset.offline), '');
    await page.click('#theme');
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'light');
    await page.route('**/parts/notices.js', (route) => route.fulfill({ status: 404, body: '' }));
    await page.reload();
    await page.unroute('**/parts/notices.js');
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.waitForFunction(() => window.__trace?.rounds.length > 0);
  });

  test('a worker that may not be made here is reported, not thrown', async () => {
    const page = await open({
      route: (page) =>
        page.addInitScript(() => {
          globalThis.Worker = class {
            constructor() {
              throw new DOMException('cannot be accessed from origin null', 'SecurityError');
            }
          };
        }),
    });
    await page.waitForFunction(() => /could not be started.*origin null/.test(document.querySelector('#problems').textContent));
  });

  test('the help says where keys count', async () => {
    const page = await open();
    await page.click('#help-open');
    assert.match(await text(page, '#help'), /while the focus is in the race or the microscope/);
    await page.keyboard.press('Escape');
    assert.ok(await isPlaying(page));
    await page.locator('#race-title').click();
    await pressed(page, 'Space');
    assert.ok(!(await isPlaying(page)), 'a click into the race gives it the focus');
  });

  test('the button that plays keeps the focus while a run is computed, and holds it', async () => {
    const page = await open({ ready: true });
    await page.fill('#field-steps', '600');
    await page.press('#field-steps', 'Tab');
    await computing(page);
    await page.click('#play');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'play');
    assert.match(await text(page, '#badge'), /paused$/);
    assert.match(await text(page, '#play'), /Continue/);
    for (const id of ['#restart', '#back', '#forward', '#scrub']) assert.equal(await page.locator(id).getAttribute('aria-disabled'), 'true');
    await page.click('#forward', { force: true });
    assert.match(await text(page, '#badge'), /paused$/);
    await page.focus('#play');
    await page.keyboard.press('?');
    assert.ok(await page.locator('#help').isVisible());
    await page.keyboard.press('Escape');
    await page.click('#play');
    assert.match(await text(page, '#badge'), /computing$/);
    // another run: the focus stays again
    await page.keyboard.press('n');
    await page.waitForFunction(() => window.__trace.settings.seed !== 7);
    await computing(page);
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'play');
    await page.click('#cancel');
  });

  for (const [what, hash, named] of [
    ['an engine', '#engine=webgpu', false],
    ['a run and an engine', `#${SHORT}&engine=webgpu`, true],
  ])
    test(`${what} that an address asks for without a GPU: the same sentence, whether the page is opened there or comes there`, async () => {
      const said = [];
      for (const late of [false, true]) {
        const page = await open({ hash: late ? '' : hash, route: noAdapter, ready: late });
        if (late) {
          await page.waitForFunction(() => document.querySelector('#gpu-note').textContent !== '');
          await page.evaluate((there) => {
            location.hash = there;
          }, hash);
        }
        await page.waitForFunction(() => document.querySelector('#problems').textContent !== '', undefined, { timeout: RUN_MS });
        if (named) await shown(page, 11);
        else assert.equal(await page.evaluate(() => window.__trace.source.kind), 'recorded', 'nothing is run that was not asked for');
        said.push(await text(page, '#problems'));
        if (late) await addressSays(page, 'engine', null);
      }
      assert.match(said[0], /^The address asks for WebGPU\..*CPU computes/);
      assert.equal(said[0], said[1]);
    });

  test('whoever starts a run in the form sees there that it is computed, held and done, and gets to it', async () => {
    const page = await open({ ready: true });
    await page.locator('#run').scrollIntoViewIfNeeded();
    await page.fill('#field-steps', '600');
    await page.click('#run');
    await computing(page);
    assert.match(await text(page, '#engine-badge'), /computing$/);
    assert.match(await text(page, '#status'), /^The run is being computed\./);
    await page.click('#hold');
    assert.match(await text(page, '#engine-badge'), /paused$/);
    assert.match(await text(page, '#status'), /^Paused\./);
    // it is written now and then: once the window has its price there, nothing else is to come
    await page.waitForFunction(() => new URLSearchParams(location.hash.slice(1)).get('window')?.startsWith('auto/'));
    const address = await page.evaluate(() => location.hash);
    await page.locator('#status a').click();
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'race');
    assert.ok(await page.locator('#race').evaluate((race) => race.getBoundingClientRect().bottom > 100));
    assert.equal(await page.evaluate(() => location.hash), address);
    await page.click('#cancel');
    await page.fill('#field-steps', '20');
    await page.click('#run');
    await page.waitForFunction(() => /^The run is complete\./.test(document.querySelector('#status').textContent), undefined, { timeout: RUN_MS });
    await page.waitForFunction(() => /^ready/.test(document.querySelector('#engine-badge').textContent));
  });

  test('an address of a section stays, so that it can be copied', async () => {
    const page = await open({ hash: '#pay', wait: false });
    await page.waitForFunction(() => document.querySelector('#pay').dataset.mounted === '');
    await engineReady(page);
    await page.waitForTimeout(1000);
    assert.equal(await page.evaluate(() => location.hash), '#pay');
  });

  test('the crescent is turned over by reflection alone', async () => {
    const page = await open({ engine: false, reducedMotion: 'reduce' });
    await figure(page, 'crescent');
    const flip = page.locator('#crescent button.primary');
    const rule = (name) => page.locator(`#crescent input[value="${name}"]`);
    const covered = () => page.locator('#crescent .crescent-covered').count();
    await flip.click();
    assert.equal(await covered(), 1);
    await rule('keep-noise').check();
    assert.equal(await covered(), 0, 'a rule that does not reflect turns it back');
    await flip.click();
    assert.equal(await covered(), 1);
    assert.ok(await rule('reflection').isChecked());
    assert.match(await page.locator('#crescent .crescent-verdict').textContent(), /^✓/);
  });

  test('what a peak test rejects is replaced, not reflected', async () => {
    const page = await open({ hash: '#seed=7&steps=60&window=16&rule=peak', reducedMotion: 'reduce' });
    await shown(page, 7);
    for (const selector of ['#race .legend', '#microscope figcaption']) assert.doesNotMatch(await text(page, selector), /reflect/);
    await figure(page, 'stairs');
    assert.doesNotMatch(await text(page, '#stairs .legend'), /reflect/);
    await figure(page, 'microscope');
    await page.locator('#rounds-of input[value="run"]').check({ force: true });
    const rejected = page.locator('#round .cell[data-state="rejected"]');
    await rejected.first().waitFor();
    assert.match((await rejected.first().innerText()).replace(/\s+/g, ' '), /rejected and replaced/);
  });

  test('a file that cannot be loaded is reported beside the button', async () => {
    const page = await open();
    await page.locator('#import').scrollIntoViewIfNeeded();
    const before = await page.evaluate(() => scrollY);
    await page.setInputFiles('#import-file', { name: 'run.json', mimeType: 'application/json', buffer: Buffer.from('{broken') });
    await page.waitForFunction(() => /not JSON/.test(document.querySelector('#status').textContent));
    assert.equal(await page.evaluate(() => scrollY), before);
    assert.equal(await text(page, '#problems'), '');
  });

  test('a complaint about a field ends with its reason', async () => {
    const page = await open({ engine: false });
    await page.click('#more > summary');
    await page.fill('#field-workers', '64');
    await page.click('#run');
    await page.locator('#field-workers[aria-invalid]').waitFor();
    await page.fill('#field-workers', 'auto');
    assert.equal(await page.locator('#field-workers').getAttribute('aria-invalid'), null);
    assert.equal(await page.locator('#field-workers-problem').textContent(), '');
    const refused = await open({ hash: '#steps=0', engine: false });
    assert.match(await text(refused, '#problems'), /^Refused/);
    await refused.evaluate(() => {
      location.hash = '#pay';
    });
    await refused.waitForFunction(() => document.querySelector('#problems').textContent === '');
    assert.equal(await refused.inputValue('#field-steps'), '100');
    assert.equal(await refused.locator('#field-steps').getAttribute('aria-invalid'), null);
  });

  for (const language of ['', 'de.html'])
    test(`320 px, ${language || 'en'}: nothing reaches beyond the window`, async () => {
      const page = await open({ site: PAGE_URL + language, width: 320, engine: false });
      for (const name of FIGURES) await figure(page, name);
      assert.ok((await overflowing(page)) <= 0);
    });

  test('a run of two steps is replayed in seconds', async () => {
    const page = await open({ hash: '#seed=7&steps=2' });
    await shown(page, 7);
    await page.waitForFunction(() => document.querySelector('#race').dataset.finished === 'true', undefined, { timeout: 4000 });
  });

  test('a second click that comes soon does not cancel what the first began', async () => {
    const page = await open({ ready: true });
    await figure(page, 'evidence');
    const { x, y } = await page.locator('.evidence-more button').boundingBox();
    await page.mouse.click(x + 20, y + 10);
    await page.waitForTimeout(600);
    await page.mouse.click(x + 20, y + 10);
    await page.waitForTimeout(600);
    assert.doesNotMatch(await text(page, '.evidence-status'), /Cancelled/);
    await page.mouse.click(x + 20, y + 10);
    await page.waitForFunction(() => /^Cancelled/.test(document.querySelector('.evidence-status').textContent), undefined, { timeout: RUN_MS });
  });

  test('while the form measures there is no hole between its buttons', async () => {
    const page = await open({ ready: true });
    await page.click('#more > summary');
    await page.click('#measure');
    const [run, cancel] = await Promise.all(['#run', '#cancel'].map((id) => page.locator(id).boundingBox()));
    assert.ok(cancel.x - (run.x + run.width) < 12);
    await page.click('#cancel');
  });

  test('the microscope says why it cannot show the recorded run', async () => {
    const page = await open({ engine: false });
    await figure(page, 'microscope');
    await page.locator('#rounds-of input[value="run"]').click({ force: true });
    assert.match(await text(page, '#rounds-problem'), /no pictures of its drafts/);
    assert.ok(await page.locator('#rounds-of input[value="example"]').isChecked());
    assert.ok(await page.locator('.cell').first().isVisible());
    assert.deepEqual(await seriousIn(page, '#microscope'), []);
  });

  test('for a lecture both lanes stand on the first screen, and the page leads there', async () => {
    const page = await open({ engine: false, reducedMotion: 'reduce' });
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.locator('.teach-tools a[href$="?lecture"]').click();
    await page.waitForFunction(() => window.__trace?.rounds.length > 0 && document.documentElement.dataset.lecture === '');
    await page.locator('.lane-plain').waitFor();
    const { bottom } = await page.locator('.lane-plain').evaluate((lane) => lane.getBoundingClientRect().toJSON());
    assert.ok(bottom <= 720, `the second lane ends at ${bottom}`);
    const letters = await page.locator('#race figcaption .lead').evaluate((caption) => {
      const range = document.createRange();
      range.selectNodeContents(caption);
      const lines = new Set([...range.getClientRects()].map(({ bottom }) => Math.round(bottom / 8))).size;
      return caption.textContent.replace(/\s+/g, ' ').length / lines;
    });
    assert.ok(letters <= 100, `${letters} letters a line`);
  });

  test('on paper nothing is left to press, and the race is over', async () => {
    const page = await open({ engine: false });
    for (const name of FIGURES) await figure(page, name);
    await page.locator('#race').focus();
    await pressed(page, 'Home');
    await pressed(page, 'ArrowRight');
    await page.emulateMedia({ media: 'print' });
    await page.waitForFunction(() => document.querySelector('#race').dataset.finished === 'true');
    assert.match(await text(page, '.lane-plain .lane-status'), /done/);
    const left = await page.evaluate(() =>
      [...document.querySelectorAll('.wide :is(button, input, select, progress)')]
        .filter(
          (control) => control.checkVisibility({ visibilityProperty: true }) && !control.querySelector('canvas') && control.getAttribute('type') !== 'radio',
        )
        .map((control) => control.outerHTML.slice(0, 80)),
    );
    assert.deepEqual(left, []);
    await page.emulateMedia({ media: 'screen' });
    await page.waitForFunction(() => document.querySelector('#race').dataset.finished === 'false');
    assert.equal(await position(page), 1);
  });

  test('a theme that is chosen in one tab is that of the others', async () => {
    const page = await open({ engine: false });
    const other = await page.context().newPage();
    await other.goto(PAGE_URL);
    await other.waitForFunction(() => window.__trace?.rounds.length > 0);
    await page.click('#theme');
    await other.waitForFunction(() => document.documentElement.dataset.theme === 'light');
    assert.equal(await text(other, '#theme'), 'Theme: light');
  });
});
