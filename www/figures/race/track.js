// @ts-check
/** The step track under a lane: one tick a step. Verdicts differ by height and mark as well as by colour. */

import { VERDICTS } from '../../state/trace.js';
import { fitted } from '../../parts/pixels.js';

/** @typedef {import('../../state/trace.js').Trace} Trace */
/** @typedef {import('../../state/trace.js').Round} Round */
/** @typedef {import('../../parts/tokens.js').Tokens} Tokens */

const TICK = 26;
/** Ticks narrower than this cannot carry a mark; they keep height and colour. */
const MARKABLE = 5;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Tokens} tokens
 * @param {number} steps
 */
function ground(canvas, tokens, steps) {
  const { context, width } = fitted(canvas);
  const pitch = width / steps;
  const bar = Math.max(0.6, Math.min(pitch - 1.5, pitch * 0.8));
  context.fillStyle = tokens.line;
  for (let step = 0; step < steps; step++) context.fillRect(step * pitch, TICK - 3, bar, 3);
  return { context, pitch, bar };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Trace} trace
 * @param {number} done steps
 * @param {Tokens} tokens
 */
export function drawPlainTrack(canvas, trace, done, tokens) {
  const { context, pitch, bar } = ground(canvas, tokens, trace.settings.steps);
  context.fillStyle = tokens.plain;
  for (let step = 0; step < done; step++) context.fillRect(step * pitch, 0, bar, TICK);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Trace} trace
 * @param {number} done rounds
 * @param {Tokens} tokens
 */
export function drawSpeculativeTrack(canvas, trace, done, tokens) {
  const { context, pitch, bar } = ground(canvas, tokens, trace.settings.steps);
  for (let index = 0; index < done; index++) {
    const round = trace.rounds[index];
    for (let position = 0; position < round.committed; position++) {
      drawTick(context, VERDICTS[round.verdict[position]], round.level[position] * pitch, bar, tokens);
    }
    drawBracket(context, round.first * pitch, (round.first + round.committed) * pitch - (pitch - bar), tokens);
  }
  const newest = trace.rounds[done - 1];
  if (newest) drawDiscarded(context, newest, pitch, bar, tokens);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} verdict
 * @param {number} x
 * @param {number} bar
 * @param {Tokens} tokens
 */
function drawTick(context, verdict, x, bar, tokens) {
  if (verdict === 'accepted') {
    context.fillStyle = tokens.speculative;
    context.fillRect(x, 0, bar, TICK);
  } else if (verdict === 'rejected') {
    context.fillStyle = tokens.rejected;
    const top = TICK * 0.5;
    context.fillRect(x, top, bar, TICK - top);
    if (bar >= MARKABLE) cross(context, x + bar / 2, top / 2, Math.min(4, bar / 2), tokens.rejected);
  } else {
    context.strokeStyle = tokens.speculative;
    context.lineWidth = 1.5;
    context.strokeRect(x + 0.75, 0.75, Math.max(0.5, bar - 1.5), TICK - 1.5);
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
 * @param {Tokens} tokens
 */
function drawBracket(context, from, to, tokens) {
  const y = TICK + 8;
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
 * @param {number} pitch
 * @param {number} bar
 * @param {Tokens} tokens
 */
function drawDiscarded(context, round, pitch, bar, tokens) {
  context.strokeStyle = tokens.discarded;
  context.lineWidth = 1;
  for (let position = round.committed; position < round.length; position++) {
    context.strokeRect(round.level[position] * pitch + 0.5, TICK * 0.55, Math.max(0.5, bar - 1), TICK * 0.45 - 0.5);
  }
}
