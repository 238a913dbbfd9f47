// @ts-check
/**
 * A figure in a page of somebody else's: `<speculative-figure name="crescent" lang="de" state="2.50-redraw">`. It makes the frame,
 * keeps it as high as its content, and fires `change` with the figure's address. Needs nothing else of this site; a classic script,
 * so that no host has to allow its reading.
 */

if (globalThis.customElements && !customElements.get('speculative-figure')) {
  /** Where the site lies, unless `src` says so: here, if this is a file and not part of a page. */
  const here = (document.currentScript instanceof HTMLScriptElement && document.currentScript.src) || document.baseURI;

  class SpeculativeFigure extends HTMLElement {
    static observedAttributes = ['src', 'name', 'lang', 'state', 'theme'];
    /** @type {HTMLIFrameElement | undefined} */
    #frame;
    /** What the visitor has made of it. @type {string | undefined} */
    #state;
    #due = false;

    connectedCallback() {
      addEventListener('message', this.#hear);
      this.#show();
    }

    disconnectedCallback() {
      removeEventListener('message', this.#hear);
      this.#frame?.remove();
      this.#frame = undefined;
    }

    /** @param {string} attribute @param {string | null} before @param {string | null} now */
    attributeChangedCallback(attribute, before, now) {
      // a state that it is in already needs no other frame
      if (!this.#frame || before === now || (attribute === 'state' && now === this.#state)) return;
      if (attribute === 'theme') this.#frame.contentWindow?.postMessage({ type: 'speculative-figure', theme: this.#theme() }, '*');
      else this.#renew();
    }

    /** Once for all attributes that are changed together, as frameworks do it one by one. */
    #renew() {
      if (this.#due) return;
      this.#due = true;
      queueMicrotask(() => {
        this.#due = false;
        if (this.#frame) this.#show();
      });
    }

    #show() {
      const site = (this.getAttribute('src') ?? './').replace(/\/?$/, '/');
      const url = new URL('embed.html', new URL(site, here));
      const lang = /** @type {HTMLElement | null} */ (this.closest('[lang]'))?.lang.split('-')[0];
      const said = { figure: this.getAttribute('name'), lang, theme: this.#theme(), state: this.getAttribute('state') };
      for (const [name, value] of Object.entries(said)) if (value) url.searchParams.set(name, value);
      const frame = Object.assign(document.createElement('iframe'), {
        src: url.href,
        title: said.figure ?? '',
        loading: 'lazy',
        allow: 'cross-origin-isolated',
      });
      // an isolated page takes frames that send the headers for it, or those without cookies
      if (globalThis.crossOriginIsolated) Object.assign(frame, { credentialless: true });
      Object.assign(frame.style, { display: 'block', width: '100%', height: this.#frame?.style.height ?? '640px', border: '0' });
      this.#state = undefined;
      this.#frame = frame;
      this.replaceChildren(frame);
    }

    /** The page's colours: what `theme` says, or the scheme that is used here; nothing where the visitor's preference decides. */
    #theme() {
      const schemes = (this.getAttribute('theme') ?? getComputedStyle(this).colorScheme).match(/light|dark|normal/g) ?? [];
      return schemes.length === 1 ? schemes[0].replace('normal', 'light') : undefined;
    }

    /** @param {MessageEvent} event */
    #hear = ({ source, data }) => {
      if (!this.#frame || source !== this.#frame.contentWindow || data?.type !== 'speculative-figure') return;
      if (data.height > 0) this.#frame.style.height = `${Math.min(data.height, 8000)}px`;
      if (typeof data.title === 'string') this.#frame.title = data.title;
      if (typeof data.address !== 'string') return;
      this.#state = data.state;
      this.dispatchEvent(new CustomEvent('change', { bubbles: true, detail: { address: data.address, state: data.state } }));
    };
  }

  customElements.define('speculative-figure', SpeculativeFigure);
}
