// @ts-check
/** The microscope as a whole: the rounds of the run that is shown, or recorded ones with longer windows. */

import * as words from '#words/round.js';
import { mountRound } from './index.js';
import { asset } from '../../parts/asset.js';
import { within, write } from '../../parts/dom.js';
import { frames } from '../../parts/frames.js';
import { cursorOf, restOf, runOf, stopped, toRound } from '../../state/session.js';
import { columns, decode } from '../../state/trace.js';

/** @typedef {import('../../sections.js').View} View */
/** @typedef {import('../../state/trace.js').Round} Round */

/** @type {import('../../sections.js').Figure['mount']} */
export async function mount(root, context) {
  const { store } = context;
  const part = within(root);
  /** The recorded rounds, and how many are over where the viewer looks. @type {Pick<View, 'trace' | 'table'> & {rounds: number} | undefined} */
  let example;
  /** Whether they are shown, not the run. */
  let showsExample = true;
  /** Why there are none. */
  let trouble = '';
  const choice = part('rounds-of');
  const drawRound = mountRound(part('round'), {
    toRound(index) {
      if (showsExample && example) {
        example.rounds = index + 1;
        draw();
      } else {
        store.session = toRound(store.session, index);
      }
    },
    slowMotion() {
      if (showsExample) return;
      store.session = stopped(store.session);
      // what was scrubbed to last is what moves slowly
      frame.now();
    },
    still: context.still,
  });
  const frame = frames(draw, () => false);

  /** The run that is shown, if it has the pictures that are needed. @returns {View | undefined} */
  function shown() {
    const run = restOf(store.session) && runOf(store.session);
    const cursor = cursorOf(store.session);
    return run?.trace.rounds[0]?.draft && cursor ? { ...run, cursor, tokens: context.tokens() } : undefined;
  }

  function draw() {
    if (showsExample && example) {
      const { rounds, ...view } = example;
      drawRound({ ...view, cursor: { axis: 'calls', position: Infinity, rounds, plain: 0 }, tokens: context.tokens() });
    } else {
      // while a run is computed the cores are needed elsewhere
      const view = shown();
      if (view) drawRound(view);
    }
  }

  /** @param {boolean} wanted whether the recorded rounds are to be shown */
  function choose(wanted) {
    const possible = shown() !== undefined;
    showsExample = wanted || !possible;
    for (const input of choice.querySelectorAll('input')) input.checked = (input.value === 'example') === showsExample;
    write(part('rounds-problem'), !wanted && !possible ? words.noPictures : trouble);
    draw();
  }

  choice.addEventListener('change', (event) => choose(/** @type {HTMLInputElement} */ (event.target).value === 'example'));
  store.watch(restOf, (rest) => {
    if (rest) choose(showsExample);
  });
  store.watch((session) => session, frame.request);
  context.restyled(frame.now);
  choose(true);
  try {
    const trace = await decode(await asset('microscope.json'));
    // one that was stopped in the middle shows most
    const telling = (/** @type {Round} */ { length, committed }) => Math.min(committed, length - committed);
    const best = trace.rounds.reduce((best, round, index) => (telling(round) > telling(trace.rounds[best]) ? index : best), 0);
    example = { trace, table: columns(trace), rounds: best + 1 };
    choose(showsExample);
  } catch (error) {
    trouble = words.problem(error instanceof Error ? error.message : String(error));
    write(part('rounds-problem'), trouble);
  }
}
