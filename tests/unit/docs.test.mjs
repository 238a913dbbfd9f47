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

/** Every file of the repository that a person wrote, as a path from its root. */
async function files(folder = '') {
  const skip = new Set(['node_modules', 'target', 'pkg', 'dist', '.git', 'runs']);
  const paths = [];
  for (const entry of await readdir(new URL(folder || '.', root), { withFileTypes: true })) {
    if (entry.isDirectory() && !skip.has(entry.name)) paths.push(...(await files(`${folder}${entry.name}/`)));
    else if (entry.isFile()) paths.push(folder + entry.name);
  }
  return paths;
}

/** Files of others that the documents speak of. */
const foreign = new Set(['scheduler_config.json', 'vk_swiftshader_icd.json']);

test('every test, path and type that ARCHITECTURE.md, CONTRIBUTING.md and FAULTS.md name is there', async () => {
  const paths = await files();
  const slashed = paths.map((path) => `/${path}`);
  const read = (/** @type {RegExp} */ kind) => Promise.all(paths.filter((path) => kind.test(path)).map((path) => readFile(new URL(path, root), 'utf8')));
  const source = (await read(/\.(rs|js|mjs|ts|wgsl|toml|html)$/)).join('\n');
  const words = new Set(source.match(/\w+/g));
  const functions = [...source.matchAll(/fn (\w+)/g)].map(([, name]) => name);
  const absent = [];
  let looked = 0;
  for (const document of ['docs/ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/FAULTS.md']) {
    const text = (await readFile(new URL(document, root), 'utf8')).replace(/^ {4}.*$/gm, '').replace(/\s+/g, ' ');
    for (const [, token] of text.matchAll(/`([^` ]+)`/g)) {
      // `properties::a_claim`, `.._its_end`, `its_beginning_..`
      const claim = token.replaceAll('..', '').split('::').at(-1) ?? '';
      const path = token.replace(/^\.?\//, '').replace(/[?#].*/, '');
      let found = true;
      if (/^[a-z0-9]*(_[a-z0-9]+){4,}_?$/.test(claim)) found = functions.some((name) => name.includes(claim));
      else if (/^[A-Z][A-Za-z0-9]+[a-z]\w*(::\w+)*$/.test(token)) found = token.split('::').every((word) => words.has(word));
      else if (foreign.has(path) || path.includes('NAME')) continue;
      else if (/^[\w./-]+(\.(rs|md|m?js|ts|py|toml|json|txt|wgsl|css|html|csv)|\/)$/.test(path) && !/^(target|pkg|dist)\//.test(path)) {
        found = path.endsWith('/') ? slashed.some((file) => file.includes(`/${path}`)) : slashed.some((file) => file.endsWith(`/${path}`));
      } else continue;
      looked += 1;
      if (!found) absent.push(`${document}: ${token}`);
    }
    // a test of the page is named as it is called: e2e "a claim", or its beginning and two dots
    for (const [, item] of text.matchAll(/ - (.*?)(?= - |$)/g)) {
      if (!item.includes('e2e "')) continue;
      for (const [, name] of item.matchAll(/"([^"]+)"/g)) {
        looked += 1;
        if (!name.split(/ ?\.{2,3} ?/).every((part) => source.includes(part))) absent.push(`${document}: "${name}"`);
      }
    }
  }
  assert.ok(looked > 300, `${looked} names`);
  assert.deepEqual(absent, []);
});
