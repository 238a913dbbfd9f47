// @ts-check
/** The engines as the form shows them: which is loaded or ready, what rows cost there, what the graphics card is worth. */

import { byId, write } from './dom.js';
import { hideProgress, showProgress } from './notices.js';
import { gpuSupport } from '../engine/engine.js';
import { due, hear, open, over } from '../engine/contest.js';
import { workers } from '../state/settings.js';
import * as words from '#words/main.js';

/** @typedef {import('../engine/engine.js').Backend} Backend */
/** @typedef {import('../engine/engine.js').EngineEvent} EngineEvent */

/**
 * @param {import('../engine/engine.js').Engines} engines
 * @param {{settings: () => import('../state/settings.js').Settings, changed: () => void, take: (engine: Backend) => void}} page
 *   `changed` is called when others may be drawn differently too, `take` when another engine is to compute
 */
export function mountDevices(engines, page) {
  let contest = due();
  /** Once it is known. @type {import('../engine/engine.js').GpuSupport | undefined} */
  let gpu;
  /** @type {Backend | undefined} */
  let loading;

  const wanted = () => /** @type {Backend} */ (page.settings().engine);

  /** Whether there is a graphics card with an engine for it; a software adapter is never faster, and would take minutes to be timed. */
  const hasCard = () => gpu !== undefined && gpu.available.includes('webgpu') && !gpu.software;

  /** @param {string} [more] what has become of its engine */
  function drawGpu(more) {
    write(byId('gpu-note'), [gpu?.sentence, more].filter(Boolean).join(' '));
  }

  /** @param {Backend} backend @param {string} text @param {number} [loaded] @param {number} [total] */
  function progress(backend, text, loaded, total) {
    loading = backend;
    showProgress(backend, text, loaded, total);
    page.changed();
  }

  /** Nothing is being loaded any more. */
  function arrived() {
    loading = undefined;
    hideProgress();
    page.changed();
  }

  /** @param {Extract<EngineEvent, {type: 'priced'}>} event */
  function priced({ backend, price }) {
    if (backend === wanted()) write(byId('price-note'), words.price(backend, price));
    const outcome = hear(contest, backend, price);
    if (!outcome) return;
    contest = over();
    drawGpu(words.contest(outcome.own, outcome.other, outcome.wins));
    if (!outcome.wins || wanted() !== 'cpu') return;
    write(byId('price-note'), words.price('webgpu', outcome.price));
    page.take('webgpu');
  }

  return {
    arrived,
    hasCard,

    /** What an engine reports of itself; what it reports of a run is left to the page. @param {EngineEvent} event */
    hear(event) {
      if (event.type === 'loading') {
        progress(event.backend, words.progress(event.loaded, event.total), event.loaded, event.total);
      } else if (event.type === 'preparing') {
        progress(event.backend, event.message);
      } else if (event.type === 'ready') {
        arrived();
      } else if (event.type === 'priced') {
        priced(event);
      } else if (event.type === 'warmed') {
        if (event.backend !== 'cpu') drawGpu(words.warmed(event.ms));
      } else if (event.type === 'handover') {
        contest = over();
      }
    },

    /** Whether an engine that has failed was only wanted for the contest; then a sentence says so. @param {Extract<EngineEvent, {type: 'failed'}>} event */
    contestant({ backend, running, failure }) {
      if (contest.phase !== 'open' || backend !== 'webgpu' || running) return false;
      contest = over();
      arrived();
      drawGpu(words.notStarted(failure.message));
      return true;
    },

    draw() {
      const device = engines.device(wanted()) ?? engines.device('cpu');
      const text = loading ? words.loading(loading) : device ? words.ready(device) : '';
      // until there is something to say, what stands in the page stays
      if (!text) return;
      write(byId('engine-badge'), text);
      byId('engine-badge').dataset.kind = loading ? 'loading' : 'ready';
    },

    drawStopped() {
      write(byId('engine-badge'), words.badges.stopped);
      byId('engine-badge').dataset.kind = 'trouble';
    },

    /** Finds out which engines can be chosen. */
    async find() {
      gpu = await gpuSupport();
      drawGpu();
      return gpu;
    },

    /**
     * With a graphics card its engine is loaded behind the page and timed against the CPU.
     * @param {boolean} chosen whether the address asks for an engine
     */
    challenge(chosen) {
      // a run that is being timed needs the cores
      if (!gpu || contest.phase !== 'due' || engines.busy) return;
      const worthwhile = hasCard() && !chosen && !(/** @type {any} */ (navigator).connection?.saveData);
      contest = worthwhile ? open(engines, page.settings().model, workers(page.settings())) : over();
    },
  };
}
