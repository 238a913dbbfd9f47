// The price of a row that the npm package measures: what is made of times.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fitted, measured } from '../../npm/src/price.js';

const times = (row, lanes, folds = [1, 2, 4, 16]) => folds.map((fold) => ({ fold, ms: 3 * (1 + row * (Math.ceil(fold / lanes) - 1)) }));

test('the price that made the times is found again', () => {
  for (const [row, lanes] of [
    [0.02, 1],
    [0.3, 1],
    [0.7, 2],
    [0.65, 4],
    [1, 1],
  ])
    assert.deepEqual(fitted(times(row, lanes)), { row, lanes });
  assert.deepEqual(fitted(times(1, 1, [1, 2])), { row: 1, lanes: 1 });
  // there is hardly anything to win, and it counts as nothing
  assert.deepEqual(fitted(times(0.9, 4)), { row: 1, lanes: 4 });
  // rows that are free, or make a call quicker by chance
  assert.deepEqual(fitted(times(-0.01, 1)), { row: 0.005, lanes: 1 });
  assert.deepEqual(fitted(times(2, 1, [1, 2])), { row: 1, lanes: 1 });
  assert.equal(fitted([1, 2].map((fold) => ({ fold, ms: 0 }))), undefined);
});

test('noise of a twentieth invents no lanes, and moves the price of a row on a GPU little', () => {
  let seed = 1;
  const noise = () => 1 + 0.1 * ((seed = (seed * 16807) % 2147483647) / 2147483647 - 0.5);
  let wrong = 0;
  for (let i = 0; i < 400; i++) {
    const { row, lanes } = fitted(times(0.02, 1).map(({ fold, ms }) => ({ fold, ms: ms * noise() })));
    if (lanes > 1) wrong += 1;
    else assert.ok(row < 0.04, String(row));
  }
  assert.ok(wrong < 4, `${wrong} of 400`);
});

test('where a row costs a call the measurement takes six rows, and some more where calls are quick', async () => {
  for (const [ms, most] of [
    [60, 6],
    [8, 11],
    [1, 20],
  ]) {
    let rows = 0;
    const time = (fold) => Promise.resolve(((rows += fold), ms * fold));
    assert.deepEqual(await measured(time, () => true), { row: 1, lanes: 1 });
    assert.equal(rows, most);
  }
  // calls that hold no more
  assert.deepEqual(await measured(assert.fail, (fold) => fold === 1), { row: 1, lanes: 1 });
});
