// The toy engine, and the contract that a wrong rule stays in it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inBrowser, text } from './harness.mjs';

describe('the toy', () => {
  const open = inBrowser(['--disable-features=WebGPU']);
  const inPage = async (work) => (await open({ reducedMotion: 'reduce' })).evaluate(work);

  test('a step by reflection has the target’s mean and variance, and a wrong rule says that it is not exact', async () => {
    const found = await inPage(async () => {
      const { loadToy } = await import('./engine/toy.js');
      const { couple } = await loadToy();
      const moments = (numbers) => {
        const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
        return [mean, numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length];
      };
      return ['reflection', 'redraw', 'keep-noise', 'half-reflection', 'wrong-ratio', 'lenient', 'accept-all'].map((rule) => {
        const { committed, exact } = couple(1.5, rule, 3, 0, 40_000);
        return { rule, exact, moments: moments(committed) };
      });
    });
    for (const {
      rule,
      exact,
      moments: [mean, variance],
    } of found) {
      // standard errors of 40,000 draws
      const departure = Math.max(Math.abs(mean) / 0.005, Math.abs(variance - 1) / 0.0071);
      assert.equal(exact, rule === 'reflection', rule);
      if (exact) assert.ok(departure < 4.5, `${rule}: ${mean}, ${variance}`);
      else assert.ok(departure > 6, `${rule} is not seen: ${mean}, ${variance}`);
    }
  });

  test('whole chains on a mixture end where the standard sampler’s do', async () => {
    const { one, other, calls } = await inPage(async () => {
      const { loadToy } = await import('./engine/toy.js');
      const { Toy } = await loadToy();
      const toy = new Toy(1, Float64Array.from([2, -1, 0.1, 1, 1.5, 0.2]));
      const settings = { seed: 5, steps: 30, eta: 1, window: 8, draft: 'secant', rule: 'reflection' };
      const mean = ({ ends }) => ends.reduce((sum, x) => sum + x, 0) / ends.length;
      const [speculative, standard] = [toy.swarm(settings, 0, 4000), toy.swarm({ ...settings, draft: 'frozen', window: 1 }, 50_000, 4000)];
      return { one: mean(speculative), other: mean(standard), calls: [speculative.calls / 4000, standard.calls / 4000] };
    });
    // the deviation of an end is about 1.2
    assert.ok(Math.abs(one - other) < 4.5 * 1.2 * Math.sqrt(2 / 4000), `${one} and ${other}`);
    assert.ok(calls[0] < 12 && calls[1] === 30, String(calls));
  });

  test('chains and draws are numbered beyond 32 bits', async () => {
    const { chains, draws } = await inPage(async () => {
      const { loadToy } = await import('./engine/toy.js');
      const { Toy, couple } = await loadToy();
      const toy = new Toy(1, Float64Array.from([1, 0, 1]));
      const settings = { seed: 5, steps: 10, eta: 1, window: 4, draft: 'secant', rule: 'reflection' };
      const of = (draw) => [draw(2 ** 32 - 1, 3), draw(2 ** 32, 2), draw(2 ** 32 + 1, 1), draw(0, 2)].map((numbers) => Array.from(numbers));
      return {
        chains: of((first, count) => toy.swarm(settings, first, count).ends),
        draws: of((first, count) => couple(1, 'reflection', 5, first, count).committed),
      };
    });
    for (const [three, two, one, others] of [chains, draws]) {
      assert.deepEqual([three.length, three.slice(1), three.slice(2)], [3, two, one]);
      assert.ok(two.every((end, i) => end !== others[i]));
    }
  });

  test('bad input is refused by the field’s name', async () => {
    const fields = await inPage(async () => {
      const { loadToy } = await import('./engine/toy.js');
      const { Toy, couple } = await loadToy();
      const settings = { seed: 5, steps: 30, eta: 1, window: 8, draft: 'secant', rule: 'reflection' };
      const toy = new Toy(2, Float64Array.from([1, 0, 0, 1, 1]));
      const field = (work) => {
        try {
          work();
          return 'none';
        } catch (error) {
          return error.field;
        }
      };
      return [
        () => new Toy(2, Float64Array.from([1, 0, 0, 1])),
        () => new Toy(1, Float64Array.from([1, 0, -1])),
        () => new Toy(99, new Float64Array(0)),
        () => toy.run({ ...settings, rule: 'magic' }),
        () => toy.run({ ...settings, steps: 1e9 }),
        () => toy.run({ ...settings, draft: 'independent' }),
        () => toy.run({ ...settings, eta: NaN }),
        () => toy.swarm(settings, 0, 1e9),
        () => toy.density(Float64Array.from([1]), 0),
        () => toy.density(Float64Array.from([1, 1]), 2),
        () => couple(Infinity, 'reflection', 1, 0, 1),
        () => couple(1, 'peak', 1, 0, 1),
        () => couple(1, 'reflection', -1, 0, 1),
      ].map(field);
    });
    assert.deepEqual(fields, ['numbers', 'numbers', 'dim', 'rule', 'steps', 'draft', 'eta', 'count', 'points', 't', 'gap', 'rule', 'seed']);
  });

  test('no run of the network can use a wrong rule', async () => {
    const page = await open({ hash: '#rule=accept-all' });
    assert.match(await text(page, '#problems'), /Test \(rule\) cannot be “accept-all”/);
    const field = await page.evaluate(async () => {
      const { default: start, Engine } = await import('./pkg/cpu/speculative_diffusion.js');
      await start();
      const [sidecar, weights] = await Promise.all([
        fetch('./assets/faces.json').then((response) => response.text()),
        fetch('./assets/faces.bpk').then((response) => response.arrayBuffer()),
      ]);
      const engine = await Engine.load(new Uint8Array(weights), sidecar);
      try {
        engine.run({ seed: 1, class: 'any', guidance: 1, steps: 10, eta: 1, window: 4, draft: 'secant', rule: 'accept-all' });
        return 'none';
      } catch (error) {
        return error.field;
      }
    });
    assert.equal(field, 'rule');
  });
});
