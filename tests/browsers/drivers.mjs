// Three browser engines behind one door: Chromium and Firefox by puppeteer, WebKitGTK by its own WebDriver.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import puppeteer from 'puppeteer-core';

/**
 * A page in a browser. `evaluate` runs a function there, which may be asynchronous, and returns what JSON can carry.
 * @typedef {{version: string, open: (url: string) => Promise<void>, evaluate: (work: Function, ...all: any[]) => Promise<any>, close: () => Promise<void>}} Browser
 */

const MINI_BROWSERS = ['x86_64', 'aarch64'].flatMap((machine) =>
  ['4.1', '6.0', '4.0'].map((api) => `/usr/lib/${machine}-linux-gnu/webkit2gtk-${api}/MiniBrowser`),
);

const found = (/** @type {string} */ name) => {
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`])
      .toString()
      .trim();
  } catch {
    return undefined;
  }
};

/** What a browser is started with, or why it cannot be. */
export const BROWSERS = {
  chromium: { path: process.env.CHROMIUM ?? found('chromium'), missing: 'no chromium (set CHROMIUM)' },
  firefox: { path: process.env.FIREFOX ?? found('firefox-esr') ?? found('firefox'), missing: 'no firefox (set FIREFOX, or install firefox-esr)' },
  webkit: {
    path: MINI_BROWSERS.find((path) => existsSync(path) && found('WebKitWebDriver') && (process.env.DISPLAY || found('Xvfb'))),
    missing: 'no WebKitGTK (install webkit2gtk-driver and xvfb)',
  },
};

/** @param {'chromium' | 'firefox'} name @returns {Promise<Browser>} */
async function byPuppeteer(name) {
  const args = name === 'chromium' ? ['--no-sandbox', '--disable-dev-shm-usage', '--disable-features=WebGPU'] : [];
  const browser = await puppeteer.launch({ browser: name === 'firefox' ? 'firefox' : 'chrome', executablePath: BROWSERS[name].path, headless: true, args });
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 800 });
  return {
    version: await browser.version(),
    open: async (url) => {
      await page.goto(url);
    },
    evaluate: (work, ...all) => page.evaluate(/** @type {any} */ (work), ...all),
    close: () => browser.close(),
  };
}

const free = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });

/** @returns {Promise<Browser>} */
async function byWebDriver() {
  const { default: WebDriver } = await import('webdriver');
  const display = process.env.DISPLAY ?? ':97';
  const screen = process.env.DISPLAY ? undefined : spawn('Xvfb', [display, '-screen', '0', '1280x900x24'], { stdio: 'ignore' });
  const port = await free();
  const environment = {
    ...process.env,
    DISPLAY: display,
    LIBGL_ALWAYS_SOFTWARE: '1',
    ...(process.getuid?.() === 0 ? { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' } : {}),
  };
  const driver = spawn('WebKitWebDriver', [`--port=${port}`], { env: environment, stdio: 'ignore' });
  const end = () => {
    driver.kill();
    screen?.kill();
  };
  try {
    for (let tries = 0; ; tries++) {
      const answers = await fetch(`http://127.0.0.1:${port}/status`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (answers) break;
      if (tries > 100) throw new Error('WebKitWebDriver does not answer');
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
    const session = await WebDriver.newSession({
      hostname: '127.0.0.1',
      port,
      path: '/',
      logLevel: 'silent',
      capabilities: /** @type {any} */ ({
        browserName: 'MiniBrowser',
        'wdio:enforceWebDriverClassic': true,
        'webkitgtk:browserOptions': { binary: BROWSERS.webkit.path, args: ['--automation'] },
      }),
    });
    await session.setTimeouts(undefined, 120_000, 240_000);
    return {
      version: `WebKitGTK/${session.capabilities.browserVersion}`,
      open: (url) => session.navigateTo(url),
      evaluate: async (work, ...all) => {
        const { value, error } = await session.executeAsyncScript(
          `
          const all = [...arguments]; const done = all.pop();
          Promise.resolve().then(() => (${work})(...all)).then((value) => done({ value }), (error) => done({ error: String(error) }));`,
          all,
        );
        if (error) throw new Error(error);
        return value;
      },
      close: async () => {
        await session.deleteSession().catch(() => {});
        end();
      },
    };
  } catch (error) {
    end();
    throw error;
  }
}

/** @param {keyof typeof BROWSERS} name */
export const launch = (name) => (name === 'webkit' ? byWebDriver() : byPuppeteer(name));
