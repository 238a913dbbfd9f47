// @ts-check
/** Small helpers to build elements. */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number | boolean | undefined>} [attributes] true writes an empty one, false and undefined none
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, ...children) {
  return /** @type {any} */ (fill(document.createElement(tag), attributes, children));
}

/**
 * @param {string} tag
 * @param {Record<string, string | number | boolean | undefined>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
export function s(tag, attributes = {}, ...children) {
  return /** @type {any} */ (fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children));
}

/**
 * @param {Element} element
 * @param {Record<string, string | number | boolean | undefined>} attributes
 * @param {(Node | string)[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children);
  return element;
}

/**
 * An element that the page must have.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element “${id}”`);
  return /** @type {any} */ (element);
}

/**
 * Elements of a figure, by their ids.
 * @param {HTMLElement} root
 */
export const within =
  (root) =>
  /** @template {HTMLElement} [T=HTMLElement] @param {string} id @returns {T} */
  (id) => {
    const element = root.querySelector(`#${id}`);
    if (!element) throw new Error(`the figure has no element “${id}”`);
    return /** @type {any} */ (element);
  };

/** A second click that comes so soon was meant for what the button was at the first. */
const SECOND_CLICK_MS = 1000;

/**
 * A button that begins something and ends it.
 * @param {HTMLButtonElement} button
 * @param {() => boolean} begun
 * @param {() => void} begin
 * @param {() => void} end
 */
export function toggles(button, begun, begin, end) {
  let began = -Infinity;
  button.addEventListener('click', ({ detail, timeStamp }) => {
    if (!begun()) {
      began = timeStamp;
      begin();
    } else if (detail === 0 || timeStamp > began + SECOND_CLICK_MS) end();
  });
}

/**
 * Writes text only where it changed, so that nothing is laid out or announced twice.
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
