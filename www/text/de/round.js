// @ts-check
/** Was das Mikroskop über eine Runde und ihre Schritte sagt. */

import * as say from '../../say/round.js';
import { sayer } from '../../say/index.js';
import { percent, plural, significant, whole } from './run.js';

export const phases = ['entwerfen', 'prüfen', 'annehmen / ablehnen', 'übernehmen'];
export const buttons = { before: '← vorige Runde', after: 'nächste Runde →', slow: 'Zeitlupe', stop: 'Stopp' };
export const groups = {
  phases: 'Phasen der Runde',
  window: 'Das Fenster, eine Schaltfläche je Schritt. Pfeiltasten wechseln zwischen den Schritten.',
  pages: 'Schritte des Fensters',
};
/** @param {string} why */
export const problem = (why) =>
  `Die aufgezeichneten Runden konnten nicht geladen werden (${why}). Nach einem Live-Lauf oben lassen sich dessen Runden ansehen.`;
export const noPictures = 'Der aufgezeichnete Lauf enthält keine Bilder seiner Entwürfe. Nach einem Live-Lauf lassen sich dessen Runden hier ansehen.';

export const step = 'Schritt ';
export const reused = 'erneut';
export const reusedHelp = 'entworfen mit einer Schätzung, die aus einer früheren Runde stammt';
/** Unter einem Schritt des Streifens, je nachdem, was man von ihm weiß; das zweite ist für alle, die ihn nicht sehen. @type {Record<string, [string, string]>} */
export const marks = {
  accepted: ['ange\u00adnommen', ''],
  rejected: ['abgelehnt', 'und gespiegelt'],
  replaced: ['abgelehnt', 'und ersetzt'],
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
export const answered = 'Das Netz wurde hier ausgewertet; als Nächstes kommt der Test.';
export const unasked = 'Nur entworfen: Das Netz wurde hier noch nicht ausgewertet.';

/** @param {number} count */
const steps = (count) => plural(count, 'Schritt', 'Schritte');

/** @type {import('../../say/index.js').Templates} */
export const templates = {
  titleOne: ({ number, rounds, from }) => `Runde ${whole(number)} von ${whole(rounds)}: Schritt ${whole(from)}`,
  titleMany: ({ number, rounds, from, to }) => `Runde ${whole(number)} von ${whole(rounds)}: Schritte ${whole(from)} bis ${whole(to)}`,
  stepOpen: (of) => `Schritt ${whole(of.step)}`,
  stepJudged: (of) => `Schritt ${whole(of.step)}, ${marks[of.verdict][0].replace('\u00ad', '')}`,
  noDifference: 'kein Unterschied zu sehen',
  difference: ({ gain }) => `Differenz × ${gain}`,
  differenceOfBytes: ({ gain }) => `Differenz × ${gain} (von 8-Bit-Bildern)`,
  pathPeak: (of) =>
    `Der summierte Logarithmus von Ziel- durch Entwurfsdichte hat seinen Gipfel in Schritt ${whole(of.step)}; bis dorthin wird das Fenster übernommen`,
  pathBeyond: 'Der summierte Logarithmus von Ziel- durch Entwurfsdichte hat seinen Gipfel erst nach dem Fenster, also wird es ganz übernommen',

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
  targetUnasked: ', ohne das große Netz aufzurufen',
  networkUnasked: ', ohne das Netz aufzurufen',
  independent: ({ times }) => `Stattdessen wurde ein kleineres Netz aufgerufen, das Entwurfsnetz, ${times}.`,
  corrected: ({ times }) =>
    `Stattdessen wurde ein kleineres Netz aufgerufen, das Entwurfsnetz, ${times}. Dessen Fehler wurde aus früheren Aufrufen des großen Netzes geschätzt.`,
  once: 'einmal',
  oftener: ({ count }) => `${whole(count)}-mal nacheinander`,
  frozen: 'Ein erster Aufruf des Netzes gibt dessen Schätzung des fertigen Bildes, und der Entwurf behält sie das ganze Fenster lang.',
  'frozen-drift': 'Ein erster Aufruf des Netzes gibt die Drift, und der Entwurf behält sie das ganze Fenster lang.',
  kept: ({ kept }) =>
    `${kept === 1 ? 'Ein Schritt verwendet' : `${kept} Schritte verwenden`} eine Schätzung, die eine frühere Runde für denselben Schritt gemacht hat; die anderen übernehmen die letzte.`,
  keptMoved: ({ kept }) =>
    `${kept === 1 ? 'Ein Schritt verwendet' : `${kept} Schritte verwenden`} eine Schätzung, die eine frühere Runde für denselben Schritt gemacht hat, mitgeführt mit dem Zustand; die anderen übernehmen die letzte.`,
  rooted: 'Ein erster Aufruf des Netzes gibt dessen Schätzung des fertigen Bildes, und der Entwurf behält sie.',
  copied: 'Jeder Schritt übernimmt die letzte Schätzung; das Netz wird nicht ausgewertet.',
  verifyRooted: 'Der erste Aufruf hat den Mittelwert des Ziels schon gegeben, ein zweiter ist nicht nötig.',
  verifyPhase: ({ looks, known }) => `Ein Aufruf des Netzes gibt ${looks}${known}.`,
  looksAtOne: 'den Mittelwert des Ziels für diesen Schritt',
  looksAtAll: ({ count }) => `die Mittelwerte des Ziels für alle ${steps(count)} auf einmal`,
  firstKnown: ' (der erste ist vom ersten Aufruf bekannt)',
  judgeTogether: ({ judged }) => `Alle Entwürfe werden gemeinsam beurteilt, nach dem Gipfel ihres laufenden Wahrscheinlichkeitsverhältnisses. ${judged}`,
  judgeEach: ({ judged }) => `Von links nach rechts wird jeder Entwurf gegen den Mittelwert des Ziels getestet. ${judged}`,
  stopped: ({ passed, step, becomes, beyond }) =>
    `${passed}; Schritt ${whole(step)} wird abgelehnt und ${becomes}, hat also genau die Verteilung des Ziels.${beyond}`,
  firstFails: 'Schon der erste besteht nicht',
  firstPasses: 'Der erste besteht',
  firstPass: ({ accepted }) => `Die ersten ${whole(accepted)} bestehen`,
  goesOn: 'ab dem Gipfel vom Ziel fortgesetzt',
  isReflected: 'durch seine Spiegelung ersetzt',
  beyondDiscarded: ' Was danach entworfen wurde, wird ungetestet verworfen.',
  noTest: 'Der letzte Schritt hat kein Rauschen: Er wird vom Ziel berechnet und braucht keinen Test.',
  onePasses: 'Er besteht.',
  allPass: ({ accepted }) => `Alle ${whole(accepted)} bestehen.`,
  commitPhase: (of) =>
    `${steps(of.committed)} übernommen für ${plural(of.calls, 'Aufruf', 'aufeinanderfolgende Aufrufe')} und ${plural(of.rows, 'Netzauswertung', 'Netzauswertungen')}${of.rest}`,
  discarded: (of) => `; ${whole(of.discarded)} verworfen.`,
  discardedReused: (of) => `; ${whole(of.discarded)} verworfen, doch Schätzungen und Rauschen nach der Ablehnung verwendet der nächste Entwurf wieder.`,

  'at-discarded': (of) => `Schritt ${whole(of.step)} wurde ohne Test verworfen, weil die Runde vorher endete.`,
  'at-deterministic': (of) => `Schritt ${whole(of.step)} hat kein Rauschen: Er wird vom Ziel berechnet und braucht keinen Test.`,
  'at-accepted-by-peak': (of) =>
    `Schritt ${whole(of.step)} wurde angenommen: Das laufende Wahrscheinlichkeitsverhältnis hat seinen Gipfel erst nach diesem Schritt, also behält ihn der peak-Test.`,
  'at-rejected-by-peak': (of) =>
    `Schritt ${whole(of.step)} wurde abgelehnt: Das laufende Wahrscheinlichkeitsverhältnis hat in diesem Schritt seinen Gipfel. Bis zum Gipfel bleibt der Entwurf, von dort setzt das Ziel ihn fort, der Schritt hat also genau die Verteilung des Ziels.`,
  'at-accepted': (of) => `Schritt ${whole(of.step)} wurde angenommen: ${of.tested}. ${of.chance}`,
  'at-rejected': (of) =>
    `Schritt ${whole(of.step)} wurde abgelehnt: ${of.tested}. ${of.chance} Er wird an der Ebene in der Mitte zwischen den Mittelwerten gespiegelt, hat also genau die Verteilung des Ziels.`,
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
