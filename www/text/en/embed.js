// @ts-check
/** The page that shows one figure, or makes the snippet for it. */

export const title = 'Embed a figure';
export const lead = 'Each figure can stand in a page of your own. It fetches what it needs and nothing more, and links back.';
export const which = 'Figure';
export const element = 'HTML for your page: an element that is as high as its figure';
export const frame = 'HTML for your page: a plain frame';
export const copy = 'Copy';
export const copied = 'The HTML is in the clipboard.';
export const selected = 'The HTML is selected: copy it with the keyboard.';
export const sandboxed = 'A sandboxed frame cannot compute a run. Allow the frame allow-same-origin.';
/** @param {string} name @param {string[]} names */
export const unknown = (name, names) => `There is no figure “${name}”. The figures are ${names.join(', ')}.`;
/** @param {number} status */
export const answered = (status) => `the server answered ${status}`;
export const late = 'it did not arrive in time, though it was asked for twice';
/** @param {string} name */
export const missing = (name) => `the page has no figure ${name}`;
/** @param {string} why */
export const failed = (why) => `The figure could not be loaded (${why}). Check the connection and reload.`;
