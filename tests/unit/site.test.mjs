// What a built site has and the source has not.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fillHeads, keepOffline, linkFigures } from '../../xtask/site.mjs';

function copied() {
  const dist = mkdtempSync(join(tmpdir(), 'site-'));
  cpSync(fileURLToPath(new URL('../../www', import.meta.url)), dist, { recursive: true });
  return { dist, read: (name) => readFileSync(join(dist, name), 'utf8') };
}

test('a built page asks for all its modules at once and names whole addresses', () => {
  const { dist, read } = copied();
  fillHeads(dist, 'https://example.org/figure');
  for (const [name, language, own] of [
    ['index.html', 'en', ''],
    ['de.html', 'de', 'de.html'],
  ]) {
    const lines = read(name)
      .split('\n')
      .map((line) => line.trim());
    for (const path of ['main.js', 'state/session.js', 'figures/race/replay.js', `text/${language}/run.js`]) {
      assert.ok(lines.includes(`<link rel="modulepreload" href="./${path}">`), path);
    }
    assert.ok(!lines.some((line) => line.includes('modulepreload') && line.includes('figures/world/')), 'a figure that comes later');
    const site = 'https://example.org/figure/';
    for (const line of [
      `<meta property="og:url" content="${site}${own}">`,
      `<link rel="canonical" href="${site}${own}">`,
      `<meta property="og:image" content="${site}preview.png">`,
      `<link rel="alternate" hreflang="en" href="${site}">`,
      `<link rel="alternate" hreflang="de" href="${site}de.html">`,
    ])
      assert.ok(lines.includes(line), line);
  }
});

test('a link to a figure has its title and its picture, in every language, and leads to the figure', () => {
  const { dist, read } = copied();
  linkFigures(dist, 'https://example.org/figures/');
  const pictures = readdirSync(new URL('../../docs/figures', import.meta.url)).map((file) => file.slice(0, -4));
  assert.ok(pictures.length > 5);
  for (const figure of pictures) {
    assert.ok(existsSync(join(dist, 'figure', `${figure}.png`)), figure);
    for (const [page, article, language] of [
      [`figure/${figure}.html`, '', 'en'],
      [`figure/${figure}.de.html`, 'de.html', 'de'],
    ]) {
      const html = read(page);
      assert.match(html, new RegExp(`<html lang="${language}" dir="ltr">`));
      for (const line of [
        `<meta property="og:image" content="https://example.org/figures/figure/${figure}.png">`,
        `<meta property="og:url" content="https://example.org/figures/${page}">`,
        `<link rel="canonical" href="https://example.org/figures/${article}">`,
        `<link rel="alternate" hreflang="de" href="https://example.org/figures/figure/${figure}.de.html">`,
        `<meta http-equiv="refresh" content="0; url=../${article}#${figure}">`,
      ])
        assert.ok(html.includes(line), `${page}: ${line}`);
      for (const [, content] of html.matchAll(/content="([^"]*)"/g)) assert.ok(content.trim().length > 0, page);
    }
  }
  // the state that a link names is led on to, where scripts run; the figures know that these pages are there
  const leadOn = read('figure/lead-on.js');
  for (const [hash, wanted] of [
    ['', '../de.html#crescent'],
    ['#crescent=2.50-redraw', '../de.html#crescent=2.50-redraw'],
  ]) {
    let went = '';
    const location = { hash, replace: (to) => (went = to) };
    const document = { querySelector: () => ({ href: '../de.html#crescent', hash: '#crescent' }) };
    new Function('location', 'document', leadOn)(location, document);
    assert.equal(went, wanted);
  }
  assert.match(read('figure/crescent.de.html'), /<a href="\.\.\/de\.html#crescent">.*<script src="\.\/lead-on\.js">/);
  for (const page of ['index.html', 'de.html', 'embed.html', 'embed.de.html']) {
    const [, linked] = /<html data-linked="([a-z ]+)" lang=/.exec(read(page)) ?? [];
    assert.deepEqual(linked?.split(' ').sort(), [...pictures].sort(), page);
  }
  assert.match(read('figure/crescent.html'), /og:title" content="Flip the crescent"/);
  assert.match(read('figure/crescent.de.html'), /og:title" content="Die Sichel umklappen"/);
});

test('the service worker knows every file of the build by its hash', () => {
  const { dist, read } = copied();
  for (const file of ['assets/faces.bpk', 'assets/fashion.bpk', 'pkg/cpu/engine.wasm', 'pkg/gpu/engine.wasm']) {
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    writeFileSync(join(dist, file), file);
  }
  keepOffline(dist, ['cpu', 'gpu']);
  const worker = read('offline.js');
  assert.doesNotMatch(worker, /BUILD|\/\/ FILES|'\.\/offline\.js'|index\.html/);
  for (const [path, first, file = path] of [
    ['', true, 'index.html'],
    ['main.js', true],
    ['de.html', true],
    ['assets/faces.bpk', true],
    ['assets/fashion.bpk', false],
    ['pkg/cpu/engine.wasm', true],
    ['pkg/gpu/engine.wasm', false],
  ]) {
    const hash = createHash('sha256')
      .update(readFileSync(join(dist, file)))
      .digest('base64');
    assert.ok(worker.split('\n').includes(`  ['./${path}', 'sha256-${hash}', ${first}],`), file);
  }
  assert.match(read('de.html'), /<html data-offline data-engines="cpu gpu" lang="de" dir="ltr">/);
});
