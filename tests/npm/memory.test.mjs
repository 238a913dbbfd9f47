// What does not fit into the module's memory: refused by name before it traps, and a trap that comes all the same is what the
// caller is told. In a process of its own, whose module does not outlive the test.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const { TARBALL } = process.env;
const MEMORY_SECTION = 5;
const PAGE = 64 * 1024;
const MOST_PAGES = (64 << 20) / PAGE;
const denoise = ({ sample }) => new Float32Array(sample.length);

let folder, SpeculativeSampler;

before(async () => {
  assert.ok(TARBALL, 'TARBALL: the package; `cargo xtask test` sets it');
  folder = mkdtempSync(join(tmpdir(), 'memory-'));
  execFileSync('tar', ['-xzf', TARBALL, '-C', folder]);
  const module = await import(pathToFileURL(join(folder, 'package/index.js')).href);
  SpeculativeSampler = module.SpeculativeSampler;
  await module.init(limited(readFileSync(join(folder, 'package/speculative_diffusion_bg.wasm'))));
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** A number as WebAssembly writes it. */
function leb(number) {
  return number < 128 ? [number] : [(number & 127) | 128, ...leb(number >>> 7)];
}

/** The module with a memory that ends early. */
function limited(wasm) {
  let at = 8;
  const number = () => {
    let [value, shift] = [0, 0];
    for (let byte = 128; byte & 128; shift += 7) value |= ((byte = wasm[at++]) & 127) << shift;
    return value;
  };
  for (;;) {
    const [start, section, size] = [at, wasm[at++], number()];
    const end = at + size;
    if (section !== MEMORY_SECTION) {
      at = end;
      continue;
    }
    const [count, flags, pages] = [number(), number(), number()];
    assert.deepEqual([count, flags], [1, 0], 'one memory, without an end of its own');
    const body = [1, 1, ...leb(pages), ...leb(MOST_PAGES)];
    return Buffer.concat([wasm.subarray(0, start), Buffer.from([MEMORY_SECTION, ...leb(body.length), ...body]), wasm.subarray(end)]);
  }
}

const sampler = (options) => SpeculativeSampler.cosine({ numInferenceSteps: 100, ...options });

test('a shape, or so many seeds of it, that no browser could hold is refused by name', async () => {
  const refused = (field) => (error) => {
    assert.equal(error.field, field, error.message);
    assert.match(error.message, /memory/);
    return true;
  };
  await assert.rejects(sampler().sample({ shape: [3, 1024, 1024], seed: 1, denoise }), refused('shape'));
  await assert.rejects(sampler().check({ shape: [3, 2048, 2048], denoise }), refused('shape'));
  await assert.rejects(sampler().sampleMany({ shape: [3, 256, 256], seeds: Array.from({ length: 64 }, (_, i) => i), denoise }), refused('seeds'));
  // shorter windows hold less
  const { sample } = await sampler({ numInferenceSteps: 2, window: 1 }).sample({ shape: [1 << 17], seed: 1, denoise });
  assert.equal(sample.length, 1 << 17);
});

test('a trap is not hidden by what it leaves behind', async () => {
  // windows as long as they are where rows are cheap
  await assert.rejects(sampler({ window: 'auto' }).sample({ shape: [3, 256, 256], seed: 1, denoise }), (error) => {
    assert.equal(error.field, 'module', String(error));
    assert.ok(error.cause instanceof WebAssembly.RuntimeError, String(error.cause));
    assert.equal(error.states, undefined);
    return true;
  });
});
