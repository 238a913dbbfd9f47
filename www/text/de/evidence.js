// @ts-check
/** Was die Abbildung „Nachrechnen statt glauben“ sagt. */

import * as say from '../../say/evidence.js';
import { sayer } from '../../say/index.js';
import { decimal, exponential, plural, setting, signed, significant, whole } from './run.js';

/** @typedef {import('../../figures/evidence/normal.js').Moments} Moments */

export const switchLegend = 'Zeigen';
export const network = 'Läufe des Netzes';
export const toy = 'Testproblem';
export const rulesLegend = 'Auf einer Mischung von Normalverteilungen (ohne Netz):';
/** @type {Record<say.Shown, {name: string, does: string}>} */
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
export const progress = (number, of) => `${whole(number)} von ${whole(of)}`;
/** @param {number} done @param {number} of */
export const stopped = (done, of) => `Nach ${whole(done)} von ${whole(of)} abgebrochen.`;
/** @param {string} why @param {number} done */
export const failed = (why, done) => `Die Läufe endeten nach ${whole(done)}. ${why}`;

export const accepted = 'angenommen';
export const normal = 'N(0,1)';
export const band = '95-%-Bereich jeder Anzahl';
export const outside = 'außerhalb ihres Bereichs';
export const awayFromDraft = '← vom Entwurf weg';
export const towardsDraft = 'zum Entwurf hin →';
export const cumulativeTitle = 'Differenz der kumulierten Anteile × √n';

export const columns = ['Residuen', 'Zahl', 'Mittel', 'Streuung'];
export const all = 'alle zusammen';
export const expected = 'N(0,1), 95 %';
export const number = setting;
/** @param {Moments} moments */
export const row = ({ n, mean, deviation }) => [whole(n), signed(mean), Number.isFinite(deviation) ? decimal(deviation, 2) : '–'];

/** @param {number} ks @param {number} limit */
export const statistic = (ks, limit) => `√n·Dₙ = ${decimal(ks, 2)}, 95-%-Grenze ${number(limit)}`;

/** @param {number} lnE @param {number} limit */
export const eValue = (lnE, limit) => `E-Wert ${exponential(lnE)}, Grenze ${limit}`;

export const limits = 'Was das zeigen kann und was nicht';
/** @param {number} n @param {{shift: number, deviation: number}} visible */
export const paragraphs = (n, { shift, deviation }) => [
  `Zu sehen ist jede Regel, die die Verteilung eines Schritts entlang der Lücke ändert: ein Test, der zu oft annimmt, ein abgelehnter Entwurf, der nicht gespiegelt wird. Mit den jetzt gezeigten ${plural(n, 'Residuum', 'Residuen')} bringt ein um etwa ${significant(shift)} verschobener Mittelwert oder eine um etwa ${significant(deviation)} falsche Streuung √n·Dₙ auf die 95-%-Grenze. Kleinere Fehler brauchen mehr Läufe.`,
  'Nicht zu sehen sind Fehler quer zur Lücke, in den Richtungen, in denen Entwurf und Ziel übereinstimmen; auch kein falscher Mittelwert des Ziels, denn ein Residuum wird von dem Mittelwert aus gemessen, den der Sampler verwendet hat; und keine Abhängigkeit zwischen Schritten. Dafür hat das Projekt eigene Tests, die docs/ARCHITECTURE.md nennt.',
  'Dass die beiden Bilder des Rennens übereinstimmen, ist kein Beleg. Die Standard-Bahn bekommt genau das Rauschen, das die spekulative am Ende verwendet hat, damit man beide vergleichen kann.',
  'Jeder Seed zählt einmal. Läufe mit demselben Seed teilen ihr Rauschen, daher zählt nur der erste. Die 95-%-Grenze ist für einen einzigen Blick gedacht: Wer nach jedem Lauf hinsieht, findet √n·Dₙ auch bei einem exakten Sampler ab und zu darüber.',
  'Den E-Wert darf man ansehen, so oft man will. Man beginnt mit 1 und wettet auf jedes neue Residuum anhand der schon gesehenen; der E-Wert ist das, was man besitzt. Ist der Sampler exakt, ist die Wahrscheinlichkeit, jemals 20 zu besitzen, höchstens ein Zwanzigstel. Das Projekt führt einen über alle seine Läufe mit neuen Seeds, in docs/results/evidence.json.',
  'Die äußersten Klassen enthalten auch, was jenseits von ± 3,6 liegt. Dreiecke kennzeichnen Klassen, deren Anzahl außerhalb ihres Bereichs liegt. Stimmen die beiden Mittelwerte eines getesteten Schritts überein, wie beim ersten Schritt eines Laufs, gibt es keine Richtung zwischen ihnen; er hat dann kein Residuum und zählt nicht mit, und sein Entwurf wird immer angenommen.',
];

/** @type {import('../../say/index.js').Templates} */
export const templates = {
  badgeNetwork: 'Läufe des Netzes',
  badgeExact: 'Testproblem mit der exakten Regel',
  badgeWrong: 'nicht exakt: Testproblem mit falscher Regel',
  'rejected-reflection': 'abgelehnt, gespiegelt',
  'rejected-redraw': 'abgelehnt, neu gezogen',
  'rejected-keep-noise': 'abgelehnt, verschoben',
  'rejected-accept-all': 'abgelehnt',
  'rejected-corrected': 'abgelehnt, korrigiert',
  'rejected-either': 'abgelehnt, gespiegelt oder korrigiert',
  aroundZero: ({ by, digits }) => `± ${decimal(by, digits)}`,
  aroundOne: ({ by, digits }) => `1 ± ${decimal(by, digits)}`,
  counted: ({ n, from }) => `${plural(n, 'Residuum', 'Residuen')} aus ${from}`,
  ofRuns: ({ count }) => plural(count, 'Lauf', 'Läufen'),
  ofChains: ({ count }) => `${plural(count, 'Kette', 'Ketten')} des Testproblems`,
  below: (of) =>
    `die Kolmogorow-Smirnow-Größe √n·Dₙ = ${decimal(of.ks, 2)} liegt unter ${number(of.limit)}, und ${of.bins} außerhalb des 95-%-Bereichs (von ${whole(of.of)} tut es durch Zufall etwa eine).`,
  above: (of) =>
    `die Kolmogorow-Smirnow-Größe √n·Dₙ = ${decimal(of.ks, 2)} ist das ${decimal(of.times, 1)}-Fache der 95-%-Grenze ${number(of.limit)}, und ${of.bins} außerhalb des 95-%-Bereichs (von ${whole(of.of)} tut es durch Zufall etwa eine).`,
  noBin: 'keine Klasse liegt',
  oneBin: '1 Klasse liegt',
  bins: ({ outside }) => `${outside} Klassen liegen`,
  thisResidual: 'ist dieses Residuum',
  theseResiduals: ({ n }) => `sind diese ${whole(n)} Residuen`,
  fits: ({ residuals }) => `Zusammen ${residuals} nicht von standardnormalverteilten Zahlen zu unterscheiden`,
  isOutside: 'Diese Menge liegt außerhalb des 95-%-Bereichs, was einem von zwanzig exakten Samplern passiert',
  wrongUnseen: 'So viele Residuen zeigen es noch nicht',
  wrongSeen: 'Zusammen sind sie nicht standardnormalverteilt',
  networkLine: ({ line }) => `${line}.`,
  exactRule: ({ line }) => `Exakte Regel: ${line}.`,
  wrongRule: ({ line }) => `Nicht exakt: ${line}.`,
  why: (of) => `${of.does}${of.counted}: ${of.judged} ${of.parts}${of.more}`,
  does: ({ rule }) => `${rules[/** @type {say.Shown} */ (rule)].does} `,
  oneMean: ({ all }) => `Ihr Mittelwert ist ${signed(all)}.`,
  threeMeans: (of) =>
    `Die angenommenen allein haben den Mittelwert ${signed(of.accepted)}, die abgelehnten ${signed(of.rejected)}, alle zusammen ${signed(of.all)}.`,
  moreRuns: ' Weitere Läufe sammeln.',
  histogram: (of) =>
    `Gestapeltes Histogramm, ${of.counted}, auf der Dichte von N(0,1): unten ${of.accepted} angenommene, darüber ${of.rejected} abgelehnte; ${of.judged}`,
  staysWithin: (of) =>
    `Kumulierter Anteil der Residuen minus den von N(0,1), mal Wurzel n: am weitesten von 0 entfernt bei ${signed(of.at)}, um ${decimal(of.ks, 2)}. Er bleibt im Band von ± ${number(of.limit)}.`,
  leaves: (of) =>
    `Kumulierter Anteil der Residuen minus den von N(0,1), mal Wurzel n: am weitesten von 0 entfernt bei ${signed(of.at)}, um ${decimal(of.ks, 2)}. Er verlässt das Band von ± ${number(of.limit)}.`,
};

export const badge = sayer(say.badge, templates);
export const rejected = sayer(say.rejected, templates);
export const expectedRow = sayer(say.expected, templates);
export const result = sayer(say.result, templates);
export const histogramLabel = sayer(say.histogram, templates);
export const cumulativeLabel = sayer(say.cumulative, templates);
