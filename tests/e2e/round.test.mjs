// The microscope's pictures.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inBrowser } from './harness.mjs';

describe('the microscope', () => {
  const open = inBrowser([], { engine: false });

  test('a picture of differences is amplified as its name says, to about full contrast', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await page.locator('#microscope').scrollIntoViewIfNeeded();
    await page.locator('.cell').first().waitFor();
    const { gain, pixels, differences } = await page.evaluate(async () => {
      const { decode } = await import(new URL('./state/trace.js', document.baseURI).href);
      const { rounds, dim } = await decode(await (await fetch('./assets/microscope.json')).json());
      const number = Number(/\d+/.exec(document.querySelector('#round .round-title').textContent)[0]);
      const step = Number(/\d+/.exec(document.querySelector('#round h4').textContent)[0]);
      const { level, draftMean, targetMean } = rounds[number - 1];
      const position = level.indexOf(step - 1);
      const picture = document.querySelectorAll('.detail-pictures .picture')[2];
      const { data } = picture.querySelector('canvas').getContext('2d').getImageData(0, 0, 16, 16);
      return {
        gain: Number(/× ([\d.]+)/.exec(picture.textContent)[1]),
        pixels: Array.from({ length: dim / 3 }, (_, i) => data[4 * i]),
        differences: Array.from({ length: dim / 3 }, (_, i) => draftMean[position * dim + i] - targetMean[position * dim + i]),
      };
    });
    assert.ok(gain > 1, `× ${gain}`);
    for (const [i, pixel] of pixels.entries()) assert.ok(Math.abs(pixel - (differences[i] * gain + 1) * 127.5) <= 1, `pixel ${i} is ${pixel}`);
    assert.ok(Math.max(...pixels) - Math.min(...pixels) > 30, 'not flat grey');
  });
});
