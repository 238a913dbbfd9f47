// A foreign model beside the page's own engine, in headless Chromium, on the same seeds.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

const { chromium } = createRequire(new URL('../e2e/package.json', import.meta.url))('playwright-core');
const { EXAMPLE_URL, PAGE_URL, CHROMIUM } = process.env;
/** Pairs of runs, by the two engines from the same seed. */
const SEEDS = 32;
/** Largest difference of the mean calls: the engines differ by rounding, which now and then turns a verdict. */
const TOLERANCE = 0.1;

let browser;

before(async () => {
  assert.ok(EXAMPLE_URL && PAGE_URL, '`cargo xtask test` sets EXAMPLE_URL and PAGE_URL');
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
});

after(() => browser?.close());

test("the faces through ONNX Runtime Web take the calls that the page's own engine takes", async () => {
  const page = await browser.newPage();
  await page.goto(EXAMPLE_URL);
  await page.click('#faces');
  await page.waitForFunction(() => document.getElementById('status').textContent.startsWith('Ready'));
  const byForeign = page.evaluate(async (seeds) => {
    const { sampler, model } = globalThis.example;
    document.getElementById('label').value = '1';
    document.getElementById('window').value = 'auto';
    const calls = [];
    for (let seed = 0; seed < seeds; seed++) calls.push((await sampler().sample({ ...model(), seed, signal: undefined })).calls);
    return calls;
  }, SEEDS);
  const own = await browser.newPage();
  await own.route('**/main.js', (route) => route.abort());
  await own.goto(PAGE_URL);
  const byOurs = own.evaluate(async (seeds) => {
    const { default: start, Engine } = await import(new URL('./pkg/cpu/speculative_diffusion.js', location.href).href);
    await start();
    const [sidecar, weights] = await Promise.all([
      fetch('./assets/faces.json').then((answer) => answer.text()),
      fetch('./assets/faces.bpk').then(async (answer) => new Uint8Array(await answer.arrayBuffer())),
    ]);
    const engine = await Engine.load(weights, sidecar);
    const { classes } = JSON.parse(sidecar).network;
    const calls = [];
    for (let seed = 0; seed < seeds; seed++) {
      const run = engine.run({ seed, class: classes[1], guidance: 1, steps: 100, eta: 1, window: 'auto', draft: 'secant', rule: 'auto' });
      let sum = 0;
      for (let round; (round = await run.next());) sum += round.calls;
      calls.push(sum);
      run.free();
    }
    return calls;
  }, SEEDS);
  const [foreign, ours] = await Promise.all([byForeign, byOurs]);
  const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  console.log(
    `calls of ${SEEDS} runs: ${mean(foreign).toFixed(2)} through ONNX Runtime Web, ${mean(ours).toFixed(2)} by our own engine; ${foreign.filter((calls, i) => calls !== ours[i]).length} runs differ`,
  );
  assert.ok(Math.abs(mean(foreign) - mean(ours)) < TOLERANCE, `${foreign} and ${ours}`);
});
