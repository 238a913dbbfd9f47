// The session and what else of the page is a value: phases, memory, the search for the fastest, who imports whom.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { decide, stepTime } from '../../www/engine/contest.js';
import { fastest, windowsFor } from '../../www/figures/measured.js';
import { KEEP_BYTES, mayKeep, slim } from '../../www/state/memory.js';
import * as sessions from '../../www/state/session.js';
import { FIGURES } from '../../www/figures/index.js';
import { defaults, fieldOf, readHash, runPart } from '../../www/state/settings.js';

const device = { backend: 'cpu', adapter: 'test', software: false };
const settings = { ...runPart(defaults()), steps: 2 };
const started = { settings, start: new Float32Array(1), device, classes: [], continued: false };
const round = (first, committed) => ({ first, length: committed, committed, calls: 1, rows: committed, ms: 1, verdict: new Uint8Array(committed) });
const trace = { settings, dim: 1, classes: [], start: new Float32Array(1), rounds: [], plain: [], source: { kind: 'recorded', device } };
const asked = { settings };

test('a run that was asked for goes from waiting over computing to shown, and until it begins what was there stays', () => {
  let session = sessions.opened(readHash(''));
  assert.equal(sessions.runOf(session), undefined);
  session = sessions.recorded(session, trace);
  assert.equal(session.run.phase, 'shown');
  session = sessions.ask(session, { ...asked, at: '3' });
  assert.deepEqual([session.run.phase, sessions.runOf(session).trace], ['waiting', trace]);
  assert.equal(sessions.askedOf(session).at, '3');
  session = sessions.begin(session, started, false);
  assert.deepEqual([session.run.phase, session.run.lane, session.run.held], ['computing', 'speculative', false]);
  assert.notEqual(sessions.runOf(session).trace, trace);
  session = sessions.grow(session, { type: 'round', part: round(0, 2) });
  assert.equal(sessions.runOf(session).table.speculative.level.at(-1), 0, 'columns are counted when they are drawn');
  session = sessions.counted(session);
  assert.equal(sessions.runOf(session).table.speculative.level.at(-1), 2);
  session = sessions.goOn(session, 'plain');
  session = sessions.end(session);
  assert.deepEqual(Object.keys(session.run).sort(), ['phase', 'table', 'trace'], 'nothing is left of what was asked, held or kept');
  assert.equal(sessions.askedOf(session), undefined);
});

test('a run that does not come to its end gives back what was shown, or that there was nothing', () => {
  for (const before of [sessions.opened(readHash('')), sessions.recorded(sessions.opened(readHash('')), trace)]) {
    const begun = sessions.hold(sessions.begin(sessions.ask(before, asked), started, false), true);
    assert.equal(begun.run.held, true);
    assert.deepEqual(sessions.putBack(begun).run, before.run);
    assert.deepEqual(sessions.putBack(sessions.ask(begun, asked)).run, before.run, 'also where another was asked for meanwhile');
  }
});

test('another engine goes on with what there is, or begins again with what was kept and held', () => {
  const before = sessions.recorded(sessions.opened(readHash('')), trace);
  let session = sessions.hold(sessions.begin(sessions.ask(before, asked), started, true), true);
  session = sessions.grow(session, { type: 'round', part: round(0, 1) });
  session = sessions.noted(session, 'handover');
  const other = { ...device, adapter: 'other' };
  const goes = sessions.begin(session, { ...started, device: other, continued: true }, false);
  assert.deepEqual([goes.run.trace.rounds.length, goes.run.trace.source], [1, { kind: 'live', device: other, note: 'handover' }]);
  const again = sessions.begin(session, { ...started, device: other }, false);
  assert.deepEqual([again.run.trace.rounds.length, again.run.kept, again.run.held], [0, before.run, true]);
  assert.equal(sessions.grow(goes, { type: 'round', part: round(0, 2) }).run.trace.rounds.length, 1, 'a round that is repeated takes the place of the first');
});

test('a recorded run that comes late is what the run that waits would give back', () => {
  const waiting = sessions.recorded(sessions.ask(sessions.opened(readHash('')), asked), trace);
  assert.deepEqual([waiting.run.phase, sessions.runOf(waiting).trace], ['waiting', trace]);
  const computing = sessions.begin(sessions.ask(sessions.opened(readHash('')), asked), started, false);
  assert.equal(sessions.recorded(computing, trace), computing);
});

test('what happens without a run that it could happen to changes nothing', () => {
  const still = sessions.recorded(sessions.opened(readHash('')), trace);
  for (const same of [
    sessions.begin(still, started, false),
    sessions.goOn(still, 'plain'),
    sessions.grow(still, { type: 'round', part: round(0, 1) }),
    sessions.counted(still),
    sessions.noted(still, 'handover'),
    sessions.hold(still, true),
    sessions.end(still),
  ])
    assert.equal(same, still);
});

const part = (first) => ({ level: first, calls: 1, rows: 1, ms: 3 });
const whole = { ...trace, rounds: [round(0, 1), round(1, 1)], plain: [part(0), part(1)] };

test('a run that has come stands where the address wants it, or starts from its beginning once it is seen', () => {
  const replay = ({ position, playing, starts }) => ({ position, playing, starts });
  const opened = sessions.opened(readHash(''));
  assert.deepEqual(replay(sessions.recorded(opened, whole)), { position: 0, playing: false, starts: true });
  assert.deepEqual(replay(sessions.recorded(opened, whole, '1.5')), { position: 1.5, playing: false, starts: false });
  for (const at of ['-1', '2.5', 'x']) assert.deepEqual(replay(sessions.recorded(opened, whole, at)), { position: 0, playing: false, starts: true });
  const computing = sessions.begin(sessions.ask(opened, { settings, at: '1' }), started, false);
  assert.deepEqual(replay(sessions.end(sessions.grow(computing, { type: 'round', part: round(0, 2) }))), { position: 1, playing: false, starts: false });
  assert.deepEqual(replay(sessions.begin(sessions.ask({ ...opened, playing: true }, asked), started, false)), replay(opened));
});

test('on another axis the replay stands at the same share, and plays on', () => {
  const session = { ...sessions.recorded(sessions.opened(readHash('')), whole), position: 1, playing: true };
  const viewed = sessions.viewed(session, { axis: 'time' });
  assert.deepEqual([viewed.position, viewed.playing, viewed.settings.axis], [3, true, 'time']);
  assert.equal(sessions.viewed(session, { speed: 2 }).position, 1);
  assert.deepEqual(sessions.cursorOf(viewed), { axis: 'time', position: 3, rounds: 2, plain: 1 });
  const round = sessions.toRound(viewed, 0);
  assert.deepEqual([round.position, round.playing], [1, false]);
  assert.equal(sessions.moved(session, { position: 1 }), session, 'nothing is another');
});

test('a window that was found is found again for another engine, one that was set is not', () => {
  const session = sessions.priced(sessions.opened(readHash('')), 'auto/0.5/2');
  assert.equal(sessions.unpriced(session).settings.window, 'auto');
  assert.equal(sessions.unpriced(sessions.set(session, { window: 8 })).settings.window, 8);
});

test('beyond the bound pictures of discarded drafts are dropped, oldest rounds first, and committed ones never', () => {
  const [length, committed, dim] = [4, 1, 784];
  const images = (/** @type {number} */ count) => new Float32Array(count * dim);
  const rounds = Array.from({ length: 4000 }, () => ({
    ...Object.fromEntries(['draftMean', 'draft', 'targetMean', 'estimate'].map((name) => [name, images(length)])),
    state: images(committed),
  }));
  slim({ rounds });
  const bytes = rounds.reduce((sum, { draft }) => sum + 4 * draft.byteLength, 0);
  assert.ok(bytes <= KEEP_BYTES && bytes > 0.9 * KEEP_BYTES, `${bytes} bytes`);
  assert.deepEqual([rounds[0].draft.length, rounds.at(-1).draft.length], [committed * dim, length * dim]);
  assert.ok(
    mayKeep({ ...settings, steps: 1000, window: 256 }, { ...trace, settings }) > mayKeep({ ...settings, steps: 1000, window: 2 }, { ...trace, settings }),
  );
});

const line = (draft, ms, most, lane = 'speculative') => ({ engine: 'cpu', lane, draft, window: 4, calls: 9, rows: 20, ms, most, times: 2, workers: 2 });

test('the two fastest are reported as equally fast where they differ by less than times of one of them', async () => {
  const plain = line('', 100, 101, 'plain');
  const clear = [line('secant', 50, 52), line('carry', 60, 61), plain];
  assert.deepEqual(fastest(clear), { best: clear[0], limit: plain });
  const drafts = [line('secant', 50, 62), line('carry', 60, 61), plain];
  assert.deepEqual(fastest(drafts), { best: drafts[0], limit: plain, tied: { line: drafts[1], scatter: 12 } });
  const standard = [line('secant', 102, 103), line('carry', 110, 111), line('', 100, 104, 'plain')];
  assert.deepEqual(fastest(standard), { best: standard[0], limit: standard[2], tied: { line: standard[2], scatter: 4 } });
  const once = [line('secant', 50, 50), line('carry', 50, 50), plain].map((one) => ({ ...one, times: 1 }));
  assert.equal(fastest(once).tied, undefined);
  for (const [language, equal, unknown] of [
    ['en', /equally fast/, /is not known/],
    ['de', /gleich schnell/, /nicht bekannt/],
  ]) {
    const words = await import(`../../www/text/${language}/measured.js`);
    for (const lines of [drafts, standard]) assert.match(words.sentence(fastest(lines), lines), equal);
    assert.doesNotMatch(words.sentence(fastest(clear), clear), equal);
    assert.match(words.sentence(fastest(once), once), unknown);
    assert.match(words.cells(drafts[0], plain).time, /^50\sms (to|bis) 62\sms$/);
  }
});

test('windows that are timed are shorter than the chain, and the one by price is among them', () => {
  assert.deepEqual(windowsFor(10, 6), [2, 3, 4, 6, 8, 'auto']);
  assert.deepEqual(windowsFor(2, 1), ['auto']);
});

test('an engine is taken in another\u2019s place if a step takes clearly less there, one draft in eight being rejected', () => {
  const price = (ms, row = 0.1, lanes = 1) => ({ row, lanes, few: { rows: lanes, ms }, many: { rows: 2 * lanes, ms } });
  assert.equal(decide(price(10), price(5)).wins, true);
  assert.equal(decide(price(10), price(9.5)).wins, false, 'not clearly faster');
  // rows that are free: the longest window commits (1 - (7/8)^256) / (1 - 7/8) = 8 steps a call
  assert.ok(Math.abs(stepTime(price(8, 0)) - 1) < 1e-9);
  // rows that cost a call each: a window of one step is best
  assert.equal(stepTime(price(8, 1)), 8);
  // pairs side by side: 1 + 7/8 steps a call
  assert.ok(Math.abs(stepTime(price(7.5, 1, 2)) - 4) < 1e-9);
});

const www = new URL('../../www/', import.meta.url);

/** What every module of the page imports, by their addresses. */
async function edgesOf() {
  const files = (await readdir(www, { recursive: true })).filter((name) => name.endsWith('.js'));
  assert.ok(files.length > 50, `${files.length} files`);
  return new Map(
    await Promise.all(
      files.map(async (name) => {
        const url = new URL(name, www);
        const code = await readFile(url, 'utf8');
        const imports = [...code.matchAll(/^(?:import|export) (?:[^;']* from )?'([.#][^']+)';$/gm)].map(
          ([, path]) => new URL(path.replace('#words', new URL('text/en', www).href), url).href,
        );
        return /** @type {const} */ ([url.href, imports]);
      }),
    ),
  );
}

test('no module of the page imports itself through others', async () => {
  const edges = await edgesOf();
  const open = [];
  const done = new Set();
  const visit = (name) => {
    assert.ok(!open.includes(name), `a circle: ${[...open, name].join(' -> ')}`);
    if (done.has(name)) return;
    open.push(name);
    (edges.get(name) ?? []).forEach(visit);
    open.pop();
    done.add(name);
  };
  [...edges.keys()].forEach(visit);
});

test('a figure imports its own folder, parts, traces and words, and what is about the run as it goes on also the session', async () => {
  const figures = new URL('figures/', www).href;
  const wrong = [...(await edgesOf())].flatMap(([from, imports]) => {
    if (!from.startsWith(figures) || !from.slice(figures.length).includes('/')) return [];
    const [folder] = from.slice(figures.length).split('/');
    const allowed = [`figures/${folder}/`, 'parts/', 'text/', 'say/', 'state/trace.js', ...(['race', 'round'].includes(folder) ? ['state/session.js'] : [])];
    return imports
      .filter((to) => !allowed.some((path) => to.startsWith(new URL(path, www).href)))
      .map((to) => `${from.slice(www.href.length)} -> ${to.slice(www.href.length)}`);
  });
  assert.deepEqual(wrong, []);
});

test('every figure that the registry names is in the article, with its module, its styles and a name of its own in the address', async () => {
  const article = await readFile(new URL('index.html', www), 'utf8');
  for (const { name, module, styles } of FIGURES) {
    assert.ok(article.includes(`id="${name}"`) && article.includes(`id="${name}-title"`), name);
    assert.match(await readFile(new URL(`figures/${module}`, www), 'utf8'), /^export (async )?function mount\(/m);
    for (const style of styles) assert.ok((await readFile(new URL(style, www), 'utf8')).length > 0, style);
  }
  const kept = FIGURES.flatMap(({ remembers }) => remembers ?? []);
  assert.deepEqual(kept, [...new Set(kept)]);
  assert.deepEqual(
    kept.filter((name) => fieldOf(name)),
    [],
    'no setting has the name of a figure',
  );
});
