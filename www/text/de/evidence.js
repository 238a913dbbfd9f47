// @ts-check
/** Was die Abbildung „Nachrechnen statt glauben“ sagt. */

import { decimal, exponential, plural, setting, significant, whole } from './run.js';

/** @param {number} ks */
const rounded = (ks) => decimal(ks, 2);

/** @typedef {import('../../figures/evidence/normal.js').Summary} Summary */
/** @typedef {import('../../figures/evidence/normal.js').Moments} Moments */
/** @typedef {'reflection' | 'keep-noise' | 'accept-all' | 'redraw'} Shown eine Regel, die das Modell ohne Netz hier haben kann */
/** @typedef {{of: 'network', runs: number, corrected: number} | {of: 'toy', rule: Shown, exact: boolean, chains: number}} Origin
 * `corrected` der abgelehnten hat der peak-Test korrigiert, der keinen spiegelt */

export const switchLegend = 'Zeigen';
export const network = 'Läufe des Netzes';
export const toy = 'Spielmodell';
export const rulesLegend = 'Auf einer Mischung von Normalverteilungen (ohne Netz):';
/** @type {Record<Shown, {name: string, does: string}>} */
export const rules = {
  reflection: { name: 'Spiegeln (exakt)', does: 'Ein abgelehnter Entwurf wird an der Ebene in der Mitte zwischen den beiden Mittelwerten gespiegelt.' },
  'keep-noise': {
    name: 'Verschieben ohne Spiegeln (nicht exakt)',
    does: 'Ein abgelehnter Entwurf wird zum Mittelwert des Ziels verschoben, mit unverändertem, nicht gespiegeltem Rauschen.',
  },
  redraw: {
    name: 'Neu aus dem Ziel ziehen (nicht exakt)',
    does: 'Ein abgelehnter Schritt wird neu aus dem Ziel gezogen, als trüge die Ablehnung keine Information.',
  },
  'accept-all': { name: 'Trotzdem annehmen (nicht exakt)', does: 'Jeder Entwurf wird angenommen, was auch immer der Test sagt.' },
};
export const more = 'Zehn weitere Läufe';
export const cancel = 'Abbrechen';
export const noRun = 'Noch kein fertiger Lauf. Die Abbildung füllt sich, sobald das Rennen oben einen hat.';
export const waiting = 'Warten auf die Engine, die lädt oder beschäftigt ist. Ein Lauf, den man selbst startet, geht vor.';
/** @param {number} number @param {number} of */
export const progress = (number, of) => `${number} von ${of}`;
/** @param {number} done @param {number} of */
export const stopped = (done, of) => `Nach ${done} von ${of} abgebrochen.`;
/** @param {string} why @param {number} done */
export const failed = (why, done) => `Die Läufe endeten nach ${done}. ${why}`;
/** @param {Origin} origin */
export const badge = (origin) =>
  origin.of === 'network' ? 'Läufe des Netzes' : origin.exact ? 'Spielmodell mit der exakten Regel' : 'nicht exakt: Spielmodell mit falscher Regel';

export const accepted = 'angenommen';
/** @param {Origin} origin @param {number} rejected */
export function rejected(origin, rejected) {
  if (origin.of === 'toy')
    return origin.rule === 'reflection'
      ? 'abgelehnt, gespiegelt'
      : origin.rule === 'redraw'
        ? 'abgelehnt, neu gezogen'
        : origin.rule === 'keep-noise'
          ? 'abgelehnt, verschoben'
          : 'abgelehnt';
  return origin.corrected === 0 ? 'abgelehnt, gespiegelt' : origin.corrected === rejected ? 'abgelehnt, korrigiert' : 'abgelehnt, gespiegelt oder korrigiert';
}
export const normal = 'N(0,1)';
export const band = '95-%-Bereich jeder Anzahl';
export const outside = 'außerhalb ihres Bereichs';
export const awayFromDraft = '← vom Entwurf weg';
export const towardsDraft = 'zum Entwurf hin →';
export const cumulativeTitle = 'Differenz der kumulierten Anteile × √n';

export const columns = ['Residuen', 'Zahl', 'Mittel', 'Streuung'];
export const all = 'alle zusammen';
export const expected = 'N(0,1), 95 %';
/** @param {number} value */
export const number = (value) => setting(value).replace('-', '−');
/** @param {number} value */
const signed = (value) => (Number.isFinite(value) ? `${value < 0 ? '−' : '+'}${decimal(Math.abs(value), 2)}` : '–');
/** @param {Moments} moments */
export const row = ({ n, mean, deviation }) => [whole(n), signed(mean), Number.isFinite(deviation) ? decimal(deviation, 2) : '–'];
/** Worin Mittelwert und Streuung von n standardnormalen Zahlen 19 von 20 Malen bleiben. @param {number} n */
export function expectedRow(n) {
  const [mean, deviation] = [1.96 / Math.sqrt(n), 1.96 / Math.sqrt(2 * n)];
  const digits = mean < 0.02 ? 3 : 2;
  return ['', `± ${decimal(mean, digits)}`, `1 ± ${decimal(deviation, digits)}`];
}

/** @param {number} ks @param {number} limit */
export const statistic = (ks, limit) => `√n·Dₙ = ${rounded(ks)}, 95-%-Grenze ${number(limit)}`;

/** @param {number} lnE @param {number} limit */
export const eValue = (lnE, limit) => `E-Wert ${exponential(lnE)}, Grenze ${limit}`;

/** @param {Summary} summary @param {Origin} origin */
const counted = ({ all: { n } }, origin) =>
  `${plural(n, 'Residuum', 'Residuen')} aus ${origin.of === 'network' ? plural(origin.runs, 'Lauf', 'Läufen') : `${plural(origin.chains, 'Kette', 'Ketten')} des Spielmodells`}`;

/** @param {Summary} summary @param {number} limit */
function judged({ ks, bins, outside }, limit) {
  const bounds = `${outside === 0 ? 'keine Klasse liegt' : outside === 1 ? '1 Klasse liegt' : `${outside} Klassen liegen`} außerhalb des 95-%-Bereichs (von ${bins.length} tut es durch Zufall etwa eine)`;
  return ks <= limit
    ? `die Kolmogorow-Smirnow-Größe √n·Dₙ = ${rounded(ks)} liegt unter ${number(limit)}, und ${bounds}.`
    : `die Kolmogorow-Smirnow-Größe √n·Dₙ = ${rounded(ks)} ist das ${decimal(ks / limit, 1)}-Fache der 95-%-Grenze ${number(limit)}, und ${bounds}.`;
}

/**
 * @param {Summary} summary
 * @param {Origin} origin
 * @param {number} limit
 * @returns {{line: string, why: string}}
 */
export function result(summary, origin, limit) {
  const { accepted, rejected, all, ks } = summary;
  const together = `${all.n === 1 ? 'ist dieses Residuum' : `sind diese ${whole(all.n)} Residuen`} nicht von standardnormalverteilten Zahlen zu unterscheiden`;
  const fits = ks <= limit;
  const parts =
    rejected.n === 0
      ? `Ihr Mittelwert ist ${signed(all.mean)}.`
      : `Die angenommenen allein haben den Mittelwert ${signed(accepted.mean)}, die abgelehnten ${signed(rejected.mean)}, alle zusammen ${signed(all.mean)}.`;
  if (origin.of === 'toy') {
    const line = origin.exact
      ? `Exakte Regel: ${fits ? `Zusammen ${together}` : 'Diese Menge liegt außerhalb des 95-%-Bereichs, wie eine von zwanzig exakten'}.`
      : `Nicht exakt: ${fits ? 'So viele Residuen zeigen es noch nicht' : 'Zusammen sind sie nicht standardnormalverteilt'}.`;
    return { line, why: `${rules[origin.rule].does} ${counted(summary, origin)}: ${judged(summary, limit)} ${parts}` };
  }
  return {
    line: fits ? `Zusammen ${together}.` : 'Diese Menge liegt außerhalb des 95-%-Bereichs, wie eine von zwanzig exakten.',
    why: `${counted(summary, origin)}: ${judged(summary, limit)} ${parts}${fits ? '' : ' Weitere Läufe entscheiden es.'}`,
  };
}

/** @param {Summary} summary @param {Origin} origin @param {number} limit */
export const histogramLabel = (summary, origin, limit) =>
  `Gestapeltes Histogramm, ${counted(summary, origin)}, auf der Dichte von N(0,1): unten ${summary.accepted.n} angenommene, darüber ${summary.rejected.n} abgelehnte; ${judged(summary, limit)}`;
/** @param {Summary} summary @param {number} limit */
export const cumulativeLabel = ({ ks, at }, limit) =>
  `Kumulierter Anteil der Residuen minus den von N(0,1), mal Wurzel n: am weitesten von 0 entfernt bei ${signed(at)}, um ${rounded(ks)}. ${ks <= limit ? 'Er bleibt im' : 'Er verlässt das'} Band von ± ${number(limit)}.`;

export const limits = 'Was das zeigen kann und was nicht';
/** @param {number} n @param {{shift: number, deviation: number}} visible */
export const paragraphs = (n, { shift, deviation }) => [
  `Zu sehen ist jede Regel, die die Verteilung eines Schritts entlang der Lücke ändert: ein Test, der zu oft annimmt, ein abgelehnter Entwurf, der nicht gespiegelt wird. Mit den jetzt gezeigten ${plural(n, 'Residuum', 'Residuen')} bringt ein um etwa ${significant(shift)} verschobener Mittelwert oder eine um etwa ${significant(deviation)} falsche Streuung √n·Dₙ auf die 95-%-Grenze. Kleinere Fehler brauchen mehr Läufe.`,
  'Nicht zu sehen sind Fehler quer zur Lücke, in den Richtungen, in denen Entwurf und Ziel übereinstimmen; auch kein falscher Mittelwert des Ziels, denn ein Residuum wird von dem Mittelwert aus gemessen, den der Sampler verwendet hat; und keine Abhängigkeit zwischen Schritten. Dafür hat das Projekt eigene Tests, die docs/ARCHITECTURE.md nennt.',
  'Dass die beiden Bilder des Rennens übereinstimmen, ist kein Beleg. Die Standard-Bahn hat das Rauschen bekommen, das die spekulative übernommen hatte, damit man beide vergleichen kann.',
  'Jeder Seed zählt einmal. Läufe mit demselben Seed teilen ihr Rauschen, daher tritt der letzte an die Stelle des vorigen. Die 95-%-Grenze ist für einen einzigen Blick gedacht: Wer nach jedem Lauf hinsieht, findet √n·Dₙ auch bei einem exakten Sampler ab und zu darüber.',
  'Den E-Wert darf man ansehen, so oft man will. Er wettet auf jedes Residuum anhand der vorigen und ist das, was aus einem Einsatz von 1 geworden ist: Bei einem exakten Sampler erreicht er je 20 mit einer Wahrscheinlichkeit von höchstens einem Zwanzigstel, und er fällt mit jeder verlorenen Wette. Das Projekt führt einen über alle seine Läufe mit neuen Seeds, in docs/results/evidence.json.',
  'Die äußersten Klassen enthalten auch, was jenseits von ± 3,6 liegt. Dreiecke kennzeichnen Klassen, deren Anzahl außerhalb ihres Bereichs liegt. Stimmen die beiden Mittelwerte eines getesteten Schritts überein, wie beim ersten Schritt eines Laufs, gibt es keine Richtung zwischen ihnen; er hat dann kein Residuum und zählt nicht mit, und sein Entwurf wird immer angenommen.',
];
