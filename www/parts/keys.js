// @ts-check
/** The keyboard of a figure: keys count while the focus is in it. One that a focused control needs for itself is left to it. */

/** @typedef {{toggle: () => void, step: (direction: 1 | -1, kind: 'steps' | 'rounds') => void, start: () => void, end: () => void, speed: (direction: 1 | -1) => void, newSeed: () => void, help: () => void}} Actions */

const TYPES_TEXT = 'input[type="text"], select, textarea';
const CONTROL = 'a, button, input, select, textarea, summary';

/**
 * @param {HTMLElement[]} figures
 * @param {Actions} actions
 */
export function listen(figures, actions) {
  /** @type {Record<string, (shift: boolean) => void>} */
  const keys = {
    ' ': () => actions.toggle(),
    ArrowLeft: (shift) => actions.step(-1, shift ? 'rounds' : 'steps'),
    ArrowRight: (shift) => actions.step(1, shift ? 'rounds' : 'steps'),
    Home: () => actions.start(),
    End: () => actions.end(),
    ',': () => actions.speed(-1),
    '.': () => actions.speed(1),
    n: () => actions.newSeed(),
    N: () => actions.newSeed(),
    '?': () => actions.help(),
  };
  const heard = (/** @type {KeyboardEvent} */ event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    if (target.matches(TYPES_TEXT) || (target.matches('input[type="radio"]') && event.key.startsWith('Arrow'))) return;
    if (event.key === ' ' && target.closest(CONTROL)) return;
    const action = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (!action) return;
    event.preventDefault();
    action(event.shiftKey);
  };
  for (const figure of figures) figure.addEventListener('keydown', heard);
}
