// @ts-check
/**
 * The transport of the race: scrubber and buttons, the shared axis, speed, and the keyboard. Moves a player; decides nothing. While
 * a run is computed there is nothing to move, and what would play holds it.
 */

import { h, within, write } from './dom.js';
import { listen } from './keys.js';
import { computingOf, viewed } from '../state/session.js';
import { choices } from '../state/settings.js';
import * as words from '#words/main.js';

/** @typedef {import('../state/settings.js').Settings} Settings */
/** @typedef {import('../state/trace.js').Axis} Axis */
/**
 * @param {HTMLElement} root the figure
 * @param {import('./player.js').Player} player
 * @param {import('../sections.js').Context} context
 */
export function mountTransport(root, player, { store, wishes }) {
  const part = within(root);
  const computing = () => computingOf(store.session) !== undefined;
  const view = (/** @type {{axis?: string, speed?: number}} */ changed) => {
    store.session = viewed(store.session, changed);
  };
  const scrub = /** @type {HTMLInputElement} */ (part('scrub'));
  const speed = /** @type {HTMLSelectElement} */ (part('speed'));
  const buttons = ['restart', 'back', 'play', 'forward'].map((id) => /** @type {HTMLButtonElement} */ (part(id)));
  const play = buttons[2];
  const offered = (/** @type {string} */ name) => choices(name, store.session.settings);

  speed.replaceChildren(...offered('speed').map(([value, label]) => h('option', { value }, label)));
  speed.addEventListener('change', () => view({ speed: Number(speed.value) }));
  part('axis').append(...offered('axis').map(([value, label]) => h('label', {}, h('input', { type: 'radio', name: 'axis', value }), h('span', {}, label))));
  part('axis').addEventListener('change', (event) => view({ axis: /** @type {HTMLInputElement} */ (event.target).value }));
  /** What cannot be done while a run is computed. A control that is disabled would lose the focus. @param {() => void} move */
  const idle = (move) => () => {
    if (!computing()) move();
  };
  const toggle = () => (computing() ? wishes.hold() : player.toggle());
  const clicks = [idle(() => player.seek(0)), idle(() => player.step(-1, 'steps')), toggle, idle(() => player.step(1, 'steps'))];
  for (const [index, click] of clicks.entries()) buttons[index].addEventListener('click', click);
  const scrubbed = idle(() => jump(Number(scrub.value)));
  scrub.addEventListener('input', scrubbed);
  part('new-seed').addEventListener('click', wishes.newSeed);
  // figures about the same run are moved by the same keys
  listen([root, .../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-keys="race"]'))], {
    toggle,
    step: (direction, kind) => {
      if (!computing()) player.step(direction, kind);
    },
    start: idle(() => jump(0)),
    end: idle(() => jump(player.end)),
    speed: (direction) => {
      const speeds = offered('speed').map(([value]) => Number(value));
      const index = Math.max(0, Math.min(speeds.length - 1, speeds.indexOf(player.speed) + direction));
      view({ speed: speeds[index] });
    },
    newSeed: wishes.newSeed,
    help: wishes.help,
  });

  /** @param {number} position */
  function jump(position) {
    player.pause();
    player.seek(position);
  }

  /** Shows speed and axis as they are set. @param {Settings} settings */
  function show(settings) {
    player.speed = settings.speed;
    speed.value = String(settings.speed);
    for (const input of part('axis').querySelectorAll('input')) input.checked = input.value === settings.axis;
  }
  store.watch(({ settings }) => settings, show);
  show(store.session.settings);

  return (/** @type {Axis} */ axis) => {
    const here = words.position(axis, player.position, player.end);
    const run = computingOf(store.session);
    for (const control of [scrub, ...buttons]) control.setAttribute('aria-disabled', String(run !== undefined && control !== play));
    scrub.max = String(player.end || 1);
    scrub.value = String(player.position);
    scrub.setAttribute('aria-valuetext', here);
    const moves = run ? !run.held : player.playing;
    play.dataset.playing = String(moves);
    write(part('play-word'), moves ? words.play.pause : run ? words.hold.continue : player.atEnd && player.end > 0 ? words.play.again : words.play.play);
    const slowed = axis === 'time' && player.rate > 0 ? words.pace(1000 / player.rate) : '';
    write(part('position'), run ? '' : `${here}${slowed}`);
  };
}
