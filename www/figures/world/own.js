// @ts-check
/** The visitor's own clusters: handles over the plane, moved by pointer or keys, and their buttons. One of them is chosen: it has the focus, or gets it. */

import { h, write } from '../../parts/dom.js';
import { HALF, MOST_CLUSTERS, SIZE } from './densities.js';

/** @typedef {import('./densities.js').Cluster} Cluster */
/** @typedef {typeof import('../../text/en/world.js')} Words */

const NEAR = 0.1;
const FAR = 0.5;
/** Where keys move a cluster: to the right and upwards, in steps that Shift makes longer. @type {Record<string, [number, number]>} */
const MOVES = {
  ArrowLeft: [-NEAR, 0],
  ArrowRight: [NEAR, 0],
  ArrowUp: [0, NEAR],
  ArrowDown: [0, -NEAR],
  Home: [-2 * HALF, 0],
  End: [2 * HALF, 0],
  PageUp: [0, FAR],
  PageDown: [0, -FAR],
};

/** @param {number} value */
const within = (value) => Math.max(-HALF, Math.min(HALF, Math.round(100 * value) / 100));

/**
 * @param {HTMLElement} plane what handles lie over
 * @param {Words} words
 * @param {(clusters: Cluster[]) => void} changed
 * @param {() => void} wanted called when a cluster is to be seen
 */
export function mountOwn(plane, words, changed, wanted) {
  /** @type {Cluster[]} */
  let clusters = [];
  let selected = 0;
  let open = false;
  const layer = h('div', { class: 'world-handles', hidden: true });
  const add = h('button', { type: 'button', 'data-action': 'add' }, words.buttons.add);
  const remove = h('button', { type: 'button', 'data-action': 'remove' }, words.buttons.remove);
  const size = h('input', { type: 'range', name: 'size', ...SIZE, value: 0.35 });
  const state = h('p', { class: 'world-clusters', role: 'status' });
  const element = h(
    'div',
    { class: 'world-own', hidden: true },
    h('p', { class: 'world-hint' }, words.ownHint),
    h('div', { class: 'world-own-row' }, add, remove, h('label', {}, words.labels.size, size), state),
  );
  plane.append(layer);

  /** @param {Cluster[]} next @param {number} now the selected one */
  function set(next, now) {
    clusters = next;
    selected = Math.max(0, Math.min(now, next.length - 1));
    draw();
    changed(clusters);
  }

  function draw() {
    while (layer.children.length > clusters.length) layer.lastElementChild?.remove();
    while (layer.children.length < clusters.length) layer.append(handle(layer.children.length));
    for (const [index, { x, y, size: width }] of clusters.entries()) {
      const one = /** @type {HTMLElement} */ (layer.children[index]);
      one.style.left = `${50 * (x / HALF + 1)}%`;
      one.style.top = `${50 * (1 - y / HALF)}%`;
      one.classList.toggle('selected', index === selected);
      one.tabIndex = index === selected ? 0 : -1;
      one.setAttribute('aria-valuenow', String(x));
      one.setAttribute('aria-valuetext', words.clusterPlace(x, y));
      if (index === selected) size.value = String(width);
    }
    add.disabled = clusters.length >= MOST_CLUSTERS;
    remove.disabled = clusters.length <= 1;
    write(state, words.clusterCount(clusters.length, MOST_CLUSTERS));
  }

  /** @param {number} index @param {Partial<Cluster>} change */
  const alter = (index, change) =>
    set(
      clusters.map((one, other) => (other === index ? { ...one, ...change } : one)),
      index,
    );
  const focus = () => /** @type {HTMLElement | undefined} */ (layer.children[selected])?.focus({ preventScroll: true });

  /** @param {Pick<Cluster, 'x' | 'y'>} place */
  function put({ x, y }) {
    if (clusters.length >= MOST_CLUSTERS) return;
    set([...clusters, { x: within(x), y: within(y), size: Number(size.value) }], clusters.length);
    wanted();
    focus();
  }

  function drop() {
    if (clusters.length > 1)
      set(
        clusters.filter((_, index) => index !== selected),
        selected,
      );
  }

  /** @param {number} index */
  function handle(index) {
    const one = h(
      'button',
      { type: 'button', role: 'slider', class: 'world-handle', 'aria-label': words.clusterName(index), 'aria-valuemin': -HALF, 'aria-valuemax': HALF },
      String(index + 1),
    );
    one.addEventListener('focus', () => {
      selected = index;
      draw();
    });
    one.addEventListener('keydown', (event) => {
      const move = MOVES[event.key];
      const further = event.shiftKey ? FAR / NEAR : 1;
      if (event.key === 'Delete' || event.key === 'Backspace') {
        drop();
        focus();
      } else if (event.key === 'Enter') {
        selected = (index + (event.shiftKey ? clusters.length - 1 : 1)) % clusters.length;
        focus();
      } else if (move) alter(index, { x: within(clusters[index].x + further * move[0]), y: within(clusters[index].y + further * move[1]) });
      else return;
      event.preventDefault();
    });
    // the point that is held stays under the pointer
    let [heldX, heldY] = [0, 0];
    one.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      const { x, y } = placeOf(event);
      [heldX, heldY] = [clusters[index].x - x, clusters[index].y - y];
      one.setPointerCapture(event.pointerId);
    });
    one.addEventListener('pointermove', (event) => {
      if (!one.hasPointerCapture(event.pointerId)) return;
      const { x, y } = placeOf(event);
      alter(index, { x: within(x + heldX), y: within(y + heldY) });
    });
    return one;
  }

  /** @param {MouseEvent} event */
  function placeOf({ clientX, clientY }) {
    const { left, top, width, height } = plane.getBoundingClientRect();
    return { x: ((2 * (clientX - left)) / width - 1) * HALF, y: (1 - (2 * (clientY - top)) / height) * HALF };
  }

  add.addEventListener('click', () => put({ x: 0, y: 0 }));
  remove.addEventListener('click', () => {
    drop();
    // a disabled button would lose the focus
    if (clusters.length <= 1) add.focus();
  });
  size.addEventListener('input', () => alter(selected, { size: Number(size.value) }));
  plane.addEventListener('click', (event) => {
    if (open && !layer.hidden && !(/** @type {Element} */ (event.target).closest('.world-handle'))) put(placeOf(event));
  });

  return {
    element,
    /** @param {Cluster[]} list @param {boolean} chosen whether own clusters are the density @param {boolean} visible whether the plane is the data's own */
    show(list, chosen, visible) {
      open = chosen;
      clusters = list;
      element.hidden = !chosen;
      layer.hidden = !chosen || !visible;
      plane.classList.toggle('world-editing', chosen && visible);
      draw();
    },
  };
}
