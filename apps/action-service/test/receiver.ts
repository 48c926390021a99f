import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** `webhook-id` */
  id: string;
}

/** A receiver of webhooks, over real HTTP, that answers as the test wants. */
export class Receiver {
  readonly received: Received[] = [];
  /** What is said to a request: a status, by default 204; `hold`: nothing, until {@link release}. */
  say: (request: Received) => number | [number, Record<string, string>] | 'hold' = () => 204;
  private readonly held: ServerResponse[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Receiver> {
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const body = await text(request);
      const { url: path = '', headers } = request;
      const received = { path, headers, body, id: String(headers['webhook-id']) };
      receiver.received.push(received);
      const said = receiver.say(received);
      const [status, own] = [said === 'hold' ? 0 : said].flat() as [number, Record<string, string>?];
      if (status === 0) receiver.held.push(response);
      else response.writeHead(status, own).end();
    };
    const server = createServer((request, response) => void answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const receiver: Receiver = new Receiver(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return receiver;
  }

  /** What came at this path. */
  at(path: string): Received[] {
    return this.received.filter((one) => one.path === path);
  }

  /** Answers all that is held. */
  release(): void {
    for (const response of this.held.splice(0)) response.writeHead(204).end();
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
