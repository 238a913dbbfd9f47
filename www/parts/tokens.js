// @ts-check
/** The colours of the style sheet, for what is drawn on a canvas. */

/** @typedef {{ink: string, muted: string, line: string, speculative: string, plain: string, rejected: string, discarded: string}} Tokens */

/** @returns {Tokens} */
export function readTokens() {
  const root = document.documentElement;
  // the colour itself: a token that is read as it stands may be a choice between two
  const read = (/** @type {string} */ name) => {
    root.style.outlineColor = `var(--${name})`;
    return getComputedStyle(root).outlineColor;
  };
  const [ink, muted, line, speculative, plain, rejected, discarded] = ['ink', 'muted', 'line', 'speculative', 'plain', 'rejected', 'discarded'].map(read);
  root.style.outlineColor = '';
  return { ink, muted, line, speculative, plain, rejected, discarded };
}
