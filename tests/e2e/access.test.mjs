// The whole page, and each figure alone, for those who do not see it as it was drawn, or use no mouse.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AXE, FIGURES, PAGE_URL, figure, inBrowser } from './harness.mjs';

/** All that axe finds, however serious. */
async function foundIn(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`).join(' ')}`);
}
const MODES = [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['forced colours', { forcedColors: 'active' }],
  ['360 px', { width: 360 }],
];

describe('access', () => {
  const open = inBrowser(['--disable-features=WebGPU'], { engine: false });
  const opened = (site, how, wait = true) => open({ site, wait, reducedMotion: 'reduce', ...how });

  for (const [mode, how] of MODES)
    for (const language of ['', 'de.html'])
      test(`${mode}, ${language || 'en'}: axe finds nothing on the whole page`, async () => {
        const page = await opened(PAGE_URL + language, how);
        for (const name of FIGURES) await figure(page, name);
        await page.evaluate(() => {
          for (const details of document.querySelectorAll('details')) details.open = true;
        });
        assert.deepEqual(await foundIn(page), []);
      });

  for (const [mode, how] of MODES)
    test(`${mode}: axe finds nothing on any figure alone`, async () => {
      for (const name of FIGURES.filter((one) => one !== 'use')) {
        const page = await opened(`${PAGE_URL}embed.html?figure=${name}`, how, false);
        // or a sentence that says why not
        const come = await page.waitForFunction(
          (id) => document.getElementById(id)?.dataset.mounted === '' || document.querySelector('.figure-problem, #problems > *'),
          name,
        );
        assert.equal(await come.evaluate((one) => one instanceof Element && one.textContent), false, name);
        assert.deepEqual(await foundIn(page), [], name);
        await page.context().close();
      }
    });

  test('the Tab key goes through the whole page, each stop is seen, and none holds it', async () => {
    const page = await opened(PAGE_URL, {});
    for (const name of FIGURES) await figure(page, name);
    await page.evaluate(() => {
      scrollTo(0, 0);
      document.activeElement?.blur();
    });
    const stops = [];
    for (;;) {
      await page.keyboard.press('Tab');
      const stop = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return undefined;
        const known = element.hasAttribute('data-stop');
        element.setAttribute('data-stop', '');
        const { width, height, top, bottom } = element.getBoundingClientRect();
        // a radio button lies unseen over its word
        const marked = element.matches('input[type="radio"]') ? element.parentElement : element;
        return {
          known,
          seen: width > 0 && height > 0 && bottom > 0 && top < innerHeight && marked.checkVisibility({ visibilityProperty: true }),
          name: element.outerHTML.slice(0, 120),
          figure: element.closest('figure, section, header, footer')?.id ?? '',
        };
      });
      if (!stop || stop.known) break;
      assert.ok(stop.seen, stop.name);
      stops.push(stop);
    }
    if (process.env.STOPS)
      console.log(Object.fromEntries(stops.map(({ figure }) => [figure, stops.filter((other) => other.figure === figure).length])), stops.length);
    assert.match(stops.at(-1).name, /github|dicebear|<a /, 'the last is a link at the foot');
    // two of them in each figure, to take it away
    assert.ok(stops.length < 162, `${stops.length} stops`);
  });
});
