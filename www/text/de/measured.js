// @ts-check
/** Sätze über die Zeiten von Fenstern und Entwürfen auf diesem Gerät. */

import * as say from '../../say/measured.js';
import { sayer } from '../../say/index.js';
import { decimal, duration, engineName, plural, whole } from './run.js';

/** @typedef {import('../../engine/times.js').Timed} Timed */

export const heads = ['Entwurf und Fenster', 'Aufrufe nacheinander', 'Auswertungen', 'Zeit', 'Gegenüber dem Standard-Sampler'];
/** @param {number | undefined} workers auf der CPU */
export const title = (workers) => `Auf diesem Gerät${workers ? `, mit ${plural(workers, 'Thread', 'Threads')} auf der CPU` : ''}`;
export const measuring = 'Es wird gemessen …';
/** @param {number} ms die kürzeste Zeit @param {number} most die längste */
const range = (ms, most) => (duration(ms) === duration(most) ? duration(ms) : `${duration(ms)} bis ${duration(most)}`);
/** @param {Timed} line @param {Timed | undefined} plain */
export const cells = ({ calls, rows, ms, most }, plain) => ({
  calls: whole(calls),
  rows: whole(rows),
  time: range(ms, most),
  share: plain ? `${decimal(ms / plain.ms, 2)}×` : '',
});

/** @param {number} count */
const calls = (count) => plural(count, 'Aufruf', 'Aufrufen');

/** @type {import('../../say/index.js').Templates} */
export const templates = {
  plain: 'Standard-Sampler',
  drafted: ({ draft, window }) => `${draft}, L\u00a0=\u00a0${window}`,
  on: ({ engine, what }) => `${engineName(engine)}: ${what}`,
  whereCpu: ' auf der CPU',
  whereGpu: ' auf WebGPU',
  standard: ({ where }) => `der Standard-Sampler${where}`,
  times: ({ one, other }) => `${duration(one)} statt ${duration(other)}`,
  timedOnce: 'Manches wurde nur einmal gemessen, denn zweimal hätte lange gedauert: Wie weit diese Zeiten streuen, ist nicht bekannt.',
  timedTwice: 'Gemessen wurde je zweimal, und die kürzere Zeit zählt.',
  tied: (of) =>
    `Im Rahmen der Streuung dieser Zeiten sind ${of.line} und ${of.other} gleich schnell: ${duration(of.one)} und ${duration(of.second)}, während Zeiten desselben Laufs um bis zu ${duration(of.scatter)} auseinanderliegen.${of.plain} Das Erste ist jetzt eingestellt, mit ${of.calls} statt ${calls(of.standard)}, und die Adresse behält es. ${of.timing}`,
  standardTook: ({ ms, where }) => ` Der Standard-Sampler brauchte ${duration(ms)}${where}.`,
  standardFirst: (of) =>
    `Der Standard-Sampler war am schnellsten${of.where}: Spekulation spart aufeinanderfolgende Aufrufe, und hier kostet ein Aufruf so viel wie seine Netzauswertungen. Von den spekulativen kommt ${of.line} am nächsten heran, mit ${of.times}. Das ist jetzt eingestellt, und die Adresse behält es. ${of.timing}`,
  fastest: (of) =>
    `Am schnellsten ist hier ${of.line}: ${of.times} für den Standard-Sampler${of.where}, mit ${of.calls} statt ${calls(of.standard)}. Das ist jetzt eingestellt, und die Adresse behält es. ${of.timing}`,
};

export const timedWords = sayer(say.timed, templates);
export const sentence = sayer(say.sentence, templates);
