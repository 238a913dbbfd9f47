// The ways in that need nothing but npm: bundlers as they are, without a configuration. `runtimes.mjs` tries those that take longer.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { browser, hosted, look } from './visit.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const require = createRequire(import.meta.url);
const vite = join(here, 'node_modules/vite/bin/vite.js');
const TARBALL = process.env.TARBALL ?? assert.fail('TARBALL: the package; `cargo xtask test` sets it');
/** Through the module, and through the worker. */
const BOTH = { calls: 7, remote: 7 };

let app, shown;

before(async () => {
  app = mkdtempSync(join(tmpdir(), 'loading-'));
  cpSync(join(here, 'app'), app, { recursive: true });
  cpSync(join(here, 'denoiser.js'), join(app, 'denoiser.js'));
  writeFileSync(join(app, 'package.json'), '{"private": true, "type": "module"}');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', TARBALL], { cwd: app, stdio: 'inherit' });
  shown = await browser();
});

after(async () => {
  await shown?.close();
  rmSync(app, { recursive: true, force: true });
});

/** The page of a folder that something has built, beside the app's own files. */
async function built(folder, page = 'index.html') {
  const { url, close } = await hosted([join(app, folder), app]);
  try {
    return await look(shown, url + page);
  } finally {
    close();
  }
}

test('Vite, a build', async () => {
  const told = execFileSync(process.execPath, [vite, 'build', '--base', './', '--logLevel', 'warn'], { cwd: app, encoding: 'utf8', stdio: 'pipe' });
  assert.equal(told.trim(), '', 'no warning');
  assert.deepEqual(await built('dist'), BOTH);
});

test('Vite, the development server', async () => {
  const server = spawn(process.execPath, [vite, '--host', '127.0.0.1', '--port', '0', '--strictPort'], { cwd: app });
  try {
    const url = await new Promise((resolve, reject) => {
      let told = '';
      server.stdout.on('data', (text) => {
        told += text;
        const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(told.replace(/\x1b\[\d+m/g, ''));
        if (found) resolve(found[0]);
      });
      server.on('exit', () => reject(new Error(told)));
    });
    assert.deepEqual(await look(shown, url), BOTH);
  } finally {
    server.kill();
  }
});

test('webpack', async () => {
  const { default: webpack } = await import('webpack');
  const stats = await new Promise((resolve, reject) => {
    const options = { mode: 'production', context: app, entry: './main.js', output: { path: join(app, 'webpack'), filename: 'main.js' }, performance: false };
    webpack(options, (error, made) => (error ? reject(error) : resolve(made.toJson({ all: false, errors: true, warnings: true }))));
  });
  assert.deepEqual([stats.errors, stats.warnings], [[], []]);
  assert.deepEqual(await built('webpack'), BOTH);
});

test('esbuild, with the wasm file copied beside the bundle, or in a string', async () => {
  const esbuild = require('esbuild');
  const outdir = join(app, 'esbuild');
  const entryPoints = ['main.js', 'worker.js', 'inline.js'].map((name) => join(app, name));
  const { warnings } = await esbuild.build({ entryPoints, bundle: true, format: 'esm', outdir, logLevel: 'silent' });
  assert.deepEqual(warnings, []);
  cpSync(createRequire(join(app, 'main.js')).resolve('speculative-diffusion/wasm'), join(outdir, 'speculative_diffusion_bg.wasm'));
  assert.deepEqual(await built('esbuild'), BOTH);
  writeFileSync(join(outdir, 'inline.html'), '<!doctype html><meta charset="utf-8"><script type="module" src="./inline.js"></script>');
  assert.deepEqual(await built('esbuild', 'inline.html'), { calls: 7 });
});

test('no bundler: an import map, from the own server or from another that lets everybody read', async () => {
  const own = await hosted([app]);
  const other = await hosted([join(app, 'node_modules')], { 'access-control-allow-origin': '*' });
  mkdirSync(join(app, 'plain'), { recursive: true });
  try {
    for (const [name, at] of [
      ['own.html', '/node_modules/'],
      ['other.html', other.url],
    ]) {
      const imports = {
        'speculative-diffusion/inline': `${at}speculative-diffusion/inline.js`,
        'speculative-diffusion': `${at}speculative-diffusion/index.js`,
      };
      const program = `import { SpeculativeSampler, init } from 'speculative-diffusion';
        import { denoise } from '../denoiser.js';
        await init();
        const { calls } = await SpeculativeSampler.cosine({ numInferenceSteps: 60, window: 'auto' }).sample({ shape: [4, 8], seed: 7, denoise });
        globalThis.result = { calls };`;
      const html = `<!doctype html><meta charset="utf-8"><script type="importmap">${JSON.stringify({ imports })}</script><script type="module">${program}</script>`;
      writeFileSync(join(app, 'plain', name), html);
      assert.deepEqual(await look(shown, `${own.url}plain/${name}`), { calls: 7 });
    }
  } finally {
    own.close();
    other.close();
  }
});
