// Style sheets say start and end, so that a language that is written from right to left needs no other ones.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FIGURES } from '../../www/figures/index.js';

const WWW = fileURLToPath(new URL('../../www/', import.meta.url));
const files = readdirSync(WWW, { recursive: true, encoding: 'utf8' });

/** What has a side, and shorthands whose two sides differ. */
const PHYSICAL = [
  /(?:^|[\s;{])(?:(?:margin|padding|border)-(?:left|right)[\w-]*|left|right|border-(?:top|bottom)-(?:left|right)-radius)\s*:/,
  /(?:text-align|float|clear)\s*:\s*(?:left|right)\b/,
];
const FOUR = /(?:^|[\s;{])(?:margin|padding|inset|border-width)\s*:\s*([^\s;]+) ([^\s;]+) ([^\s;]+) ([^\s;]+);/;

/** Rules about drawings, whose coordinates run from left to right in every language. */
const DRAWINGS = ['.pay-slider', '.evidence-charts .legend', '.gallery-key'];

test('no rule of a style sheet has a left or a right, but those that fit something to a drawing', () => {
  const sheets = files.filter((file) => file.endsWith('.css'));
  assert.ok(sheets.length > 8);
  const found = [];
  for (const sheet of sheets) {
    for (const line of readFileSync(`${WWW}${sheet}`, 'utf8').split('\n')) {
      // a value in parentheses is one word
      const flat = line.replace(/\([^()]*(?:\([^()]*\)[^()]*)*\)/g, '()');
      const sides = FOUR.exec(flat);
      const isPhysical = PHYSICAL.some((pattern) => pattern.test(flat)) || (sides && sides[2] !== sides[4]);
      if (isPhysical && !DRAWINGS.some((rule) => line.trim().startsWith(`${rule} {`))) found.push(`${sheet}: ${line.trim().slice(0, 100)}`);
    }
  }
  assert.deepEqual(found, []);
});

test('the allowed rules are there, and have sides', () => {
  const all = files.filter((file) => file.endsWith('.css')).map((file) => readFileSync(`${WWW}${file}`, 'utf8'));
  for (const rule of DRAWINGS) {
    const line = all.flatMap((text) => text.split('\n')).find((one) => one.trim().startsWith(`${rule} {`)) ?? '';
    assert.ok(PHYSICAL.some((pattern) => pattern.test(line)) || FOUR.test(line), rule);
  }
});

test('every page says in which direction it is written', () => {
  const pages = files.filter((file) => file.endsWith('.html'));
  assert.deepEqual([...pages].sort(), ['de.html', 'embed.de.html', 'embed.html', 'index.html']);
  for (const page of pages) {
    const html = readFileSync(`${WWW}${page}`, 'utf8');
    assert.match(html, /<html lang="[a-z]+" dir="ltr">/, page);
    assert.doesNotMatch(html, /\sstyle="/, `${page} has a style of its own`);
  }
});

test('a figure that stands alone has the styles of all that it draws', () => {
  const classes = new Map(
    files.filter((file) => file.endsWith('.css')).map((file) => [file, new Set(readFileSync(`${WWW}${file}`, 'utf8').match(/\.[a-z]+(?:-[a-z]+)+/g))]),
  );
  const missing = [];
  for (const { name, module, styles } of FIGURES) {
    const own = new Set(['style.css', ...styles].flatMap((file) => [...(classes.get(file) ?? [])]));
    const folder = `figures/${module.split('/')[0]}/`;
    const source = files.filter((file) => file.startsWith(folder) && file.endsWith('.js')).map((file) => readFileSync(`${WWW}${file}`, 'utf8'));
    const used = new Set(source.join('\n').match(/[a-z]+(?:-[a-z]+)+/g));
    for (const [file, all] of classes) for (const one of all) if (!own.has(one) && used.has(one.slice(1))) missing.push(`${name}: ${one} of ${file}`);
  }
  assert.deepEqual(missing, []);
});
