// @ts-check
/** The form of the settings, built from the table. Tells only whole, valid settings; a bad value keeps its place and says why. */

import { h, write } from './dom.js';
import { FIELDS, choicesOf, defaults, parse } from '../state/settings.js';

/** @typedef {import('../state/settings.js').Field} Field */
/** @typedef {import('../state/settings.js').Problem} Problem */
/** @typedef {import('../state/settings.js').Settings} Settings */
/** @typedef {import('../state/settings.js').Value} Value */

/** What the form begins with; the others stand behind “More settings”. */
const FIRST = ['seed', 'model', 'class', 'steps'];
const SHOWN = FIELDS.filter(({ part, name }) => part === 'run' || name === 'engine' || name === 'workers');

/** Whether it is other than usual: a window that was found by its price is not. @param {Field} field @param {Settings} settings */
const isUnusual = ({ name, default: usual, priced }, settings) => {
  const value = String(/** @type {Record<string, Value>} */ (settings)[name]);
  return value !== String(usual) && !(priced && value.startsWith('auto'));
};

/**
 * @param {HTMLElement} root of the first fields
 * @param {HTMLDetailsElement} more folds the others away, until one of them is refused or other than usual
 * @param {HTMLElement} others their place
 * @param {(changed: Partial<Settings>) => void} tell called with one valid value
 */
export function mountControls(root, more, others, tell) {
  /** Those that the form shows. */
  let shown = defaults();
  const entries = new Map(SHOWN.map((field) => [field.name, mountField(field)]));
  for (const { field, element } of entries.values()) (FIRST.includes(field.name) ? root : others).append(element);

  /** @param {Field} field */
  function mountField(field) {
    const id = `field-${field.name}`;
    const problem = h('p', { class: 'field-problem', id: `${id}-problem`, role: 'alert' });
    const attributes = { id, name: field.name, 'aria-describedby': problem.id, autocomplete: 'off', title: field.help };
    const input = field.choices
      ? h('select', attributes, ...options(field))
      : h('input', { ...attributes, type: 'text', inputmode: field.auto ? 'text' : field.kind === 'whole' ? 'numeric' : 'decimal', spellcheck: 'false' });
    const element = h('div', { class: 'field' }, h('label', { for: id }, field.label), input, problem);
    input.addEventListener('change', () => {
      const result = parse(field, input.value, shown);
      problem.setAttribute('role', 'alert');
      mark(input, problem, 'problem' in result ? result.problem.message : '');
      if ('value' in result) tell({ [field.name]: result.value });
    });
    // a complaint goes as soon as it is no longer true; what is set is told when the field is left
    input.addEventListener('input', () => {
      if (problem.textContent && 'value' in parse(field, input.value, shown)) mark(input, problem, '');
    });
    if (!field.choices) {
      input.addEventListener('keydown', (event) => {
        const { key } = /** @type {KeyboardEvent} */ (event);
        const result = parse(field, input.value, shown);
        if ((key !== 'ArrowUp' && key !== 'ArrowDown') || 'problem' in result) return;
        event.preventDefault();
        const moved = Number(result.value) + (key === 'ArrowUp' ? 1 : -1) * (field.step ?? 1);
        const text = String(Number(moved.toFixed(6)));
        if ('value' in parse(field, text, shown)) input.value = text;
      });
    }
    return { field, input, problem, element };
  }

  /** @param {Field} field */
  function options(field) {
    return (choicesOf(field, shown) ?? []).map(([value, words]) => h('option', { value }, words));
  }

  /** @param {string} name */
  function showOne(name) {
    const entry = entries.get(name);
    if (!entry) return;
    entry.input.value = String(/** @type {Record<string, Value>} */ (shown)[name]);
    mark(entry.input, entry.problem, '');
  }

  /** Where it can be seen. @param {Field} field */
  function unfold({ name }) {
    if (!FIRST.includes(name)) more.open = true;
  }

  return {
    /** Shows what is set now, and leaves what is being typed where nothing has changed. @param {Settings} settings */
    draw(settings) {
      const before = /** @type {Record<string, Value>} */ (shown);
      shown = settings;
      for (const [name, { field, input }] of entries) {
        const depends = typeof field.choices === 'function' && shown.model !== before.model;
        if (depends) input.replaceChildren(...options(field));
        if (depends || /** @type {Record<string, Value>} */ (shown)[name] !== before[name]) showOne(name);
      }
    },
    /** Takes back what is typed, and lets be seen what an address has set. */
    show() {
      for (const [name, { field }] of entries) {
        showOne(name);
        if (isUnusual(field, shown)) unfold(field);
      }
    },
    /** @param {Problem} trouble */
    refuse({ field, raw, message }) {
      const entry = entries.get(field);
      if (!entry) return;
      if (entry.input instanceof HTMLInputElement) entry.input.value = raw;
      // it is announced where the address is refused
      entry.problem.removeAttribute('role');
      mark(entry.input, entry.problem, message);
      unfold(entry.field);
    },
    /** @returns {string | undefined} the first complaint that stands in the form */
    complaint() {
      return [...entries.values()].map(({ problem }) => problem.textContent ?? '').find((text) => text !== '');
    },
    /** @param {string[]} available the engines that can be chosen */
    offerGpu(available) {
      const entry = entries.get('engine');
      if (!entry) return;
      entry.element.hidden = available.length === 1;
      for (const option of entry.input.querySelectorAll('option')) option.hidden = !available.includes(option.value);
    },
  };
}

/**
 * @param {HTMLElement} input
 * @param {HTMLElement} problem
 * @param {string} message
 */
function mark(input, problem, message) {
  write(problem, message);
  if (message) input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
}

/** @param {HTMLElement} list */
export function explainSettings(list) {
  list.replaceChildren(
    ...SHOWN.map(({ label, help, each }) =>
      h(
        'div',
        {},
        h('dt', {}, label),
        h('dd', {}, help, ...(each ? [h('ul', {}, ...Object.entries(each).map(([value, words]) => h('li', {}, h('strong', {}, value), `: ${words}`)))] : [])),
      ),
    ),
  );
}
