// @ts-check
/** Was die Seite rings um ihre Läufe sagt: Wiedergabe, Abzeichen, Stand, Störungen. */

import { decimal, deviceName, duration, engineName, megabytes, plural, setting, whole } from './run.js';

/** @typedef {import('../../engine/engine.js').Backend} Backend */
/** @typedef {import('../../state/trace.js').LaneName} LaneName */

export const play = { play: 'Start', pause: 'Pause', again: 'Erneut' };
/** @param {import('../../state/trace.js').Axis} axis @param {number} position @param {number} end */
export const position = (axis, position, end) =>
  axis === 'time' ? `${duration(position)} von ${duration(end)}` : `Aufruf ${whole(Math.floor(position))} von ${whole(end)}`;
/** @param {number} times so viel langsamer als der Lauf */
export const pace = (times) =>
  ` · ${times >= 1 ? `${decimal(times, times < 10 ? 1 : 0)}× langsamer` : `${decimal(1 / times, 1)}× schneller`} gezeigt als gerechnet`;

/** @param {LaneName} lane @param {number} level @param {number} steps @param {number} count @param {boolean} held */
export function computing(lane, level, steps, count, held) {
  const progress = `Schritt ${whole(level)} von ${whole(steps)} nach ${plural(count, 'Aufruf', 'Aufrufen')}`;
  return `${held ? 'Angehalten. ' : ''}${
    lane === 'speculative'
      ? `Der spekulative Sampler rechnet: ${progress}. Der Standard-Sampler folgt auf derselben, sonst unbeschäftigten Engine.`
      : `Der Standard-Sampler rechnet: ${progress}. Danach laufen beide auf der gemeinsamen Achse ab.`
  }`;
}

export const costs = { calls: 'aufeinanderfolgende Aufrufe', rows: 'Netzauswertungen', time: 'Laufzeit' };
/** Was man über die Zeiten eines Laufs wissen muss. @type {Record<string, string>} */
export const notes = {
  background: 'Der Tab lag während dieses Laufs im Hintergrund, wo Browser ihn bremsen; auf seine Zeiten ist kein Verlass.',
  handover: 'Dieser Lauf begann auf WebGPU und wurde auf der CPU beendet, nachdem die WebGPU-Engine stehen geblieben war; seine Zeiten mischen beide Engines.',
};

export const badges = { none: 'nichts geladen', recorded: 'aufgezeichnet', stopped: 'Engine steht' };
/** @param {import('../../state/trace.js').Device} device @param {boolean} computing @param {boolean} held */
export const live = (device, computing, held) => `live: ${deviceName(device)}${computing ? (held ? ' · angehalten' : ' · rechnet') : ''}`;
/** @param {Backend} backend */
export const loading = (backend) => `${engineName(backend)} wird geladen`;
/** @param {import('../../state/trace.js').Device} device */
export const ready = (device) => `bereit: ${deviceName(device)}`;
export const hold = { pause: 'Anhalten', continue: 'Weiter' };

/** @param {string} why */
export const notRun = (why) => `Nicht gestartet: ${why}`;
/** @param {string} why */
export const notMeasured = (why) => `Nicht gemessen: ${why}`;
export const status = {
  starting: 'Der Lauf startet.',
  waiting: 'Der Lauf startet, sobald die Engine bereit ist.',
  measuring: 'Es wird gemessen: Der Lauf wird mit mehreren Fenstern und Entwürfen und vom Standard-Sampler gerechnet, und das Schnellste wird übernommen.',
  unmeasured: 'Die Messung wurde nicht beendet.',
  measurementCancelled: 'Die Messung wurde abgebrochen.',
  cancelled: 'Der Lauf wurde abgebrochen; der vorige wird wieder gezeigt.',
  unfinished: 'Der Lauf wurde nicht beendet; der vorige wird wieder gezeigt.',
  computing: 'Der Lauf wird gerechnet.',
  held: 'Angehalten. Nichts geht verloren.',
  done: 'Der Lauf ist fertig.',
  copied: 'Link kopiert. Er enthält alle Einstellungen.',
};
export const toRace = 'Zum Rennen';
/** @param {string} link */
export const linkIs = (link) => `Dieser Link enthält alle Einstellungen des Laufs: ${link}`;

/** @param {number} loaded @param {number} total Bytes, 0 wenn unbekannt */
export const progress = (loaded, total) => (total ? `${megabytes(loaded)} von ${megabytes(total)}` : megabytes(loaded));
export const progressLabel = 'Die Engine wird geladen';
/** @param {Backend} backend @param {string} text */
export const progressOf = (backend, text) => `Engine ${engineName(backend)}: ${text}`;

/** @param {number} ms */
export const warmed = (ms) => `Ihre Shader wurden übersetzt und eine erste Auswertung gerechnet, in ${duration(ms)}.`;
/** @param {string} why */
export const notStarted = (why) => `Die Engine ließ sich nicht starten, daher rechnet die CPU. ${why}`;
/** @param {string} why @param {boolean} begun */
export const handover = (why, begun) =>
  `WebGPU kann nicht weitermachen. ${why} ${begun ? 'Die CPU macht mit dem letzten Zustand weiter, den WebGPU übergeben hat; nichts ist verloren.' : 'Die CPU rechnet den Lauf von Anfang an.'}`;
/** @param {Backend} backend @param {string} sentence über WebGPU @param {boolean} built ob es andere Engines gibt */
export const unavailable = (backend, sentence, built) =>
  `Die Adresse verlangt ${engineName(backend)}. ${built ? 'Diese Kopie der Seite wurde ohne diese Engine gebaut, daher rechnet die CPU.' : sentence}`;
export const outOfMemory = 'Der Engine ist der Speicher ausgegangen. Bitte die Seite neu laden und weniger Schritte oder ein kürzeres Fenster wählen.';
/** @param {string} why */
export const panic = (why) => `${why} Bitte die Seite neu laden: Die Adresse behält alle Einstellungen.`;
export const newer = 'Eine neuere Fassung dieser Seite ist da.';
export const take = 'Jetzt verwenden';
export const reload = 'Mit denselben Einstellungen neu laden';

/** @param {number} steps @param {number | string} window @param {number} most bytes @param {number} kept from where on some are dropped */
export const memory = (steps, window, most, kept) =>
  `Ein Lauf mit K = ${whole(steps)} und L = ${window} hält höchstens ${megabytes(Math.min(most, kept))} Bilder im Speicher${most > kept ? '; darüber hinaus fallen Bilder verworfener Entwürfe weg, die ältesten Runden zuerst' : ''}.`;

/** @param {string} message */
export const refusedAddress = (message) => `Aus der Adresse nicht übernommen: ${message}`;
/** @param {number} status */
export const answered = (status) => `der Server antwortete mit ${status}`;
export const late = 'er kam auch auf eine zweite Anfrage nicht rechtzeitig an';
export const cutShort = 'die Datei ist unvollständig';
/** @param {string} why */
export const noRecorded = (why) =>
  `Der aufgezeichnete Lauf konnte nicht geladen werden (${why}). Sobald die Engine bereit ist, lässt sich stattdessen einer live starten.`;

/** @type {Record<string, string>} */
export const themes = { auto: 'Farben: auto', light: 'Farben: hell', dark: 'Farben: dunkel' };

/**
 * Was Auswertungen nach Messung kosten und was daraus folgt.
 * @param {Backend} backend
 * @param {import('../../engine/price.js').Price} price
 */
export function price(backend, { row, lanes, few, many }) {
  const further = backend === 'cpu' && lanes > 1 ? `Je ${lanes} weitere Auswertungen, nebeneinander gerechnet, kosten` : 'Jede weitere Auswertung kostet';
  return `Hier gemessen auf ${engineName(backend)}: Ein Aufruf mit ${plural(few.rows, 'Auswertung', 'Auswertungen')} dauert ${duration(few.ms)}, einer mit ${whole(many.rows)} ${duration(many.ms)}. ${further} das ${setting(row)}-Fache eines Aufrufs, und danach ist das automatische Fenster gewählt.`;
}

/**
 * @param {number} cpu Millisekunden je Schritt
 * @param {number} webgpu
 * @param {boolean} wins
 */
export function contest(cpu, webgpu, wins) {
  const times = `etwa ${duration(webgpu)} je Schritt, auf der CPU ${duration(cpu)}`;
  return wins ? `Hier ist es schneller (${times}) und rechnet von nun an.` : `Hier ist es nicht deutlich schneller (${times}), daher rechnet weiter die CPU.`;
}
