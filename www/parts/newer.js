// @ts-check
/** A site that was built for hosting works without a network at a second visit, and says so when a newer version of it is there. */

import { byId, h } from './dom.js';
import * as words from '#words/main.js';

/** A newer build that has not taken over by then comes with a reload. */
const TAKES_MS = 5000;

/** The browser's service workers: in a sandbox even their name throws. */
function available() {
  try {
    return navigator.serviceWorker;
  } catch {
    return undefined;
  }
}

export async function keepOffline() {
  const workers = available();
  if (!('offline' in document.documentElement.dataset) || !workers) return;
  // from now on another build would answer what this page asks for
  if (workers.controller) workers.addEventListener('controllerchange', () => location.reload());
  // where a browser refuses, the page works as before
  const registration = await workers.register(new URL('../offline.js', import.meta.url)).catch(() => undefined);
  if (!registration) return;
  offer(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => offer(worker));
  });
}

/** @param {ServiceWorker | null} worker of a newer build, once that is there */
function offer(worker) {
  if (worker?.state !== 'installed' || !navigator.serviceWorker.controller) return;
  const button = h('button', { type: 'button' }, words.take);
  button.addEventListener('click', () => {
    worker.postMessage('take');
    setTimeout(() => location.reload(), TAKES_MS);
  });
  byId('problems').before(h('p', { id: 'newer', class: 'problems', role: 'status' }, h('span', {}, words.newer, ' ', button)));
}
