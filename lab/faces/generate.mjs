// Draws pixel-art faces: COUNT different images of 16x16 RGB and a class for each.
//
//   node generate.mjs COUNT FOLDER   writes FOLDER/faces.rgb (COUNT * 768 bytes, row by row, red green blue) and
//                                    FOLDER/faces.labels (COUNT bytes, an index into CLASSES)
//
// The artwork is DiceBear "Pixel Art" (CC0 1.0). The classes exclude each other by construction: only "glasses"
// wear glasses, only "hat" wears a hat, and the hair of "short" and "long" is what the name says.
import fs from 'node:fs';
import path from 'node:path';
import { createAvatar } from '@dicebear/core';
import * as pixelArt from '@dicebear/pixel-art';
import { Resvg } from '@resvg/resvg-js';

const SIZE = 16;
const hair = pixelArt.schema.properties.hair.items.enum;
const everyone = {
  backgroundColor: ['b6e3f4', 'c0aede', 'd1d4f9', 'ffd5dc', 'ffdfbf'],
  accessoriesProbability: 10,
  glassesProbability: 0,
  hatProbability: 0,
  beardProbability: 0,
};
const CLASSES = {
  short: { ...everyone, hair: hair.filter((name) => name.startsWith('short')) },
  long: { ...everyone, hair: hair.filter((name) => name.startsWith('long')) },
  glasses: { ...everyone, glassesProbability: 100 },
  hat: { ...everyone, hatProbability: 100 },
};

const count = Number(process.argv[2]);
const folder = process.argv[3];
if (!Number.isInteger(count) || count <= 0 || !folder) {
  console.error('usage: node generate.mjs COUNT FOLDER');
  process.exit(2);
}

const options = Object.values(CLASSES);
const images = Buffer.alloc(count * SIZE * SIZE * 3);
const labels = Buffer.alloc(count);
const seen = new Set();
for (let drawn = 0, attempt = 0; drawn < count; attempt++) {
  const label = drawn % options.length;
  // the metadata block is of no use to the rasteriser and slows it down
  const svg = createAvatar(pixelArt, { seed: `face${attempt}`, size: SIZE, ...options[label] })
    .toString()
    .replace(/<metadata[\s\S]*?<\/metadata>/, '');
  const rgba = new Resvg(svg, { font: { loadSystemFonts: false } }).render().pixels;
  const rgb = Buffer.alloc(SIZE * SIZE * 3);
  for (let pixel = 0; pixel < SIZE * SIZE; pixel++) rgba.copy(rgb, 3 * pixel, 4 * pixel, 4 * pixel + 3);
  const key = rgb.toString('latin1');
  if (seen.has(key)) continue;
  seen.add(key);
  rgb.copy(images, drawn * rgb.length);
  labels[drawn] = label;
  drawn += 1;
}
fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(path.join(folder, 'faces.rgb'), images);
fs.writeFileSync(path.join(folder, 'faces.labels'), labels);
console.log(`${count} different faces in ${folder}`);
