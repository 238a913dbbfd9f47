// @ts-check
/**
 * A figure as a file that stands alone: what is drawn and said in it, without its controls, as SVG or as PNG. Colours, fonts and
 * places are those on the screen, written out as attributes, which every viewer of SVG knows.
 */

import { s } from './dom.js';
import { save, toPng } from './download.js';

/** A part of the picture, in pixels of the page; `bare` does not fill its place. @typedef {{left: number, top: number, width: number, height: number, make: (left: number, top: number, height: number) => SVGElement, bare?: boolean}} Part */

/** What is operated, and what a slide says in its own words. */
const LEFT_OUT =
  'button:not(:has(canvas)), select, input, progress, ul, details, [data-hint], .segmented, .field, .transport, .sr, .lead, .note, figcaption, label:has(select, input:is([type="radio"], [type="checkbox"]):not(:checked))';
/** Of what is drawn, handed down to what lies within, and what they are where nothing says so. */
const INHERITED = {
  fill: '#000000',
  'fill-opacity': '1',
  stroke: 'none',
  'stroke-opacity': '1',
  'stroke-width': '1',
  'stroke-dasharray': 'none',
  'stroke-linecap': 'butt',
  'stroke-linejoin': 'miter',
  'font-family': '',
  'font-size': '',
  'font-weight': '400',
  'font-style': 'normal',
  'text-anchor': 'start',
  'paint-order': 'normal',
  visibility: 'visible',
};
const MARGIN = 24;
/** Pixels that stay free where controls stood. */
const GAP = 22;
/** Of a PNG, for one on the screen. */
const SHARP = 2;
/** Of a canvas whose pixels are seen. */
const COARSE = 8;

/** A colour as every viewer reads it, and how much of it covers. @param {string} value @returns {[string, number]} */
function coloured(value) {
  const numbers = /^rgba?\(/.test(value) ? value.match(/[\d.]+/g)?.map(Number) : undefined;
  if (!numbers) return [value.replace(/url\("(#[^"]+)"\).*/, 'url($1)'), 1];
  const [red, green, blue, covering = 1] = numbers;
  return [`#${[red, green, blue].map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`, covering];
}

/** How something is painted, by name of the attribute. @param {Element} element @returns {Record<keyof typeof INHERITED, string>} */
function paintOf(element) {
  const style = getComputedStyle(element);
  const all = Object.fromEntries(Object.keys(INHERITED).map((name) => [name, style.getPropertyValue(name).replace(/(\d)px/g, '$1')]));
  for (const name of ['fill', 'stroke']) {
    const [colour, covering] = coloured(all[name]);
    all[name] = colour;
    all[`${name}-opacity`] = String(Number(all[`${name}-opacity`]) * covering);
  }
  return /** @type {any} */ (all);
}

/** A drawing whose looks no style sheet is needed for. @param {SVGSVGElement} svg */
function alone(svg) {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  /** @param {Element} from @param {Element} to @param {Record<string, string>} above */
  const write = (from, to, above) => {
    const { display, opacity } = getComputedStyle(from);
    if (display === 'none') return to.remove();
    const paint = paintOf(from);
    for (const { name } of [...to.attributes]) if (/^(class|style|role|tabindex|data-.*|aria-.*)$/.test(name)) to.removeAttribute(name);
    for (const [name, value] of Object.entries(paint)) {
      if (value === above[name]) to.removeAttribute(name);
      else to.setAttribute(name, value);
    }
    if (opacity !== '1') to.setAttribute('opacity', opacity);
    const parts = [...to.children];
    for (const [index, part] of [...from.children].entries()) write(part, parts[index], paint);
    return undefined;
  };
  write(svg, copy, INHERITED);
  return copy;
}

/** The lines of a text as they are broken on the screen. @param {Text} text */
function linesOf(text) {
  const range = document.createRange();
  /** @type {{words: string, left: number, right: number, top: number, bottom: number}[]} */
  const lines = [];
  let soft = false;
  // a hyphen may end a line, and so may a soft one, which is seen only there
  for (const { 1: space, 2: word, 3: hyphen, index } of text.data.matchAll(/(\s*)([^\s\u00ad-]+-*|-+)(\u00ad?)/g)) {
    const from = index + space.length;
    range.setStart(text, from);
    range.setEnd(text, from + word.length);
    // a hyphen that a line ends with counts as the beginning of the next one
    const boxes = [...range.getClientRects()];
    const box = boxes.at(-1);
    const last = lines.at(-1);
    if (!box || box.width === 0) continue;
    if (last && Math.abs(last.top - box.top) < 2) [last.words, last.right] = [`${last.words}${space ? ' ' : ''}${word}`, box.right];
    else {
      if (last && soft) [last.words, last.right] = [`${last.words}-`, boxes.length > 1 ? boxes[0].right : last.right];
      lines.push({ words: word, left: box.left, right: box.right, top: box.top, bottom: box.bottom });
    }
    soft = hyphen !== '';
  }
  return lines;
}

/** Hatching or dots of a key, as a drawing has them. @param {string} image the gradient @param {number} left @param {number} top @param {number} width @param {number} height */
function patterned(image, left, top, width, height) {
  const [first] = (image.match(/rgba?\([^)]*\)/g) ?? ['none']).map(coloured);
  const marks = image.startsWith('radial')
    ? { fill: first[0], d: [3, 8, 13].flatMap((x) => [3, 8].map((y) => `M${left + x - 1},${top + y}a1,1 0 1 0 2,0a1,1 0 1 0 -2,0`)).join('') }
    : { stroke: first[0], 'stroke-width': 1.6, d: [4, 9, 14].map((x) => `M${left + x},${top + 1}L${left + x - 3},${top + height - 1}`).join('') };
  return width > 10 && /^(radial|repeating)/.test(image) ? [s('path', marks)] : [];
}

/**
 * Ground and borders of an element.
 * @param {CSSStyleDeclaration} style
 * @param {DOMRect} box
 * @param {number} opacity
 * @returns {Part[]}
 */
function groundOf(style, { left, top, width, height }, opacity) {
  const [ground, covering] = coloured(style.backgroundColor);
  const sides = /** @type {const} */ (['Top', 'Right', 'Bottom', 'Left']).map((side) => ({
    wide: Number.parseFloat(style[`border${side}Width`]),
    colour: coloured(style[`border${side}Color`]),
    line: style[`border${side}Style`],
  }));
  const seen = sides.filter(({ wide, colour }) => wide > 0 && colour[1] > 0);
  if (covering === 0 && seen.length === 0 && style.backgroundImage === 'none') return [];
  const stroke = (/** @type {typeof sides[0]} */ { wide, colour, line }) => ({
    stroke: colour[0],
    'stroke-width': wide,
    'stroke-dasharray': line === 'dashed' ? `${2 * wide} ${2 * wide}` : line === 'dotted' ? `${wide} ${wide}` : undefined,
  });
  const around = seen.length === 4;
  const inset = around ? seen[0].wide / 2 : 0;
  const make = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ tall) =>
    s(
      'g',
      { opacity: opacity < 1 ? opacity : undefined },
      s('rect', {
        x: x + inset,
        y: y + inset,
        width: Math.max(0, width - 2 * inset),
        height: Math.max(0, tall - 2 * inset),
        rx: Math.min(Number.parseFloat(style.borderTopLeftRadius) || 0, height / 2),
        fill: covering > 0 ? ground : 'none',
        'fill-opacity': covering < 1 ? covering : undefined,
        ...(around ? stroke(seen[0]) : {}),
      }),
      ...patterned(style.backgroundImage, x, y, width, tall),
      ...(around
        ? []
        : seen.map((side) => {
            const at = sides.indexOf(side);
            const [dx, dy] = [at === 1 ? width : 0, at === 2 ? tall : 0];
            const upright = at % 2 === 1;
            return s('line', { x1: x + dx, y1: y + dy, x2: upright ? x + dx : x + width, y2: upright ? y + tall : y + dy, ...stroke(side) });
          })),
    );
  return [{ left, top, width, height, make, bare: true }];
}

const measuring = document.createElement('canvas').getContext('2d');

/** @param {Text} text @param {number} opacity @returns {Part[]} */
function written(text, opacity) {
  const style = getComputedStyle(/** @type {Element} */ (text.parentElement));
  if (style.visibility !== 'visible' || !measuring) return [];
  measuring.font = style.font;
  const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = measuring.measureText('x');
  const [fill, covering] = coloured(style.color);
  return linesOf(text).map(({ words, left, right, top, bottom }) => ({
    left,
    top,
    width: right - left,
    height: bottom - top,
    make: (x, y, tall) =>
      s(
        'text',
        {
          x,
          y: y + (tall + above - below) / 2,
          // as long in the font that a viewer has
          textLength: words.length > 1 ? (right - left).toFixed(1) : undefined,
          lengthAdjust: words.length > 1 ? 'spacingAndGlyphs' : undefined,
          fill,
          opacity: opacity * covering < 1 ? opacity * covering : undefined,
          'font-family': style.fontFamily,
          'font-size': Number.parseFloat(style.fontSize),
          'font-weight': style.fontWeight,
          'font-style': style.fontStyle,
        },
        words,
      ),
  }));
}

/** @param {HTMLCanvasElement} canvas @param {boolean} coarse whether its pixels are to be seen */
function addressOf(canvas, coarse) {
  if (!coarse) return canvas.toDataURL();
  const large = document.createElement('canvas');
  [large.width, large.height] = [canvas.width * COARSE, canvas.height * COARSE];
  const context = large.getContext('2d');
  if (context) context.imageSmoothingEnabled = false;
  context?.drawImage(canvas, 0, 0, large.width, large.height);
  return large.toDataURL();
}

/** @param {Element} element @param {number} opacity of what lies around it @returns {Part[]} */
function partsOf(element, opacity) {
  const style = getComputedStyle(element);
  if (style.display === 'none' || element.matches(LEFT_OUT)) return [];
  const box = element.getBoundingClientRect();
  const { left, top, width, height } = box;
  const covering = opacity * Number(style.opacity);
  const isDrawing = element instanceof SVGSVGElement || element instanceof HTMLCanvasElement;
  const ground = style.visibility === 'visible' && width > 0 && !element.matches('figure') ? groundOf(style, box, covering) : [];
  if (isDrawing && (style.visibility !== 'visible' || width === 0)) return [];
  if (isDrawing) {
    const [before, above, after, below] = ['left', 'top', 'right', 'bottom'].map(
      (side) => Number.parseFloat(style.getPropertyValue(`border-${side}-width`)) + Number.parseFloat(style.getPropertyValue(`padding-${side}`)),
    );
    const place = { left: left + before, top: top + above, width: width - before - after, height: height - above - below };
    const { width: wide, height: tall } = place;
    const seen = { width: wide, height: tall, opacity: covering < 1 ? covering : undefined };
    if (element instanceof HTMLCanvasElement) {
      const href = addressOf(element, style.imageRendering === 'pixelated');
      return [...ground, { ...place, make: (x, y) => s('image', { x, y, ...seen, href, preserveAspectRatio: 'none' }) }];
    }
    const copy = alone(element);
    const make = (/** @type {number} */ x, /** @type {number} */ y) => {
      const given = { x, y, ...seen, overflow: style.overflow === 'visible' ? 'visible' : 'hidden' };
      for (const [name, value] of Object.entries(given)) if (value !== undefined) copy.setAttribute(name, String(value));
      return copy;
    };
    return [...ground, { ...place, make }];
  }
  return [
    ...ground,
    ...[...element.childNodes].flatMap((node) => (node instanceof Text ? written(node, covering) : node instanceof Element ? partsOf(node, covering) : [])),
  ];
}

/** Where heights of the page lie once what controls have left empty is taken out. @param {Part[]} parts */
function closing(parts) {
  const filled = parts
    .flatMap(({ top, height, bare }) =>
      bare
        ? [
            [top, top],
            [top + height, top + height],
          ]
        : [[top, top + height]],
    )
    .sort(([one], [other]) => one - other);
  /** @type {[number, number][]} from where on how much is taken out */
  const steps = [];
  let [end, taken] = [filled[0]?.[0] ?? 0, 0];
  const first = end;
  for (const [from, to] of filled) {
    if (from - end > GAP) steps.push([from, (taken += from - end - GAP)]);
    end = Math.max(end, to);
  }
  return (/** @type {number} */ y) => y - first - (steps.findLast(([from]) => from <= y)?.[1] ?? 0);
}

/** @param {HTMLElement} figure @returns {{text: string, width: number, height: number}} */
function drawing(figure) {
  const parts = partsOf(figure, 1);
  const y = closing(parts);
  const left = Math.min(...parts.map((part) => part.left));
  const width = Math.ceil(Math.max(...parts.map((part) => part.left + part.width)) - left) + 2 * MARGIN;
  const height = Math.ceil(Math.max(...parts.map((part) => y(part.top + part.height)))) + 2 * MARGIN;
  const svg = s(
    'svg',
    { width, height, viewBox: `0 0 ${width} ${height}` },
    s('title', {}, figure.querySelector('h2')?.textContent ?? ''),
    s('rect', { width, height, fill: coloured(getComputedStyle(figure).backgroundColor)[0] }),
    ...parts.map(({ left: x, top, height: tall, make }) => make(x - left + MARGIN, y(top) + MARGIN, y(top + tall) - y(top))),
  );
  return { text: new XMLSerializer().serializeToString(svg), width, height };
}

/** On a light ground, whatever the page has now. @template T @param {() => T} draw @returns {T} */
function light(draw) {
  const { dataset } = document.documentElement;
  const { theme } = dataset;
  dataset.theme = 'light';
  try {
    return draw();
  } finally {
    if (theme === undefined) delete dataset.theme;
    else dataset.theme = theme;
  }
}

/**
 * Saves a figure as it stands: an SVG on a light ground; a PNG, for what is painted, in the colours of the screen.
 * @param {HTMLElement} figure
 * @param {'svg' | 'png'} kind
 */
export async function saveFigure(figure, kind) {
  const { text, width, height } = kind === 'svg' ? light(() => drawing(figure)) : drawing(figure);
  const svg = new Blob([text], { type: 'image/svg+xml' });
  const name = `speculative-${figure.id}.${kind}`;
  if (kind === 'svg') return save(svg, name);
  const image = new Image();
  image.src = URL.createObjectURL(svg);
  try {
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [SHARP * width, SHARP * height];
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return save(await toPng(canvas), name);
  } finally {
    URL.revokeObjectURL(image.src);
  }
}
