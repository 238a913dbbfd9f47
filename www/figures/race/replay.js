// @ts-check
/** The race as a whole: lanes, shared axis, transport, sentence and result around one player, which starts when it is seen. */

import { mountRace } from './index.js';
import { drawBadge, drawResult } from './result.js';
import { mountSentence } from './sentence.js';
import { mountShared } from './shared.js';
import { within, write } from '../../parts/dom.js';
import { frames } from '../../parts/frames.js';
import { Player } from '../../parts/player.js';
import { mountTransport } from '../../parts/transport.js';
import { axisOf, computingOf, counted, cursorOf, moved, restOf, runOf, stateOf, stopped } from '../../state/session.js';
import { stops } from '../../state/trace.js';

/** @type {import('../../sections.js').Figure['mount']} */
export function mount(root, context) {
  const { store } = context;
  const part = within(root);
  let drawLanes = mountRace(part('lanes'));
  const drawShared = mountShared(part('shared'));
  const drawSentence = mountSentence(part('sentence'), part('live'));
  const computing = () => computingOf(store.session) !== undefined;
  const frame = frames(draw, computing);
  /** Whether the visitor has touched it: nothing is announced unasked. */
  let asked = false;
  for (const type of ['keydown', 'pointerdown', 'input'])
    root.addEventListener(
      type,
      () => {
        asked = true;
      },
      { capture: true },
    );
  /** Whether it is the figure that moves the replay, not the viewer. */
  let presents = false;
  const player = new Player(() => {
    const { position, playing, atEnd } = player;
    store.session = moved(store.session, { position, playing });
    if (store.session.run.phase === 'shown' && !presents)
      context.remember('at', playing || atEnd || position === 0 ? undefined : String(Number(position.toFixed(3))));
  });
  const drawTransport = mountTransport(root, player, context);
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    store.session = stopped(store.session);
    // whoever has moved it meanwhile has seen it
    if (!computing() && player.position === 0) player.play();
  });

  /** Whether any of it can be seen: a replay that cannot goes on undrawn. */
  let visible = true;
  new IntersectionObserver((entries) => {
    visible = entries.some(({ isIntersecting }) => isIntersecting);
    frame.request();
  }).observe(root);

  /** Another run, or another axis. */
  function take() {
    const { session } = store;
    const run = runOf(session);
    const { playing } = session;
    if (run && !computing()) {
      player.load(stops(run.table, axisOf(session)), session.position);
      if (playing) player.play();
      drawShared(run.table, axisOf(session));
    } else if (!run) {
      drawLanes = mountRace(part('lanes'));
      write(part('sentence'), '');
    }
    part('shared').hidden = computing();
    drawResult(part('result'), session);
  }

  /** Follows what others have made of the replay. */
  function follow() {
    const { position, playing } = store.session;
    if (position !== player.position) player.seek(position);
    if (playing) player.play();
    else player.pause();
  }

  /** A run that starts plays as soon as it is seen, or is a telling still. */
  function start() {
    seen.disconnect();
    if (!store.session.starts) return;
    if (!context.still()) {
      seen.observe(part('lanes'));
      return;
    }
    presents = true;
    store.session = moved(stopped(store.session), { position: runOf(store.session)?.table.speculative[axisOf(store.session)].at(-1) ?? 0 });
    presents = false;
  }

  function draw() {
    if (!visible && player.playing) return;
    const session = counted(store.session);
    const run = runOf(session);
    const cursor = cursorOf(session);
    drawBadge(part('badge'), part('what'), session);
    if (!run || !cursor) return;
    const now = computingOf(session);
    drawLanes({ ...run, cursor, tokens: context.tokens(), computing: now?.lane });
    drawTransport(cursor.axis);
    root.dataset.finished = String(cursor.position >= player.end);
    drawSentence(run, cursor, now, player.playing || !asked);
  }

  // on paper both are done
  let before = { position: 0, playing: false };
  matchMedia('print').addEventListener('change', ({ matches }) => {
    if (computing()) return;
    const { position, playing } = store.session;
    if (matches) before = { position, playing };
    store.session = moved(store.session, matches ? { position: player.end, playing: false } : before);
    frame.now();
  });

  store.watch(restOf, take);
  store.watch(axisOf, take);
  store.watch(({ position, playing }) => `${position} ${playing}`, follow);
  store.watch(({ starts }) => starts, start);
  store.watch((session) => session, frame.request);
  store.watch(stateOf, frame.now);
  context.restyled(frame.now);
  new ResizeObserver(frame.request).observe(part('lanes'));
  take();
  start();
  // whoever finds it mounted finds it drawn, and a slider with its ends
  frame.now();
}
