// @ts-check
/** What is said of a run, in the page's language. */

import { load } from './index.js';

export const { cursorSentence, decimal, resultParts, runWords, setting, whole } = /** @type {typeof import('./en/run.js')} */ (await load('run'));
