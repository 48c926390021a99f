import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';

export interface Question {
  method?: string;
  path: string;
  key?: string;
  headers?: Record<string, string>;
  /** Sent as it is; an object as JSON. */
  body?: string | Buffer | object;
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body, where it is JSON. */
  json: unknown;
}

const agent = new Agent({ keepAlive: true, maxSockets: 50 });
export const closeAgent = (): void => agent.destroy();

/** Asks by plain node:http, which sends paths as they are; fetch would tidy them up. */
export async function ask(url: string, question: Question): Promise<Reply> {
  const { method = 'GET', path, key, headers = {}, body } = question;
  const raw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        method,
        path,
        agent,
        headers: {
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(raw !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(raw) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = /[/+]json/.test(response.headers['content-type'] ?? '');
          const json: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
          resolve({ status: response.statusCode!, headers: response.headers, text, json });
        });
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // A kept socket may be ended by the server just when it is used again: it is asked anew by another.
      if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(ask(url, question));
      else reject(error);
    });
    sent.end(raw);
  });
}

/** Sends `text`, which need be no HTTP, and answers all that comes back until the connection is closed. */
export async function sendRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(text);
  return textOf(socket);
}
