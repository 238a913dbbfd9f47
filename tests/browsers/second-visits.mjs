// Second visits to the built site without a network, in Firefox, two at a time: `DIST_URL=... node second-visits.mjs 500`, with
// dist/ served there. Each visit must come to its run or to a sentence of the page's own; how long that takes is what is printed.
import { parseArgs } from 'node:util';
import { proxy } from '../proxy.mjs';
import { launch } from './drivers.mjs';

const { positionals } = parseArgs({ allowPositionals: true });
const COUNT = Number(positionals[0] ?? 500);
const { DIST_URL } = process.env;
if (!DIST_URL || !Number.isInteger(COUNT)) throw new Error('DIST_URL must say where dist/ is served, and the argument how many visits are made');
/** Visits to one origin, after which a browser starts anew, with nothing kept. */
const EACH = 25;
const LIMIT_MS = 120_000;

/** In the page: what the visit has come to, or nothing yet. */
const ended = (/** @type {number} */ seed) => {
  const trace = window.__trace;
  if (trace?.source.kind === 'live' && trace.settings.seed === seed && trace.plain.length === 12 && !document.querySelector('#result')?.hidden) return 'run';
  return document.querySelector('#problems')?.textContent?.trim();
};

/** In the page: until it is kept for later visits. */
const kept = async () => {
  await navigator.serviceWorker.ready;
  return (await caches.keys()).length > 0 && Boolean(navigator.serviceWorker.controller);
};

/** @param {import('./drivers.mjs').Browser} browser */
async function until(browser, question, ...all) {
  for (const began = performance.now(); ;) {
    const answer = await browser.evaluate(question, ...all).catch(() => undefined);
    const ms = performance.now() - began;
    if (answer) return { answer, ms };
    if (ms > LIMIT_MS) return { answer: `NOTHING: ${await browser.evaluate(() => document.querySelector('#engine-badge')?.textContent)}`, ms };
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
}

let left = COUNT;
/** @type {{answer: string, ms: number}[]} */
const visits = [];
async function visitor() {
  while (left > 0) {
    const count = Math.min(EACH, left);
    left -= count;
    const browser = await launch('firefox');
    const through = await proxy(String(DIST_URL));
    try {
      await browser.open(through.url);
      const first = await until(browser, kept);
      if (first.answer !== true) throw new Error(`a first visit was not kept: ${first.answer}`);
      through.state.down = true;
      for (let visit = 0; visit < count; visit++) {
        const seed = 11 + visit;
        await browser.open('about:blank');
        const began = performance.now();
        const { answer } = await browser.open(`${through.url}#seed=${seed}&steps=12&window=4`).then(
          () => until(browser, ended, seed),
          // the browser's own page, which needs no service worker
          (error) => ({ answer: `NOT OPENED: ${String(error.message).split('\n')[0]}` }),
        );
        visits.push({ answer, ms: performance.now() - began });
        if (answer !== 'run') console.log(`visit ${visits.length}: ${answer}`);
        if (visits.length % 20 === 0) console.log(`${visits.length} of ${COUNT}`);
      }
    } finally {
      through.close();
      await browser.close();
    }
  }
}
await Promise.all([visitor(), visitor()]);

const times = visits.map(({ ms }) => ms / 1000).sort((a, b) => a - b);
const runs = visits.filter(({ answer }) => answer === 'run').length;
const at = (/** @type {number} */ share) => times[Math.min(times.length - 1, Math.floor(share * times.length))].toFixed(1);
console.log(`${visits.length} second visits: ${runs} came to their run; median ${at(0.5)} s, 99 % within ${at(0.99)} s, longest ${at(1)} s`);
process.exitCode = visits.some(({ answer }) => /^NO/.test(answer)) ? 1 : 0;
