// @ts-check
/** Die Codeblöcke. */

export const copy = 'Kopieren';
export const copied = 'Kopiert';
export const selected = 'Ausgewählt';
