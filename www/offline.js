// @ts-check
/**
 * The service worker of a site that `cargo xtask build-web` built: a second visit needs no network. It keeps the files of one build,
 * each known by its hash, so that a host that is halfway through a new one mixes nothing. A newer build takes over when no page of
 * the older is open, or when a visitor says so. The build fills in its own name and the files; the page asks for this file on a
 * built site only.
 */

/** @type {any} */
const scope = self;
const NAME = 'speculative-diffusion ';
const CACHE = `${NAME}BUILD`;
/** Path, hash, and whether it is fetched at the first visit; the rest is kept when it is asked for. @type {[string, string, boolean][]} */
const FILES = [
  // FILES
];
const hashes = new Map(FILES.map(([path, integrity]) => [new URL(path, scope.location.href).pathname, integrity]));

/** A file of this build, not what a browser has kept of another. @param {string} path @param {string} integrity */
const fresh = (path, integrity) => new Request(path, { cache: 'reload', integrity });

scope.oninstall = (/** @type {any} */ event) => {
  const first = FILES.filter(([, , wanted]) => wanted).map(([path, integrity]) => fresh(path, integrity));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(first)));
};

scope.onactivate = () => {
  // nothing is waited for: where a page leaves just then, Firefox may never end the wait, and no page of the site opens
  caches
    .keys()
    .then((names) => Promise.all(names.filter((name) => name !== CACHE && name.startsWith(NAME)).map((name) => caches.delete(name))))
    .catch(() => {});
  scope.clients.claim().catch(() => {});
};

/** A visitor takes the newer build. */
scope.onmessage = (/** @type {MessageEvent} */ { data }) => {
  if (data === 'take') scope.skipWaiting();
};

scope.onfetch = (/** @type {any} */ event) => {
  const { request } = event;
  if (new URL(request.url).origin !== scope.location.origin || !['GET', 'HEAD'].includes(request.method)) return;
  // a page may be a figure in a page of somebody else's
  const readers = request.mode === 'navigate' ? 'cross-origin' : 'same-origin';
  event.respondWith(answer(request, (kept) => event.waitUntil(kept)).then((response) => isolated(response, readers)));
};

/**
 * With the headers that let workers share memory, which not every static host can send.
 * @param {Response} response
 * @param {'cross-origin' | 'same-origin'} readers
 */
function isolated(response, readers) {
  // a response that was redirected or failed is passed on as it is
  if (response.type === 'error' || response.type === 'opaqueredirect' || response.status === 0) return response;
  const headers = new Headers(response.headers);
  headers.set('cross-origin-opener-policy', 'same-origin');
  headers.set('cross-origin-embedder-policy', 'require-corp');
  headers.set('cross-origin-resource-policy', readers);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/**
 * @param {Request} request
 * @param {(kept: Promise<void>) => void} finish that the worker is to live for
 */
async function answer(request, finish) {
  const cache = await caches.open(CACHE);
  // the address of a run is in the hash, and an embedded figure is asked for after a question mark
  const kept = await cache.match(request, { ignoreMethod: true, ignoreSearch: true });
  if (kept) return kept;
  const integrity = hashes.get(new URL(request.url).pathname);
  if (integrity === undefined || request.method !== 'GET') return fetch(request);
  const response = await fetch(fresh(request.url, integrity));
  // a full disk is no reason to withhold it
  finish(cache.put(request, response.clone()).catch(() => {}));
  return response;
}
