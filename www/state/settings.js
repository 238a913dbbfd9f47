// @ts-check
/**
 * Every setting of the page in one table: default, range, label, help, parse and format; and the address (URL hash)
 * that carries them. Knows nothing of figures or of the engine. A bad value is refused with a sentence, never replaced.
 */

/** @typedef {string | number} Value */
/**
 * What a run is computed from. Two runs with equal settings are the same run.
 * @typedef {{seed: number, model: string, class: string, guidance: number, steps: number, eta: number, window: number | string, draft: string, quantity: string, rule: string}} RunSettings
 */
/** @typedef {RunSettings & {engine: string, workers: number | 'auto', axis: string, speed: number}} Settings */
/** @typedef {{field: string, raw: string, message: string}} Problem */
/** @typedef {[Value, string][]} Choices */
/**
 * @typedef {object} Field
 * @property {string} name key in the address
 * @property {string} label
 * @property {string} help
 * @property {Value} default
 * @property {'whole' | 'number' | 'choice'} kind
 * @property {'run' | 'view'} part "run": decides what is computed; "view": only where, and how it is shown
 * @property {number} [min] smallest value
 * @property {number} [max] largest value
 * @property {number} [step] of the arrows of the input
 * @property {Choices | ((settings: Settings) => Choices)} [choices] value and its words, where those depend on other settings too
 * @property {true} [auto] the word "auto" is a value too
 * @property {true} [priced] and so is "auto/PRICE/LANES"
 */

/**
 * What each model can draw, in words for people.
 * @type {Record<string, [string, string][]>}
 */
const CLASSES = {
  faces: [['short', 'short hair'], ['long', 'long hair'], ['glasses', 'glasses'], ['hat', 'hat']],
  fashion: [
    ['tshirt', 'T-shirt'], ['trousers', 'trousers'], ['pullover', 'pullover'], ['dress', 'dress'], ['coat', 'coat'],
    ['sandal', 'sandal'], ['shirt', 'shirt'], ['sneaker', 'sneaker'], ['bag', 'bag'], ['boot', 'boot'],
  ],
};

/** @type {Field[]} a field comes behind those that its choices depend on */
export const FIELDS = [
  {
    name: 'seed', label: 'Seed', kind: 'whole', part: 'run', default: 7, min: 0, max: Number.MAX_SAFE_INTEGER, step: 1,
    help: 'Names all the noise of the run. The same seed and settings give the same picture again.',
  },
  {
    name: 'model', label: 'Model', kind: 'choice', part: 'run', default: 'faces',
    choices: [['faces', 'faces'], ['fashion', 'fashion']],
    help: 'The network that draws: faces of 16 × 16 pixels in colour, or clothes of 28 × 28 in grey. It is loaded when it is first asked for.',
  },
  {
    name: 'class', label: 'Class', kind: 'choice', part: 'run', default: 'any',
    choices: ({ model }) => [['any', 'any'], ...CLASSES[model]],
    help: 'What to draw.',
  },
  {
    name: 'guidance', label: 'Guidance', kind: 'number', part: 'run', default: 1, min: 1, max: 8, step: 0.5,
    help: 'How strongly the class is followed. Above 1 every state costs a second network evaluation.',
  },
  {
    name: 'steps', label: 'Steps K', kind: 'whole', part: 'run', default: 100, min: 2, max: 1000, step: 1,
    help: 'Length of the target chain. More steps lie closer together, so drafts are accepted more often.',
  },
  {
    name: 'eta', label: 'Noise η', kind: 'number', part: 'run', default: 1, min: 0.001, max: 1, step: 0.1,
    help: 'Fresh noise per step; 1 is DDPM. At 0 a step has no noise left, and nothing could be drafted and tested; the least is 0.001.',
  },
  {
    name: 'window', label: 'Window L', kind: 'whole', part: 'run', default: 'auto', auto: true, priced: true, min: 1, max: 256, step: 1,
    help: 'Steps drafted per round: a number, or auto for as many as make a step cheapest here, from what network evaluations in one call are measured to cost. '
      + 'The address then keeps that price, as auto/0.9/2: each further evaluation of 2 that are computed side by side adds 0.9 of a call. auto/0 is for evaluations that cost nothing, and makes the fewest calls.',
  },
  {
    name: 'draft', label: 'Draft', kind: 'choice', part: 'run', default: 'secant',
    choices: [['secant', 'secant'], ['carry', 'carry'], ['prefetched', 'prefetched'], ['frozen', 'frozen'], ['independent', 'independent'], ['corrected', 'corrected']],
    help: 'carry keeps the predictions past a rejection; secant, the default, moves them along with their states and needs the fewest calls. '
      + 'prefetched reuses one prediction of the last call; frozen, the paper’s draft, makes a second call for it. '
      + 'independent asks a smaller network, the drafter, step by step; corrected does so too, and estimates what the drafter gets wrong: the fewest calls of the network, but hundreds of the drafter.',
  },
  {
    name: 'quantity', label: 'Frozen quantity', kind: 'choice', part: 'run', default: 'x0hat',
    choices: [['x0hat', 'denoised estimate'], ['velocity', 'velocity'], ['drift', 'drift']],
    help: 'Which quantity the draft freezes between calls. Freezing the drift is the literal reading of the paper.',
  },
  {
    name: 'rule', label: 'Test', kind: 'choice', part: 'run', default: 'auto',
    choices: [['auto', 'whichever saves more'], ['reflection', 'reflection'], ['peak', 'peak']],
    help: 'How drafts are tested; both tests are exact. The reflection looks at one step after the other. The peak test judges a whole window at once, by the highest point of its path of likelihood ratios, and saves more calls when windows have 12 steps or more.',
  },
  {
    name: 'engine', label: 'Engine', kind: 'choice', part: 'view', default: 'cpu', choices: [['cpu', 'CPU'], ['webgpu', 'WebGPU'], ['burn', 'burn on WebGPU']],
    help: 'Where the network is computed. CPU and WebGPU are this project’s own; burn runs the same network through the framework it was trained with, for comparison, and loads a larger file.',
  },
  {
    name: 'workers', label: 'Workers', kind: 'whole', part: 'view', default: 'auto', auto: true, min: 1, max: 16, step: 1,
    help: 'Threads that share the network evaluations of a call on the CPU; auto takes one for each core, eight at most. They change how long a run takes, and nothing else: every number stays the same.',
  },
  {
    name: 'axis', label: 'Shared axis', kind: 'choice', part: 'view', default: 'calls',
    choices: [['calls', 'sequential calls'], ['time', 'wall-clock']],
    help: 'What the two lanes are compared by.',
  },
  {
    name: 'speed', label: 'Speed', kind: 'choice', part: 'view', default: 1,
    choices: [[0.25, '¼×'], [0.5, '½×'], [1, '1×'], [2, '2×'], [4, '4×']],
    help: 'Of the replay; it changes nothing in the run.',
  },
];

/** Figures that keep a state of their own in the address, in words of their own; `at` is the race's position. */
export const FIGURES = ['at', 'bell', 'crescent', 'stairs', 'evidence', 'gallery', 'pay', 'world'];

export const RUN_FIELDS = FIELDS.filter((field) => field.part === 'run');

/** @param {string} name */
export function fieldOf(name) {
  return FIELDS.find((field) => field.name === name);
}

/** @returns {Settings} */
export function defaults() {
  return /** @type {Settings} */ (Object.fromEntries(FIELDS.map((field) => [field.name, field.default])));
}

/**
 * @param {Field} field
 * @param {Settings} settings
 * @returns {Choices | undefined}
 */
export function choicesOf({ choices }, settings) {
  return typeof choices === 'function' ? choices(settings) : choices;
}

/**
 * Settings after a change of one that others depend on: what no longer fits takes its default.
 * @param {Settings} settings
 */
export function fitting(settings) {
  const dependent = FIELDS.filter(({ choices }) => typeof choices === 'function');
  const value = (/** @type {Field} */ { name }) => /** @type {Record<string, Value>} */ (settings)[name];
  const lost = dependent.filter((field) => 'problem' in parse(field, String(value(field)), settings));
  return /** @type {Settings} */ ({ ...settings, ...Object.fromEntries(lost.map((field) => [field.name, field.default])) });
}

/**
 * What is allowed, in words.
 * @param {Field} field
 * @param {Settings} settings
 */
export function range(field, settings) {
  const choices = choicesOf(field, settings);
  if (choices) return `one of ${choices.map(([value]) => value).join(', ')}`;
  const what = `${field.priced ? 'auto, auto/PRICE/LANES or ' : field.auto ? 'auto or ' : ''}${field.kind === 'whole' ? 'a whole number' : 'a number'}`;
  return `${what} from ${field.min} to ${field.max}`;
}

/**
 * Whether it is a window by price, which engines read as it is.
 * @param {string} raw
 */
function isPrice(raw) {
  const [, price, lanes = '1'] = /^auto\/(0|1|0?\.\d{1,6})(?:\/(\d{1,3}))?$/.exec(raw) ?? [];
  return price !== undefined && Number(lanes) >= 1 && Number(lanes) <= 256;
}

/** As much of what somebody typed as a sentence can carry. @param {string} raw */
const quoted = (raw) => `“${raw.length > 40 ? `${raw.slice(0, 40)}…` : raw}”`;

/**
 * @param {Field} field
 * @param {string} raw
 * @param {Settings} settings that the field's choices depend on
 * @returns {{value: Value} | {problem: Problem}}
 */
export function parse(field, raw, settings) {
  const refused = { problem: { field: field.name, raw, message: `${field.label} (${field.name}) cannot be ${quoted(raw)}: it must be ${range(field, settings)}.` } };
  const choices = choicesOf(field, settings);
  if (choices) {
    const found = choices.find(([value]) => String(value) === raw);
    return found ? { value: found[0] } : refused;
  }
  if (field.auto && raw.trim() === 'auto') return { value: 'auto' };
  if (field.priced && isPrice(raw.trim())) return { value: raw.trim() };
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(raw.trim())) return refused;
  const value = Number(raw);
  const inside = Number.isFinite(value)
    && (field.kind !== 'whole' || Number.isSafeInteger(value))
    && (field.min === undefined || value >= field.min)
    && (field.max === undefined || value <= field.max);
  return inside ? { value } : refused;
}

/** Whether it names a place on the page. @param {string} hash */
export const isAnchor = (hash) => /^#?[a-z-]+$/.test(hash);

/**
 * Reads an address. `named` tells which fields it mentions; the others keep their defaults.
 * @param {string} hash with or without its #
 * @returns {{settings: Settings, named: Set<string>, figures: Record<string, string>, problems: Problem[]}}
 */
export function readHash(hash) {
  const settings = defaults();
  // the name of a section is an anchor
  if (isAnchor(hash)) return { settings, named: new Set(), figures: {}, problems: [] };
  /** @type {Set<string>} */
  const named = new Set();
  /** @type {Problem[]} */
  const problems = [];
  /** @type {Record<string, string>} */
  const figures = {};
  // in the order of the table: what a field's choices depend on comes first
  const order = FIELDS.map(({ name }) => name);
  const words = [...new URLSearchParams(hash.replace(/^#/, ''))].sort(([one], [other]) => order.indexOf(one) - order.indexOf(other));
  for (const [name, raw] of words) {
    if (FIGURES.includes(name)) {
      figures[name] = raw;
      continue;
    }
    const field = fieldOf(name);
    if (!field) {
      problems.push({ field: name, raw, message: `The address names a setting ${quoted(name)} that does not exist. The settings are ${order.join(', ')}.` });
      continue;
    }
    const result = parse(field, raw, settings);
    if ('problem' in result) problems.push(result.problem);
    else {
      /** @type {Record<string, Value>} */ (settings)[name] = result.value;
      named.add(name);
    }
  }
  return { settings, named, figures, problems };
}

/**
 * Writes an address: all that decides the run, and of the view what differs from its default.
 * @param {Settings} settings
 * @param {Record<string, string>} [figures] what they remember
 */
export function writeHash(settings, figures = {}) {
  const words = new URLSearchParams();
  for (const field of FIELDS) {
    const value = /** @type {Record<string, Value>} */ (settings)[field.name];
    if (field.part === 'run' || value !== field.default) words.set(field.name, String(value));
  }
  for (const [name, state] of Object.entries(figures)) words.set(name, state);
  return `#${words}`;
}

/**
 * How many threads compute.
 * @param {Settings} settings
 */
export function workers({ workers }) {
  return workers === 'auto' ? Math.min(8, navigator.hardwareConcurrency || 1) : workers;
}

/**
 * @param {Settings | RunSettings} settings
 * @returns {RunSettings}
 */
export function runPart(settings) {
  return /** @type {RunSettings} */ (Object.fromEntries(RUN_FIELDS.map(({ name }) => [name, /** @type {Record<string, Value>} */ (settings)[name]])));
}

/**
 * @param {RunSettings} one
 * @param {RunSettings} other
 */
export function sameRun(one, other) {
  const a = /** @type {Record<string, Value>} */ (one);
  const b = /** @type {Record<string, Value>} */ (other);
  return RUN_FIELDS.every(({ name }) => a[name] === b[name]);
}
