// @ts-check
/** The residuals of runs. Of a seed only the first run counts: what anybody chooses after having seen it, such as other drafts, must not replace it. */

import { VERDICTS, isPeak } from '../../state/trace.js';

/** @typedef {import('../../state/trace.js').Round} Round */
/** `corrected` of the rejected were so by the peak test. @typedef {import('./normal.js').Residuals & {corrected: number}} Run */

/** @param {Round[]} rounds @returns {Run} */
function residualsOf(rounds) {
  /** @type {Run} */
  const run = { accepted: [], rejected: [], corrected: 0 };
  for (const round of rounds) {
    for (const [position, value] of round.residual.entries()) {
      const verdict = VERDICTS[round.verdict[position]];
      if (!Number.isFinite(value) || (verdict !== 'accepted' && verdict !== 'rejected')) continue;
      run[verdict].push(value);
      if (verdict === 'rejected' && isPeak(round, position)) run.corrected += 1;
    }
  }
  return run;
}

export class Runs {
  /** Runs of the same seed share their noise. @type {Map<number, Run>} */
  #bySeed = new Map();

  /** @param {number} seed @param {Round[]} rounds */
  add(seed, rounds) {
    if (!this.#bySeed.has(seed)) this.#bySeed.set(seed, residualsOf(rounds));
  }

  /** @param {number} seed */
  has(seed) {
    return this.#bySeed.has(seed);
  }

  get count() {
    return this.#bySeed.size;
  }

  /** Of all runs together. @returns {Run} */
  get residuals() {
    const all = [...this.#bySeed.values()];
    return {
      accepted: all.flatMap(({ accepted }) => accepted),
      rejected: all.flatMap(({ rejected }) => rejected),
      corrected: all.reduce((sum, { corrected }) => sum + corrected, 0),
    };
  }
}
