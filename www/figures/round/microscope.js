// @ts-check
/** The microscope as a whole: the rounds of the run above, or recorded ones with longer windows, which are fetched when it comes near. */

import { mountRound } from './index.js';
import { byId, h, write } from '../../parts/dom.js';
import { recordedRounds } from '../../state/recorded.js';
import { columns } from '../../state/trace.js';
import * as words from '#words/round.js';

/** @typedef {import('../race/index.js').View} View */
/** @typedef {import('../../state/trace.js').Round} Round */

/** The recorded rounds are fetched when the figure comes within so much of the visible part of the page. */
const NEAR = '800px';

/**
 * @param {{run: () => View | undefined, tokens: () => View['tokens'], toRound: (index: number) => void, slowMotion: () => void, still: () => boolean}} page
 *   `run` is the run above as it stands; `toRound` and `slowMotion` are what the viewer asks of it
 */
export function mountMicroscope(page) {
  /** The recorded rounds, and how many are over where the viewer looks. @type {Pick<View, 'trace' | 'table'> & {rounds: number} | undefined} */
  let example;
  /** Whether they are shown, not the run above. */
  let showsExample = true;
  const choice = byId('rounds-of');
  const drawRound = mountRound(byId('round'), {
    toRound(index) {
      if (showsExample && example) {
        example.rounds = index + 1;
        draw();
      } else {
        page.toRound(index);
      }
    },
    slowMotion() {
      if (!showsExample) page.slowMotion();
    },
    still: page.still,
  });

  /** The run above, if it has the pictures that are needed. */
  function run() {
    const view = page.run();
    return view?.trace.rounds[0]?.draft ? view : undefined;
  }

  function draw() {
    if (showsExample && example) {
      const { rounds, ...view } = example;
      drawRound({ ...view, cursor: { axis: 'calls', position: Infinity, rounds, plain: 0 }, tokens: page.tokens() });
    } else {
      const view = run();
      if (view) drawRound(view);
    }
  }

  /** @param {boolean} wanted whether the recorded rounds are to be shown */
  function choose(wanted) {
    const possible = run() !== undefined;
    showsExample = wanted || !possible;
    for (const input of choice.querySelectorAll('input')) {
      input.checked = (input.value === 'example') === showsExample;
      if (input.value === 'run') input.disabled = !possible;
    }
    draw();
  }

  async function fetchExample() {
    try {
      const trace = await recordedRounds();
      // one that was stopped in the middle shows most
      const telling = (/** @type {Round} */ { length, committed }) => Math.min(committed, length - committed);
      const best = trace.rounds.reduce((best, round, index) => (telling(round) > telling(trace.rounds[best]) ? index : best), 0);
      example = { trace, table: columns(trace), rounds: best + 1 };
      choose(showsExample);
    } catch (error) {
      write(byId('rounds-problem'), words.problem(error instanceof Error ? error.message : String(error)));
    }
  }

  choice.append(...words.roundChoices.map(([value, label]) => h('label', {}, h('input', { type: 'radio', name: 'rounds-of', value }), h('span', {}, label))));
  choice.addEventListener('change', (event) => choose(/** @type {HTMLInputElement} */ (event.target).value === 'example'));
  choose(true);
  const near = new IntersectionObserver(
    ([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      near.disconnect();
      fetchExample();
    },
    { rootMargin: NEAR },
  );
  near.observe(byId('microscope'));

  return {
    draw,
    /** Another run is shown above. */
    take: () => choose(showsExample),
  };
}
