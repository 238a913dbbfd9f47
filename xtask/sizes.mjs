// `node xtask/sizes.mjs FILE..` prints how long files are, and how long compressed.
import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const row = (name, ...cells) => console.log(name.padEnd(40), ...cells.map((cell) => String(cell).padStart(10)));
row('', 'bytes', 'gzip', 'brotli');
for (const file of process.argv.slice(2)) {
  const bytes = readFileSync(file);
  row(file, bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length);
}
