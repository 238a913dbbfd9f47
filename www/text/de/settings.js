// @ts-check
/** Wie die Einstellungen heißen, was sie bedeuten und warum eine abgelehnt wird. Ein Wert wird nie übersetzt, nur was darüber gesagt wird. */

/** @type {Record<string, {label: string, help: string}>} */
export const fields = {
  seed: { label: 'Seed', help: 'Bestimmt das ganze Rauschen des Laufs. Derselbe Seed mit denselben Einstellungen ergibt wieder dasselbe Bild.' },
  model: {
    label: 'Modell',
    help: 'Das Netz, das zeichnet: Gesichter von 16 × 16 Pixeln in Farbe oder Kleidung von 28 × 28 in Grau. Es wird geladen, sobald es zum ersten Mal gebraucht wird.',
  },
  class: { label: 'Klasse', help: 'Was gezeichnet wird.' },
  guidance: { label: 'Guidance', help: 'Wie streng die Klasse befolgt wird. Über 1 kostet jeder Zustand eine zweite Netzauswertung.' },
  steps: { label: 'Schritte K', help: 'Länge der Zielkette. Mehr Schritte liegen dichter beieinander, Entwürfe werden dann öfter angenommen.' },
  eta: {
    label: 'Rauschen η',
    help: 'Frisches Rauschen je Schritt; 1 ist DDPM. Bei 0 hätte ein Schritt kein Rauschen mehr, und nichts ließe sich entwerfen und testen; der kleinste Wert ist 0.001.',
  },
  window: {
    label: 'Fenster L',
    help:
      'Schritte, die je Runde entworfen werden: eine Zahl oder auto für das Fenster, auf einer CPU von zwei oder mehr Schritten, mit der kleinsten geschätzten Zeit, nach den gemessenen Kosten der Netzauswertungen in einem Aufruf. ' +
      'Die Adresse behält diese Kosten. Bei auto/0.9/2 werden 2 Auswertungen nebeneinander gerechnet, und je 2 weitere verlängern den Aufruf um das 0,9-Fache seiner Zeit. auto/0 gilt für Auswertungen, die nichts kosten, und braucht die wenigsten Aufrufe.',
  },
  draft: {
    label: 'Entwurf',
    help:
      'carry behält die Schätzungen des Netzes über eine Ablehnung hinaus; secant, die Vorgabe, führt sie mit ihren Zuständen mit und braucht von den Entwürfen ohne zweites Netz meist die wenigsten Aufrufe. ' +
      'prefetched verwendet eine Schätzung des letzten Aufrufs wieder; frozen macht dafür einen zweiten Aufruf; frozen-drift ebenso und hält die ganze Drift fest, wie es wörtlich in der Veröffentlichung steht. ' +
      'independent fragt Schritt für Schritt ein kleineres Netz, das Entwurfsnetz; corrected ebenso und schätzt dazu dessen Fehler: Es kommt manchmal mit noch weniger Aufrufen aus, ruft aber das Entwurfsnetz Hunderte Male auf.',
  },
  rule: {
    label: 'Test',
    help: 'Wie Entwürfe getestet werden; beide Tests sind exakt. reflection betrachtet einen Schritt nach dem anderen. peak beurteilt ein ganzes Fenster auf einmal, nach dem höchsten Punkt im Verlauf seiner Wahrscheinlichkeitsverhältnisse, und spart mehr Aufrufe, wenn Fenster 12 oder mehr Schritte haben.',
  },
  engine: {
    label: 'Engine',
    help: 'Womit das Netz gerechnet wird. CPU und WebGPU gehören zu diesem Projekt; burn rechnet zum Vergleich dasselbe Netz mit dem Framework, in dem es trainiert wurde, und lädt eine größere Datei.',
  },
  workers: {
    label: 'Threads',
    help: 'Threads, die sich die Netzauswertungen eines Aufrufs auf der CPU teilen; auto nimmt einen je Kern, höchstens acht. Sie ändern, wie lange ein Lauf dauert, und sonst nichts: Jede Zahl bleibt gleich.',
  },
  axis: { label: 'Gemeinsame Achse', help: 'Woran die beiden Bahnen verglichen werden.' },
  speed: { label: 'Tempo', help: 'Tempo der Wiedergabe; am Lauf ändert es nichts.' },
};

/** Werte, für die andere Wörter stehen als sie selbst. @type {Record<string, Record<string, string>>} */
export const choices = {
  model: { faces: 'Gesichter', fashion: 'Kleidung' },
  class: {
    any: 'beliebig',
    short: 'kurze Haare',
    long: 'lange Haare',
    glasses: 'Brille',
    hat: 'Hut',
    tshirt: 'T-Shirt',
    trousers: 'Hose',
    pullover: 'Pullover',
    dress: 'Kleid',
    coat: 'Mantel',
    sandal: 'Sandale',
    shirt: 'Hemd',
    sneaker: 'Turnschuh',
    bag: 'Tasche',
    boot: 'Stiefel',
  },
  rule: { auto: 'was mehr spart' },
  engine: { cpu: 'CPU', webgpu: 'WebGPU', burn: 'burn auf WebGPU' },
  axis: { calls: 'Aufrufe', time: 'Laufzeit' },
  speed: { 0.25: '¼×', 0.5: '½×', 1: '1×', 2: '2×', 4: '4×' },
};

/** So viel von einer Eingabe, wie in einen Satz passt. @param {string} raw */
const quoted = (raw) => `„${raw.length > 40 ? `${raw.slice(0, 40)}…` : raw}“`;

/**
 * Was erlaubt ist.
 * @param {import('../../state/settings.js').Field} field
 * @param {import('../../state/settings.js').Value[] | undefined} values die zur Wahl stehen, wenn es eine Wahl ist
 */
function range({ kind, auto, priced, min, max }, values) {
  if (values) return `einer der Werte ${values.join(', ')}`;
  return `${priced ? 'auto, auto/PREIS/BAHNEN oder ' : auto ? 'auto oder ' : ''}${kind === 'whole' ? 'eine ganze Zahl' : 'eine Zahl (mit Dezimalpunkt)'} von ${min} bis ${max}`;
}

/**
 * @param {import('../../state/settings.js').Field} field
 * @param {string} raw
 * @param {import('../../state/settings.js').Value[] | undefined} values
 */
export const refused = (field, raw, values) => `${field.label} (${field.name}) kann nicht ${quoted(raw)} sein; erlaubt ist ${range(field, values)}.`;

/** @param {string} name @param {string[]} names */
export const unknown = (name, names) => `Die Adresse nennt eine Einstellung ${quoted(name)}, die es nicht gibt. Es gibt ${names.join(', ')}.`;
