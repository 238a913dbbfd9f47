// @ts-check
/**
 * Every setting of the page in one table: default, range, parse and format; and the address (URL hash) that carries them.
 * Knows nothing of figures or of the engine. A bad value is refused with a sentence, never replaced.
 */

import * as words from '#words/settings.js';
import { FIGURES } from '../figures/index.js';

/** @typedef {string | number} Value */
/**
 * What a run is computed from. Two runs with equal settings are the same run.
 * @typedef {{seed: number, model: string, class: string, guidance: number, steps: number, eta: number, window: number | string, draft: string, rule: string}} RunSettings
 */
/** @typedef {RunSettings & {engine: string, workers: number | 'auto', axis: string, speed: number}} Settings */
/** @typedef {{field: string, raw: string, message: string}} Problem */
/** @typedef {[Value, string][]} Choices values and their words */
/**
 * @typedef {object} Field
 * @property {string} name key in the address
 * @property {string} label
 * @property {string} help
 * @property {Record<string, string>} [each] what each value of a choice means
 * @property {Value} default
 * @property {'whole' | 'number' | 'choice'} kind
 * @property {'run' | 'view'} part "run": decides what is computed; "view": only where, and how it is shown
 * @property {number} [min] smallest value
 * @property {number} [max] largest value
 * @property {number} [step] of the arrows of the input
 * @property {Value[] | ((settings: Settings) => Value[])} [choices] values, which may depend on other settings
 * @property {true} [auto] the word "auto" is a value too
 * @property {true} [priced] and so is "auto/PRICE/LANES"
 */

/** What each model can draw. @type {Record<string, string[]>} */
const CLASSES = {
  faces: ['short', 'long', 'glasses', 'hat'],
  fashion: ['tshirt', 'trousers', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'boot'],
};

/** Steps of the longest window. */
export const LONGEST = 256;

/** @type {Omit<Field, 'label' | 'help'>[]} a field comes behind those that its choices depend on */
const TABLE = [
  { name: 'seed', kind: 'whole', part: 'run', default: 7, min: 0, max: Number.MAX_SAFE_INTEGER, step: 1 },
  { name: 'model', kind: 'choice', part: 'run', default: 'faces', choices: ['faces', 'fashion'] },
  { name: 'class', kind: 'choice', part: 'run', default: 'any', choices: ({ model }) => ['any', ...CLASSES[model]] },
  { name: 'guidance', kind: 'number', part: 'run', default: 1, min: 1, max: 8, step: 0.5 },
  { name: 'steps', kind: 'whole', part: 'run', default: 100, min: 2, max: 1000, step: 1 },
  { name: 'eta', kind: 'number', part: 'run', default: 1, min: 0.001, max: 1, step: 0.1 },
  { name: 'window', kind: 'whole', part: 'run', default: 'auto', auto: true, priced: true, min: 1, max: LONGEST, step: 1 },
  {
    name: 'draft',
    kind: 'choice',
    part: 'run',
    default: 'secant',
    choices: ['secant', 'carry', 'prefetched', 'frozen', 'frozen-drift', 'independent', 'corrected'],
  },
  { name: 'rule', kind: 'choice', part: 'run', default: 'auto', choices: ['auto', 'reflection', 'peak'] },
  { name: 'engine', kind: 'choice', part: 'view', default: 'cpu', choices: ['cpu', 'webgpu', 'burn'] },
  { name: 'workers', kind: 'whole', part: 'view', default: 'auto', auto: true, min: 1, max: 16, step: 1 },
  { name: 'axis', kind: 'choice', part: 'view', default: 'calls', choices: ['calls', 'time'] },
  { name: 'speed', kind: 'choice', part: 'view', default: 1, choices: [0.25, 0.5, 1, 2, 4] },
];

/** @type {Field[]} */
export const FIELDS = TABLE.map((field) => ({ ...field, ...words.fields[field.name] }));

/**
 * What figures remember, after one of them has changed its mind.
 * @param {Record<string, string>} figures
 * @param {string} name
 * @param {string | undefined} value `undefined` forgets it
 */
export function remembering(figures, name, value) {
  const { [name]: _, ...others } = figures;
  return value === undefined ? others : { ...others, [name]: value };
}

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
 */
function valuesOf({ choices }, settings) {
  return typeof choices === 'function' ? choices(settings) : choices;
}

/**
 * @param {Field} field
 * @param {Settings} settings
 * @returns {Choices | undefined}
 */
export function choicesOf(field, settings) {
  return valuesOf(field, settings)?.map((value) => [value, words.choices[field.name]?.[value] ?? String(value)]);
}

/**
 * The values that a setting can take now, with their words; none where it has no choice.
 * @param {string} name
 * @param {Settings} settings
 * @returns {Choices}
 */
export function choices(name, settings) {
  const field = fieldOf(name);
  return (field && choicesOf(field, settings)) ?? [];
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
 * Whether it is a window by price, which engines read as it is.
 * @param {string} raw
 */
function isPrice(raw) {
  const [, price, lanes = '1'] = /^auto\/(0|1|0?\.\d{1,6})(?:\/(\d{1,3}))?$/.exec(raw) ?? [];
  return price !== undefined && Number(lanes) >= 1 && Number(lanes) <= 256;
}

/**
 * @param {Field} field
 * @param {string} raw
 * @param {Settings} settings that the field's choices depend on
 * @returns {{value: Value} | {problem: Problem}}
 */
export function parse(field, raw, settings) {
  const values = valuesOf(field, settings);
  const refused = { problem: { field: field.name, raw, message: words.refused(field, raw, values) } };
  if (values) {
    const value = values.find((one) => String(one) === raw);
    return value === undefined ? refused : { value };
  }
  if (field.auto && raw.trim() === 'auto') return { value: 'auto' };
  if (field.priced && isPrice(raw.trim())) return { value: raw.trim() };
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(raw.trim())) return refused;
  const value = Number(raw);
  const inside =
    Number.isFinite(value) &&
    (field.kind !== 'whole' || Number.isSafeInteger(value)) &&
    (field.min === undefined || value >= field.min) &&
    (field.max === undefined || value <= field.max);
  return inside ? { value } : refused;
}

/** Whether it names a place on the page, and nothing else. @param {string} hash */
export const isAnchor = (hash) => /^#?[a-z-]+$/.test(hash);

/**
 * Where on the page an address leads, `''` to its beginning: to what it names first, a section by its id or a figure by its state.
 * @param {string} hash
 */
export function placeOf(hash) {
  const [, name = '', state] = /^#?([a-z-]+)(=?)/.exec(hash) ?? [];
  if (!state) return name;
  return placed(name);
}

/** Where a figure stands that remembers something under this name. The race is where the page begins. @param {string} remembers */
export const placed = (remembers) => FIGURES.find((figure) => figure.remembers === remembers && figure.name !== 'race')?.name ?? '';

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
  const entries = [...new URLSearchParams(hash.replace(/^#([a-z-]+(&|$))?/, ''))].sort(([one], [other]) => order.indexOf(one) - order.indexOf(other));
  for (const [name, raw] of entries) {
    if (FIGURES.some(({ remembers }) => remembers === name)) {
      figures[name] = raw;
      continue;
    }
    // what a draft freezes was a setting once
    if (name === 'quantity' && raw === 'x0hat') continue;
    const field = fieldOf(name);
    if (!field) {
      problems.push({ field: name, raw, message: words.unknown(name, order) });
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
 * @param {string} [place] where it leads, which it names first
 */
export function writeHash(settings, figures = {}, place = '') {
  const entries = new URLSearchParams();
  const first = Object.keys(figures).find((name) => place !== '' && placed(name) === place);
  if (first) entries.set(first, figures[first]);
  for (const field of FIELDS) {
    const value = /** @type {Record<string, Value>} */ (settings)[field.name];
    if (field.part === 'run' || value !== field.default) entries.set(field.name, String(value));
  }
  for (const [name, state] of Object.entries(figures)) entries.set(name, state);
  return `#${place && !first ? `${place}&` : ''}${entries}`;
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
