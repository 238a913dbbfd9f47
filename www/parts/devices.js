// @ts-check
/** The engines as the form shows them: which is loaded or ready, what rows cost there, what the graphics card is worth. */

import { byId, write } from './dom.js';
import { hideProgress, showProgress } from './notices.js';
import { gpuSupport } from '../engine/engine.js';
import { decide } from '../engine/contest.js';
import { EngineError } from '../engine/host.js';
import { workers } from '../state/settings.js';
import * as words from '#words/main.js';

/** @typedef {import('../engine/engine.js').Backend} Backend */
/** @typedef {import('../engine/engine.js').EngineEvent} EngineEvent */
/** @typedef {import('../engine/engine.js').RunEvent} RunEvent */
/** @typedef {import('../engine/price.js').Price} Price */

/**
 * @param {import('../engine/engine.js').Engines} engines
 * @param {{settings: () => import('../state/settings.js').Settings, changed: () => void, failed: (error: unknown) => void, take: (engine: Backend) => void}} page
 *   `changed` is called when others may be drawn differently too, `failed` when an engine that is needed cannot be had, `take` when another is to compute
 */
export function mountDevices(engines, page) {
  /** Whether CPU and WebGPU are to be compared, once, behind the page. @type {'due' | 'open' | 'over'} */
  let contest = 'due';
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

  /** @param {Backend} backend @param {Price} price */
  function priced(backend, price) {
    if (backend === wanted()) write(byId('price-note'), words.price(backend, price));
  }

  /** @param {Price} cpu @param {Price} webgpu */
  function settle(cpu, webgpu) {
    const { own, other, wins } = decide(cpu, webgpu);
    drawGpu(words.contest(own, other, wins));
    if (!wins || wanted() !== 'cpu') return;
    page.take('webgpu');
    priced('webgpu', webgpu);
  }

  /** @param {Backend} backend */
  const price = (backend) => engines.price(backend, page.settings().model, workers(page.settings()));

  return {
    arrived,
    hasCard,

    /** What an engine reports of itself; what it reports of a run is left to the page. @param {EngineEvent | RunEvent} event */
    hear(event) {
      if (event.type === 'loading') {
        progress(event.backend, words.progress(event.loaded, event.total), event.loaded, event.total);
      } else if (event.type === 'preparing') {
        progress(event.backend, event.message);
      } else if (event.type === 'ready') {
        arrived();
      } else if (event.type === 'priced') {
        priced(event.backend, event.price);
      } else if (event.type === 'warmed') {
        if (event.backend !== 'cpu') drawGpu(words.warmed(event.ms));
      } else if (event.type === 'handover') {
        contest = 'over';
      }
    },

    /** Loads the CPU's engine and finds its price, so that a run need not wait for that. */
    warm() {
      price('cpu').catch((error) => {
        if (error.name !== 'AbortError') page.failed(error);
      });
    },

    /** @param {import('../state/session.js').Computing | undefined} run that is computed for the visitor */
    draw(run) {
      const device = engines.device(wanted()) ?? engines.device('cpu');
      const text = loading ? words.loading(loading) : run ? words.live(run.trace.source.device, true, run.held) : device ? words.ready(device) : '';
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
    async challenge(chosen) {
      // a run that is being timed needs the cores
      if (!gpu || contest !== 'due' || engines.busy) return;
      contest = hasCard() && !chosen && !(/** @type {any} */ (navigator).connection?.saveData) ? 'open' : 'over';
      if (contest === 'over') return;
      try {
        const [cpu, webgpu] = await Promise.all([price('cpu'), price('webgpu')]);
        if (contest !== 'open') return;
        contest = 'over';
        settle(cpu, webgpu);
      } catch (error) {
        // where an engine has given way to another model's, they are compared after the next run
        contest = error instanceof EngineError ? 'over' : 'due';
        if (!(error instanceof EngineError)) return;
        if (error.backend === 'cpu') page.failed(error);
        else drawGpu(words.notStarted(error.message));
        arrived();
      }
    },
  };
}
