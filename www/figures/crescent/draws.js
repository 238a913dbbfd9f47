// @ts-check
/** Draws of one step by a rule: made by the toy, waiting to fall, and at last in the pile. */

import { Pile } from '../../parts/bells.js';

/** @typedef {'reflection' | 'keep-noise' | 'redraw' | 'accept-all'} Rule */
/** @typedef {{draft: number, u: number, threshold: number, passed: boolean, committed: number}} Trial */

const SEED = 3;
/** Standard errors that chance explains. */
const ERRORS = 3;

export class Draws {
  pile = new Pile();
  /** @type {Trial[]} drawn, and not yet in the pile */
  waiting = [];
  #next = 0;
  #toy;

  /** @param {import('../../engine/toy.js').ToyModule} toy @param {number} gap @param {Rule} rule */
  constructor(toy, gap, rule) {
    this.#toy = toy;
    this.gap = gap;
    this.rule = rule;
    this.exact = toy.couple(gap, rule, SEED, 0, 1).exact;
  }

  get count() {
    return this.pile.count + this.waiting.length;
  }

  /** @param {number} count */
  take(count) {
    const draws = this.#toy.couple(this.gap, this.rule, SEED, this.#next, count);
    // of the same draws, what the test says: a wrong rule may accept all the same
    const { accepted } = this.#toy.couple(this.gap, 'reflection', SEED, this.#next, count);
    this.#next += count;
    for (let i = 0; i < count; i++) {
      this.waiting.push({
        draft: draws.draft[i],
        u: Math.exp(draws.lnU[i]),
        threshold: Math.min(1, Math.exp(draws.lnRatio[i])),
        passed: accepted[i] === 1,
        committed: draws.committed[i],
      });
    }
  }

  /** Lets what was drawn fall into the pile. @param {number} [count] all of it where it is not given */
  settle(count = this.waiting.length) {
    for (const { committed, passed } of this.waiting.splice(0, count)) this.pile.add(committed, passed);
  }

  /** Others follow. */
  clear() {
    this.pile = new Pile();
    this.waiting = [];
  }

  /** The first draws again of another step or by another rule, so that only it makes the difference. @param {number} gap @param {Rule} rule @param {number} most */
  again(gap, rule, most) {
    const other = new Draws(this.#toy, gap, rule);
    other.take(Math.min(most, this.count));
    other.settle();
    return other;
  }

  /** What mean and deviation keep within by chance. */
  get spread() {
    return { mean: ERRORS / Math.sqrt(this.pile.count), deviation: ERRORS / Math.sqrt(2 * this.pile.count) };
  }

  /** Which of the two lie farther from the target's. */
  get off() {
    const { pile, spread } = this;
    return { mean: Math.abs(pile.mean) > spread.mean, deviation: Math.abs(pile.deviation - 1) > spread.deviation };
  }
}
