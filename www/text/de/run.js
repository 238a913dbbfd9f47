// @ts-check
/** Zahlen und Sätze über einen Lauf, aus seiner Aufzeichnung. */

import { acceptedIn, isPeak, outcome, stopOf, totals } from '../../state/trace.js';
import { CLEAR, formats } from '../numbers.js';
import { choices } from './settings.js';

/** @typedef {import('../../state/trace.js').Trace} Trace */
/** @typedef {import('../../state/trace.js').Columns} Columns */
/** @typedef {import('../../state/trace.js').Cursor} Cursor */
/** @typedef {import('../../state/trace.js').Round} Round */
/** @typedef {import('../../state/trace.js').Device} Device */

/** Verhältnisse, die so nah bei 1 liegen, sind keine. */
const EVEN = 0.05;
export const { whole, decimal, setting, ratio, duration, megabytes, significant, exponential, less, more } = formats('de', ',');

/** @param {number} count @param {string} one @param {string} many */
export const plural = (count, one, many) => `${whole(count)} ${count === 1 ? one : many}`;

/** @param {number} count */
export const calls = (count) => plural(count, 'Aufruf', 'Aufrufe');

/** Ein Adapter ohne Namen. */
export const unnamed = 'Adapter ohne Namen';

/** @param {import('../../engine/engine.js').Backend} backend */
export const engineName = (backend) => choices.engine[backend];

/** @param {Device} device */
export function deviceName(device) {
  if (device.backend === 'cpu') return device.workers && device.workers > 1 ? `CPU · ${device.workers} Threads` : 'CPU';
  return `${choices.engine[device.backend]} · ${device.adapter || unnamed}${device.software ? ' (Software)' : ''}`;
}

/**
 * Was am Cursor geschieht, für Augen und für Screenreader.
 * @param {Trace} trace
 * @param {Columns} table
 * @param {Cursor} cursor
 */
export function cursorSentence(trace, table, cursor) {
  const speculative = totals(table.speculative, cursor.rounds);
  const plain = totals(table.plain, cursor.plain);
  const speculativeDone = speculative.level === table.steps;
  const plainDone = plain.level === table.steps;
  if (speculativeDone && plainDone) {
    return cursor.axis === 'time'
      ? `Beide sind fertig: ${duration(speculative.time)} gegenüber ${duration(plain.time)}.`
      : `Beide sind fertig: ${calls(speculative.calls)} gegenüber ${plain.calls}.`;
  }
  const other = plainDone
    ? 'Der Standard-Sampler ist fertig, der spekulative wartet noch.'
    : `Standard-Sampler: Schritt ${plain.level} von ${table.steps}${speculativeDone ? ', wartet noch' : ''}.`;
  if (speculativeDone) return `Der spekulative Sampler ist nach ${plural(speculative.calls, 'Aufruf', 'Aufrufen')} fertig. ${other}`;
  if (cursor.rounds === 0) return `Beide beginnen mit demselben Rauschen. ${other}`;
  return `${roundSentence(trace.rounds[cursor.rounds - 1], cursor.rounds)} ${other}`;
}

/** @param {import('../../state/settings.js').RunSettings} settings */
export function runWords({ seed, model, class: kind, guidance, steps, eta, window, draft, rule }) {
  const shown = model === 'faces' ? [] : [model];
  const chosen = kind === 'any' ? [] : [kind];
  const guided = guidance > 1 ? [`Guidance ${setting(guidance)}`] : [];
  return [
    `Seed ${seed}`,
    ...shown,
    ...chosen,
    ...guided,
    `K = ${steps}`,
    `η = ${setting(eta)}`,
    `L = ${window}`,
    draft,
    ...(rule === 'auto' ? [] : [rule]),
  ].join(' · ');
}

/**
 * @param {Round} round
 * @param {number} number ab 1 gezählt
 */
export function roundSentence(round, number) {
  const accepted = acceptedIn(round);
  const stop = stopOf(round);
  if (accepted === 0 && stop < 0) return `Runde ${number} hat den letzten Schritt genommen, der kein Rauschen hat und keinen Test braucht.`;
  const drafted = `Runde ${number} hat ${plural(round.length, 'Schritt', 'Schritte')} entworfen und ${accepted} angenommen`;
  return stop < 0
    ? `${drafted}${round.length > 1 ? ', also alle' : ''}.`
    : `${drafted}; Schritt ${round.level[stop] + 1} wurde abgelehnt und ${isPeak(round, stop) ? 'ersetzt' : 'gespiegelt'}.`;
}

/**
 * Das Ergebnis eines fertigen Laufs, in seinen eigenen Zahlen, ob gut oder schlecht.
 * @param {Trace} trace
 * @param {Columns} table
 */
export function resultParts(trace, table) {
  const { speculative: one, plain: other, costs, difference, same, draftCalls } = outcome(trace, table);
  const shown = same ? 'Dasselbe Bild' : `Ein Bild, das um bis zu ${difference} von 255 Graustufen abweicht,`;
  const against = (/** @type {number} */ value) => (value === 1 ? 'gleich viele' : value > 1 ? `${less(value)} weniger` : `${more(1 / value)} mehr`);
  const longer = (/** @type {number} */ value) => `${more(value)} ${value >= CLEAR ? 'so lang' : 'länger'}`;
  const shorter = (/** @type {number} */ value) => `${less(value)} ${value >= CLEAR ? 'schneller' : 'kürzer'}`;
  const drafter =
    draftCalls > 0
      ? `Für die Entwürfe wurde das Entwurfsnetz, ein kleineres Netz, ${whole(draftCalls)}-mal nacheinander aufgerufen. Das steckt in der Zeit, nicht in den Aufrufen und Auswertungen.`
      : '';
  const slower = costs.time < 1;
  const { device } = trace.source;
  const where = device.backend === 'cpu' ? 'Auf dieser CPU' : 'Auf diesem Gerät';
  const times = `${duration(one.time)} statt ${duration(other.time)}`;
  const because =
    !slower || drafter
      ? ''
      : device.backend === 'cpu' || device.software
        ? ', denn ein Aufruf mit mehreren Auswertungen dauert hier länger als einer mit einer einzigen'
        : ', denn ein Aufruf mit mehreren Auswertungen dauert auch hier länger';
  const speed =
    Math.abs(costs.time - 1) < EVEN
      ? `${where} dauerte es gleich lange: ${times}`
      : `${where} war es ${slower ? 'langsamer' : 'schneller'}: ${times}${because}`;
  const why = slower && !drafter && device.backend === 'cpu' ? '„Schnellste Einstellungen suchen“ misst mehrere Fenster und Entwürfe auf diesem Gerät.' : '';
  return {
    line: `${shown} nach ${one.calls} statt ${other.calls} aufeinanderfolgenden Aufrufen. ${speed}.`,
    calls: `${one.calls} statt ${other.calls} (${against(costs.calls)})`,
    rows: `${one.rows} statt ${other.rows} (${against(costs.rows)})`,
    time: `${times} (${slower ? longer(1 / costs.time) : shorter(costs.time)})`,
    notes: [drafter, why].filter(Boolean),
  };
}
