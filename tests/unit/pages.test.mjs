// The pages in other languages, which are made from the English ones.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { hashOf, pages, translated } from '../../xtask/pages.mjs';

const www = (name) => readFile(new URL(`../../www/${name}`, import.meta.url), 'utf8');
const MADE = await pages();

test('every page in another language is what the English one and its table make now, and the article says what files know (if not: node xtask/pages.mjs)', async () => {
  assert.deepEqual([...MADE.keys()], ['index.html', 'de.html', 'embed.de.html']);
  assert.match(await www('index.html'), /data-fact="steps">1,000<.*data-fact="calls">\d+</);
  for (const [name, html] of MADE) assert.ok((await www(name)) === html, name);
});

test("a page's policy names its own import map, and the page is in the language that the map is of", async () => {
  for (const [name, language] of [
    ['index.html', 'en'],
    ['embed.html', 'en'],
    ['de.html', 'de'],
    ['embed.de.html', 'de'],
  ]) {
    const html = await www(name);
    assert.ok(html.includes(`'${hashOf(html)}'`), name);
    assert.ok(html.includes(`<html lang="${language}" dir="ltr">`), name);
    assert.ok(html.includes(`"#words/": "./text/${language}/"`), name);
  }
});

test('a selector that nothing fits, an attribute that is not there and text in what is replaced are errors', () => {
  const html = `<html lang="en"><script type="importmap">{}</script><p class="a b" title="t">one <i id="x">two</i></p></html>`;
  const make = (table) => translated(html, 'xx', { html: {}, attributes: {}, ...table });
  assert.match(make({ html: { 'html > .b': 'eins' } }), /<p class="a b" title="t">eins<\/p>/);
  assert.match(make({ html: { 'p #x': 'zwei' }, attributes: { '.a[title="t"]': { title: '"T"' } } }), /title="&quot;T&quot;">one <i id="x">zwei<\/i>/);
  assert.throws(() => make({ html: { 'html > i': '' } }), /nothing fits/);
  assert.throws(() => make({ attributes: { i: { title: '' } } }), /has no title/);
  assert.throws(() => make({ html: { p: 'eins', i: 'zwei' } }), /is replaced/);
});
