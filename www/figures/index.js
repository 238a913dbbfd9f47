// @ts-check
/** The figures of the article. Knows none of them: each is fetched when it is mounted. */

/**
 * @typedef {object} Entry
 * @property {string} name of its element in the article
 * @property {string} module with its `mount`; the style of its folder comes with it
 * @property {string} [remembers] the name under which its own state stands in the address
 * @property {boolean} [run] whether it is about the run that is shown
 * @property {boolean} [embeds] whether it can stand alone in a page of somebody else's
 */

/** @type {Entry[]} */
export const FIGURES = [
  { name: 'race', module: 'race/replay.js', remembers: 'at', run: true, embeds: true },
  { name: 'bell', module: 'bell/index.js', remembers: 'bell', embeds: true },
  { name: 'crescent', module: 'crescent/index.js', remembers: 'crescent', embeds: true },
  { name: 'microscope', module: 'round/microscope.js', embeds: true },
  { name: 'stairs', module: 'stairs/index.js', remembers: 'stairs', run: true, embeds: true },
  { name: 'evidence', module: 'evidence/index.js', remembers: 'evidence', run: true, embeds: true },
  { name: 'gallery', module: 'gallery/index.js', remembers: 'gallery', embeds: true },
  { name: 'pay', module: 'pay/index.js', remembers: 'pay', run: true, embeds: true },
  { name: 'world', module: 'world/index.js', remembers: 'world', embeds: true },
  { name: 'use', module: 'use/index.js' },
];
