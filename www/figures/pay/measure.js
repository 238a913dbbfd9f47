// @ts-check
/** Times the present run with several windows on this device, one after the other. */

import { sum } from './model.js';

/** @typedef {import('../../state/settings.js').RunSettings} RunSettings */
/** @typedef {{window: string, calls: number, rows: number, ms: number}} Line */

/** A window of one step is the standard sampler. */
const STANDARD = '1';
const WINDOWS = [STANDARD, '2', '4', '8', '16', 'auto'];

/** Windows that a chain of so many steps can have. @param {number} steps */
export const windowsFor = (steps) => WINDOWS.filter((window) => window === 'auto' || Number(window) < steps);

/**
 * @param {import('../../sections.js').Context} context
 * @param {RunSettings} settings
 * @param {AbortSignal} signal
 * @param {(window: string, share: number) => void} going
 * @param {(line: Line) => void} timed
 */
export async function measure(context, settings, signal, going, timed) {
  // the standard sampler goes through the states of a run, so it follows the first
  let lanes = /** @type {('speculative' | 'plain')[]} */ (['speculative', 'plain']);
  for (const window of windowsFor(settings.steps).filter((one) => one !== STANDARD)) {
    const named = { speculative: window, plain: STANDARD };
    going(window, 0);
    const parts = await context.collect(
      { ...settings, window: window === 'auto' ? window : Number(window) },
      { signal, lanes, heard: (lane, part) => going(named[lane], (lane === 'plain' ? part.level + 1 : part.first + part.committed) / settings.steps) },
    );
    for (const lane of lanes) timed({ window: named[lane], ...sum(parts[lane]), ms: parts[lane].reduce((all, { ms }) => all + ms, 0) });
    lanes = ['speculative'];
  }
}
