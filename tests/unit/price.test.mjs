// The price of a row that the npm package measures: what is made of times.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fitted, measured } from '../../npm/src/price.js';

const times = (row, lanes, folds = [1, 2, 4, 16]) => folds.map((fold) => ({ fold, ms: 3 * (1 + row * (Math.ceil(fold / lanes) - 1)) }));

test('the price that made the times is found again', () => {
  for (const [row, lanes] of [
    [0.02, 1],
    [0.3, 1],
    [0.9, 2],
    [0.95, 4],
    [1, 1],
  ])
    assert.deepEqual(fitted(times(row, lanes)), { row, lanes });
  assert.deepEqual(fitted(times(1, 1, [1, 2])), { row: 1, lanes: 1 });
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
  assert.ok(wrong < 100, `${wrong} of 400`);
});

test('where a row costs a call the measurement takes six rows', async () => {
  let rows = 0;
  const price = await measured(
    (fold) => {
      rows += fold;
      const end = performance.now() + 60 * fold;
      while (performance.now() < end);
      return Promise.resolve(60 * fold);
    },
    () => true,
  );
  assert.deepEqual(price, { row: 1, lanes: 1 });
  // and two turns more where calls are as quick as these
  assert.equal(rows, 6 + 3);
});
