// What figure “Do not take our word for it” makes of residuals.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { E_LIMIT, summarize } from '../../www/figures/evidence/normal.js';
import { formats } from '../../www/text/numbers.js';
import { random } from '../random.mjs';

/** A number in the middle of each eighth of the standard normal's distribution. */
const MIDDLES = [-1.534, -0.887, -0.489, -0.157, 0.157, 0.489, 0.887, 1.534];
const lnE = (accepted, rejected = []) => summarize({ accepted, rejected }).lnE;

test('an e-value has mean one over all that can be seen', () => {
  let sum = 0;
  for (let i = 0; i < 8 ** 4; i++) sum += Math.exp(lnE([0, 1, 2, 3].map((at) => MIDDLES[Math.floor(i / 8 ** at) % 8])));
  assert.ok(Math.abs(sum / 8 ** 4 - 1) < 1e-9, String(sum / 8 ** 4));
});

test('the e-value of standard normals falls, and that of others grows', () => {
  const next = random(5);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const sample = Array.from({ length: 20_000 }, normal);
  // looked at after every hundred, in one sampler that is exact
  for (let n = 100; n <= sample.length; n += 100) assert.ok(lnE(sample.slice(0, n)) < Math.log(E_LIMIT));
  assert.ok(lnE(sample) < -10);
  for (const wrong of [sample.map((x) => x + 0.1), sample.map((x) => 1.1 * x)]) assert.ok(lnE(wrong) > 10);
  assert.equal(lnE(sample.slice(0, 50), sample.slice(50, 99)), lnE(sample.slice(0, 99)), 'accepted or rejected, in any order');
});

test('numbers of any size are written shortly', () => {
  const { exponential } = formats('de', ',');
  assert.deepEqual([0, -40, 5000, Math.log(0.021), -900].map(exponential), ['1,00', '10⁻¹⁷', '10²¹⁷¹', '0,021', '10⁻³⁹¹']);
});
