// The page, the npm package and their tests. Types are tsc's business.
import { createRequire } from 'node:module';

const require = createRequire(new URL('./tests/e2e/package.json', import.meta.url));
const js = require('@eslint/js');
const globals = require('globals');

const rules = {
  ...js.configs.recommended.rules,
  eqeqeq: 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_', ignoreRestSiblings: true }],
  // a control character is what the test is about
  'no-control-regex': 'off',
};

export default [
  { ignores: ['**/node_modules/', 'target/', 'dist/', 'pkg/', 'tests/**/package/'] },
  { files: ['www/**/*.js', 'npm/src/**/*.js'], languageOptions: { globals: { ...globals.browser, ...globals.worker, setImmediate: 'readonly' } }, rules },
  {
    files: ['www/engine/{worker,assist,helpers,load,price}.js'],
    rules: { 'no-restricted-globals': ['error', { name: 'Worker', message: 'In Firefox a worker that starts one may never go on: the page starts it.' }] },
  },
  { files: ['www/boot.js'], languageOptions: { sourceType: 'script' } },
  { files: ['tests/**/*.{js,mjs}', 'xtask/*.mjs', 'eslint.config.mjs'], languageOptions: { globals: { ...globals.node, ...globals.browser } }, rules },
];
