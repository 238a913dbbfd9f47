// `node xtask/site.mjs ENGINES [BASE]` puts the site for static hosting into dist/: the page, its assets, the engines that were
// built (`toy,cpu,gpu`), and what only a built site has. BASE is the address where it will lie.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** Modules that the article begins with. */
const FIRST = ['main.js', 'figures/race/replay.js'];
/** What many never ask for: pictures for links, the GPU engines, the policy, the other model, the drafters. */
const LATER = /^figure\/|^pkg\/(gpu|burn|policy)\/|^assets\/(?!(faces|race|microscope|stairs|gallery)\.)/;

/** @param {string} path @param {string | RegExp} from @param {string} to */
function replace(path, from, to) {
  const text = readFileSync(path, 'utf8');
  if (text.search(from) < 0) throw new Error(`${path} does not contain ${from}`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
}

/** The files of a folder, in the order of their names. @param {string} folder */
const list = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(join(folder, file)).isFile())
    .map((file) => file.split(sep).join('/'))
    .sort();

/** A module and all that it imports; its words are in the folder `words`. @param {string} dist @param {string} path @param {string} words */
function modules(dist, path, words, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  for (const [, name] of readFileSync(join(dist, path), 'utf8').matchAll(/from '([^']+)'/g)) {
    modules(dist, name.startsWith('#words/') ? words + name.slice(7) : posix.join(posix.dirname(path), name), words, found);
  }
  return found;
}

/** Leads on from a page that is linked to, with the state that the link names. */
const LEAD_ON = "location.replace(document.querySelector('a').href.replace(/#.*/, '') + (location.hash || document.querySelector('a').hash));\n";

/** Into the heads of the pages: modules, so that all are asked for at once, and whole addresses for those who link to the site. */
export function fillHeads(/** @type {string} */ dist, /** @type {string | undefined} */ base) {
  for (const page of list(dist).filter((file) => file.endsWith('.html'))) {
    let html = readFileSync(join(dist, page), 'utf8');
    const words = /"#words\/": "\.\/([^"]+)"/.exec(html)?.[1];
    if (html.includes('src="./main.js"')) {
      const all = new Set(FIRST.flatMap((first) => [...modules(dist, first, words ?? '')]));
      const links = [...all].sort().map((path) => `  <link rel="modulepreload" href="./${path}">\n`);
      html = html.replace('</head>', `${links.join('')}</head>`);
    }
    if (base) {
      const site = `${base.replace(/\/$/, '')}/`;
      const own = `${site}${page === 'index.html' ? '' : page}`;
      html = html
        .replace(/(<link rel="alternate".* href="|<meta property="og:image" content=")\.\//g, `$1${site}`)
        .replace(/.*<meta property="og:type".*\n/, (line) => `${line}  <meta property="og:url" content="${own}">\n  <link rel="canonical" href="${own}">\n`);
    }
    writeFileSync(join(dist, page), html);
  }
}

/**
 * For each figure of which there is a picture a page to link to, `figure/NAME.html`: whoever makes a preview of the link finds title and
 * picture there, and a reader is led on to the figure in the article.
 */
export function linkFigures(/** @type {string} */ dist, /** @type {string} */ base) {
  const site = `${base.replace(/\/$/, '')}/`;
  const attribute = (/** @type {string} */ html) =>
    html
      .replace(/<[^>]*>/g, '')
      .replace(/\s+/g, ' ')
      .trim()
      .replaceAll('"', '&quot;');
  mkdirSync(join(dist, 'figure'));
  writeFileSync(join(dist, 'figure', 'lead-on.js'), LEAD_ON);
  /** @type {Set<string>} */
  const linked = new Set();
  const articles = list(dist).filter((file) => /^(index|[a-z]{2})\.html$/.test(file));
  for (const article of articles) {
    const html = readFileSync(join(dist, article), 'utf8');
    const [, language] = /<html lang="([a-z]+)"/.exec(html) ?? [];
    const home = article === 'index.html' ? '' : article;
    const name = (/** @type {string} */ figure, /** @type {string} */ page) => `figure/${figure}${page === 'index.html' ? '' : `.${page.slice(0, -5)}`}.html`;
    for (const [, figure, title, rest] of html.matchAll(/<h2 id="([a-z]+)-title">([^]*?)<\/h2>([^]*?)<\/(?:figure|section)>/g)) {
      const picture = join(ROOT, 'docs', 'figures', `${figure}.png`);
      if (!existsSync(picture)) continue;
      linked.add(figure);
      cpSync(picture, join(dist, 'figure', `${figure}.png`));
      const lead = /<p class="lead">([^]*?)<\/p>/.exec(rest)?.[1] ?? /<meta name="description" content="([^"]*)"/.exec(html)?.[1] ?? '';
      const heads = [
        `<meta name="description" content="${attribute(lead)}">`,
        '<meta property="og:type" content="article">',
        `<meta property="og:url" content="${site}${name(figure, article)}">`,
        `<meta property="og:title" content="${attribute(title)}">`,
        `<meta property="og:description" content="${attribute(lead)}">`,
        `<meta property="og:image" content="${site}figure/${figure}.png">`,
        '<meta name="twitter:card" content="summary_large_image">',
        `<link rel="canonical" href="${site}${home}">`,
        ...articles.map(
          (other) => `<link rel="alternate" hreflang="${other === 'index.html' ? 'en' : other.slice(0, -5)}" href="${site}${name(figure, other)}">`,
        ),
        `<noscript><meta http-equiv="refresh" content="0; url=../${home}#${figure}"></noscript>`,
      ];
      writeFileSync(
        join(dist, name(figure, article)),
        `<!doctype html>\n<html lang="${language}" dir="ltr">\n<head>\n  <meta charset="utf-8">\n  <title>${attribute(title)}</title>\n${heads.map((line) => `  ${line}\n`).join('')}</head>\n<body><p><a href="../${home}#${figure}">${title}</a></p><script src="./lead-on.js"></script></body>\n</html>\n`,
      );
    }
  }
  // the figures themselves say which have such a page
  for (const page of list(dist).filter((file) => /^[a-z.]+\.html$/.test(file)))
    replace(join(dist, page), '<html lang=', `<html data-linked="${[...linked].join(' ')}" lang=`);
}

/** Tells the pages which engines there are, and their service worker which build it is, and its files with their hashes. */
export function keepOffline(/** @type {string} */ dist, /** @type {string[]} */ engines) {
  const files = list(dist).filter((file) => file !== 'offline.js');
  // a page that asked for an engine that is not there would leave an error in the browser's console
  const html = `<html data-offline data-engines="${engines.join(' ')}" `;
  for (const page of files.filter((file) => file.endsWith('.html'))) replace(join(dist, page), '<html ', html);
  const sha256 = (/** @type {string | Buffer} */ bytes) => createHash('sha256').update(bytes);
  const lines = files.map((file) => {
    const hash = sha256(readFileSync(join(dist, file))).digest('base64');
    return `  ['./${file === 'index.html' ? '' : file}', 'sha256-${hash}', ${!LATER.test(file)}],`;
  });
  const worker = join(dist, 'offline.js');
  replace(worker, '  // FILES', lines.join('\n'));
  replace(worker, 'BUILD', sha256(readFileSync(worker)).digest('hex').slice(0, 16));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , engines, base] = process.argv;
  const dist = join(ROOT, 'dist');
  rmSync(dist, { recursive: true, force: true });
  cpSync(join(ROOT, 'www'), dist, { recursive: true });
  cpSync(join(ROOT, 'assets'), join(dist, 'assets'), { recursive: true });
  for (const engine of engines.split(',')) cpSync(join(ROOT, 'pkg', engine), join(dist, 'pkg', engine), { recursive: true });
  fillHeads(dist, base);
  if (base) linkFigures(dist, base);
  keepOffline(dist, engines.split(','));
}
