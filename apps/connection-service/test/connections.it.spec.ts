import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  connectAccount,
  getConnection,
  listConnections,
  newId,
  removeConnection,
  requestCredential,
  updateConnection,
  type ConnectionDto,
} from '@seatwise/contracts';
import { Bus, Nats } from '@seatwise/messaging';
import { newServiceKey, PrivateKey, PublicKeys } from '@seatwise/persistence';
import { root, spawnService, spawnSimulator, testServers, type RunningService } from '@seatwise/testing';

const run = promisify(execFile);
const token = `00connected${'z'.repeat(30)}`;
const keys = { k1: randomBytes(32).toString('base64'), k2: randomBytes(32).toString('base64') };

describe('connection-service', () => {
  let service: RunningService;
  let org: RunningService;
  let nats: Nats;
  let bus: Bus;
  let publicKeys: PublicKeys;
  let syncKey: PrivateKey;
  let settings: Record<string, string>;

  beforeAll(async () => {
    const servers = await testServers();
    const [own, sync] = await Promise.all([newServiceKey('connection-service'), newServiceKey('sync-service')]);
    const jwks = { keys: [own.publicJwk, sync.publicJwk] };
    publicKeys = new PublicKeys(jwks);
    syncKey = new PrivateKey(sync.privateJwk);
    org = await spawnSimulator({ env: { SIMULATOR_PEOPLE: '20', SIMULATOR_TOKEN: token } });
    settings = {
      MONGODB_URL: servers.mongoUrl,
      NATS_URL: servers.natsUrl,
      ENCRYPTION_KEYS: JSON.stringify(keys),
      ENCRYPTION_KEY_ID: 'k1',
      SERVICE_PRIVATE_KEY: JSON.stringify(own.privateJwk),
      SERVICE_PUBLIC_KEYS: JSON.stringify(jwks),
      OKTA_ALLOWED_ORIGINS: org.url,
      OKTA_ALLOWED_HOST_SUFFIXES: '*',
    };
    service = await spawnService({ name: 'connection-service', env: settings });
    nats = new Nats({ servers: servers.natsUrl, name: 'connection-test' });
    bus = new Bus(nats);
  });
  afterAll(async () => {
    await Promise.all([service.stop(), org.stop()]);
    await (await nats.connection()).close();
  });

  const connect = async (workspace: string, orgUrl: string, secret = token): Promise<ConnectionDto> => {
    const sealedToken = await publicKeys.sealFor('connection-service', secret, `connect|${workspace}|${orgUrl}`);
    return bus.request(connectAccount, { workspace, orgUrl, sealedToken, settings: {} });
  };

  it('connects an org once in a workspace, and in another as well', async () => {
    const [one, other] = [newId('ws'), newId('ws')];
    const connection = await connect(one, org.url);
    expect(connection).toMatchObject({
      workspace: one,
      orgUrl: org.url,
      level: 'read',
      health: 'healthy',
      paused: false,
      version: 1,
    });
    expect(connection.checks.map(({ check, result }) => [check, result])).toContainEqual(['apps', 'ok']);
    expect(JSON.stringify(connection)).not.toContain(token);
    await expect(connect(one, org.url)).rejects.toMatchObject({ code: 'already_connected' });
    await expect(connect(other, org.url)).resolves.toMatchObject({ workspace: other });
    await expect(bus.request(getConnection, { workspace: other, connection: connection.id })).rejects.toMatchObject({
      code: 'connection_not_found',
    });
  });

  it('stores nothing of an org that does not take the token, and says why', async () => {
    const workspace = newId('ws');
    const refused = await connect(workspace, org.url, `00wrong${'w'.repeat(34)}`).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'connection_test_failed',
      detail: expect.stringContaining('does not accept this token') as string,
    });
    await expect(bus.request(listConnections, { workspace })).resolves.toEqual({ connections: [] });
  });

  it('connects to no address inside, whatever it is written as', async () => {
    let connections = 0;
    const canary: Server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
    const { port } = canary.address() as { port: number };
    const workspace = newId('ws');
    const hosts = [
      '127.0.0.1',
      'localhost',
      '2130706433',
      '0x7f.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      'localhost.',
      `acme.okta.com@127.0.0.1`,
    ];
    const urls = hosts.flatMap((host) => [`http://${host}:${port}`, `https://${host}:${port}`, `https://${host}`]);
    for (const url of [...urls, 'https://169.254.169.254', 'https://10.0.0.1', 'file:///etc/passwd'])
      await expect(connect(workspace, url)).rejects.toMatchObject({
        code: expect.stringMatching(/^(invalid_org_url|connection_test_failed)$/) as string,
      });
    expect(connections).toBe(0);
    await new Promise<void>((resolve) => canary.close(() => resolve()));
    await expect(bus.request(listConnections, { workspace })).resolves.toEqual({ connections: [] });
  });

  it('hands the credential out sealed to who asked, also after its key was rotated, and not once it is removed', async () => {
    const workspace = newId('ws');
    const { id: connection } = await connect(workspace, org.url);
    const handOut = async () => {
      const { sealed } = await bus.request(requestCredential, { workspace, connection, recipient: 'sync-service' });
      expect(sealed).not.toContain(token);
      return syncKey.open(sealed, `credential|${workspace}|${connection}`);
    };
    await expect(handOut()).resolves.toContain(token);

    await service.stop();
    const rotate = join(root, 'apps/connection-service/dist/rotate-keys.js');
    const { stdout } = await run(process.execPath, [rotate], {
      env: { PATH: process.env.PATH, ...settings, ENCRYPTION_KEY_ID: 'k2' },
    });
    expect(stdout).toMatch(/^[1-9]\d* credentials sealed anew under k2, 0 changed meanwhile/);
    service = await spawnService({
      name: 'connection-service',
      env: { ...settings, ENCRYPTION_KEYS: JSON.stringify({ k2: keys.k2 }), ENCRYPTION_KEY_ID: 'k2' },
    });
    await expect(handOut()).resolves.toContain(token);

    const changed = await bus.request(updateConnection, {
      workspace,
      connection,
      settings: { name: 'Renamed', syncEveryMinutes: 60 },
    });
    expect(changed).toMatchObject({ name: 'Renamed', syncEveryMinutes: 60, version: 2 });
    await bus.request(removeConnection, { workspace, connection, history: 'erase' });
    await expect(handOut()).rejects.toMatchObject({ code: 'connection_not_found' });
  });
});
