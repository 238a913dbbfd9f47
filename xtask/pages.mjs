// Writes the page and its frame for a figure in every other language: `www/de.html` and `www/embed.de.html` from the English
// ones and the tables in `www/text/de/page.js`; and into the article of each language what is known from files: the recorded
// staircase's longest chain, the version. The HTML is our own: well formed, its attributes in double quotes.
import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';

const WWW = new URL('../www/', import.meta.url);
const TAG = /<!--[^]*?-->|<(\/?)([a-z][a-z0-9]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*(\/?)>/g;
const VOID = ['meta', 'link', 'input', 'br'];

/** The import map's hash, as the policy names it. @param {string} html */
export const hashOf = (html) =>
  `sha256-${createHash('sha256')
    .update(/<script type="importmap">([^]*?)<\/script>/.exec(html)[1])
    .digest('base64')}`;

/** The elements of a page, with where their tags and contents lie. @param {string} html */
function elementsOf(html) {
  const found = [];
  const open = [];
  for (const { 0: tag, 1: end, 2: name, 3: attributes, 4: empty, index } of html.matchAll(TAG)) {
    if (!name) continue;
    if (end) {
      const element = open.pop();
      if (element?.name !== name) throw new Error(`</${name}> closes <${element?.name}>`);
      element.contentEnd = index;
      continue;
    }
    const values = Object.fromEntries([...attributes.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)].map(([, key, value]) => [key, value ?? '']));
    const element = { name, values, index, parent: open.at(-1), contentStart: index + tag.length, contentEnd: index + tag.length };
    found.push(element);
    if (!empty && !VOID.includes(name)) open.push(element);
  }
  return found;
}

/** Whether a simple selector fits, as in `p.lead#id[name="value"]`. */
const fits = (simple, { name, values }) =>
  [...simple.matchAll(/([#.]?)([\w-]+)|\[([\w-]+)(?:="([^"]*)")?\]/g)].every(([, sign, word, attribute, value]) =>
    attribute
      ? attribute in values && (value === undefined || values[attribute] === value)
      : sign === '#'
        ? values.id === word
        : sign === '.'
          ? (values.class ?? '').split(' ').includes(word)
          : name === word,
  );

/** @param {string[]} selector its parts, the last of which an element is to fit @param {any} element */
function matches(selector, element) {
  const [last, ...rest] = selector.toReversed();
  if (!element || !fits(last, element)) return false;
  if (rest.length === 0) return true;
  const left = rest.toReversed();
  if (left.at(-1) === '>') return matches(left.slice(0, -1), element.parent);
  for (let above = element.parent; above; above = above.parent) if (matches(left, above)) return true;
  return false;
}

/**
 * @param {string} html the page in English
 * @param {string} language
 * @param {{html: Record<string, string>, attributes: Record<string, Record<string, string>>}} table what stands in its elements and attributes, by selector
 */
export function translated(html, language, table) {
  const elements = elementsOf(html);
  const edits = [];
  const all = (selector) => {
    const some = elements.filter((element) => matches(selector.match(/>|[^\s>[]+(?:\[[^\]]*\])*|\[[^\]]*\]/g), element));
    if (some.length === 0) throw new Error(`nothing fits ${selector}`);
    return some;
  };
  for (const [selector, content] of Object.entries(table.html)) {
    for (const { contentStart, contentEnd } of all(selector)) edits.push([contentStart, contentEnd, content]);
  }
  for (const [selector, values] of Object.entries(table.attributes)) {
    for (const { index, contentStart } of all(selector)) {
      let tag = html.slice(index, contentStart);
      for (const [name, value] of Object.entries(values)) {
        if (!new RegExp(` ${name}="`).test(tag)) throw new Error(`${selector} has no ${name}`);
        tag = tag.replace(new RegExp(` ${name}="[^"]*"`), () => ` ${name}="${value.replaceAll('"', '&quot;')}"`);
      }
      edits.push([index, contentStart, tag]);
    }
  }
  let result = '';
  let at = 0;
  for (const [start, end, text] of edits.sort(([one], [other]) => one - other)) {
    if (start < at) throw new Error(`“${text}” would be written into what is replaced`);
    result += html.slice(at, start) + text;
    at = end;
  }
  result = (result + html.slice(at)).replaceAll('./text/en/', `./text/${language}/`);
  return result.replace(hashOf(html), hashOf(result));
}

/** What `data-fact` names, from the files that know it. */
async function facts() {
  const { chains } = JSON.parse(await readFile(new URL('../assets/stairs.json', WWW), 'utf8'));
  const longest = chains.reduce((one, other) => (other.steps > one.steps ? other : one));
  const [, version] = /^version = "(.+)"$/m.exec(await readFile(new URL('../Cargo.toml', WWW), 'utf8'));
  return { steps: longest.steps, calls: longest.rounds.reduce((sum, { calls }) => sum + calls, 0), version };
}

/** @param {string} html @param {string} language @param {Record<string, number | string>} known */
const filled = (html, language, known) =>
  html.replace(/(data-fact="(\w+)">)[^<]*/g, (_, tag, name) => {
    if (!(name in known)) throw new Error(`there is no fact ${name}`);
    return tag + (typeof known[name] === 'number' ? known[name].toLocaleString(language) : known[name]);
  });

/** The pages that are made, by their names. */
export async function pages() {
  const languages = (await readdir(new URL('text/', WWW), { withFileTypes: true })).filter((entry) => entry.isDirectory() && entry.name !== 'en');
  const known = await facts();
  const english = filled(await readFile(new URL('index.html', WWW), 'utf8'), 'en', known);
  const made = new Map([['index.html', english]]);
  for (const { name: language } of languages) {
    const { article, embed } = await import(new URL(`text/${language}/page.js`, WWW));
    made.set(`${language}.html`, filled(translated(english, language, article), language, known));
    made.set(`embed.${language}.html`, translated(await readFile(new URL('embed.html', WWW), 'utf8'), language, embed));
  }
  return made;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  for (const [name, html] of await pages()) await writeFile(new URL(name, WWW), html);
}
