import { connect } from '@nats-io/transport-node';
import { createServer, type AddressInfo } from 'node:net';
import { MongoClient } from 'mongodb';
import { UnfitServerError } from './addresses.js';
import { testFolder } from './folder.js';
import { startMongod } from './mongod.js';
import { startNats } from './nats.js';
import { freePort } from './ports.js';
import { resolveMongod, resolveNatsServer } from './resolve.js';
import { silent } from './settings.js';
import { freshDatabase, testServers, type TestServers } from './test-servers.js';

const { NATS_URL: _nats, MONGODB_URL: _mongo, ...env } = process.env;

async function programOf(resolve: typeof resolveMongod): Promise<string> {
  const found = await resolve({ say: silent, env });
  if (found.kind === 'url') throw new Error('a program was asked for');
  return found.path;
}

describe('the servers of the tests', () => {
  let servers: TestServers;
  beforeAll(async () => {
    servers = await testServers();
  });

  it('are the same for everybody who asks while they run', async () => {
    expect(await testServers()).toBe(servers);
  });

  it('carry a transaction across databases, and undo one that fails', async () => {
    const client = await MongoClient.connect(servers.mongoUrl);
    try {
      const [one, other] = [client.db(freshDatabase()), client.db(freshDatabase())];
      const write = (fail: boolean) =>
        client.withSession((session) =>
          session.withTransaction(async () => {
            await one.collection('seats').insertOne({ app: 'a' }, { session });
            await other.collection('outbox').insertOne({ event: 'e' }, { session });
            if (fail) throw new Error('undo this');
          }),
        );
      await write(false);
      await expect(write(true)).rejects.toThrow('undo this');
      expect(await one.collection('seats').countDocuments()).toBe(1);
      expect(await other.collection('outbox').countDocuments()).toBe(1);
    } finally {
      await client.close();
    }
  });

  it('have JetStream on the disk before it acknowledges, on 127.0.0.1 alone', async () => {
    const varz = (await (await fetch(`${servers.nats.monitorUrl}/varz`)).json()) as {
      host: string;
      max_payload: number;
      jetstream: { config: { sync_always: boolean } };
    };
    expect(varz.jetstream.config.sync_always).toBe(true);
    expect(varz.host).toBe('127.0.0.1');
    expect(varz.max_payload).toBe(8 * 1024 * 1024);
  });

  it('keep what JetStream acknowledged through kill -9 and a restart', async () => {
    const nats = await startNats({ binary: await programOf(resolveNatsServer), storeDir: testFolder() });
    await askJetStream(nats.url, 'STREAM.CREATE.KEPT', { name: 'KEPT', subjects: ['kept'], storage: 'file' });
    const { seq } = await ask(nats.url, 'kept', 'a message');
    expect(seq).toBe(1);
    await nats.process.kill();
    await nats.restart();
    const { state } = await askJetStream(nats.url, 'STREAM.INFO.KEPT', {});
    expect(state).toMatchObject({ messages: 1, last_seq: 1 });
    await nats.stop();
  });

  it('keep their data on another port: the replica set moves with it', async () => {
    const options = { binary: await programOf(resolveMongod), dataDir: testFolder() };
    const database = freshDatabase();
    const first = await startMongod(options);
    await withMongo(first.url, (client) => client.db(database).collection('seats').insertOne({ app: 'kept' }));
    await first.stop();
    const moved = await startMongod({ ...options, port: await freePort(portOf(first.url) + 1) });
    expect(portOf(moved.url)).not.toBe(portOf(first.url));
    const kept = await withMongo(moved.url, async (client) => {
      await client.db(database).collection('seats').insertOne({ app: 'new' });
      return client.db(database).collection('seats').distinct('app');
    });
    expect(kept).toEqual(['kept', 'new']);
    await moved.stop();
  });

  it('are found at an address of the settings, and nothing is started', async () => {
    const said: string[] = [];
    const given = { say: (line: string) => said.push(line), env: { NATS_URL: servers.natsUrl } };
    expect(await resolveNatsServer(given)).toEqual({ kind: 'url', url: servers.natsUrl });
    expect(await resolveMongod({ ...given, env: { MONGODB_URL: servers.mongoUrl } })).toEqual({
      kind: 'url',
      url: servers.mongoUrl,
    });
    expect(said).toEqual(['nats-server at the address in NATS_URL', 'mongod      at the address in MONGODB_URL']);
  });

  it('are refused at an address where nobody answers, without a word of the address', async () => {
    const port = await freePort();
    const refused = resolveNatsServer({ say: silent, env: { NATS_URL: `nats://hush:hush@127.0.0.1:${port}` } });
    await expect(refused).rejects.toThrow(UnfitServerError);
    await expect(refused).rejects.toThrow('The server in NATS_URL cannot be reached within 5 s.');
  });

  it('say what their log says when they cannot start', async () => {
    const taken = portOf(servers.mongoUrl);
    const refused = startMongod({ binary: await programOf(resolveMongod), dataDir: testFolder(), port: taken });
    await expect(refused).rejects.toMatchObject({ name: 'NotReadyError', portTaken: true });
    await expect(refused).rejects.toThrow(/mongod ended.*Address already in use/s);
  });
});

it('a taken port is stepped over, with a line that says so', async () => {
  const taker = createServer();
  await new Promise<void>((resolve) => taker.listen(0, '127.0.0.1', resolve));
  const { port } = taker.address() as AddressInfo;
  const said: string[] = [];
  const free = await freePort(port, { say: (line) => said.push(line), what: 'gateway' });
  expect(free).toBeGreaterThan(port);
  expect(said).toEqual([`gateway     port ${port} is taken: using ${free}`]);
  await new Promise((resolve) => taker.close(resolve));
});

const portOf = (url: string) => Number(new URL(url).port);

async function withMongo<T>(url: string, use: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = await MongoClient.connect(url);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

const askJetStream = (url: string, api: string, body: object) => ask(url, `$JS.API.${api}`, JSON.stringify(body));

async function ask(url: string, subject: string, body: string): Promise<Record<string, unknown>> {
  const connection = await connect({ servers: url });
  const answer = await connection.request(subject, body);
  await connection.close();
  return answer.json();
}
