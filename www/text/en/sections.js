// @ts-check
/** What is said of any figure. */

/** @param {string} why */
export const failed = (why) => `This figure could not be loaded (${why}). The rest of the page works without it.`;
/** @param {number} status */
export const answered = (status) => `the server answered ${status}`;
export const unreachable = 'the server cannot be reached';
export const late = 'it did not arrive in time, though it was asked for twice';
export const again = 'Try again';
export const savePicture = { svg: 'Save SVG', png: 'Save PNG' };
export const notSaved = 'The picture could not be saved.';
export const copyLink = 'Copy link';
export const copiedLink = 'Link copied';
