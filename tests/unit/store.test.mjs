// What is observed, and what is done seldom: the store of the session, the address, frames and announcements. On a clock of the test's own.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { readFile } from 'node:fs/promises';
import * as sessions from '../../www/state/session.js';
import { readHash } from '../../www/state/settings.js';
import { Store } from '../../www/state/store.js';
import { columns, decodeRace } from '../../www/state/trace.js';

const trace = await decodeRace(new Blob([await readFile(new URL('../../assets/race.bin', import.meta.url))]).stream());

let now = 0;
/** @type {Map<number, {at: number, work: () => void}>} */
const timers = new Map();
let lastTimer = 0;
globalThis.window = globalThis;
performance.now = () => now;
globalThis.setTimeout = (work, ms = 0) => {
  timers.set(++lastTimer, { at: now + ms, work });
  return lastTimer;
};
globalThis.clearTimeout = (timer) => timers.delete(timer);
// sixty a second
globalThis.requestAnimationFrame = (work) => setTimeout(work, 1000 / 60);
globalThis.cancelAnimationFrame = clearTimeout;
/** Lets so much time pass. */
function pass(ms) {
  const end = now + ms;
  for (;;) {
    const [due] = [...timers].sort(([, one], [, other]) => one.at - other.at);
    if (!due || due[1].at > end) break;
    timers.delete(due[0]);
    now = due[1].at;
    due[1].work();
  }
  now = end;
}
beforeEach(() => timers.clear());

const { mountAddress } = await import('../../www/state/address.js');
const { frames } = await import('../../www/parts/frames.js');
const { mountSentence } = await import('../../www/figures/race/sentence.js');

const opened = () => sessions.opened(readHash(''));

test('who watches a part of the session hears when that part is another, and then of what is so now', () => {
  const store = new Store(opened());
  const heard = [];
  store.watch(
    ({ settings }) => settings.seed,
    (seed, before) => {
      heard.push([before, seed]);
      // whoever hears may change it again
      if (seed === 8) store.session = sessions.set(store.session, { seed: 9 });
    },
  );
  store.watch(
    ({ settings }) => settings.seed,
    (seed) => heard.push(seed),
  );
  store.session = sessions.set(store.session, { steps: 12 });
  assert.deepEqual(heard, []);
  store.session = sessions.set(store.session, { seed: 8 });
  assert.deepEqual(heard, [[7, 8], [8, 9], 9]);
});

test('an address that changes at every move of a slider is written now and then, and at last as it is; a refusal stops nothing', () => {
  const written = [];
  let refuses = false;
  globalThis.location = { hash: '' };
  globalThis.history = {
    replaceState(_, __, hash) {
      if (refuses) throw new Error('SecurityError');
      written.push({ at: now, hash });
    },
    pushState(_, __, hash) {
      written.push({ at: now, hash, pushed: true });
    },
  };
  const store = new Store(opened());
  const address = mountAddress(store);
  for (let move = 1; move <= 1800; move++) {
    store.session = sessions.remembered(store.session, 'pay', String(move));
    pass(1000 / 60);
  }
  pass(1000);
  // WebKit refuses more than 100 in 30 seconds
  assert.ok(written.length <= 90 && written.length > 30, `${written.length} times in 30 s`);
  assert.match(written.at(-1).hash, /^#pay=1800&/);
  refuses = true;
  store.session = sessions.remembered(store.session, 'pay', '7');
  pass(1000);
  refuses = false;
  store.session = sessions.viewed(store.session, { axis: 'time' });
  pass(1000);
  assert.match(written.at(-1).hash, /^#pay=7&.*axis=time$/);
  // a run that is asked for takes along what was not written yet
  store.session = sessions.remembered(store.session, 'pay', '8');
  const before = written.length;
  address.push();
  pass(1000);
  assert.deepEqual([written.length - before, written.at(-1).pushed], [1, true]);
});

test('frames are drawn as they come, and four times a second while the cores are needed elsewhere', () => {
  let [drawn, seldom] = [0, false];
  const { request } = frames(
    () => {
      drawn += 1;
    },
    () => seldom,
  );
  const second = () => {
    drawn = 0;
    for (let tenth = 0; tenth < 100; tenth++) {
      request();
      pass(10);
    }
    return drawn;
  };
  assert.ok(second() > 40, `${drawn} frames`);
  seldom = true;
  assert.ok(second() >= 3 && drawn <= 5, `${drawn} frames while a run is computed`);
});

test('a run that is computed is announced once in three seconds, a replay not before it stands, and then soon', () => {
  const table = columns(trace);
  const announced = [];
  const shown = { textContent: '' };
  const live = {
    set textContent(sentence) {
      announced.push(sentence);
    },
  };
  const draw = mountSentence(shown, live);
  const at = (rounds, computing, playing) => draw({ trace, table }, { axis: 'calls', position: rounds, rounds, plain: rounds }, computing, playing);
  now += 10_000;
  for (let frame = 0; frame < 12 * 60; frame++) {
    at(1 + (frame % 30), { lane: 'speculative', held: frame % 2 === 0 }, false);
    pass(1000 / 60);
  }
  assert.ok(announced.length >= 4 && announced.length <= 6, `${announced.length} announcements in 12 s`);
  pass(4000);
  const before = announced.length;
  for (let frame = 0; frame < 12 * 60; frame++) {
    at(1 + (frame % 30), undefined, true);
    pass(1000 / 60);
  }
  assert.equal(announced.length, before, 'nobody asked for it');
  at(3, undefined, false);
  pass(200);
  assert.deepEqual(announced.slice(before), [shown.textContent]);
});
