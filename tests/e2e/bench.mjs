// Times of both engines in headless Chromium: `cargo xtask bench-web`. Prints; asserts nothing.
//
// Host time is what a forward keeps the thread busy before it is handed to the device: wasm-bindgen runs an async call up
// to its first wait in a microtask, so the time is taken in the next one. On the CPU engine that is the whole forward.
import { chromium } from 'playwright-core';

const PAGE_URL = process.env.PAGE_URL ?? 'http://127.0.0.1:8000/';
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--headless=new', '--no-sandbox', '--disable-dev-shm-usage', '--enable-unsafe-webgpu'];
/** Forwards before timing: Chromium compiles hot wasm again after a while, a GPU compiles shaders. */
const WARM = 20;
const FORWARDS = 20;

/** Runs in the page. */
async function measure({ folder, warm, forwards, steps, window }) {
  const module = await import(new URL(`./pkg/${folder}/speculative_diffusion.js`, location.href).href);
  const loading = performance.now();
  await module.default();
  const [weights, sidecar] = await Promise.all([
    fetch('./assets/faces.bpk').then((answer) => answer.arrayBuffer()),
    fetch('./assets/faces.json').then((answer) => answer.text()),
  ]);
  const engine = await module.Engine.load(new Uint8Array(weights), sidecar);
  const loaded = performance.now() - loading;
  const state = Float32Array.from({ length: 768 }, (_, i) => Math.sin(i));

  const forward = async () => {
    const began = performance.now();
    const promise = engine.predict(state, 0.5, 'hat');
    await null;
    const host = performance.now() - began;
    await promise;
    return { host, total: performance.now() - began };
  };
  const first = await forward();
  for (let i = 1; i < warm; i++) await forward();
  const times = [];
  for (let i = 0; i < forwards; i++) times.push(await forward());
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

  const settings = { seed: 1, class: 'hat', guidance: 1, steps, eta: 1, window, draft: 'secant', quantity: 'x0hat' };
  await engine.warm_up(settings);
  const run = engine.run(settings);
  const lane = async (next) => {
    const sum = { calls: 0, rows: 0, ms: 0 };
    for (;;) {
      const began = performance.now();
      const part = await next();
      if (!part) return sum;
      sum.calls += part.calls;
      sum.rows += part.rows;
      sum.ms += performance.now() - began;
    }
  };
  const speculative = await lane(() => run.next());
  const plain = await lane(() => run.plain_next());
  return {
    device: engine.device(),
    loaded,
    first: first.total,
    host: median(times.map((time) => time.host)),
    total: median(times.map((time) => time.total)),
    speculative,
    plain,
  };
}

const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
try {
  console.log('| engine | adapter | load ms | first forward ms | host ms a forward | ms a forward, 1 row | ms a row in a window | plain run ms | speculative run ms | calls | rows |');
  console.log('|---|---|---|---|---|---|---|---|---|---|---|');
  for (const [folder, steps, window] of [['cpu', 100, 20], ['gpu', 20, 8]]) {
    const page = await browser.newPage();
    // the page's own engine would compete
    await page.route('**/app.js', (route) => route.abort());
    await page.goto(PAGE_URL);
    const { device, loaded, first, host, total, speculative, plain } =
      await page.evaluate(measure, { folder, warm: folder === 'cpu' ? 10 * WARM : WARM, forwards: FORWARDS, steps, window });
    const cells = [`${device.backend}, K = ${steps}, L = ${window}`, device.adapter + (device.software && folder === 'gpu' ? ' (software)' : '')];
    const numbers = [loaded, first, host, total, speculative.ms / speculative.rows, plain.ms, speculative.ms].map((ms) => ms.toFixed(1));
    console.log(`| ${[...cells, ...numbers, `${speculative.calls} of ${plain.calls}`, `${speculative.rows} of ${plain.rows}`].join(' | ')} |`);
    await page.close();
  }
} finally {
  await browser.close();
}
