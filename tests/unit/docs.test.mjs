// What the documents say of tests is so.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url);

test('every test that docs/FAULTS.md names is there', async () => {
  const folders = ['tests/e2e/', 'tests/browsers/', 'tests/unit/'];
  const files = (
    await Promise.all(
      folders.map(async (folder) => (await readdir(new URL(folder, root))).filter((name) => name.endsWith('.test.mjs')).map((name) => folder + name)),
    )
  ).flat();
  const source = (await Promise.all(files.map((file) => readFile(new URL(file, root), 'utf8')))).join('\n');
  const rows = (await readFile(new URL('docs/FAULTS.md', root), 'utf8')).split('\n').filter((line) => line.startsWith('| ') && line.includes('"'));
  assert.ok(rows.length > 25, `${rows.length} rows`);
  for (const row of rows) {
    const named = [...(row.split('|').at(-2) ?? '').matchAll(/"([^"]+)"/g)].map(([, name]) => name);
    assert.ok(named.length > 0, row);
    for (const name of named) assert.ok(source.includes(name), `no test is called “${name}”`);
  }
});
