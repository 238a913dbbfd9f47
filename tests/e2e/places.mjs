// Measures the heights of all figures at all widths and writes the places that are kept for them until they come, www/places.css:
//   PAGE_URL=http://127.0.0.1:8000/ node tests/e2e/places.mjs
import { readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { FIGURES as REGISTRY } from '../../www/figures/index.js';
import { ALWAYS, CHROMIUM, PAGE_URL } from './harness.mjs';

/** Widths that are measured, and what a place may be wrong by there, in pixels. */
const [NARROWEST, WIDEST, STEP] = [320, 1400, 10];
const WRONG = 20;
/** Where style sheets change something. */
const EDGES = [...(await readFile(new URL('../../www/style.css', import.meta.url), 'utf8')).matchAll(/(min|max)-width: (\d+)px/g)].map(
  ([, which, px]) => Number(px) + (which === 'max' ? 1 : 0),
);
const REM = 16;
const SETTLED_MS = 200;
const ENTRIES = REGISTRY.filter(({ name }) => !['race', 'use'].includes(name));
const LATE = ENTRIES.map(({ name }) => name);

const widths = [...new Set([...Array.from({ length: (WIDEST - NARROWEST) / STEP + 1 }, (_, index) => NARROWEST + STEP * index), ...EDGES])]
  .filter((width) => width >= NARROWEST)
  .sort((a, b) => a - b);

/** @typedef {{width: number, height: number}} Measured */
/** A place that is `level + slope * width` pixels high from a width on. @typedef {{from: number, level: number, slope: number}} Piece */

/** The line that is least wrong by squares, level where that is enough, and how much it is wrong. @param {Measured[]} points @returns {Piece & {wrong: number}} */
function fitted(points) {
  const from = points[0].width;
  const wrongBy = (/** @type {number} */ level, /** @type {number} */ slope) =>
    Math.max(...points.map(({ width, height }) => Math.abs(height - level - slope * width)));
  const heights = points.map(({ height }) => height);
  const middle = (Math.max(...heights) + Math.min(...heights)) / 2;
  if (wrongBy(middle, 0) <= WRONG) return { from, level: middle, slope: 0, wrong: wrongBy(middle, 0) };
  const mean = (/** @type {number[]} */ list) => list.reduce((sum, one) => sum + one, 0) / list.length;
  const [x, y] = [mean(points.map(({ width }) => width)), mean(heights)];
  const slope = points.reduce((sum, { width, height }) => sum + (width - x) * (height - y), 0) / points.reduce((sum, { width }) => sum + (width - x) ** 2, 0);
  return { from, level: y - slope * x, slope, wrong: wrongBy(y - slope * x, slope) };
}

/** As few pieces as reach from end to end, each taken as long as it can be. @param {Measured[]} points */
function pieces(points) {
  /** @type {Piece[]} */
  const found = [];
  for (let begin = 0; begin < points.length;) {
    let end = begin + 1;
    while (end < points.length && fitted(points.slice(begin, end + 1)).wrong <= WRONG) end++;
    found.push(fitted(points.slice(begin, end)));
    begin = end;
  }
  return found;
}

/** @param {import('playwright-core').Page} page */
const heights = (page) => page.evaluate((names) => names.map((name) => /** @type {HTMLElement} */ (document.getElementById(name)).offsetHeight), LATE);

/** Once pictures have been drawn in their new sizes. @param {import('playwright-core').Page} page */
async function settled(page) {
  for (let before = ''; ; await page.waitForTimeout(SETTLED_MS)) {
    const now = await heights(page);
    if (String(now) === before) return now;
    before = String(now);
  }
}

/** @param {import('playwright-core').Browser} browser @param {string} address */
async function measured(browser, address) {
  const [bare, whole] = await Promise.all(
    [false, true].map(async (comes) => {
      const page = await browser.newPage({ reducedMotion: 'reduce' });
      // nothing here asks the network
      await page.route('**/pkg/cpu/**', () => {});
      if (!comes) for (const { module } of ENTRIES) await page.route(`**/figures/${module}`, () => {});
      await page.goto(address);
      await page.waitForFunction(() => document.fonts.status === 'loaded');
      return page;
    }),
  );
  await bare.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('figure { --place: 0px !important } [data-mount] { min-height: 0 !important }');
    document.adoptedStyleSheets.push(sheet);
  });
  for (const name of LATE) {
    await whole.evaluate((id) => document.getElementById(id)?.scrollIntoView(), name);
    await whole.waitForFunction((id) => document.getElementById(id)?.dataset.settled === '', name);
  }
  /** @type {Measured[][]} */
  const found = LATE.map(() => []);
  for (const width of widths) {
    for (const page of [bare, whole]) await page.setViewportSize({ width, height: 800 });
    const [without, all] = [await settled(bare), await settled(whole)];
    for (const [index, points] of found.entries()) points.push({ width, height: all[index] - without[index] });
    process.stdout.write(`\r${address} ${width} px `);
  }
  process.stdout.write('\n');
  return found.map(pieces);
}

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ALWAYS });
const lines = ['/* Written by tests/e2e/places.mjs: what is kept for figures that are not there yet */'];
for (const [address, language] of [
  [PAGE_URL, ''],
  [new URL('de.html', PAGE_URL).href, ':lang(de)'],
]) {
  const found = await measured(browser, address);
  for (const [index, name] of LATE.entries()) {
    for (const [nth, { from, level, slope }] of found[index].entries()) {
      const rem = `${Number((level / REM).toFixed(1))}rem`;
      const place = slope === 0 ? rem : `calc(${rem} + ${Number((100 * slope).toFixed(1))}vw)`;
      const rule = `#${name}${language} { --place: ${place}; }`;
      lines.push(nth === 0 ? rule : `@media (min-width: ${from}px) { ${rule} }`);
    }
  }
}
await browser.close();
await writeFile(new URL('../../www/places.css', import.meta.url), `${lines.join('\n')}\n`);
console.log(`www/places.css: ${lines.length} lines`);
