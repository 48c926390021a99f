import { request, type ClientRequest } from 'node:http';

interface Shown<T> {
  event: string;
  id: string;
  data: T;
}

/** A client of server-sent events: what it was shown, and whether the stream has ended. With a `body` it posts that. */
export class Watcher<T> {
  readonly shown: Shown<T>[] = [];
  status = 0;
  ended = false;
  type = '';
  private text = '';
  private readonly request: ClientRequest;

  constructor(url: string, key: string, body?: object) {
    const headers = { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) };
    this.request = request(url, { method: body ? 'POST' : 'GET', headers, agent: false }, (response) => {
      this.status = response.statusCode!;
      this.type = response.headers['content-type']!;
      response.setEncoding('utf8').on('data', (chunk: string) => this.take(chunk));
      response.on('close', () => (this.ended = true));
      response.on('error', () => undefined);
    });
    this.request.on('error', () => undefined);
    this.request.end(body && JSON.stringify(body));
  }

  leave(): void {
    this.request.destroy();
  }

  private take(chunk: string): void {
    const blocks = (this.text + chunk).split('\n\n');
    this.text = blocks.pop()!;
    for (const block of blocks.filter((one) => !one.startsWith(':'))) {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
      this.shown.push({ event: fields.event!, id: fields.id!, data: JSON.parse(fields.data ?? '') as T });
    }
  }
}
