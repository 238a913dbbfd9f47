// A foreign model, in headless Chromium: the faces as an ONNX file through ONNX Runtime Web, by the package alone, beside
// the page's own engine on the same seeds.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

const { chromium } = createRequire(new URL('../e2e/package.json', import.meta.url))('playwright-core');
const { EXAMPLE_URL, PAGE_URL, CHROMIUM } = process.env;
/** Pairs of runs, by the two engines from the same seed. */
const SEEDS = 32;
/** Largest difference of the mean calls: the engines differ by rounding, which now and then turns a verdict. */
const TOLERANCE = 0.1;
const MINUTES = 60_000;

let browser, page;
const complaints = [];

before(async () => {
  assert.ok(EXAMPLE_URL && PAGE_URL, '`cargo xtask test` sets EXAMPLE_URL and PAGE_URL');
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  page = await browser.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(EXAMPLE_URL);
});

after(() => browser?.close());

const text = (id) => page.locator(`#${id}`).textContent();
const settled = (pattern, timeout = MINUTES) =>
  page.waitForFunction(([id, source]) => new RegExp(source).test(document.getElementById(id).textContent), ['status', pattern], { timeout });

test('files that do not fit are refused by name, and the page goes on', async () => {
  await page.click('#load');
  await settled('choose both files');
  await page.setInputFiles('#model', { name: 'model.onnx', mimeType: 'application/octet-stream', buffer: Buffer.from('nonsense') });
  await page.setInputFiles('#config', { name: 'scheduler_config.json', mimeType: 'application/json', buffer: Buffer.from('{}') });
  await page.click('#load');
  await settled('model: ONNX Runtime cannot open');
  const faces = Buffer.from(await (await fetch(`${EXAMPLE_URL}faces/model.onnx`)).arrayBuffer());
  await page.setInputFiles('#model', { name: 'model.onnx', mimeType: 'application/octet-stream', buffer: faces });
  await page.click('#load');
  await settled('_class_name: is missing');
  const learned = { _class_name: 'DDPMScheduler', variance_type: 'learned_range' };
  await page.setInputFiles('#config', { name: 'scheduler_config.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(learned)) });
  await page.click('#load');
  await settled('variance_type: is "learned_range"');
  assert.match(await text('about'), /No model/);
});

test('the faces are sampled in fewer calls than the standard sampler makes, and both pictures are shown', async () => {
  await page.click('#faces');
  await settled('^Ready');
  assert.match(await text('about'), /sample .*timestep, class_labels → velocity; DDPMScheduler, v_prediction/);
  await page.click('#sample');
  await settled('^Done', 4 * MINUTES);
  const rows = await page.locator('#result tbody tr').allTextContents();
  const [speculative, standard] = await page
    .locator('#result tbody tr')
    .evaluateAll((lines) => lines.map(({ cells }) => [...cells].map(({ textContent }) => textContent)));
  assert.equal(standard[1], '100', rows.join());
  assert.ok(Number(speculative[1]) < 30, rows.join());
  assert.match(await text('verdict'), new RegExp(`100 calls became ${speculative[1]}`));
  assert.equal(await page.locator('canvas').count(), 2);
});

test('a run can be cancelled', async () => {
  await page.click('#audit');
  await page.waitForFunction(() => Number(document.querySelector('progress').value) > 0, undefined, { timeout: MINUTES });
  await page.click('#cancel');
  await settled('^Cancelled');
});

test('the check and the audit pass, and fail for the same model spoiled on purpose', async () => {
  await page.click('#check');
  await settled('^The model answers each row by itself');
  await page.click('#audit');
  await settled('^Passed', 5 * MINUTES);
  const spoiled = await page.evaluate(async () => {
    const { sampler, model } = globalThis.example;
    const { shape, denoise } = model();
    const dim = shape.reduce((product, size) => product * size, 1);
    const leaning = async (question) => {
      const velocities = await denoise(question);
      return velocities.map((v, i) => {
        let sum = 0;
        for (let at = i % dim; at < velocities.length; at += dim) sum += velocities[at];
        return v + (0.2 * sum) / question.batch;
      });
    };
    const checked = await sampler().check({ shape, denoise: leaning });
    const audited = await sampler().audit({ shape, denoise: leaning, runs: 16, seed: 1000 });
    return { checked, audited };
  });
  assert.ok(!spoiled.checked.passed, spoiled.checked.text);
  assert.ok(!spoiled.audited.passed, spoiled.audited.text);
});

test("it takes the calls that the page's own engine takes", async () => {
  const foreign = await page.evaluate(async (seeds) => {
    const { sampler, model } = globalThis.example;
    document.getElementById('label').value = '1';
    const calls = [];
    for (let seed = 0; seed < seeds; seed++) calls.push((await sampler().sample({ ...model(), seed, signal: undefined })).calls);
    return calls;
  }, SEEDS);
  const own = await browser.newPage();
  await own.route('**/main.js', (route) => route.abort());
  await own.goto(PAGE_URL);
  const ours = await own.evaluate(async (seeds) => {
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
      const run = engine.run({ seed, class: classes[1], guidance: 1, steps: 100, eta: 1, window: 'auto', draft: 'secant', quantity: 'x0hat', rule: 'auto' });
      let sum = 0;
      for (let round; (round = await run.next());) sum += round.calls;
      calls.push(sum);
      run.free();
    }
    return calls;
  }, SEEDS);
  const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  console.log(
    `calls of ${SEEDS} runs: ${mean(foreign).toFixed(2)} through ONNX Runtime Web, ${mean(ours).toFixed(2)} by our own engine; ${foreign.filter((calls, i) => calls !== ours[i]).length} runs differ`,
  );
  assert.ok(Math.abs(mean(foreign) - mean(ours)) < TOLERANCE, `${foreign} and ${ours}`);
});

test('nothing complained', () => assert.deepEqual(complaints, []));
