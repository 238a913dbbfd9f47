/**
 * Defines the element `<speculative-figure src="SITE" name="crescent" lang="de" state="2.50-redraw" theme="dark">`: a figure of the
 * article, in a frame that is as high as it. `src` is the address of the site, where its `embed.html` lies. `lang` is the page's if it is
 * not given, `theme` follows the page's `color-scheme`. `state` is what the figure remembers in its address, or the address of a run.
 *
 * It fires `change`, a `CustomEvent` that bubbles, with a {@link FigureChange} as its `detail`. Importing it on a server does nothing.
 */
export interface FigureChange {
  /** Of the figure as it is now. */
  address: string;
  /** For the attribute of that name. */
  state?: string;
}

/** For the declarations of a framework. */
export interface FigureAttributes {
  src?: string;
  name?: string;
  lang?: string;
  state?: string;
  theme?: 'light' | 'dark';
  onchange?: (event: CustomEvent<FigureChange>) => void;
}

declare global {
  interface HTMLElementTagNameMap {
    'speculative-figure': HTMLElement;
  }
}
