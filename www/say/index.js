// @ts-check
/**
 * What is decided of a sentence without knowing its language: which one it is, by its key, and what stands in it. A language has a
 * template for each key.
 */

/** Numbers, names, and other parts of the sentence. @typedef {{key: string, [name: string]: any}} Part */
/** What is written where nothing stands in it; or of what stands in it. @typedef {Record<string, string | ((inside: any) => any)>} Templates */

/**
 * What becomes of a decision: a part is written, all else stays.
 * @template T
 * @typedef {T extends any[] ? Said<T[number]>[] : T extends {key: string} ? string : T extends object ? {[K in keyof T]: Said<T[K]>} : T} Said
 */

/**
 * Writes what a decision returns: each part by the template of its key, inner parts first; lists stay lists.
 * @template {any[]} Of
 * @template Decided
 * @param {(...of: Of) => Decided} decide
 * @param {Templates} templates
 * @returns {(...of: Of) => Said<Decided>}
 */
export function sayer(decide, templates) {
  /** @type {(part: any) => any} */
  const said = (part) => {
    if (Array.isArray(part)) return part.map(said);
    if (typeof part !== 'object') return part;
    const inside = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, said(value)]));
    if (part.key === undefined) return inside;
    const template = templates[part.key];
    return typeof template === 'function' ? template(inside) : template;
  };
  return (...of) => said(decide(...of));
}

/** Nothing, or a part. @param {boolean} wanted @param {string} key @param {object} [inside] */
export const optional = (wanted, key, inside) => (wanted ? { key, ...inside } : '');
