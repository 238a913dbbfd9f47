// What the page's engines measure of calls: the price of a row, and the time of two rows beside one.
import assert from 'node:assert/strict';
import { test } from 'node:test';

// one of Node.js's own would keep the process alive
globalThis.MessageChannel = class {
  port1 = { onmessage: () => {} };
  port2 = { postMessage: () => setImmediate(() => this.port1.onmessage()) };
};
const { measurePrice, measureRatio } = await import('../../www/engine/price.js');

/** An engine whose calls take so long by their rows, on a clock of its own. */
function engine(t, msOf, backend = 'cpu') {
  let now = 0;
  const rows = [];
  t.mock.method(performance, 'now', () => now);
  return {
    rows,
    device: () => ({ backend, software: false }),
    warm_up: async (count) => {
      rows.push(count);
      now += msOf(count, rows.length);
    },
  };
}

test('the time of a call of two rows is measured beside one of one row, whatever shares the rows', async (t) => {
  for (const ratio of [1, 1.1, 1.38, 2, 2.4]) {
    const timed = engine(t, (rows) => (rows === 1 ? 10 : 10 * ratio));
    assert.ok(Math.abs((await measureRatio(timed, () => false)) - ratio) < 1e-9);
    assert.deepEqual([...new Set(timed.rows)], [1, 2]);
  }
});

test('calls that something has held up do not count', async (t) => {
  const timed = engine(t, (rows, calls) => 10 * rows ** 0.5 + (calls % 3 === 0 ? 40 : 0));
  assert.ok(Math.abs((await measureRatio(timed, () => false)) - Math.SQRT2) < 1e-9);
});

test('the price is that of as many rows as there are workers, or of many on a card', async (t) => {
  const cpu = engine(t, (rows) => 10 * Math.ceil(rows / 4));
  assert.deepEqual(await measurePrice(cpu, 4, () => false), { row: 1, lanes: 4, few: { rows: 4, ms: 10 }, many: { rows: 8, ms: 20 } });
  const card = engine(t, (rows) => 10 * (1 + 0.02 * (rows - 1)), 'webgpu');
  const { row, lanes, few, many } = await measurePrice(card, 4, () => false);
  assert.deepEqual([row, lanes, few.rows, many.rows], [0.02, 1, 1, 16]);
});
