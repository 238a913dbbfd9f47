// @ts-check
/** What the two figures about cost share. */

import { write } from '../../parts/dom.js';

/** Milliseconds after a change before it is announced: a slider that is dragged would be spoken all the while. */
const SETTLED = 1000;

/**
 * Draws in pixels of the screen, so that words keep their size.
 * @param {SVGElement} svg
 * @param {() => void} draw
 */
export function sized(svg, draw) {
  new ResizeObserver(draw).observe(svg);
}

/** @param {SVGElement} svg */
export function sizeOf(svg) {
  const { width, height } = svg.getBoundingClientRect();
  return { width, height };
}

/**
 * Announces a sentence once it has settled.
 * @param {HTMLElement} live
 * @returns {(sentence: string) => void}
 */
export function speaker(live) {
  let timer = 0;
  return (sentence) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => write(live, sentence), SETTLED);
  };
}

/** @typedef {{command: string, model: string, class: string, seed: number, eta: number, steps: number, chains: Chain[], windows: Window[]}} Recorded */
/** @typedef {{steps: number, rounds: Counts[]}} Chain */
/** @typedef {{calls: number, rows: number, accepted: number, rejected: number, committed: number}} Counts */
/** @typedef {{window: string, calls: number, rows: number, chains: number}} Window mean costs of a window */

/** @type {Promise<Recorded> | undefined} */
let loading;

/** What was counted of chains that a visitor would have to wait for. @returns {Promise<Recorded>} */
export function loadRecorded() {
  loading ??= (async () => {
    const response = await fetch(new URL('../../assets/stairs.json', import.meta.url));
    if (!response.ok) throw new Error(`stairs.json: ${response.status}`);
    return response.json();
  })().catch((error) => {
    // the next figure may try again
    loading = undefined;
    throw error;
  });
  return loading;
}
