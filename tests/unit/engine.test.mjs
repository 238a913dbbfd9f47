// Of the page's engines what needs no engine: whose turn it is, and how long helpers are waited for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from '../../www/engine/turns.js';

globalThis.crossOriginIsolated = true;
const { Helpers, patience } = await import('../../www/engine/helpers.js');

const never = () => new AbortController().signal;
/** Something that ends when it is told to. */
function work() {
  const began = [];
  return {
    began,
    /** @param {import('../../www/engine/turns.js').Turn} turn */
    begin: (turn) =>
      new Promise((resolve, reject) => {
        began.push({ turn, resolve });
        turn.signal.addEventListener('abort', () => reject(turn.signal.reason));
      }),
  };
}
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

test('what is done behind the page waits, gives way to the visitor, and begins again', async () => {
  const turns = new Turns();
  const [one, other] = [work(), work()];
  const done = [turns.behind(never(), one.begin), turns.behind(never(), other.begin)];
  await soon();
  assert.deepEqual([one.began.length, other.began.length, turns.busy], [1, 0, false]);
  const visitor = turns.take(never());
  assert.ok(turns.busy && one.began[0].turn.signal.aborted);
  await soon();
  assert.equal(other.began.length, 0);
  visitor.end();
  await soon();
  // it waits in line again
  assert.deepEqual([one.began.length, other.began.length], [1, 1]);
  other.began[0].resolve('other');
  await soon();
  one.began[1].resolve('one');
  assert.deepEqual(await Promise.all(done), ['one', 'other']);
});

test('what is asked for later ends what is asked for now, and is not ended by its end; a hold is of one turn', async () => {
  const turns = new Turns();
  const first = turns.take(never());
  turns.hold(true);
  assert.equal(first.held, true);
  const second = turns.take(never());
  assert.deepEqual([first.signal.aborted, first.signal.reason.name, second.held], [true, 'AbortError', false]);
  first.end();
  assert.ok(turns.busy && !second.signal.aborted);
  second.end();
  turns.hold(true);
  assert.equal(turns.busy, false);
});

test('a signal ends what waits and what is under way, each with its own reason, and the next goes on', async () => {
  const turns = new Turns();
  const [gone, alsoGone] = [new AbortController(), new AbortController()];
  const [one, waiting, last] = [work(), work(), work()];
  const ended = Promise.allSettled([turns.behind(gone.signal, one.begin), turns.behind(alsoGone.signal, waiting.begin)]);
  const done = turns.behind(never(), last.begin);
  await soon();
  alsoGone.abort(new Error('not wanted'));
  gone.abort(new Error('cancelled'));
  assert.deepEqual(
    (await ended).map(({ reason }) => reason.message),
    ['cancelled', 'not wanted'],
  );
  await soon();
  assert.equal(waiting.began.length, 0);
  last.began[0].resolve('last');
  assert.equal(await done, 'last');
  await assert.rejects(turns.behind(gone.signal, one.begin), /cancelled/);
});

test('helpers are waited for in units of what their rows take', () => {
  const [few, many] = [patience(0, 2, 5), patience(0, 20, 5)];
  assert.ok(few.soon >= 2 * 5 && few.soon < 100 && few.late <= 2000, JSON.stringify(few));
  // a phone whose rows take long, and a window that is long
  assert.ok(many.late - few.late >= 5 * 18 * 5 && patience(0, 20, 50).late > 20 * 50 * 5, JSON.stringify(many));
  const unknown = patience(0, 20, undefined);
  assert.ok(unknown.late > 1000 && unknown.late <= 5000);
});

/** Helpers that nobody starts: whatever they are asked, they never answer. The clock goes on by what is waited for. */
async function hanging(count) {
  const real = { now: performance.now.bind(performance), wait: globalThis.setTimeout };
  const clock = { passed: 0 };
  performance.now = () => real.now() + clock.passed;
  const told = [];
  const helpers = new Helpers({ module: undefined, weights: new Uint8Array(), sidecar: '{"network":{"channels":1,"size":2}}' }, (message) => {
    told.push(message);
    if (message.type === 'hire') queueMicrotask(() => helpers.heard(message.helper, true));
  });
  helpers.rowMs = 1;
  const asking = await helpers.staff(count + 1);
  globalThis.setTimeout = (work, ms = 0) => {
    clock.passed += ms;
    return real.wait(work);
  };
  return {
    helpers,
    told,
    asking,
    clock,
    call: () => asking.map((ask) => ask(new Float32Array(4), new Float64Array(1), new Uint32Array(1))),
    end: () => {
      performance.now = real.now;
      globalThis.setTimeout = real.wait;
    },
  };
}

test('seven helpers that hang cost one wait, in which messages are heard, and are not asked again', async () => {
  const { told, asking, clock, call, end } = await hanging(7);
  try {
    assert.equal(asking.length, 7);
    const { late } = patience(0, 1, 1);
    for (const answer of call()) assert.equal(await answer(), undefined);
    assert.ok(clock.passed <= 1.5 * late, `${clock.passed} ms, and one call may take ${late}`);
    assert.equal(told.filter(({ type }) => type === 'dismiss').length, 7);
    const before = clock.passed;
    for (const answer of call()) assert.equal(await answer(), undefined);
    assert.equal(clock.passed, before, 'they are gone');
    assert.equal(told.filter(({ type }) => type === 'dismiss').length, 7);
  } finally {
    end();
  }
});

test('a cancel ends the wait for helpers that are late', async () => {
  const { helpers, told, clock, call, end } = await hanging(2);
  try {
    const [first] = call();
    const waiting = first();
    assert.ok(waiting instanceof Promise, 'the engine hears messages');
    helpers.hurry();
    assert.equal(await waiting, undefined);
    assert.ok(clock.passed < patience(0, 1, 1).late / 2, `${clock.passed} ms`);
    assert.equal(told.filter(({ type }) => type === 'dismiss').length, 2);
  } finally {
    end();
  }
});
