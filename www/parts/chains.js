// @ts-check
/** What was counted of chains that a visitor would have to wait for. */

import { asset } from './asset.js';

/** @typedef {{command: string, model: string, class: string, seed: number, eta: number, steps: number, chains: Chain[], windows: Window[]}} Recorded */
/** @typedef {{steps: number, rounds: Counts[]}} Chain */
/** @typedef {{calls: number, rows: number, accepted: number, rejected: number, committed: number}} Counts */
/** @typedef {{window: string, calls: number, rows: number, chains: number}} Window mean costs of a window */

/** @returns {Promise<Recorded>} */
export const recordedChains = () => asset('stairs.json');
