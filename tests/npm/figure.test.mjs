// The figure's element in what people put pages together with. All do the same with it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { proxy } from '../proxy.mjs';
import { browser, hosted } from './visit.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const TARBALL = process.env.TARBALL ?? assert.fail('TARBALL: the package; `cargo xtask test` sets it');
const PAGE_URL = process.env.PAGE_URL ?? assert.fail('PAGE_URL: the site; `cargo xtask test` sets it');
/** Steps of the slider that come faster than a host draws. */
const STEPS = 10;

let app, shown, site, own;

before(async () => {
  app = mkdtempSync(join(tmpdir(), 'figure-'));
  cpSync(join(here, 'figure'), app, { recursive: true });
  writeFileSync(join(app, 'package.json'), '{"private": true, "type": "module"}');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', TARBALL], { cwd: app, stdio: 'inherit' });
  for (const name of ['react', 'react-dom', 'svelte', '@observablehq']) symlinkSync(join(here, 'node_modules', name), join(app, 'node_modules', name));
  site = await proxy(PAGE_URL, { bare: true });
  shown = await browser();
  const { build } = await import('vite');
  const { svelte } = await import('@sveltejs/vite-plugin-svelte');
  const input = ['react.html', 'svelte.html', 'observable.html'].map((page) => join(app, page));
  // the plugin looks for a configuration beside the page
  await build({ root: app, base: './', logLevel: 'warn', configFile: false, plugins: [svelte({ configFile: false })], build: { rollupOptions: { input } } });
  own = await hosted([join(app, 'dist')]);
});

after(async () => {
  await shown?.close();
  site?.close();
  own?.close();
  rmSync(app, { recursive: true, force: true });
});

/**
 * A figure that comes, changes, is changed, and goes.
 * @param {string} url of the host @param {(page: import('playwright-core').Page, what: 'german' | 'other' | 'remove') => Promise<unknown>} [ask] it to do something
 */
async function lives(url, ask = (page, what) => page.click(`#${what}`)) {
  const page = await shown.newPage({ reducedMotion: 'reduce' });
  /** @type {string[]} */
  const complaints = [];
  let frames = 0;
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !message.location().url.endsWith('favicon.ico')) complaints.push(message.text());
  });
  // what a page of others fetches from elsewhere is beside the point
  await page.route(
    ({ hostname }) => hostname !== '127.0.0.1',
    (route) => route.fulfill({ body: '' }),
  );
  page.on('frameattached', () => (frames += 1));
  const inside = page.frameLocator('speculative-figure iframe');
  const heard = () => page.locator('output').first().textContent();
  /** Mounted, and the frame as high as its content. @param {string} name @param {string} title */
  const fits = async (name, title) => {
    await inside.locator(`#${name}[data-mounted]`).waitFor({ state: 'attached', timeout: 20_000 });
    assert.equal(await inside.locator(`#${name}-title`).textContent(), title);
    const misfit = async () => {
      const content = await page.frames()[1].evaluate(() => Math.ceil(document.body.getBoundingClientRect().height));
      return Math.abs((await page.locator('iframe').evaluate((frame) => frame.getBoundingClientRect().height)) - content);
    };
    for (let wait = 0; (await misfit()) > 1; wait++) {
      assert.ok(wait < 200, `${await misfit()} px`);
      await page.waitForTimeout(100);
    }
    assert.equal(await page.locator('iframe').getAttribute('title'), title);
  };
  try {
    await page.goto(url);
    await fits('crescent', 'Flip the crescent');
    const mounted = frames;
    const slider = inside.getByRole('slider').first();
    await slider.evaluate(async (input, steps) => {
      for (let step = 0; step < steps; step++) {
        input.stepUp();
        input.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise((next) => {
          setTimeout(next);
        });
      }
      input.dispatchEvent(new Event('change', { bubbles: true }));
    }, STEPS);
    const state = `${(2.5 + STEPS * Number(await slider.getAttribute('step'))).toFixed(2)}-redraw`;
    await page.waitForFunction((wanted) => document.querySelector('output').textContent === wanted, state, { timeout: 20_000 });
    assert.equal(frames, mounted, 'what the figure says itself makes no other frame');
    await ask(page, 'german');
    await fits('crescent', 'Die Sichel umklappen');
    assert.equal(await heard(), state);
    assert.equal(`${Number(await inside.getByRole('slider').first().inputValue()).toFixed(2)}-redraw`, state, 'and is where it was');
    assert.equal(frames, mounted + 1, 'one frame for a change');
    await ask(page, 'other');
    await fits('bell', 'Ein Schritt ist eine Glocke');
    assert.equal(frames, mounted + 2, 'one frame for two attributes');
    await ask(page, 'remove');
    await page.locator('speculative-figure').waitFor({ state: 'detached' });
    assert.equal(await page.locator('iframe').count(), 0);
    // what a frame that is gone had still to say
    await page.waitForTimeout(200);
    assert.deepEqual(complaints, []);
    return mounted;
  } finally {
    await page.close();
  }
}

const address = (page) => `${own.url}${page}?site=${encodeURIComponent(site.url)}`;

test('React', async () => assert.equal(await lives(address('react.html')), 1));
test('Svelte', async () => assert.equal(await lives(address('svelte.html')), 1));
test("the runtime of Observable's notebooks", async () => assert.equal(await lives(address('observable.html')), 1));

for (const kind of ['linked', 'inline']) {
  test(`a cell of a Jupyter notebook, as nbconvert writes it, the script ${kind}`, async (context) => {
    const python = process.env.PYTHON ?? 'python3';
    const made = spawnSync(python, [join(app, 'notebook.py'), kind === 'linked' ? site.url : PAGE_URL, kind], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      timeout: 120_000,
    });
    const missing = made.error ?? /^ModuleNotFoundError: .*$/m.exec(made.stderr)?.[0];
    if (missing) {
      console.log(`── the figure in a Jupyter notebook: NOT TESTED, ${python}: ${missing}`);
      return context.skip(String(missing));
    }
    assert.equal(made.status, 0, made.stderr);
    writeFileSync(join(app, 'dist/notebook.html'), made.stdout);
    assert.equal(await lives(`${own.url}notebook.html`), 1);
    return undefined;
  });
}
