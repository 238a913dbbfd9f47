// @ts-check
/** The button that changes between the device's own colours, light and dark. */

import { byId, write } from './dom.js';
import { readTokens } from './tokens.js';
import * as words from '#words/main.js';

const THEMES = ['auto', 'light', 'dark'];

function saved() {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem('theme')) ?? 'auto';
  } catch {
    return 'auto';
  }
}

/**
 * @param {() => void} changed called when the colours are others
 * @returns {() => import('./tokens.js').Tokens} the colours, as they are now
 */
export function mountTheme(changed) {
  const button = byId('theme');
  let theme = saved();
  let tokens = show();

  function show() {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    write(button, words.themes[theme]);
    return readTokens();
  }

  function change() {
    tokens = show();
    changed();
  }

  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    change();
    try {
      localStorage.setItem('theme', theme);
    } catch {
      // private windows may refuse to store it; the choice then lasts as long as the page
    }
  });
  // chosen in another tab
  addEventListener('storage', ({ key }) => {
    if (key !== 'theme') return;
    theme = saved();
    change();
  });
  // paper is white
  for (const colours of ['(prefers-color-scheme: dark)', '(forced-colors: active)', 'print']) matchMedia(colours).addEventListener('change', change);
  return () => tokens;
}
