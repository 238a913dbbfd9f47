// @ts-check
/**
 * What must not wait for modules: it says so where they do not arrive, makes the page large for a lecture (`?lecture`), and goes
 * to the page in another language (`?lang=de`). Classic, so that it runs before them.
 */

{
  const query = new URLSearchParams(location.search);
  const { lang, dataset } = document.documentElement;
  if (query.has('lecture')) dataset.lecture = '';
  const language = query.get('lang');
  const figure = query.get('embed');
  /** @type {HTMLLinkElement | null} */
  const there = document.querySelector(`link[hreflang="${CSS.escape(language ?? '')}"]`);
  if (there && language !== lang) {
    query.delete('lang');
    // beside this one, wherever the site lies
    location.replace(`${there.href.replace(/.*\//, './')}?${query}${location.hash}`);
  } else if (figure !== null) {
    // as figures were embedded once
    const name = encodeURIComponent(figure === 'round' ? 'microscope' : figure);
    location.replace(`./embed${lang === 'en' ? '' : `.${lang}`}.html?figure=${name}${location.hash}`);
  }

  const { failed = '', reload = '', sandboxed = failed } = /** @type {HTMLScriptElement} */ (document.currentScript).dataset;
  // a frame of no origin is given modules only where their host lets everybody read them
  const closed = origin === 'null';
  const say = () => {
    clearInterval(watch);
    const problems = document.getElementById('problems');
    const badge = document.getElementById('badge');
    const line = document.createElement('p');
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = reload;
    button.addEventListener('click', async () => {
      // whatever the service worker does
      setTimeout(() => location.reload(), 2000);
      try {
        // on a built site a reload alone would bring the same files back
        const workers = closed ? undefined : navigator.serviceWorker;
        const waiting = (await workers?.getRegistration())?.waiting;
        if (!waiting) location.reload();
        workers?.addEventListener('controllerchange', () => location.reload());
        waiting?.postMessage('take');
      } catch {
        // in a sandbox there is none
        location.reload();
      }
    });
    line.id = 'missing';
    line.append(closed ? sandboxed : failed, ' ', button);
    problems?.replaceChildren(line);
    if (badge) badge.textContent = '–';
  };
  /** Seconds in which nothing has come, and how much had. */
  let [idle, come] = [0, 0];
  const watch = setInterval(() => {
    const { length } = performance.getEntriesByType('resource');
    idle = length > come ? 0 : idle + 1;
    come = length;
    if (idle >= 10) say();
  }, 1000);
  document.addEventListener(
    'load',
    ({ target }) => {
      if (!(target instanceof HTMLScriptElement) || target.type !== 'module') return;
      clearInterval(watch);
      document.getElementById('missing')?.remove();
    },
    true,
  );
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
