// Rows and velocities through memory that two threads share: what a helper computes for the page.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Desk } from '../../www/engine/desk.js';
import { random } from '../random.mjs';

const DIM = 3;
const MODULE = new URL('../../www/engine/desk.js', import.meta.url).href;
/** What the helper computes: something of every number that it is given. @param {number} state @param {number} time @param {number} label */
const velocity = (state, time, label) => 2 * state + time - label;
const workers = [];
after(() => Promise.all(workers.map((worker) => worker.terminate())));

/** A desk with a helper at it. @param {string} [compute] what the helper does */
function desk(compute = 'states.map((state, i) => velocity(state, times[Math.floor(i / DIM)], labels[Math.floor(i / DIM)]))') {
  const memory = new SharedArrayBuffer(Desk.bytes(DIM));
  const helper = `
    const { workerData: memory } = require('node:worker_threads');
    const DIM = ${DIM};
    const velocity = ${velocity};
    import('${MODULE}').then(({ Desk }) => new Desk(memory, DIM).serve(async (states, times, labels) => ${compute}));`;
  workers.push(new Worker(helper, { eval: true, workerData: memory }));
  return new Desk(memory, DIM);
}

/** Far more than any of these calls takes. */
const LATE_MS = 10_000;
/** The answer to a call. */
function answer(desk, due) {
  assert.ok(desk.answered(due, performance.now() + LATE_MS), 'an answer has come');
  return desk.answer(due);
}

/** Asks for some rows; returns what should come, and the number of the call. @param {Desk} desk @param {() => number} next */
function ask(desk, next) {
  const rows = 1 + Math.floor(4 * next());
  const times = Float64Array.from({ length: rows }, next);
  const labels = Uint32Array.from({ length: rows }, () => 11 * next());
  const states = Float32Array.from({ length: rows * DIM }, next);
  const call = desk.ask(states, times, labels);
  const due = states.map((state, i) => velocity(state, times[Math.floor(i / DIM)], labels[Math.floor(i / DIM)]));
  return { due, call };
}

test('every call is answered with its own velocities', () => {
  const [shared, next] = [desk(), random(3)];
  for (let round = 0; round < 5_000; round++) {
    const { due, call } = ask(shared, next);
    assert.deepEqual(answer(shared, call), due);
  }
});

test('a helper that is woken late, for a call that it has answered, waits for the next one', () => {
  const [shared, next] = [desk(), random(4)];
  for (let round = 0; round < 50; round++) {
    const { due, call } = ask(shared, next);
    assert.deepEqual(answer(shared, call), due);
    // as where the one who asks is held up between its two words: this wakes the helper once it sleeps again
    while (Atomics.notify(shared.head, Desk.ASKED) === 0);
  }
});

for (const [what, compute] of [
  ['fails', "Promise.reject(new Error('no help'))"],
  ['answers with too few numbers', 'states.slice(1)'],
])
  test(`of a helper that ${what} nothing is taken`, () => {
    const shared = desk(compute);
    assert.equal(answer(shared, ask(shared, random(5)).call), undefined);
  });

test('an answer belongs to its call: one that was given up is never given in the name of a later one', () => {
  const [shared, next] = [desk(), random(6)];
  for (let round = 0; round < 200; round++) {
    const [given, kept] = [ask(shared, next), ask(shared, next)];
    assert.deepEqual(answer(shared, kept.call), kept.due);
    assert.equal(shared.answer(given.call), undefined);
  }
  // the numbers of the call before still lie there, and how many they are is the later call's
  const slow = desk('(globalThis.calls = 1 + (globalThis.calls ?? 0)) > 1 ? new Promise(() => {}) : states.map((state) => state)');
  const { call } = ask(slow, next);
  assert.ok(answer(slow, call));
  ask(slow, next);
  assert.equal(slow.answer(call), undefined);
});
