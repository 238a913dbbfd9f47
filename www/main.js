// @ts-check
/** Wires the page: address, form, engine, player and figures. Holds the one trace that is shown. */

import { explainSettings, mountControls } from './parts/controls.js';
import { byId, h, write } from './parts/dom.js';
import { Engines, gpuSupport } from './engine/engine.js';
import { drawMeasured, fastest } from './figures/measured.js';
import { mountRace } from './figures/race/index.js';
import { mountRound } from './figures/round/index.js';
import { mountShared } from './figures/race/shared.js';
import { compare, fromJson, racePng, save, toCsv, toJson } from './state/files.js';
import { listen } from './parts/keys.js';
import { Player } from './parts/player.js';
import { LONGEST, RUN_FIELDS, choicesOf, fieldOf, fitting, isAnchor, readHash, remembering, runPart, sameRun, workers, writeHash } from './state/settings.js';
import { loadToy } from './engine/toy.js';
import { stepTime } from './engine/price.js';
import { mountSections } from './sections.js';
import { columns, cursorAt, decode, decodeRace, isComplete, stops } from './state/trace.js';
import { readTokens } from './parts/tokens.js';
import { inLanguage, language, load } from './text/index.js';
import { cursorSentence, resultParts, runWords } from './text/run.js';
import './text/translate.js';

/** @typedef {import('./state/settings.js').Settings} Settings */
/** @typedef {import('./state/trace.js').Trace} Trace */
/** @typedef {import('./state/trace.js').Columns} Columns */
/** @typedef {import('./state/trace.js').Cursor} Cursor */
/** @typedef {import('./state/trace.js').Axis} Axis */
/** @typedef {import('./state/trace.js').LaneName} LaneName */
/** @typedef {import('./engine/engine.js').EngineEvent} EngineEvent */
/** @typedef {import('./engine/engine.js').Backend} Backend */

/** @type {typeof import('./text/en/main.js')} */
const words = await load('main');
/** @type {typeof import('./text/en/round.js')} */
const roundWords = await load('round');

/** Milliseconds between two announcements while something moves. */
const ANNOUNCE_EVERY = 3000;
/** Milliseconds after which a position that stands is written into the address. */
const POSITION_AFTER = 400;
/** Pictures of discarded positions are dropped from the oldest rounds on, once a run keeps more than this. */
const KEEP_BYTES = 150e6;
/** Milliseconds between two frames of a run that is being computed. */
const COMPUTING_EVERY = 250;
/** Windows that are timed to find the fastest, with the draft that is set; the other drafts follow with the best of them. As
 * many steps as there are workers and the window by price come on top. */
const WINDOWS = [2, 3, 4, 8, 12, 20];
/** An engine is taken in another's place if it needs less than this share of its time. */
const CLEARLY = 0.9;
/** Images that are kept for each position of a window. */
const PICTURES = /** @type {const} */ (['draftMean', 'draft', 'targetMean', 'prediction']);
/** Of each step that is committed: its state, and what the standard sampler keeps of it. */
const STEP_PICTURES = 3;
/** Numbers of the largest model's picture, and bytes of a number. */
const LARGEST = 784;
const BYTES = 4;

const address = readHash(location.hash);
/** What figures remember. */
let figures = address.figures;
/** Figures that draw the run that is shown. @type {((trace: Trace, table: Columns) => void)[]} */
const watchers = [];
/** Figures that draw in the colours of the theme. @type {(() => void)[]} */
const painters = [];
/** @type {Settings} */
let settings = address.settings;
/** @type {Trace | undefined} */
let trace;
/** @type {Columns | undefined} */
let table;
/** @type {LaneName | undefined} the lane that is being computed into the trace */
let computing;
/** @type {Trace | undefined} what was shown before the run that is being computed */
let kept;
/** @type {import('./state/files.js').Imported | undefined} the run that the present one repeats */
let imported;
/** While the fastest is looked for: what has been timed, of it what on engines that are through, and the engines that are not.
 * @type {{lines: import('./engine/engine.js').Timed[], whole: import('./engine/engine.js').Timed[], engines: Backend[]} | undefined} */
let measuring;
/** @type {import('./engine/engine.js').GpuSupport | undefined} */
let gpu;
/** What rows cost on the engines that were asked, while the faster one is looked for.
 * @type {Map<Backend, import('./engine/worker.js').Price> | undefined} */
let contest;
/** Whether the engines were compared. */
let challenged = false;
/** The window that was found for auto. @type {number | string | undefined} */
let found;
let held = false;
/** The run that was asked for last and has not ended. @type {import('./state/settings.js').RunSettings | undefined} */
let asked;
/** Where the address wants the race to stand, until a run is shown. @type {string | undefined} */
let restored = address.figures.at;
/** Waits for the race to be seen. @type {IntersectionObserver | undefined} */
let seen;
let positionTimer = 0;
/** What was drawn last of each model, to come back to. @type {Map<string, string>} */
const classes = new Map();
let tokens = readTokens();
let announcedAt = 0;
let announceTimer = 0;
let drawRequest = 0;
let drawTimer = 0;
let drawnAt = 0;
/** Whether the trace has grown since its columns were made. */
let stale = false;
/** @type {{backend: Backend, text: string} | undefined} */
let loading;

const reduced = matchMedia('(prefers-reduced-motion: reduce)');
let drawRace = mountRace(byId('lanes'));
const drawShared = mountShared(byId('shared'));
/** Rounds with longer windows than those of the default run, to look at; and the one that is looked at. @type {{trace: Trace, table: Columns, rounds: number} | undefined} */
let example;
/** Whether the microscope shows them instead of the run above. */
let showsExample = true;
const drawRound = mountRound(byId('round'), {
  toRound(index) {
    if (showsExample && example) {
      example.rounds = index + 1;
      drawMicroscope();
      return;
    }
    if (!table) return;
    player.pause();
    player.seek(table.speculative[axis()][index + 1] ?? 0);
  },
  slowMotion() {
    if (showsExample) return;
    player.pause();
    // what was scrubbed to last is what moves slowly
    cancelAnimationFrame(drawRequest);
    draw();
  },
  still: () => reduced.matches,
});
const player = new Player(() => {
  requestDraw();
  keepPosition();
});
const engines = new Engines(hear);
const controls = mountControls(byId('fields'), (changed) => {
  classes.set(settings.model, settings.class);
  settings = fitting({ ...settings, ...changed, ...(changed.model ? { class: classes.get(changed.model) ?? settings.class } : {}) });
  if ('engine' in changed || 'workers' in changed) settings = unpriced(settings);
  controls.offer(settings);
  runLive();
});

Object.defineProperty(window, '__trace', { get: () => trace });

/**
 * Settings for another engine: a window that was found here is found again.
 * @param {Settings} next
 */
function unpriced(next) {
  return next.window === found ? { ...next, window: 'auto' } : next;
}

/** @param {string} name of a setting */
function choices(name) {
  const field = fieldOf(name);
  return (field && choicesOf(field, settings)) ?? [];
}

function axis() {
  return /** @type {Axis} */ (settings.axis);
}

/** Everything that is drawn is drawn from here, at most once a frame; seldom while a run is computed, which needs the cores. */
function requestDraw() {
  if (computing && drawnAt + COMPUTING_EVERY > performance.now()) {
    if (drawTimer === 0) drawTimer = window.setTimeout(requestFrame, drawnAt + COMPUTING_EVERY - performance.now());
  } else {
    requestFrame();
  }
}

function requestFrame() {
  clearTimeout(drawTimer);
  drawTimer = 0;
  if (drawRequest === 0) drawRequest = requestAnimationFrame(draw);
}

/** Whether the run above has the pictures that the microscope needs. */
const hasDrafts = () => trace?.rounds[0]?.draft !== undefined;

function drawMicroscope() {
  if (showsExample && example) {
    const { rounds, ...view } = example;
    drawRound({ ...view, cursor: { axis: 'calls', position: Infinity, rounds, plain: 0 }, tokens });
  } else if (trace && table && hasDrafts()) {
    drawRound({ trace, table, cursor: cursorAt(table, axis(), player.position), tokens });
  }
}

/** @param {boolean} wanted whether the example is shown, not the run above */
function chooseRounds(wanted) {
  showsExample = wanted || !hasDrafts();
  for (const input of byId('rounds-of').querySelectorAll('input')) {
    input.checked = (input.value === 'example') === showsExample;
    if (input.value === 'run') input.disabled = !hasDrafts();
  }
  drawMicroscope();
}

async function loadExample() {
  try {
    const shown = await decode(await (await fetchAsset('microscope.json')).json());
    // one that was stopped in the middle shows most
    const telling = (/** @type {import('./state/trace.js').Round} */ { length, committed }) => Math.min(committed, length - committed);
    const best = shown.rounds.reduce((best, round, index) => (telling(round) > telling(shown.rounds[best]) ? index : best), 0);
    example = { trace: shown, table: columns(shown), rounds: best + 1 };
    chooseRounds(showsExample);
  } catch (error) {
    write(byId('rounds-problem'), roundWords.problem(error instanceof Error ? error.message : String(error)));
  }
}

function wireMicroscope() {
  byId('rounds-of').append(
    ...roundWords.roundChoices.map(([value, label]) => h('label', {}, h('input', { type: 'radio', name: 'rounds-of', value }), h('span', {}, label))),
  );
  byId('rounds-of').addEventListener('change', (event) => chooseRounds(/** @type {HTMLInputElement} */ (event.target).value === 'example'));
  chooseRounds(true);
  const near = new IntersectionObserver(
    ([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      near.disconnect();
      loadExample();
    },
    { rootMargin: '800px' },
  );
  near.observe(byId('microscope'));
}

function draw() {
  drawRequest = 0;
  drawnAt = performance.now();
  if (!trace) return;
  if (stale) table = columns(trace);
  stale = false;
  if (!table) return;
  const cursor = computing
    ? { axis: axis(), position: Infinity, rounds: trace.rounds.length, plain: trace.plain.length }
    : cursorAt(table, axis(), player.position);
  const view = { trace, table, cursor, tokens, computing };
  drawRace(view);
  // the cores are needed elsewhere
  if (!computing) drawMicroscope();
  drawTransport(cursor);
  const sentence = computing ? computingSentence() : cursorSentence(trace, table, cursor);
  write(byId('sentence'), sentence);
  announce(sentence);
}

/** @param {Cursor} cursor */
function drawTransport(cursor) {
  const scrub = /** @type {HTMLInputElement} */ (byId('scrub'));
  const here = words.position(axis(), player.position, player.end);
  for (const id of ['scrub', 'restart', 'back', 'play', 'forward']) /** @type {HTMLButtonElement} */ (byId(id)).disabled = computing !== undefined;
  scrub.max = String(player.end || 1);
  scrub.value = String(player.position);
  scrub.setAttribute('aria-valuetext', here);
  byId('play').dataset.playing = String(player.playing);
  write(byId('play-word'), player.playing ? words.play.pause : player.atEnd && player.end > 0 ? words.play.again : words.play.play);
  const slowed = axis() === 'time' && player.rate > 0 ? words.pace(1000 / player.rate) : '';
  write(byId('position'), computing ? '' : `${here}${slowed}`);
  byId('race').dataset.finished = String(cursor.position >= player.end);
}

function computingSentence() {
  if (!trace || !table) return '';
  const lane = table[computing ?? 'plain'];
  return words.computing(computing ?? 'plain', lane.level.at(-1) ?? 0, table.steps, lane.calls.at(-1) ?? 0, held);
}

/** @param {string} sentence */
function announce(sentence) {
  clearTimeout(announceTimer);
  const moving = player.playing || computing !== undefined;
  const wait = moving ? Math.max(0, announcedAt + ANNOUNCE_EVERY - performance.now()) : 150;
  const say = () => {
    announcedAt = performance.now();
    write(byId('live'), sentence);
  };
  if (wait === 0) say();
  else announceTimer = window.setTimeout(say, wait);
}

function drawResult() {
  const root = byId('result');
  root.hidden = !trace || !table || computing !== undefined || !isComplete(table);
  if (root.hidden || !trace || !table) return;
  const parts = resultParts(trace, table);
  const cost = (/** @type {'calls' | 'rows' | 'time'} */ key) => h('div', { 'data-cost': key }, h('dt', {}, words.costs[key]), h('dd', {}, parts[key]));
  root.replaceChildren(
    h('p', { class: 'result-line' }, parts.line),
    h('dl', { class: 'result-costs' }, cost('calls'), cost('rows'), cost('time')),
    ...[...parts.notes, words.notes[trace.source.note ?? '']].filter(Boolean).map((text) => h('p', { class: 'result-why' }, String(text))),
  );
}

function drawBadges() {
  const badge = byId('badge');
  write(
    badge,
    !trace ? words.badges.none : trace.source.kind === 'recorded' ? words.badges.recorded : words.live(trace.source.device, computing !== undefined, held),
  );
  badge.dataset.kind = trace?.source.kind ?? 'none';
  write(byId('what'), trace ? runWords(trace.settings) : '');
  const engine = byId('engine-badge');
  const device = engines.device(wantedBackend()) ?? engines.device('cpu');
  const text = loading ? words.loading(loading.backend) : device ? words.ready(device) : '';
  if (text) {
    write(engine, text);
    engine.dataset.kind = loading ? 'loading' : 'ready';
  }
  byId('hold').hidden = !engines.busy || !computing;
  write(byId('hold'), held ? words.hold.continue : words.hold.pause);
  byId('cancel').hidden = !engines.busy;
}

function grown() {
  stale = true;
  requestDraw();
}

/** Takes the trace that is shown to its columns, its stops and its result. */
function traceChanged() {
  if (!trace) return;
  table = columns(trace);
  stale = false;
  if (!computing) {
    player.load(stops(table, axis()), 0);
    drawShared(table, axis());
  }
  byId('shared').hidden = computing !== undefined;
  drawResult();
  drawBadges();
  requestDraw();
}

/**
 * Shows a finished trace: from the start and moving, or as a telling still.
 * @param {string} [at] where the address wants it to stand
 */
function present(at) {
  computing = undefined;
  traceChanged();
  if (!table) return;
  const wanted = Number(at ?? NaN);
  if (wanted >= 0 && wanted <= player.end) player.seek(wanted);
  else if (reduced.matches) player.seek(table.speculative[axis()].at(-1) ?? 0);
  else playInView();
  chooseRounds(showsExample);
  for (const heard of watchers) heard(/** @type {Trace} */ (trace), table);
}

/** A race that is below or above the window starts when it is seen. */
function playInView() {
  seen?.disconnect();
  seen = new IntersectionObserver(([{ isIntersecting }]) => {
    if (!isIntersecting) return;
    seen?.disconnect();
    // whoever has moved it meanwhile has seen it
    if (!computing && player.position === 0) player.play();
  });
  seen.observe(byId('lanes'));
}

/** Keeps the position in the address once nothing moves. */
function keepPosition() {
  clearTimeout(positionTimer);
  positionTimer = window.setTimeout(() => {
    // it would be written to the address of the run that comes next
    if (computing || engines.busy || !trace || !table) return;
    context.remember('at', player.playing || player.atEnd || player.position === 0 ? undefined : String(Number(player.position.toFixed(3))));
  }, POSITION_AFTER);
}

function wantedBackend() {
  return /** @type {Backend} */ (settings.engine);
}

/**
 * Whether the form can be used; if not, why is told.
 * @param {(why: string) => string} otherwise
 */
function formIsGood(otherwise) {
  const complaint = controls.complaint();
  if (complaint) {
    say(otherwise(complaint));
    return false;
  }
  player.pause();
  seen?.disconnect();
  clearProblems();
  return true;
}

/** @param {{again?: boolean}} [how] `again`: the address stands already */
function runLive({ again = false } = {}) {
  if (!formIsGood(words.notRun)) return;
  controls.show(settings);
  if (!again) {
    // a position belongs to the run that it was found in
    figures = remembering(figures, 'at', undefined);
    restored = undefined;
  }
  const link = writeHash(settings, figures);
  // a run that was asked for is a page of its own: Back returns to the one before
  if (again || link === location.hash) history.replaceState(null, '', link);
  else history.pushState(null, '', link);
  drawMemory();
  held = false;
  imported = undefined;
  // it was about another run
  byId('measured').hidden = true;
  engines.run(runPart(settings), wantedBackend(), workers(settings));
  asked = runPart(settings);
  if (!computing) say(engines.device(wantedBackend()) ? words.status.starting : words.status.waiting);
  drawBadges();
}

/** Times this run with several windows and drafts and plain, and takes the fastest. */
function measure() {
  if (!formIsGood(words.notMeasured)) return;
  // what runs is cancelled first, and is no part of this
  engines.cancel();
  // on a software adapter it would take minutes, and is never faster
  measuring = { lines: [], whole: [], engines: gpu?.available.includes('webgpu') && !gpu.software ? ['cpu', 'webgpu'] : [wantedBackend()] };
  measureNext();
  say(words.status.measuring);
  drawBadges();
}

/** Goes on with the next engine; after the last takes the fastest. */
function measureNext() {
  const engine = measuring?.engines.shift();
  const lengths = [...new Set([...WINDOWS, Math.max(2, workers(settings))])].sort((one, other) => one - other);
  const windows = [...lengths.filter((window) => window < settings.steps), 'auto'];
  if (engine) engines.measure(runPart(settings), engine, workers(settings), { windows, drafts: choices('draft').map(([draft]) => String(draft)) });
  else measured();
}

function measured() {
  const lines = measuring?.lines ?? [];
  measuring = undefined;
  const { engine, draft, window } = fastest(lines).best;
  settings = { ...settings, engine, draft, window };
  controls.show(settings);
  runLive();
  drawMeasured(byId('measured'), lines, true);
}

/** An engine has failed: what another took still counts. */
function notMeasured() {
  if (measuring && measuring.whole.length > 0) {
    measuring.lines = measuring.whole;
    measured();
    return;
  }
  measuring = undefined;
  byId('measured').hidden = true;
  say(words.status.unmeasured);
  drawBadges();
}

/** @param {EngineEvent} event */
function hear(event) {
  if (event.type === 'loading') {
    showProgress(event.backend, event.loaded, event.total, words.progress(event.loaded, event.total));
  } else if (event.type === 'preparing') {
    showProgress(event.backend, 0, 0, event.message);
  } else if (event.type === 'ready') {
    hideProgress();
  } else if (event.type === 'priced') {
    if (event.backend === wantedBackend()) write(byId('price-note'), words.price(event.backend, event.price));
    contest?.set(event.backend, event.price);
    decide();
  } else if (event.type === 'warmed') {
    if (event.backend !== 'cpu') write(byId('gpu-note'), `${gpu?.sentence} ${words.warmed(event.ms)}`);
  } else if (event.type === 'started') {
    hideProgress();
    begin(event);
  } else if (event.type === 'lane') {
    computing = event.lane;
    traceChanged();
  } else if (event.type === 'round' && trace) {
    trace.rounds = trace.rounds.filter(({ first }) => first < event.part.first);
    trace.rounds.push(event.part);
    slim(trace);
    grown();
  } else if (event.type === 'plain' && trace) {
    trace.plain[event.part.level] = event.part;
    grown();
  } else if (event.type === 'timed' && measuring) {
    hideProgress();
    const { lines } = measuring;
    const known = lines.findIndex((line) => /** @type {const} */ (['engine', 'lane', 'draft', 'window']).every((key) => line[key] === event.line[key]));
    lines.splice(known < 0 ? lines.length : known, 1, event.line);
    drawMeasured(byId('measured'), lines, false);
  } else if (event.type === 'done' && measuring) {
    measuring.whole = [...measuring.lines];
    measureNext();
  } else if (event.type === 'done') {
    say(imported && trace ? compare(imported, trace) : '');
    imported = undefined;
    kept = undefined;
    asked = undefined;
    present(restored);
    restored = undefined;
    if (gpu) challenge();
  } else if (event.type === 'cancelled' && measuring) {
    measuring = undefined;
    byId('measured').hidden = true;
    hideProgress();
    say(words.status.measurementCancelled);
  } else if (event.type === 'cancelled') {
    putBack(words.status.cancelled);
  } else if (event.type === 'handover') {
    contest = undefined;
    if (trace && computing && event.begun) trace.source = { ...trace.source, note: 'handover' };
    settings = { ...settings, engine: 'cpu' };
    controls.show(settings);
    history.replaceState(null, '', writeHash(settings, figures));
    problem(words.handover(event.why, event.begun));
    drawBadges();
  } else if (event.type === 'failed' && contest && event.backend === 'webgpu' && !event.running) {
    contest = undefined;
    hideProgress();
    write(byId('gpu-note'), `${gpu?.sentence} ${words.notStarted(event.failure.message)}`);
  } else if (event.type === 'failed') {
    failed(event.failure, event.running, event.lost);
  }
}

/** @param {Extract<EngineEvent, {type: 'started'}>} event */
function begin(event) {
  player.pause();
  if (settings.window === 'auto') {
    found = event.settings.window;
    settings = { ...settings, window: found };
    controls.show(settings);
    history.replaceState(null, '', writeHash(settings, figures));
  }
  if (event.continued && trace && computing) {
    trace.source = { ...trace.source, device: event.device };
  } else {
    const note = computing ? trace?.source.note : undefined;
    if (!computing) kept = trace;
    trace = {
      settings: event.settings,
      dim: event.start.length,
      classes: event.classes,
      start: event.start,
      rounds: [],
      plain: [],
      source: { kind: 'live', device: event.device, ...(note ? { note } : document.hidden ? { note: 'background' } : {}) },
    };
    computing = 'speculative';
  }
  say('');
  traceChanged();
}

/** Shows that there is no run. */
function clearRace() {
  table = undefined;
  drawRace = mountRace(byId('lanes'));
  byId('result').hidden = true;
  write(byId('sentence'), '');
}

/** @param {string} why */
function putBack(why) {
  hideProgress();
  held = false;
  asked = undefined;
  if (computing) {
    trace = kept;
    kept = undefined;
    computing = undefined;
    if (trace) traceChanged();
    else clearRace();
  }
  say(why);
  drawBadges();
}

/**
 * @param {import('./engine/engine.js').Failure} failure
 * @param {boolean} running
 * @param {boolean} lost the engine is gone
 */
function failed(failure, running, lost) {
  hideProgress();
  const field = fieldOf(failure.field);
  if (field) controls.refuse({ field: field.name, raw: String(/** @type {Record<string, unknown>} */ (settings)[field.name]), message: failure.message });
  if (running && measuring) notMeasured();
  else if (running) putBack(words.status.unfinished);
  const sentence = failure.field === 'memory' ? words.outOfMemory : failure.field === 'panic' ? words.panic(failure.message) : failure.message;
  problem(sentence, lost);
  if (lost) {
    write(byId('engine-badge'), words.badges.stopped);
    byId('engine-badge').dataset.kind = 'trouble';
  }
}

/**
 * @param {string} sentence
 * @param {boolean} [reload] offers to
 */
function problem(sentence, reload = false) {
  const line = h('p', {}, sentence);
  if (reload) {
    const button = h('button', { type: 'button' }, words.reload);
    button.addEventListener('click', () => location.reload());
    line.append(' ', button);
  }
  byId('problems').append(line);
}

function clearProblems() {
  byId('problems').replaceChildren();
}

/** @param {string} text */
function say(text) {
  write(byId('status'), text);
}

/**
 * @param {Backend} backend
 * @param {number} loaded
 * @param {number} total
 * @param {string} text
 */
function showProgress(backend, loaded, total, text) {
  loading = { backend, text };
  const bar = /** @type {HTMLProgressElement} */ (byId('progress-bar'));
  bar.setAttribute('aria-label', words.progressLabel);
  if (total) {
    bar.max = total;
    bar.value = loaded;
  } else {
    bar.removeAttribute('value');
  }
  write(byId('progress-text'), words.progressOf(backend, text));
  byId('progress').hidden = false;
  drawBadges();
}

function hideProgress() {
  loading = undefined;
  byId('progress').hidden = true;
  drawBadges();
}

/** Bytes of pictures that the run would keep at most, if none were dropped. */
function mayKeep() {
  const { steps } = settings;
  const length = Math.min(steps, typeof settings.window === 'number' ? settings.window : LONGEST);
  const dim = trace?.settings.model === settings.model ? trace.dim : LARGEST;
  // every round a single step; near the end windows are as short as what is left
  const positions = length * (steps - (length - 1) / 2);
  return (PICTURES.length * positions + STEP_PICTURES * steps) * dim * BYTES;
}

/** Drops pictures of what was discarded, from the oldest rounds on, while the run keeps too much. @param {Trace} of */
function slim({ rounds }) {
  const bytes = (/** @type {import('./state/trace.js').Round} */ round) => PICTURES.reduce((sum, name) => sum + (round[name]?.byteLength ?? 0), 0);
  let kept = rounds.reduce((sum, round) => sum + bytes(round), 0);
  for (const round of rounds.slice(0, -1)) {
    if (kept < KEEP_BYTES) return;
    if (round.draft.length === round.state.length) continue;
    const before = bytes(round);
    for (const name of PICTURES) round[name] = round[name].slice(0, round.state.length);
    kept += bytes(round) - before;
  }
}

function drawMemory() {
  if (!trace) return;
  write(byId('memory'), words.memory(settings.steps, settings.window, mayKeep(), KEEP_BYTES));
}

function newSeed() {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  settings = { ...settings, seed: (high % 2 ** 16) * 2 ** 16 + (low % 2 ** 16) };
  runLive();
}

/** @param {Settings} next */
function setView(next) {
  const playing = player.playing;
  const share = player.end > 0 ? player.position / player.end : 0;
  const moved = next.axis !== settings.axis;
  settings = next;
  player.speed = settings.speed;
  /** @type {HTMLSelectElement} */ (byId('speed')).value = String(settings.speed);
  for (const input of byId('axis').querySelectorAll('input')) input.checked = input.value === settings.axis;
  if (moved && table && !computing) {
    player.load(stops(table, axis()), 0);
    player.seek(share * player.end);
    drawShared(table, axis());
    if (playing) player.play();
  }
  requestDraw();
}

/** @param {Settings} next */
function changeView(next) {
  setView(next);
  history.replaceState(null, '', writeHash(settings, figures));
}

/** @param {1 | -1} direction */
function changeSpeed(direction) {
  const speeds = choices('speed').map(([value]) => Number(value));
  const index = Math.max(0, Math.min(speeds.length - 1, speeds.indexOf(settings.speed) + direction));
  changeView({ ...settings, speed: speeds[index] });
}

function toggle() {
  if (computing) hold();
  else player.toggle();
}

function hold() {
  held = !held;
  if (held) engines.pause();
  else engines.continue();
  drawBadges();
  requestDraw();
}

const THEMES = ['auto', 'light', 'dark'];

/** @param {string} theme */
function setTheme(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  write(byId('theme'), words.themes[theme]);
  tokens = readTokens();
  requestDraw();
  for (const redraw of painters) redraw();
}

function savedTheme() {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem('theme')) ?? 'auto';
  } catch {
    return 'auto';
  }
}

function wireTheme() {
  let theme = savedTheme();
  setTheme(theme);
  byId('theme').addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    setTheme(theme);
    try {
      localStorage.setItem('theme', theme);
    } catch {
      // private windows may refuse to store it; the choice then lasts as long as the page
    }
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => setTheme(theme));
}

function wireTransport() {
  const scrub = /** @type {HTMLInputElement} */ (byId('scrub'));
  const speed = /** @type {HTMLSelectElement} */ (byId('speed'));
  speed.replaceChildren(...choices('speed').map(([value, label]) => h('option', { value }, label)));
  speed.addEventListener('change', () => changeView({ ...settings, speed: Number(speed.value) }));
  byId('axis').append(...choices('axis').map(([value, label]) => h('label', {}, h('input', { type: 'radio', name: 'axis', value }), h('span', {}, label))));
  byId('axis').addEventListener('change', (event) => changeView({ ...settings, axis: /** @type {HTMLInputElement} */ (event.target).value }));
  scrub.addEventListener('input', () => {
    const position = Number(scrub.value);
    player.pause();
    player.seek(position);
  });
  byId('play').addEventListener('click', () => player.toggle());
  byId('restart').addEventListener('click', () => player.seek(0));
  byId('back').addEventListener('click', () => player.step(-1, 'steps'));
  byId('forward').addEventListener('click', () => player.step(1, 'steps'));
  listen([byId('race'), byId('microscope')], {
    toggle,
    step: (direction, kind) => {
      if (!computing) player.step(direction, kind);
    },
    start: () => {
      if (!computing) {
        player.pause();
        player.seek(0);
      }
    },
    end: () => {
      if (!computing) {
        player.pause();
        player.seek(player.end);
      }
    },
    speed: changeSpeed,
    newSeed,
    help: () => /** @type {HTMLDialogElement} */ (byId('help')).showModal(),
  });
}

function wireForm() {
  byId('form').addEventListener('submit', (event) => {
    event.preventDefault();
    // Enter in a changed field has started this very run already
    if (asked && sameRun(asked, runPart(settings))) return;
    runLive();
  });
  byId('new-seed').addEventListener('click', newSeed);
  byId('measure').addEventListener('click', measure);
  byId('hold').addEventListener('click', hold);
  byId('cancel').addEventListener('click', () => engines.cancel());
  byId('share').addEventListener('click', async () => {
    const link = new URL(writeHash(settings, figures), location.href).href;
    history.replaceState(null, '', link);
    const copied = await navigator.clipboard?.writeText(link).then(
      () => true,
      () => false,
    );
    say(copied ? words.status.copied : words.linkIs(link));
  });
  wireFiles();
  explainSettings(byId('meanings'));
}

function wireFiles() {
  const name = (/** @type {string} */ end) => `speculative-${trace?.settings.seed}.${end}`;
  const input = /** @type {HTMLInputElement} */ (byId('import-file'));
  byId('export-json').addEventListener('click', () => {
    if (trace) save(new Blob([toJson(trace)], { type: 'application/json' }), name('json'));
  });
  byId('export-csv').addEventListener('click', () => {
    if (trace) save(new Blob([toCsv(trace)], { type: 'text/csv' }), name('csv'));
  });
  byId('export-png').addEventListener('click', async () => {
    if (!trace || !table) return;
    const lines = [runWords(trace.settings), ...(isComplete(table) ? [resultParts(trace, table).line] : [])];
    save(await racePng(byId('race'), lines), name('png'));
  });
  byId('import').addEventListener('click', () => input.click());
  input.addEventListener('change', async () => {
    const [file] = input.files ?? [];
    input.value = '';
    if (!file) return;
    clearProblems();
    say('');
    try {
      const run = fromJson(await file.text());
      settings = { ...settings, ...run.settings };
      controls.show(settings);
      runLive();
      imported = run;
    } catch (error) {
      problem(error instanceof Error ? error.message : String(error));
      byId('problems').scrollIntoView({ block: 'nearest' });
    }
  });
}

/** Reads the address again when it is edited by hand, or when the visitor goes back. */
function readAddress() {
  if (isAnchor(location.hash)) return;
  const { settings: read, named, figures: remembered, problems } = readHash(location.hash);
  const next = RUN_FIELDS.some(({ name }) => named.has(name)) ? read : { ...read, ...runPart(settings) };
  clearProblems();
  if (problems.length > 0) {
    refuse(problems);
    return;
  }
  const other = !trace || !sameRun(runPart(next), trace.settings);
  figures = remembered;
  restored = remembered.at;
  if (!other && restored !== undefined && Number(restored) >= 0) {
    player.pause();
    player.seek(Number(restored));
  }
  setView(next);
  controls.show(settings);
  if (other) runLive({ again: true });
}

/** @param {import('./state/settings.js').Problem[]} problems */
function refuse(problems) {
  for (const one of problems) {
    problem(words.refusedAddress(one.message));
    controls.refuse(one);
  }
}

/** @param {string} name of a file in assets/ */
async function fetchAsset(name) {
  const response = await fetch(new URL(`./assets/${name}`, import.meta.url));
  if (!response.ok || !response.body) throw new Error(words.answered(response.status));
  return response;
}

/**
 * @param {() => void} arrived called once, when nothing more is to be fetched for it, whether it has come or not
 * @returns {Promise<Trace | undefined>}
 */
async function loadRecorded(arrived) {
  try {
    const { body } = await fetchAsset('race.bin');
    return await decodeRace(/** @type {ReadableStream<BufferSource>} */ (body));
  } catch (error) {
    problem(words.noRecorded(error instanceof RangeError ? words.cutShort : error instanceof Error ? error.message : String(error)));
    return undefined;
  } finally {
    arrived();
  }
}

/** One figure alone, for an iframe. Returns whether it is one. */
function embed() {
  const wanted = new URLSearchParams(location.search).get('embed');
  if (wanted === null) return false;
  const figure = { race: 'race', round: 'microscope' }[wanted];
  if (!figure) {
    // embed.html knows the others, and what to say of those that nobody has
    location.replace(inLanguage(`./embed.html?figure=${encodeURIComponent(wanted)}${location.hash}`));
    return true;
  }
  document.documentElement.dataset.embed = figure;
  byId(figure).dataset.embedded = '';
  return true;
}

async function offerGpu() {
  const support = await gpuSupport();
  gpu = support;
  write(byId('gpu-note'), support.sentence);
  controls.offerGpu(support.available);
  if (support.available.includes(wantedBackend())) return;
  const asked = wantedBackend();
  settings = { ...settings, engine: 'cpu' };
  controls.show(settings);
  problem(words.unavailable(asked, support.sentence, support.available.length > 1));
}

/** With a graphics card the WebGPU engine is loaded behind the page and timed against the CPU, unless an engine was asked for. */
function challenge() {
  // a run that is being timed needs the cores
  if (challenged || engines.busy) return;
  challenged = true;
  if (!gpu?.available.includes('webgpu') || gpu.software || address.named.has('engine') || /** @type {any} */ (navigator).connection?.saveData) return;
  contest = new Map();
  for (const backend of /** @type {const} */ (['cpu', 'webgpu'])) engines.probe(backend, settings.model, workers(settings));
}

/** Takes the faster engine once both are known, and says so. */
function decide() {
  const [cpu, webgpu] = [contest?.get('cpu'), contest?.get('webgpu')];
  if (!cpu || !webgpu) return;
  contest = undefined;
  const [own, other] = [cpu, webgpu].map(stepTime);
  const wins = other < CLEARLY * own;
  write(byId('gpu-note'), `${gpu?.sentence} ${words.contest(own, other, wins)}`);
  if (!wins || settings.engine !== 'cpu') return;
  settings = unpriced({ ...settings, engine: 'webgpu' });
  write(byId('price-note'), words.price('webgpu', webgpu));
  controls.show(settings);
  drawBadges();
}

/** On a site that was built for hosting, a second visit works without a network. */
function keep() {
  if (!('offline' in document.documentElement.dataset)) return;
  // where a browser refuses, the page works as before
  navigator.serviceWorker?.register(new URL('./offline.js', import.meta.url)).catch(() => {});
}

/** What the figures of the article are given. @type {import('./sections.js').Context} */
const context = {
  words: load,
  tokens: () => tokens,
  restyled: (redraw) => {
    painters.push(redraw);
  },
  still: () => reduced.matches,
  toy: loadToy,
  shown: (heard) => {
    watchers.push(heard);
    if (trace && table && !computing && isComplete(table)) heard(trace, table);
  },
  settings: () => runPart(settings),
  collect: (wanted, options) => engines.collect(wanted, wantedBackend(), workers(settings), options),
  remember: (name, value) => {
    figures = remembering(figures, name, value);
    history.replaceState(null, '', writeHash(settings, figures));
  },
  recall: (name) => figures[name],
};

async function start() {
  const embedded = embed();
  keep();
  wireTheme();
  wireTransport();
  wireForm();
  wireMicroscope();
  controls.offerGpu(['cpu']);
  for (const link of document.querySelectorAll('[data-skip]')) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      byId(/** @type {HTMLElement} */ (link).dataset.skip ?? '').focus();
    });
  }
  const translation = /** @type {HTMLAnchorElement} */ (byId('language'));
  const there = new URL(location.href);
  if (language === 'en') there.searchParams.set('lang', translation.hreflang);
  else there.searchParams.delete('lang');
  translation.search = there.search;
  // the settings go along, as they are when it is followed
  for (const type of ['pointerdown', 'focus', 'click'])
    translation.addEventListener(type, () => {
      translation.hash = location.hash;
    });
  byId('help-open').addEventListener('click', () => /** @type {HTMLDialogElement} */ (byId('help')).showModal());
  new ResizeObserver(requestDraw).observe(byId('lanes'));
  addEventListener('hashchange', readAddress);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && computing && trace) trace.source = { ...trace.source, note: 'background' };
  });

  setView(settings);
  controls.show(settings);
  refuse(address.problems);
  if (!embedded) mountSections(context);
  // the engine may have the line when the recorded run has come, while that is decoded
  const recorded = await loadRecorded(() => {
    if (!engines.busy && !embedded) engines.start('cpu', settings.model);
  });
  const runNamed = RUN_FIELDS.some(({ name }) => address.named.has(name));
  const other = runNamed && (!recorded || !sameRun(runPart(settings), recorded.settings));
  if (recorded && !trace) {
    trace = recorded;
    // a visitor may have asked for another run by now
    if (!runNamed && !engines.busy) settings = { ...settings, ...recorded.settings, window: 'auto' };
    if (address.problems.length === 0) controls.show(settings);
    // a position is one of the run that the address names
    present(other ? undefined : restored);
    if (!other) restored = undefined;
  }
  drawMemory();
  drawBadges();
  const wanted = () => {
    if (other && address.problems.length === 0 && !engines.busy && !(trace && sameRun(runPart(settings), trace.settings))) runLive({ again: true });
  };
  // the CPU need not wait for what a graphics driver has to say
  if (embedded || wantedBackend() === 'cpu') wanted();
  if (embedded) return;
  await offerGpu();
  wanted();
  challenge();
}

start();
