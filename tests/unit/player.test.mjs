// The player, on a clock of the test's own.
import assert from 'node:assert/strict';
import { test } from 'node:test';

let now = 0;
/** @type {(() => void)[]} */
let frames = [];
globalThis.requestAnimationFrame = (work) => frames.push(work);
globalThis.cancelAnimationFrame = () => {
  frames = [];
};
performance.now = () => now;
const frame = (ms) => {
  now += ms;
  const due = frames;
  frames = [];
  due.forEach((work) => work());
};

const { Player } = await import('../../www/parts/player.js');

test('it plays to the end, pauses, steps to its stops and never leaves them', () => {
  let changes = 0;
  const player = new Player(() => {
    changes += 1;
  });
  player.play();
  assert.ok(!player.playing, 'an empty axis has nothing to play');
  player.load({ steps: [0, 1, 2, 3.5, 10], rounds: [0, 3.5, 10], end: 10 }, 0);
  player.step(1, 'steps');
  assert.equal(player.position, 1);
  player.step(1, 'rounds');
  assert.equal(player.position, 3.5);
  player.step(-1, 'rounds');
  player.step(-1, 'rounds');
  assert.equal(player.position, 0);
  player.seek(99);
  assert.ok(player.atEnd && player.position === 10);
  player.step(1, 'steps');
  assert.equal(player.position, 10);
  player.play();
  assert.equal(player.position, 0, 'at the end it starts again');
  for (let count = 0; count < 10_000 && player.playing; count++) frame(16);
  assert.ok(player.atEnd && !player.playing);
  player.seek(-5);
  assert.equal(player.position, 0);
  // a frame that comes late counts as a short one
  player.play();
  frame(60_000);
  assert.ok(player.position > 0 && player.position < 1);
  const before = changes;
  player.pause();
  player.pause();
  assert.equal(changes, before + 1);
});
