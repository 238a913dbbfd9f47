// @ts-check
/** Draws when something has changed: at most once a frame, and seldom while the cores are needed elsewhere. */

/** Milliseconds between two frames that are drawn seldom. */
const SELDOM = 250;

/**
 * @param {() => void} draw
 * @param {() => boolean} seldom
 */
export function frames(draw, seldom) {
  let frame = 0;
  let timer = 0;
  let drawnAt = 0;

  function now() {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    timer = 0;
    frame = 0;
    drawnAt = performance.now();
    draw();
  }

  function soon() {
    clearTimeout(timer);
    timer = 0;
    if (frame === 0) frame = requestAnimationFrame(now);
  }

  function request() {
    const wait = seldom() ? drawnAt + SELDOM - performance.now() : 0;
    if (wait <= 0) soon();
    else if (timer === 0) timer = window.setTimeout(soon, wait);
  }

  return {
    request,
    /** Draws what was asked for at once. */
    now,
  };
}

/** Lets what waits for the page's thread go first. */
export const breathe = () => new Promise((resolve) => setTimeout(resolve));

/** Lets a frame be drawn: what has just come into the page has its layout then. */
export const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
