// @ts-check
/**
 * The service worker of a site that `cargo xtask build-web` built: a second visit needs no network. It keeps the files of a
 * first visit together, so they are never mixed with another build's; a newer one takes over when no page of it is open. The
 * build fills in its own name and the files; the page asks for this file on a built site only.
 */

/** @type {any} */
const scope = self;
const CACHE = 'speculative-diffusion BUILD';
/** Fetched at the first visit; the rest is kept when it is asked for. */
const FIRST = ['FILES'];

scope.oninstall = (/** @type {any} */ event) => {
  const fresh = FIRST.map((path) => new Request(path, { cache: 'reload' }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)));
};

scope.onactivate = () => {
  // nothing is waited for: where a page leaves just then, Firefox may never end the wait, and no page of the site opens
  caches
    .keys()
    .then((names) => Promise.all(names.filter((name) => name !== CACHE && name.startsWith('speculative-diffusion ')).map((name) => caches.delete(name))))
    .catch(() => {});
  scope.clients.claim().catch(() => {});
};

scope.onfetch = (/** @type {any} */ event) => {
  const { request } = event;
  if (new URL(request.url).origin !== scope.location.origin || !['GET', 'HEAD'].includes(request.method)) return;
  event.respondWith(answer(request, (kept) => event.waitUntil(kept)).then(isolated));
};

/**
 * With the headers that let workers share memory, which not every static host can send.
 * @param {Response} response
 */
function isolated(response) {
  // a response that was redirected or failed is passed on as it is
  if (response.type === 'error' || response.type === 'opaqueredirect' || response.status === 0) return response;
  const headers = new Headers(response.headers);
  headers.set('cross-origin-opener-policy', 'same-origin');
  headers.set('cross-origin-embedder-policy', 'require-corp');
  headers.set('cross-origin-resource-policy', 'same-origin');
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/**
 * @param {Request} request
 * @param {(kept: Promise<void>) => void} finish that the worker is to live for
 */
async function answer(request, finish) {
  const cache = await caches.open(CACHE);
  // the address of a run is in the hash, and an embedded figure is asked for behind a question mark
  const kept = await cache.match(request, { ignoreMethod: true, ignoreSearch: true });
  if (kept) return kept;
  const response = await fetch(request, { cache: 'reload' });
  // a full disk is no reason to withhold it
  if (response.ok && request.method === 'GET') finish(cache.put(request, response.clone()).catch(() => {}));
  return response;
}
