// @ts-check
/** What is asked of a server, and never waited for without end: where nothing comes for a while it is asked for again, once. */

/** Seconds without a sign of what was asked for. */
export const PATIENCE = 5;

/** Whether something did not come in time. @param {unknown} error */
export const isLate = (error) => error instanceof DOMException && error.name === 'TimeoutError';
const late = () => new DOMException('It did not come in time.', 'TimeoutError');

/**
 * Calls back after so many seconds without a sign. Only seconds count in which the page is awake: a frozen one loses one.
 * @param {number} seconds
 * @param {() => void} ended
 * @param {() => boolean} [excused] whether there need be no sign now
 */
export function patience(seconds, ended, excused = () => false) {
  let left = seconds;
  const over = () => clearInterval(timer);
  const heard = () => {
    left = seconds;
  };
  const timer = setInterval(() => {
    if (excused()) heard();
    else left -= 1;
    if (left > 0) return;
    over();
    ended();
  }, 1000);
  return { heard, over };
}

/**
 * At most so long.
 * @template T
 * @param {(heard: () => void, over: () => void, signal: AbortSignal) => Promise<T>} work `heard` is called at a sign of it, `over` when nothing is waited for any more
 * @returns {Promise<T>}
 */
async function once(work) {
  const controller = new AbortController();
  /** @type {(why: Error) => void} */
  let refuse = () => {};
  const refused = new Promise((_, reject) => (refuse = reject));
  const { heard, over } = patience(PATIENCE, () => {
    controller.abort(late());
    refuse(late());
  });
  try {
    return await /** @type {Promise<T>} */ (Promise.race([work(heard, over, controller.signal), refused]));
  } finally {
    over();
  }
}

/**
 * And again, once.
 * @template T
 * @param {(heard: () => void, over: () => void, signal: AbortSignal, again: boolean) => Promise<T>} work
 */
const twice = (work) =>
  once((...all) => work(...all, false)).catch((error) => {
    if (isLate(error)) return once((...all) => work(...all, true));
    throw error;
  });

/**
 * A file, of which something is made while it comes or at its end.
 * @template T
 * @param {string | URL} url
 * @param {(response: Response) => Promise<T>} take
 * @param {AbortSignal} [signal] ends it
 */
export const fetched = (url, take, signal) =>
  twice(async (heard, over, given, again) => {
    const controller = new AbortController();
    for (const one of [given, signal]) one?.addEventListener('abort', () => controller.abort(one.reason));
    signal?.throwIfAborted();
    const response = await fetch(url, { signal: controller.signal, ...(again ? { cache: 'reload' } : {}) });
    heard();
    const counted = new TransformStream({
      transform(part, passed) {
        heard();
        passed.enqueue(part);
      },
      // what is made of it may take as long as it takes
      flush: over,
    });
    return take(response.body ? new Response(response.body.pipeThrough(counted), response) : response);
  });

/** A module that is compiled. @param {string | URL} url @param {(status: number) => Error} refused */
export const compiled = (url, refused) =>
  fetched(url, ({ ok, status, body }) => {
    if (!ok) throw refused(status);
    // a browser compiles nothing else, and not every server says so
    return WebAssembly.compileStreaming(new Response(body, { headers: { 'content-type': 'application/wasm' } }));
  });

/** A module of JavaScript. @param {string} href @returns {Promise<any>} */
export const imported = (href) => twice((_heard, _over, _signal, again) => import(again ? `${href}?again` : href));

/**
 * A style sheet, in the head.
 * @param {(again: boolean) => HTMLLinkElement} link
 */
export const styled = (link) =>
  twice(
    (_heard, _over, signal, again) =>
      new Promise((resolve, reject) => {
        const sheet = link(again);
        sheet.addEventListener('load', () => resolve(sheet));
        sheet.addEventListener('error', () => {
          sheet.remove();
          reject(new Error(sheet.href));
        });
        signal.addEventListener('abort', () => sheet.remove());
        document.head.append(sheet);
      }),
  );
