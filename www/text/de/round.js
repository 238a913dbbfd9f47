// @ts-check
/** Was das Mikroskop über eine Runde und ihre Schritte sagt. */

import * as say from '../../say/round.js';
import { sayer } from '../../say/index.js';
import { percent, plural, significant } from './run.js';

export const phases = ['entwerfen', 'prüfen', 'annehmen / ablehnen', 'übernehmen'];
export const buttons = { before: '← vorige Runde', after: 'nächste Runde →', slow: 'Zeitlupe', stop: 'Stopp' };
/** Welche Runden das Mikroskop zeigt: ein Wert und seine Wörter. */
export const roundChoices = [
  ['example', 'Aufzeichnung, L\u00a0=\u00a012'],
  ['run', 'Lauf oben'],
];
export const groups = {
  phases: 'Phasen der Runde',
  window: 'Das Fenster, eine Schaltfläche je Schritt. Pfeiltasten wechseln zwischen den Schritten.',
  pages: 'Schritte des Fensters',
};
/** @param {string} why */
export const problem = (why) =>
  `Die aufgezeichneten Runden konnten nicht geladen werden (${why}). Nach einem Live-Lauf oben lassen sich dessen Runden ansehen.`;

export const step = 'Schritt ';
export const reused = 'erneut';
export const reusedHelp = 'entworfen mit einer Schätzung, die aus einer früheren Runde stammt';
/** Unter einem Schritt des Streifens, je nachdem, was man von ihm weiß; das zweite ist für alle, die ihn nicht sehen. @type {Record<string, [string, string]>} */
export const marks = {
  accepted: ['ange\u00adnommen', ''],
  rejected: ['abgelehnt', 'und gespiegelt'],
  deterministic: ['ohne Test', ''],
  discarded: ['verworfen', ''],
  drafted: ['Entwurf', ''],
  verifying: ['in Prüfung', ''],
  empty: ['', 'noch nicht entworfen'],
};
/** @param {number} gap */
export const gapBar = (gap) => `Abstand der Mittelwerte: ${significant(gap)}`;
export const pathWords = {
  axis: 'ln von Ziel durch Entwurf, summiert',
  peak: 'Gipfel: bis hier übernehmen',
  beyond: 'kein Gipfel im Fenster: alles übernommen',
};
export const pictures = {
  draftMean: 'Mittel Entwurf',
  targetMean: 'Mittel Ziel',
  difference: 'Differenz',
  draft: 'Entwurf',
  committed: 'übernommen',
  reflected: 'gespiegelt',
};
export const bellNames = { target: 'Ziel', draft: 'Entwurf', reflected: 'gespiegelt' };
export const bellsLabel = 'Die Gauß-Glocken von Entwurf und Ziel entlang der Linie zwischen ihren Mittelwerten, mit dem getesteten Punkt';
export const thresholdLabel = 'u auf einer Linie von 0 bis 1; der gefärbte Teil nimmt an';
export const answered = 'Das Ziel hat gesagt, wohin es von hier gegangen wäre; der Test folgt.';
export const unasked = 'Nur entworfen: Das Ziel wurde noch nicht gefragt.';

/** @param {number} count */
const steps = (count) => plural(count, 'Schritt', 'Schritte');

/** @type {import('../../say/index.js').Templates} */
export const templates = {
  titleOne: ({ number, rounds, from }) => `Runde ${number} von ${rounds}: Schritt ${from}`,
  titleMany: ({ number, rounds, from, to }) => `Runde ${number} von ${rounds}: Schritte ${from} bis ${to}`,
  stepOpen: (of) => `Schritt ${of.step}`,
  stepJudged: (of) => `Schritt ${of.step}, ${marks[of.verdict][0].replace('\u00ad', '')}`,
  noDifference: 'kein Unterschied zu sehen',
  difference: ({ gain }) => `Differenz × ${gain}`,
  differenceOfBytes: ({ gain }) => `Differenz × ${gain} (von 8-Bit-Bildern)`,
  pathPeak: (of) =>
    `Der summierte Logarithmus von Ziel- durch Entwurfsdichte hat entlang des Fensters seinen Gipfel in Schritt ${of.step}; bis dorthin wird das Fenster übernommen`,
  pathBeyond: 'Der summierte Logarithmus von Ziel- durch Entwurfsdichte steigt hinter dem Fenster höher als darin, also wird es ganz übernommen',

  time: 'Zeit t',
  scale: 'Rauschstärke s',
  gap: 'Abstand der Mittelwerte |D|',
  probability: 'Annahme\u00adwahrscheinlichkeit',
  ratio: 'Wahrscheinlichkeits\u00adverhältnis',
  u: 'u',
  threshold: 'Schwelle',
  value: ({ value }) => significant(value),
  passedValue: ({ value }) => `${significant(value)} (wird immer bestanden)`,
  percent: ({ value }) => percent(value, 1),

  draftPhase: ({ count, unasked, source }) => `Der Sampler entwirft ${steps(count)} voraus${unasked}. ${source}`,
  targetUnasked: ', ohne das große Netz zu fragen',
  networkUnasked: ', ohne das Netz zu fragen',
  independent: ({ times }) => `Stattdessen wurde ein kleineres Netz gefragt, das Entwurfsnetz, ${times}.`,
  corrected: ({ times }) => `Stattdessen wurde ein kleineres Netz gefragt, das Entwurfsnetz, ${times}; sein Fehler wurde aus früheren Aufrufen geschätzt.`,
  once: 'einmal',
  oftener: ({ count }) => `${count}-mal, ein kleiner Aufruf nach dem anderen`,
  frozen: 'Ein Aufruf vorab schätzt das fertige Bild, und der Entwurf hält diese Schätzung das ganze Fenster lang fest.',
  'frozen-drift': 'Ein Aufruf vorab schätzt das fertige Bild, und der Entwurf wiederholt die Drift des ersten Schritts das ganze Fenster lang.',
  kept: ({ kept }) =>
    `${kept === 1 ? 'Ein Schritt verwendet' : `${kept} Schritte verwenden`} eine Schätzung, die eine frühere Runde für denselben Schritt gemacht hat; die anderen übernehmen die letzte bekannte.`,
  keptMoved: ({ kept }) =>
    `${kept === 1 ? 'Ein Schritt verwendet' : `${kept} Schritte verwenden`} eine Schätzung, die eine frühere Runde für denselben Schritt gemacht hat, mitgeführt mit dem Zustand; die anderen übernehmen die letzte bekannte.`,
  rooted: 'Ein Aufruf vorab schätzt das fertige Bild, und der Entwurf hält diese Schätzung fest.',
  copied: 'Jeder Schritt übernimmt die letzte bekannte Schätzung; das Netz wird nicht gefragt.',
  verifyRooted: 'Der Aufruf vorab hat schon gesagt, wohin das Ziel gegangen wäre; ein zweiter ist nicht nötig.',
  verifyPhase: ({ looks, known }) => `Ein Aufruf des Netzes wertet ${looks}${known}.`,
  looksAtOne: 'den Schritt aus und sagt, wohin das Ziel von dort gegangen wäre',
  looksAtAll: ({ count }) => `alle ${steps(count)} auf einmal aus und sagt für jeden, wohin das Ziel von dort gegangen wäre`,
  firstKnown: ' (der erste ist vom Aufruf vorab bekannt)',
  judgeTogether: ({ judged }) =>
    `Alle Entwürfe werden gemeinsam beurteilt, nach dem höchsten Punkt im Verlauf ihrer Wahrscheinlichkeitsverhältnisse. ${judged}`,
  judgeEach: ({ judged }) => `Von links nach rechts wird jeder Entwurf gegen den Mittelwert des Ziels getestet. ${judged}`,
  stopped: ({ passed, step, becomes, beyond }) =>
    `${passed}; Schritt ${step} wird abgelehnt und ${becomes}, der Schritt hat also genau die Verteilung des Ziels.${beyond}`,
  firstFails: 'Schon der erste besteht nicht',
  firstPasses: 'Der erste besteht',
  firstPass: ({ accepted }) => `Die ersten ${accepted} bestehen`,
  goesOn: 'geht von seinem Gipfel an weiter wie das Ziel',
  isReflected: 'durch seine Spiegelung ersetzt',
  beyondDiscarded: ' Was dahinter liegt, wird ungetestet verworfen.',
  noTest: 'Der letzte Schritt hat kein Rauschen: Er wird ohne Test so genommen, wie das Ziel ihn vorgibt.',
  onePasses: 'Er besteht.',
  allPass: ({ accepted }) => `Alle ${accepted} bestehen.`,
  commitPhase: (of) =>
    `${steps(of.committed)} übernommen für ${plural(of.calls, 'Aufruf', 'aufeinanderfolgende Aufrufe')} und ${plural(of.rows, 'Netzauswertung', 'Netzauswertungen')}${of.rest}`,
  discarded: (of) => `; ${of.discarded} verworfen.`,
  discardedReused: (of) => `; ${of.discarded} verworfen, doch Schätzungen und Rauschen hinter der Ablehnung verwendet der nächste Entwurf wieder.`,

  'at-discarded': (of) => `Schritt ${of.step} wurde ohne Test verworfen, weil die Runde vorher endete.`,
  'at-deterministic': (of) => `Schritt ${of.step} hat kein Rauschen; er wird ohne Test so genommen, wie das Ziel ihn vorgibt.`,
  'at-accepted-by-peak': (of) =>
    `Schritt ${of.step} wurde angenommen: Die Wahrscheinlichkeitsverhältnisse des Fensters steigen hinter ihm höher als in ihm oder davor, also behält ihn der peak-Test.`,
  'at-rejected-by-peak': (of) =>
    `Schritt ${of.step} wurde abgelehnt: Die Wahrscheinlichkeitsverhältnisse des Fensters haben in diesem Schritt ihren Gipfel. Bis zum Gipfel bleibt der Entwurf, von dort geht die Kette weiter wie das Ziel, der Schritt hat also genau die Verteilung des Ziels.`,
  'at-accepted': (of) => `Schritt ${of.step} wurde angenommen: ${of.tested}. ${of.chance}`,
  'at-rejected': (of) =>
    `Schritt ${of.step} wurde abgelehnt: ${of.tested}. ${of.chance} Er wird an der Ebene in der Mitte zwischen den Mittelwerten gespiegelt, hat also genau die Verteilung des Ziels.`,
  tested: (of) => `u = ${significant(of.u)} gegen die Schwelle ${significant(of.threshold)}`,
  testedAlways: (of) => `u = ${significant(of.u)} gegen die Schwelle ${significant(of.threshold)}, die immer bestanden wird`,
  chance: (of) =>
    `Ein Entwurf, dessen Mittelwert ${significant(of.gap)} von dem des Ziels entfernt liegt, wird im Mittel in ${percent(of.probability, of.digits)} der Fälle angenommen.`,
};

export const title = sayer(say.title, templates);
export const stepTitle = sayer(say.stepTitle, templates);
export const pathLabel = sayer(say.path, templates);
export const difference = sayer(say.difference, templates);
export const numbers = sayer(say.numbers, templates);
export const phaseSentences = sayer(say.phases, templates);
export const positionSentence = sayer(say.position, templates);
