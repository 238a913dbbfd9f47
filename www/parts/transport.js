// @ts-check
/** The transport of the race: scrubber and buttons, the shared axis, speed, and the keyboard. Moves a player; decides nothing. */

import { byId, h, write } from './dom.js';
import { listen } from './keys.js';
import { choices } from '../state/settings.js';
import * as words from '#words/main.js';

/** @typedef {import('../state/settings.js').Settings} Settings */
/** @typedef {import('../state/trace.js').Axis} Axis */
/**
 * What the viewer asks of the page. While a run is computed there is nothing to move, and what would play holds it.
 * @typedef {{settings: () => Settings, computing: () => boolean, view: (changed: {axis?: string, speed?: number}) => void, hold: () => void, newSeed: () => void, help: () => void}} Wishes
 */

/**
 * @param {import('./player.js').Player} player
 * @param {Wishes} wishes
 */
export function mountTransport(player, wishes) {
  const scrub = /** @type {HTMLInputElement} */ (byId('scrub'));
  const speed = /** @type {HTMLSelectElement} */ (byId('speed'));
  const buttons = ['restart', 'back', 'play', 'forward'].map((id) => /** @type {HTMLButtonElement} */ (byId(id)));
  const [restart, back, play, forward] = buttons;
  const offered = (/** @type {string} */ name) => choices(name, wishes.settings());

  speed.replaceChildren(...offered('speed').map(([value, label]) => h('option', { value }, label)));
  speed.addEventListener('change', () => wishes.view({ speed: Number(speed.value) }));
  byId('axis').append(...offered('axis').map(([value, label]) => h('label', {}, h('input', { type: 'radio', name: 'axis', value }), h('span', {}, label))));
  byId('axis').addEventListener('change', (event) => wishes.view({ axis: /** @type {HTMLInputElement} */ (event.target).value }));
  scrub.addEventListener('input', () => jump(Number(scrub.value)));
  play.addEventListener('click', () => player.toggle());
  restart.addEventListener('click', () => player.seek(0));
  back.addEventListener('click', () => player.step(-1, 'steps'));
  forward.addEventListener('click', () => player.step(1, 'steps'));
  listen([byId('race'), byId('microscope')], {
    toggle: () => (wishes.computing() ? wishes.hold() : player.toggle()),
    step: (direction, kind) => {
      if (!wishes.computing()) player.step(direction, kind);
    },
    start: () => {
      if (!wishes.computing()) jump(0);
    },
    end: () => {
      if (!wishes.computing()) jump(player.end);
    },
    speed: (direction) => {
      const speeds = offered('speed').map(([value]) => Number(value));
      const index = Math.max(0, Math.min(speeds.length - 1, speeds.indexOf(player.speed) + direction));
      wishes.view({ speed: speeds[index] });
    },
    newSeed: wishes.newSeed,
    help: wishes.help,
  });

  /** @param {number} position */
  function jump(position) {
    player.pause();
    player.seek(position);
  }

  return {
    jump,
    /** Shows speed and axis as they are set. @param {Settings} settings */
    show(settings) {
      player.speed = settings.speed;
      speed.value = String(settings.speed);
      for (const input of byId('axis').querySelectorAll('input')) input.checked = input.value === settings.axis;
    },
    /** @param {Axis} axis */
    draw(axis) {
      const computing = wishes.computing();
      const here = words.position(axis, player.position, player.end);
      for (const control of [scrub, ...buttons]) control.disabled = computing;
      scrub.max = String(player.end || 1);
      scrub.value = String(player.position);
      scrub.setAttribute('aria-valuetext', here);
      play.dataset.playing = String(player.playing);
      write(byId('play-word'), player.playing ? words.play.pause : player.atEnd && player.end > 0 ? words.play.again : words.play.play);
      const slowed = axis === 'time' && player.rate > 0 ? words.pace(1000 / player.rate) : '';
      write(byId('position'), computing ? '' : `${here}${slowed}`);
    },
  };
}
