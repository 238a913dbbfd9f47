// The page as a visitor meets it, in a headless Chromium: PAGE_URL must already be served (default http://127.0.0.1:8000/).
//
//   npm install && npm test
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import {
  AXE,
  DIST_URL,
  ENGINE_READY_MS,
  PAGE_URL,
  RUN_MS,
  SHOTS,
  counter,
  engineReady,
  inBrowser,
  isPlaying,
  position,
  pressed,
  settingsOf,
  text,
} from './harness.mjs';
import { proxy } from '../proxy.mjs';

/** A short run is as good as a long one to see that runs end. */
const SHORT_RUN = 'seed=11&model=faces&class=hat&guidance=1&steps=24&eta=1&window=8&draft=carry&quantity=x0hat&rule=auto';
/** Without this, a missing GPU engine is a failure and not a reason to test less. */
const CPU_ONLY = process.env.CPU_ONLY === '1';
const NEEDS_GPU = { skip: CPU_ONLY && 'CPU_ONLY=1: the GPU engine was not built' };
/** Calls take seconds on a software adapter. */
const GPU_RUN_MS = 240_000;
const TINY_RUN = 'seed=11&model=faces&class=hat&guidance=1&steps=4&eta=1&window=auto&draft=secant&quantity=x0hat&rule=auto';
const LOST_RUN = 'seed=11&model=faces&class=hat&guidance=1&steps=12&eta=1&window=3&draft=secant&quantity=x0hat&rule=auto';
/** Appended to the worker: its device goes the way of a driver that crashed, after the first round has been told. */
const DESTROY_AFTER_FIRST_ROUND = `
  const watched = globalThis.GPUAdapter?.prototype;
  if (watched) {
    const ask = watched.requestDevice;
    watched.requestDevice = async function (...all) { return (globalThis.theDevice = await ask.apply(this, all)); };
    const tell = self.postMessage.bind(self);
    self.postMessage = (message, ...rest) => {
      tell(message, ...rest);
      if (message.type === 'round') globalThis.theDevice?.destroy();
    };
  }`;
/** A colour that covers more of a screenshot than this leaves a page that shows nothing. */
const BLANK_SHARE = 0.97;
/** However many cores there are. */
const ON_CPU = /^live: CPU( · \d+ workers)?$/;
/** In processor time, so that other programs on the machine do not count. */
const LONG_TASK_MS = 50;
/** Far more than a round of the short run takes. */
const MARK_MS = 2000;
/** Enough for the test to press a button while a call is under way. */
const LATE_MS = 8000;

/** A live run, shown to its end: both lanes complete and being replayed. */
const liveRunShown = (page, seed) =>
  page.waitForFunction(
    (wanted) =>
      window.__trace?.source.kind === 'live' &&
      (wanted === null || window.__trace.settings.seed === wanted) &&
      window.__trace.plain.length === window.__trace.settings.steps &&
      !document.querySelector('#result').hidden,
    seed ?? null,
    { timeout: RUN_MS },
  );

/** What the trace says that the counters must show at the end. */
const sums = (page) =>
  page.evaluate(() => {
    const { rounds, plain } = window.__trace;
    const total = (list, key) => list.reduce((sum, item) => sum + item[key], 0);
    const verdicts = rounds.flatMap(({ verdict }) => [...verdict]);
    const count = (wanted) => verdicts.filter((verdict) => verdict === wanted).length;
    return {
      calls: total(rounds, 'calls'),
      rows: total(rounds, 'rows'),
      committed: total(rounds, 'committed'),
      accepted: count(0),
      rejected: count(1),
      plainCalls: total(plain, 'calls'),
      plainRows: total(plain, 'rows'),
    };
  });

async function countersAgree(page) {
  await page.locator('#race').focus();
  await pressed(page, 'End');
  const expected = await sums(page);
  const { steps } = await settingsOf(page);
  assert.equal(expected.committed, steps, 'the rounds commit every step once');
  assert.equal(await counter(page, 'speculative', 'calls'), String(expected.calls));
  assert.equal(await counter(page, 'speculative', 'rows'), String(expected.rows));
  assert.equal(await counter(page, 'speculative', 'accepted'), `${expected.accepted} of ${expected.accepted + expected.rejected}`);
  const perCall = Number(await counter(page, 'speculative', 'steps-per-call'));
  assert.ok(Math.abs(perCall - steps / expected.calls) <= (perCall >= 10 ? 0.05 : 0.005) + 1e-9, `${perCall} steps per call`);
  assert.equal(await counter(page, 'plain', 'calls'), String(expected.plainCalls));
  assert.equal(await counter(page, 'plain', 'rows'), String(expected.plainRows));
  assert.match(await text(page, '.result-line'), new RegExp(`after ${expected.calls} sequential calls? instead of ${expected.plainCalls}\\.`));
  for (const [cost, one, other] of [
    ['calls', expected.calls, expected.plainCalls],
    ['rows', expected.rows, expected.plainRows],
  ]) {
    const said = await text(page, `[data-cost="${cost}"] dd`);
    assert.ok(said.startsWith(`${one} instead of ${other} (`), said);
    const factor = Math.max(other / one, one / other);
    const [, shown, unit, direction] = /\(([\d.]+)(×| %) (fewer|more)\)$/.exec(said) ?? [];
    if (factor === 1) assert.match(said, /\(as many\)$/);
    else {
      assert.equal(direction, one <= other ? 'fewer' : 'more');
      assert.equal(unit, factor >= 1.5 ? '×' : ' %');
      const due = unit === '×' ? factor : 100 * Math.abs(1 - one / other);
      assert.ok(Math.abs(shown - due) <= (due >= 9.95 ? 0.5 : unit === '×' ? 0.05 : 0.5) + 1e-9, `${shown} is not the measured ${due}`);
    }
  }
}

/**
 * The real engine, whose runs fail in their third round. The rounds before it take long enough to be known by that.
 * @param {string} real where it is imported from
 * @param {string} device what it calls itself
 * @param {string} failure what it throws
 * @param {'load' | 'warm_up' | 'run'} [at] where, if it is not in mid-run
 */
const failingEngine = (real, device, failure, at = 'run') => `
  import init, { Engine as Real } from ${JSON.stringify(real)};
  export default init;
  export class Engine {
    static async load(...all) { ${at === 'load' ? failure : ''} const engine = new Engine(); engine.real = await Real.load(...all); return engine; }
    device() { return ${device}; }
    async warm_up(...all) { ${at === 'warm_up' ? failure : ''} return this.real.warm_up(...all); }
    resume(...all) { return this.real.resume(...all); }
    share(...all) { return this.real.share(...all); }
    velocities(...all) { return this.real.velocities(...all); }
    run(settings) {
      const run = this.real.run(settings);
      let left = 2;
      return {
        next: async () => { if (left === 0) { ${failure} } left -= 1; await new Promise((resolve) => setTimeout(resolve, ${MARK_MS + 5})); return run.next(); },
        plain_next: () => run.plain_next(), state: () => run.state(), start: () => run.start(), cancel: () => run.cancel(), free: () => run.free(),
      };
    }
  }`;
/** As a panic in wasm does: nobody's promise settles, and an error is thrown outside of all of them. */
const PANIC = "queueMicrotask(() => { throw new WebAssembly.RuntimeError('unreachable'); }); await new Promise(() => {});";
const LATE_PANIC = `await new Promise((resolve) => setTimeout(resolve, ${LATE_MS})); ${PANIC}`;
/** @param {string} field @param {string} message */
const rejection = (field, message) => `throw Object.assign(new Error(${JSON.stringify(message)}), { field: ${JSON.stringify(field)} });`;
const failingCpu = (page, failure) =>
  page.route(/\/pkg\/cpu\/speculative_diffusion\.js$/, (route) =>
    route.fulfill(script(failingEngine('./speculative_diffusion.js?real', "{ backend: 'cpu', adapter: '', software: false }", failure))),
  );
/** The CPU engine in the GPU's place. */
const failingGpu = async (page, failure, at) => {
  await page.route(/\/pkg\/gpu\/speculative_diffusion\.js$/, (route) =>
    route.fulfill(script(failingEngine('../cpu/speculative_diffusion.js', "{ backend: 'webgpu', adapter: 'borrowed', software: true }", failure, at))),
  );
  await page.route(/\/pkg\/gpu\/.*\.wasm$/, async (route) =>
    route.fulfill({ response: await route.fetch({ url: route.request().url().replace('/gpu/', '/cpu/') }) }),
  );
};
/** The microscope looks at the run above, not at the recorded rounds. */
const roundsOfTheRun = async (page) => {
  await page.locator('#microscope').scrollIntoViewIfNeeded();
  await page.locator('#rounds-of input[value="run"]').check({ force: true });
  // a pointer that stays there chooses the steps that scroll under it, and arrows on a radio button choose another
  await page.mouse.move(0, 0);
  await page.locator('#race').focus();
};
const roundsShown = (page, count) =>
  page.waitForFunction((wanted) => window.__trace?.source.kind === 'live' && window.__trace.rounds.length === wanted, count, { timeout: RUN_MS });
const problemTold = (page, timeout = RUN_MS) => page.waitForFunction(() => document.querySelector('#problems').textContent !== '', undefined, { timeout });
const script = (body) => ({ status: 200, contentType: 'text/javascript', body });

/** The largest share that one colour has of a picture, measured by the browser itself. */
const largestShare = (page, png) =>
  page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const pixels = new Uint32Array(context.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer);
    const counts = new Map();
    for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
    return Math.max(...counts.values()) / pixels.length;
  }, png.toString('base64'));

const colours = (page, selector) =>
  page
    .locator(selector)
    .first()
    .evaluate((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });

describe('without WebGPU', () => {
  const open = inBrowser([]);

  test('the recorded run plays at once, before any wasm', async () => {
    let wasmAsked = 0;
    const page = await open({
      route: async (page) => {
        await page.route('**/*.wasm', async (route) => {
          wasmAsked += 1;
          await new Promise((resolve) => setTimeout(resolve, 3000));
          await route.continue().catch(() => {});
        });
      },
    });
    assert.equal(await text(page, '#badge'), 'recorded');
    const first = await position(page);
    await page.waitForFunction((before) => Number(document.querySelector('#scrub').value) > before, first);
    assert.ok(await isPlaying(page));
    assert.notEqual(await page.locator('#engine-badge').evaluate((badge) => badge.dataset.kind), 'ready');
    await engineReady(page);
    assert.ok(wasmAsked > 0);
    assert.match(await text(page, '#engine-badge'), /^ready: CPU/);
    assert.match(await text(page, '#gpu-note'), /WebGPU/);
    assert.ok(await page.locator('#field-engine').isHidden(), 'no switch where there is nothing to switch');
  });

  test('every module of the page is asked for with the page itself', async () => {
    const page = await open();
    const named = await page.evaluate(() => [...document.querySelectorAll('link[rel=modulepreload]')].map(({ href }) => href));
    const imports = await Promise.all(
      named.map(async (href) => {
        const code = await (await fetch(href)).text();
        return [
          ...[...code.matchAll(/^import (?:[^;']* from )?'([^']+)';$/gm)].map(([, path]) => new URL(path, href).href),
          // words that a module waits for, in English, where the page's own static text is its language already
          ...[...code.matchAll(/await load\('(?!page')(\w+)'\)/g)].map(([, name]) => new URL(`text/en/${name}.js`, page.url()).href),
        ];
      }),
    );
    assert.deepEqual([...new Set(imports.flat()), new URL('main.js', page.url()).href].sort(), named.sort());
  });

  test('the counters of the recorded run agree with its trace', async () => {
    const page = await open();
    await countersAgree(page);
  });

  test('both lanes end with the picture that the result claims', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await pressed(page, 'End');
    const largest = await page.evaluate(() => {
      const read = (selector) => {
        const canvas = document.querySelector(selector);
        return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      };
      const one = read('.lane-speculative .pixels');
      const other = read('.lane-plain .pixels');
      return one.reduce((most, value, index) => Math.max(most, Math.abs(value - other[index])), 0);
    });
    const line = await text(page, '.result-line');
    if (/^The same picture/.test(line)) assert.ok(largest <= 2, `called the same, but ${largest} levels apart`);
    else assert.match(line, new RegExp(`up to ${largest} of 255`));
    assert.ok((await colours(page, '.lane-speculative .pixels')) > 8, 'the picture is not one flat colour');
  });

  test('the plain lane is seen waiting when the other is done', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    assert.equal(await text(page, '.lane-speculative .lane-status'), 'done');
    assert.match(await text(page, '.lane-plain .lane-status'), /^still waiting · step \d+ of \d+$/);
  });

  test('a live run goes to its end on the CPU, and its counters agree with its trace', async () => {
    const page = await open({ ready: true });
    const { seed } = await settingsOf(page);
    await page.fill('#field-steps', '24');
    await page.press('#field-steps', 'Enter');
    await liveRunShown(page, seed);
    assert.match(await text(page, '#badge'), ON_CPU);
    assert.equal((await settingsOf(page)).steps, 24);
    await countersAgree(page);
  });

  test('the address names a run, and a run names its address', async () => {
    const page = await open({ hash: `#${SHORT_RUN}` });
    await liveRunShown(page, 11);
    const expected = { seed: 11, model: 'faces', class: 'hat', guidance: 1, steps: 24, eta: 1, window: 8, draft: 'carry', quantity: 'x0hat', rule: 'auto' };
    assert.deepEqual(await settingsOf(page), expected);
    for (const [name, value] of Object.entries(expected)) assert.equal(await page.inputValue(`#field-${name}`), String(value));
    await page.selectOption('#field-draft', 'prefetched');
    await page.waitForFunction(() => window.__trace.settings.draft === 'prefetched' && !document.querySelector('#result').hidden, undefined, {
      timeout: RUN_MS,
    });
    const hash = await page.evaluate(() => location.hash);
    assert.deepEqual(Object.fromEntries(new URLSearchParams(hash.slice(1))), { ...Object.fromEntries(new URLSearchParams(SHORT_RUN)), draft: 'prefetched' });
  });

  test('the same address gives the same run', async () => {
    const verdicts = [];
    for (let time = 0; time < 2; time++) {
      const page = await open({ hash: `#${SHORT_RUN}` });
      await liveRunShown(page, 11);
      verdicts.push(await page.evaluate(() => window.__trace.rounds.map(({ first, verdict, lnU }) => [first, [...verdict], [...lnU].map(String)])));
      await page.close();
    }
    assert.deepEqual(verdicts[0], verdicts[1]);
  });

  for (const [what, route] of [
    ['workers share the rows of a call', undefined],
    [
      'a worker that fails to help is not missed',
      (page, tolerate) => {
        tolerate(/no help/);
        return page.route(/\/pkg\/cpu\/speculative_diffusion\.js$/, async (route) => {
          const response = await route.fetch();
          await route.fulfill({
            response,
            body: `${await response.text()}
          const asked = Engine.prototype.velocities;
          Engine.prototype.velocities = function (states, ...rest) {
            if (globalThis.helped++ > 1) throw new Error('no help');
            return asked.call(this, states, ...rest);
          };
          globalThis.helped = 0;`,
          });
        });
      },
    ],
  ]) {
    test(`${what}, and the numbers stay the same to the bit`, async () => {
      const seen = [];
      for (const workers of [1, 3]) {
        const page = await open({ hash: `#${SHORT_RUN}&workers=${workers}`, route });
        await liveRunShown(page, 11);
        assert.match(await text(page, '#badge'), workers === 1 ? /CPU$/ : /CPU · 3 workers/);
        seen.push(await page.evaluate(() => window.__trace.rounds.map(({ verdict, lnRatio, state }) => [[...verdict], [...lnRatio].map(String), [...state]])));
        await page.close();
      }
      assert.deepEqual(seen[0], seen[1]);
    });
  }

  for (const [hash, words] of [
    ['#window=999', /window.*999.*whole number from 1 to 256/is],
    ['#eta=0', /eta.*0.*from 0\.001 to 1/is],
    ['#steps=12.5', /steps.*12\.5.*whole number from 2 to 1000/is],
    ['#draft=magic', /draft.*magic.*secant, carry, prefetched, frozen/is],
    ['#seed=9007199254740992', /seed.*9007199254740992.*9007199254740991/is],
    ['#wibble=1', /wibble.*does not exist.*seed.*window/is],
  ]) {
    test(`${hash} is refused with a sentence, and nothing runs in its place`, async () => {
      const page = await open({ hash, ready: true });
      assert.match(await text(page, '#problems'), words);
      assert.equal(await page.evaluate(() => window.__trace.source.kind), 'recorded');
      assert.equal(await page.evaluate(() => location.hash), hash);
    });
  }

  test('a bad value in the form is refused with a sentence, and is left to be corrected', async () => {
    const page = await open({ ready: true });
    await page.fill('#field-window', '257');
    await page.press('#field-window', 'Tab');
    assert.match(await text(page, '#field-window-problem'), /from 1 to 256/);
    assert.equal(await page.inputValue('#field-window'), '257');
    await page.click('#run');
    assert.match(await text(page, '#status'), /^Not run:/);
    assert.equal(await page.evaluate(() => window.__trace.source.kind), 'recorded');
  });

  test('weights that are cut short are told, and the recorded run stays', async () => {
    const page = await open({
      route: async (page) => {
        await page.route('**/assets/faces.bpk', async (route) => {
          const response = await route.fetch();
          await route.fulfill({ response, body: (await response.body()).subarray(0, 1000), headers: { 'content-type': 'application/octet-stream' } });
        });
      },
    });
    await page.waitForFunction(() => document.querySelector('#problems').textContent !== '', undefined, { timeout: ENGINE_READY_MS });
    assert.match(await text(page, '#problems'), /weights/i);
    assert.ok(await page.getByRole('button', { name: 'Reload with the same settings' }).isVisible());
    assert.equal(await text(page, '#badge'), 'recorded');
  });

  test('a panic in mid-run is told, the run before comes back, and a reload with the same address is offered', async () => {
    const page = await open({ hash: `#${SHORT_RUN}`, route: (page) => failingCpu(page, PANIC) });
    await problemTold(page);
    assert.match(await text(page, '#problems'), /^The engine stopped \(unreachable\)\. Reload the page: the address keeps all settings\./);
    assert.equal(await text(page, '#badge'), 'recorded');
    await page.unroute(/\/pkg\/cpu\/speculative_diffusion\.js$/);
    await page.getByRole('button', { name: 'Reload with the same settings' }).click();
    await liveRunShown(page, 11);
  });

  test('an error that nobody awaits is told like a panic', async () => {
    const page = await open({
      hash: `#${SHORT_RUN}`,
      route: (page) => failingCpu(page, "Promise.reject(new WebAssembly.RuntimeError('unreachable')); await new Promise(() => {});"),
    });
    await problemTold(page);
    assert.match(await text(page, '#problems'), /^The engine stopped \(unreachable\)\. Reload the page/);
    assert.equal(await text(page, '#badge'), 'recorded');
  });

  test('a network that returns no numbers is told, and the engine lives on', async () => {
    const page = await open({ hash: `#${SHORT_RUN}`, route: (page) => failingCpu(page, rejection('network', 'The estimate is not finite.')) });
    await problemTold(page);
    assert.equal(await text(page, '#problems'), 'The estimate is not finite.');
    assert.equal(await text(page, '#badge'), 'recorded');
    assert.match(await text(page, '#engine-badge'), /^ready: CPU/);
  });

  test('an engine that panics in a cancelled run is replaced, and the next run goes to its end', async () => {
    const page = await open({ hash: `#${SHORT_RUN}`, route: (page) => failingCpu(page, LATE_PANIC) });
    await roundsShown(page, 2);
    await page.click('#cancel');
    await page.waitForFunction(() => window.__trace.source.kind === 'recorded');
    await page.unroute(/\/pkg\/cpu\/speculative_diffusion\.js$/);
    await page.click('#run');
    await liveRunShown(page, 11);
    assert.equal(await text(page, '#problems'), '');
    await countersAgree(page);
  });

  test('the keyboard plays, steps, jumps, and changes the speed', async () => {
    const page = await open();
    assert.ok(await isPlaying(page));
    await pressed(page, 'Space');
    assert.ok(!(await isPlaying(page)));
    await pressed(page, 'Home');
    assert.equal(await position(page), 0);
    await pressed(page, 'ArrowRight');
    assert.equal(await position(page), 1);
    await pressed(page, 'ArrowRight');
    await pressed(page, 'ArrowLeft');
    assert.equal(await position(page), 1);
    await pressed(page, 'Home');
    await pressed(page, 'Shift+ArrowRight');
    const { calls, committed } = await page.evaluate(() => window.__trace.rounds[0]);
    assert.equal(await position(page), calls);
    assert.equal(await text(page, '.lane-speculative .lane-status'), `step ${committed} of ${(await settingsOf(page)).steps}`);
    await pressed(page, 'Shift+ArrowLeft');
    assert.equal(await position(page), 0);
    await pressed(page, 'End');
    assert.equal(await text(page, '.lane-plain .lane-status'), 'done');
    await pressed(page, '.');
    assert.equal(await page.inputValue('#speed'), '2');
    await pressed(page, ',');
    await pressed(page, ',');
    assert.equal(await page.inputValue('#speed'), '0.5');
    await pressed(page, 'Space');
    assert.ok(await isPlaying(page), 'at the end, Space plays again from the start');
  });

  test('keys that a control needs are left to it', async () => {
    const page = await open({ ready: true, reducedMotion: 'reduce' });
    await pressed(page, 'Home');
    await page.focus('#field-seed');
    await pressed(page, 'End');
    await page.keyboard.type('n? ,.');
    assert.equal(await position(page), 0);
    assert.ok(!(await page.locator('#help').isVisible()));
    assert.match(await page.inputValue('#field-seed'), /n\? ,\.$/);
    await page.focus('#restart');
    await pressed(page, 'Space');
    assert.ok(!(await isPlaying(page)), 'Space on a button presses that button only');
  });

  test('? opens the help and Escape closes it', async () => {
    const page = await open();
    await pressed(page, '?');
    assert.ok(await page.locator('#help').isVisible());
    await page.keyboard.press('Escape');
    assert.ok(await page.locator('#help').isHidden());
  });

  test('N draws a new seed and runs it live', async () => {
    const page = await open({ hash: `#${SHORT_RUN}` });
    await liveRunShown(page, 11);
    await pressed(page, 'n');
    await page.waitForFunction(() => window.__trace.settings.seed !== 11);
    await liveRunShown(page);
    const { seed } = await settingsOf(page);
    assert.equal(new URLSearchParams((await page.evaluate(() => location.hash)).slice(1)).get('seed'), String(seed));
    assert.equal(await page.inputValue('#field-seed'), String(seed));
  });

  test('a run can be held, continued and cancelled, and cancelling brings the run before back', async () => {
    const page = await open({ ready: true });
    const { seed } = await settingsOf(page);
    await page.fill('#field-steps', '400');
    await page.press('#field-steps', 'Enter');
    await page.waitForFunction(() => window.__trace.source.kind === 'live' && window.__trace.rounds.length > 0, undefined, { timeout: RUN_MS });
    await page.click('#hold');
    assert.match(await text(page, '#badge'), /paused$/);
    // what was under way when the pause was asked for may still arrive
    await page.waitForTimeout(1500);
    const held = await page.evaluate(() => [window.__trace.rounds.length, window.__trace.plain.length]);
    await page.waitForTimeout(1000);
    assert.deepEqual(await page.evaluate(() => [window.__trace.rounds.length, window.__trace.plain.length]), held);
    await page.click('#hold');
    await page.waitForFunction(([rounds, plain]) => window.__trace.rounds.length + window.__trace.plain.length > rounds + plain, held, { timeout: RUN_MS });
    await page.click('#cancel');
    await page.waitForFunction(() => window.__trace.source.kind === 'recorded');
    assert.equal((await settingsOf(page)).seed, seed);
    assert.match(await text(page, '#status'), /cancelled/);
  });

  test('the wall-clock axis ends with the slower lane, and the address keeps it', async () => {
    const page = await open({ hash: '#axis=time' });
    const slower = await page.evaluate(() =>
      Math.max(...[window.__trace.rounds, window.__trace.plain].map((list) => list.reduce((sum, { ms }) => sum + ms, 0))),
    );
    const end = await page.locator('#scrub').evaluate((input) => Number(input.max));
    assert.ok(Math.abs(end - slower) < 1e-6 * slower, `${end} is not ${slower}`);
    await page.check('#axis [value="calls"]');
    await page.waitForFunction(() => !location.hash.includes('axis=time'));
    await page.waitForFunction(() => document.querySelector('#scrub').max === String(window.__trace.plain.length));
  });

  test('the microscope shows the verdicts of the round under the cursor', async () => {
    const page = await open({ hash: `#${SHORT_RUN}`, reducedMotion: 'reduce' });
    await liveRunShown(page, 11);
    await roundsOfTheRun(page);
    const index = await page.evaluate(() => window.__trace.rounds.findIndex(({ verdict }) => verdict.includes(1)));
    assert.ok(index >= 0, 'the run has a rejection to show');
    await pressed(page, 'Home');
    for (let round = 0; round <= index; round++) await pressed(page, 'Shift+ArrowRight');
    const round = await page.evaluate((wanted) => {
      const { verdict, gap, lnU, carried } = window.__trace.rounds[wanted];
      return { verdict: [...verdict], gap: [...gap], lnU: [...lnU], carried: [...carried] };
    }, index);
    const words = ['accepted', 'rejected', 'deterministic', 'discarded'];
    const states = await page.locator('.cell').evaluateAll((cells) => cells.map((cell) => cell.dataset.state));
    assert.deepEqual(
      states,
      round.verdict.map((verdict) => words[verdict]),
    );
    assert.equal(await page.locator('.cell-reflected:visible').count(), 1);
    assert.equal(await page.locator('.cell-kept:visible').count(), round.carried.filter((flag) => flag === 1).length);
    const stop = round.verdict.indexOf(1);
    await page.locator('.cell').nth(stop).focus();
    assert.match(await text(page, '.detail h4'), /rejected/);
    const number = async (name) =>
      Number(
        await page
          .locator('.numbers div', { has: page.locator('dt', { hasText: name }) })
          .locator('dd')
          .first()
          .innerText(),
      );
    assert.ok(Math.abs((await number('|D|')) - round.gap[stop]) <= 0.006 * Math.max(1, round.gap[stop]));
    assert.ok(Math.abs((await number(/^u$/)) - Math.exp(round.lnU[stop])) <= 0.0006);
    await page.locator('[data-phase="0"]').click();
    assert.equal(await page.locator('.cell[data-state="drafted"]').count(), round.verdict.length);
    await page.locator('.cell').first().focus();
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.evaluate(() => [...document.querySelectorAll('.cell')].indexOf(document.activeElement)), Math.min(1, round.verdict.length - 1));
  });

  test('a run that is over at once has its rounds under the microscope too', async () => {
    const page = await open({ hash: '#seed=3&steps=6&window=1&draft=frozen', reducedMotion: 'reduce' });
    await liveRunShown(page, 3);
    await roundsOfTheRun(page);
    await page.waitForFunction(() => /^Round \d of 6: step \d$/.test(document.querySelector('.round-title').innerText));
    const sentences = [];
    for (const phase of [0, 1, 3]) {
      await page.click(`[data-phase="${phase}"]`);
      sentences.push(await text(page, '.phase-sentence'));
    }
    assert.match(sentences[0], /^The sampler drafts 1 step\. One root call/);
    assert.match(sentences[1], /no second call is needed/);
    assert.match(sentences[2], /^1 step committed for 1 sequential call and 1 network evaluation\.$/);
  });

  test('a run can be saved, and a saved run is repeated and compared', async () => {
    const page = await open({ hash: `#${SHORT_RUN}` });
    await liveRunShown(page, 11);
    const saved = async (button) => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
      return readFile(await download.path());
    };
    const file = JSON.parse(String(await saved('#export-json')));
    assert.deepEqual(file.settings, await settingsOf(page));
    assert.equal(
      file.rounds.reduce((sum, { committed }) => sum + committed, 0),
      file.settings.steps,
    );
    const lines = String(await saved('#export-csv'))
      .trim()
      .split('\n');
    assert.equal(
      lines.length - 1,
      file.rounds.reduce((sum, { length }) => sum + length, 0),
    );
    assert.ok(lines.every((line) => line.split(',').length === lines[0].split(',').length));
    assert.ok((await largestShare(page, await saved('#export-png'))) < BLANK_SHARE);

    const bring = (content) => page.setInputFiles('#import-file', { name: 'run.json', mimeType: 'application/json', buffer: Buffer.from(content) });
    const compared = () =>
      page.waitForFunction(() => document.querySelector('#status').textContent.startsWith('The run in the file was repeated'), undefined, { timeout: RUN_MS });
    await bring(JSON.stringify(file));
    await compared();
    assert.match(await text(page, '#status'), new RegExp(`all ${file.rounds.length} rounds have the same verdicts`));
    const forged = structuredClone(file);
    forged.rounds[1].verdict[0] = forged.rounds[1].verdict[0] === 'accepted' ? 'rejected' : 'accepted';
    await bring(JSON.stringify(forged));
    await page.waitForFunction(() => document.querySelector('#status').textContent === '');
    await compared();
    assert.match(await text(page, '#status'), /from round 2 on the verdicts differ/);
    await bring(JSON.stringify({ ...file, settings: { ...file.settings, eta: 3 } }));
    await page.waitForFunction(() => /eta.*from 0\.001 to 1/.test(document.querySelector('#problems').textContent));
    await bring('not a run');
    await page.waitForFunction(() => /not JSON/.test(document.querySelector('#problems').textContent));
  });

  test('reduced motion: nothing moves by itself', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    const before = await position(page);
    await page.waitForTimeout(700);
    assert.equal(await position(page), before);
    assert.ok(!(await isPlaying(page)));
  });

  for (const [what, run] of [
    ['a usual run', 'seed=3&steps=60'],
    ['K = 1,000', 'seed=3&steps=1000&window=20'],
    ['L = 256', 'seed=3&steps=140&window=256'],
  ])
    test(`the main thread stays free while a run is live: ${what}`, async () => {
      const page = await open({ ready: true });
      const browser = page.context().browser();
      await browser.startTracing(page, { categories: ['toplevel', '__metadata', 'disabled-by-default-devtools.timeline'] });
      await page.evaluate((hash) => {
        location.hash = hash;
      }, run);
      await page.waitForFunction(() => window.__trace.source.kind === 'live', undefined, { timeout: RUN_MS });
      await liveRunShown(page, 3);
      const kept = await page.evaluate(
        () =>
          window.__trace.rounds.reduce(
            (sum, round) => sum + ['draftMean', 'draft', 'targetMean', 'prediction', 'state'].reduce((bytes, name) => bytes + round[name].byteLength, 0),
            0,
          ) + window.__trace.plain.reduce((sum, { state, prediction }) => sum + state.byteLength + prediction.byteLength, 0),
      );
      assert.ok(kept <= 300e6, `${kept} bytes of pictures are kept`);
      const { traceEvents } = JSON.parse(String(await browser.stopTracing()));
      const main = new Set(
        traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`),
      );
      const tasks = traceEvents.filter(({ name, pid, tid, tdur }) => /RunTask$/.test(name) && main.has(`${pid} ${tid}`) && tdur !== undefined);
      assert.ok(tasks.length > 100, `the trace holds ${tasks.length} tasks`);
      const long = tasks.map(({ tdur }) => tdur / 1000).filter((ms) => ms > LONG_TASK_MS);
      assert.deepEqual(long, [], 'tasks of so many milliseconds');
    });

  for (const width of [1280, 360]) {
    for (const colorScheme of ['light', 'dark']) {
      test(`${width} px, ${colorScheme}: not blank, nothing overflows, axe finds nothing serious`, async () => {
        const page = await open({ width, colorScheme, reducedMotion: 'reduce', ready: true });
        await page.locator('#microscope').scrollIntoViewIfNeeded();
        await page.locator('.cell .pixels').first().waitFor();
        await mkdir(SHOTS, { recursive: true });
        const png = await page.screenshot({ path: `${SHOTS}page-${width}-${colorScheme}.png`, fullPage: true });
        const share = await largestShare(page, png);
        assert.ok(share < BLANK_SHARE, `one colour fills ${(100 * share).toFixed(1)} % of the screenshot`);
        for (const canvas of ['.lane-speculative .pixels', '.lane-plain .pixels', '.cell .pixels'])
          assert.ok((await colours(page, canvas)) > 8, `${canvas} is blank`);
        for (const track of ['.lane-speculative .track', '.lane-plain .track']) assert.ok((await colours(page, track)) > 1, `${track} is blank`);
        const { scroll, client } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth }));
        assert.ok(scroll <= client, `the page is ${scroll} px wide in ${client} px`);
        // outside the page's policy, as the developer tools would
        await page.evaluate(AXE);
        const { violations, passes } = await page.evaluate(() => window.axe.run());
        assert.ok(passes.length > 10, 'axe has looked');
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        assert.deepEqual(
          serious.map(
            ({ id, nodes }) =>
              `${id}: ${nodes
                .slice(0, 3)
                .map(({ target }) => target.join(' '))
                .join(', ')}`,
          ),
          [],
        );
      });
    }
  }

  test('the theme button overrides the system, and says so', async () => {
    const page = await open({ colorScheme: 'light' });
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await paper();
    await page.click('#theme');
    await page.click('#theme');
    assert.equal(await text(page, '#theme'), 'Theme: dark');
    assert.notEqual(await paper(), light);
    await page.reload();
    await page.waitForFunction(() => window.__trace !== undefined);
    assert.equal(await text(page, '#theme'), 'Theme: dark');
  });

  test('the fastest draft and window is measured, told, and set', async () => {
    const page = await open({ hash: '#seed=3&class=hat&guidance=1&steps=24&eta=1&window=auto&draft=secant&quantity=x0hat&rule=auto' });
    await liveRunShown(page, 3);
    await page.click('#measure');
    await page.locator('#measured [data-chosen]').first().waitFor({ timeout: RUN_MS });
    const lines = await page
      .locator('#measured tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => ({
          ...row.dataset,
          chosen: 'chosen' in row.dataset,
          calls: Number(row.cells[1].innerText),
          rows: Number(row.cells[2].innerText),
          time: row.cells[3].innerText.trim(),
          against: Number.parseFloat(row.cells[4].innerText),
        })),
      );
    const plain = lines.find(({ lane }) => lane === 'plain');
    const [windows, drafts] = [
      lines.filter((line) => line !== plain && line.draft === 'secant'),
      lines.filter((line) => line !== plain && line.draft !== 'secant'),
    ];
    const cores = await page.evaluate(() => Math.max(2, Math.min(8, navigator.hardwareConcurrency)));
    const priced = windows.filter(({ window }) => window.startsWith('auto/'));
    assert.equal(priced.length, 1, 'the window by price is among them');
    const fixed = windows.filter((line) => line !== priced[0]).map(({ window }) => Number(window));
    assert.deepEqual(
      fixed.sort((one, other) => one - other),
      [...new Set([2, 3, 4, 8, 12, 20, cores])].sort((one, other) => one - other),
    );
    assert.deepEqual(drafts.map(({ draft }) => draft).sort(), ['carry', 'corrected', 'frozen', 'independent', 'prefetched']);
    assert.deepEqual([plain.calls, plain.rows, plain.against], [24, 24, 1]);
    for (const { calls, rows, window } of windows) assert.ok(calls < 24 && rows >= 24, `L = ${window}: ${calls} calls, ${rows} rows`);
    const least = Math.min(...windows.map(({ against }) => against));
    for (const { window } of drafts)
      assert.ok(
        windows.some((line) => line.window === window && line.against === least),
        'the other drafts take the fastest window',
      );
    const [set] = lines.filter((line) => line.chosen);
    assert.equal(set.lane, 'speculative', 'there is something to see');
    assert.ok(lines.every(({ against, lane }) => lane === 'plain' || against >= set.against));
    assert.deepEqual(
      lines.map(({ against }) => against),
      lines.map(({ against }) => against).sort((one, other) => one - other),
      'the fastest stands first',
    );
    const words = `${set.draft}, L\u00a0=\u00a0${set.window}`;
    // on a busy machine nothing may be faster, or clearly so
    const equal = `Within the scatter of these times, ${words} and .* are equally fast`;
    const slower = `The standard sampler was fastest.*${words}`;
    const told = new RegExp(set.against > 1 ? `${slower}|${equal}` : `The fastest here is ${words}|${slower}|${equal}`);
    await page.waitForFunction(
      ({ draft, window }) => {
        const { settings } = globalThis.__trace;
        return draft === settings.draft && window === String(settings.window) && !document.querySelector('#result').hidden;
      },
      set,
      { timeout: RUN_MS },
    );
    const address = new URLSearchParams(new URL(page.url()).hash.slice(1));
    assert.deepEqual([address.get('draft'), address.get('window')], [set.draft, set.window]);
    assert.match(await text(page, '#measured'), told);
    assert.match(await text(page, '#measured'), /Each was timed twice, and the shorter time counts/);
    const times = lines.map(({ time }) => time);
    assert.ok(
      times.every((time) => /^\d[\d.]* m?s( to \d[\d.]* m?s)?$/.test(time)) && times.some((time) => time.includes(' to ')),
      `how far times lie apart: ${times}`,
    );
  });

  test('the recorded run is faster in seconds too, as a visitor\u2019s own will be', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await pressed(page, 'End');
    assert.match(await text(page, '.result-line'), /it was faster: \d+ ms instead of \d+ ms\.$/);
    assert.match(await page.evaluate(() => String(window.__trace.settings.window)), /^auto\/[\d.]+\/\d+$/);
  });

  test('a window by price is found from what calls take here, written into the address, and the same wherever the address is opened', async () => {
    const page = await open({ hash: '#seed=11&steps=24&window=auto' });
    await liveRunShown(page, 11);
    const settled = await page.evaluate(() => window.__trace.settings.window);
    const [, row, lanes] = /^auto\/([\d.]+)\/(\d+)$/.exec(settled);
    assert.equal(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('window'), settled);
    assert.match(await text(page, '#price-note'), new RegExp(`adds ${row.replace('.', '\\.')} of a call`));
    const cores = await page.evaluate(() => Math.min(8, navigator.hardwareConcurrency));
    assert.equal(Number(lanes), Math.max(2, cores), 'a row for each worker');
    const rounds = await page.evaluate(() => window.__trace.rounds.map(({ length }) => length));
    const again = await open({ hash: new URL(page.url()).hash });
    await liveRunShown(again, 11);
    assert.deepEqual(await again.evaluate(() => window.__trace.rounds.map(({ length }) => length)), rounds);
  });

  test('another number of workers has the window found again, but not one that was asked for', async () => {
    const page = await open({ hash: '#seed=11&steps=24&window=auto' });
    await liveRunShown(page, 11);
    await page.fill('#field-workers', '1');
    await page.press('#field-workers', 'Enter');
    await page.waitForFunction(() => window.__trace.source.device.workers === 1 && !document.querySelector('#result').hidden, undefined, { timeout: RUN_MS });
    assert.match(String((await settingsOf(page)).window), /^auto\/[\d.]+\/2$/);
    await page.fill('#field-window', '5');
    await page.press('#field-window', 'Enter');
    await page.waitForFunction(() => window.__trace.settings.window === 5 && !document.querySelector('#result').hidden, undefined, { timeout: RUN_MS });
    await page.fill('#field-workers', '2');
    await page.press('#field-workers', 'Enter');
    await page.waitForFunction(() => window.__trace.source.device.workers !== 1 && !document.querySelector('#result').hidden, undefined, { timeout: RUN_MS });
    assert.equal((await settingsOf(page)).window, 5);
  });

  test('the peak test is told as what it is, and its counters agree with its trace', async () => {
    const page = await open({ hash: '#seed=4&class=hat&steps=60&window=20&rule=peak' });
    await liveRunShown(page, 4);
    await countersAgree(page);
    const stops = await page.evaluate(() =>
      window.__trace.rounds.map(({ verdict, lnU, gap }) => ({ at: verdict.indexOf(1), drawn: lnU.some(Number.isFinite), tested: gap.some(Number.isFinite) })),
    );
    assert.ok(
      stops.every(({ drawn }) => !drawn),
      'no uniform decides',
    );
    const rejected = stops.findIndex(({ at }) => at >= 0);
    assert.ok(rejected >= 0, 'a window was stopped');
    await pressed(page, 'Home');
    for (let round = 0; round <= rejected; round++) await pressed(page, 'Shift+ArrowRight');
    assert.match(await text(page, '#sentence'), /was rejected and replaced/);
    assert.match(await text(page, '#round'), /has its peak within this step/);
    assert.match(await text(page, '#round'), /likelihood ratio/i);
  });

  test('the drafter is fetched when it is asked for, and its calls are told', async () => {
    const asked = [];
    const page = await open({
      hash: `#${SHORT_RUN}`,
      route: async (page) => {
        page.on('request', (request) => asked.push(new URL(request.url()).pathname.split('/').pop()));
      },
    });
    await liveRunShown(page, 11);
    assert.ok(!asked.includes('faces-drafter.bpk'));
    await page.selectOption('#field-draft', 'independent');
    await page.waitForFunction(() => window.__trace.settings.draft === 'independent' && !document.querySelector('#result').hidden, undefined, {
      timeout: RUN_MS,
    });
    assert.ok(asked.includes('faces-drafter.bpk'));
    const drafted = await page.evaluate(() => window.__trace.rounds.map(({ draftCalls, length, calls }) => ({ draftCalls, length, calls })));
    assert.ok(drafted.every(({ draftCalls, length, calls }) => draftCalls === length && calls === 1));
    const total = drafted.reduce((sum, { draftCalls }) => sum + draftCalls, 0);
    assert.match(await text(page, '#result'), new RegExp(`The drafts took ${total} calls of the drafter`));
    await countersAgree(page);
  });

  test('the other model is loaded when it is asked for, with classes of its own', async () => {
    const page = await open({ hash: '#seed=11&model=fashion&class=boot&steps=12' });
    await liveRunShown(page, 11);
    const offered = () => page.locator('#field-class option').evaluateAll((options) => options.map(({ value }) => value));
    const classes = () => page.evaluate(() => ['any', ...window.__trace.classes]);
    assert.equal(await page.evaluate(() => window.__trace.dim), 28 * 28);
    assert.deepEqual(await offered(), await classes());
    assert.equal(await page.inputValue('#field-class'), 'boot');
    assert.ok((await colours(page, '.lane-speculative .pixels')) > 8, 'the picture is not one flat colour');
    await countersAgree(page);
    // the classes follow the model even while another field waits to be corrected
    await page.fill('#field-steps', 'many');
    await page.press('#field-steps', 'Enter');
    await page.selectOption('#field-model', 'faces');
    assert.deepEqual(await offered(), ['any', 'short', 'long', 'glasses', 'hat']);
    assert.match(await text(page, '#status'), /^Not run: Steps K/);
    await page.fill('#field-steps', '12');
    await page.press('#field-steps', 'Enter');
    await page.waitForFunction(() => window.__trace.settings.model === 'faces' && !document.querySelector('#result').hidden, undefined, { timeout: RUN_MS });
    assert.equal((await settingsOf(page)).class, 'any');
    assert.deepEqual(await offered(), await classes());
    assert.equal(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('class'), 'any');
  });

  test('a class of another model is refused, wherever in the address it stands', async () => {
    for (const hash of ['#model=fashion&class=hat', '#class=hat&model=fashion']) {
      const page = await open({ hash });
      assert.match(await text(page, '#problems'), /Class \(class\) cannot be “hat”: it must be one of any, tshirt, /);
      assert.equal(await page.inputValue('#field-model'), 'fashion');
    }
  });

  test('a measurement can be cancelled', async () => {
    const page = await open({ hash: '#steps=1000&eta=0.5', ready: true });
    await page.click('#cancel');
    await page.click('#measure');
    await page.locator('#measured tr').first().waitFor({ timeout: RUN_MS });
    await page.click('#cancel');
    assert.equal(await text(page, '#status'), 'The measurement was cancelled.');
    assert.equal(await page.locator('#measured').isVisible(), false);
    assert.equal(await page.locator('#cancel').isVisible(), false);
  });

  test(
    'a static host that sends no headers: foreign scripts are refused, workers share rows by messages, and through memory from the second visit on',
    { skip: !DIST_URL && 'DIST_URL is not set: nothing serves dist/' },
    async () => {
      const { url: site, close } = await proxy(String(DIST_URL), { bare: true });
      try {
        const page = await open({ site, hash: `#${SHORT_RUN}&workers=2`, route: async (_, tolerate) => tolerate(/Content Security Policy/) });
        const refused = await page.evaluate(
          () =>
            new Promise((resolve) => {
              document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve([effectiveDirective, window.__foreign]));
              const script = document.createElement('script');
              script.textContent = 'window.__foreign = true';
              document.head.append(script);
            }),
        );
        assert.deepEqual(refused, ['script-src-elem', undefined]);
        const runs = [];
        for (const isolated of [false, true]) {
          await liveRunShown(page, 11);
          assert.equal(await page.evaluate(() => globalThis.crossOriginIsolated), isolated);
          assert.match(await text(page, '#badge'), /2 workers/);
          runs.push(await page.evaluate(() => window.__trace.rounds.map(({ state, lnRatio }) => [[...state], [...lnRatio].map(String)])));
          await page.evaluate(() => navigator.serviceWorker.ready);
          await page.waitForFunction(() => navigator.serviceWorker.controller);
          if (!isolated) await page.reload();
        }
        assert.deepEqual(runs[0], runs[1]);
      } finally {
        close();
      }
    },
  );

  test(
    'a site of another build: a visit sees one build or the other, never parts of both, and the newer one when the older is closed',
    { skip: !DIST_URL && 'DIST_URL is not set: nothing serves dist/' },
    async () => {
      let newer = false;
      const { url: site, close, answers } = await proxy(String(DIST_URL), { bare: true });
      answers.set('', {
        change: (body, type) => {
          if (!newer || !/html|javascript/.test(type)) return body;
          return String(body).replace("'speculative-diffusion ", "'speculative-diffusion newer ").replace('<html ', '<html data-build="newer" ');
        },
      });
      const build = (page) => page.evaluate(() => document.documentElement.dataset.build);
      try {
        const page = await open({ site });
        await page.waitForFunction(() => navigator.serviceWorker.controller);
        newer = true;
        await page.reload();
        assert.equal(await build(page), undefined);
        await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
        await page.waitForFunction(async () => (await navigator.serviceWorker.getRegistration())?.waiting);
        const next = await page.context().newPage();
        await page.close();
        // the browser takes a moment to notice that the last page is gone
        for (let tries = 0; tries < 20; tries++) {
          await next.goto('about:blank');
          await next.waitForTimeout(250);
          await next.goto(site);
          if ((await build(next)) === 'newer') break;
        }
        assert.equal(await build(next), 'newer');
        await next.waitForFunction(() => window.__trace?.rounds.length > 0);
        const kept = await next.evaluate(() => caches.keys());
        assert.equal(kept.length, 1);
        assert.match(kept[0], /^speculative-diffusion newer /);
      } finally {
        close();
      }
    },
  );

  test('a full disk under the service worker: the page does all it does', { skip: !DIST_URL && 'DIST_URL is not set: nothing serves dist/' }, async () => {
    const full =
      "Cache.prototype.addAll = Cache.prototype.put = async () => { throw new DOMException('The quota has been exceeded.', 'QuotaExceededError'); };";
    const { url: site, close, answers } = await proxy(String(DIST_URL), { bare: true });
    answers.set('/offline.js', { change: (body) => full + body });
    try {
      const page = await open({ site, hash: `#${SHORT_RUN}` });
      await liveRunShown(page, 11);
      await countersAgree(page);
      assert.equal(await page.evaluate(() => navigator.serviceWorker.controller), null);
    } finally {
      close();
    }
  });

  test('a second visit to the built site needs no network', { skip: !DIST_URL && 'DIST_URL is not set: nothing serves dist/' }, async () => {
    const page = await open({ site: DIST_URL, ready: true, route: async (_, tolerate) => tolerate(/net::ERR_/) });
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.waitForFunction(() => navigator.serviceWorker.controller);
    await page.context().setOffline(true);
    await assert.rejects(
      page.evaluate(() => fetch('./not-kept')),
      'the network is off',
    );
    await page.goto('about:blank');
    await page.goto(`${DIST_URL}#${SHORT_RUN}`);
    await liveRunShown(page, 11);
    await countersAgree(page);
    // what was never asked for is not there: the rest is measured all the same
    await page.click('#measure');
    await page.locator('#measured [data-chosen]').first().waitFor({ timeout: RUN_MS });
    const drafts = await page.locator('#measured tbody tr').evaluateAll((rows) => rows.map(({ dataset }) => dataset.draft));
    assert.deepEqual([...new Set(drafts)].sort(), ['carry', 'frozen', 'prefetched', 'secant']);
  });

  test('the page asks no other server for anything', async () => {
    const origins = new Set();
    const page = await open({
      ready: true,
      route: async (page) => {
        page.on('request', (request) => {
          if (/^http/.test(request.url())) origins.add(new URL(request.url()).origin);
        });
      },
    });
    await page.waitForTimeout(300);
    assert.deepEqual([...origins], [new URL(PAGE_URL).origin]);
  });
});

describe('with WebGPU on a software adapter', () => {
  const open = inBrowser(['--enable-unsafe-webgpu']);
  const gpuBuilt = () => fetch(new URL('./pkg/gpu/speculative_diffusion.js', PAGE_URL), { method: 'HEAD' }).then(({ ok }) => ok);
  const needGpu = async () => assert.ok(await gpuBuilt(), `${PAGE_URL}pkg/gpu/ is missing: build the GPU engine, or set CPU_ONLY=1 to test without it`);

  test('the GPU engine is there to be tested', NEEDS_GPU, needGpu);

  test('the CPU stays the default, and what WebGPU is here is told', async () => {
    const page = await open({ ready: true });
    await page.waitForFunction(() => document.querySelector('#gpu-note').textContent !== '');
    const built = await gpuBuilt();
    assert.match(await text(page, '#engine-badge'), /^ready: CPU/);
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

  test('a run on WebGPU goes to its end, and the software adapter is named', NEEDS_GPU, async () => {
    await needGpu();
    const page = await open({ hash: `#${TINY_RUN}&engine=webgpu` });
    await page.waitForFunction(() => window.__trace?.source.kind === 'live' && window.__trace.plain.length === 4, undefined, { timeout: GPU_RUN_MS });
    const device = await page.evaluate(() => window.__trace.source.device);
    assert.equal(device.backend, 'webgpu');
    assert.ok(device.software);
    assert.match(await text(page, '#badge'), /^live: WebGPU.*software/);
    assert.match(await text(page, '#gpu-note'), /shaders were compiled and a first row computed in [\d.]+ m?s\.$/);
    await page.waitForFunction(() => !document.querySelector('#result').hidden);
    await countersAgree(page);
  });

  /** Takes the software adapter for a real one, which is measured beside the CPU. */
  const asReal = async (page) =>
    page.route('**/engine.js', async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace('const software = ', 'const software = false; void ');
      await route.fulfill({ response, body });
    });
  const SIX_STEPS = 'seed=11&model=faces&class=hat&guidance=1&steps=6&eta=1&window=auto&draft=secant&quantity=x0hat&rule=auto';

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
    await page.selectOption('#field-engine', 'burn');
    await page.click('#run');
    await page.waitForFunction(() => window.__trace?.source.device.backend === 'burn' && window.__trace.plain.length === 4, undefined, { timeout: GPU_RUN_MS });
    assert.match(await text(page, '#badge'), /^live: burn on WebGPU.*software/);
    assert.ok(fetched.length >= 2, `${fetched}`);
    await page.waitForFunction(() => !document.querySelector('#result').hidden);
    await countersAgree(page);
  });

  test('where there is a real GPU its engine is timed behind the page, and the CPU stays where that is faster', NEEDS_GPU, async () => {
    await needGpu();
    const page = await open({ route: asReal });
    await page.waitForFunction(() => /The CPU stays \(a step is expected to take/.test(document.querySelector('#gpu-note').textContent), undefined, {
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
    await page.click('#measure');
    await page.locator('#measured [data-chosen]').first().waitFor({ timeout: GPU_RUN_MS });
    const lines = await page
      .locator('#measured tbody tr')
      .evaluateAll((rows) => rows.map((row) => ({ ...row.dataset, chosen: 'chosen' in row.dataset, against: row.cells[4].innerText })));
    for (const engine of ['cpu', 'webgpu']) {
      const own = lines.filter((line) => line.engine === engine);
      assert.equal(own.length, 10, 'three windows and the one by price, plain, five other drafts');
      assert.equal(own.find(({ lane }) => lane === 'plain').against, '1.00×');
    }
    const [chosen] = lines.filter((line) => line.chosen);
    assert.equal(chosen.engine, 'cpu', 'a software adapter is slower by far');
    assert.match(await text(page, '#measured p'), /CPU/);
    await page.waitForFunction(() => window.__trace.source.device.backend === 'cpu' && !document.querySelector('#result').hidden, undefined, {
      timeout: RUN_MS,
    });
    assert.equal(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('engine'), null);
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
    await page.waitForFunction(() => window.__trace?.source.kind === 'live' && window.__trace.plain.length === 12, undefined, { timeout: GPU_RUN_MS });
    assert.match(await text(page, '#problems'), /^WebGPU cannot go on\. .*device.*CPU goes on/s);
    assert.match(await text(page, '#result'), /began on WebGPU and was finished on the CPU/);
    assert.equal(await page.evaluate(() => window.__trace.source.device.backend), 'cpu');
    assert.equal(await page.evaluate(() => window.__trace.rounds.reduce((sum, { committed }) => sum + committed, 0)), 12);
    await countersAgree(page);
  });
});
