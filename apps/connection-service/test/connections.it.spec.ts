import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  connectAccount,
  connectionChecked,
  getConnection,
  liveSubject,
  listConnections,
  newId,
  removeConnection,
  reportCredential,
  requestCredential,
  rotateCredential,
  testConnection,
  tryAccount,
  updateConnection,
  type Capability,
  type ConnectionCheckedV1,
  type ConnectionDto,
  type ConnectionTestDto,
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
  /** The same org at another address, and another one. */
  let moved: RunningService;
  let stranger: RunningService;
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
    const env = { SIMULATOR_PEOPLE: '20', SIMULATOR_TOKEN: token };
    [org, moved, stranger] = await Promise.all([
      spawnSimulator({ env }),
      spawnSimulator({ env }),
      spawnSimulator({ env: { ...env, SIMULATOR_SEED: '9' } }),
    ]);
    settings = {
      MONGODB_URL: servers.mongoUrl,
      NATS_URL: servers.natsUrl,
      ENCRYPTION_KEYS: JSON.stringify(keys),
      ENCRYPTION_KEY_ID: 'k1',
      SERVICE_PRIVATE_KEY: JSON.stringify(own.privateJwk),
      SERVICE_PUBLIC_KEYS: JSON.stringify(jwks),
      OKTA_ALLOWED_ORIGINS: [org, moved, stranger].map(({ url }) => url).join(','),
      OKTA_ALLOWED_HOST_SUFFIXES: '*',
    };
    service = await spawnService({ name: 'connection-service', env: settings });
    nats = new Nats({ servers: servers.natsUrl, name: 'connection-test' });
    bus = new Bus(nats);
  });
  afterAll(async () => {
    await Promise.all([service, org, moved, stranger].map((each) => each.stop()));
    await (await nats.connection()).close();
  });

  const connect = async (workspace: string, orgUrl: string, secret = token): Promise<ConnectionDto> => {
    const sealedToken = await publicKeys.sealFor('connection-service', secret, `connect|${workspace}|${orgUrl}`);
    return bus.request(connectAccount, { workspace, orgUrl, sealedToken, settings: {} });
  };

  const tryOut = async (workspace: string, orgUrl: string, secret = token, more: { connection?: string } = {}) => {
    const sealedToken = await publicKeys.sealFor('connection-service', secret, `test|${workspace}|${orgUrl}`);
    const test = newId('tst');
    return bus.request(tryAccount, { workspace, test, orgUrl, sealedToken, level: 'read_and_act', ...more });
  };

  /** What is told live of the tests of a workspace while `work` is under way. */
  const toldDuring = async <T>(workspace: string, work: () => Promise<T>): Promise<[T, ConnectionCheckedV1[]]> => {
    const told: ConnectionCheckedV1[] = [];
    const connection = await nats.connection();
    const subscription = connection.subscribe(liveSubject(connectionChecked, workspace), {
      callback: (_error, message) => void told.push(message.json()),
    });
    try {
      return [await work(), told];
    } finally {
      subscription.unsubscribe();
    }
  };

  const control = (path: string, body: object) =>
    fetch(`${org.url}/control/${path}`, { method: 'PUT', body: JSON.stringify(body) });

  const giveToken = async ({ workspace, id: connection }: ConnectionDto, orgUrl?: string): Promise<ConnectionDto> => {
    const sealedToken = await publicKeys.sealFor('connection-service', token, `rotate|${workspace}|${connection}`);
    return bus.request(rotateCredential, { workspace, connection, sealedToken, ...(orgUrl && { orgUrl }) });
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
    await expect(connect(one, org.url)).rejects.toMatchObject({
      code: 'already_connected',
      extra: { context: { connection: connection.id } },
    });
    await expect(connect(other, org.url)).resolves.toMatchObject({ workspace: other });
    await expect(bus.request(getConnection, { workspace: other, connection: connection.id })).rejects.toMatchObject({
      code: 'connection_not_found',
    });
  });

  it('tries an org, tells each check as it ends, and keeps nothing', async () => {
    const workspace = newId('ws');
    await control('faults', [{ kind: 'latency', path: '/api/v1/users?', milliseconds: 2_000 }]);
    const [ended, told] = await toldDuring<ConnectionTestDto>(workspace, () => tryOut(workspace, org.url));
    await control('faults', []);
    expect(ended).toMatchObject({ workspace, orgUrl: org.url, health: 'healthy' });
    expect(told.every(({ test }) => test === ended.id)).toBe(true);
    const names = told.map(({ check: { check } }) => check);
    expect(names.slice(0, 2)).toEqual(['url', 'token']);
    // Of the four that run at the same time the slow one is told last; before those that come after it.
    expect(names.slice(2, 5).toSorted()).toEqual(['apps', 'groups', 'usage']);
    expect(names.slice(5)).toEqual(['users', 'act_on_users', 'act_on_groups', 'act_on_apps']);
    expect(ended.checks).toHaveLength(told.length);
    for (const { check } of told) expect(ended.checks).toContainEqual(check);
    expect(JSON.stringify([ended, told])).not.toContain(token);
    await expect(bus.request(listConnections, { workspace })).resolves.toEqual({ connections: [] });

    const [refused, few] = await toldDuring(workspace, () => tryOut(workspace, org.url, `00wrong${'w'.repeat(34)}`));
    expect(few.map(({ check: { check, result } }) => [check, result])).toEqual([['url', 'ok'], ['token', 'failed']]); // prettier-ignore
    expect(refused).toMatchObject({ health: 'needs_reauth', capabilities: [], checks: few.map(({ check }) => check) });
  });

  it('tries an org that is connected only in place of its own token, and a connection anew', async () => {
    const workspace = newId('ws');
    const { id: connection, version } = await connect(workspace, org.url);
    await expect(tryOut(workspace, org.url)).rejects.toMatchObject({ code: 'already_connected' });
    await expect(tryOut(workspace, org.url, token, { connection })).resolves.toMatchObject({ health: 'healthy' });
    await expect(tryOut(newId('ws'), org.url, token, { connection })).rejects.toMatchObject({
      code: 'connection_not_found',
    });
    expect(await bus.request(getConnection, { workspace, connection })).toMatchObject({ version });
    const test = newId('tst');
    const [kept, told] = await toldDuring(workspace, () =>
      bus.request(testConnection, { workspace, connection, test }),
    );
    expect(told.map((one) => one.test)).toEqual(kept.checks.map(() => test));
    expect(kept).toMatchObject({ id: connection, version: version + 1 });
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
    const refused = { code: expect.stringMatching(/^(invalid_org_url|connection_test_failed)$/) as string };
    for (const url of [...urls, 'https://169.254.169.254', 'https://10.0.0.1', 'file:///etc/passwd']) {
      await expect(connect(workspace, url)).rejects.toMatchObject(refused);
      const tried = await tryOut(workspace, url).then(
        ({ checks }) => checks.map(({ check, result }) => `${check} ${result}`).join(),
        ({ code }: { code: string }) => code,
      );
      expect(['invalid_org_url', 'url failed']).toContain(tried);
    }
    expect(connections).toBe(0);
    await new Promise<void>((resolve) => canary.close(() => resolve()));
    await expect(bus.request(listConnections, { workspace })).resolves.toEqual({ connections: [] });
  });

  it('takes a sealed token for nothing but what it was sealed for', async () => {
    const workspace = newId('ws');
    const connection = await connect(workspace, org.url);
    const sealedToken = await publicKeys.sealFor('connection-service', token, `connect|${workspace}|${org.url}`);
    const elsewhere = { workspace, sealedToken, orgUrl: moved.url, settings: {} };
    const refused = { code: 'invalid_request', detail: expect.stringContaining('cannot be opened') as string };
    await expect(bus.request(connectAccount, elsewhere)).rejects.toMatchObject(refused);
    const { orgUrl } = connection;
    const trial = {
      workspace,
      test: newId('tst'),
      orgUrl,
      sealedToken,
      level: 'read' as const,
      connection: connection.id,
    };
    await expect(bus.request(tryAccount, trial)).rejects.toMatchObject(refused);
    const rotation = { workspace, sealedToken, connection: connection.id };
    await expect(bus.request(rotateCredential, rotation)).rejects.toMatchObject(refused);
  });

  it('keeps what is disconnected apart, lets the org be connected anew, and erases what was kept', async () => {
    const workspace = newId('ws');
    const kept = await connect(workspace, org.url);
    const at = { workspace, connection: kept.id };
    await bus.request(removeConnection, { ...at, history: 'keep' });
    await bus.request(removeConnection, { ...at, history: 'keep' });
    const removed = { code: 'connection_removed' };
    await expect(bus.request(testConnection, at)).rejects.toMatchObject(removed);
    await expect(bus.request(updateConnection, { ...at, settings: {} })).rejects.toMatchObject(removed);
    await expect(bus.request(requestCredential, { ...at, recipient: 'sync-service' })).rejects.toMatchObject(removed);
    await expect(giveToken(kept)).rejects.toMatchObject(removed);

    const anew = await connect(workspace, org.url);
    const listed = async () => (await bus.request(listConnections, { workspace })).connections;
    expect((await listed()).map(({ id, removedAt }) => [id, removedAt === null])).toEqual([
      [kept.id, false],
      [anew.id, true],
    ]);
    await bus.request(removeConnection, { ...at, history: 'erase' });
    expect((await listed()).map(({ id }) => id)).toEqual([anew.id]);
    await expect(bus.request(removeConnection, { ...at, history: 'erase' })).rejects.toMatchObject({
      code: 'connection_not_found',
    });
  });

  it('lets an org move to another address, and lets no other org take its place', async () => {
    const workspace = newId('ws');
    const connection = await connect(workspace, org.url);
    await expect(giveToken(connection, stranger.url)).rejects.toMatchObject({ code: 'invalid_org_url' });
    await expect(giveToken(connection, moved.url)).resolves.toMatchObject({ id: connection.id, orgUrl: moved.url });
    await connect(workspace, org.url);
    await expect(giveToken(connection, org.url)).rejects.toMatchObject({ code: 'already_connected' });
  });

  it('learns from its runs what the token may do, and of nothing that has been replaced since', async () => {
    const workspace = newId('ws');
    const { id: connection, version } = await connect(workspace, org.url);
    const at = { workspace, connection };
    const now = () => bus.request(getConnection, at);
    const accepted = (missing: Capability[], of = version) =>
      bus.request(reportCredential, { ...at, verdict: 'accepted', missing, version: of });
    await accepted([]);
    expect(await now()).toMatchObject({ version, health: 'healthy' });
    await accepted(['apps']);
    const partial = await now();
    expect(partial).toMatchObject({
      version: version + 1,
      health: 'partial',
      capabilities: ['users', 'groups', 'usage'],
    });
    expect(partial.checks.find(({ check }) => check === 'apps')).toMatchObject({
      result: 'missing',
      detail: 'The token does not have permission for reading the apps list.',
    });
    await bus.request(reportCredential, { ...at, verdict: 'rejected', missing: [], version });
    expect(await now()).toMatchObject({ health: 'partial' });
    await bus.request(reportCredential, { ...at, verdict: 'rejected', missing: [], version: version + 1 });
    expect(await now()).toMatchObject({ health: 'needs_reauth', version: version + 2 });
    await accepted([], version + 2);
    expect(await now()).toMatchObject({ health: 'healthy' });
  });

  it('says of settings that it cannot read which they are, and nothing of what they hold', async () => {
    const main = join(root, 'apps/connection-service/dist/main.js');
    const broken = { ENCRYPTION_KEYS: `{"k1":${keys.k1}`, SERVICE_PRIVATE_KEY: `{"d":"${keys.k2}"` };
    const failed = await run(process.execPath, [main], {
      env: { PATH: process.env.PATH, ...settings, ...broken },
    }).catch((error: unknown) => error as { stdout: string; stderr: string });
    const said = failed.stdout + failed.stderr;
    for (const name of Object.keys(broken)) expect(said).toContain(`${name}: ${name} must be a JSON object`);
    for (const key of Object.values(keys)) expect(said).not.toContain(key.slice(0, 8));
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
