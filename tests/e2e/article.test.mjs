// The article around its figures: their order, the contents, words that are explained, links that lead to a figure in a state.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ENGINE_READY_MS, FIGURES, PAGE_URL, figure, inBrowser, overflowing, seriousIn, text } from './harness.mjs';

const ORDER = [
  'race',
  'controls',
  'how',
  'bell',
  'crescent',
  'world',
  'formulas',
  'microscope',
  'stairs',
  'evidence',
  'gallery',
  'pay',
  'policy',
  'use',
  'teach',
  'credits',
];
/** What a newcomer is asked before anything is explained. */
const FIRST_FIELDS = ['seed', 'model', 'class', 'steps'];

const mounted = (page, name) => page.waitForFunction((id) => document.getElementById(id).dataset.mounted === '', name, { timeout: ENGINE_READY_MS });
/** Whether the top of a section comes to the top of the window. */
const comesToTop = (page, id) =>
  page.waitForFunction((name) => {
    // the page may just be on its way
    const { top } = document.getElementById(name)?.getBoundingClientRect() ?? { top: Infinity };
    return top > -40 && top < innerHeight / 3;
  }, id);

describe('the article', () => {
  const open = inBrowser(['--disable-features=WebGPU'], { engine: false });

  test('tells the method before its details, and its contents name every section in that order', async () => {
    const page = await open();
    const sections = await page.locator('main > :is(figure, section, footer)').evaluateAll((all) => all.map(({ id }) => id));
    assert.deepEqual(sections, ORDER);
    assert.ok(FIGURES.every((name) => sections.includes(name)));
    assert.deepEqual(await page.locator('#contents a').evaluateAll((links) => links.map(({ hash }) => hash.slice(1))), ORDER);
    const [first] = (await text(page, '#how p')).split('.');
    assert.match(first, /speculative decoding/);
    assert.match(first, /drafter.*target.*accepted/s);
  });

  for (const [width, folded] of [
    [1280, false],
    [853, true],
    [360, true],
  ]) {
    test(`${width} px: the contents show where the reader is, and lead on by keyboard`, async () => {
      const page = await open({ width, reducedMotion: 'reduce' });
      assert.equal(await page.locator('#contents nav').isVisible(), !folded);
      await page.locator('#crescent').evaluate((section) => section.scrollIntoView());
      await page.waitForFunction(() => document.querySelector('#contents [aria-current]')?.hash === '#crescent');
      if (folded) {
        assert.match(await text(page, '#contents summary'), /The crescent/);
        await page.locator('#contents summary').press('Enter');
        assert.equal(await overflowing(page), 0);
        assert.deepEqual(await seriousIn(page, '.top'), []);
      }
      await page.locator('#contents a[href="#pay"]').press('Enter');
      await comesToTop(page, 'pay');
      await page.waitForFunction(() => document.querySelector('#contents [aria-current]')?.hash === '#pay');
      assert.equal(await page.locator('#contents nav').isVisible(), !folded, 'it folds again where it covers the text');
    });
  }

  test('the form begins with four settings; the others are folded away until a link or an error is about one of them', async () => {
    let page = await open();
    const visible = () => page.locator('#form :is(input, select):visible').evaluateAll((all) => all.map(({ name }) => name));
    assert.deepEqual(await visible(), FIRST_FIELDS);
    assert.equal(await page.locator('#more').evaluate(({ open }) => open), false);
    await page.close();
    // what the first fields name opens nothing, nor does a window found by its price
    page = await open({ hash: '#seed=3&steps=24&window=auto/0.9/2' });
    assert.deepEqual(await visible(), FIRST_FIELDS);
    await page.close();
    page = await open({ hash: '#seed=3&draft=carry' });
    assert.ok((await visible()).includes('draft'));
    await page.close();
    page = await open({ hash: '#window=999' });
    await page.locator('#field-window-problem').filter({ hasText: '999' }).waitFor();
    assert.ok(await page.locator('#field-window').isVisible());
    await page.close();
    page = await open({ hash: '#steps=9999' });
    await page.locator('#field-steps-problem').filter({ hasText: '9999' }).waitFor();
    assert.deepEqual(await visible(), FIRST_FIELDS, 'the field that is refused is seen anyway');
  });

  test('the address of a section survives what the page does by itself', async () => {
    for (const id of ['pay', 'how', 'teach']) {
      const page = await open({ hash: `#${id}`, reducedMotion: 'reduce', wait: false });
      await comesToTop(page, id);
      if (id === 'pay') await mounted(page, id);
      // longer than the page waits before it writes
      await page.waitForTimeout(1000);
      assert.equal(await page.evaluate(() => location.hash), `#${id}`);
      await page.close();
    }
  });

  test('an address leads to the figure that was changed last, in its state', async () => {
    const page = await open({ hash: '#seed=3&steps=50', reducedMotion: 'reduce' });
    await page.locator('#contents a[href="#evidence"]').click();
    await page.waitForFunction(() => location.hash.startsWith('#evidence&seed=3&'));
    await figure(page, 'crescent');
    await page.locator('#crescent input[value="redraw"]').check({ force: true });
    await page.waitForFunction(() => location.hash.includes('redraw'));
    const hash = await page.evaluate(() => location.hash);
    assert.match(hash, /^#crescent=[\d.]+-redraw&seed=3&/);
    const again = await open({ hash, reducedMotion: 'reduce', wait: false });
    await comesToTop(again, 'crescent');
    await mounted(again, 'crescent');
    assert.ok(await again.locator('#crescent input[value="redraw"]').isChecked());
    await again.waitForFunction(() => window.__trace !== undefined);
  });

  test('each exercise opens a figure in its state, whatever it was in before', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await figure(page, 'crescent');
    const links = await page.locator('#teach .exercises a').evaluateAll((all) => all.map(({ hash }) => hash.slice(1)));
    assert.equal(links.length, 3);
    for (const link of links) {
      const [name, state] = link.split('=');
      await page.locator(`#teach a[href="#${link}"]`).click();
      await comesToTop(page, name);
      await mounted(page, name);
      if (name === 'crescent') assert.ok(await page.locator('#crescent input[value="redraw"]').isChecked());
      if (name === 'evidence') assert.ok(await page.locator(`#evidence input[value="${state}"]`).isChecked());
      if (name === 'stairs') assert.match(await text(page, '#stairs'), /100 steps: \d+ calls/);
    }
  });

  test('a screen reader hears nothing of the race before it is touched, and then where it stands', async () => {
    for (const reducedMotion of ['reduce', 'no-preference']) {
      const page = await open({ reducedMotion });
      if (reducedMotion === 'no-preference') await page.waitForFunction(() => Number(document.querySelector('#scrub').value) > 3);
      // longer than a replay that has come to rest waits
      await page.waitForTimeout(600);
      assert.equal(await page.locator('#live').textContent(), '');
      await page.locator('#race').focus();
      await page.keyboard.press('ArrowRight');
      await page.waitForFunction(() => document.querySelector('#live').textContent !== '');
      await page.close();
    }
  });

  test('a word is explained where it is first used, by keyboard and without leaving the text', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    const words = await page.locator('.term').evaluateAll((all) => all.map((button) => button.getAttribute('popovertarget')));
    assert.deepEqual(
      [...words].sort(),
      ['call', 'commit', 'draft', 'evaluation', 'gap', 'round', 'target', 'window'].map((word) => `term-${word}`),
    );
    assert.deepEqual(words.slice(0, 4), ['term-call', 'term-draft', 'term-window', 'term-target'], 'in the order of the text');
    for (const id of words) {
      const term = page.locator(`[popovertarget="${id}"]`);
      const said = page.locator(`#${id}`);
      await term.focus();
      assert.equal(await said.isVisible(), false);
      await page.keyboard.press('Enter');
      await said.waitFor();
      const [box, place] = [await said.boundingBox(), await term.boundingBox()];
      assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= 1280 && box.y + box.height <= 800, `${id} is seen whole`);
      assert.ok(Math.abs(box.y - place.y) < 200, `${id} stands beside its word`);
      await page.keyboard.press('Escape');
      await said.waitFor({ state: 'hidden' });
      assert.ok(await term.evaluate((button) => button === document.activeElement));
    }
    assert.deepEqual(await seriousIn(page, '#how'), []);
  });

  test('a figure that stands alone has no word that opens nothing', async () => {
    const page = await open({ site: `${PAGE_URL}embed.html?figure=race`, wait: false });
    await page.waitForFunction(() => document.querySelector('#race')?.dataset.mounted === '');
    assert.equal(await page.locator('.term').count(), 0);
    assert.match(await text(page, '#race figcaption'), /drafts a window of steps/);
  });

  test('formulas are read as formulas: every symbol is MathML, and nothing overflows on a phone', async () => {
    const page = await open({ width: 360, reducedMotion: 'reduce' });
    const names = await page.locator('#formulas dt').allInnerTexts();
    assert.equal(names.length, 7);
    for (const cell of await page.locator('#formulas dd').all()) assert.ok((await cell.locator('math mi').count()) > 0);
    assert.match(
      (
        await page
          .locator('#f-probability + dd math')
          .first()
          .evaluate((math) => math.textContent)
      ).replaceAll(/\s/g, ''),
      /^P\(accepted\)=2Φ\(−\|Dk\|2\)$/,
    );
    assert.equal(await overflowing(page), 0);
    assert.deepEqual(await seriousIn(page, '#formulas'), []);
  });
});
