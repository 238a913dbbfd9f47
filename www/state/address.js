// @ts-check
/**
 * Writes the address: what is set, and what figures remember. Browsers refuse a script that writes it too often, so what changes
 * quickly, as under a slider that is dragged, is written now and then, and at last as it is. An address leads to what it names
 * first: to the section that was followed, or the figure that was changed last.
 */

import { defaults, placeOf, placed, writeHash } from './settings.js';

/** Milliseconds between two writings: WebKit refuses after 100 in 30 seconds. */
const OFTEN = 400;

/** @param {import('./store.js').Store} store */
export function mountAddress(store) {
  let timer = 0;
  let writtenAt = -Infinity;
  let place = placeOf(location.hash);

  /** The name of a section says enough where nothing else is other than usual. */
  function said() {
    const { settings, figures } = store.session;
    return place && writeHash(settings, figures) === writeHash(defaults()) ? `#${place}` : writeHash(settings, figures, place);
  }

  /** @param {'pushState' | 'replaceState'} how */
  function write(how) {
    clearTimeout(timer);
    timer = 0;
    writtenAt = performance.now();
    try {
      history[how](null, '', said());
    } catch {
      // refused nevertheless: the page goes on, and the next change may be written
    }
  }

  /** Soon says what is so then. */
  function keep() {
    timer ||= window.setTimeout(() => write('replaceState'), Math.max(0, writtenAt + OFTEN - performance.now()));
  }

  store.watch(
    ({ figures }) => figures,
    (now, before) => {
      const changed = Object.keys({ ...before, ...now }).find((name) => now[name] !== before[name]);
      if (changed) place = placed(changed);
      keep();
    },
  );
  store.watch(({ settings: { axis, speed } }) => `${axis} ${speed}`, keep);

  return {
    keep,
    /** Says at once what is so, where it stands. */
    now: () => write('replaceState'),
    /** A run that was asked for is a page of its own, from its beginning: Back returns to the one before. */
    push() {
      place = '';
      write(said() === location.hash ? 'replaceState' : 'pushState');
    },
    /** The address was edited, or a link within the page followed. */
    follow() {
      place = placeOf(location.hash);
    },
    /** The address of the run, whatever else was looked at. */
    link() {
      place = '';
      write('replaceState');
      return location.href;
    },
  };
}
