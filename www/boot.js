// @ts-check
/**
 * What must not wait for modules: it says so where they do not arrive, makes the page large for a lecture (`?lecture`), and goes
 * to the page in another language (`?lang=de`). Classic, so that it runs before them.
 */

{
  const query = new URLSearchParams(location.search);
  if (query.has('lecture')) document.documentElement.dataset.lecture = '';
  const language = query.get('lang');
  /** @type {HTMLLinkElement | null} */
  const there = document.querySelector(`link[hreflang="${CSS.escape(language ?? '')}"]`);
  if (there && language !== document.documentElement.lang) {
    query.delete('lang');
    location.replace(new URL(`?${query}${location.hash}`, there.href));
  }

  const { failed = '', reload = '' } = /** @type {HTMLScriptElement} */ (document.currentScript).dataset;
  const say = () => {
    const problems = document.getElementById('problems');
    const badge = document.getElementById('badge');
    const line = document.createElement('p');
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = reload;
    button.addEventListener('click', async () => {
      // on a built site a reload alone would bring the same files back
      const workers = navigator.serviceWorker;
      const waiting = (await workers?.getRegistration())?.waiting;
      if (!waiting) location.reload();
      workers?.addEventListener('controllerchange', () => location.reload());
      waiting?.postMessage('take');
    });
    line.append(failed, ' ', button);
    problems?.replaceChildren(line);
    if (badge) badge.textContent = '–';
  };
  addEventListener(
    'error',
    ({ target, message }) => {
      // a module that another one waits for fails in its name
      if (!(target instanceof HTMLScriptElement) && !/import/i.test(message ?? '')) return;
      say();
    },
    true,
  );
}
