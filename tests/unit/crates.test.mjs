// The crates' files can be read in an order in which each is explained by those before: none imports itself through others.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The modules of a crate with their texts; roots list modules only, and programs are crates of their own. */
async function modulesOf(source) {
  const files = await readdir(join(ROOT, source), { recursive: true });
  const rust = files.filter((file) => /\.rs$/.test(file) && !/^(lib|main)\.rs$/.test(file) && !file.startsWith(`bin${sep}`));
  const named = rust.map(async (file) => {
    const text = await readFile(join(ROOT, source, file), 'utf8');
    const code = text.replace(/#\[cfg\((all\()?test[\s\S]*/, '').replace(/^\s*\/\/.*$/gm, '');
    return /** @type {const} */ ([
      relative('.', file)
        .replace(/(\/mod)?\.rs$/, '')
        .split(sep)
        .join('::'),
      code,
    ]);
  });
  return new Map(await Promise.all(named));
}

/** What a module imports: the files that its paths name. @param {string} name @param {string} code @param {Map<string, string>} modules */
function importsOf(name, code, modules) {
  const here = name.split('::');
  const above = here.slice(0, -1);
  const start = { crate: [], self: here, super: above };
  const found = new Set();
  for (const [, from, rest] of code.matchAll(/\b(crate|self|super)((?:::(?:super|[a-z][a-z0-9_]*))+)/g)) {
    let path = [...start[from]];
    for (const part of rest.split('::').slice(1)) path = part === 'super' ? path.slice(0, -1) : [...path, part];
    while (path.length > 0 && !modules.has(path.join('::'))) path.pop();
    const target = path.join('::');
    if (target && target !== name) found.add(target);
  }
  return found;
}

test('no file of a crate imports itself through others', async () => {
  for (const source of ['src', 'unet/src', 'web/src', 'lab/src']) {
    const modules = await modulesOf(source);
    assert.ok(modules.size > 3, `${source} has hardly a file: was it moved?`);
    const edges = new Map([...modules].map(([name, code]) => [name, importsOf(name, code, modules)]));
    const done = new Set();
    /** @param {string} name @param {string[]} way */
    const walk = (name, way) => {
      assert.ok(!way.includes(name), `${source}: ${[...way.slice(way.indexOf(name)), name].join(' -> ')}`);
      if (done.has(name)) return;
      for (const next of edges.get(name) ?? []) walk(next, [...way, name]);
      done.add(name);
    };
    for (const name of modules.keys()) walk(name, []);
  }
});
