// The ways in that need nothing but npm: bundlers as they are, without a configuration. `runtimes.mjs` tries those that take longer.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
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

let app, shown, VERSION;

before(async () => {
  app = mkdtempSync(join(tmpdir(), 'loading-'));
  cpSync(join(here, 'app'), app, { recursive: true });
  cpSync(join(here, 'denoiser.js'), join(app, 'denoiser.js'));
  writeFileSync(join(app, 'package.json'), '{"private": true, "type": "module"}');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', TARBALL], { cwd: app, stdio: 'inherit' });
  VERSION = JSON.parse(readFileSync(join(app, 'node_modules/speculative-diffusion/package.json'), 'utf8')).version;
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

test('no bundler: an import map', async () => {
  const own = await hosted([app]);
  const imports = { 'speculative-diffusion': '/node_modules/speculative-diffusion/index.js' };
  const program = `import { SpeculativeSampler, init } from 'speculative-diffusion';
    import { denoise } from './denoiser.js';
    await init();
    const { calls } = await SpeculativeSampler.cosine({ numInferenceSteps: 60, window: 'auto' }).sample({ shape: [4, 8], seed: 7, denoise });
    globalThis.result = { calls };`;
  try {
    writeFileSync(join(app, 'map.html'), html(program, imports));
    assert.deepEqual(await look(shown, `${own.url}map.html`), { calls: 7 });
  } finally {
    own.close();
  }
});

/** @param {string} program @param {Record<string, string>} [imports] */
const html = (program, imports = {}) =>
  `<!doctype html><meta charset="utf-8"><script type="importmap">${JSON.stringify({ imports })}</script><script type="module">${program}</script>`;

/** A host of the package on another origin, as public ones are: `VERSION` is in the path, and a path without one is redirected. */
async function network(headers) {
  const files = await hosted([app], headers);
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://here').pathname;
    const [, version, file] = /^\/npm\/speculative-diffusion(@[\d.]+)?\/(.*)$/.exec(path) ?? [];
    if (file && !version) {
      response.writeHead(302, { ...headers, location: `/npm/speculative-diffusion@${VERSION}/${file}` });
      response.end();
      return;
    }
    const real = await fetch(`${files.url}node_modules/speculative-diffusion/${file}`);
    response.writeHead(real.status, { ...headers, 'content-type': real.headers.get('content-type'), 'cross-origin-resource-policy': 'cross-origin' });
    response.end(Buffer.from(await real.arrayBuffer()));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => [files, server].forEach((each) => each.close());
  return { url: `http://127.0.0.1:${server.address().port}/npm/speculative-diffusion`, origin: `http://127.0.0.1:${server.address().port}`, close };
}

/** What a page does with a package at this address: the module, and the worker through its client. */
const fromAway = (at) => `import { SpeculativeSampler, init } from '${at}/index.js';
  import { connect } from '${at}/worker-client.js';
  import '${at}/figure.js';
  import { denoise } from './denoiser.js';
  const run = { shape: [4, 8], seed: 7 };
  const sampler = { numInferenceSteps: 60, window: 'auto' };
  const result = {};
  try {
    await init();
    result.calls = (await SpeculativeSampler.cosine(sampler).sample({ ...run, denoise })).calls;
    const remote = await connect('${at}/worker.js', { module: './denoiser.js', kind: 'cosine', sampler });
    result.remote = (await remote.sample(run)).calls;
    remote.close();
  } catch ({ field, message }) {
    Object.assign(result, { field, message });
  }
  globalThis.result = result;`;

test('a content delivery network: another origin, a version in the path, in an isolated page too', async () => {
  const away = await network({ 'access-control-allow-origin': '*' });
  try {
    for (const headers of [{}, { 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-opener-policy': 'same-origin' }]) {
      const own = await hosted([app], headers);
      try {
        for (const [page, at] of Object.entries({ 'version.html': `${away.url}@${VERSION}`, 'latest.html': away.url })) {
          writeFileSync(join(app, page), html(fromAway(at)));
          assert.deepEqual(await look(shown, own.url + page), BOTH);
        }
        // as one writes it at first
        writeFileSync(
          join(app, 'direct.html'),
          html(`try { new Worker('${away.url}@${VERSION}/worker.js', { type: 'module' }); } catch ({ name }) { globalThis.result = { name }; }`),
        );
        assert.deepEqual(await look(shown, `${own.url}direct.html`), { name: 'SecurityError' });
      } finally {
        own.close();
      }
    }
  } finally {
    away.close();
  }
});

test('a worker from another origin that is not allowed says what is needed', async () => {
  const away = await network({ 'access-control-allow-origin': '*' });
  const closed = await network({});
  const script = `script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' ${away.origin}; connect-src 'self' ${away.origin}`;
  try {
    for (const [policy, at] of [
      [`${script}; worker-src 'self'`, away.url],
      [undefined, closed.url],
    ]) {
      const own = await hosted([app], policy ? { 'content-security-policy': policy } : {});
      try {
        const program = `import { connect } from '/node_modules/speculative-diffusion/worker-client.js';
          await connect('${at}@${VERSION}/worker.js', { module: './denoiser.js', kind: 'cosine', sampler: { numInferenceSteps: 60 } }).catch(({ name, field, message }) => {
            globalThis.result = { name, field, message };
          });`;
        writeFileSync(join(app, 'refused.html'), html(program));
        const { message, ...named } = await look(shown, `${own.url}refused.html`, /Content Security Policy|CORS policy|ERR_FAILED/);
        assert.deepEqual(named, { name: 'SamplerError', field: 'worker' });
        assert.match(message, /on another origin: it must send access-control-allow-origin, and .* must have blob: and \S+ in worker-src/);
      } finally {
        own.close();
      }
    }
    const own = await hosted([app], { 'content-security-policy': `${script}; worker-src blob: ${away.origin}` });
    writeFileSync(join(app, 'allowed.html'), html(fromAway(away.url)));
    assert.deepEqual(await look(shown, `${own.url}allowed.html`), BOTH);
    own.close();
  } finally {
    away.close();
    closed.close();
  }
});
