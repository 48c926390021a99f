import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActionDto } from '@seatwise/contracts';
import { activePeople, cameTo, ended, lastChangeOf, suspendedSince } from '../tools/actions/acting.js';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';
import type { ServiceName } from '../tools/start/services.js';
import { differences, mustBeSame } from './truth.js';

/** Passes everything on; what comes back comes later by `lateness.ms`. */
async function slowTo(port: number, lateness: { ms: number }): Promise<Server> {
  const server = createServer((near: Socket) => {
    const far = connect(port, '127.0.0.1');
    near.pipe(far);
    let written: Promise<unknown> = Promise.resolve();
    // One after another, also where the next is to wait less.
    far.on('data', (chunk: Buffer) => {
      written = Promise.all([written, sleep(lateness.ms)]).then(() => near.write(chunk));
    });
    for (const end of [near, far])
      end.on('error', () => undefined).on('close', () => [near, far].forEach((one) => one.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe('a service whose database is slow', () => {
  let seatwise: Seatwise;
  let slow: Server | undefined;
  const lateness = { ms: 0 };
  beforeAll(async () => {
    seatwise = await Seatwise.start([
      { SIMULATOR_PEOPLE: '200', SIMULATOR_APPS: '5' },
      { SIMULATOR_PEOPLE: '60', SIMULATOR_APPS: '2', SIMULATOR_GROUPS: '2' },
    ]);
    slow = await slowTo(Number(new URL(seatwise.servers.mongoUrl).port), lateness);
  });
  afterAll(async () => {
    slow?.close();
    await seatwise.stop();
  });

  /** The one that runs makes way for one that reaches MongoDB through the slow way. */
  const replace = async (name: ServiceName) => {
    await seatwise.all(name)[0]!.stop();
    const through = new URL(seatwise.servers.mongoUrl);
    through.port = String((slow!.address() as AddressInfo).port);
    through.searchParams.delete('replicaSet');
    through.searchParams.set('directConnection', 'true');
    await seatwise.replica(name, { MONGODB_URL: through.href });
  };

  it('action-service sends what it has counted as sent, and gives nothing up that never left', async () => {
    const [acme] = seatwise.orgs as [TestOrg];
    const people = (await activePeople(acme)).slice(1, 11);
    const before = await lastChangeOf(acme);
    const { api } = await seatwise.workspace('Slow');
    const connection = await api.connect({ orgUrl: acme.url, token: acme.token, level: 'read_and_act' });
    await seatwise.ended(api, connection);
    await replace('action-service');

    // While it looks at each of them, its database becomes so slow that most of a lease is over when it answers.
    await acme.control('PUT', 'faults', [{ kind: 'latency', path: '/api/v1/users/', milliseconds: 4_000 }]);
    const wanted = people.map((person) => ended(api, connection.id, { action: 'suspend_user', person }));
    await until(
      () => api.call<{ actions: ActionDto[] }>('GET', '/actions'),
      ({ actions }) => actions.filter(({ state }) => state !== 'accepted').length === people.length,
    );
    lateness.ms = 1_200;
    await acme.control('DELETE', 'faults');
    // All of them were looking still.
    expect(await suspendedSince(acme, before)).toEqual([]);
    await until(
      () => suspendedSince(acme, before),
      ({ length }) => length >= people.length,
    );
    lateness.ms = 0;
    const records = await Promise.all(wanted);
    expect(records.map(cameTo)).toEqual(people.map(() => 'done'));
    expect(records.map(({ record }) => record?.requests.map(({ sent }) => sent))).toEqual(people.map(() => [1]));
    expect(await suspendedSince(acme, before)).toEqual(people.toSorted());
  });

  it('sync-service writes each page, though its lease is prolonged meanwhile', async () => {
    const org = seatwise.orgs[1]!;
    const { api } = await seatwise.workspace('Slowly read');
    await replace('sync-service');
    lateness.ms = 400;
    const connection = await api.connect({ orgUrl: org.url, token: org.token });
    expect(await seatwise.ended(api, connection)).toMatchObject({ state: 'complete', missing: [] });
    lateness.ms = 0;
    mustBeSame(await differences(seatwise, connection, org));
  });
});
