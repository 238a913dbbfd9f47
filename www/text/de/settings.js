// @ts-check
/** Wie die Einstellungen heißen, was sie bedeuten und warum eine abgelehnt wird. Ein Wert wird nie übersetzt, nur was darüber gesagt wird. */

/** @type {Record<string, {label: string, help: string, each?: Record<string, string>}>} `each` erklärt die Werte einer Auswahl */
export const fields = {
  seed: { label: 'Seed', help: 'Legt alle Zufallszahlen des Laufs fest. Derselbe Seed mit denselben Einstellungen ergibt wieder dasselbe Bild.' },
  model: {
    label: 'Modell',
    help: 'Das Netz, das zeichnet: Gesichter von 16 × 16 Pixeln in Farbe oder Kleidung von 28 × 28 in Grau. Es wird geladen, sobald es zum ersten Mal gebraucht wird.',
  },
  class: { label: 'Klasse', help: 'Was gezeichnet wird.' },
  guidance: { label: 'Guidance', help: 'Wie streng die Klasse befolgt wird. Über 1 kostet jeder Zustand eine zweite Netzauswertung.' },
  steps: { label: 'Schritte K', help: 'Zahl der Entrauschungsschritte. Mehr Schritte liegen dichter beieinander, Entwürfe werden dann öfter angenommen.' },
  eta: {
    label: 'Rauschen η',
    help: 'Frisches Rauschen je Schritt. 1 ist DDPM. Bei 0 (DDIM) gibt es kein Rauschen, daher lassen sich Entwürfe nicht testen; der kleinste Wert ist 0.001.',
  },
  window: {
    label: 'Fenster L',
    help:
      'Wie viele Schritte je Runde entworfen werden. auto misst, was eine Auswertung auf diesem Gerät kostet, und wählt die schnellste Länge (auf einer CPU mindestens 2). ' +
      'Der Link behält die gemessenen Kosten, z. B. auto/0.9/2: Je 2 Auswertungen laufen zugleich, und jedes weitere Paar kostet 0,9 eines Aufrufs. auto/0 braucht die wenigsten Aufrufe.',
  },
  draft: {
    label: 'Entwurf',
    help: 'Wie ein Fenster entworfen wird, bevor das Netz aufgerufen wird.',
    each: {
      secant: 'behält die Schätzungen früherer Aufrufe und führt sie mit ihren Zuständen mit; die Vorgabe, meist mit den wenigsten Aufrufen ohne zweites Netz.',
      carry: 'behält die Schätzungen früherer Aufrufe unverändert, auch über eine Ablehnung hinaus.',
      prefetched: 'nimmt für das ganze Fenster eine Schätzung des letzten Aufrufs.',
      frozen: 'macht zu Beginn jeder Runde einen Aufruf und nimmt dessen Schätzung für das ganze Fenster.',
      'frozen-drift': 'der Entwurf aus der Veröffentlichung, wörtlich: ebenso, doch steht die ganze Drift still, nicht die Schätzung.',
      independent: 'der andere Entwurf aus der Veröffentlichung: Ein kleineres Netz, das Entwurfsnetz, geht Schritt für Schritt voraus.',
      corrected:
        'ebenso, mit geschätzten Fehlern des Entwurfsnetzes. Braucht manchmal die wenigsten Aufrufe von allen, ruft aber das Entwurfsnetz Hunderte Male auf.',
    },
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
