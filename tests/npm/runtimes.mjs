// `CHROMIUM=chromium node tests/npm/runtimes.mjs TARBALL [deno bun ..]` tries the package where no test does, because it takes minutes and much
// of npm: other runtimes of JavaScript, and Next.js. It prints a line for each way in, and fails if one does not do as README.md says.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { browser, look } from './visit.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const tarball = resolve(process.argv[2] ?? 'target/npm/speculative-diffusion-0.2.0.tgz');
const program = mkdtempSync(join(tmpdir(), 'runtimes-'));
const RUN = `init()
  .then(() => SpeculativeSampler.cosine({ numInferenceSteps: 60, window: 'auto' }).sample({ shape: [4, 8], seed: 7, denoise }))
  .then(({ calls }) => console.log(calls + ' calls'));`;
const EXPECTED = '7 calls';
let failed = 0;

/** A folder with these files and packages. */
function folder(name, packages, files) {
  const path = join(program, name);
  mkdirSync(path);
  cpSync(join(here, 'denoiser.js'), join(path, 'denoiser.js'));
  for (const [file, text] of Object.entries({ 'package.json': '{"private": true, "type": "module"}', ...files })) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', tarball, ...packages], { cwd: path, stdio: 'inherit' });
  return path;
}

/** @param {string} way @param {string} found @param {string} expected */
function line(way, found, expected = EXPECTED) {
  const good = found.includes(expected);
  if (!good) failed += 1;
  console.log(`${good ? 'as expected' : 'NOT AS EXPECTED'}  ${way}: ${found.trim().split('\n')[0]}`);
}

const imported = (name) => `import { SpeculativeSampler, init } from '${name}';\nimport { denoise } from './denoiser.js';\n${RUN}`;
const PROGRAMS = {
  'import.mjs': imported('speculative-diffusion'),
  'inline.mjs': imported('speculative-diffusion/inline'),
  'require.cjs': `const { SpeculativeSampler, init } = require('speculative-diffusion');\nconst { denoise } = require('./denoiser.js');\n${RUN}`,
};

/** What Node.js has no such workers for. */
const REMOTE = `import { connect } from 'speculative-diffusion/worker-client';
const worker = new Worker(import.meta.resolve('speculative-diffusion/worker'), { type: 'module' });
const module = new URL('./denoiser.js', import.meta.url);
const remote = await connect(worker, { module, kind: 'cosine', sampler: { numInferenceSteps: 60, window: 'auto' } });
console.log((await remote.sample({ shape: [4, 8], seed: 7 })).calls + ' calls');
remote.close();`;
const only = process.argv.slice(3);
const chosen = (runtime) => only.length === 0 || only.includes(runtime);

for (const [runtime, start, unable] of [
  ['node@20.16.0', 'node_modules/.bin/node', 'require.cjs'],
  ['node@20', 'node_modules/.bin/node'],
  ['node@22', 'node_modules/.bin/node'],
  ['deno', 'node_modules/.bin/deno run --allow-read'],
  ['bun', 'node_modules/.bin/bun'],
].filter(([name]) => chosen(name))) {
  const programs = { ...PROGRAMS, ...(!runtime.startsWith('node') && { 'remote.mjs': REMOTE }) };
  const path = folder(runtime.replace(/\W/g, '-'), [runtime], programs);
  const [file, ...options] = start.split(' ');
  const version = execFileSync(join(path, file), ['--version'], { encoding: 'utf8' }).split('\n')[0];
  for (const name of Object.keys(programs)) {
    let found;
    try {
      found = execFileSync(join(path, file), [...options, name], { cwd: path, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      found = `failed: ${/^.*Error.*$/m.exec(error.stderr)?.[0] ?? error.message}`;
    }
    line(`${runtime} (${version}) ${name}`, found, name === unable ? 'failed' : EXPECTED);
  }
}

const route = (name) => `import { SpeculativeSampler, init } from '${name}';
import { denoise } from '../../denoiser.js';
export const dynamic = 'force-dynamic';
export const GET = () => new Promise((answer) => {
  const console = { log: (text) => answer(new Response(text)) };
  ${RUN.replace(/;$/, '')}.catch((error) => console.log('failed: ' + error.message));
});`;
const NEXT_WORKER = `'use client';
import { useEffect } from 'react';
import { connect } from 'speculative-diffusion/worker-client';
export default function Page() {
  useEffect(() => {
    const worker = new Worker(new URL('../../worker.js', import.meta.url), { type: 'module' });
    connect(worker, { module: '/denoiser.js', kind: 'cosine', sampler: { numInferenceSteps: 60, window: 'auto' } })
      .then((remote) => remote.sample({ shape: [4, 8], seed: 7 }))
      .then(({ calls }) => { globalThis.result = calls + ' calls'; }, (error) => { globalThis.result = 'failed: ' + error.message; });
    return () => worker.terminate();
  }, []);
}`;
const NEXT = {
  'worker.js': "import 'speculative-diffusion/worker';",
  'app/worker/page.js': NEXT_WORKER,
  'public/denoiser.js': readFileSync(join(here, 'denoiser.js'), 'utf8'),
  'app/layout.js': 'export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }',
  'app/page.js': `'use client';
import { useEffect } from 'react';
import { SpeculativeSampler, init } from 'speculative-diffusion';
import { denoise } from '../denoiser.js';
export default function Page() {
  useEffect(() => {
    const console = { log: (text) => { globalThis.result = text; } };
    ${RUN}
  }, []);
}`,
  'app/module/route.js': route('speculative-diffusion'),
  'app/inline/route.js': route('speculative-diffusion/inline'),
};
if (chosen('next')) await tryNext();
rmSync(program, { recursive: true, force: true });
process.exitCode = failed;

async function tryNext() {
  const next = folder('next', ['next@15', 'react@19', 'react-dom@19'], NEXT);
  const tool = join(next, 'node_modules/next/dist/bin/next');
  const settings = { cwd: next, env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' } };
  const shown = await browser();
  for (const [config, expected] of [
    ['{}', 'failed'],
    [`{ serverExternalPackages: ['speculative-diffusion'] }`, EXPECTED],
  ]) {
    writeFileSync(join(next, 'next.config.mjs'), `export default ${config};`);
    execFileSync(process.execPath, [tool, 'build'], { ...settings, stdio: 'pipe' });
    const server = spawn(process.execPath, [tool, 'start', '--port', '0', '--hostname', '127.0.0.1'], settings);
    try {
      const url = await new Promise((found, reject) => {
        let told = '';
        server.stdout.on('data', (text) => {
          told += text;
          const [, address] = /Local:\s+(http\S+)[\s\S]*Ready/.exec(told) ?? [];
          if (address) found(address);
        });
        server.on('exit', () => reject(new Error(told)));
      });
      line(`Next.js 15, ${config}, on a page`, await look(shown, url));
      line(`Next.js 15, ${config}, in a worker`, await look(shown, `${url}/worker`));
      for (const [name, wanted] of [
        ['module', expected],
        ['inline', EXPECTED],
      ]) {
        line(`Next.js 15, ${config}, on the server, ${name}`, await (await fetch(`${url}/${name}`)).text(), wanted);
      }
    } finally {
      server.kill();
    }
  }
  await shown.close();
}
