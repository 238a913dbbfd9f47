// @ts-check
/** The buttons that save the run that is shown, and the one that loads a saved run. */

import { byId } from './dom.js';
import { save } from './download.js';
import { fromJson, toCsv, toJson } from '../state/files.js';

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
