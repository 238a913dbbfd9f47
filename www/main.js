// @ts-check
/** Wires the page: address, form, engines and figures around the one session. */

import { Engines } from './engine/engine.js';
import { loadToy } from './engine/toy.js';
import { mountMeasured } from './figures/measured.js';
import { mountReplay } from './figures/race/replay.js';
import { mountMicroscope } from './figures/round/microscope.js';
import { mountLive } from './live.js';
import { explainSettings, mountControls } from './parts/controls.js';
import { mountDevices } from './parts/devices.js';
import { byId } from './parts/dom.js';
import { mountForm } from './parts/form.js';
import { frames } from './parts/frames.js';
import { keepOffline } from './parts/newer.js';
import { clearProblems, problem } from './parts/notices.js';
import { embed, mountPage, openHelp } from './parts/page.js';
import { mountTheme } from './parts/theme.js';
import { mountSections } from './sections.js';
import { recordedRace } from './state/recorded.js';
import * as sessions from './state/session.js';
import { RUN_FIELDS, fitting, isAnchor, readHash, runPart, sameRun, workers, writeHash } from './state/settings.js';
import { isComplete } from './state/trace.js';
import * as words from '#words/main.js';

/** @typedef {import('./state/settings.js').Settings} Settings */
/** @typedef {import('./engine/engine.js').Backend} Backend */

const address = readHash(location.hash);
const store = { session: sessions.opened(address) };
/** What was drawn last of each model, to come back to. @type {Map<string, string>} */
const classes = new Map();
/** Figures that draw the run that is shown. @type {((trace: import('./state/trace.js').Trace, table: import('./state/trace.js').Columns) => void)[]} */
const watchers = [];
/** What was timed on this device, and figures that draw it. @type {{lines: import('./engine/times.js').Timed[], heard: ((lines: import('./engine/times.js').Timed[]) => void)[]}} */
const times = { lines: [], heard: [] };
/** Figures that draw in the colours of the theme. @type {(() => void)[]} */
const painters = [];

const reduced = matchMedia('(prefers-reduced-motion: reduce)');
const still = () => reduced.matches;
const settings = () => store.session.settings;
const shown = () => sessions.runOf(store.session);
const computing = () => sessions.computingOf(store.session) !== undefined;
const wantedBackend = () => /** @type {Backend} */ (settings().engine);

const engines = new Engines((event) => live.hear(event));
const frame = frames(draw, computing);
const tokens = mountTheme(() => {
  // a printer takes what is there
  frame.now();
  for (const redraw of painters) redraw();
});
const race = mountReplay({
  settings,
  computing,
  view: (changed) => {
    view({ ...settings(), ...changed });
    keepAddress();
  },
  hold: () => live.hold(),
  newSeed: () => live.newSeed(),
  help: openHelp,
  moved: frame.request,
  rested: (at) => {
    // it would be written to the address of the run that comes next
    if (!computing() && !engines.busy && shown()) remember('at', at);
  },
  still,
});
const microscope = mountMicroscope({
  run: () => {
    const run = shown();
    const cursor = race.cursor(store.session);
    return run && cursor && { trace: run.trace, table: run.table, cursor, tokens: tokens() };
  },
  tokens,
  toRound: (index) => race.toRound(store.session, index),
  slowMotion: () => {
    race.pause();
    // what was scrubbed to last is what moves slowly
    frame.now();
  },
  still,
});
const measured = mountMeasured(byId('measured'), (lines) => {
  times.lines = lines;
  for (const heard of times.heard) heard(lines);
});
const devices = mountDevices(engines, {
  settings,
  changed: drawState,
  failed: (error) => live.failed(error),
  take: (engine) => {
    store.session = sessions.unpriced(store.session);
    change({ engine });
    drawState();
  },
});
const controls = mountControls(byId('fields'), (changed) => {
  const { model, class: kind } = settings();
  classes.set(model, kind);
  const next = { ...settings(), ...changed, ...(changed.model ? { class: classes.get(changed.model) ?? kind } : {}) };
  store.session = sessions.set(store.session, fitting(next));
  if ('engine' in changed || 'workers' in changed) store.session = sessions.unpriced(store.session);
  controls.offer(settings());
  live.run();
});
const live = mountLive({
  store,
  engines,
  controls,
  devices,
  measured,
  race,
  change,
  keepAddress,
  grown: frame.request,
  take,
  present,
  drawState,
  ended: challenge,
});
const form = mountForm({
  run: live.submit,
  newSeed: live.newSeed,
  measure: live.measure,
  hold: live.hold,
  cancel: live.cancel,
  link: () => {
    keepAddress();
    return location.href;
  },
  shown,
  repeat: (run) => {
    change(run.settings);
    live.run({ repeats: run });
  },
});

Object.defineProperty(window, '__trace', { get: () => shown()?.trace });

/** Sets something that the visitor has not typed, so the form shows it. @param {Partial<Settings>} changed */
function change(changed) {
  store.session = sessions.set(store.session, changed);
  controls.show(settings());
}

function keepAddress() {
  history.replaceState(null, '', writeHash(settings(), store.session.figures));
}

/** @param {string} name of a figure @param {string | undefined} value */
function remember(name, value) {
  store.session = sessions.remembered(store.session, name, value);
  keepAddress();
}

/** Everything that follows the run is drawn from here. */
function draw() {
  store.session = sessions.counted(store.session);
  race.draw(store.session, tokens());
  // the cores are needed elsewhere
  if (!computing() && shown()) microscope.draw();
}

/** Draws what is under way, and what can be done about it. */
function drawState() {
  race.badge(store.session);
  devices.draw();
  form.draw(engines.busy, sessions.computingOf(store.session));
}

/** Another run, or another lane of it. */
function take() {
  race.take(store.session);
  drawState();
  frame.request();
}

/** Shows a finished run. @param {string} [at] where the address wants it to stand */
function present(at) {
  const run = shown();
  if (!run) return;
  take();
  race.present(store.session, at);
  microscope.take();
  for (const heard of watchers) heard(run.trace, run.table);
}

/** Shows it with other speed or axis. @param {Settings} next */
function view(next) {
  const otherAxis = next.axis !== settings().axis;
  store.session = sessions.set(store.session, next);
  race.view(store.session, otherAxis);
  frame.request();
}

/** Reads the address again when it is edited by hand, or when the visitor goes back. */
function readAddress() {
  if (isAnchor(location.hash)) return;
  const { settings: read, named, figures, problems } = readHash(location.hash);
  // an engine that is not named is the one the page has come to
  const engine = named.has('engine') ? read.engine : wantedBackend();
  const next = { ...read, engine, ...(RUN_FIELDS.some(({ name }) => named.has(name)) ? {} : runPart(settings())) };
  clearProblems();
  if (problems.length > 0) {
    refuse(problems);
    return;
  }
  const run = shown();
  const other = !run || !sameRun(runPart(next), run.trace.settings);
  store.session = { ...store.session, figures };
  if (!other && Number(figures.at) >= 0) race.seek(Number(figures.at));
  view(next);
  controls.show(settings());
  if (other) live.run({ again: true, at: figures.at });
}

/** @param {import('./state/settings.js').Problem[]} problems */
function refuse(problems) {
  for (const one of problems) {
    problem(words.refusedAddress(one.message));
    controls.refuse(one);
  }
}

function challenge() {
  devices.challenge(address.named.has('engine'));
}

/** Returns why the engine that was asked for is not used. */
async function offerGpu() {
  const { available, sentence } = await devices.find();
  controls.offerGpu(available);
  const asked = wantedBackend();
  if (available.includes(asked)) return '';
  change({ engine: 'cpu' });
  return words.unavailable(asked, sentence, available.length > 1);
}

/** What the figures of the article are given. @type {import('./sections.js').Context} */
const context = {
  tokens,
  restyled: (redraw) => {
    painters.push(redraw);
  },
  still,
  toy: loadToy,
  shown: (heard) => {
    watchers.push(heard);
    const run = shown();
    if (run && !computing() && isComplete(run.table)) heard(run.trace, run.table);
  },
  measured: (heard) => {
    times.heard.push(heard);
    heard(times.lines);
  },
  settings: () => runPart(settings()),
  collect: (wanted, options) => engines.collect(wanted, wantedBackend(), workers(settings()), options),
  remember,
  recall: (name) => store.session.figures[name],
};

async function start() {
  const embedded = embed();
  keepOffline();
  mountPage();
  explainSettings(byId('meanings'));
  controls.offerGpu(['cpu']);
  new ResizeObserver(frame.request).observe(byId('lanes'));
  addEventListener('hashchange', readAddress);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) store.session = sessions.noted(store.session, 'background');
  });

  view(settings());
  controls.show(settings());
  refuse(address.problems);
  if (!embedded) mountSections(context);
  // the engine may have the line when the recorded run has come, while that is decoded
  const recorded = await recordedRace(() => {
    if (!embedded) devices.warm();
  }).catch((error) => problem(error.message));
  const runNamed = RUN_FIELDS.some(({ name }) => address.named.has(name));
  const other = runNamed && (!recorded || !sameRun(runPart(settings()), recorded.settings));
  if (recorded && !shown()) {
    store.session = sessions.recorded(store.session, recorded);
    // a visitor may have asked for another run by now
    if (!runNamed && !engines.busy) store.session = sessions.set(store.session, { ...recorded.settings, window: 'auto' });
    if (address.problems.length === 0) controls.show(settings());
    // a position is one of the run that the address names
    present(other ? undefined : address.figures.at);
  }
  live.drawMemory();
  drawState();
  const wanted = () => {
    const run = shown();
    if (!other || address.problems.length > 0 || engines.busy || (run && sameRun(runPart(settings()), run.trace.settings))) return;
    live.run({ again: true, at: sameRun(runPart(settings()), address.settings) ? address.figures.at : undefined });
  };
  // the CPU need not wait for what a graphics driver has to say
  if (embedded || wantedBackend() === 'cpu') wanted();
  if (embedded) return;
  const why = await offerGpu();
  wanted();
  // a run that is asked for clears what stood there
  if (why) problem(why);
  challenge();
}

start();
