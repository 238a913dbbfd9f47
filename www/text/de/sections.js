// @ts-check
/** Was über jede Abbildung gesagt wird. */

/** @param {string} why */
export const failed = (why) => `Diese Abbildung konnte nicht geladen werden (${why}). Der Rest der Seite funktioniert ohne sie.`;
export const again = 'Noch einmal versuchen';
