// @ts-check
/** A plane with its block, its goal, a hand and paths. The first plane's block and goal can be dragged, and moved by keys. */

import { s } from '../../parts/dom.js';
import { line } from '../../parts/plot.js';

/** @typedef {import('../../parts/plot.js').Pair} Pair */
/** @typedef {{x: number, y: number, angle: number}} Pose */
/** What is at one moment. @typedef {{hand: Pair, block: Pose, goal: Pose}} Moment */
/** @typedef {'block' | 'goal'} Thing */

const SIZE = 512;
const CENTRE = 285 / 7;
const BLOCK = `M-60,${-CENTRE}H60V${30 - CENTRE}H15V${120 - CENTRE}H-15V${30 - CENTRE}H-60Z`;
const HAND = 15;
/** Where it is turned by: the end of the stem. */
const GRIP = 62;
const GRIP_RADIUS = 13;
/** What a key moves and turns by. */
const MOVE = 8;
const TURN = Math.PI / 24;
/** @type {Record<string, [number, number, number]>} */
const KEYS = { ArrowLeft: [-MOVE, 0, 0], ArrowRight: [MOVE, 0, 0], ArrowUp: [0, -MOVE, 0], ArrowDown: [0, MOVE, 0], '+': [0, 0, TURN], '-': [0, 0, -TURN] };

/** What stays as it is need not be laid out again. @param {Element} element @param {string} name @param {string} value */
function change(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** @param {Pose} pose */
const placed = ({ x, y, angle }) => `translate(${x.toFixed(2)} ${y.toFixed(2)}) rotate(${((angle * 180) / Math.PI).toFixed(2)})`;

/** The numbers of `state` that say where everything is. @param {Float64Array} state @returns {Moment} */
export const momentOf = (state) => ({
  hand: [state[0], state[1]],
  block: { x: state[2], y: state[3], angle: state[4] },
  goal: { x: state[5], y: state[6], angle: state[7] },
});

/** @param {Moment} one @param {Moment} other @param {number} share @returns {Moment} */
export function between(one, other, share) {
  const mix = (/** @type {number} */ a, /** @type {number} */ b) => a + (b - a) * share;
  const pose = (/** @type {Pose} */ a, /** @type {Pose} */ b) => ({ x: mix(a.x, b.x), y: mix(a.y, b.y), angle: mix(a.angle, b.angle) });
  return { hand: [mix(one.hand[0], other.hand[0]), mix(one.hand[1], other.hand[1])], block: pose(one.block, other.block), goal: pose(one.goal, other.goal) };
}

/** Numbers, x and y of each place, as points. @param {ArrayLike<number>} numbers @returns {Pair[]} */
export const pointsOf = (numbers) => Array.from({ length: numbers.length / 2 }, (_, index) => [numbers[2 * index], numbers[2 * index + 1]]);

/**
 * @param {{label: string, names?: Record<Thing, string>, put?: (thing: Thing, pose: Pose) => void}} options `put` where things can be moved
 */
export function plane({ label, names, put }) {
  const thing = (/** @type {Thing} */ name) =>
    s(
      'g',
      { class: `policy-${name}`, 'data-thing': name, ...(names && put ? { tabindex: 0, role: 'button', 'aria-label': names[name] } : {}) },
      s('path', { d: BLOCK }),
      s('circle', { cy: GRIP, r: GRIP_RADIUS - 5, class: 'policy-grip' }),
    );
  const [goal, block] = [thing('goal'), thing('block')];
  const paths = s('g', { class: 'policy-paths' });
  const plan = s('path', { class: 'policy-plan' });
  const hand = s('circle', { r: HAND, class: 'policy-hand' });
  const element = s(
    'svg',
    { viewBox: `0 0 ${SIZE} ${SIZE}`, class: 'policy-plane', role: put ? 'group' : 'img', 'aria-label': label },
    goal,
    block,
    paths,
    plan,
    hand,
  );
  const parts = { goal, block };
  /** @type {Moment | undefined} */
  let shown;

  if (put) {
    /** @type {{thing: Thing, from: Pose, at: Pair, turns: boolean} | undefined} */
    let held;
    const placeOf = (/** @type {PointerEvent} */ event) => {
      const { left, top, width } = element.getBoundingClientRect();
      return /** @type {Pair} */ ([((event.clientX - left) / width) * SIZE, ((event.clientY - top) / width) * SIZE]);
    };
    element.addEventListener('pointerdown', (event) => {
      const name = /** @type {Element} */ (event.target).closest('[data-thing]')?.getAttribute('data-thing');
      if (!name || !shown || event.button !== 0) return;
      const at = placeOf(event);
      const from = shown[/** @type {Thing} */ (name)];
      const grip = [from.x - GRIP * Math.sin(from.angle), from.y + GRIP * Math.cos(from.angle)];
      held = { thing: /** @type {Thing} */ (name), from, at, turns: Math.hypot(at[0] - grip[0], at[1] - grip[1]) < 2 * GRIP_RADIUS };
      element.setPointerCapture(event.pointerId);
      element.dataset.held = name;
      parts[held.thing].focus({ preventScroll: true });
      event.preventDefault();
    });
    element.addEventListener('pointermove', (event) => {
      if (!held) return;
      const [x, y] = placeOf(event);
      const { from, at } = held;
      const angle = (/** @type {Pair} */ [px, py]) => Math.atan2(py - from.y, px - from.x);
      put(
        held.thing,
        held.turns ? { ...from, angle: from.angle + angle([x, y]) - angle(at) } : { x: from.x + x - at[0], y: from.y + y - at[1], angle: from.angle },
      );
    });
    const drop = () => {
      held = undefined;
      delete element.dataset.held;
    };
    element.addEventListener('pointerup', drop);
    element.addEventListener('pointercancel', drop);
    element.addEventListener('keydown', (event) => {
      const name = /** @type {Element} */ (event.target).getAttribute('data-thing');
      const by = KEYS[event.key === '=' ? '+' : event.key];
      if (!name || !by || !shown || event.ctrlKey || event.metaKey || event.altKey) return;
      const { x, y, angle } = shown[/** @type {Thing} */ (name)];
      put(/** @type {Thing} */ (name), { x: x + by[0], y: y + by[1], angle: angle + by[2] });
      event.preventDefault();
      event.stopPropagation();
    });
  }

  return {
    element,
    /** @param {Moment} moment @param {Pair[]} [ahead] commands that are still to come */
    show(moment, ahead = []) {
      shown = moment;
      change(block, 'transform', placed(moment.block));
      change(goal, 'transform', placed(moment.goal));
      change(hand, 'transform', `translate(${moment.hand[0].toFixed(2)} ${moment.hand[1].toFixed(2)})`);
      change(plan, 'd', ahead.length > 0 ? line([moment.hand, ...ahead]) : '');
    },
    /** @param {{points: Pair[], kind: string}[]} drawn the last one on top */
    trace(drawn) {
      paths.replaceChildren(...drawn.map(({ points, kind }) => s('path', { d: line(points), class: kind })));
    },
  };
}
