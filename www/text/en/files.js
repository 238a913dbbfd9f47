// @ts-check
/** What is said of a run that was saved and comes back. */

import { whole } from './run.js';

export const notJson = 'The file is not JSON. Choose one that this page has exported.';
export const noRun = 'The file holds no run (settings and rounds with their verdicts). Choose one that this page has exported.';
/** @param {string} name of a setting */
export const unknownSetting = (name) => `The run in the file cannot be repeated: it has a setting “${name}” that this page does not know.`;
/** @param {string} why a sentence */
export const refused = (why) => `The run in the file cannot be repeated. ${why}`;
/** @param {number} rounds @param {number} committed @param {number} steps */
export const cutShort = (rounds, committed, steps) =>
  `The file was cut short: its ${whole(rounds)} rounds commit ${whole(committed)} of ${whole(steps)} steps. Export the run again.`;
/** @param {number} round the first that differs */
export const parted = (round) =>
  `The run in the file was repeated, but from round ${whole(round)} on the verdicts differ. Another engine rounds differently, and one flipped verdict parts two runs.`;
/** @param {number} rounds @param {number} round */
export const otherGaps = (rounds, round) =>
  `The run in the file was repeated: all ${whole(rounds)} rounds have the same verdicts, but in round ${whole(round)} the distances of the means differ by more than rounding. The file was changed, or comes from another network.`;
/** @param {number} rounds */
export const same = (rounds) => `The run in the file was repeated: all ${whole(rounds)} rounds have the same verdicts and the same distances of the means.`;
export const noPicture = 'The browser could not make the picture.';
