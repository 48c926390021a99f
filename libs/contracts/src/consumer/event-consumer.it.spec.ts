import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { resolveNatsServer, silent, startNats, testFolder, type NatsServer } from '@seatwise/testing';
import { consumerUser, natsAccounts, natsVariable } from '../nats-accounts.js';
import { natsUsers } from '../nats-permissions.js';
import { ConsumerError, EventConsumer } from './event-consumer.js';

const password = 'p-of-everybody';
const warehouse = { name: 'warehouse' };
const from = (servers: string | string[], own = {}) =>
  EventConsumer.connect({ ...warehouse, servers, password, handlers: [], ...own });

describe('a consumer', () => {
  let server: NatsServer;

  beforeAll(async () => {
    const { NATS_URL: _url, ...env } = process.env;
    const found = await resolveNatsServer({ say: silent, env });
    if (found.kind === 'url') throw new Error('it is started from a binary');
    const users = [...natsUsers, 'tests', consumerUser(warehouse)];
    server = await startNats({
      binary: found.path,
      storeDir: testFolder(),
      accounts: natsAccounts({ consumers: [warehouse], unrestricted: 'tests' }),
      env: Object.fromEntries(users.map((user) => [natsVariable(user), password])),
    });
  });
  afterAll(() => server.stop());

  it('takes tls:// at its word, and shows its password to no server without TLS', async () => {
    const address = server.url.replace('nats:', 'tls:');
    await expect(from(address)).rejects.toThrow("server does not support 'tls'");
    await expect(from([server.url, address])).rejects.toThrow("server does not support 'tls'");
  });

  it('says what to look at when it is not let in', async () => {
    const refused = from(server.url, { password: 'wrong' });
    await expect(refused).rejects.toThrow(/does not let consumer-warehouse in: .* password is wrong/);
    await expect(refused).rejects.toBeInstanceOf(ConsumerError);
  });

  it('says what to do without a place in the stream, before it reads and when it is taken away', async () => {
    const client = await connect({ servers: server.url, user: 'tests', pass: password });
    const manager = await jetstreamManager(client);
    await manager.streams.add({ name: 'EVENTS', subjects: ['seatwise.v1.>'] });
    const whatToDo = /npm run nats -- consumers --consumer warehouse=/;
    await expect(from(server.url)).rejects.toThrow(whatToDo);

    const durable_name = consumerUser(warehouse);
    const { created } = await manager.consumers.add('EVENTS', { durable_name, ack_policy: 'explicit' });
    const consumer = await from(server.url, { onProblem: () => undefined });
    expect(consumer.opened).toBe(created);
    const reading = expect(consumer.run()).rejects.toThrow(whatToDo);
    await manager.consumers.delete('EVENTS', durable_name);
    await reading;
    await client.close();
  });
});
