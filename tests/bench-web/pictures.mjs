// Pictures of the page for the documents and for links to it: `cargo xtask pictures`.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { FIGURES } from '../../www/figures/index.js';

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  console.log('Writes docs/figures/<figure>.png and www/preview.png from the page at PAGE_URL, in a headless Chromium (CHROMIUM)');
  process.exit(0);
}
const PAGE_URL = process.env.PAGE_URL ?? 'http://127.0.0.1:8000/';
const LATE_MS = 60_000;
/** Ticks after which the hands have come to the T. */
const TICKS = 150;
/** What networks that show links expect. */
const PREVIEW = { width: 1200, height: 630 };

const folder = new URL('../../docs/figures/', import.meta.url);
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless=new', '--no-sandbox', '--disable-dev-shm-usage'],
});
try {
  // where motion is reduced, each figure stands at what it shows
  const page = await browser.newPage({ viewport: { width: 1140, height: 900 }, reducedMotion: 'reduce' });
  await page.goto(PAGE_URL);
  await page.waitForFunction(() => window.__trace?.rounds.length > 0 && !document.querySelector('#result').hidden);
  // the header would lie on figures that are higher than the window, and its place be kept above others
  await page.evaluate(() => {
    document.querySelector('.top').style.position = 'static';
    document.documentElement.style.scrollPaddingTop = '0';
  });
  for (const { name, embeds } of FIGURES) {
    if (!embeds) continue;
    const figure = page.locator(`#${name}`);
    await figure.scrollIntoViewIfNeeded();
    await page.waitForFunction((id) => document.getElementById(id).dataset.mounted === '', name, { timeout: LATE_MS });
    if (name === 'policy') {
      const step = figure.locator('[data-action="step"]');
      for (let tick = 0; tick < TICKS; tick++) await step.click();
    }
    // what is drawn behind the mount, such as a swarm, has come when the figure keeps still
    let last = Buffer.alloc(0);
    for (let tries = 0; tries < 40; tries++) {
      const png = await figure.screenshot({ path: fileURLToPath(new URL(`${name}.png`, folder)), animations: 'disabled' });
      if (png.equals(last)) break;
      last = png;
      await page.waitForTimeout(250);
    }
    console.log(`docs/figures/${name}.png`);
  }
  // as it is opened
  const first = await browser.newPage({ viewport: PREVIEW, reducedMotion: 'reduce' });
  await first.goto(PAGE_URL);
  await first.waitForFunction(() => window.__trace?.rounds.length > 0 && !document.querySelector('#result').hidden);
  await first.screenshot({ path: fileURLToPath(new URL('../../www/preview.png', import.meta.url)), animations: 'disabled' });
  console.log('www/preview.png');
} finally {
  await browser.close();
}
