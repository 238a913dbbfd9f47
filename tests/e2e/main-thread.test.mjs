// The page's main thread stays free, whatever is computed or drawn.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RUN_MS, figure, inBrowser } from './harness.mjs';
import { liveRunShown } from './runs.mjs';

const DRAWN_MS = 60_000;
const LONG_TASK_MS = 50;

/** That no task of the main thread is long while something is done, in processor time. */
async function staysFree(page, work) {
  const browser = page.context().browser();
  await browser.startTracing(page, { categories: ['toplevel', '__metadata', 'disabled-by-default-devtools.timeline'] });
  await work();
  const { traceEvents } = JSON.parse(String(await browser.stopTracing()));
  const main = new Set(traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = traceEvents.filter(({ name, pid, tid, tdur }) => /RunTask$/.test(name) && main.has(`${pid} ${tid}`) && tdur !== undefined);
  assert.ok(tasks.length > 100, `the trace holds ${tasks.length} tasks`);
  const long = tasks.map(({ tdur }) => tdur / 1000).filter((ms) => ms > LONG_TASK_MS);
  assert.deepEqual(long, [], 'tasks of so many milliseconds');
}

describe('the main thread stays free', () => {
  const open = inBrowser([]);

  for (const [what, run] of [
    ['a usual run', 'seed=3&steps=60'],
    ['K = 1,000', 'seed=3&steps=1000&window=20'],
    ['L = 256', 'seed=3&steps=140&window=256'],
  ])
    test(`while a run is live: ${what}`, async () => {
      const page = await open({ ready: true });
      await staysFree(page, async () => {
        await page.evaluate((hash) => {
          location.hash = hash;
        }, run);
        await page.waitForFunction(() => window.__trace.source.kind === 'live', undefined, { timeout: RUN_MS });
        await liveRunShown(page, 3);
      });
      const kept = await page.evaluate(
        () =>
          window.__trace.rounds.reduce(
            (sum, round) => sum + ['draftMean', 'draft', 'targetMean', 'estimate', 'state'].reduce((bytes, name) => bytes + round[name].byteLength, 0),
            0,
          ) + window.__trace.plain.reduce((sum, { state, estimate }) => sum + state.byteLength + estimate.byteLength, 0),
      );
      assert.ok(kept <= 300e6, `${kept} bytes of pictures are kept`);
    });

  test('while the flat world plays and draws a thousand chains beside the policy that loads, and nothing jumps', async () => {
    const page = await open({
      engine: false,
      route: (page) =>
        page.addInitScript(() => {
          window.jumps = [];
          new PerformanceObserver((list) =>
            window.jumps.push(
              ...list
                .getEntries()
                .map(({ value, sources }) => ({ value, inside: sources.some(({ node }) => (node?.closest ? node : node?.parentElement)?.closest('#world')) })),
            ),
          ).observe({ type: 'layout-shift', buffered: true });
        }),
    });
    const drawn = (chains) =>
      page.waitForFunction(
        (wanted) =>
          [...document.querySelectorAll('#world .world-panel-note')].every(({ textContent }) => textContent.startsWith(wanted)) &&
          document.querySelector('#world .world-progress.idle'),
        chains,
        { timeout: DRAWN_MS },
      );
    await staysFree(page, async () => {
      // its neighbour loads its network meanwhile
      await figure(page, 'world');
      await page.locator('#world [data-action="play"]').click();
      await page.locator('#world .world-panels').last().scrollIntoViewIfNeeded();
      await drawn('500');
      await page.locator('#world [data-action="draw"]').click();
      await drawn('1,000');
    });
    const jumps = await page.evaluate(() => window.jumps);
    assert.ok(jumps.filter(({ inside }) => inside).reduce((sum, { value }) => sum + value, 0) <= 0.04, JSON.stringify(jumps));
  });
});
