// @ts-check
/** Was das Mikroskop über eine Runde und ihre Schritte sagt. */

import { acceptedIn, isPeak, stopOf, verdictOf } from '../../state/trace.js';
import { decimal, plural, significant } from './run.js';

/** @typedef {import('../../state/trace.js').Trace} Trace */
/** @typedef {import('../../state/trace.js').Round} Round */

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

/** @param {number} index @param {number} rounds @param {Round} round */
export const title = (index, rounds, { first, length }) =>
  `Runde ${index + 1} von ${rounds}: ${length === 1 ? `Schritt ${first + 1}` : `Schritte ${first + 1} bis ${first + length}`}`;
export const step = 'Schritt ';
export const reused = 'erneut';
export const reusedHelp = 'entworfen mit einer Vorhersage, die aus einer früheren Runde stammt';
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
/** @param {Round} round */
export const pathLabel = (round) =>
  stopOf(round) >= 0
    ? `Der summierte Logarithmus von Ziel- durch Entwurfsdichte hat entlang des Fensters seinen Gipfel in Schritt ${round.level[stopOf(round)] + 1}; bis dorthin wird das Fenster übernommen`
    : 'Der summierte Logarithmus von Ziel- durch Entwurfsdichte steigt hinter dem Fenster höher als darin, also wird es ganz übernommen';

export const pictures = {
  draftMean: 'Mittel Entwurf',
  targetMean: 'Mittel Ziel',
  difference: 'Differenz',
  draft: 'Entwurf',
  committed: 'übernommen',
  reflected: 'gespiegelt',
};
/** @param {number} gain 0, wo es nichts zu verstärken gibt @param {boolean} eightBit */
export const difference = (gain, eightBit) => (gain > 0 ? `Differenz × ${gain}${eightBit ? ' (von 8-Bit-Bildern)' : ''}` : 'kein Unterschied zu sehen');
export const bellNames = { target: 'Ziel', draft: 'Entwurf', reflected: 'gespiegelt' };
export const bellsLabel = 'Die Gauß-Glocken von Entwurf und Ziel entlang der Linie zwischen ihren Mittelwerten, mit dem getesteten Punkt';
export const thresholdLabel = 'u auf einer Linie von 0 bis 1; der gefärbte Teil nimmt an';
/** @param {Round} round @param {number} position @param {boolean} judged */
export const stepTitle = (round, position, judged) =>
  `Schritt ${round.level[position] + 1}${judged ? `, ${marks[verdictOf(round, position)][0].replace('\u00ad', '')}` : ''}`;
export const answered = 'Das Ziel hat gesagt, wohin es von hier gegangen wäre; der Test folgt.';
export const unasked = 'Nur entworfen: Das Ziel wurde noch nicht gefragt.';

/**
 * Die Zahlen eines Schritts: je ein Name und ein Wert.
 * @param {Round} round
 * @param {number} position
 * @param {boolean} tested
 */
export function numbers(round, position, tested) {
  const entries = [
    ['Zeit t', significant(round.time[position])],
    ['Rauschstärke s', significant(round.s[position])],
  ];
  if (!tested) return entries;
  entries.push(
    ['Abstand der Mittelwerte |D|', significant(round.gap[position])],
    ['Annahme\u00adwahrscheinlichkeit', `${decimal(100 * round.probability[position], 1)} %`],
  );
  if (isPeak(round, position)) return [...entries, ['Wahrscheinlichkeits\u00adverhältnis', significant(Math.exp(round.lnRatio[position]))]];
  return [
    ...entries,
    ['u', significant(Math.exp(round.lnU[position]))],
    ['Schwelle', `${significant(Math.exp(round.lnRatio[position]))}${round.lnRatio[position] >= 0 ? ' (wird immer bestanden)' : ''}`],
  ];
}

/**
 * Was der Entwurf einer Runde vorausgesetzt hat.
 * @param {Round} round
 * @param {string} draft
 * @param {boolean} rooted ob dafür vorab ein Aufruf gemacht wurde
 */
function draftSentence(round, draft, rooted) {
  if (draft === 'independent' || draft === 'corrected') {
    return `Stattdessen wurde ein kleineres Netz gefragt, das Entwurfsnetz, ${round.draftCalls === 1 ? 'einmal' : `${round.draftCalls}-mal, ein kleiner Aufruf nach dem anderen`}${draft === 'corrected' ? '; sein Fehler wurde aus früheren Aufrufen geschätzt' : ''}.`;
  }
  if (draft === 'frozen') return 'Ein Aufruf vorab sagt das fertige Bild voraus, und der Entwurf hält diese Vorhersage das ganze Fenster lang fest.';
  const kept = round.carried.reduce((sum, flag) => sum + flag, 0);
  if (kept > 0) {
    return `${kept === 1 ? 'Ein Schritt verwendet' : `${kept} Schritte verwenden`} eine Vorhersage, die eine frühere Runde für denselben Schritt gemacht hat${draft === 'secant' ? ', mitgeführt mit dem Zustand' : ''}; die anderen übernehmen die letzte bekannte.`;
  }
  return rooted
    ? 'Ein Aufruf vorab sagt das fertige Bild voraus, und der Entwurf hält diese Vorhersage fest.'
    : 'Jeder Schritt übernimmt die letzte bekannte Vorhersage; das Netz wird nicht gefragt.';
}

/**
 * Ein Satz für jede Phase einer Runde.
 * @param {Round} round
 * @param {Trace} trace
 */
export function phaseSentences(round, trace) {
  const { draft } = trace.settings;
  const drafted = draft === 'independent' || draft === 'corrected';
  const rooted = draft === 'frozen' || (!drafted && round.first === 0);
  const unasked = rooted ? '' : `, ohne das ${drafted ? 'große ' : ''}Netz zu fragen`;
  const stop = stopOf(round);
  const accepted = acceptedIn(round);
  const discarded = round.length - round.committed;
  const judged =
    stop >= 0
      ? `${accepted === 0 ? 'Schon der erste besteht nicht' : accepted === 1 ? 'Der erste besteht' : `Die ersten ${accepted} bestehen`}; Schritt ${round.level[stop] + 1} wird abgelehnt und ${isPeak(round, stop) ? 'geht von seinem Gipfel an weiter wie das Ziel' : 'durch seine Spiegelung ersetzt'}, der Schritt hat also genau die Verteilung des Ziels.${discarded > 0 ? ' Was dahinter liegt, wird ungetestet verworfen.' : ''}`
      : accepted === 0
        ? 'Der letzte Schritt hat kein Rauschen: Er wird ohne Test so genommen, wie das Ziel ihn vorgibt.'
        : accepted === 1
          ? 'Er besteht.'
          : `Alle ${accepted} bestehen.`;
  return [
    `Der Sampler entwirft ${plural(round.length, 'Schritt', 'Schritte')} voraus${unasked}. ${draftSentence(round, draft, rooted)}`,
    rooted && round.length === 1
      ? 'Der Aufruf vorab hat schon gesagt, wohin das Ziel gegangen wäre; ein zweiter ist nicht nötig.'
      : `Ein Aufruf des Netzes wertet ${round.length === 1 ? 'den Schritt aus und sagt, wohin das Ziel von dort gegangen wäre' : `alle ${plural(round.length, 'Schritt', 'Schritte')} auf einmal aus und sagt für jeden, wohin das Ziel von dort gegangen wäre`}${rooted ? ' (der erste ist vom Aufruf vorab bekannt)' : ''}.`,
    `${isPeak(round, 0) ? 'Alle Entwürfe werden gemeinsam beurteilt, nach dem höchsten Punkt im Verlauf ihrer Wahrscheinlichkeitsverhältnisse.' : 'Von links nach rechts wird jeder Entwurf gegen den Mittelwert des Ziels getestet.'} ${judged}`,
    `${plural(round.committed, 'Schritt', 'Schritte')} übernommen für ${plural(round.calls, 'Aufruf', 'aufeinanderfolgende Aufrufe')} und ${plural(round.rows, 'Netzauswertung', 'Netzauswertungen')}` +
      `${discarded > 0 ? `; ${discarded} verworfen${draft === 'carry' || draft === 'secant' ? ', doch Vorhersagen und Rauschen hinter der Ablehnung verwendet der nächste Entwurf wieder' : ''}.` : '.'}`,
  ];
}

/**
 * @param {Round} round
 * @param {number} position
 */
export function positionSentence(round, position) {
  const step = `Schritt ${round.level[position] + 1}`;
  const word = verdictOf(round, position);
  if (word === 'discarded') return `${step} wurde ohne Test verworfen, weil die Runde vorher endete.`;
  if (word === 'deterministic') return `${step} hat kein Rauschen; er wird ohne Test so genommen, wie das Ziel ihn vorgibt.`;
  if (isPeak(round, position)) {
    return word === 'accepted'
      ? `${step} wurde angenommen: Die Wahrscheinlichkeitsverhältnisse des Fensters steigen hinter ihm höher als in ihm oder davor, also behält ihn der peak-Test.`
      : `${step} wurde abgelehnt: Die Wahrscheinlichkeitsverhältnisse des Fensters haben in diesem Schritt ihren Gipfel. Bis zum Gipfel bleibt der Entwurf, von dort geht die Kette weiter wie das Ziel, der Schritt hat also genau die Verteilung des Ziels.`;
  }
  const threshold = Math.min(1, Math.exp(round.lnRatio[position]));
  const tested = `u = ${significant(Math.exp(round.lnU[position]))} gegen die Schwelle ${significant(threshold)}${round.lnRatio[position] >= 0 ? ', die immer bestanden wird' : ''}`;
  const chance = `Ein Entwurf, dessen Mittelwert ${significant(round.gap[position])} von dem des Ziels entfernt liegt, wird im Mittel in ${decimal(100 * round.probability[position], round.probability[position] > 0.995 ? 2 : 0)} % der Fälle angenommen.`;
  return word === 'accepted'
    ? `${step} wurde angenommen: ${tested}. ${chance}`
    : `${step} wurde abgelehnt: ${tested}. ${chance} Er wird an der Ebene in der Mitte zwischen den Mittelwerten gespiegelt, hat also genau die Verteilung des Ziels.`;
}
