// @ts-check
/** The race as a whole: lanes, shared axis, transport, sentence and result around one player, which starts when it is seen. */

import { mountRace } from './index.js';
import { drawBadge, drawResult } from './result.js';
import { mountSentence } from './sentence.js';
import { mountShared } from './shared.js';
import { byId, write } from '../../parts/dom.js';
import { Player } from '../../parts/player.js';
import { mountTransport } from '../../parts/transport.js';
import { computingOf, runOf } from '../../state/session.js';
import { cursorAt, stops } from '../../state/trace.js';

/** @typedef {import('../../state/session.js').Session} Session */
/** @typedef {import('../../state/trace.js').Axis} Axis */
/** @typedef {import('../../state/trace.js').Columns} Columns */
/** @typedef {import('../../parts/transport.js').Wishes} Wishes */

/** Milliseconds after which a position that stands is reported. */
const REST = 400;

/** @param {Session} session */
const axisOf = ({ settings }) => /** @type {Axis} */ (settings.axis);

/**
 * @param {Wishes & {moved: () => void, rested: (at: string | undefined) => void, still: () => boolean}} wishes what the viewer asks of the page; `moved` is
 *   called when position or playing have changed, and `rested` some time after the last change: with the position, if it is worth keeping
 */
export function mountReplay(wishes) {
  let drawLanes = mountRace(byId('lanes'));
  const drawShared = mountShared(byId('shared'));
  const drawSentence = mountSentence();
  let restTimer = 0;
  const player = new Player(() => {
    wishes.moved();
    clearTimeout(restTimer);
    restTimer = window.setTimeout(() => {
      const { playing, atEnd, position } = player;
      wishes.rested(playing || atEnd || position === 0 ? undefined : String(Number(position.toFixed(3))));
    }, REST);
  });
  const transport = mountTransport(player, wishes);
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    seen.disconnect();
    // whoever has moved it meanwhile has seen it
    if (!wishes.computing() && player.position === 0) player.play();
  });

  /** @param {Columns} table @param {Axis} axis */
  function take(table, axis) {
    player.load(stops(table, axis), 0);
    drawShared(table, axis);
  }

  return {
    seek: transport.jump,
    pause: () => player.pause(),

    /** Nothing moves by itself any more. */
    stop() {
      player.pause();
      seen.disconnect();
    },

    /** Another run, or another lane of it. @param {Session} session */
    take(session) {
      const run = runOf(session);
      const computing = computingOf(session) !== undefined;
      if (run && !computing) take(run.table, axisOf(session));
      byId('shared').hidden = computing;
      drawResult(session);
    },

    /**
     * Shows a finished run from its start and moving, or as a telling still.
     * @param {Session} session
     * @param {string} [at] where the address wants it to stand
     */
    present(session, at) {
      const run = runOf(session);
      if (!run) return;
      const wanted = Number(at ?? NaN);
      if (wanted >= 0 && wanted <= player.end) player.seek(wanted);
      else if (wishes.still()) player.seek(run.table.speculative[axisOf(session)].at(-1) ?? 0);
      else {
        seen.disconnect();
        seen.observe(byId('lanes'));
      }
    },

    /** Shows that there is no run. */
    clear() {
      drawLanes = mountRace(byId('lanes'));
      byId('result').hidden = true;
      write(byId('sentence'), '');
    },

    /** Speed and axis as they are set now; on another axis it stands and moves where it did. @param {Session} session @param {boolean} otherAxis */
    view(session, otherAxis) {
      const { playing, end } = player;
      const share = end > 0 ? player.position / end : 0;
      transport.show(session.settings);
      const run = runOf(session);
      if (!otherAxis || !run || computingOf(session)) return;
      take(run.table, axisOf(session));
      player.seek(share * player.end);
      if (playing) player.play();
    },

    /** To where a round is over. @param {Session} session @param {number} index */
    toRound(session, index) {
      const run = runOf(session);
      if (run) transport.jump(run.table.speculative[axisOf(session)][index + 1] ?? 0);
    },

    /** @param {Session} session */
    cursor(session) {
      const run = runOf(session);
      return run && cursorAt(run.table, axisOf(session), player.position);
    },

    badge: drawBadge,

    /** @param {Session} session @param {import('../../parts/tokens.js').Tokens} tokens */
    draw(session, tokens) {
      const run = runOf(session);
      if (!run) return;
      const { trace, table } = run;
      const axis = axisOf(session);
      const computing = computingOf(session);
      const cursor = computing ? { axis, position: Infinity, rounds: trace.rounds.length, plain: trace.plain.length } : cursorAt(table, axis, player.position);
      drawLanes({ trace, table, cursor, tokens, computing: computing?.lane });
      transport.draw(axis);
      byId('race').dataset.finished = String(cursor.position >= player.end);
      drawSentence(run, cursor, computing, player.playing);
    },
  };
}
