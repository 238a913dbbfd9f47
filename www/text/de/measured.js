// @ts-check
/** Sätze über die Zeiten von Fenstern und Entwürfen auf diesem Gerät. */

import { decimal, duration, engineName, plural, whole } from './run.js';

/** @typedef {import('../../engine/engine.js').Timed} Timed */

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

/** @param {Timed[]} lines */
const onSeveral = (lines) => new Set(lines.map(({ engine }) => engine)).size > 1;

/**
 * @param {Timed} line
 * @param {Timed[]} lines zu denen sie gehört
 */
export function timedWords({ engine, lane, draft, window }, lines) {
  const words = lane === 'plain' ? 'Standard-Sampler' : `${draft}, L\u00a0=\u00a0${window}`;
  return onSeveral(lines) ? `${engineName(engine)}: ${words}` : words;
}

/** Wie oft gemessen wurde und welche Zeit zählt. @param {Timed[]} lines */
const timing = (lines) =>
  lines.some(({ times }) => times < 2)
    ? 'Nicht alles wurde zweimal gemessen, denn das hätte lange gedauert: Wie weit diese Zeiten streuen, ist nicht bekannt.'
    : 'Gemessen wurde je zweimal, und die kürzere Zeit zählt.';

/**
 * Welche Engine mit welchem Entwurf und Fenster am schnellsten ist, und was das heißt.
 * @param {ReturnType<typeof import('../../figures/measured.js').fastest>} fastest
 * @param {Timed[]} lines
 */
export function sentence({ best, limit, tied }, lines) {
  if (!limit) return '';
  const where = !onSeveral(lines) ? '' : limit.engine === 'cpu' ? ' auf der CPU' : ' auf WebGPU';
  const times = `${duration(best.ms)} statt ${duration(limit.ms)}`;
  const set = `Das ist jetzt eingestellt, und die Adresse behält es. ${timing(lines)}`;
  if (tied) {
    const other = tied.line === limit ? `der Standard-Sampler${where}` : timedWords(tied.line, lines);
    const plain = tied.line === limit ? '' : ` Der Standard-Sampler brauchte ${duration(limit.ms)}${where}.`;
    return `Im Rahmen der Streuung dieser Zeiten sind ${timedWords(best, lines)} und ${other} gleich schnell: ${duration(best.ms)} und ${duration(tied.line.ms)}, während Zeiten desselben Laufs um bis zu ${duration(tied.scatter)} auseinanderliegen.${plain} Das Erste ist jetzt eingestellt, mit ${best.calls} statt ${plural(limit.calls, 'Aufruf', 'Aufrufen')}, und die Adresse behält es. ${timing(lines)}`;
  }
  if (limit.ms < best.ms) {
    return `Der Standard-Sampler war am schnellsten${where}: Spekulation spart aufeinanderfolgende Aufrufe, und hier kostet ein Aufruf so viel wie seine Netzauswertungen. Von den spekulativen kommt ${timedWords(best, lines)} am nächsten heran, mit ${times}. ${set}`;
  }
  return `Am schnellsten ist hier ${timedWords(best, lines)}: ${times} für den Standard-Sampler${where}, mit ${best.calls} statt ${plural(limit.calls, 'Aufruf', 'Aufrufen')}. ${set}`;
}
