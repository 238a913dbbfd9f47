// @ts-check
/** Was die Abbildung „Warum nicht einfach weniger Schritte?“ sagt. */

import { decimal, plural, whole } from './run.js';

/** @typedef {import('../../figures/gallery/index.js').PictureSet} PictureSet */
/** @typedef {import('../../figures/gallery/index.js').Compared} Compared */
/** @typedef {import('../../figures/gallery/index.js').Model} Model */

export const legend = 'Gezeichnet werden';
/** @type {Record<string, string>} */
export const models = { faces: 'Gesichter', fashion: 'Kleidung' };
/** @type {Record<string, string>} */
const onModels = { faces: 'Bei Gesichtern', fashion: 'Bei Kleidung' };

/** @param {number} calls */
const waits = (calls) => `${Number.isInteger(calls) ? '' : 'etwa '}${plural(Math.round(calls), 'Aufruf', 'Aufrufe nacheinander')} je Bild`;
/** @param {{sampler: string, steps: number}} set */
export const samplerName = ({ sampler, steps }) =>
  sampler === 'speculative' ? `${steps} Schritte, spekulativer Sampler` : `${steps} Schritte, Standard-Sampler`;
/** @param {PictureSet} set */
export const setWaits = ({ calls }) => waits(calls);
/** @param {PictureSet} set */
export const setTitle = (set) => `${samplerName(set)}, ${waits(set.calls)}`;
/** @param {PictureSet} set @param {string} model @param {number} number @param {number} of */
export const picture = (set, model, number, of) => `${models[model]}, Bild ${number} von ${of}: ${samplerName(set)}`;
export const hint = 'Ein Klick vergrößert ein Bild. Auf der Tastatur wechseln die Pfeiltasten zwischen den Bildern, und die Eingabetaste vergrößert.';
export const previous = 'Zurück';
export const next = 'Vor';
export const close = 'Schließen';
export const savePng = 'PNG speichern';

/** @param {Compared[]} compared @param {number} all Schritte */
export const measureTitle = (compared, all) =>
  `Wie weit ${whole(compared[0].samples)} Stichproben von ebenso vielen des Standard-Samplers mit allen ${all} Schritten entfernt sind`;
export const axis = 'Energiedistanz';
export const band = '95 % der zufälligen Verteilungen, mit Median';
/** @param {Compared} one */
const beyond = (one) => one.distance > one.null_95;
/** @param {boolean} outside */
const place = (outside) => (outside ? 'außerhalb' : 'im Band');
/** @param {Compared} one */
export const placed = (one) => `: ${place(beyond(one))}`;

/** @param {number} value */
const digits = (value) => value.toPrecision(2).replace('-', '−').replace('.', ',');
/** @param {Compared} one */
const share = ({ share_of_null_beyond: p }) =>
  p === 0 ? 'keine zufällige Verteilung liegt so weit auseinander' : `p\u00a0=\u00a0${p.toPrecision(p < 0.1 ? 1 : 2).replace('.', ',')}`;
/** @param {Compared} one */
const numbers = (one) => `Distanz ${digits(one.distance)}, 95 % der zufälligen Verteilungen unter ${digits(one.null_95)}; ${share(one)}`;

/**
 * Ein, zwei Sätze für jeden Vergleich.
 * @param {string} model
 * @param {Compared[]} compared
 */
export function judged(model, compared) {
  const few = compared.find(({ sampler }) => sampler === 'few');
  const speculative = compared.find(({ sampler }) => sampler === 'speculative');
  const parts = [];
  if (few) {
    parts.push(
      beyond(few)
        ? `${onModels[model]} zieht der Standard-Sampler mit ${few.steps} Schritten aus einer anderen Verteilung: Seine Stichproben liegen außerhalb des Bandes, beim ${decimal(few.distance / few.null_95, 1)}-Fachen des Bandendes (${numbers(few)}). Zwei Dutzend Bilder zeigen das kaum, ${plural(few.samples, 'Stichprobe', 'Stichproben')} schon.`
        : `${onModels[model]} sind ${plural(few.samples, 'Stichprobe', 'Stichproben')} des Standard-Samplers mit ${few.steps} Schritten an dieser Größe nicht von denen mit allen Schritten zu unterscheiden: Sie liegen im Band (${numbers(few)}). Gleich sind die Verteilungen damit nicht; ein kleiner Unterschied braucht mehr Stichproben oder eine Größe, die auf das achtet, was das Auge sieht.`,
    );
  }
  if (speculative) {
    parts.push(
      beyond(speculative)
        ? `Die spekulativen Stichproben liegen hier außerhalb des Bandes (${numbers(speculative)}), wie einer von zwanzig Vergleichen, bei denen sich nichts unterscheidet.`
        : `Die spekulativen Stichproben liegen im Band (${numbers(speculative)}): An dieser Größe sind sie nicht von denen des Standard-Samplers zu unterscheiden.`,
    );
  }
  return parts;
}

/** @param {string} model @param {Compared[]} compared */
export const stripLabel = (model, compared) =>
  `Energiedistanzen, ${models[model]}. ${compared.map((one) => `${samplerName(one)}: ${place(beyond(one))}, ${numbers(one)}`).join('. ')}.`;
/** @param {string} command */
export const recipe = (command) => `Erzeugt und gemessen mit ${command}.`;
/** @param {string} why */
export const missing = (why) => `die Bilder konnten nicht geladen werden: ${why}`;
/** @param {number} status */
export const answered = (status) => `der Server antwortete mit ${status}`;
