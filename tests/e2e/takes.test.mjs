// What can be taken from a figure: its picture as a file of its own, and a link to it in its state.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { FIGURES } from '../../www/figures/index.js';
import { PAGE_URL, figure, inBrowser, overflowing, seriousIn } from './harness.mjs';

const TAKEN = FIGURES.filter(({ picture }) => picture);
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const BUTTONS = { en: ['Copy link', 'Save '], de: ['Link kopieren', ' speichern'] };

/** Clicks, and returns the file with its name. */
async function saved(page, name, language = 'en') {
  const button = page.locator(`#${name} .takes`).getByRole('button', { name: BUTTONS[language][1] });
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** What the parsed file is made of, as a viewer without this page's style sheets has it. */
const read = (page, text) =>
  page.evaluate((xml) => {
    const { documentElement: svg } = new DOMParser().parseFromString(xml, 'image/svg+xml');
    const all = [...svg.querySelectorAll('*')];
    return {
      root: svg.tagName,
      error: svg.querySelector('parsererror')?.textContent,
      title: svg.querySelector('title')?.textContent,
      size: [Number(svg.getAttribute('width')), Number(svg.getAttribute('height'))],
      ground: svg.querySelector('rect')?.getAttribute('fill'),
      drawn: all.filter(({ tagName }) => /^(path|rect|line|circle|polyline)$/.test(tagName)).length,
      words: all.filter(({ tagName }) => tagName === 'text').map(({ textContent }) => textContent),
      styled: all.filter((one) => one.hasAttribute('class') || one.hasAttribute('style')).length,
      // what it would have to fetch, and what it refers to in itself and has not
      foreign: all.flatMap((one) =>
        [...one.attributes].filter(({ name, value }) => /href|src/.test(name) || /url\((?!#)|var\(/.test(value)).map(({ value }) => value),
      ),
      missing: [...xml.matchAll(/url\(#([^)]+)\)/g)].map(([, id]) => id).filter((id) => !svg.querySelector(`[id="${id}"]`)),
    };
  }, text);

/** Size and colours of a picture. */
const coloursOf = (page, bytes) =>
  page.evaluate(async (base64) => {
    const file = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([file], { type: 'image/png' }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    return { width: bitmap.width, height: bitmap.height, colours: new Set(new Uint32Array(data.buffer)).size };
  }, bytes.toString('base64'));

describe('what is taken from a figure', () => {
  const open = inBrowser([], { engine: false });

  test('every figure that is drawn has a picture', () => {
    assert.deepEqual(
      TAKEN.map(({ name }) => name),
      FIGURES.filter(({ embeds }) => embeds).map(({ name }) => name),
    );
  });

  for (const [language, site, colorScheme] of [
    ['en', PAGE_URL, 'light'],
    ['de', `${PAGE_URL}de.html`, 'dark'],
  ]) {
    test(`${language}, ${colorScheme}: each is saved as a file that stands alone`, async () => {
      const page = await open({ site, colorScheme, reducedMotion: 'reduce' });
      for (const { name, picture } of TAKEN) {
        await figure(page, name);
        const file = await saved(page, name, language);
        assert.equal(file.name, `speculative-${name}.${picture}`);
        const heading = await page.locator(`#${name} h2`).first().innerText();
        if (picture === 'png') {
          assert.deepEqual(file.bytes.subarray(0, 8), PNG, name);
          const { width, height, colours } = await coloursOf(page, file.bytes);
          assert.ok(width > 1500 && height > 500 && colours > 50, `${name}: ${width} by ${height}, ${colours} colours`);
          continue;
        }
        const { root, error, title, size, ground, drawn, words, styled, foreign, missing } = await read(page, String(file.bytes));
        assert.deepEqual([root, error, title], ['svg', undefined, heading]);
        assert.ok(size[0] > 800 && size[1] > 300, `${name}: ${size}`);
        assert.equal(ground, '#ffffff', 'light, whatever the page is');
        assert.ok(drawn > 10 && words.length > 10 && words.includes(heading), `${name}: ${drawn} marks, ${words.length} texts`);
        assert.deepEqual([styled, foreign, missing], [0, [], []], name);
        assert.ok(!words.some((text) => BUTTONS[language].some((button) => text.includes(button.trim()))), `${name} has no controls`);
      }
    });
  }

  test('a text is broken where it is on the screen, at a soft hyphen too', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await figure(page, 'bell');
    await page.evaluate(() => {
      const sentence = document.querySelector('#bell .bell-sentence');
      sentence.textContent = 'ange\u00adnommen Standard-Samplers';
      sentence.style.width = '4.3rem';
    });
    const { words } = await read(page, String((await saved(page, 'bell')).bytes));
    const at = words.indexOf('ange-');
    assert.deepEqual(words.slice(at, at + 4), ['ange-', 'nommen', 'Standard-', 'Samplers'], String(words));
  });

  test('the picture is of the state that the figure is in', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await figure(page, 'bell');
    const before = await read(page, String((await saved(page, 'bell')).bytes));
    await page.locator('#bell-mean').focus();
    await page.keyboard.press('End');
    const after = await read(page, String((await saved(page, 'bell')).bytes));
    assert.ok(before.words.includes('1.20') && !before.words.includes('3.00'));
    assert.ok(after.words.includes('3.00') && !after.words.includes('1.20'));
    await page.locator('#race').scrollIntoViewIfNeeded();
    const race = (await saved(page, 'race')).bytes;
    await page.locator('#restart').click();
    await page.waitForFunction(() => Number(document.querySelector('#scrub').value) === 0);
    assert.notDeepEqual((await saved(page, 'race')).bytes, race);
  });

  for (const [language, width] of [
    ['en', 360],
    ['de', 360],
    ['en', 1280],
  ]) {
    test(`${language}, ${width} px: the buttons stand on the line of the details, and nothing moves for them`, async () => {
      const page = await open({ site: language === 'en' ? PAGE_URL : `${PAGE_URL}de.html`, width, reducedMotion: 'reduce' });
      for (const { name } of TAKEN) {
        await figure(page, name);
        const { tops, small, tall } = await page.evaluate((id) => {
          const [takes, summary] = ['.takes', 'figcaption summary'].map((one) => document.querySelector(`#${id} ${one}`).getBoundingClientRect());
          const caption = document.querySelector(`#${id} figcaption`);
          const before = caption.offsetHeight;
          const buttons = [...document.querySelectorAll(`#${id} .takes button`)].map((button) => button.getBoundingClientRect());
          document.querySelector(`#${id} .takes`).style.display = 'none';
          const tall = [before, caption.offsetHeight];
          document.querySelector(`#${id} .takes`).style.display = '';
          return {
            tops: takes.top + takes.height / 2 - summary.top - summary.height / 2,
            small: buttons.filter(({ width, height }) => Math.min(width, height) < 24).length,
            tall,
          };
        }, name);
        assert.ok(Math.abs(tops) < 6, `${name}: ${tops} px apart`);
        assert.equal(tall[0], tall[1], name);
        assert.equal(small, 0, name);
      }
      assert.deepEqual(await seriousIn(page, '.takes'), []);
      assert.ok((await overflowing(page)) <= 0);
    });
  }

  test('a link leads to the figure in its state, and to its own page where the site has one', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const link = async (name) => {
      const button = page.locator(`#${name} .takes button`).first();
      await button.click();
      await page.waitForFunction((id) => document.querySelector(`#${id} .takes [role="status"]`).textContent === 'Link copied', name);
      return page.evaluate(() => navigator.clipboard.readText());
    };
    await figure(page, 'crescent');
    assert.equal(await link('crescent'), `${PAGE_URL}#crescent`);
    await page.locator('#crescent input[value="redraw"]').check({ force: true });
    assert.equal(await link('crescent'), `${PAGE_URL}#crescent=1.50-redraw`);
    // as the builder of a site with a known address writes it
    await page.evaluate(() => {
      document.documentElement.dataset.linked = 'bell crescent';
    });
    assert.equal(await link('crescent'), `${PAGE_URL}figure/crescent.html#crescent=1.50-redraw`);
    await figure(page, 'stairs');
    assert.equal(await link('stairs'), `${PAGE_URL}#stairs`);
    await page.evaluate(() => {
      document.documentElement.lang = 'de';
    });
    assert.equal(await link('crescent'), `${PAGE_URL}figure/crescent.de.html#crescent=1.50-redraw`);
    assert.equal(await link('stairs'), `${PAGE_URL}de.html#stairs`);
  });
});
