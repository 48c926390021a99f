import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  connectionChanged,
  consumersDomain,
  consumerUser,
  eventEntry,
  getConnection,
  inboxPrefixOf,
  listPeople,
  natsAccounts,
  natsUsers,
  natsVariable,
  newId,
  permissionsOf,
  type EventType,
} from '@seatwise/contracts';
import { Bus, closeConsumer, messagingOptionsOf, Nats, openConsumers, Streams } from '@seatwise/messaging';
import { loadConfig, NatsConfig } from '@seatwise/observability';
import {
  natsEnvironment,
  resolveNatsServer,
  root,
  silent,
  startNats,
  testFolder,
  type NatsServer,
  type NatsServerOptions,
} from '@seatwise/testing';
import { jetstream, type JsMsg } from '@nats-io/jetstream';
import { nkeyAuthenticator, nkeys, PermissionViolationError, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { until } from '../tools/harness/until.js';
import { moveIntoAccount } from '../tools/start/nats-store.js';
import { designed, documented, examples, page, type Row } from '../tools/nats/table.js';

const users = [...natsUsers, ...examples.map(consumerUser)];
const passwordOf = (user: string) => `of-${user}`;
const passwords = Object.fromEntries(users.map((user) => [user, passwordOf(user)]));

async function start(options: Partial<NatsServerOptions>): Promise<NatsServer> {
  const found = await resolveNatsServer({ say: silent, env: { PATH: process.env.PATH, ...binary } });
  if (found.kind === 'url') throw new Error('it is started from a binary');
  return startNats({ binary: found.path, storeDir: testFolder(), ...options });
}
const { NATS_SERVER_BINARY } = process.env;
const binary = NATS_SERVER_BINARY ? { NATS_SERVER_BINARY } : {};

it('keeps what JetStream had before there were accounts', async () => {
  const storeDir = testFolder();
  const event = eventEntry(connectionChanged as EventType<object>, newId('ws'), {});
  const before = await start({ storeDir });
  const anybody = new Nats({ servers: before.url, name: 'before' });
  await new Streams(anybody).publishEntry({ ...event, id: newId('evt') });
  await anybody.onApplicationShutdown();
  await before.stop();
  moveIntoAccount(storeDir);
  const now = await start({ storeDir, accounts: natsAccounts(), env: natsEnvironment(passwords) });
  const operator = new Nats({ servers: now.url, name: 'after', user: 'operator', password: passwordOf('operator') });
  const manager = await new Streams(operator).manager();
  expect(await manager.streams.getMessage('EVENTS', { last_by_subj: event.subject })).toMatchObject({ seq: 1 });
  await operator.onApplicationShutdown();
  await now.stop();
});

it('keeps a service that is refused: it is let in as soon as its password is right again', async () => {
  const env = natsEnvironment(passwords);
  const server = await start({ accounts: natsAccounts(), env });
  const as = (password: string) => new Nats({ servers: server.url, name: 'ours', user: 'sync-service', password });
  const nats = as(passwordOf('sync-service'));
  await nats.check();
  env[natsVariable('sync-service')] = 'another';
  await server.restart();
  const connection = await nats.connection();
  let refusals = 0;
  for await (const { type } of connection.status()) if (type === 'error' && ++refusals === 3) break;
  await expect(as('a-wrong-one').connection()).rejects.toThrow(/authorization violation/i);
  env[natsVariable('sync-service')] = passwordOf('sync-service');
  await server.restart();
  await until(
    () =>
      nats.check().then(
        () => true,
        () => false,
      ),
    (isThere) => isThere,
  );
  await nats.onApplicationShutdown();
  await server.stop();
});

it.each(['nats://[nowhere', 'nats://127.0.0.1:99999', 'ws://127.0.0.1:1'])(
  'says at once of "%s" that it is no address, and does not wait for it',
  async (servers) => {
    await expect(new Nats({ servers, name: 'ours' }).connection()).rejects.toThrow(/NATS_URL|websockets/);
  },
);

it('tells no password that stands in an address', async () => {
  const servers = 'nats://sync-service:in-the-clear@nats:4222';
  const error = await new Nats({ servers, name: 'ours' }).connection().catch((refused: unknown) => refused);
  expect(error).toBeInstanceOf(Error);
  expect(inspect(error, { depth: 10 })).not.toContain('in-the-clear');
});

describe('NATS as a boundary', () => {
  let server: NatsServer;
  const connections: NatsConnection[] = [];
  beforeAll(async () => {
    server = await start({ accounts: natsAccounts({ consumers: examples }), env: natsEnvironment(passwords) });
  });
  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await server.stop();
  });

  const natsAs = (user: string) => new Nats({ servers: server.url, name: user, user, password: passwordOf(user) });
  const connectAs = async (user: string) => {
    const proof = { user, pass: passwordOf(user), inboxPrefix: inboxPrefixOf(user) };
    const connection = await connect({ servers: server.url, ...proof });
    connections.push(connection);
    return connection;
  };

  it('lets each user say and hear what the design gives them, and nothing else', async () => {
    const rows = designed();
    const found: Row[] = rows.map((row) => ({ ...row, publish: [], subscribe: [] }));
    for (const user of users) {
      const refused = await refusedTo(await connectAs(user), rows);
      for (const row of found) {
        if (!isPattern(row.subject) && !refused.has(`publish ${row.subject}`)) row.publish.push(user);
        if (!refused.has(`subscription ${row.subject}`)) row.subscribe.push(user);
      }
    }
    expect(page(found)).toBe(page(rows.map(inOrder)));
    expect(withoutPadding(readFileSync(join(root, documented), 'utf8'))).toBe(withoutPadding(page(rows)));
  });

  it('leaves an answer to whoever asked: nobody else hears it', async () => {
    const [asking, curious] = await Promise.all([connectAs('gateway'), connectAs('usage-aggregator')]);
    expect(await refusedTo(curious, [{ subject: `${inboxPrefixOf('gateway')}.>` }])).toContain(
      `subscription ${inboxPrefixOf('gateway')}.>`,
    );
    const nats = natsAs('connection-service');
    await new Bus(nats).handle(getConnection, ({ connection }) => Promise.resolve({ id: connection } as never));
    await (await nats.connection()).flush();
    const answer = await asking.request(
      getConnection.subject,
      JSON.stringify({ workspace: newId('ws'), connection: newId('con') }),
    );
    expect(answer.json()).toMatchObject({ id: expect.stringContaining('con_') as string });
    await nats.onApplicationShutdown();
  });

  describe('for a consumer outside', () => {
    let operator: Nats;
    let publisher: Nats;
    let published: string[];
    const [mine, theirs] = examples as [(typeof examples)[0], (typeof examples)[0]];

    beforeAll(async () => {
      [operator, publisher] = [natsAs('operator'), natsAs('connection-service')];
      published = await publish(3);
      await openConsumers(operator, examples);
    });
    afterAll(() => Promise.all([operator, publisher].map((nats) => nats.onApplicationShutdown())));

    /** As many events in each of the two workspaces; answers the ids of those in the first. */
    async function publish(count: number): Promise<string[]> {
      const streams = new Streams(publisher);
      const ids: string[] = [];
      for (let n = 0; n < count; n += 1)
        for (const { workspace } of examples) {
          const id = newId('evt');
          const entry = eventEntry(connectionChanged as EventType<object>, workspace, { workspace, n });
          await streams.publishEntry({ ...entry, id });
          if (workspace === mine.workspace) ids.push(id);
        }
      return ids;
    }
    const standing = async (consumer: typeof mine) =>
      (await new Streams(operator).manager()).consumers.info('EVENTS', consumerUser(consumer));
    const readAs = async (consumer: typeof mine, count: number): Promise<JsMsg[]> => {
      const client = jetstream(await connectAs(consumerUser(consumer)), { domain: consumersDomain });
      const reader = await client.consumers.get('EVENTS', consumerUser(consumer));
      const messages: JsMsg[] = [];
      for await (const message of await reader.fetch({ max_messages: count, expires: 5_000 })) messages.push(message);
      return messages;
    };

    it('brings the events of its workspace, once acknowledged never again', async () => {
      const messages = await readAs(mine, 3);
      expect(messages.map(({ headers }) => headers?.get('ce-id'))).toEqual(published);
      expect(messages.map(({ headers }) => headers?.get('ce-workspace'))).toEqual(published.map(() => mine.workspace));
      await Promise.all(messages.map((message) => message.ackAck()));
      expect(await standing(mine)).toMatchObject({ num_pending: 0, num_ack_pending: 0 });
      const more = await publish(1);
      expect((await readAs(mine, 1)).map(({ headers }) => headers?.get('ce-id'))).toEqual(more);
    });

    it('cannot be drained or acknowledged by another, whose answers are sent on as calls', async () => {
      const before = await standing(theirs);
      const client = await connectAs(consumerUser(mine));
      const next = (consumer: typeof mine) => `$JS.seatwise.API.CONSUMER.MSG.NEXT.EVENTS.${consumerUser(consumer)}`;
      await publish(1);
      for (const reply of [next(theirs), `$JS.API.CONSUMER.MSG.NEXT.EVENTS.${consumerUser(theirs)}`])
        client.publish(next(mine), '{"batch":1,"no_wait":true}', { reply });
      await client.flush();
      await until(
        () => standing(mine),
        ({ num_pending: pending }) => pending === 0,
      );
      expect((await standing(theirs)).delivered).toMatchObject({ consumer_seq: before.delivered.consumer_seq });
    });

    it('ends with its place in the stream', async () => {
      expect(await closeConsumer(operator, mine.name)).toBe('consumer-lake is removed');
      await expect(readAs(mine, 1)).rejects.toThrow(/consumer not found/);
      const reads = `consumer-lake reads seatwise.v1.${mine.workspace}.>`;
      expect(await openConsumers(operator, [mine])).toEqual([reads]);
      expect(await openConsumers(operator, [mine])).toEqual([`${reads}, from where it had read to`]);
      const lost = { name: 'nobody', workspace: newId('ws') };
      expect((await openConsumers(operator, [lost]))[0]).toMatch(/no event of that workspace/);
      const moved = await openConsumers(operator, [{ ...mine, workspace: theirs.workspace }]);
      expect(moved[0]).toMatch(/remove it first/);
    });
  });
});

describe('NATS with TLS and NKeys', () => {
  const folder = testFolder();
  const file = (name: string) => join(folder, name);
  const keys = new Map(natsUsers.map((user) => [user, nkeys.createUser()]));
  let server: NatsServer;

  beforeAll(async () => {
    certificate('ca', ['-addext', 'basicConstraints=critical,CA:TRUE']);
    const signed = ['-CA', file('ca.pem'), '-CAkey', file('ca.key')];
    certificate('server', ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', ...signed]);
    certificate('client', signed);
    const tls = `tls { cert_file: "${file('server.pem')}", key_file: "${file('server.key')}", ca_file: "${file('ca.pem')}", verify: true }\n`;
    const env = Object.fromEntries([...keys].map(([user, key]) => [natsVariable(user, 'nkey'), key.getPublicKey()]));
    server = await start({ accounts: natsAccounts({ login: 'nkey' }) + tls, env });
  });
  afterAll(() => server.stop());

  function certificate(name: string, more: string[]): void {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', file(`${name}.key`)];
    const args = ['req', '-x509', ...key, '-out', file(`${name}.pem`), '-subj', `/CN=${name}`, '-days', '2', ...more];
    execFileSync('openssl', args, { stdio: 'ignore' });
  }
  const settings = {
    NATS_TLS_CA_FILE: file('ca.pem'),
    NATS_TLS_CERT_FILE: file('client.pem'),
    NATS_TLS_KEY_FILE: file('client.key'),
  };
  const natsWith = (name: (typeof natsUsers)[number], own: Record<string, string>) => {
    const config = loadConfig(NatsConfig, { NATS_URL: server.url.replace('nats:', 'tls:'), ...own });
    return new Nats(messagingOptionsOf(name, config));
  };
  const seedOf = (user: (typeof natsUsers)[number]) => new TextDecoder().decode(keys.get(user)!.getSeed());

  it('lets a service in by its settings, and gives it what is its own', async () => {
    const nats = natsWith('connection-service', { ...settings, NATS_NKEY_SEED: seedOf('connection-service') });
    const connection = await nats.connection();
    const refused = await refusedTo(connection, [
      { subject: 'seatwise.rpc.connections.get' },
      { subject: `seatwise.v1.${newId('ws')}.connection.changed` },
    ]);
    expect([...refused].map((line) => line.split(' ', 1)[0])).toEqual(['publish', 'subscription']);
    await nats.onApplicationShutdown();
  });

  it('lets nobody in without the certificate or with a key that it does not know', async () => {
    const { NATS_TLS_CA_FILE: caFile, NATS_TLS_CERT_FILE: certFile, NATS_TLS_KEY_FILE: keyFile } = settings;
    const from = { servers: server.url, reconnect: false };
    const { authenticator } = nkeyOf(nkeys.createUser().getSeed());
    await expect(connect({ ...from, tls: { caFile, certFile, keyFile }, authenticator })).rejects.toThrow(
      /authorization/i,
    );
    const known = nkeyOf(keys.get('gateway')!.getSeed());
    await expect(connect({ ...from, tls: { caFile }, ...known })).rejects.toThrow();
  });

  it('names a seed that is none without showing it', () => {
    const given = { NATS_URL: 'nats://127.0.0.1:4222', NATS_NKEY_SEED: 'SUNOTASEED' };
    expect(() => loadConfig(NatsConfig, given)).toThrow(/NATS_NKEY_SEED/);
    expect(() => loadConfig(NatsConfig, given)).not.toThrow(/SUNOTASEED/);
  });
});

/** Tables are written for the eye. */
const withoutPadding = (text: string): string => text.replaceAll(/ +\|/g, ' |').replaceAll(/-{2,}/g, '-');

/** With its users in the order in which they are asked. */
const inOrder = ({ publish, subscribe, ...row }: Row): Row => ({
  ...row,
  publish: users.filter((user) => publish.includes(user)),
  subscribe: users.filter((user) => subscribe.includes(user)),
});

describe('NATS with accounts of JWTs', () => {
  const authority = nkeys.createOperator();
  // JetStream wants an account of the server's own beside that of the services.
  const [account, system] = [nkeys.createAccount(), nkeys.createAccount()];
  const user = nkeys.createUser();
  const unlimited = { subs: -1, data: -1, payload: -1 };

  /** As `nsc` signs them: a JWT whose signature is an NKey's. */
  function jwt(type: string, of: typeof user, by: typeof user, claims: object = {}): string {
    const nats = { type, version: 2, ...claims };
    const body = {
      jti: newId('key'),
      iat: 1_700_000_000,
      iss: by.getPublicKey(),
      sub: of.getPublicKey(),
      name: type,
      nats,
    };
    const signed = `${coded({ typ: 'JWT', alg: 'ed25519-nkey' })}.${coded(body)}`;
    return `${signed}.${Buffer.from(by.sign(Buffer.from(signed))).toString('base64url')}`;
  }

  it('lets a service in by its credentials file, with the permissions that the JWT gives', async () => {
    const { publish, subscribe } = permissionsOf('usage-aggregator');
    const may = { pub: { allow: publish }, sub: { allow: subscribe }, ...unlimited };
    const limits = { ...unlimited, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
    const preloaded = [account, system].map(
      (one) => `${one.getPublicKey()}: ${jwt('account', one, authority, { limits })}`,
    );
    const named = [
      `operator: ${jwt('operator', authority, authority)}`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      `resolver_preload: { ${preloaded.join(', ')} }`,
    ].join('\n');
    const server = await start({ accounts: `${named}\n` });
    const credsFile = join(testFolder(), 'usage-aggregator.creds');
    const seed = new TextDecoder().decode(user.getSeed());
    const token = jwt('user', user, account, may);
    writeFileSync(credsFile, `${wrapped('NATS USER JWT', token)}\n${wrapped('USER NKEY SEED', seed)}`);
    const config = loadConfig(NatsConfig, { NATS_URL: server.url, NATS_CREDS_FILE: credsFile });
    const nats = new Nats(messagingOptionsOf('usage-aggregator', config));
    const refused = await refusedTo(await nats.connection(), [
      { subject: getConnection.subject },
      { subject: listPeople.subject },
    ]);
    expect([...refused]).toEqual([
      `publish ${getConnection.subject}`,
      `publish ${listPeople.subject}`,
      `subscription ${getConnection.subject}`,
    ]);
    await nats.onApplicationShutdown();
    await server.stop();
  });
});

/** What the server refuses of saying and hearing something on each of these. */
async function refusedTo(connection: NatsConnection, rows: { subject: string }[]): Promise<Set<string>> {
  const refused = new Set<string>();
  const told = (async () => {
    for await (const { type, ...status } of connection.status())
      if (type === 'error' && 'error' in status && status.error instanceof PermissionViolationError)
        refused.add(`${status.error.operation} ${status.error.subject}`);
  })();
  for (const { subject } of rows) if (!isPattern(subject)) connection.publish(subject);
  const heard = rows.map(({ subject }) => connection.subscribe(subject, { callback: () => undefined }));
  await connection.flush();
  // What came with the answer to that is handed on by promises, which are all done before this.
  await new Promise((resolve) => setImmediate(resolve));
  for (const subscription of heard) if (!subscription.isClosed()) subscription.unsubscribe();
  void told;
  return refused;
}

/** Whether it stands for many subjects, on which nobody publishes; in calls of JetStream such a name is only a name. */
const isPattern = (subject: string): boolean => /[*>]/.test(subject) && !subject.startsWith('$JS.API.');

const nkeyOf = (seed: Uint8Array) => ({ authenticator: nkeyAuthenticator(seed) });
const coded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const wrapped = (what: string, text: string) => `-----BEGIN ${what}-----\n${text}\n------END ${what}------\n`;
