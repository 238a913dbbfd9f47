// @ts-check
/** The page that shows one figure, or makes the snippet for it. */

export const title = 'Embed a figure';
export const lead = 'Each figure can stand in a page of your own. It fetches what it needs and nothing more, and links back.';
export const which = 'Figure';
export const snippet = 'HTML for your page';
export const copy = 'Copy';
export const copied = 'The HTML is in the clipboard.';
export const selected = 'The HTML is selected: copy it with the keyboard.';
export const preview = 'Preview of the figure';
/** @param {string} name @param {string[]} names */
export const unknown = (name, names) => `There is no figure “${name}”. The figures are ${names.join(', ')}.`;
/** @param {number} status */
export const answered = (status) => `the server answered ${status}`;
/** @param {string} name */
export const missing = (name) => `the page has no figure ${name}`;
/** @param {string} why */
export const failed = (why) => `The figure could not be loaded (${why}). Check the connection and reload.`;
