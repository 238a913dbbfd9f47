// The page through a server of the test's own, for tests of a host that fails.
import { createServer } from 'node:http';

/** Headers of a connection, which are not those of a file. */
const OF_CONNECTION = ['content-encoding', 'transfer-encoding', 'content-length', 'connection'];

const PIECES = 5;

/**
 * Passes on what a server answers. `answers` says what to do otherwise, by how a path ends (the longest such end counts, the empty one is for all): another status,
 * another body, a function of body and type, or nothing for so many requests; `every` are the milliseconds between its pieces. While `state.down` is set nothing is answered.
 * @param {string} base the server's address
 * @param {{bare?: boolean, more?: Record<string, string>}} [how] `bare` passes on no header but the type, as a plain static host has it; `more` are sent besides
 */
export async function proxy(base, { bare = false, more = {} } = {}) {
  /** @type {Map<string, {silent?: number, every?: number, status?: number, body?: string | Buffer, change?: (body: any, type: string) => string | Buffer}>} */
  const answers = new Map();
  const state = { down: false };
  const server = createServer(async (request, response) => {
    if (state.down) {
      request.socket.destroy();
      return;
    }
    const path = String(request.url).split('?')[0];
    const fault = [...answers].filter(([end]) => path.endsWith(end)).sort(([one], [other]) => other.length - one.length)[0]?.[1];
    if (fault?.silent) {
      fault.silent -= 1;
      return;
    }
    const real = await fetch(new URL(String(request.url).slice(1), base), { method: request.method });
    const type = real.headers.get('content-type') ?? '';
    const body = fault?.body ?? Buffer.from(await real.arrayBuffer());
    const headers = [...real.headers].filter(([name]) => (bare ? name === 'content-type' : !OF_CONNECTION.includes(name)));
    response.writeHead(fault?.status ?? real.status, { ...Object.fromEntries(headers), ...more });
    const sent = fault?.change ? fault.change(body, type) : body;
    if (fault?.every) {
      const size = Math.ceil(sent.length / PIECES);
      for (let at = 0; at < sent.length; at += size) {
        response.write(sent.slice(at, at + size));
        await new Promise((resolve) => {
          setTimeout(resolve, fault.every);
        });
      }
      response.end();
    } else response.end(sent);
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  return {
    answers,
    state,
    url: `http://127.0.0.1:${/** @type {any} */ (server.address()).port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
