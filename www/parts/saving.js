// @ts-check
/** The buttons that save the run that is shown, and the one that loads a saved run. */

import { byId } from './dom.js';
import { save, toPng } from './download.js';
import { fromJson, toCsv, toJson } from '../state/files.js';
import { isComplete } from '../state/trace.js';
import { resultParts, runWords } from '#words/run.js';

/**
 * @param {{run: () => import('../state/session.js').Run | undefined, loading: () => void, loaded: (run: import('../state/files.js').Imported) => void, refused: (why: string) => void}} page
 *   `loading` comes first, and then `loaded` or `refused`
 */
export function mountSaving(page) {
  const input = /** @type {HTMLInputElement} */ (byId('import-file'));
  /** @param {string} ending @param {(run: import('../state/session.js').Run) => Blob | Promise<Blob>} file */
  const saves = (ending, file) =>
    byId(`export-${ending}`).addEventListener('click', async () => {
      const run = page.run();
      if (run) save(await file(run), `speculative-${run.trace.settings.seed}.${ending}`);
    });
  saves('json', ({ trace }) => new Blob([toJson(trace)], { type: 'application/json' }));
  saves('csv', ({ trace }) => new Blob([toCsv(trace)], { type: 'text/csv' }));
  saves('png', ({ trace, table }) => racePng(byId('race'), [runWords(trace.settings), ...(isComplete(table) ? [resultParts(trace, table).line] : [])]));
  byId('import').addEventListener('click', () => input.click());
  input.addEventListener('change', async () => {
    const [file] = input.files ?? [];
    input.value = '';
    if (!file) return;
    page.loading();
    try {
      page.loaded(fromJson(await file.text()));
    } catch (error) {
      page.refused(error instanceof Error ? error.message : String(error));
    }
  });
}

/**
 * The race as it stands, as a picture.
 * @param {HTMLElement} race
 * @param {string[]} lines below it
 * @returns {Promise<Blob>}
 */
function racePng(race, lines) {
  const style = getComputedStyle(race);
  const canvas = document.createElement('canvas');
  const [width, lane, side, margin] = [1200, 200, 160, 24];
  canvas.width = width;
  canvas.height = margin * 2 + lane * 2 + lines.length * 28;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.fillStyle = style.backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = false;
  for (const [index, element] of [...race.querySelectorAll('.lane')].entries()) {
    const top = margin + index * lane;
    const text = (/** @type {string} */ selector) => element.querySelector(selector)?.textContent ?? '';
    for (const [at, picture] of [...element.querySelectorAll('canvas.pixels')].entries()) {
      context.drawImage(/** @type {HTMLCanvasElement} */ (picture), margin + at * (side + 12), top, side, side);
    }
    const left = margin + 2 * (side + 12) + 12;
    const track = /** @type {HTMLCanvasElement} */ (element.querySelector('canvas.track'));
    const heading = /** @type {HTMLElement} */ (element.querySelector('h3'));
    context.fillStyle = getComputedStyle(heading).color;
    context.font = '600 24px system-ui, sans-serif';
    context.fillText(`${heading.textContent}: ${text('.lane-status')}`, left, top + 26);
    context.fillStyle = style.color;
    context.font = '18px system-ui, sans-serif';
    const counters = [...element.querySelectorAll('.counters > div')].map(
      (one) => `${one.querySelector('dd')?.textContent} ${one.querySelector('dt')?.textContent}`,
    );
    context.fillText(counters.join('   '), left, top + 64, width - left - margin);
    context.drawImage(track, left, top + side - 60, width - left - margin, 60);
  }
  context.fillStyle = style.color;
  context.font = '18px system-ui, sans-serif';
  for (const [index, line] of lines.entries()) context.fillText(line, margin, margin + 2 * lane + 18 + index * 28, width - 2 * margin);
  return toPng(canvas);
}
