// @ts-check
/** Was die Abbildung „Eine flache Welt“ sagt. Jede Zahl stammt aus dem Lauf oder den Stichproben, die sie zeichnet. */

import * as say from '../../say/world.js';
import { sayer } from '../../say/index.js';
import { decimal, place, plural, significant, whole } from './run.js';

export const labels = {
  density: 'Dichte',
  steps: 'Schritte K',
  draft: 'Entwurf',
  window: 'Fenster L',
  rule: 'Test',
  size: 'Größe',
  cases: 'Durchgefallener Entwurf',
};
/** @type {Record<string, string>} */
export const densities = { two: 'zwei Cluster', ring: 'Ring aus acht', spiral: 'Spirale', blob: 'ein breiter Fleck', own: 'eigene' };
/** @param {number | string} window */
export const windowName = (window) => (typeof window === 'number' ? String(window) : 'auto, wenigste Aufrufe');
/** @type {Record<string, string>} */
export const rules = {
  'keep-noise': 'Verschieben ohne Spiegeln (nicht exakt)',
  redraw: 'Neu aus dem Ziel ziehen (nicht exakt)',
  'accept-all': 'Trotzdem annehmen (nicht exakt)',
};
export const chosenRule = (/** @type {string} */ rule) => `${rule === 'reflection' ? 'Spiegeln' : `Test: ${rule}`} (exakt)`;
export const buttons = {
  seed: 'Neuer Seed',
  back: 'Zurück',
  play: 'Start',
  pause: 'Pause',
  forward: 'Vor',
  round: 'Nächste Runde',
  add: 'Cluster hinzufügen',
  remove: 'Entfernen',
  draw: (/** @type {number} */ count) => `${whole(count)} ziehen`,
  more: (/** @type {number} */ count) => `${whole(count)} weitere ziehen`,
  cancel: 'Abbrechen',
};
export const phases = ['entwerfen', 'prüfen', 'annehmen / ablehnen', 'übernehmen'];
export const phaseGroup = 'Phasen der Runde';
export const positionLabel = 'Stelle im Lauf';
export const planeTitle = 'Die Ebene';
export const lensTitle = 'Das Fenster, vergrößert';
export const data = 'Dichte der Daten zeigen';
export const ownHint =
  'Ein Klick oder Tipp auf die Ebene setzt einen Cluster, Ziehen verschiebt ihn. Tastatur: Pfeile verschieben den gewählten, Enter nimmt den nächsten, Entf entfernt ihn.';
export const legend = {
  path: 'übernommen',
  now: 'aktueller Zustand',
  drafted: 'entworfen',
  accepted: 'angenommen',
  draftMean: 'Mittelwert des Entwurfs',
  target: 'Mittelwert des Ziels',
  rejected: 'abgelehnt',
  mirror: 'Spiegel',
  reflected: 'gespiegelt',
  corrected: 'korrigiert',
  discarded: 'verworfen',
  last: 'letzter Schritt, ohne Test',
};
export const counters = { calls: 'Aufrufe nacheinander', steps: 'Schritte übernommen', perCall: 'Schritte je Aufruf' };
export const chainTitle = 'Eine Kette, Runde für Runde';
export const swarmTitle = 'Viele Ketten, zwei Sampler';
export const panels = { speculative: 'Spekulativ', plain: 'Standard-Sampler' };
export const notExact = 'nicht exakt';
export const curve = 'Balken: die Endpunkte entlang jeder Achse. Linie: die Dichte der Daten entlang dieser Achse.';

/** @param {number} calls @param {number} done @param {number} all */
export const tally = (calls, done, all) =>
  `Bisher ${plural(calls, 'Aufruf', 'aufeinanderfolgende Aufrufe')} für ${whole(done)} von ${whole(all)} Schritten; der Standard-Sampler macht einen je Schritt.`;

/** @param {string} density @param {string} heading @param {string} sentence @param {boolean} isData */
export const mapLabel = (density, heading, sentence, isData) =>
  `Eine Ebene, getönt nach der Dichte ${isData ? 'der Daten' : 'des aktuellen Schritts'} (${densities[density]}), mit dem Weg des Teilchens. ${heading}. ${sentence}`;
/** @param {string} heading @param {string} sentence */
export const lensLabel = (heading, sentence) => `Der eingerahmte Teil der Ebene, vergrößert, mit den Mittelwerten des Ziels. ${heading}. ${sentence}`;
/** @param {number} round @param {number} rounds @param {number} phase */
export const positionText = (round, rounds, phase) => (round < 0 ? 'Anfang' : `Runde ${whole(round + 1)} von ${whole(rounds)}, ${phases[phase]}`);

/** @param {number} index */
export const clusterName = (index) => `Cluster Nr. ${index + 1}`;
/** @param {number} x @param {number} y */
export const clusterPlace = (x, y) => `x ${place(x)}, y ${place(y)}`;
/** @param {number} done @param {number} wanted */
export const progress = (done, wanted) => `${whole(done)} von ${whole(wanted)} Ketten mit jedem Sampler`;
/** @param {string} name @param {string} density @param {number} chains */
export const panelLabel = (name, density, chains) =>
  `${name}: ${plural(chains, 'Endpunkt', 'Endpunkte')} über der Dichte der Daten (${densities[density]}), mit einem Histogramm entlang jeder Achse.`;
/** @param {string} why */
export const failed = (why) => `Die Rechnung ist stehen geblieben (${why}). Noch einmal ziehen oder eine Einstellung ändern.`;
export const nothingDrawn = 'Ketten mit beiden Samplern ziehen und vergleichen, wo sie enden.';

/** @type {import('../../say/index.js').Templates} */
export const templates = {
  titleBefore: 'Vor der ersten Runde',
  titleOne: ({ number, rounds, from }) => `Runde ${whole(number)} von ${whole(rounds)}: Schritt ${whole(from)}`,
  titleMany: ({ number, rounds, from, to }) => `Runde ${whole(number)} von ${whole(rounds)}: Schritte ${whole(from)} bis ${whole(to)}`,
  start: 'Das Teilchen beginnt mit Rauschen: einer Ziehung aus einer Standardnormalverteilung.',
  draftRooted: ({ count }) => `Ein erster Aufruf des Netzes gibt eine entrauschte Schätzung, und daraus ${drafted(count)}`,
  draftKnown: ({ count }) => `Ohne Aufruf, aus schon bekannten Schätzungen, ${drafted(count)}`,
  verifyLast: 'Ein Aufruf des Ziels gibt den letzten Zustand.',
  verify: ({ given, farthest }) =>
    `${given} Unter den getesteten Schritten ist der größte Abstand der Mittelwerte |D| = ${significant(farthest)}, in Einheiten des Rauschens.`,
  meansOfAll: ({ count }) => `Ein Aufruf des Ziels gibt die Mittelwerte aller ${steps(count)}.`,
  meanKnown: 'Der erste Aufruf hat den Mittelwert des Ziels schon gegeben.',
  meanOfOne: 'Ein Aufruf des Ziels gibt den Mittelwert des Schritts.',
  round: (of) => `${steps(of.count)} entworfen: ${whole(of.accepted)} angenommen, ${of.rejected}, ${whole(of.discarded)} verworfen${of.last}.`,
  noneRejected: 'keiner abgelehnt',
  stepReflected: (of) => `Schritt ${whole(of.step)} abgelehnt und an der Ebene in der Mitte zwischen den Mittelwerten gespiegelt`,
  stepReplaced: (of) => `Schritt ${whole(of.step)} abgelehnt und vom peak-Test korrigiert, der ebenfalls exakt ist`,
  lastUntested: '; der letzte Schritt hat kein Rauschen und braucht keinen Test',
  committed: (of) => `${steps(of.committed)} übernommen für ${plural(of.calls, 'Aufruf', 'aufeinanderfolgende Aufrufe')}.`,
  committedToDiamond: (of) =>
    `${steps(of.committed)} übernommen für ${plural(of.calls, 'Aufruf', 'aufeinanderfolgende Aufrufe')}; die nächste Runde beginnt bei der Raute.`,
  clusters: (of) => `${of.clusters} Cluster.`,
  clusterLast: '1 Cluster; der letzte bleibt.',
  clustersFull: (of) => `${of.clusters} Cluster, mehr gehen nicht.`,
  noChains: 'Noch keine Ketten.',
  chains: ({ chains, each }) => `${plural(chains, 'Kette', 'Ketten')}, ${decimal(each, 1)} Aufrufe nacheinander je Kette`,
  saved: ({ one, other }) => `Im Mittel ${decimal(one, 1)} statt ${decimal(other, 1)} aufeinanderfolgende Aufrufe je Kette.`,
  swarm: (of) => `${of.saved} ${differ(of)}. ${of.verdict}`,
  wrongSwarm: (of) => `Nicht exakt. ${of.saved} ${differ(of)}. ${of.verdict}`,
  noDifference: 'Ein Unterschied ist nicht zu sehen.',
  chance: 'Das macht der Zufall in einem von hundert Fällen; mehr Ketten zeigen, ob er es war.',
  seen: 'Die falsche Regel zieht aus einer anderen Verteilung.',
  unseen: ({ chains }) =>
    `${plural(chains, 'Kette', 'Ketten')} ${chains === 1 ? 'ist' : 'sind'} zu wenig, um den Fehler zu zeigen. Mehr Ketten ziehen oder weniger Schritte oder ein längeres Fenster wählen.`,
};
/** @param {number} count */
const steps = (count) => plural(count, 'Schritt', 'Schritte');
/** @param {number} count */
const drafted = (count) => `${count === 1 ? 'wird' : 'werden'} ${steps(count)} entworfen.`;
/** @param {{x: number, y: number, bound: number}} of */
const differ = ({ x, y, bound }) =>
  `Die Verteilungsfunktionen der beiden Stichproben unterscheiden sich um höchstens ${decimal(x, 3)} entlang x und ${decimal(y, 3)} entlang y; Zufall allein bleibt in 99 von 100 Fällen unter ${decimal(bound, 3)}`;

export const title = sayer(say.title, templates);
export const phaseSentence = sayer(say.phase, templates);
export const clusterCount = sayer(say.clusters, templates);
export const panelSentence = sayer(say.panel, templates);
export const swarmSentence = sayer(say.swarm, templates);
