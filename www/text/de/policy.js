// @ts-check
/** Was die Abbildung „Eine Hand, die nicht warten darf“ sagt. */

import * as say from '../../say/policy.js';
import { sayer } from '../../say/index.js';
import { decimal, percent, plural, significant, whole } from './run.js';

export const lanes = { standard: 'Standardsampler: 100 Aufrufe je Plan', speculative: 'Spekulativer Sampler' };
export const planes = {
  standard: 'Die Ebene der Hand, die auf den Standardsampler wartet',
  speculative: 'Die Ebene der Hand, die auf den spekulativen Sampler wartet',
};
export const things = {
  block: 'Der Klotz: Pfeiltasten verschieben ihn, Plus und Minus drehen ihn',
  goal: 'Das Ziel: Pfeiltasten verschieben es, Plus und Minus drehen es',
};
export const hint =
  'Ziehen Sie das T oder sein gestricheltes Ziel; der Punkt am Schaft dreht es. Beide Welten ändern sich gleich. Tastatur: Tab, Pfeile, + und −.';
export const call = 'Ein Aufruf dauert';
/** @param {number} ms */
export const callNow = (ms) => `${ms < 1 ? significant(ms) : whole(Math.round(ms))} ms`;
export const clock = 'Dauer eines Aufrufs';
export const simulated = 'simuliert';
export const measured = 'wie hier gemessen';
export const meanwhile = 'Solange sie wartet,';
export const wait = 'steht die Hand still';
export const goOn = 'macht sie weiter';
export const [pause, play, step, kick, again, open] = ['Anhalten', 'Abspielen', 'Ein Takt', 'Beide stoßen', 'Neuer Anfang', 'Diesen Plan öffnen'];
export const moving = 'das Ziel bewegt sich';
export const numbers = { coverage: 'des Ziels bedeckt', calls: 'Aufrufe für diesen Plan', lost: 'Takte Warten auf Pläne' };
/** @param {number} share */
export const covered = (share) => percent(share);
/** @param {number} count */
export const callsOf = (count) => whole(count);
/** @param {number} count */
export const ticks = (count) => whole(count);
export const chartTitle = 'bedecktes Ziel';
/** @param {number} seconds */
export const chartTime = (seconds) => `${whole(seconds)} s`;
/** @param {number[]} coverage */
export const chartLabel = ([standard, speculative]) =>
  `Der bedeckte Anteil des Ziels im Lauf der Zeit. Jetzt: Standardsampler ${percent(standard)}, spekulativer ${percent(speculative)}.`;
export const noKick = 'Hier ist kein Platz für einen Stoß: Ziehen Sie das T zur Mitte.';
export const nothingToOpen = 'Es gibt noch keinen Plan: Lassen Sie ein, zwei Takte vergehen.';

export const planTitle = 'Der letzte Plan der spekulativen Hand';
export const planLabel = 'Die Ebene mit den Wegen einer Runde des Plans';
export const level = 'Schritt';
/** @param {number} step @param {number} t */
export const levelNow = (step, t) => `${whole(step + 1)}, Rauschen ${percent(Math.sin((Math.PI / 2) * t))}`;
export const legend = { accepted: 'angenommen', rejected: 'abgelehnter Entwurf', committed: 'stattdessen übernommen', discarded: 'verworfen' };
export const showEstimates = 'entrauschte Schätzungen statt Zustände zeigen';
/** @param {number} count */
export const showFan = (count) => `${whole(count)} Pläne, die es auch hätten werden können`;
export const planNote = 'Ein Zustand dieser Kette ist ein Weg aus 16 Befehlen, am Anfang nichts als Rauschen. Der kräftige Weg gehört zum Schritt des Reglers.';

const s = (/** @type {number} */ count) => `${decimal(count / 10, 1)} s`;
/** @type {import('../../say/index.js').Templates} */
export const templates = {
  ready: 'Während ein Sampler wartet, bewegt sich die Welt.',
  chase: 'Das Ziel wandert um einen Pixel je Takt. Die Hand mit dem älteren Plan zielt dorthin, wo es war.',
  onTheWay: ({ ticks: count }) => `${s(count)}: Noch keine Hand hat das T ans Ziel gebracht.`,
  speculativeHome: (of) => `Die spekulative Hand war nach ${s(of.speculative)} am Ziel; die andere ist es nach ${s(of.ticks)} nicht.`,
  standardHome: (of) => `Die Hand mit dem Standardsampler war nach ${s(of.standard)} am Ziel; die spekulative ist es nach ${s(of.ticks)} nicht.`,
  bothSpeculative: (of) => `Am Ziel nach ${s(of.speculative)} mit spekulativen Plänen, nach ${s(of.standard)} mit denen des Standardsamplers.`,
  bothStandard: (of) =>
    `Am Ziel nach ${s(of.standard)} mit Plänen des Standardsamplers, nach ${s(of.speculative)} mit spekulativen: Auch der Zufall entscheidet.`,
  bothAtOnce: (of) => `Beide Hände waren nach ${s(of.standard)} am Ziel.`,
  round: (of) =>
    `Runde ${whole(of.number)} von ${whole(of.rounds)}: ${plural(of.drafted, 'Schritt', 'Schritte')} entworfen, ${whole(of.accepted)} angenommen, ${of.rejected}, ${whole(of.discarded)} verworfen.`,
  noneRejected: 'keiner abgelehnt',
  stepReflected: (of) => `Schritt ${whole(of.step)} abgelehnt und gespiegelt`,
  stepReplaced: (of) => `Schritt ${whole(of.step)} abgelehnt und vom peak-Test korrigiert`,
};
export const verdict = sayer(say.verdict, templates);
export const roundSentence = sayer(say.round, templates);
