// @ts-check
/** Wires the page: address, form, engines and figures around the one session. */

import * as words from '#words/main.js';
import { Engines } from './engine/engine.js';
import { mountMeasured } from './figures/measured.js';
import { mountLive } from './live.js';
import { explainSettings, mountControls } from './parts/controls.js';
import { mountDevices } from './parts/devices.js';
import { byId } from './parts/dom.js';
import { mountForm } from './parts/form.js';
import { keepOffline } from './parts/newer.js';
import { clearProblems, problem } from './parts/notices.js';
import { arrives, goTo, mountPage, openHelp } from './parts/page.js';
import { mountTheme } from './parts/theme.js';
import { contextOf, mountSections } from './sections.js';
import { mountAddress } from './state/address.js';
import { recordedRace } from './state/recorded.js';
import * as sessions from './state/session.js';
import { RUN_FIELDS, fitting, isAnchor, placeOf, readHash, runPart, sameRun, workers } from './state/settings.js';
import { Store } from './state/store.js';

/** @typedef {import('./state/settings.js').Settings} Settings */
/** @typedef {import('./engine/engine.js').Backend} Backend */

const opened = readHash(location.hash);
/** Whether the address names a run. */
const runNamed = RUN_FIELDS.some(({ name }) => opened.named.has(name));
const store = new Store(sessions.opened(opened));
const address = mountAddress(store);
/** What was drawn last of each model, to come back to. @type {Map<string, string>} */
const classes = new Map();
/** Figures that draw in the colours of the theme. @type {(() => void)[]} */
const painters = [];
/** Once it is known. @type {import('./engine/engine.js').GpuSupport | undefined} */
let support;
/** Whether the address that was read last was refused. */
let refused = false;

const settings = () => store.session.settings;
const shown = () => sessions.runOf(store.session);
const wantedBackend = () => /** @type {Backend} */ (settings().engine);

/** Sets something that the visitor has not typed. @param {Partial<Settings>} changed */
const change = (changed) => {
  store.session = sessions.set(store.session, changed);
};

const engines = new Engines((event) => live.hear(event));
const tokens = mountTheme(() => {
  for (const redraw of painters) redraw();
});
const measured = mountMeasured(byId('measured'), (lines) => {
  store.session = sessions.timed(store.session, lines);
});
const devices = mountDevices(engines, {
  settings,
  changed: drawState,
  failed: (error) => live.failed(error),
  take: (engine) => {
    store.session = sessions.set(sessions.unpriced(store.session), { engine });
  },
});
const controls = mountControls(byId('fields'), byId('more'), byId('more-fields'), (changed) => {
  const { model, class: kind } = settings();
  classes.set(model, kind);
  const next = { ...settings(), ...changed, ...(changed.model ? { class: classes.get(changed.model) ?? kind } : {}) };
  store.session = sessions.set(store.session, fitting(next));
  if ('engine' in changed || 'workers' in changed) store.session = sessions.unpriced(store.session);
  live.run();
});
const live = mountLive({ store, engines, controls, devices, measured, address, drawState, ended: challenge });
const form = mountForm({
  run: live.submit,
  measure: live.measure,
  hold: live.hold,
  cancel: live.cancel,
  link: address.link,
  shown,
  repeat: (run) => {
    change(run.settings);
    live.run({ repeats: run });
  },
});
const context = contextOf(store, {
  tokens,
  restyled: (redraw) => {
    painters.push(redraw);
  },
  collect: (wanted, options) => engines.collect(wanted, wantedBackend(), workers(settings()), options),
  ratio: () => engines.ratio(wantedBackend(), settings().model, workers(settings())),
  wishes: { hold: live.hold, newSeed: live.newSeed, help: openHelp },
});

Object.defineProperty(window, '__trace', { get: () => shown()?.trace });

/** Draws what is under way, and what can be done about it. */
function drawState() {
  devices.draw(sessions.computingOf(store.session));
  form.draw(engines.busy, sessions.computingOf(store.session));
}

/** Reads the address again when it is edited by hand, or when the visitor goes back. */
function readAddress() {
  address.follow();
  if (isAnchor(location.hash)) {
    address.keep();
    // a section is no setting, so nothing is wrong any more
    if (refused) {
      refused = false;
      clearProblems();
      controls.show();
    }
    return;
  }
  const { settings: read, named, figures, problems } = readHash(location.hash);
  // an engine that is not named is the one the page has come to
  const engine = named.has('engine') ? read.engine : wantedBackend();
  const names = RUN_FIELDS.some(({ name }) => named.has(name));
  const next = { ...read, engine, ...(names ? {} : runPart(settings())) };
  clearProblems();
  refuse(problems);
  if (refused) return;
  const run = shown();
  const other = names && (!run || !sameRun(runPart(next), run.trace.settings));
  store.session = sessions.viewed({ ...store.session, figures }, next);
  if (!other && Number(figures.at) >= 0) store.session = sessions.moved(sessions.stopped(store.session), { position: Number(figures.at) });
  const why = fallBack();
  controls.show();
  address.follow();
  goTo(placeOf(location.hash));
  if (other) live.run({ again: true, at: figures.at });
  if (!why) return;
  problem(why);
  address.now();
}

/** @param {import('./state/settings.js').Problem[]} problems */
function refuse(problems) {
  refused = problems.length > 0;
  for (const one of problems) {
    problem(words.refusedAddress(one.message));
    controls.refuse(one);
  }
}

function challenge() {
  devices.challenge(opened.named.has('engine'));
}

/** Where the engine that is asked for cannot be had the CPU computes; returns why. */
function fallBack() {
  const asked = wantedBackend();
  if (!support || support.available.includes(asked)) return '';
  change({ engine: 'cpu' });
  return words.unavailable(asked, support.sentence, support.available.length > 1);
}

/** Returns why the engine that was asked for is not used. */
async function offerGpu() {
  support = await devices.find();
  controls.offerGpu(support.available);
  return fallBack();
}

/** The run that the visitor sees first, if the address names none. */
async function showRecorded() {
  // the engine may have the line when the recorded run has come, while that is decoded
  const trace = await recordedRace(devices.warm).catch((error) => problem(error.message));
  if (!trace) return;
  store.session = sessions.recorded(store.session, trace, runNamed ? undefined : opened.figures.at);
  // a visitor may have asked for another run by now
  if (!runNamed && !engines.busy) change({ ...trace.settings, window: 'auto' });
}

async function start() {
  keepOffline();
  mountPage();
  explainSettings(byId('meanings'));
  controls.offerGpu(['cpu']);
  addEventListener('hashchange', readAddress);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) store.session = sessions.noted(store.session, 'background');
  });
  store.watch(({ settings }) => settings, controls.draw);
  store.watch(sessions.stateOf, drawState);
  store.watch(shown, live.drawMemory);

  controls.draw(settings());
  controls.show();
  refuse(opened.problems);
  mountSections(context);
  // the browser itself knows only sections, and where a reader was who comes back
  if (!isAnchor(location.hash) && arrives()) goTo(placeOf(location.hash));
  /** The run that the address names waits for nothing but its engine. */
  const wanted = () => {
    if (runNamed && opened.problems.length === 0 && !sessions.askedOf(store.session)) live.run({ again: true, at: opened.figures.at });
  };
  // the CPU need not wait for what a graphics driver has to say
  const early = wantedBackend() === 'cpu';
  if (early) wanted();
  const [, why] = await Promise.all([showRecorded(), offerGpu()]);
  if (!early) wanted();
  // a run that is asked for clears what stood there
  if (why) problem(why);
  challenge();
}

start();
