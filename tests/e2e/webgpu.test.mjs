// The same page where the browser has WebGPU: which engine computes, what is said of it, and what happens when it is lost.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CARD, DIST_URL, PAGE_URL, RUN_MS, inBrowser, moreSettings, pressed, text } from './harness.mjs';
import { proxy } from '../proxy.mjs';
import { SHORT_RUN, ON_CPU, MARK_MS, liveRunShown, countersAgree, PANIC, LATE_PANIC, rejection, failingGpu, roundsShown, problemTold } from './runs.mjs';

/** Without this, a missing GPU engine is a failure and not a reason to test less. */
const CPU_ONLY = process.env.CPU_ONLY === '1';
const NEEDS_GPU = { skip: CPU_ONLY && 'CPU_ONLY=1: the GPU engine was not built' };
/** What is said and chosen differs where there is a graphics card. */
const NEEDS_SOFTWARE = { skip: NEEDS_GPU.skip || (CARD && 'CARD=1: WebGPU is a graphics card') };
const NEEDS_CARD = { skip: NEEDS_GPU.skip || (!CARD && 'CARD is not 1: WebGPU is a software adapter') };
/** Calls take seconds on a software adapter. */
const GPU_RUN_MS = 240_000;
const TINY_RUN = 'seed=11&model=faces&class=hat&guidance=1&steps=4&eta=1&window=auto&draft=secant&rule=auto';
const LOST_RUN = 'seed=11&model=faces&class=hat&guidance=1&steps=12&eta=1&window=3&draft=secant&rule=auto';
/** Appended to the worker: its device goes the way of a driver that crashed, after the first round has been told. */
const DESTROY_AFTER_FIRST_ROUND = `
  const watched = globalThis.GPUAdapter?.prototype;
  if (watched) {
    const ask = watched.requestDevice;
    watched.requestDevice = async function (...all) { return (globalThis.theDevice = await ask.apply(this, all)); };
    const tell = MessagePort.prototype.postMessage;
    MessagePort.prototype.postMessage = function (message, ...rest) {
      tell.call(this, message, ...rest);
      if (message?.type === 'round') globalThis.theDevice?.destroy();
    };
  }`;

describe(`with WebGPU on a ${CARD ? 'graphics card' : 'software adapter'}`, () => {
  const open = inBrowser(['--enable-unsafe-webgpu']);
  const gpuBuilt = () => fetch(new URL('./pkg/gpu/speculative_diffusion.js', PAGE_URL), { method: 'HEAD' }).then(({ ok }) => ok);
  const needGpu = async () => assert.ok(await gpuBuilt(), `${PAGE_URL}pkg/gpu/ is missing: build the GPU engine, or set CPU_ONLY=1 to test without it`);

  test('the GPU engine is there to be tested', NEEDS_GPU, needGpu);

  test('a built site is asked for no engine that it does not have', { skip: !DIST_URL && 'DIST_URL is not set: nothing serves dist/' }, async () => {
    const { url: site, close, answers } = await proxy(String(DIST_URL));
    answers.set('/', { change: (body) => String(body).replace(/ data-engines="[^"]*"/, ' data-engines="toy cpu"') });
    try {
      const asked = [];
      const page = await open({ site, ready: true, route: (page) => page.on('request', (request) => asked.push(new URL(request.url()).pathname)) });
      await page.waitForFunction(() => document.querySelector('#gpu-note').textContent !== '');
      await moreSettings(page);
      assert.match(await text(page, '#gpu-note'), /without the WebGPU engine/);
      assert.ok(asked.some((path) => path.startsWith('/pkg/cpu/')) && !asked.some((path) => /^\/pkg\/(gpu|burn)\//.test(path)), String(asked));
    } finally {
      close();
    }
  });

  test('the CPU stays the default, and what WebGPU is here is told', { skip: CARD && NEEDS_SOFTWARE.skip }, async () => {
    const page = await open({ ready: true });
    await page.waitForFunction(() => document.querySelector('#gpu-note').textContent !== '');
    const built = await gpuBuilt();
    assert.match(await text(page, '#engine-badge'), /^ready: CPU/);
    await moreSettings(page);
    assert.match(await text(page, '#gpu-note'), built ? /software adapter/ : /without the WebGPU engine/);
    assert.equal(await page.locator('#field-engine').isVisible(), built);
    if (built) assert.equal(await page.inputValue('#field-engine'), 'cpu');
  });

  test('a live run on the CPU goes to its end', async () => {
    const page = await open({ hash: `#${SHORT_RUN}` });
    await liveRunShown(page, 11);
    assert.match(await text(page, '#badge'), ON_CPU);
    await countersAgree(page);
  });

  for (const [what, failure, words] of [
    ['panics', PANIC, /unreachable.*CPU goes on/s],
    ['reports a lost device', rejection('device', 'The device is gone.'), /The device is gone\. The CPU goes on/],
  ]) {
    test(`an engine that ${what} on the GPU in mid-run hands over to the CPU, which finishes the very same run`, async () => {
      const cpu = await open({ hash: `#${SHORT_RUN}` });
      await liveRunShown(cpu, 11);
      const verdicts = (page) => page.evaluate(() => window.__trace.rounds.map(({ first, verdict }) => [first, ...verdict]));
      const undisturbed = await verdicts(cpu);
      assert.ok(undisturbed.length > 2, 'long enough to be interrupted');
      await cpu.close();

      const page = await open({ hash: `#${SHORT_RUN}&engine=webgpu`, route: (page) => failingGpu(page, failure) });
      await liveRunShown(page, 11);
      assert.match(await text(page, '#problems'), words);
      await pressed(page, 'End');
      assert.match(await text(page, '#result'), /began on WebGPU and was finished on the CPU/);
      assert.match(await text(page, '#badge'), ON_CPU);
      assert.deepEqual(await verdicts(page), undisturbed);
      const marked = await page.evaluate((mark) => window.__trace.rounds.map(({ ms }) => ms >= mark), MARK_MS);
      assert.deepEqual(
        marked,
        undisturbed.map((_, index) => index < 2),
        'the two rounds of the lost engine are kept, and only the rest is computed anew',
      );
      await countersAgree(page);
    });
  }

  for (const [what, at] of /** @type {const} */ ([
    ['while it is loaded', 'load'],
    ['while it computes its first row', 'warm_up'],
  ]))
    for (const [how, failure] of [
      ['panics', PANIC],
      ['reports a lost device', rejection('device', 'The device is gone.')],
    ])
      test(`an engine that ${how} on the GPU ${what}: the CPU computes the run, in a sentence`, async () => {
        const page = await open({ hash: `#${SHORT_RUN}&engine=webgpu`, route: (page) => failingGpu(page, failure, at) });
        await liveRunShown(page, 11);
        assert.match(await text(page, '#problems'), /unreachable|The device is gone/);
        assert.match(await text(page, '#badge'), ON_CPU);
        await countersAgree(page);
      });

  test('a device that is lost twice: each time the CPU finishes the run', async () => {
    const failure = rejection('device', 'The device is gone.');
    const page = await open({ hash: `#${SHORT_RUN}&engine=webgpu`, route: (page) => failingGpu(page, failure) });
    for (const seed of [11, 12]) {
      await liveRunShown(page, seed);
      assert.match(await text(page, '#problems'), /The device is gone\. The CPU goes on/);
      assert.match(await text(page, '#badge'), ON_CPU);
      await pressed(page, 'End');
      assert.match(await text(page, '#result'), /began on WebGPU and was finished on the CPU/);
      await countersAgree(page);
      await page.evaluate(
        (hash) => {
          location.hash = hash;
        },
        `${SHORT_RUN.replace('seed=11', 'seed=12')}&engine=webgpu`,
      );
    }
  });

  test('a run that is held stays held when the CPU takes it over', async () => {
    const page = await open({ hash: `#${SHORT_RUN}&engine=webgpu`, route: (page) => failingGpu(page, LATE_PANIC) });
    await roundsShown(page, 2);
    await page.click('#hold');
    await problemTold(page);
    await page.waitForFunction(() => window.__trace.source.device.backend === 'cpu', undefined, { timeout: RUN_MS });
    await page.waitForTimeout(2000);
    assert.match(await text(page, '#badge'), /^live: CPU.* · paused$/);
    assert.equal(await page.evaluate(() => window.__trace.rounds.length), 2);
    await page.click('#hold');
    await liveRunShown(page, 11);
  });

  test('a graphics card is taken without being asked for, and computes the next run', NEEDS_CARD, async () => {
    const page = await open({ ready: true });
    await page.waitForFunction(() => /^ready: WebGPU/.test(document.querySelector('#engine-badge').textContent), undefined, { timeout: GPU_RUN_MS });
    await page.click('#new-seed');
    await liveRunShown(page);
    assert.match(await text(page, '#badge'), /^live: WebGPU/);
    await countersAgree(page);
  });

  test('a run on WebGPU goes to its end, and its adapter is named', NEEDS_GPU, async () => {
    await needGpu();
    const page = await open({ hash: `#${TINY_RUN}&engine=webgpu` });
    await page.waitForFunction(() => window.__trace?.source.kind === 'live' && window.__trace.plain.length === 4, undefined, { timeout: GPU_RUN_MS });
    const device = await page.evaluate(() => window.__trace.source.device);
    assert.equal(device.backend, 'webgpu');
    assert.equal(device.software, !CARD);
    assert.match(await text(page, '#badge'), CARD ? /^live: WebGPU · (?!.*software)/ : /^live: WebGPU.*software/);
    await moreSettings(page);
    assert.match(await text(page, '#gpu-note'), /shaders were compiled and a first evaluation computed in [\d.]+\sm?s\.$/);
    await page.waitForFunction(() => !document.querySelector('#result').hidden);
    await countersAgree(page);
  });

  test('an address that names no engine leaves the choice as it is', NEEDS_GPU, async () => {
    await needGpu();
    const page = await open({ hash: `#${TINY_RUN}&engine=webgpu` });
    await liveRunShown(page, 11);
    await page.evaluate(
      (hash) => {
        location.hash = hash;
      },
      TINY_RUN.replace('seed=11', 'seed=12'),
    );
    await liveRunShown(page, 12);
    assert.equal(await page.evaluate(() => window.__trace.source.device.backend), 'webgpu');
  });

  /** Takes the software adapter for a real one, which is measured beside the CPU. */
  const asReal = async (page) =>
    page.route('**/engine.js', async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace('const software = ', 'const software = false; void ');
      await route.fulfill({ response, body });
    });
  const SIX_STEPS = 'seed=11&model=faces&class=hat&guidance=1&steps=6&eta=1&window=auto&draft=secant&rule=auto';

  test('a run through burn goes to its end, is named as what it is, and its engine is fetched only when chosen', NEEDS_GPU, async () => {
    const fetched = [];
    const note = async (page) =>
      page.on('request', (request) => {
        if (request.url().includes('/pkg/burn/') && request.method() === 'GET') fetched.push(request.url());
      });
    const page = await open({ hash: `#${TINY_RUN}`, route: note });
    await liveRunShown(page);
    await page.waitForFunction(() => document.querySelector('#gpu-note').textContent !== '');
    assert.deepEqual(fetched, []);
    await moreSettings(page);
    await page.selectOption('#field-engine', 'burn');
    await page.click('#run');
    await page.waitForFunction(() => window.__trace?.source.device.backend === 'burn' && window.__trace.plain.length === 4, undefined, { timeout: GPU_RUN_MS });
    assert.match(await text(page, '#badge'), CARD ? /^live: burn on WebGPU/ : /^live: burn on WebGPU.*software/);
    assert.ok(fetched.length >= 2, `${fetched}`);
    await page.waitForFunction(() => !document.querySelector('#result').hidden);
    await countersAgree(page);
  });

  test('where there is a real GPU its engine is timed behind the page, and the CPU stays where that is faster', NEEDS_SOFTWARE, async () => {
    await needGpu();
    const page = await open({ route: asReal });
    await page.waitForFunction(() => /It is not clearly faster here \(about/.test(document.querySelector('#gpu-note').textContent), undefined, {
      timeout: GPU_RUN_MS,
    });
    assert.equal(await page.inputValue('#field-engine'), 'cpu');
    assert.equal(await text(page, '#badge'), 'recorded', 'nothing was run for it');
  });

  test('where that engine cannot be started the CPU computes, in a sentence', NEEDS_GPU, async () => {
    await needGpu();
    const page = await open({
      route: async (page, tolerate) => {
        tolerate(/500/);
        await asReal(page);
        await page.route('**/pkg/gpu/*.wasm', (route) => route.fulfill({ status: 500 }));
      },
    });
    await page.waitForFunction(() => /could not be started, so the CPU computes/.test(document.querySelector('#gpu-note').textContent), undefined, {
      timeout: GPU_RUN_MS,
    });
    assert.equal(await page.locator('#problems p').count(), 0);
    await page.click('#new-seed');
    await liveRunShown(page);
    assert.match(await text(page, '#badge'), ON_CPU);
  });

  test('the fastest is looked for on both engines where there is a real GPU', NEEDS_GPU, async () => {
    await needGpu();
    const page = await open({ hash: `#${SIX_STEPS}&engine=webgpu`, route: asReal });
    await liveRunShown(page, 11);
    await moreSettings(page);
    await page.click('#measure');
    await page.locator('#measured [data-chosen]').first().waitFor({ timeout: GPU_RUN_MS });
    const lines = await page
      .locator('#measured tbody tr')
      .evaluateAll((rows) => rows.map((row) => ({ ...row.dataset, chosen: 'chosen' in row.dataset, against: row.cells[4].innerText })));
    for (const engine of ['cpu', 'webgpu']) {
      const own = lines.filter((line) => line.engine === engine);
      assert.equal(own.length, 11, 'three windows and the one by price, plain, six other drafts');
      assert.equal(own.find(({ lane }) => lane === 'plain').against, '1.00×');
    }
    const [chosen] = lines.filter((line) => line.chosen);
    // with so few steps many cores may be as fast as a card
    const fastest = CARD ? chosen.engine : 'cpu';
    assert.equal(chosen.engine, fastest, 'a software adapter is slower by far');
    assert.match(await text(page, '#measured p'), fastest === 'cpu' ? /CPU/ : /WebGPU/);
    await page.waitForFunction((engine) => window.__trace.source.device.backend === engine && !document.querySelector('#result').hidden, fastest, {
      timeout: RUN_MS,
    });
    assert.equal(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('engine'), fastest === 'cpu' ? null : fastest);
  });

  test('where the GPU cannot be measured, the CPU has been', NEEDS_GPU, async () => {
    await needGpu();
    const page = await open({
      hash: `#${SIX_STEPS}`,
      route: async (page, tolerate) => {
        tolerate(/500/);
        await asReal(page);
        await page.route('**/pkg/gpu/*.wasm', (route) => route.fulfill({ status: 500 }));
      },
    });
    await liveRunShown(page, 11);
    await moreSettings(page);
    await page.click('#measure');
    await page.locator('#measured [data-chosen]').first().waitFor({ timeout: RUN_MS });
    const engines = await page.locator('#measured tbody tr').evaluateAll((rows) => rows.map(({ dataset }) => dataset.engine));
    assert.deepEqual([...new Set(engines)], ['cpu']);
    assert.match(await text(page, '#problems'), /engine could not be loaded/);
  });

  test('a graphics device that is lost in mid-run is told, and the CPU finishes', NEEDS_GPU, async () => {
    await needGpu();
    const page = await open({
      hash: `#${LOST_RUN}&engine=webgpu`,
      route: async (page, ignore) => {
        ignore(/device|destroyed|lost/i);
        // the worker's device, destroyed once the first round is in
        await page.route(/\/worker\.js$/, async (route) => {
          const response = await route.fetch();
          const body = (await response.text()) + DESTROY_AFTER_FIRST_ROUND;
          await route.fulfill({ response, body });
        });
      },
    });
    await page.waitForFunction(
      () => window.__trace?.source.kind === 'live' && window.__trace.plain.length === 12 && !document.querySelector('#result').hidden,
      undefined,
      { timeout: GPU_RUN_MS },
    );
    assert.match(await text(page, '#problems'), /^WebGPU cannot go on\. .*device.*CPU goes on/s);
    await pressed(page, 'End');
    assert.match(await text(page, '#result'), /began on WebGPU and was finished on the CPU/);
    assert.equal(await page.evaluate(() => window.__trace.source.device.backend), 'cpu');
    assert.equal(await page.evaluate(() => window.__trace.rounds.reduce((sum, { committed }) => sum + committed, 0)), 12);
    await countersAgree(page);
  });
});
