import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPairSync } from 'node:crypto';
import { Provider } from 'oidc-provider';

export const clientId = 'seatwise';
export const clientSecret = 'a-secret-of-this-test-only';

/** A person as the provider knows them. */
export interface Known {
  email?: string;
  email_verified?: boolean;
  groups?: string[];
}

/** A real provider of OpenID Connect, at which whoever comes is signed in at once as `next`, as after their password. */
export class TestProvider {
  readonly people = new Map<string, Known>();
  next = '';
  private server: Server | undefined;

  private constructor(private readonly port: number) {}

  get issuer(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  static async start(redirectUri: string): Promise<TestProvider> {
    const provider = new TestProvider(await freePort());
    provider.handle = provider.made(redirectUri).callback();
    await provider.open();
    return provider;
  }
  private handle: ReturnType<Provider['callback']> | undefined;

  async open(): Promise<void> {
    this.server = createServer((request, response) => void this.handle!(request, response));
    await new Promise<void>((resolve) => this.server!.listen(this.port, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    this.server!.closeAllConnections();
    await new Promise((resolve) => this.server!.close(resolve));
  }

  private made(redirectUri: string): Provider {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const provider = new Provider(this.issuer, {
      clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
      claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'], profile: ['name'] },
      scopes: ['openid', 'email', 'profile', 'groups'],
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'one' }] },
      ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
      cookies: { keys: ['of-this-test-only'] },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
      findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...this.people.get(id) }) }),
      // It asks nobody whether they agree.
      loadExistingGrant: async (ctx) => {
        const grant = new ctx.oidc.provider.Grant({
          clientId: ctx.oidc.client!.clientId,
          accountId: ctx.oidc.session!.accountId!,
        });
        grant.addOIDCScope('openid email profile groups');
        await grant.save();
        return grant;
      },
    });
    provider.use(async (ctx, go) => {
      if (ctx.path.startsWith('/interaction/')) {
        const result = this.next === '' ? { error: 'access_denied' } : { login: { accountId: this.next } };
        await provider.interactionFinished(ctx.req, ctx.res, result);
        ctx.respond = false;
      } else await go();
    });
    return provider;
  }
}

/** Follows the provider's own redirects, with its cookies, to where it leads back to `home`. */
export async function followed(start: URL, home: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = start;
  while (url.origin !== home) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const reply = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of reply.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      cookies.set(name!, value!);
    }
    const location = reply.headers.get('location');
    if (location === null) throw new Error(`the provider answered ${reply.status} ${await reply.text()}`);
    url = new URL(location, url);
  }
  return url;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
