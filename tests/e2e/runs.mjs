// Runs of the network for tests of the page, on engines that work and engines that fail.
import assert from 'node:assert/strict';
import { RUN_MS, counter, figure, pressed, settingsOf, text } from './harness.mjs';

/** A short run is as good as a long one to see that runs end. */
export const SHORT_RUN = 'seed=11&model=faces&class=hat&guidance=1&steps=24&eta=1&window=8&draft=carry&rule=auto';
/** However many cores there are. */
export const ON_CPU = /^live: CPU( · \d+ workers)?$/;
/** Far more than a round of the short run takes. */
export const MARK_MS = 2000;
/** Enough for the test to press a button while a call is under way, and less than a cancelled call may take. */
export const LATE_MS = 4000;

/** A live run, shown to its end: both lanes complete and being replayed. */
export const liveRunShown = (page, seed) =>
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
export const sums = (page) =>
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

export async function countersAgree(page) {
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
    const [, shown, unit, direction] = /\(([\d.]+)(×|\s%) (fewer|more)\)$/.exec(said) ?? [];
    if (factor === 1) assert.match(said, /\(as many\)$/);
    else {
      assert.equal(direction, one <= other ? 'fewer' : 'more');
      assert.equal(unit, factor >= 1.5 ? '×' : '\u00a0%');
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
export const failingEngine = (real, device, failure, at = 'run') => `
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
export const PANIC = "queueMicrotask(() => { throw new WebAssembly.RuntimeError('unreachable'); }); await new Promise(() => {});";
export const LATE_PANIC = `await new Promise((resolve) => setTimeout(resolve, ${LATE_MS})); ${PANIC}`;
/** @param {string} field @param {string} message */
export const rejection = (field, message) => `throw Object.assign(new Error(${JSON.stringify(message)}), { field: ${JSON.stringify(field)} });`;
export const failingCpu = (page, failure, at) =>
  page.route(/\/pkg\/cpu\/speculative_diffusion\.js$/, (route) =>
    route.fulfill(script(failingEngine('./speculative_diffusion.js?real', "{ backend: 'cpu', adapter: '', software: false }", failure, at))),
  );
/** The CPU engine in the GPU's place. */
export const failingGpu = async (page, failure, at) => {
  await page.route(/\/pkg\/gpu\/speculative_diffusion\.js$/, (route) =>
    route.fulfill(script(failingEngine('../cpu/speculative_diffusion.js', "{ backend: 'webgpu', adapter: 'borrowed', software: true }", failure, at))),
  );
  await page.route(/\/pkg\/gpu\/.*\.wasm$/, async (route) =>
    route.fulfill({ response: await route.fetch({ url: route.request().url().replace('/gpu/', '/cpu/') }) }),
  );
};
/** The microscope looks at the run above, not at the recorded rounds. */
export const roundsOfTheRun = async (page) => {
  await figure(page, 'microscope');
  await page.locator('#rounds-of input[value="run"]').check({ force: true });
  // a pointer that stays there chooses the steps that scroll under it, and arrows on a radio button choose another
  await page.mouse.move(0, 0);
  await page.locator('#race').focus();
};
export const roundsShown = (page, count) =>
  page.waitForFunction((wanted) => window.__trace?.source.kind === 'live' && window.__trace.rounds.length === wanted, count, { timeout: RUN_MS });
export const problemTold = (page, timeout = RUN_MS) =>
  page.waitForFunction(() => document.querySelector('#problems').textContent !== '', undefined, { timeout });
const script = (body) => ({ status: 200, contentType: 'text/javascript', body });
