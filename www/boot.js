// @ts-check
/**
 * What must not wait for modules: it says so where they do not arrive, and makes the page large for a lecture (`?lecture`).
 * Classic, so that it runs before them.
 */

if (new URLSearchParams(location.search).has('lecture')) document.documentElement.dataset.lecture = '';
{
  const own = /** @type {HTMLScriptElement} */ (document.currentScript);
  // English stands in the page, and is not shown before another language stands in its place
  document.documentElement.hidden = /[?&]lang=/.test(location.search);
  let failing = false;
  const say = () => {
    const { failed = '', reload = '' } = own.dataset;
    document.documentElement.hidden = false;
    const problems = document.getElementById('problems');
    const badge = document.getElementById('badge');
    const line = document.createElement('p');
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = reload;
    button.addEventListener('click', () => location.reload());
    line.append(failed, ' ', button);
    problems?.replaceChildren(line);
    if (badge) badge.textContent = '–';
  };
  addEventListener(
    'error',
    ({ target, message }) => {
      // a module that another one waits for fails in its name
      if (!(target instanceof HTMLScriptElement) && !/import/i.test(message ?? '')) return;
      failing = true;
      say();
    },
    true,
  );
  addEventListener('translated', () => {
    if (failing) say();
  });
}
