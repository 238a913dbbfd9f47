// The page in three browser engines, on the CPU: PAGE_URL and DIST_URL are served, SAMPLE is the native program that draws
// the same runs, SAMPLE_AARCH64 the command that runs it for another processor. What all of them computed is compared to the bit.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { proxy } from '../proxy.mjs';
import { BROWSERS, launch } from './drivers.mjs';
import { FIGURES } from '../../www/figures/index.js';

const PAGE_URL = process.env.PAGE_URL ?? 'http://127.0.0.1:8000/';
const { DIST_URL, SAMPLE, SAMPLE_AARCH64 } = process.env;
/** The native program on the processors where it can be run, and how. @type {Record<string, string[]>} */
const NATIVE = {
  ...(SAMPLE ? { [`native (${process.arch})`]: [SAMPLE] } : {}),
  ...(SAMPLE_AARCH64 ? { 'native (aarch64, emulated)': SAMPLE_AARCH64.split(' ') } : {}),
};
const WAIT_MS = 120_000;
const EVERY_MS = 200;

/** Runs that every engine must compute to the same bits: settings as the address has them, every value of every choice in one at
 * least, and what only says where and how a run is shown. */
const RUNS = [
  { seed: 11, model: 'faces', class: 'hat', steps: 24, window: '8', draft: 'carry', rule: 'reflection' },
  { seed: 3, model: 'faces', class: 'any', steps: 60, window: 'auto/0', draft: 'secant', rule: 'auto' },
  { seed: 5, model: 'faces', class: 'glasses', steps: 30, window: 'auto/0.9/2', draft: 'secant', rule: 'peak' },
  { seed: 7, model: 'fashion', class: 'boot', steps: 20, window: '6', draft: 'prefetched', rule: 'auto' },
  { seed: 9, model: 'faces', class: 'short', steps: 16, window: '4', draft: 'corrected', rule: 'auto' },
  { seed: 13, model: 'faces', class: 'long', guidance: 2.5, steps: 14, eta: 0.5, window: '3', draft: 'frozen-drift', rule: 'reflection', workers: 1 },
  { seed: 0, model: 'fashion', class: 'any', steps: 12, eta: 0.1, window: 'auto/0.7/4', draft: 'independent', rule: 'peak', axis: 'time' },
  { seed: 2 ** 40, model: 'fashion', class: 'bag', guidance: 4, steps: 10, window: '1', draft: 'secant', rule: 'auto', workers: 2 },
  { seed: 17, model: 'faces', class: 'any', guidance: 1.5, steps: 18, eta: 0.25, window: 'auto/0/1', draft: 'corrected', rule: 'reflection' },
  { seed: 19, model: 'fashion', class: 'sandal', steps: 12, eta: 0.001, window: '5', draft: 'carry', rule: 'peak', speed: 4 },
];
const address = (/** @type {object} */ run) => `#${new URLSearchParams(Object.entries(run).map(([name, value]) => [name, String(value)]))}`;
const words = ({ seed, model, class: kind, guidance = 1, steps, eta = 1, window, draft, rule }) =>
  `${model}, ${kind}, guidance ${guidance}, seed ${seed}, K = ${steps}, eta = ${eta}, ${draft}, L = ${window}, ${rule}`;
/** What a run decided and measured, as text that keeps every bit. */
const hash = (rounds) => createHash('sha256').update(JSON.stringify(rounds)).digest('hex').slice(0, 16);

/** Hashes by run and engine, versions by engine, and results by test and engine: the table at the end. */
const hashes = new Map();
const versions = new Map();
const results = new Map();
const note = (name, engine, result) => results.set(name, { ...results.get(name), [engine]: result });

/** In the page: how far it has come, and what it says. */
const state = () => ({
  ...Object.fromEntries(['#problems', '#status', '#badge', '#engine-badge', '#gpu-note'].map((place) => [place, document.querySelector(place)?.textContent])),
  rounds: window.__trace?.rounds.length,
  plain: window.__trace?.plain.length,
  loaded: performance.getEntriesByType('resource').map(({ name, responseEnd }) => `${name.split('/').pop()} ${Math.round(responseEnd)}`),
});

/** Until a question has a true answer. */
async function until(browser, question, ...all) {
  const late = Date.now() + WAIT_MS;
  for (;;) {
    const answer = await browser.evaluate(question, ...all);
    if (answer) return answer;
    if (Date.now() > late) throw new Error(`${question} stayed ${JSON.stringify(answer)}: ${JSON.stringify(await browser.evaluate(state))}`);
    await new Promise((resolve) => {
      setTimeout(resolve, EVERY_MS);
    });
  }
}

const shown = (browser, { seed, steps }) =>
  until(
    browser,
    (seed, steps) => {
      const trace = window.__trace;
      return trace?.source.kind === 'live' && trace.settings.seed === seed && trace.plain.length === steps && !document.querySelector('#result').hidden;
    },
    seed,
    steps,
  );

/** In the page: the run's decisions, null where nothing was tested. */
const decisions = () => {
  const names = ['accepted', 'rejected', 'deterministic', 'discarded'];
  const number = (/** @type {number} */ x) => (Number.isFinite(x) ? x : null);
  return window.__trace.rounds.map(({ first, calls, rows, committed, level, verdict, gap, lnU, lnRatio, residual }) => [
    first,
    calls,
    rows,
    committed,
    [...level].map((at, i) => [at, names[verdict[i]], number(gap[i]), number(lnU[i]), number(lnRatio[i]), number(residual[i])]),
  ]);
};

/** The same of the native program. */
async function natively(run, [program, ...before]) {
  const folder = mkdtempSync(join(tmpdir(), 'sample-'));
  const path = join(folder, 'trace.json');
  await promisify(execFile)(
    program,
    [
      ...before,
      ...['model', 'class', 'guidance', 'steps', 'eta', 'window', 'draft', 'rule', 'seed'].flatMap((name) =>
        run[name] === undefined ? [] : [`--${name}`, String(run[name])],
      ),
      '--n',
      '1',
      '--out',
      join(folder, 'out.png'),
      '--trace',
      path,
    ],
    { cwd: new URL('../../', import.meta.url) },
  );
  return JSON.parse(readFileSync(path, 'utf8')).chains[0].rounds.map(({ first, calls, rows, committed, positions }) => [
    first,
    calls,
    rows,
    committed,
    positions.map(({ level, verdict, gap, lnU, lnRatio, residual }) => [level, verdict, gap, lnU, lnRatio, residual]),
  ]);
}

for (const [engine, { path, missing }] of Object.entries(BROWSERS)) {
  describe(engine, { skip: !path && `not available: ${missing}` }, () => {
    let browser;
    const checked = (name, work, options = {}) =>
      test(name, options, async () => {
        note(name, engine, 'failed');
        note(name, engine, (await work()) ?? 'passed');
      });
    before(async () => {
      browser = await launch(/** @type {any} */ (engine));
      versions.set(engine, browser.version);
    });
    after(() => browser?.close());

    checked('a race goes to its end, and its counters agree with its trace', async () => {
      await browser.open(PAGE_URL + address(RUNS[0]));
      await shown(browser, RUNS[0]);
      // the run may have ended before the race has come, which hears of the slider from then on
      await until(browser, () => document.querySelector('#race').dataset.mounted === '');
      await browser.evaluate(() => {
        const scrub = document.querySelector('#scrub');
        scrub.value = scrub.max;
        scrub.dispatchEvent(new Event('input'));
      });
      await until(browser, () => document.querySelector('#race').dataset.finished === 'true');
      const { calls, rows, sums, workers } = await browser.evaluate(() => {
        const read = (name) => document.querySelector(`.lane-speculative [data-counter="${name}"]`).textContent;
        const sum = (name) => window.__trace.rounds.reduce((all, round) => all + round[name], 0);
        return {
          calls: read('calls'),
          rows: read('rows'),
          sums: { calls: String(sum('calls')), rows: String(sum('rows')) },
          workers: window.__trace.source.device.workers,
        };
      });
      assert.deepEqual({ calls, rows }, sums);
      assert.ok(workers >= 1);
    });

    for (const run of RUNS) {
      checked(`the bits of a run: ${words(run)}`, async () => {
        await browser.open('about:blank');
        await browser.open(PAGE_URL + address(run));
        await shown(browser, run);
        const own = hash(await browser.evaluate(decisions));
        hashes.set(run, { ...hashes.get(run), [engine]: own });
        return own;
      });
    }

    checked('every figure of the article is drawn', async () => {
      await browser.open('about:blank');
      await browser.open(PAGE_URL);
      await until(browser, () => window.__trace?.source.kind === 'recorded');
      for (const { name } of FIGURES) {
        await browser.evaluate((id) => document.getElementById(id).scrollIntoView(), name);
        await until(browser, (id) => document.getElementById(id).dataset.mounted === '', name);
        const seen = await browser.evaluate((id) => {
          const figure = document.getElementById(id);
          return { problem: figure.querySelector('.figure-problem')?.textContent ?? '', marks: figure.querySelectorAll('svg *, canvas, pre').length };
        }, name);
        assert.deepEqual(seen.problem, '', name);
        assert.ok(seen.marks > 0, `${name} shows nothing`);
      }
      assert.equal(await browser.evaluate(() => document.querySelector('#problems').textContent), '');
    });

    for (const [what, end, fault, told] of [
      ['weights that are cut short', 'faces.bpk', { change: (body) => body.subarray(0, 100_000) }, 'weights'],
      [
        'weights with a flipped byte',
        'faces.bpk',
        {
          change: (body) => {
            const other = Buffer.from(body);
            other[other.length >> 1] ^= 1;
            return other;
          },
        },
        'weights',
      ],
      ['an engine that is not there', 'pkg/cpu/speculative_diffusion_bg.wasm', { status: 404 }, 'engine'],
      ['an engine of garbage', 'pkg/cpu/speculative_diffusion_bg.wasm', { body: Buffer.from('garbage') }, 'engine'],
    ]) {
      checked(`${what}: a sentence, and the recorded run stays`, async () => {
        const through = await proxy(PAGE_URL);
        try {
          through.answers.set(end, fault);
          await browser.open(through.url);
          await until(browser, () => document.querySelector('#problems')?.textContent);
          assert.match((await browser.evaluate(() => document.querySelector('#problems').textContent)).toLowerCase(), new RegExp(told));
          assert.equal(await browser.evaluate(() => window.__trace?.source.kind), 'recorded');
        } finally {
          through.close();
        }
      });
    }

    const kept = async () => {
      const able = await browser.evaluate(async () => {
        if (!navigator.serviceWorker) return false;
        const ready = navigator.serviceWorker.ready.then(() => true);
        return Promise.race([
          ready,
          new Promise((resolve) => {
            setTimeout(resolve, 60_000, false);
          }),
        ]);
      });
      if (able) await until(browser, async () => (await caches.keys()).length > 0);
      return able;
    };

    checked(
      'the built site is left while its service worker starts, and opens again',
      async () => {
        // WebKitGTK under its driver hangs about once in forty times, whatever the worker waits for
        if (engine === 'webkit') return 'not tested';
        // each time another origin, so another first visit: it is left at another moment each time
        for (let visit = 0; visit < 5; visit++) {
          const through = await proxy(String(DIST_URL));
          try {
            await browser.open(through.url);
            if (!(await kept())) return 'not available';
            await browser.open('about:blank');
            await browser.open(through.url);
          } finally {
            through.close();
          }
        }
        return undefined;
      },
      { skip: !DIST_URL && 'DIST_URL is not set: nothing serves dist/' },
    );

    checked(
      'a second visit to the built site needs no network',
      async () => {
        const through = await proxy(String(DIST_URL));
        try {
          await browser.open(through.url);
          if (!(await kept())) return 'not available';
          await until(browser, () => Boolean(navigator.serviceWorker.controller));
          through.state.down = true;
          await browser.open('about:blank');
          await browser.open(`${through.url}#seed=11&steps=12&window=4`);
          await shown(browser, { seed: 11, steps: 12 });
          return undefined;
        } finally {
          through.close();
        }
      },
      { skip: !DIST_URL && 'DIST_URL is not set: nothing serves dist/' },
    );
  });
}

test('what was computed is the same to the bit, natively and in every engine', async () => {
  // an emulated processor takes ten seconds for a run: a run for each core
  const waiting = RUNS.flatMap((run) =>
    Object.entries(NATIVE).map(([name, command]) => async () => {
      const own = hash(await natively(run, command));
      hashes.set(run, { ...hashes.get(run), [name]: own });
      note(`the bits of a run: ${words(run)}`, name, own);
    }),
  );
  const core = async () => {
    for (let work; (work = waiting.shift());) await work();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, core));
  for (const run of RUNS) {
    const all = hashes.get(run) ?? {};
    assert.equal(new Set(Object.values(all)).size, 1, `${words(run)}: ${JSON.stringify(all)}`);
  }
  const engines = new Set(RUNS.flatMap((run) => Object.keys(hashes.get(run) ?? {})));
  assert.ok(engines.size >= 2, `only ${[...engines]} computed anything`);
});

after(() => {
  const natives = [`native (${process.arch})`, 'native (aarch64, emulated)'];
  const engines = [...natives, ...Object.keys(BROWSERS)];
  const of = (engine) => (engine in NATIVE ? engine : (versions.get(engine) ?? `${engine}: not available`));
  console.log(`\n| test | ${engines.map(of).join(' | ')} |\n|---|${engines.map(() => '---|').join('')}`);
  for (const [name, row] of results)
    console.log(`| ${name} | ${engines.map((engine) => row[engine] ?? (engine in NATIVE || versions.has(engine) ? '' : 'not available')).join(' | ')} |`);
});
