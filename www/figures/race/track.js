// @ts-check
/** The step track under a lane: one tick a step. Verdicts differ by height and mark as well as by colour. */

import { VERDICTS } from '../../state/trace.js';
import { fitted } from '../../parts/pixels.js';

/** @typedef {import('../../state/trace.js').Trace} Trace */
/** @typedef {import('../../state/trace.js').Round} Round */
/** @typedef {import('../../parts/tokens.js').Tokens} Tokens */
/** Where the tick of a step stands: its left end and its width. @typedef {(step: number) => [number, number]} Place */

/** Pixels of height below a tick, for the bracket of a round. */
const FOOT = 12;
/** Ticks narrower than this cannot carry a mark; they keep height and colour. */
const MARKABLE = 4;
/** At a smaller pitch ticks would be hairlines: they stand without gaps, and a rejected one stands out below the others. */
const DENSE = 3;
const DEEPER = 3;
/** Pixels of a rejected tick, at least. */
const SEEN = 2;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Tokens} tokens
 * @param {number} steps
 */
function ground(canvas, tokens, steps) {
  const { context, width, height } = fitted(canvas);
  const tick = Math.max(0, height - FOOT);
  const pitch = width / steps;
  const dense = pitch < DENSE;
  canvas.closest('figure')?.toggleAttribute('data-dense', dense);
  const bar = Math.max(0.6, Math.min(pitch - 1.5, pitch * 0.8));
  // at whole pixels of the screen, or ticks without gaps would show seams
  const scale = canvas.width / width;
  const edge = (/** @type {number} */ step) => Math.round(step * pitch * scale) / scale;
  /** @type {Place} */
  const place = (step) => (dense ? [edge(step), edge(step + 1) - edge(step)] : [step * pitch, bar]);
  context.fillStyle = tokens.line;
  for (let step = 0; step < steps; step++) {
    const [x, wide] = place(step);
    context.fillRect(x, tick - 3, wide, 3);
  }
  return { context, place, dense, tick };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Trace} trace
 * @param {number} done steps
 * @param {Tokens} tokens
 */
export function drawPlainTrack(canvas, trace, done, tokens) {
  const { context, place, tick } = ground(canvas, tokens, trace.settings.steps);
  context.fillStyle = tokens.plain;
  for (let step = 0; step < done; step++) {
    const [x, wide] = place(step);
    context.fillRect(x, 0, wide, tick);
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Trace} trace
 * @param {number} done rounds
 * @param {Tokens} tokens
 */
export function drawSpeculativeTrack(canvas, trace, done, tokens) {
  const { context, place, dense, tick } = ground(canvas, tokens, trace.settings.steps);
  for (let index = 0; index < done; index++) {
    const round = trace.rounds[index];
    for (let position = 0; position < round.committed; position++) {
      const verdict = VERDICTS[round.verdict[position]];
      const [x, wide] = place(round.level[position]);
      if (!dense || verdict !== 'rejected') drawTick(context, verdict, x, wide, tick, tokens);
    }
    const [last, wide] = place(round.first + round.committed - 1);
    drawBracket(context, place(round.first)[0], last + wide, tick, tokens);
  }
  if (dense) drawDenseRejections(context, trace.rounds.slice(0, done), place, tick, tokens);
  const newest = trace.rounds[done - 1];
  if (newest) drawDiscarded(context, newest, place, dense, tick, tokens);
}

/**
 * Above their neighbours, which leave them too little room.
 * @param {CanvasRenderingContext2D} context
 * @param {Round[]} rounds
 * @param {Place} place
 * @param {number} tick height of a tick
 * @param {Tokens} tokens
 */
function drawDenseRejections(context, rounds, place, tick, tokens) {
  context.fillStyle = tokens.rejected;
  for (const { committed, verdict, level } of rounds) {
    for (let position = 0; position < committed; position++) {
      if (VERDICTS[verdict[position]] !== 'rejected') continue;
      const [x, wide] = place(level[position]);
      context.fillRect(x, 0, Math.max(SEEN, wide), tick + DEEPER);
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} verdict
 * @param {number} x
 * @param {number} bar
 * @param {number} tick its height
 * @param {Tokens} tokens
 */
function drawTick(context, verdict, x, bar, tick, tokens) {
  if (verdict === 'accepted') {
    context.fillStyle = tokens.speculative;
    context.fillRect(x, 0, bar, tick);
  } else if (verdict === 'rejected') {
    context.fillStyle = tokens.rejected;
    const top = tick * 0.5;
    context.fillRect(x, top, bar, tick - top);
    if (bar >= MARKABLE) cross(context, x + bar / 2, top / 2, Math.min(4, bar / 2), tokens.rejected);
  } else {
    context.strokeStyle = tokens.speculative;
    context.lineWidth = 1.5;
    context.strokeRect(x + 0.75, 0.75, Math.max(0.5, bar - 1.5), tick - 1.5);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {string} colour
 */
function cross(context, x, y, radius, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 1.8;
  context.beginPath();
  context.moveTo(x - radius, y - radius);
  context.lineTo(x + radius, y + radius);
  context.moveTo(x - radius, y + radius);
  context.lineTo(x + radius, y - radius);
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} from
 * @param {number} to
 * @param {number} tick height of a tick
 * @param {Tokens} tokens
 */
function drawBracket(context, from, to, tick, tokens) {
  const y = tick + 8;
  context.strokeStyle = tokens.muted;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(from + 0.5, y - 4);
  context.lineTo(from + 0.5, y + 0.5);
  context.lineTo(Math.max(from + 1.5, to - 0.5), y + 0.5);
  context.lineTo(Math.max(from + 1.5, to - 0.5), y - 4);
  context.stroke();
}

/**
 * The drafts of the newest round that were discarded: short, hollow, ahead of the lane.
 * @param {CanvasRenderingContext2D} context
 * @param {Round} round
 * @param {Place} place
 * @param {boolean} dense
 * @param {number} tick height of a tick
 * @param {Tokens} tokens
 */
function drawDiscarded(context, round, place, dense, tick, tokens) {
  context.strokeStyle = tokens.discarded;
  context.lineWidth = 1;
  const outline = (/** @type {number} */ from, /** @type {number} */ to) =>
    context.strokeRect(from + 0.5, tick * 0.55, Math.max(0.5, to - from - 1), tick * 0.45 - 0.5);
  const places = Array.from(round.level.subarray(round.committed, round.length), place);
  if (!dense) for (const [x, wide] of places) outline(x, x + wide);
  else if (places.length > 0) outline(places[0][0], places[places.length - 1][0] + places[places.length - 1][1]);
}
