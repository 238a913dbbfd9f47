// @ts-check
/**
 * Writes the address: what is set, and what figures remember. Browsers refuse a script that writes it too often, so what changes
 * quickly, as under a slider that is dragged, is written now and then, and at last as it is.
 */

import { writeHash } from './settings.js';

/** Milliseconds between two writings: WebKit refuses after 100 in 30 seconds. */
const OFTEN = 400;

/** @param {import('./store.js').Store} store */
export function mountAddress(store) {
  let timer = 0;
  let writtenAt = -Infinity;

  /** @param {'pushState' | 'replaceState'} how */
  function write(how) {
    clearTimeout(timer);
    timer = 0;
    writtenAt = performance.now();
    const { settings, figures } = store.session;
    try {
      history[how](null, '', writeHash(settings, figures));
    } catch {
      // refused nevertheless: the page goes on, and the next change may be written
    }
  }

  /** Soon says what is so then. */
  function keep() {
    timer ||= window.setTimeout(() => write('replaceState'), Math.max(0, writtenAt + OFTEN - performance.now()));
  }

  store.watch(({ figures }) => figures, keep);
  store.watch(({ settings: { axis, speed } }) => `${axis} ${speed}`, keep);

  return {
    keep,
    /** Says at once what is so, where it stands. */
    now: () => write('replaceState'),
    /** A run that was asked for is a page of its own: Back returns to the one before. */
    push() {
      const { settings, figures } = store.session;
      write(writeHash(settings, figures) === location.hash ? 'replaceState' : 'pushState');
    },
  };
}
