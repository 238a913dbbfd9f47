// @ts-check
/** Was die Abbildung „Eine flache Welt“ sagt. Jede Zahl stammt aus dem Lauf oder den Stichproben, die sie zeichnet. */

import { VERDICTS, stopOf } from '../../state/trace.js';
import { decimal, plural, significant } from './run.js';

/** @typedef {import('../../state/trace.js').Round} Round */

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
  draw: (/** @type {number} */ count) => `${count} ziehen`,
  more: (/** @type {number} */ count) => `${count} weitere ziehen`,
  cancel: 'Abbrechen',
};
export const phases = ['entwerfen', 'prüfen', 'annehmen / ablehnen', 'übernehmen'];
export const phaseGroup = 'Phasen der Runde';
export const positionLabel = 'Stelle im Lauf';
export const planeTitle = 'Die Ebene';
export const lensTitle = 'Das Fenster, vergrößert';
export const data = 'Dichte der Daten zeigen';
export const ownHint =
  'Ein Klick oder Tipp auf die Ebene setzt einen Cluster, Ziehen verschiebt ihn. Mit der Tastatur: Tab wählt einen Cluster, Pfeiltasten verschieben ihn, Entf entfernt ihn.';
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
export const swarmTitle = 'Viele Teilchen, zwei Sampler';
export const panels = { speculative: 'Spekulativ', plain: 'Standard-Sampler' };
export const notExact = 'nicht exakt';
export const curve = 'Balken: die Endpunkte entlang jeder Achse. Linie: die Dichte der Daten entlang dieser Achse.';

/** @param {Round} round @param {string} word */
const count = (round, word) => round.verdict.reduce((sum, verdict) => sum + Number(VERDICTS[verdict] === word), 0);
/** @param {number} count */
const steps = (count) => plural(count, 'Schritt', 'Schritte');

/** @param {number} index @param {number} rounds @param {Round | undefined} round */
export const title = (index, rounds, round) =>
  round
    ? `Runde ${index + 1} von ${rounds}: ${round.length === 1 ? `Schritt ${round.first + 1}` : `Schritte ${round.first + 1} bis ${round.first + round.length}`}`
    : 'Vor der ersten Runde';

/** @param {Round} round @param {boolean} rooted */
function draftPhase(round, rooted) {
  const source = rooted ? 'Ein Aufruf vorab gibt eine entrauschte Schätzung, und daraus' : 'Ohne Aufruf, aus schon bekannten Schätzungen,';
  return `${source} ${round.length === 1 ? 'wird' : 'werden'} ${steps(round.length)} entworfen.`;
}

/** @param {Round} round @param {boolean} rooted */
function verifyPhase(round, rooted) {
  if (round.s[0] === 0) return 'Ein Aufruf des Ziels gibt den letzten Zustand.';
  const given =
    round.length > 1
      ? `Ein Aufruf des Ziels gibt die Mittelwerte aller ${plural(round.length, 'Schritt', 'Schritte')}.`
      : rooted
        ? 'Der Aufruf vorab hat den Mittelwert des Ziels schon gegeben.'
        : 'Ein Aufruf des Ziels gibt den Mittelwert des Schritts.';
  const farthest = round.gap.reduce((most, gap) => (gap > most ? gap : most), 0);
  return `${given} Unter den getesteten Schritten ist der größte Abstand der Mittelwerte |D| = ${significant(farthest)}, in Einheiten des Rauschens.`;
}

/** @param {Round} round */
export function roundSentence(round) {
  const stop = stopOf(round);
  const [accepted, discarded] = [count(round, 'accepted'), count(round, 'discarded')];
  const last = count(round, 'deterministic') > 0 ? ', der letzte Schritt ohne Test genommen, denn er hat kein Rauschen' : '';
  const rejected =
    stop < 0
      ? 'keiner abgelehnt'
      : `Schritt ${round.level[stop] + 1} abgelehnt und ${Number.isFinite(round.lnU[stop]) ? 'an der Ebene in der Mitte zwischen den Mittelwerten gespiegelt' : 'vom peak-Test auf andere Weise ersetzt, ebenfalls exakt'}`;
  return `${steps(round.length)} entworfen: ${accepted} angenommen, ${rejected}, ${discarded} verworfen${last}.`;
}

/**
 * @param {Round | undefined} round
 * @param {number} phase
 * @param {boolean} rooted ob für den Entwurf vorab ein Aufruf gemacht wurde
 */
export function phaseSentence(round, phase, rooted) {
  if (!round) return 'Das Teilchen beginnt mit Rauschen: einer Ziehung aus einer Standardnormalverteilung.';
  return [
    draftPhase(round, rooted),
    verifyPhase(round, rooted),
    roundSentence(round),
    `${steps(round.committed)} übernommen für ${plural(round.calls, 'Aufruf', 'aufeinanderfolgende Aufrufe')}${stopOf(round) < 0 ? '.' : '; die nächste Runde beginnt bei der Raute.'}`,
  ][phase];
}

/** @param {number} calls @param {number} done @param {number} all */
export const tally = (calls, done, all) =>
  `Bisher ${plural(calls, 'Aufruf', 'aufeinanderfolgende Aufrufe')} für ${done} von ${all} Schritten; der Standard-Sampler macht einen je Schritt.`;

/** @param {string} density @param {string} heading @param {string} sentence @param {boolean} isData */
export const mapLabel = (density, heading, sentence, isData) =>
  `Eine Ebene, getönt nach der Dichte ${isData ? 'der Daten' : 'des aktuellen Schritts'} (${densities[density]}), mit dem Weg des Teilchens. ${heading}. ${sentence}`;
/** @param {string} heading @param {string} sentence */
export const lensLabel = (heading, sentence) => `Der eingerahmte Teil der Ebene, vergrößert, mit den Mittelwerten des Ziels. ${heading}. ${sentence}`;
/** @param {number} round @param {number} rounds @param {number} phase */
export const positionText = (round, rounds, phase) => (round < 0 ? 'Anfang' : `Runde ${round + 1} von ${rounds}, ${phases[phase]}`);

/** @param {number} index */
export const clusterName = (index) => `Cluster Nr. ${index + 1}`;
/** @param {number} x @param {number} y */
export const clusterPlace = (x, y) => `x ${decimal(x, 2)}, y ${decimal(y, 2)}`;
/** @param {number} clusters @param {number} most */
export const clusterCount = (clusters, most) =>
  clusters === most ? `${clusters} Cluster, mehr gehen nicht.` : `${clusters} Cluster${clusters === 1 ? '; der letzte bleibt' : ''}.`;

/** @param {number} done @param {number} wanted */
export const progress = (done, wanted) => `${done} von ${wanted} Ketten mit jedem Sampler`;
/** @param {number} chains @param {number} calls */
export const panelSentence = (chains, calls) =>
  chains === 0 ? 'Noch keine Ketten.' : `${plural(chains, 'Kette', 'Ketten')}, ${decimal(calls / chains, 1)} Aufrufe nacheinander je Kette`;
/** @param {string} name @param {string} density @param {number} chains */
export const panelLabel = (name, density, chains) =>
  `${name}: ${plural(chains, 'Endpunkt', 'Endpunkte')} über der Dichte der Daten (${densities[density]}), mit einem Histogramm entlang jeder Achse.`;
export const nothingDrawn = 'Ketten mit beiden Samplern ziehen und vergleichen, wo sie enden.';

/**
 * @param {{chains: number, exact: boolean, calls: [number, number], distance: [number, number], bound: number}} result Aufrufe beider Sampler; der größte Unterschied der Verteilungsfunktionen der Stichproben entlang jeder Achse
 */
export function swarmSentence({ chains, exact, calls, distance, bound }) {
  const [one, other] = calls.map((sum) => decimal(sum / chains, 1));
  const saved = `Im Mittel ${one} statt ${other} aufeinanderfolgende Aufrufe je Kette.`;
  const measured = `Die Verteilungsfunktionen der beiden Stichproben unterscheiden sich um höchstens ${decimal(distance[0], 3)} entlang x und ${decimal(distance[1], 3)} entlang y`;
  const chance = `Zufall allein bleibt in 99 von 100 Fällen unter ${decimal(bound, 3)}`;
  const differs = Math.max(...distance) > bound;
  if (exact)
    return `${saved} ${measured}; ${chance}. ${differs ? 'Dies ist einer der anderen oder ein Fehler: Mehr Ketten zeigen es.' : 'Ein Unterschied ist nicht zu sehen.'}`;
  return `Nicht exakt. ${saved} ${measured}; ${chance}. ${differs ? 'Die falsche Regel zieht aus einer anderen Verteilung.' : `${plural(chains, 'Kette', 'Ketten')} ${chains === 1 ? 'ist' : 'sind'} zu wenig, um den Fehler zu zeigen. Mehr Ketten ziehen oder weniger Schritte oder ein längeres Fenster wählen.`}`;
}
