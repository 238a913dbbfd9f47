// @ts-check
/** Zahlen, und Sätze über einen Lauf. */

import * as say from '../../say/run.js';
import { sayer } from '../../say/index.js';
import { formats } from '../numbers.js';
import { choices } from './settings.js';

export const { whole, decimal, place, signed, precise, setting, ratio, duration, megabytes, significant, exponential, percent, less, more } = formats('de');

/** @param {number} count @param {string} one @param {string} many */
export const plural = (count, one, many) => `${whole(count)} ${count === 1 ? one : many}`;

/** @param {number} count */
export const calls = (count) => plural(count, 'Aufruf', 'Aufrufe');

/** Ein Adapter ohne Namen. */
export const unnamed = 'Adapter ohne Namen';

/** @param {import('../../engine/engine.js').Backend} backend */
export const engineName = (backend) => choices.engine[backend];

/** @param {number} count */
const steps = (count) => plural(count, 'Schritt', 'Schritte');

/** @type {import('../../say/index.js').Templates} */
export const templates = {
  cpu: 'CPU',
  cpuWorkers: ({ workers }) => `CPU · ${workers} Threads`,
  gpu: ({ backend, adapter, software }) => `${choices.engine[backend]} · ${adapter}${software}`,
  unnamed,
  software: ' (Software)',
  settings: ({ list }) => list.join(' · '),
  seed: (of) => `Seed ${of.seed}`,
  guidance: (of) => `Guidance ${setting(of.guidance)}`,
  length: (of) => `K = ${whole(of.steps)}`,
  eta: (of) => `η = ${setting(of.eta)}`,

  'both-time': ({ speculative, plain }) => `Beide sind fertig: ${duration(speculative)} gegenüber ${duration(plain)}.`,
  'both-calls': ({ speculative, plain }) => `Beide sind fertig: ${calls(speculative)} gegenüber ${whole(plain)}.`,
  plainDone: 'Der Standard-Sampler ist fertig, der spekulative wartet noch.',
  plainWaits: ({ level, steps }) => `Standard-Sampler: Schritt ${whole(level)} von ${whole(steps)}, wartet noch.`,
  plainGoes: ({ level, steps }) => `Standard-Sampler: Schritt ${whole(level)} von ${whole(steps)}.`,
  speculativeDone: (of) => `Der spekulative Sampler ist nach ${plural(of.calls, 'Aufruf', 'Aufrufen')} fertig. ${of.other}`,
  bothStart: ({ other }) => `Beide beginnen mit demselben Rauschen. ${other}`,
  atRound: ({ round, other }) => `${round} ${other}`,

  roundLast: ({ number }) => `Runde ${whole(number)} hat den letzten Schritt berechnet, der kein Rauschen hat und keinen Test braucht.`,
  roundOne: ({ number, drafted, accepted }) => `Runde ${whole(number)} hat ${steps(drafted)} entworfen und ${whole(accepted)} angenommen.`,
  roundWhole: ({ number, drafted, accepted }) => `Runde ${whole(number)} hat ${steps(drafted)} entworfen und ${whole(accepted)} angenommen, also alle.`,
  roundReplaced: ({ number, drafted, accepted, step }) =>
    `Runde ${whole(number)} hat ${steps(drafted)} entworfen und ${whole(accepted)} angenommen; Schritt ${whole(step)} wurde abgelehnt und ersetzt.`,
  roundReflected: ({ number, drafted, accepted, step }) =>
    `Runde ${whole(number)} hat ${steps(drafted)} entworfen und ${whole(accepted)} angenommen; Schritt ${whole(step)} wurde abgelehnt und gespiegelt.`,

  result: ({ picture, one, other, where, speed, times, reason }) =>
    `${picture} nach ${whole(one)} statt ${whole(other)} aufeinanderfolgenden Aufrufen. ${where} ${speed}: ${times}${reason}.`,
  samePicture: 'Dasselbe Bild',
  otherPicture: ({ difference }) => `Ein Bild, das um bis zu ${difference} von 255 Graustufen abweicht,`,
  onCpu: 'Auf dieser CPU',
  onDevice: 'Auf diesem Gerät',
  tookAsLong: 'dauerte es gleich lange',
  wasSlower: 'war es langsamer',
  wasFaster: 'war es schneller',
  times: ({ one, other }) => `${duration(one)} statt ${duration(other)}`,
  serialRows: ', denn ein Aufruf mit mehreren Auswertungen dauert hier länger als einer mit einer einzigen',
  manyRows: ', denn ein Aufruf mit mehreren Auswertungen dauert auch hier länger',
  cost: ({ one, other, against }) => `${whole(one)} statt ${whole(other)} (${against})`,
  asMany: 'gleich viele',
  fewer: ({ times }) => `${less(times)} weniger`,
  more: ({ times }) => `${more(times)} mehr`,
  timeCost: ({ times, against }) => `${times} (${against})`,
  timesAsLong: ({ times }) => `${more(times)} so lang`,
  longer: ({ times }) => `${more(times)} länger`,
  timesFaster: ({ times }) => `${less(times)} schneller`,
  shorter: ({ times }) => `${less(times)} kürzer`,
  drafterNote: (of) =>
    `Für die Entwürfe wurde das Entwurfsnetz, ein kleineres Netz, ${whole(of.calls)}-mal nacheinander aufgerufen. Das steckt in der Zeit, nicht in den Aufrufen und Auswertungen.`,
  findNote: '„Schnellste Einstellungen suchen“ misst mehrere Fenster und Entwürfe auf diesem Gerät.',
};

export const deviceName = sayer(say.device, templates);
export const runWords = sayer(say.settings, templates);
export const cursorSentence = sayer(say.cursor, templates);
export const roundSentence = sayer(say.round, templates);
export const resultParts = sayer(say.result, templates);
