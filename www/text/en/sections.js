// @ts-check
/** What is said of any figure. */

/** @param {string} why */
export const failed = (why) => `This figure could not be loaded (${why}). The rest of the page works without it.`;
export const again = 'Try again';
