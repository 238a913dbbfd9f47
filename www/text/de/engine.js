// @ts-check
/** Sätze über die Engines: wie sie starten und warum eine es nicht kann. */

import { unnamed } from './run.js';

/** @typedef {import('../../engine/failure.js').Failure} Failure */

/** @type {Record<import('../../engine/failure.js').Stage, string>} */
export const stages = { device: 'Grafikkarte wird vorbereitet', engine: 'Engine startet', shaders: 'Shader werden übersetzt', warmup: 'Engine läuft warm' };

/** @type {Record<import('../../engine/failure.js').Part, [string, boolean]>} Namen, und ob sie in der Mehrzahl stehen */
const parts = {
  engine: ['Die Engine', false],
  weights: ['Die Gewichte', true],
  description: ['Die Beschreibung der Gewichte', false],
  drafter: ['Die Gewichte des Entwurfsnetzes', true],
  'drafter-description': ['Die Beschreibung der Gewichte des Entwurfsnetzes', false],
};

/** @param {Failure} failure */
export function failed({ kind, what = 'engine', message, status }) {
  const [name, many] = parts[what];
  if (kind === 'stopped') return `Die Engine ist stehen geblieben (${message}).`;
  if (kind === 'silent') return 'Die Engine hat nicht mehr geantwortet.';
  if (kind === 'lost') return `Die Verbindung zur Grafikkarte ging verloren${message ? ` (${message})` : ''}.`;
  if (kind === 'missing')
    return `${name} ${many ? 'konnten' : 'konnte'} nicht geladen werden (${status ? `der Server antwortete mit ${status}` : message}). Bitte die Verbindung prüfen und die Seite neu laden.`;
  if (kind === 'late')
    return `${name} ${many ? 'kamen' : 'kam'} nicht rechtzeitig an, auch auf eine zweite Anfrage nicht. Bitte die Verbindung prüfen und die Seite neu laden.`;
  if (kind === 'damaged')
    return `${name} ${many ? 'sind' : 'ist'} beschädigt: angekommen, aber nicht lesbar. Bitte die Seite neu laden; hilft das nicht, ist die Kopie auf dem Server fehlerhaft.`;
  if (kind === 'worker') return `Der Worker, der rechnet, konnte nicht gestartet werden${message ? ` (${message})` : ''}. Bitte die Seite neu laden.`;
  return `Meldung der Engine: ${message}${/[.!?]$/.test(message) ? '' : '.'}`;
}

/** Warum es kein WebGPU gibt. */
export const without = {
  browser: 'Dieser Browser unterstützt WebGPU hier nicht, daher rechnet die CPU alles; die Zahlen sind dieselben.',
  adapter: 'Dieser Browser unterstützt WebGPU, hat aber keine GPU gefunden, daher rechnet die CPU alles; die Zahlen sind dieselben.',
  driver: 'Der Grafiktreiber antwortet nicht, daher rechnet die CPU alles; die Zahlen sind dieselben.',
  engine: 'Diese Kopie der Seite wurde ohne die WebGPU-Engine gebaut, daher rechnet die CPU alles.',
};

/** @param {string} adapter @param {boolean} software */
export const found = (adapter, software) =>
  software
    ? `WebGPU gibt es hier nur als Software-Adapter (${adapter || unnamed}), der langsamer ist als die CPU-Engine.`
    : `WebGPU ist verfügbar (${adapter || unnamed}).`;
