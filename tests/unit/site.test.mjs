// What a built site has and the source has not.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fillHeads, keepOffline } from '../../xtask/site.mjs';

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
  assert.match(read('de.html'), /<html data-offline data-engines="cpu gpu" lang="de">/);
});
