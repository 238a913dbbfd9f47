// @ts-check
/** The page's language, which its address decides: `?lang=de` is German, everything else English. */

/** @type {'en' | 'de'} */
export const language = new URLSearchParams(globalThis.location?.search).get('lang') === 'de' ? 'de' : 'en';

/**
 * The sentences of a part of the page.
 * @param {string} name of a module of the language's folder
 * @returns {Promise<any>}
 */
export const load = (name) => import(`./${language}/${name}.js`);

/**
 * The address of another page of this site in the same language.
 * @param {string} address relative to this one
 */
export function inLanguage(address) {
  const url = new URL(address, location.href);
  if (language !== 'en') url.searchParams.set('lang', language);
  return url.href;
}
