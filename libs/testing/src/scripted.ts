import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived, by number from 1. */
export interface Asked {
  number: number;
  method: string;
  /** With its query. */
  path: string;
  headers: IncomingHttpHeaders;
}

/** What the test says to it. A body that is no text is sent as JSON. */
export interface Said {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

export interface Scripted {
  url: string;
  asked: Asked[];
  close(): Promise<void>;
}

/** An HTTP server on 127.0.0.1 whose every answer the test writes: for what no well-behaved server would say. */
export async function startScripted(say: (asked: Asked) => Said): Promise<Scripted> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request;
    const one = { number: asked.length + 1, method, path, headers };
    asked.push(one);
    const { status = 200, headers: own = {}, body = '' } = say(one);
    response.writeHead(status, { 'content-type': 'application/json', ...own });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
