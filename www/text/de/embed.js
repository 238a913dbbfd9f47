// @ts-check
/** Die Seite, die eine einzelne Abbildung zeigt oder das HTML dafür liefert. */

export const title = 'Eine Abbildung einbetten';
export const lead = 'Jede Abbildung kann in einer eigenen Seite stehen. Sie lädt nur, was sie braucht, und verweist zurück.';
export const which = 'Abbildung';
export const element = 'HTML für die eigene Seite: ein Element, so hoch wie seine Abbildung';
export const frame = 'HTML für die eigene Seite: ein einfacher Rahmen';
export const copy = 'Kopieren';
export const copied = 'Das HTML ist in der Zwischenablage.';
export const selected = 'Das HTML ist ausgewählt und lässt sich mit der Tastatur kopieren.';
export const sandboxed = 'In einem Rahmen mit sandbox kann kein Lauf berechnet werden. Der Rahmen braucht allow-same-origin.';
/** @param {string} name @param {string[]} names */
export const unknown = (name, names) => `Es gibt keine Abbildung „${name}“. Es gibt ${names.join(', ')}.`;
/** @param {number} status */
export const answered = (status) => `der Server antwortete mit ${status}`;
export const late = 'sie kam auch auf eine zweite Anfrage nicht rechtzeitig an';
/** @param {string} name */
export const missing = (name) => `die Seite hat keine Abbildung ${name}`;
/** @param {string} why */
export const failed = (why) => `Die Abbildung konnte nicht geladen werden (${why}). Bitte die Verbindung prüfen und neu laden.`;
