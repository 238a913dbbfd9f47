// @ts-check
/** Draws one image vector (planes red, green, blue, or one of grey; about -1 to 1) on a canvas, a canvas pixel for a pixel. */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array | undefined} vector nothing, or one that is not kept any more, draws nothing
 * @param {number} [gain] amplifies around middle grey, for differences
 */
export function drawPixels(canvas, vector, gain = 1) {
  const context = canvas.getContext('2d');
  if (!context) return;
  if (!vector?.length) {
    context.clearRect(0, 0, canvas.width, canvas.height);
    return;
  }
  // three times a square is never a square
  const planes = Number.isInteger(Math.sqrt(vector.length)) ? 1 : 3;
  const plane = vector.length / planes;
  const size = Math.sqrt(plane);
  if (canvas.width !== size) {
    canvas.width = size;
    canvas.height = size;
  }
  const image = context.createImageData(size, size);
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      image.data[4 * pixel + channel] = (vector[(channel % planes) * plane + pixel] * gain + 1) * 127.5;
    }
    image.data[4 * pixel + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/**
 * Prepares a canvas whose backing store follows its size on the screen.
 * @param {HTMLCanvasElement} canvas
 */
export function fitted(canvas) {
  const scale = Math.max(1, window.devicePixelRatio || 1);
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}
