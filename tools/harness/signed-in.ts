import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Who is signed in, as `GET /api/v1/session` tells it. */
interface SignedIn {
  workspace: { id: string; name: string };
  role: 'viewer' | 'operator' | 'admin';
  key: string;
}

/**
 * A door before the gateway that stands for a session: it adds an API key to what a page asks, and answers who is signed
 * in. For tests of the page, until the gateway has sessions of its own.
 */
export class SignedInDoor {
  private constructor(private readonly server: Server) {}

  static async open(gatewayUrl: string, who: SignedIn): Promise<SignedInDoor> {
    const server = createServer((asked, answer) =>
      asked.url === '/api/v1/session' ? tell(answer, who) : passOn(gatewayUrl, who.key, asked, answer),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new SignedInDoor(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

function tell(answer: ServerResponse, { workspace, role }: SignedIn): void {
  const session = {
    person: { id: 'usr_test', email: 'robin@acme.example', name: 'Robin Marlow' },
    workspace,
    role,
    workspaces: [{ ...workspace, role }],
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  };
  answer.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(session));
}

function passOn(gatewayUrl: string, key: string, asked: IncomingMessage, answer: ServerResponse): void {
  const isApi = asked.url!.startsWith('/api/');
  const sent = request(
    new URL(asked.url!, gatewayUrl),
    {
      method: asked.method!,
      headers: { ...asked.headers, ...(isApi && { authorization: `Bearer ${key}` }) },
      agent: false,
    },
    (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    },
  );
  sent.on('error', () => answer.destroy());
  answer.on('close', () => sent.destroy());
  asked.pipe(sent);
}
