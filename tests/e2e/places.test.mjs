// Figures that come late: the places that are kept for them, and that nothing moves which the reader sees.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FIGURES as REGISTRY } from '../../www/figures/index.js';
import { PAGE_URL, inBrowser } from './harness.mjs';

/** Share by which a figure may be higher or lower than the place that was kept for it: fonts differ. */
const KEPT = 0.05;
const PIXEL = 1;

describe('figures that come late', () => {
  const open = inBrowser([], { engine: false });

  /** Calls with each figure but the race, from below so that none has come that stands above: its end is in the middle of the window. */
  async function eachLate(options, prepare, check) {
    /** @type {Map<string, () => void>} */
    const held = new Map();
    const page = await open({
      ...options,
      route: async (page) => {
        for (const { name, module } of REGISTRY.filter(({ name }) => name !== 'race')) {
          await page.route(`**/figures/${module}`, async (route) => {
            await new Promise((resolve) => held.set(name, resolve));
            await route.continue();
          });
        }
      },
    });
    await prepare(page);
    const late = await page.evaluate(() => [...document.querySelectorAll('figure')].map(({ id }) => id).filter((id) => id !== 'race'));
    assert.ok(late.length >= 9, late.join());
    for (const id of late.reverse()) {
      const figure = page.locator(`#${id}`);
      const look = () => figure.evaluate((element) => [element.getBoundingClientRect().bottom, element.offsetHeight]);
      await figure.evaluate((element) => {
        element.scrollIntoView({ block: 'end' });
        scrollBy({ top: innerHeight / 2, behavior: 'instant' });
      });
      while (!held.has(id)) await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
      const [before, place] = await look();
      held.get(id)();
      await page.waitForFunction((name) => document.getElementById(name).dataset.settled === '', id);
      const [after, height] = await look();
      assert.ok(Math.abs(after - before) <= PIXEL, `the end of ${id} has gone from ${before} to ${after}`);
      check(id, height, place);
    }
  }

  for (const [width, language] of [
    [1280, ''],
    [1000, 'de.html'],
    [853, ''],
    [640, 'de.html'],
    [412, ''],
    [360, 'de.html'],
  ]) {
    test(`${width} px${language && `, ${language}`}: each finds its place kept, and moves nothing`, () =>
      eachLate(
        { width, site: PAGE_URL + language },
        () => {},
        (id, height, place) => assert.ok(Math.abs(height - place) <= KEPT * place, `${id} is ${height} px high, and ${place} px were kept for it`),
      ));
  }

  test('one that is far higher than its place moves nothing below it', () =>
    eachLate(
      {},
      (page) =>
        page.evaluate(() => {
          for (const figure of document.querySelectorAll('figure')) figure.style.setProperty('--place', '20rem');
        }),
      (id, height, place) => assert.ok(id === 'use' || height > place + 50, `${id} is ${height} px high in a place of ${place} px`),
    ));
});
