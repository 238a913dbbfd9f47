// The sentences of runs, rounds, measurements, residuals, pictures and particles: whatever is decided, both languages can say it.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { columns } from '../../www/state/trace.js';
import { fastest } from '../../www/figures/measured.js';
import { summarize } from '../../www/figures/evidence/normal.js';
import { random } from '../random.mjs';

const SAY = new URL('../../www/say/', import.meta.url);
const LANGUAGES = ['en', 'de'];

const next = random(7);
const pick = (list) => list[Math.floor(next() * list.length)];
const whole = (least, most) => least + Math.floor(next() * (most - least + 1));

/** A round as an engine may report it: accepted steps, perhaps a rejected or a noiseless one, then discarded ones. */
function round(first, left, draft) {
  const length = Math.min(left, whole(1, 6));
  const [peak, isLast] = [next() < 0.4, length === left];
  const stop = next() < 0.6 ? whole(0, length - 1) : length;
  const verdict = Uint8Array.from({ length }, (_, j) => (j > stop ? 3 : isLast && j === length - 1 ? 2 : j === stop ? 1 : 0));
  const committed = Math.min(length, stop + 1);
  const of = (value) => Float64Array.from({ length }, (_, j) => (verdict[j] < 2 ? value() : NaN));
  return {
    first,
    length,
    committed,
    calls: whole(1, 2),
    draftCalls: draft === 'independent' || draft === 'corrected' ? whole(1, 2) : 0,
    rows: length + whole(0, 2),
    ms: 1 + 9 * next(),
    level: Uint32Array.from({ length }, (_, j) => first + j),
    verdict,
    carried: Uint8Array.from({ length }, () => Number(next() < 0.3)),
    s: Float64Array.from({ length }, (_, j) => (verdict[j] === 2 ? 0 : next())),
    time: Float64Array.from({ length }, next),
    gap: of(next),
    probability: of(() => pick([next(), 0.999])),
    lnU: of(() => (peak ? NaN : Math.log(next()))),
    lnRatio: of(() => 2 * next() - 1),
    residual: of(next),
    state: Float32Array.from({ length: committed }, next),
    estimate: Float32Array.from({ length }, next),
  };
}

function trace() {
  const draft = pick(['secant', 'carry', 'frozen', 'frozen-drift', 'prefetched', 'independent', 'corrected']);
  const steps = whole(2, 12);
  const rounds = [];
  for (let first = 0; first < steps; first += rounds.at(-1).committed) rounds.push(round(first, steps - first, draft));
  const ms = pick([0.2, 1, 3, 20]);
  const plain = Array.from({ length: steps }, (_, level) => ({
    level,
    calls: 1,
    rows: pick([1, 1, 2, 4]),
    ms,
    state: Float32Array.of(next()),
    estimate: Float32Array.of(0),
  }));
  if (next() < 0.3) plain.at(-1).state = rounds.at(-1).state.slice(-1);
  const device = pick([
    { backend: 'cpu', adapter: '', software: false },
    { backend: 'cpu', adapter: '', software: false, workers: 4 },
    { backend: 'webgpu', adapter: '', software: true },
    { backend: 'webgpu', adapter: 'a card', software: false },
  ]);
  const settings = {
    seed: 1,
    model: pick(['faces', 'fashion']),
    class: pick(['any', 'hat']),
    guidance: pick([1, 1.5]),
    steps,
    eta: 0.9,
    window: 8,
    draft,
    rule: pick(['auto', 'peak']),
  };
  return { settings, dim: 1, classes: [], start: new Float32Array(1), rounds, plain, source: { kind: 'live', device } };
}

/** What is asked of each module of texts: names of functions and what they are given. */
function* questions() {
  for (let i = 0; i < 600; i++) {
    const run = trace();
    const table = columns(run);
    yield ['run', 'deviceName', [run.source.device]];
    yield ['run', 'runWords', [run.settings]];
    yield ['run', 'resultParts', [run, table]];
    const cursor = {
      axis: pick(['calls', 'time']),
      position: 0,
      rounds: pick([0, run.rounds.length, whole(0, run.rounds.length)]),
      plain: pick([run.plain.length, whole(0, run.plain.length)]),
    };
    yield ['run', 'cursorSentence', [run, table, cursor]];
    const index = whole(0, run.rounds.length - 1);
    const one = run.rounds[index];
    const position = whole(0, one.length - 1);
    yield ['run', 'roundSentence', [one, index + 1]];
    yield ['round', 'title', [index, run.rounds.length, one]];
    for (const judged of [true, false]) yield ['round', 'stepTitle', [one, position, judged]];
    yield ['round', 'pathLabel', [one]];
    yield ['round', 'difference', [pick([0, 5]), next() < 0.5]];
    yield ['round', 'numbers', [one, position, Number.isFinite(one.gap[position])]];
    yield ['round', 'phaseSentences', [one, run]];
    yield ['round', 'positionSentence', [one, position]];
    yield ['world', 'title', [index, run.rounds.length, pick([one, undefined])]];
    for (let phase = 0; phase < 4; phase++) yield ['world', 'phaseSentence', [pick([one, one, one, undefined]), phase, next() < 0.5]];
    yield ['world', 'clusterCount', [pick([1, 2, 40]), 40]];
    yield ['world', 'panelSentence', [pick([0, 1, 500]), 900]];
    yield ['world', 'swarmSentence', [{ chains: pick([1, 500]), exact: next() < 0.5, calls: [900, 3000], distance: [next() / 10, next() / 10], bound: 0.08 }]];
    yield ['policy', 'roundSentence', [one, index, run.rounds.length]];
    const home = () => pick([undefined, 40, 80, 120]);
    yield ['policy', 'verdict', [{ standard: home(), speculative: home(), moving: next() < 0.1, ticks: pick([0, 130, 130, 130, 130]) }]];
    const line = () => ({
      engine: pick(['cpu', 'cpu', 'webgpu']),
      lane: 'speculative',
      draft: 'secant',
      window: pick([4, 'auto']),
      calls: 9,
      rows: 20,
      ms: whole(40, 120),
      times: pick([1, 2, 2]),
      workers: 2,
    });
    const lines = [line(), line(), { ...line(), lane: 'plain', window: 1, calls: 24 }].map((one) => ({ ...one, most: one.ms + whole(0, 9) }));
    yield ['measured', 'timedWords', [lines[i % 3], lines]];
    yield ['measured', 'sentence', [fastest(lines), lines]];
    const compared = ['few', 'cached', 'speculative'].map((sampler) => ({
      sampler,
      steps: 20,
      samples: 2000,
      distance: next(),
      null_median: 0.3,
      null_95: 0.6,
      share_of_null_beyond: pick([0, 0.03, 0.5]),
    }));
    yield ['gallery', 'judged', [pick(['faces', 'fashion']), compared, 0.2]];
    yield ['gallery', 'stripLabel', ['faces', compared]];
    const set = { ...compared[i % 3], calls: pick([14, 14.3]) };
    for (const name of ['samplerName', 'setWaits', 'setTitle']) yield ['gallery', name, [set]];
    yield ['gallery', 'picture', [set, 'faces', 1, 24]];
    yield ['gallery', 'placed', [compared[0]]];
    if (i % 4 > 0) continue;
    const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const rejected = pick([0, 3, 40]);
    const shift = pick([0, 0, 1]);
    const summary = summarize({
      accepted: Array.from({ length: pick([1, 30, 200, 2000]) }, () => normal() + shift),
      rejected: Array.from({ length: rejected }, normal),
    });
    const origin = pick([
      { of: 'network', runs: pick([1, 7]), corrected: pick([0, Math.min(2, rejected), rejected]) },
      ...['reflection', 'keep-noise', 'redraw', 'accept-all'].map((rule) => ({ of: 'toy', rule, exact: rule === 'reflection', chains: 600 })),
    ]);
    yield ['evidence', 'badge', [origin]];
    yield ['evidence', 'rejected', [origin, rejected]];
    yield ['evidence', 'expectedRow', [summary.all.n]];
    yield ['evidence', 'result', [summary, origin, 1.36]];
    yield ['evidence', 'histogramLabel', [summary, origin, 1.36]];
    yield ['evidence', 'cumulativeLabel', [summary, 1.36]];
  }
}

/** The templates of a language, each of which notes that it was used. */
function watched(templates, used) {
  for (const [key, template] of Object.entries(templates)) {
    templates[key] = (inside) => {
      used.add(key);
      return typeof template === 'function' ? template(inside) : template;
    };
  }
}

test('whatever is decided has a sentence in every language, and every sentence is reached', async () => {
  const names = (await readdir(SAY)).filter((name) => name !== 'index.js').map((name) => name.replace('.js', ''));
  const modules = new Map();
  for (const language of LANGUAGES) {
    for (const name of names) {
      const module = await import(`../../www/text/${language}/${name}.js`);
      const used = new Set();
      watched(module.templates, used);
      modules.set(`${language}/${name}`, { module, used });
    }
  }
  const asked = new Set();
  for (const [name, what, given] of questions()) {
    asked.add(name);
    for (const language of LANGUAGES) {
      const said = JSON.stringify(modules.get(`${language}/${name}`).module[what](...given));
      assert.ok(said !== undefined && !/undefined|NaN|null|\[object/.test(said), `${language} ${name}.${what}: ${said}`);
    }
  }
  assert.deepEqual([...asked].sort(), names.sort());
  for (const [name, { module, used }] of modules)
    assert.deepEqual(
      Object.keys(module.templates).filter((key) => !used.has(key)),
      [],
      name,
    );
});
