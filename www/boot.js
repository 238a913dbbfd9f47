// @ts-check
/** Says so where the page's own modules do not arrive: nothing else could. Classic, so that it runs before them. */

{
  const { failed = '', reload = '' } = /** @type {HTMLScriptElement} */ (document.currentScript).dataset;
  addEventListener('error', ({ target }) => {
    if (!(target instanceof HTMLScriptElement)) return;
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
  }, true);
}
