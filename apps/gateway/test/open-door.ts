import './quiet.js';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { loadConfig } from '@seatwise/observability';
import { newServiceKey, PrivateKey } from '@seatwise/persistence';
import { testServers } from '@seatwise/testing';
import { GatewayConfig } from '../src/config.js';
import type { Role } from '../src/door/roles.js';
import { furnish } from '../src/furnish.js';
import { ask, closeAgent, type Question, type Reply } from './ask.js';
import { Services } from './services.js';

export const bootstrapToken = 'the-operators-own-token-for-this-test-only';

/** A gateway on real servers, with the services behind it. */
export interface Door {
  url: string;
  app: NestExpressApplication;
  services: Services;
  ask(question: Question): Promise<Reply>;
  /** A further workspace: its id and an admin key. */
  openWorkspace(): Promise<{ workspace: string; admin: string }>;
  issue(admin: string, role: Role): Promise<string>;
  close(): Promise<void>;
}

let doorsOpen = 0;

/** `beside`: another door of the same house, with the same services behind it. */
export async function openDoor(env: Record<string, string> = {}, beside?: Door): Promise<Door> {
  const servers = await testServers();
  const { natsUrl, mongoUrl } = servers;
  doorsOpen++;
  const [connecting, acting] = [await newServiceKey('connection-service'), await newServiceKey('action-service')];
  const privateKeys = [new PrivateKey(connecting.privateJwk), new PrivateKey(acting.privateJwk)] as const;
  const services = beside?.services ?? (await Services.start(natsUrl, ...privateKeys));
  const config = loadConfig(GatewayConfig, {
    MONGODB_URL: mongoUrl,
    NATS_URL: natsUrl,
    BOOTSTRAP_TOKEN: bootstrapToken,
    SERVICE_PUBLIC_KEYS: JSON.stringify({ keys: [connecting.publicJwk, acting.publicJwk] }),
    THROTTLE_PER_MINUTE: '1000000',
    THROTTLE_ADDRESS_PER_MINUTE: '1000000',
    ...env,
  });
  // Jest can't require Nest, which the throttler does, while it still links the imports of the test.
  const { gatewayWith } = await import('../src/gateway.module.js');
  const app = await NestFactory.create<NestExpressApplication>(gatewayWith(config), {
    logger: false,
    bodyParser: false,
  });
  furnish(app, config);
  await app.listen(Number(env.HTTP_PORT ?? 0), '127.0.0.1');
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  const post = async (path: string, key: string, body: object) => {
    const reply = await ask(url, { method: 'POST', path, key, body });
    if (reply.status !== 201) throw new Error(`POST ${path} answered ${reply.status}: ${reply.text}`);
    return reply.json as { workspace: { id: string }; key: string };
  };
  return {
    url,
    app,
    services,
    ask: (question) => ask(url, question),
    openWorkspace: async () => {
      const { workspace, key } = await post('/api/v1/workspaces', bootstrapToken, { workspaceName: 'One more' });
      return { workspace: workspace.id, admin: key };
    },
    issue: async (admin, role) => (await post('/api/v1/keys', admin, { name: role, role })).key,
    close: async () => {
      closeAgent();
      await app.close();
      if (!beside) await services.stop();
      if (--doorsOpen === 0) await servers.stop();
    },
  };
}

/** Looks again and again until it fits; the test's own time limit ends what never comes. */
export async function until<T>(look: () => T | Promise<T>, fits: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await look();
    if (fits(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
