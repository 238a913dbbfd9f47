// @ts-check

const { port1: bell, port2: rope } = new MessageChannel();
/** Lets messages in. A timer would do too, but browsers make nested ones wait for milliseconds. */
export const macrotask = () =>
  new Promise((resolve) => {
    bell.onmessage = resolve;
    rope.postMessage(undefined);
  });
