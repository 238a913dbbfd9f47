// @ts-check
/** Draws the plane: the density as shade, and one particle with its draft, verdicts and reflection. Decides nothing. */

import { VERDICTS } from '../../state/trace.js';
import { HALF } from './densities.js';

/** @typedef {import('../../state/trace.js').Round} Round */
/** @typedef {import('../../engine/toy.js').Toy} Toy */
/** @typedef {import('../../engine/toy.js').ToyRun} ToyRun */
/** @typedef {import('../../parts/tokens.js').Tokens & {ground: string}} Colours */
/** @typedef {{x: number, y: number, half: number}} View the middle of what is shown and half its width */
/** @typedef {{round: number, phase: number, share: number}} Moment `round` is -1 before the first; `share` of the phase is over */

export const DRAFT = 0;
export const VERIFY = 1;
export const JUDGE = 2;
export const COMMIT = 3;
export const PHASES = 4;
/** @type {View} */
export const WHOLE = { x: 0, y: 0, half: HALF };
/** Points of the density along each side; the browser smooths between them. */
const GRID = 64;
const DARKEST = 150;
/** Steps behind the particle that stay dark. */
const RECENT = 10;
/** What was committed before the present round, and long before it: the round is what is looked at. */
const EARLIER = 0.4;
const LONG_AGO = 0.18;
/** Never closer, in units of the plane. */
const CLOSEST = 0.3;

/**
 * The density as a small picture, kept until it is another one.
 * @param {() => Colours} colours
 */
export function shader(colours) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = GRID;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  let drawn = '';
  /** @type {Toy | undefined} */
  let of;
  return (/** @type {Toy} */ toy, /** @type {number} */ time, /** @type {View} */ view) => {
    const wanted = [time, view.x, view.y, view.half, colours().muted].join();
    if (toy === of && wanted === drawn) return canvas;
    [of, drawn] = [toy, wanted];
    const points = new Float64Array(2 * GRID * GRID);
    for (let index = 0; index < GRID * GRID; index++) {
      points[2 * index] = view.x + ((2 * (index % GRID) + 1) / GRID - 1) * view.half;
      points[2 * index + 1] = view.y - ((2 * Math.floor(index / GRID) + 1) / GRID - 1) * view.half;
    }
    const density = toy.density(points, time);
    const most = density.reduce((one, other) => Math.max(one, other), 0) || 1;
    const image = context.createImageData(GRID, GRID);
    for (let index = 0; index < density.length; index++) image.data[4 * index + 3] = DARKEST * Math.sqrt(density[index] / most);
    context.globalCompositeOperation = 'source-over';
    context.putImageData(image, 0, 0);
    context.globalCompositeOperation = 'source-in';
    context.fillStyle = colours().muted;
    context.fillRect(0, 0, GRID, GRID);
    return canvas;
  };
}

/** Every committed state, the start first, and how many there are before each round. @param {ToyRun} run */
export function pathOf({ start, rounds }) {
  const states = [start, ...rounds.map(({ state }) => state)].flatMap((list) => [...list]);
  return { states, before: rounds.map(({ first }) => first + 1) };
}

/** A view that holds what a round tests and commits; discarded drafts may lie outside. @param {Round} round @param {number[]} from the state it begins at @returns {View} */
export function windowView(round, from) {
  const tested = 2 * round.committed;
  const all = [...from, ...[round.draft, round.draftMean, round.targetMean].flatMap((list) => [...list.subarray(0, tested)]), ...round.state];
  const side = (/** @type {number} */ axis) => all.filter((_, index) => index % 2 === axis);
  const [xs, ys] = [side(0), side(1)];
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return { x: (left + right) / 2, y: (low + high) / 2, half: Math.max(CLOSEST, 0.6 * Math.max(right - left, high - low)) };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} size
 * @param {{run: ToyRun, path: ReturnType<typeof pathOf>, moment: Moment, view: View, frame?: View, shade: HTMLCanvasElement, colours: Colours}} scene `frame` is another view, outlined; marks are small then, and the means left out
 */
export function drawParticle(context, size, { run, path, moment, view, frame, shade, colours }) {
  const mark = frame ? 0.6 : 1;
  const scale = size / (2 * view.half);
  const at = (/** @type {ArrayLike<number>} */ list, /** @type {number} */ index) =>
    /** @type {[number, number]} */ ([(list[2 * index] - view.x + view.half) * scale, (view.y - list[2 * index + 1] + view.half) * scale]);
  const line = (/** @type {[number, number][]} */ points, /** @type {string} */ colour, /** @type {number} */ width, /** @type {number[]} */ dash = []) => {
    context.setLineDash(dash);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    for (const [x, y] of points) context.lineTo(x, y);
    context.stroke();
    context.setLineDash([]);
  };
  const dot = (/** @type {[number, number]} */ [x, y], /** @type {number} */ radius, /** @type {string} */ fill, /** @type {string} */ edge) => {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.fill();
    context.lineWidth = 1.75;
    context.strokeStyle = edge;
    context.stroke();
  };
  context.lineJoin = context.lineCap = 'round';
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = 'high';
  context.drawImage(shade, 0, 0, size, size);

  const round = run.rounds[moment.round];
  const before = round ? path.before[moment.round] : 1;
  const known = before + (round && moment.phase === COMMIT ? Math.ceil(moment.share * round.committed) : 0);
  // old steps fade, so that the way can be followed to where it is
  for (let step = 1; step < known; step++) {
    context.globalAlpha = step < before - RECENT ? LONG_AGO : step < before ? EARLIER : 0.9;
    line([at(path.states, step - 1), at(path.states, step)], colours.speculative, step < before ? 1.25 : 2);
  }
  context.globalAlpha = 1;
  if (round) drawWindow(round);
  dot(at(path.states, known - 1), 6.5 * mark, colours.ink, colours.ground);
  if (frame) {
    const [[left, top], [right, bottom]] = [at([frame.x - frame.half, frame.y + frame.half], 0), at([frame.x + frame.half, frame.y - frame.half], 0)];
    line(
      [
        [left, top],
        [right, top],
        [right, bottom],
        [left, bottom],
        [left, top],
      ],
      colours.muted,
      1,
    );
  }

  /** @param {Round} now */
  function drawWindow(now) {
    const drafted = moment.phase === DRAFT ? Math.ceil(moment.share * now.length) : now.length;
    const judged = moment.phase < JUDGE ? 0 : moment.phase === JUDGE ? Math.ceil(moment.share * now.length) : now.length;
    const stop = now.verdict.indexOf(VERDICTS.indexOf('rejected'));
    const isOver = stop >= 0 && judged > stop;
    const faded = (/** @type {number} */ position) => isOver && position > stop;
    let last = at(path.states, before - 1);
    for (let position = 0; position < drafted; position++) {
      const next = at(now.draft, position);
      context.globalAlpha = faded(position) ? 0.35 : moment.phase === COMMIT ? 0.5 : 0.95;
      line([last, next], faded(position) ? colours.discarded : colours.speculative, 1.5, [5, 4]);
      last = next;
    }
    for (let position = 0; position < drafted; position++) {
      const verdict = position < judged ? VERDICTS[now.verdict[position]] : 'drafted';
      const place = at(now.draft, position);
      context.globalAlpha = faded(position) ? 0.45 : 1;
      if (verdict === 'accepted') dot(place, 5 * mark, colours.speculative, colours.ground);
      else if (verdict === 'deterministic') square(at(now.state, position));
      else if (verdict !== 'rejected')
        dot(place, (verdict === 'discarded' ? 3.5 : 4.5) * mark, colours.ground, faded(position) ? colours.discarded : colours.speculative);
      if (!frame && moment.phase >= VERIFY && !faded(position) && now.s[position] > 0) {
        context.globalAlpha = moment.phase === VERIFY ? Math.max(0.3, moment.share) : 0.9;
        tick(at(now.draftMean, position), at(now.targetMean, position));
      }
    }
    context.globalAlpha = 1;
    if (isOver) drawRejection(now, stop);
  }

  /** The target's mean, tied to the draft's. @param {[number, number]} from @param {[number, number]} to */
  function tick(from, [x, y]) {
    line([from, [x, y]], colours.ink, 1);
    context.beginPath();
    context.arc(from[0], from[1], 2.25, 0, 2 * Math.PI);
    context.fillStyle = colours.ink;
    context.fill();
    line(
      [
        [x - 4, y],
        [x + 4, y],
      ],
      colours.ink,
      1.75,
    );
    line(
      [
        [x, y - 4],
        [x, y + 4],
      ],
      colours.ink,
      1.75,
    );
  }

  /** @param {[number, number]} place */
  function square([x, y]) {
    context.fillStyle = colours.ground;
    const side = 9 * mark;
    context.fillRect(x - side / 2, y - side / 2, side, side);
    context.lineWidth = 2;
    context.strokeStyle = colours.speculative;
    context.strokeRect(x - side / 2, y - side / 2, side, side);
  }

  /** @param {Round} now @param {number} stop */
  function drawRejection(now, stop) {
    const [draft, state] = [at(now.draft, stop), at(now.state, stop)];
    const [mean, target] = [at(now.draftMean, stop), at(now.targetMean, stop)];
    const gap = [mean[0] - target[0], mean[1] - target[1]];
    const length = Math.hypot(...gap);
    // the peak test reflects nothing
    if (Number.isFinite(now.lnU[stop]) && length > 0) {
      const middle = [(mean[0] + target[0]) / 2, (mean[1] + target[1]) / 2];
      const along = [-gap[1] / length, gap[0] / length];
      const crossing = ((draft[0] + state[0]) / 2 - middle[0]) * along[0] + ((draft[1] + state[1]) / 2 - middle[1]) * along[1];
      const reach = 0.14 * mark * size;
      line(
        [Math.min(0, crossing) - reach, Math.max(0, crossing) + reach].map((far) => [middle[0] + far * along[0], middle[1] + far * along[1]]),
        colours.rejected,
        2,
        [1, 5],
      );
    }
    const direction = Math.atan2(state[1] - draft[1], state[0] - draft[0]);
    const tip = /** @type {[number, number]} */ ([state[0] - 8 * mark * Math.cos(direction), state[1] - 8 * mark * Math.sin(direction)]);
    line([draft, tip], colours.rejected, 1.75);
    for (const turn of [-0.5, 0.5])
      line([tip, [tip[0] - 7 * mark * Math.cos(direction + turn), tip[1] - 7 * mark * Math.sin(direction + turn)]], colours.rejected, 1.75);
    const arm = 5.5 * mark;
    for (const [colour, width] of /** @type {const} */ ([
      [colours.ground, 5.5],
      [colours.rejected, 2.75],
    ])) {
      for (const side of [-arm, arm])
        line(
          [
            [draft[0] - arm, draft[1] - side],
            [draft[0] + arm, draft[1] + side],
          ],
          colour,
          width * mark,
        );
    }
    context.beginPath();
    for (const [x, y] of [
      [0, -8],
      [8, 0],
      [0, 8],
      [-8, 0],
    ])
      context.lineTo(state[0] + mark * x, state[1] + mark * y);
    context.closePath();
    context.fillStyle = colours.rejected;
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = colours.ground;
    context.stroke();
  }
}
