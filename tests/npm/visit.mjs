// A browser, and what a page of a folder leaves in `result`.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join, normalize } from 'node:path';

const { chromium } = createRequire(new URL('../e2e/package.json', import.meta.url))('playwright-core');
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

export const browser = () => chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });

/** A static host of some folders, the first of which counts most. */
export async function hosted(folders, headers = {}) {
  const server = createServer((request, response) => {
    const name = normalize(new URL(request.url, 'http://here').pathname);
    const file = folders.map((folder) => join(folder, name)).find((path) => extname(path) && existsSync(path));
    response.writeHead(file ? 200 : 404, { 'content-type': TYPES[extname(name)] ?? 'text/plain', ...headers });
    response.end(file && readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/** What the page leaves; nothing may be complained about but what is `expected`. @param {RegExp} [expected] */
export async function look(shown, url, expected) {
  const page = await shown.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.location().url.endsWith('favicon.ico')) complaints.push(message.text());
  });
  try {
    await page.goto(url);
    const result = await page
      .waitForFunction(() => globalThis.result, undefined, { timeout: 30_000 })
      .catch((error) => {
        throw new Error(`${error.message}\n${complaints.join('\n')}`);
      });
    const found = await result.jsonValue();
    const unexpected = complaints.filter((text) => !expected?.test(text));
    assert.deepEqual(unexpected, [], JSON.stringify(found));
    return found;
  } finally {
    await page.close();
  }
}
