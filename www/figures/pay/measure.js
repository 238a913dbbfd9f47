// @ts-check
/** Times the present run with several windows on this device, one after the other. */

import { sum } from './model.js';

/** @typedef {import('../../state/settings.js').RunSettings} RunSettings */
/** @typedef {{window: string, calls: number, rows: number, ms: number}} Line */

/** The first is the standard sampler. */
const WINDOWS = ['1', '2', '4', '8', '16', 'auto'];

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
  for (const window of windowsFor(settings.steps)) {
    going(window, 0);
    const lane = window === '1' ? 'plain' : 'speculative';
    const parts = await context.collect({ ...settings, window: window === 'auto' ? window : Number(window) }, {
      signal, lanes: [lane],
      heard: (_, part) => going(window, (lane === 'plain' ? part.level + 1 : part.first + part.committed) / settings.steps),
    });
    timed({ window, ...sum(parts[lane]), ms: parts[lane].reduce((all, { ms }) => all + ms, 0) });
  }
}
