// @ts-check
/** What is said of the times of windows and drafts on this device. */

/** @typedef {import('../engine/times.js').Timed} Timed */

/** @param {Timed[]} lines */
const onSeveral = (lines) => new Set(lines.map(({ engine }) => engine)).size > 1;

/** @param {Timed} line @param {Timed[]} lines that it is one of */
export function timed({ engine, lane, draft, window }, lines) {
  const what = lane === 'plain' ? { key: 'plain' } : { key: 'drafted', draft, window };
  return onSeveral(lines) ? { key: 'on', engine, what } : what;
}

/**
 * Which engine, draft and window is fastest, and what that means.
 * @param {ReturnType<typeof import('../figures/measured.js').fastest>} fastest
 * @param {Timed[]} lines
 */
export function sentence({ best, limit, tied }, lines) {
  if (!limit) return '';
  const where = !onSeveral(lines) ? '' : { key: limit.engine === 'cpu' ? 'whereCpu' : 'whereGpu' };
  const [line, times] = [timed(best, lines), { key: 'times', one: best.ms, other: limit.ms }];
  const timing = { key: lines.some(({ times }) => times < 2) ? 'timedOnce' : 'timedTwice' };
  const counts = { calls: best.calls, standard: limit.calls };
  if (tied) {
    return {
      key: 'tied',
      line,
      other: tied.line === limit ? { key: 'standard', where } : timed(tied.line, lines),
      one: best.ms,
      second: tied.line.ms,
      scatter: tied.scatter,
      plain: tied.line === limit ? '' : { key: 'standardTook', ms: limit.ms, where },
      ...counts,
      timing,
    };
  }
  return { key: limit.ms < best.ms ? 'standardFirst' : 'fastest', line, where, times, ...counts, timing };
}
