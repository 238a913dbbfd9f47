// @ts-check
/** Was über jede Abbildung gesagt wird. */

/** @param {string} why */
export const failed = (why) => `Diese Abbildung konnte nicht geladen werden (${why}). Der Rest der Seite funktioniert ohne sie.`;
/** @param {number} status */
export const answered = (status) => `der Server antwortete mit ${status}`;
export const unreachable = 'der Server ist nicht erreichbar';
export const late = 'sie kam auch auf eine zweite Anfrage nicht rechtzeitig an';
export const again = 'Noch einmal versuchen';
export const savePicture = { svg: 'SVG speichern', png: 'PNG speichern' };
export const notSaved = 'Das Bild konnte nicht gespeichert werden.';
export const copyLink = 'Link kopieren';
export const copiedLink = 'Link kopiert';
