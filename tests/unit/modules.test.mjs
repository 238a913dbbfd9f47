// The page's modules without a page: settings and the address, imported files, traces, the player. Hostile input is random with a
// fixed seed; FUZZ sets how much.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RUN_FIELDS, defaults, fitting, isAnchor, readHash, runPart, sameRun, writeHash } from '../../www/state/settings.js';
import { compare, fromJson, toCsv, toJson } from '../../www/state/files.js';
import { columns, comparison, cursorAt, decodeRace, isComplete, stops, totals } from '../../www/state/trace.js';
import { readFile } from 'node:fs/promises';
import { random } from '../random.mjs';

const INPUTS = Number(process.env.FUZZ ?? 50_000);

const pick = (next, list) => list[Math.floor(next() * list.length)];

const NASTY = [
  '',
  '0',
  '-1',
  '1e999',
  'NaN',
  'auto',
  'auto/0.9/2',
  'auto/2',
  '99999999999999999999',
  '0.1',
  'x0hat',
  '%',
  '%zz',
  '__proto__',
  'constructor',
  '<img src=x onerror=alert(1)>',
  '\u0000',
  '💥',
  'true',
  '[]',
  ' 7 ',
  '0x10',
  '1_000',
  'é',
];
const NAMES = [...RUN_FIELDS.map(({ name }) => name), 'engine', 'workers', 'axis', 'speed', 'at', 'world', 'toString', 'hasOwnProperty', '__proto__'];

/** A text with some of its characters changed, cut out, doubled, or replaced by something nasty. */
function mutated(next, text) {
  let result = text;
  for (let changes = 1 + Math.floor(next() * 4); changes > 0; changes--) {
    const [from, to] = [Math.floor(next() * result.length), Math.floor(next() * result.length)].sort((one, other) => one - other);
    const middle = pick(next, ['', result.slice(from, to).repeat(2), pick(next, NASTY), String.fromCharCode(Math.floor(next() * 256))]);
    result = result.slice(0, from) + middle + result.slice(next() < 0.7 ? from + Math.min(to - from, 3) : to);
  }
  return result;
}

test('an address is read or refused, whatever stands in it', () => {
  const next = random(1);
  const good = writeHash(defaults());
  let [refused, read] = [0, 0];
  for (let input = 0; input < INPUTS; input++) {
    const hash =
      next() < 0.5
        ? mutated(next, good)
        : `#${Array.from({ length: Math.floor(next() * 6) }, () => `${pick(next, NAMES)}=${encodeURIComponent(pick(next, NASTY))}`).join('&')}`;
    const { settings, problems } = readHash(hash);
    problems.length > 0 ? (refused += 1) : (read += 1);
    for (const { message } of problems) assert.ok(message.length < 600, message);
    // what was read is written, and read again as the same
    const again = readHash(writeHash(settings));
    assert.deepEqual(again.problems, [], hash);
    assert.deepEqual(again.settings, settings, hash);
    assert.deepEqual(Object.keys(settings), Object.keys(defaults()));
  }
  assert.ok(refused > INPUTS / 20 && read > INPUTS / 20, `${refused} refused, ${read} read`);
});

test('an address keeps every setting that it can have', () => {
  const next = random(2);
  for (let input = 0; input < 2000; input++) {
    const settings = fitting({
      ...defaults(),
      seed: Math.floor(next() * Number.MAX_SAFE_INTEGER),
      steps: 2 + Math.floor(next() * 999),
      eta: Number((0.001 + 0.999 * next()).toFixed(4)),
      window: pick(next, [1, 256, 'auto', 'auto/0.05/4', 'auto/0']),
      model: pick(next, ['faces', 'fashion']),
      class: pick(next, ['any', 'hat', 'boot']),
      workers: pick(next, ['auto', 3]),
    });
    const { settings: read, problems } = readHash(writeHash(settings, { world: 'two.30', at: '3' }));
    assert.deepEqual(problems, []);
    assert.deepEqual(read, settings);
    assert.ok(sameRun(runPart(read), runPart(settings)));
  }
  assert.ok(isAnchor('#how') && !isAnchor('#seed=7') && !isAnchor('#'));
});

test('every value of a choice that is explained has its words, in every language', async () => {
  for (const language of ['en', 'de']) {
    const { fields } = await import(`../../www/text/${language}/settings.js`);
    for (const { name, choices } of RUN_FIELDS) {
      assert.ok(fields[name].label && fields[name].help, name);
      if (fields[name].each) assert.deepEqual(Object.keys(fields[name].each), choices, `${language}: ${name}`);
    }
    assert.ok(fields.draft.each);
  }
});

const race = async () => decodeRace(new Blob([await readFile(new URL('../../assets/race.bin', import.meta.url))]).stream());
const asLive = (trace) => ({ ...trace, source: { ...trace.source, kind: 'live' } });

test('the recorded race is whole, and its sums are those of its rounds', async () => {
  const trace = await race();
  const table = columns(trace);
  assert.ok(isComplete(table));
  const sum = (name) => trace.rounds.reduce((all, round) => all + round[name], 0);
  const last = totals(table.speculative, table.speculative.calls.length - 1);
  assert.deepEqual([last.calls, last.rows, last.level], [sum('calls'), sum('rows'), trace.settings.steps]);
  assert.ok(comparison(table).calls > 1);
  for (const axis of ['calls', 'time']) {
    const { steps, rounds, end } = stops(table, axis);
    assert.deepEqual(
      steps,
      [...steps].sort((one, other) => one - other),
    );
    assert.equal(end, steps.at(-1));
    assert.deepEqual([cursorAt(table, axis, 0).rounds, cursorAt(table, axis, end).rounds], [0, trace.rounds.length]);
    assert.equal(cursorAt(table, axis, rounds[1]).rounds, 1);
  }
});

test('a race that is cut short or damaged is an error with a sentence', async () => {
  const bytes = await readFile(new URL('../../assets/race.bin', import.meta.url));
  const next = random(3);
  for (let input = 0; input < 60; input++) {
    const damaged = Buffer.from(bytes.subarray(0, next() < 0.5 ? Math.floor(next() * bytes.length) : bytes.length));
    if (damaged.length > 100) damaged[Math.floor(next() * 100)] ^= 1 + Math.floor(next() * 255);
    await assert.rejects(decodeRace(new Blob([damaged]).stream()), Error);
  }
});

test('distances that were changed by more than rounding are found, and those of another device are not', async () => {
  const trace = asLive(await race());
  for (const round of trace.rounds) round.gap = Float64Array.from({ length: round.length }, (_, i) => 0.1 + i);
  const by = (share) => {
    const file = JSON.parse(toJson(trace));
    file.rounds[2].gap[0] *= 1 + share;
    return compare(fromJson(JSON.stringify(file)), trace);
  };
  for (const share of [0.02, -0.02, 0.1]) assert.match(by(share), /in round 3 the distances of the means differ/);
  assert.match(by(1e-4), /same verdicts and the same distances/);
});

test('an exported run is read again, and repeats itself; anything else is refused in a sentence', async () => {
  const trace = asLive(await race());
  // the recording has no distances: as a live run has them
  for (const round of trace.rounds) round.gap = Float64Array.from({ length: round.length }, (_, i) => 0.1 + i);
  const text = toJson(trace);
  const imported = fromJson(text);
  assert.deepEqual(imported.settings, trace.settings);
  assert.match(compare(imported, trace), /same verdicts and the same distances/);
  assert.equal(toCsv(trace).trim().split('\n').length, 1 + trace.rounds.reduce((all, { length }) => all + length, 0));
  const next = random(4);
  let refused = 0;
  for (let input = 0; input < INPUTS / 12; input++) {
    const damaged = mutated(next, text.slice(0, next() < 0.2 ? Math.floor(next() * text.length) : undefined));
    try {
      assert.equal(typeof compare(fromJson(damaged), trace), 'string');
    } catch (error) {
      assert.ok(error instanceof Error && !(error instanceof TypeError) && error.message.length < 600 && error.message.endsWith('.'), `${error}`);
      refused += 1;
    }
  }
  assert.ok(refused > 100, `${refused} refused`);
  for (const odd of [
    'null',
    '[]',
    '7',
    '{"settings":{}}',
    '{"settings":null,"rounds":[]}',
    '{"settings":{},"rounds":[null]}',
    '{"settings":{},"rounds":[{"first":0,"verdict":[]}]}',
    JSON.stringify({ settings: trace.settings, rounds: [{ first: 0, verdict: [1, null, {}] }] }),
  ])
    assert.throws(() => fromJson(odd), /\.$/);
});
