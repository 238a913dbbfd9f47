// @ts-check
/** The groups of the gallery as one picture. */

import { toPng } from '../../parts/download.js';

/** @typedef {{title: string, waits: string, pictures: HTMLCanvasElement[]}} Group */

/** A canvas pixel of the pictures takes so much. */
const [SIDE, GAP, MARGIN, HEAD, LINE] = [64, 6, 32, 84, 24];

/**
 * @param {HTMLElement} root whose colours it takes
 * @param {Group[]} groups
 * @param {number} columns of each
 * @param {string} sentence below them
 * @returns {Promise<Blob>}
 */
export function galleryPng(root, groups, columns, sentence) {
  const { color } = getComputedStyle(root);
  const canvas = document.createElement('canvas');
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const wide = columns * (SIDE + GAP) - GAP;
  const rows = Math.ceil(Math.max(...groups.map(({ pictures }) => pictures.length)) / columns);
  canvas.width = groups.length * (wide + MARGIN) + MARGIN;
  const font = '16px system-ui, sans-serif';
  context.font = font;
  const lines = [''];
  for (const word of sentence.split(' ')) {
    const longer = `${lines[lines.length - 1]} ${word}`.trim();
    if (context.measureText(longer).width > canvas.width - 2 * MARGIN) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  const below = HEAD + MARGIN + rows * (SIDE + GAP);
  canvas.height = below + MARGIN / 2 + lines.length * LINE + MARGIN;
  context.fillStyle = getComputedStyle(root.closest('figure') ?? root).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = false;
  context.fillStyle = color;
  for (const [index, { title, waits, pictures }] of groups.entries()) {
    const left = MARGIN + index * (wide + MARGIN);
    context.font = '600 22px system-ui, sans-serif';
    context.fillText(title, left, MARGIN + 22, wide);
    context.font = font;
    context.fillText(waits, left, MARGIN + 50, wide);
    for (const [i, picture] of pictures.entries()) {
      context.drawImage(picture, left + (i % columns) * (SIDE + GAP), HEAD + MARGIN / 2 + Math.floor(i / columns) * (SIDE + GAP), SIDE, SIDE);
    }
  }
  for (const [i, line] of lines.entries()) context.fillText(line, MARGIN, below + MARGIN / 2 + (i + 1) * LINE);
  return toPng(canvas);
}
