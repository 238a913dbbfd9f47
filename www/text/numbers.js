// @ts-check
/** How numbers are written: the same digits in every language, with its own separators. */

/** From here on a ratio is said as one, below in percent. */
export const CLEAR = 1.5;

/** Between a number and its unit, which stay in one line. */
const UNIT = '\u00a0';

/** A power as it is written. @param {number} power */
const raised = (power) => [...String(power)].map((sign) => (sign === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(sign)])).join('');

/** @param {string} locale */
export function formats(locale) {
  /** @type {Map<string, Intl.NumberFormat>} */
  const known = new Map();
  /** With a minus sign, which a keyboard has none of, and no sign on zero. @param {number} value @param {Intl.NumberFormatOptions} options */
  const format = (value, options) => {
    const key = JSON.stringify(options);
    const made = known.get(key) ?? new Intl.NumberFormat(locale, { signDisplay: 'negative', ...options });
    known.set(key, made);
    return made.format(value).replace('-', '−');
  };
  /** @param {number} count */
  const whole = (count) => format(count, { maximumFractionDigits: 0 });
  /** @param {number} value @param {number} digits after the point */
  const decimal = (value, digits) => format(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  /** @param {number} value */
  const place = (value) => decimal(value, 2);
  /** With a sign, whatever it is. @param {number} value */
  const signed = (value) => (Number.isFinite(value) ? `${value < 0 ? '−' : '+'}${decimal(Math.abs(value), 2)}` : '–');
  /** @param {number} value @param {number} digits that count */
  const precise = (value, digits) => format(value, { minimumSignificantDigits: digits, maximumSignificantDigits: digits });
  /** @param {number} value with as many digits as it has */
  const setting = (value) => format(value, { maximumFractionDigits: 20 });
  /** @param {number} value */
  const ratio = (value) => `${decimal(value, value >= 9.95 ? 0 : value < 0.95 ? 2 : 1)}×`;
  /** @param {number} ms */
  const duration = (ms) => (ms < 999.5 ? `${decimal(ms, ms < 9.95 ? 1 : 0)}${UNIT}ms` : `${decimal(ms / 1000, ms < 99950 ? 1 : 0)}${UNIT}s`);
  /** @param {number} bytes */
  const megabytes = (bytes) => `${decimal(bytes / 1e6, bytes < 1e7 ? 1 : 0)}${UNIT}MB`;
  /** @param {number} value */
  const significant = (value) => {
    if (!Number.isFinite(value)) return '–';
    const size = Math.abs(value);
    if (size !== 0 && (size < 0.001 || size >= 1e5)) {
      const [digits, power] = value.toExponential(1).split('e');
      return `${decimal(Number(digits), 1)}·10${raised(Number(power))}`;
    }
    return decimal(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
  };
  /** Of a value that may be too large or too small for a number. @param {number} ln its natural logarithm */
  const exponential = (ln) => (Math.abs(ln) < Math.log(1e3) ? significant(Math.exp(ln)) : `10${raised(Math.round(ln / Math.LN10))}`);
  /** @param {number} share @param {number} [digits] after the point */
  const percent = (share, digits = 0) => `${decimal(100 * share, digits)}${UNIT}%`;
  /** A difference that is there, so never zero. @param {number} share */
  const part = (share) => percent(Math.max(0.01, share));
  /** By how much less something is that another is so many times as much as. @param {number} times above 1 */
  const less = (times) => (times >= CLEAR ? ratio(times) : part(1 - 1 / times));
  /** By how much more it is. @param {number} times above 1 */
  const more = (times) => (times >= CLEAR ? ratio(times) : part(times - 1));
  return { whole, decimal, place, signed, precise, setting, ratio, duration, megabytes, significant, exponential, percent, less, more };
}
