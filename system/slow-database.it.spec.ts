import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActionDto } from '@seatwise/contracts';
import { ended, lastChangeOf, suspendedSince, truthOf, type TruePerson } from '../tools/actions/acting.js';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';

/** Passes everything on; what comes back comes later by `lateness.ms`. */
async function slowTo(port: number, lateness: { ms: number }): Promise<Server> {
  const server = createServer((near: Socket) => {
    const far = connect(port, '127.0.0.1');
    near.pipe(far);
    far.on('data', (chunk: Buffer) => void setTimeout(() => near.write(chunk), lateness.ms));
    for (const end of [near, far])
      end.on('error', () => undefined).on('close', () => [near, far].forEach((one) => one.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe('an action-service whose database is slow', () => {
  let seatwise: Seatwise;
  let slow: Server;
  const lateness = { ms: 0 };
  beforeAll(async () => {
    seatwise = await Seatwise.start([{ SIMULATOR_PEOPLE: '200', SIMULATOR_APPS: '5' }]);
    slow = await slowTo(Number(new URL(seatwise.servers.mongoUrl).port), lateness);
  });
  afterAll(async () => {
    await seatwise.stop();
    slow.close();
  });

  it('sends what it has counted as sent, and gives nothing up that never left', async () => {
    const [acme] = seatwise.orgs as [TestOrg];
    const people = (await truthOf<TruePerson>(acme, 'people'))
      .filter(({ status }) => status === 'ACTIVE')
      .slice(1, 11)
      .map(({ id }) => id);
    const before = await lastChangeOf(acme);
    const { api } = await seatwise.workspace('Slow');
    const connection = await api.connect({ orgUrl: acme.url, token: acme.token, level: 'read_and_act' });
    await seatwise.ended(api, connection);
    await seatwise.all('action-service')[0]!.stop();
    const through = new URL(seatwise.servers.mongoUrl);
    through.port = String((slow.address() as AddressInfo).port);
    through.searchParams.delete('replicaSet');
    through.searchParams.set('directConnection', 'true');
    await seatwise.replica('action-service', { MONGODB_URL: through.href });

    // While it looks at each of them, its database becomes so slow that most of a lease is over when it answers.
    await acme.control('PUT', 'faults', [{ kind: 'latency', path: '/api/v1/users/', milliseconds: 2_400 }]);
    const wanted = people.map((person) => ended(api, connection.id, { action: 'suspend_user', person }));
    await until(
      () => api.call<{ actions: ActionDto[] }>('GET', '/actions'),
      ({ actions }) => actions.filter(({ state }) => state === 'running').length === people.length,
    );
    lateness.ms = 1_200;
    await acme.control('DELETE', 'faults');
    await sleep(8_000);
    lateness.ms = 0;
    const records = await Promise.all(wanted);
    expect(records.map(({ record, code }) => record?.fault ?? record?.state ?? code)).toEqual(people.map(() => 'done'));
    expect(records.map(({ record }) => record?.requests.map(({ sent }) => sent))).toEqual(people.map(() => [1]));
    expect(await suspendedSince(acme, before)).toEqual(people.toSorted());
  });
});
