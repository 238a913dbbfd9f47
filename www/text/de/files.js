// @ts-check
/** Sätze über einen Lauf, der gespeichert wurde und zurückkommt. */

import { whole } from './run.js';

export const notJson = 'Die Datei ist kein JSON. Bitte eine wählen, die diese Seite exportiert hat.';
export const noRun = 'Die Datei enthält keinen Lauf (Einstellungen und Runden mit ihren Urteilen). Bitte eine wählen, die diese Seite exportiert hat.';
/** @param {string} name einer Einstellung */
export const unknownSetting = (name) => `Der Lauf in der Datei lässt sich nicht wiederholen: Er hat eine Einstellung „${name}“, die diese Seite nicht kennt.`;
/** @param {string} why ein Satz */
export const refused = (why) => `Der Lauf in der Datei lässt sich nicht wiederholen. ${why}`;
/** @param {number} rounds @param {number} committed @param {number} steps */
export const cutShort = (rounds, committed, steps) =>
  `Die Datei ist unvollständig: Ihre ${whole(rounds)} Runden übernehmen ${whole(committed)} von ${whole(steps)} Schritten. Bitte den Lauf noch einmal exportieren.`;
/** @param {number} round die erste, die abweicht */
export const parted = (round) =>
  `Der Lauf in der Datei wurde wiederholt, aber ab Runde ${whole(round)} weichen die Urteile ab. Eine andere Engine rundet anders, und ein einziges anderes Urteil trennt zwei Läufe.`;
/** @param {number} rounds @param {number} round */
export const otherGaps = (rounds, round) =>
  `Der Lauf in der Datei wurde wiederholt: Alle ${whole(rounds)} Runden haben dieselben Urteile, aber in Runde ${whole(round)} weichen die Abstände der Mittelwerte stärker ab, als Rundung erklärt. Die Datei wurde verändert oder stammt von einem anderen Netz.`;
/** @param {number} rounds */
export const same = (rounds) =>
  `Der Lauf in der Datei wurde wiederholt: Alle ${whole(rounds)} Runden haben dieselben Urteile und dieselben Abstände der Mittelwerte.`;
export const noPicture = 'Der Browser konnte das Bild nicht erzeugen.';
