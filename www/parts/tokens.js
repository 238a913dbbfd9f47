// @ts-check
/** The colours of the style sheet, for what is drawn on a canvas. */

/** @typedef {{ink: string, muted: string, line: string, speculative: string, plain: string, rejected: string, discarded: string}} Tokens */

/** @returns {Tokens} */
export function readTokens() {
  const style = getComputedStyle(document.documentElement);
  const read = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: read('ink'),
    muted: read('muted'),
    line: read('line'),
    speculative: read('speculative'),
    plain: read('plain'),
    rejected: read('rejected'),
    discarded: read('discarded'),
  };
}
