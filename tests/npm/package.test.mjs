// The tarball, installed as users install it: in Node.js, on a page under a strict policy, in TypeScript.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { browser, hosted, look } from './visit.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const e2e = createRequire(join(here, '../e2e/package.json'));
const TARBALL = process.env.TARBALL ?? assert.fail('TARBALL: the package; `cargo xtask test` sets it');
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'";

let program, installed, shown;

before(async () => {
  program = mkdtempSync(join(tmpdir(), 'package-'));
  writeFileSync(join(program, 'package.json'), '{"private": true, "type": "module"}');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', TARBALL], { cwd: program, stdio: 'inherit' });
  installed = join(program, 'node_modules/speculative-diffusion');
  for (const file of ['denoiser.js', 'node.mjs', 'usage.ts', 'usage.tsx', '../golden/half.json']) cpSync(join(here, file), join(program, basename(file)));
  shown = await browser();
});

after(async () => {
  await shown?.close();
  rmSync(program, { recursive: true, force: true });
});

/** What a page of a folder leaves in `result`, under the policy. */
async function visit(folders, path) {
  const { url, close } = await hosted(folders, { 'content-security-policy': POLICY });
  try {
    return await look(shown, url + path);
  } finally {
    close();
  }
}

test('the tarball holds what it names and nothing else', () => {
  const listed = execFileSync('tar', ['-tzf', TARBALL], { encoding: 'utf8' }).trim().split('\n').sort();
  assert.deepEqual(
    listed,
    [
      'LICENSE-APACHE',
      'LICENSE-MIT',
      'README.md',
      'figure.d.ts',
      'figure.js',
      'index.d.ts',
      'index.js',
      'inline.js',
      'onnx.d.ts',
      'onnx.js',
      'package.json',
      'price.js',
      'speculative_diffusion.js',
      'speculative_diffusion_bg.wasm',
      'worker-client.d.ts',
      'worker-client.js',
      'worker.d.ts',
      'worker.js',
    ].map((file) => `package/${file}`),
  );
  const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  assert.match(version, /^\d+\.\d+\.\d+$/);
});

test('Node.js: sampling, sharing, resuming, cancelling, checking, errors', () => {
  const told = execFileSync(process.execPath, ['--test', '--test-reporter=tap', 'node.mjs'], {
    cwd: program,
    encoding: 'utf8',
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  const tests = readFileSync(new URL('node.mjs', import.meta.url), 'utf8').match(/^test\(/gm)?.length;
  assert.match(told, new RegExp(`# pass ${tests}\n`));
  assert.match(told, /# fail 0\n/);
});

test('a page under a strict policy: the module, and the worker', async () => {
  const result = await visit([here, packageAside()], 'page.html');
  assert.ok(result.calls < 600 && result.length === 32 && result.same, JSON.stringify(result));
  assert.equal(result.rounds.at(-1), 60);
  assert.match(result.refused, /seed/);
  assert.ok(!result.traced, 'the rounds have come already');
  assert.ok(result.figure);
  assert.ok(result.cancelled.name === 'AbortError' && result.resumed, JSON.stringify(result));
});

test('a page under a strict policy: the client of the worker', async () => {
  const found = await visit([here, packageAside()], 'client.html');
  assert.deepEqual(found, {
    same: true,
    previewed: true,
    trace: { levels: true, rounds: true, kept: false },
    measured: true,
    many: { same: true, errors: 0, audit: true },
    checked: true,
    audited: true,
    drafter: true,
    ancestral: true,
    cancelled: { name: 'AbortError', field: 'signal', cause: true, states: 1, resumed: true },
    already: { name: 'AbortError', field: 'signal' },
    poisoned: { fields: [null, 'denoise'], mended: true },
    thrown: { field: 'listener', cause: true, states: 1 },
    refused: ['seed', 'run', '_class_name', 'kind', 'worker', 'worker', 'worker', 'worker'],
    sentTwice: 0,
  });
});

test('a page under a strict policy: the module in a string fetches nothing', async () => {
  const { calls, fetched } = await visit([here, packageAside()], 'inline.html');
  assert.ok(calls < 30);
  assert.deepEqual(fetched, []);
});

test('TypeScript: the declarations say what a user may write', () => {
  mkdirSync(join(program, 'node_modules/@types'));
  symlinkSync(join(here, 'node_modules/@types/react'), join(program, 'node_modules/@types/react'));
  const compiler = e2e.resolve('typescript/bin/tsc');
  for (const resolution of ['bundler', 'nodenext']) {
    const module = resolution === 'bundler' ? 'esnext' : 'nodenext';
    execFileSync(
      process.execPath,
      [
        compiler,
        '--noEmit',
        '--strict',
        '--target',
        'es2022',
        '--lib',
        'es2022,dom',
        '--module',
        module,
        '--moduleResolution',
        resolution,
        '--jsx',
        'react-jsx',
        'usage.ts',
        'usage.tsx',
      ],
      { cwd: program, stdio: 'inherit' },
    );
  }
});

/** The installed package under the name that the pages import. */
function packageAside() {
  const aside = join(program, 'aside');
  if (!existsSync(aside)) cpSync(installed, join(aside, 'package'), { recursive: true });
  return aside;
}
