// @ts-check
/** Was die Abbildung „Warum nicht einfach weniger Schritte?“ sagt. */

import * as say from '../../say/gallery.js';
import { sayer } from '../../say/index.js';
import { decimal, percent, plural, precise, whole } from './run.js';

/** @typedef {import('../../figures/gallery/index.js').Compared} Compared */

export const legend = 'Gezeichnet werden';
/** @type {Record<string, string>} */
export const models = { faces: 'Gesichter', fashion: 'Kleidung' };
/** @type {Record<string, string>} */
const onModels = { faces: 'Bei Gesichtern', fashion: 'Bei Kleidung' };

export const hint = 'Ein Klick vergrößert ein Bild. Auf der Tastatur wechseln die Pfeiltasten zwischen den Bildern, und die Eingabetaste vergrößert.';
export const previous = 'Zurück';
export const next = 'Vor';
export const close = 'Schließen';

/** @param {Compared[]} compared @param {number} all Schritte */
export const measureTitle = (compared, all) =>
  `Wie weit ${whole(compared[0].samples)} Stichproben von ebenso vielen des Standard-Samplers mit allen ${whole(all)} Schritten entfernt sind`;
export const axis = 'Energiedistanz';
export const band = '95 % der zufälligen Verteilungen, mit Median';
/** @param {string} command */
export const recipe = (command) => `Erzeugt und gemessen mit ${command}.`;

/** @type {import('../../say/index.js').Templates} */
export const templates = {
  waits: (of) => `${plural(of.calls, 'Aufruf', 'Aufrufe nacheinander')} je Bild`,
  waitsAbout: (of) => `etwa ${plural(of.calls, 'Aufruf', 'Aufrufe nacheinander')} je Bild`,
  speculative: (of) => `${whole(of.steps)} Schritte, spekulativer Sampler`,
  standard: (of) => `${whole(of.steps)} Schritte, Standard-Sampler`,
  cached: (of) => `${whole(of.steps)} Schritte, Schätzungen im Cache`,
  set: ({ sampler, waits }) => `${sampler}, ${waits}`,
  picture: (of) => `${models[of.model]}, Bild ${whole(of.number)} von ${whole(of.of)}: ${of.sampler}`,
  placed: ({ place }) => `: ${place}`,
  inside: 'im Band',
  outside: 'außerhalb',
  numbers: (of) => `Distanz ${precise(of.distance, 2)}, 95 % der zufälligen Verteilungen unter ${precise(of.end, 2)}; ${of.share}`,
  noDeal: 'keine zufällige Verteilung liegt so weit auseinander',
  p: ({ p, digits }) => `p\u00a0=\u00a0${precise(p, digits)}`,
  'few-outside': (of) =>
    `${onModels[of.model]} zieht der Standard-Sampler mit ${whole(of.steps)} Schritten aus einer anderen Verteilung: Seine Stichproben liegen außerhalb des Bandes, beim ${decimal(of.times, 1)}-Fachen des Bandendes (${of.numbers}). Zwei Dutzend Bilder zeigen das kaum, ${plural(of.samples, 'Stichprobe', 'Stichproben')} schon.`,
  'few-inside': (of) =>
    `${onModels[of.model]} sind ${plural(of.samples, 'Stichprobe', 'Stichproben')} des Standard-Samplers mit ${whole(of.steps)} Schritten an dieser Größe nicht von denen mit allen Schritten zu unterscheiden: Sie liegen im Band (${of.numbers}). Gleich sind die Verteilungen damit nicht; ein kleiner Unterschied braucht mehr Stichproben oder eine Größe, die auf das achtet, was das Auge sieht.`,
  'cached-outside': (of) =>
    `Auch wer eine Schätzung wiederverwendet, bis sie sich um ${percent(of.until)} ihrer Größe geändert hätte, zieht aus einer anderen Verteilung: ${plural(of.samples, 'Stichprobe', 'Stichproben')} liegen außerhalb des Bandes, beim ${decimal(of.times, 1)}-Fachen seines Endes (${of.numbers}).`,
  'cached-inside': (of) =>
    `Eine Schätzung wiederzuverwenden, bis sie sich um ${percent(of.until)} ihrer Größe geändert hätte, sieht diese Größe nicht: ${plural(of.samples, 'Stichprobe', 'Stichproben')} liegen im Band (${of.numbers}). Nichts hält die Verteilung dort fest; wie weit sie abweicht, hängt von der Schwelle ab.`,
  'speculative-outside': (of) =>
    `Die spekulativen Stichproben liegen hier außerhalb des Bandes (${of.numbers}), wie einer von zwanzig Vergleichen, bei denen sich nichts unterscheidet.`,
  'speculative-inside': (of) =>
    `Die spekulativen Stichproben liegen im Band (${of.numbers}): An dieser Größe sind sie nicht von denen des Standard-Samplers zu unterscheiden.`,
  strip: (of) => `Energiedistanzen, ${models[of.model]}. ${of.rows.join('. ')}.`,
  stripRow: (of) => `${of.sampler}: ${of.place}, ${of.numbers}`,
};

export const samplerName = sayer(say.sampler, templates);
export const setWaits = sayer(say.waits, templates);
export const setTitle = sayer(say.set, templates);
export const picture = sayer(say.picture, templates);
export const placed = sayer(say.placed, templates);
export const judged = sayer(say.judged, templates);
export const stripLabel = sayer(say.strip, templates);
