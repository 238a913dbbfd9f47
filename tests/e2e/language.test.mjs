// The page in German: complete, in the address, and one link away from the English one.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { ENGINE_READY_MS, FIGURES, PAGE_URL, RUN_MS, figure, inBrowser, overflowing, pressed, seriousIn, text } from './harness.mjs';

const TEXT = new URL('../../www/text/', import.meta.url);
const GERMAN = `${PAGE_URL}de.html`;
const RUN = '#seed=11&class=hat&steps=24&window=8&draft=carry';

/** Equal in both languages: values of settings, names, code, and words that German has too. */
const SAME = [
  /^(secant|carry|prefetched|frozen|independent|corrected|reflection|peak|faces|fashion|glasses|auto|burn)\b/,
  /^(Guidance|Seed|Engine|WebGPU|Standard|Median|Pause|Start|Import|JavaScript|Python|Rust|Deutsch|English|Test|JSON|N\(0,1\))$/,
  /^(auto, )?auto\/[\d.]+\/\d+$/,
  /^(dicebear|DiceBear Pixel\s+Art|Fashion-MNIST|Diffusion Policy|arXiv 2501\.05370|Accelerated Diffusion Models via Speculative\s+Sampling)$/i,
  /^, ICML 2025,$/,
  /^(De Bortoli et al\., ICML 2025|Coupling and convergence for Hamiltonian\s+Monte Carlo|SIL Open Font License\s+1\.1|Version|0\.2\.0)$/,
  /^,\s+H\. Xiao, K\. Rasul, R\. Vollgraf, 2017, MIT\.$/,
];

/**
 * What a visitor can read or hear: text nodes and the attributes that are spoken or shown.
 * @param {import('playwright-core').Page} page
 */
const readable = (page) =>
  page.evaluate(() => {
    const found = new Set();
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
      // code is no language
      if (!node.parentElement.closest('script, style, pre, noscript')) found.add(node.textContent.trim());
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [aria-valuetext], [placeholder], meta[name="description"]')) {
      for (const name of ['aria-label', 'title', 'aria-valuetext', 'placeholder', 'content'])
        if (element.getAttribute(name)) found.add(element.getAttribute(name).trim());
    }
    return [...found].filter((words) => /\p{L}{4}/u.test(words));
  });

async function everything(page) {
  for (const name of FIGURES) await figure(page, name);
  await page.locator('.cell').first().waitFor();
  await page.waitForFunction(
    () => document.querySelector('#gpu-note').textContent !== '' && document.querySelector('#engine-badge').dataset.kind === 'ready',
    undefined,
    { timeout: ENGINE_READY_MS },
  );
}

/** Keys of modules and of the objects in them. */
const shape = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.keys(value)
          .sort()
          .map((key) => [key, shape(value[key])]),
      )
    : Array.isArray(value)
      ? value.length
      : typeof value;

describe('texts', () => {
  test('every English module has a German one with the same names, and the same keys in them', async () => {
    const [english, german] = await Promise.all(['en/', 'de/'].map(async (folder) => (await readdir(new URL(folder, TEXT))).sort()));
    assert.deepEqual(
      german.filter((name) => name !== 'page.js'),
      english,
    );
    for (const name of english) {
      const [one, other] = await Promise.all(['en/', 'de/'].map((folder) => import(new URL(folder + name, TEXT))));
      assert.deepEqual(shape({ ...other }), shape({ ...one }), name);
    }
  });

  test('German numbers have a decimal comma and points between thousands', async () => {
    const { decimal, duration, megabytes, ratio, significant, whole } = await import(new URL('de/run.js', TEXT));
    assert.deepEqual(
      [decimal(-1.5, 2), duration(1234), megabytes(1.5e6), ratio(2.6), significant(0.25), significant(1.5e-5), whole(1234)],
      ['−1,50', '1,2\u00a0s', '1,5\u00a0MB', '2,6×', '0,250', '1,5·10⁻⁵', '1.234'],
    );
  });
});

describe('the page in German', () => {
  const open = inBrowser(['--disable-features=WebGPU']);

  test('no English sentence is left, and the other way round', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await everything(page);
    const english = new Set(await readable(page));
    assert.equal(await page.getAttribute('html', 'lang'), 'en');
    const other = await open({ site: GERMAN, reducedMotion: 'reduce' });
    await everything(other);
    const german = await readable(other);
    assert.equal(await other.getAttribute('html', 'lang'), 'de');
    assert.match(await other.title(), /^Spekulatives Sampling/);
    assert.ok(german.length > 200, `${german.length} texts`);
    assert.deepEqual(
      german.filter((words) => english.has(words) && !SAME.some((pattern) => pattern.test(words))),
      [],
    );
    // what stands in no English page word for word may still be English
    assert.deepEqual(
      german.filter((words) => /\b(the|with|which|that|is|of)\b/.test(words) && !SAME.some((pattern) => pattern.test(words))),
      [],
    );
  });

  test('a figure whose file is missing, or cannot be asked for, says why in German', async () => {
    for (const [answer, why] of [
      [(route) => route.fulfill({ status: 404 }), 'der Server antwortete mit 404'],
      [(route) => route.abort(), 'der Server ist nicht erreichbar'],
    ]) {
      const page = await open({
        site: GERMAN,
        route: async (one, tolerate) => {
          tolerate(/404|ERR_FAILED/);
          await one.route('**/assets/stairs.json', answer);
        },
      });
      await page.locator('#stairs').scrollIntoViewIfNeeded();
      assert.ok((await text(page, '#stairs [role="alert"]')).startsWith(`Diese Abbildung konnte nicht geladen werden (${why}).`));
      await page.context().close();
    }
  });

  test('axes of the bells have whole numbers', async () => {
    const page = await open({ site: GERMAN, reducedMotion: 'reduce' });
    for (const [name, wanted] of [
      ['bell', ['−4', '−2', '0', '2', '4']],
      ['crescent', ['−2', '0', '2', '4', '6']],
    ]) {
      await figure(page, name);
      assert.deepEqual(await page.locator(`#${name} .bar-label`).allTextContents(), wanted);
    }
  });

  test('a live run ends with a verdict in German, with decimal commas; the address and an export keep their points', async () => {
    const page = await open({ site: GERMAN, hash: `${RUN}&eta=0.9`, reducedMotion: 'reduce' });
    await page.waitForFunction(
      () => window.__trace?.source.kind === 'live' && !document.querySelector('#result').hidden && window.__trace.plain.length === 24,
      undefined,
      { timeout: RUN_MS },
    );
    assert.match(await text(page, '#badge'), /^live: CPU/);
    // once both are done
    await pressed(page, 'End');
    assert.match(await text(page, '.result-line'), /^(Dasselbe Bild|Ein Bild, das .*,) nach \d+ statt 24 aufeinanderfolgenden Aufrufen\. Auf dieser CPU /);
    const { perCall, calls } = await page.evaluate(() => ({
      perCall: document.querySelector('[data-counter="steps-per-call"]').textContent,
      calls: window.__trace.rounds.reduce((sum, round) => sum + round.calls, 0),
    }));
    assert.match(perCall, /^\d+,\d+$/);
    assert.ok(Math.abs(Number(perCall.replace(',', '.')) - 24 / calls) < 0.06);
    assert.match(await page.locator('#what').evaluate((what) => what.textContent), /η = 0,9/);
    assert.match(await page.evaluate(() => location.hash), /eta=0\.9/);
    assert.equal(await page.inputValue('#field-eta'), '0.9');
    const file = await page.evaluate(async () => (await import('./state/files.js')).toJson(window.__trace));
    assert.equal(JSON.parse(file).settings.eta, 0.9);
    const table = await page.evaluate(async () => (await import('./state/files.js')).toCsv(window.__trace));
    assert.match(table, /,accepted,/);
  });

  test('a setting that is refused, and an engine that stops, are told in German', async () => {
    const page = await open({ site: GERMAN, hash: '#window=999', reducedMotion: 'reduce' });
    assert.match(
      await text(page, '#problems'),
      /^Aus der Adresse nicht übernommen: Fenster L \(window\) kann nicht „999“ sein; erlaubt ist auto, .* eine ganze Zahl von 1 bis 256\.$/,
    );
    const other = await open({
      site: GERMAN,
      reducedMotion: 'reduce',
      route: async (page, tolerate) => {
        tolerate(/./);
        await page.route('**/pkg/cpu/*.wasm', (route) => route.fulfill({ status: 404, body: '' }));
      },
    });
    await other.waitForFunction(() => document.querySelector('#problems').textContent !== '', undefined, { timeout: ENGINE_READY_MS });
    assert.match(await text(other, '#problems'), /^Die Engine konnte nicht geladen werden \(der Server antwortete mit 404\)\./);
  });

  test('the link changes the language and keeps the settings as they are when it is followed', async () => {
    const page = await open({ hash: RUN, reducedMotion: 'reduce' });
    await page.waitForFunction(() => window.__trace?.source.kind === 'live' && !document.querySelector('#result').hidden, undefined, { timeout: RUN_MS });
    await page.fill('#field-steps', '12');
    await page.press('#field-steps', 'Enter');
    await page.waitForFunction(() => window.__trace.settings.steps === 12 && !document.querySelector('#result').hidden, undefined, { timeout: RUN_MS });
    const hash = await page.evaluate(() => location.hash);
    assert.match(hash, /steps=12/);
    await page.getByRole('link', { name: 'Deutsch' }).click();
    await page.waitForFunction(() => document.documentElement.lang === 'de' && window.__trace?.settings.steps === 12, undefined, { timeout: RUN_MS });
    assert.equal(await page.evaluate(() => location.pathname + location.hash), `/de.html${hash}`);
    await page.getByRole('link', { name: 'English' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.documentElement.lang === 'en' && window.__trace?.settings.steps === 12, undefined, { timeout: RUN_MS });
    assert.equal(await page.evaluate(() => location.pathname + location.hash), `/${hash}`);
  });

  test('a link to the page with ?lang=de comes to the German page, with its run, its anchor and what else it asks for', async () => {
    const page = await open({ site: `${PAGE_URL}?lecture&lang=de`, hash: '#how', wait: false });
    await page.waitForURL(/de\.html/);
    assert.equal(await page.evaluate(() => location.pathname + location.search + location.hash), '/de.html?lecture=#how');
    await page.waitForFunction(() => {
      const { top } = document.querySelector('#how').getBoundingClientRect();
      return top >= 0 && top < innerHeight;
    });
    const back = await open({ site: `${GERMAN}?lang=en`, hash: RUN, wait: false });
    await back.waitForFunction(() => document.documentElement.lang === 'en');
    assert.match(await back.evaluate(() => location.pathname + location.search + location.hash), /^\/#seed=11&.*class=hat&.*steps=24&/);
  });

  test('where a module of the language does not arrive, the page says so', async () => {
    const page = await open({
      site: GERMAN,
      wait: false,
      route: async (page, tolerate) => {
        tolerate(/404|Failed to (load|fetch)/);
        await page.route('**/text/de/run.js', (route) => route.fulfill({ status: 404, body: '' }));
      },
    });
    await page.waitForFunction(() => document.querySelector('#problems').textContent !== '');
    assert.match(await text(page, '#problems'), /^Ein Teil der Seite konnte nicht geladen werden/);
    assert.ok(await page.locator('h1').isVisible());
  });

  test('an embedded figure is German too, and so is the page that makes the snippet', async () => {
    const page = await open({ site: `${PAGE_URL}embed.de.html?figure=crescent`, wait: false });
    await figure(page, 'crescent');
    assert.equal(await text(page, '#crescent-title'), 'Die Sichel umklappen');
    assert.equal(await page.locator('#language').count(), 0);
    assert.match(await page.getAttribute('#home', 'href'), /\/de\.html#crescent$/);
    const race = await open({ site: `${PAGE_URL}?lang=de&embed=race`, wait: false });
    await figure(race, 'race');
    assert.equal(await race.evaluate(() => location.pathname + location.search), '/embed.de.html?figure=race');
    assert.equal(await text(race, '#race-title'), 'Das Rennen');
    const chooser = await open({ site: `${PAGE_URL}embed.de.html`, wait: false });
    await chooser.locator('#which').waitFor();
    await chooser.selectOption('#which', 'world');
    assert.match(await chooser.inputValue('#snippet'), /embed\.de\.html\?figure=world" title="Eine flache Welt"/);
  });

  for (const width of [1280, 853, 360]) {
    test(`${width} px: nothing overflows, and verdicts stay in their cells`, async () => {
      const page = await open({ site: GERMAN, width, reducedMotion: 'reduce' });
      await everything(page);
      assert.ok((await overflowing(page)) <= 0);
      const outside = await page.locator('.cell').evaluateAll(
        (cells) =>
          cells.filter((cell) => {
            const { left, right } = cell.getBoundingClientRect();
            const range = document.createRange();
            // what is said to those who do not see it follows
            range.selectNodeContents(cell.querySelector('.cell-mark').firstChild);
            const words = range.getBoundingClientRect();
            return words.left < left || words.right > right;
          }).length,
      );
      assert.equal(outside, 0);
      const rows = await page.locator('.cell').evaluateAll((cells) => new Set(cells.map(({ offsetTop }) => offsetTop)).size);
      if (width === 1280) assert.equal(rows, 1, 'the window stands in one row');
    });
  }

  for (const colorScheme of ['light', 'dark']) {
    test(`axe finds nothing serious, ${colorScheme}, 360 px`, async () => {
      const page = await open({ site: GERMAN, width: 360, colorScheme, reducedMotion: 'reduce' });
      await everything(page);
      assert.deepEqual(await seriousIn(page, 'body'), []);
    });
  }

  for (const [language, site, separated] of [
    ['en', PAGE_URL, '1,000'],
    ['de', GERMAN, '1.000'],
  ]) {
    test(`${language}: thousands are separated wherever the page says a number, and years are not`, async () => {
      const page = await open({ site, hash: '#seed=3&steps=1000&window=40&stairs=1000', reducedMotion: 'reduce', wait: false });
      await page.waitForFunction(
        () => window.__trace?.source.kind === 'live' && window.__trace.plain.length === 1000 && !document.querySelector('#result').hidden,
        undefined,
        { timeout: RUN_MS },
      );
      for (const name of FIGURES) await figure(page, name);
      await page.locator('#rounds-of input[value="run"]').check({ force: true });
      await page.locator('#race').focus();
      await pressed(page, 'End');
      await page.waitForFunction((text) => document.querySelector('#position').textContent.endsWith(text), separated);
      const bare = await page.evaluate(() => {
        const found = [];
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node; (node = walker.nextNode());) if (!node.parentElement.closest('pre, code, script, style, option')) found.push(node.data);
        for (const element of document.querySelectorAll('[aria-label], [aria-valuetext], [title]'))
          for (const name of ['aria-label', 'aria-valuetext', 'title']) found.push(element.getAttribute(name) ?? '');
        return found.filter((text) => /\d{4}/.test(text.replace(/arXiv [\d.]+|\b(19|20)\d\d\b(?! (steps|calls|Schritte|Aufrufe))/g, '')));
      });
      assert.deepEqual(bare, []);
      for (const selector of ['#result .result-line', '#what', '#memory', '#stairs .cost-what', '#sentence'])
        assert.ok((await page.locator(selector).textContent()).includes(separated), selector);
      assert.equal(await page.locator('.lane-plain [data-counter="calls"]').textContent(), separated);
    });
  }
});
