// @ts-check
/** The figures of the article. Knows none of them: each is fetched when it is mounted. */

/**
 * @typedef {object} Entry
 * @property {string} name of its element in the article
 * @property {string} module with its `mount`
 * @property {string[]} styles what it shares with others first
 * @property {string} [remembers] the name under which its own state stands in the address
 * @property {boolean} [run] whether it is about the run that is shown
 * @property {boolean} [embeds] whether it can stand alone in a page of somebody else's
 * @property {'svg' | 'png'} [picture] as what it is saved
 */

/** @type {Entry[]} */
export const FIGURES = [
  { name: 'race', module: 'race/replay.js', styles: ['figures/race/style.css'], remembers: 'at', run: true, embeds: true, picture: 'png' },
  { name: 'bell', module: 'bell/index.js', styles: ['parts/bells.css'], remembers: 'bell', embeds: true, picture: 'svg' },
  {
    name: 'crescent',
    module: 'crescent/index.js',
    styles: ['parts/bells.css', 'figures/crescent/style.css'],
    remembers: 'crescent',
    embeds: true,
    picture: 'svg',
  },
  { name: 'microscope', module: 'round/microscope.js', styles: ['parts/bells.css', 'figures/round/style.css'], embeds: true, picture: 'png' },
  {
    name: 'stairs',
    module: 'stairs/index.js',
    styles: ['parts/chart.css', 'figures/stairs/style.css'],
    remembers: 'stairs',
    run: true,
    embeds: true,
    picture: 'svg',
  },
  {
    name: 'evidence',
    module: 'evidence/index.js',
    styles: ['parts/chart.css', 'figures/evidence/style.css'],
    remembers: 'evidence',
    run: true,
    embeds: true,
    picture: 'svg',
  },
  { name: 'gallery', module: 'gallery/index.js', styles: ['parts/chart.css', 'figures/gallery/style.css'], remembers: 'gallery', embeds: true, picture: 'png' },
  { name: 'pay', module: 'pay/index.js', styles: ['parts/chart.css', 'figures/pay/style.css'], remembers: 'pay', run: true, embeds: true, picture: 'svg' },
  { name: 'policy', module: 'policy/index.js', styles: ['parts/chart.css', 'figures/policy/style.css'], remembers: 'policy', embeds: true, picture: 'svg' },
  { name: 'world', module: 'world/index.js', styles: ['figures/world/style.css'], remembers: 'world', embeds: true, picture: 'png' },
  { name: 'use', module: 'use/index.js', styles: ['figures/use/style.css'] },
];
