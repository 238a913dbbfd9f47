// The figure in the runtime of Observable's notebooks: a cell returns the element, a cell gives it what others say, a cell hears it.
import { Inspector } from '@observablehq/inspector';
import { Runtime } from '@observablehq/runtime';
import 'speculative-diffusion/figure';

const notebook = new Runtime().module();
const src = new URLSearchParams(location.search).get('site');
const said = document.querySelector('output');
/** @param {Element} figure @param {Record<string, string>} attributes */
const dress = (figure, attributes) => {
  for (const [name, value] of Object.entries(attributes)) figure.setAttribute(name, value);
  return figure;
};

notebook
  .variable(new Inspector(document.getElementById('root')))
  .define('figure', [], () => dress(document.createElement('speculative-figure'), { src, name: 'crescent', state: '2.50-redraw' }));
notebook.variable(true).define('attributes', [], () => ({}));
notebook.variable(true).define(['figure', 'attributes'], dress);
notebook.variable(true).define('state', ['figure'], function* (figure) {
  for (;;) yield new Promise((resolve) => figure.addEventListener('change', ({ detail }) => resolve(detail.state), { once: true }));
});
notebook.variable(true).define(['state'], (state) => Object.assign(said, { textContent: state }));

/** @param {string} id @param {() => unknown} listener */
const on = (id, listener) => document.getElementById(id).addEventListener('click', listener);
on('german', () => notebook.redefine('attributes', [], () => ({ lang: 'de', state: said.textContent })));
on('other', () => notebook.redefine('attributes', [], () => ({ name: 'bell', state: '' })));
on('remove', () => notebook.redefine('figure', [], () => 'removed'));
