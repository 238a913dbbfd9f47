// What figure “Do not take our word for it” makes of residuals.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { E_LIMIT, summarize } from '../../www/figures/evidence/normal.js';
import { Runs } from '../../www/figures/evidence/runs.js';
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
  const { exponential } = formats('de');
  assert.deepEqual([0, -40, 5000, Math.log(0.021), -900].map(exponential), ['1,00', '10⁻¹⁷', '10²¹⁷¹', '0,021', '10⁻³⁹¹']);
});

/** A round of steps with these residuals, the last of them rejected, by the peak test or not. */
const round = (residual, isPeak) => ({
  residual: Float64Array.from(residual),
  verdict: Uint8Array.from(residual, (_, position) => Number(position === residual.length - 1)),
  gap: Float64Array.from(residual, () => 1),
  lnU: Float64Array.from(residual, () => (isPeak ? NaN : -1)),
});

test('the first run of a seed counts, whatever is run with it afterwards', () => {
  const runs = new Runs();
  runs.add(7, [round([0.1, 0.2], false)]);
  runs.add(7, [round([-3, -2, -1], false)]);
  runs.add(8, [round([0.3], false)]);
  assert.ok(runs.has(7) && !runs.has(9));
  assert.equal(runs.count, 2);
  assert.deepEqual(runs.residuals, { accepted: [0.1], rejected: [0.2, 0.3], corrected: 0 });
});

test('a rejected step of the peak test is corrected, and none of the reflection is', () => {
  const runs = new Runs();
  runs.add(1, [round([0.1, 0.2], true), round([0.3, 0.4], false), round([0.5, NaN], true)]);
  assert.deepEqual(runs.residuals, { accepted: [0.1, 0.3, 0.5], rejected: [0.2, 0.4], corrected: 1 });
});
