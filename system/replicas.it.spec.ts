import { setTimeout as sleep } from 'node:timers/promises';
import { Streams } from '@seatwise/messaging';
import type { RunningService } from '@seatwise/testing';
import { activePeople, cameTo, ended, lastChangeOf, suspendedSince } from '../tools/actions/acting.js';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import type { ServiceName } from '../tools/start/services.js';
import { mirrorIsWhole } from './truth.js';

const workers = ['sync-service', 'usage-aggregator', 'action-service'] as const;
/** What a worker counts of its own work. */
const countsOf: Record<(typeof workers)[number], string> = {
  'sync-service': 'sync_pages_total',
  'usage-aggregator': 'sign_ins_counted_total',
  'action-service': 'actions_total',
};

// Answers take a while, so that there is something to share.
const org = {
  SIMULATOR_PEOPLE: '800',
  SIMULATOR_APPS: '40',
  SIMULATOR_FAULTS: JSON.stringify([{ kind: 'latency', milliseconds: 40 }]),
};

async function started(replicas: number): Promise<Seatwise> {
  const seatwise = await Seatwise.start([org]);
  for (const name of workers) for (let more = 1; more < replicas; more += 1) await seatwise.replica(name);
  return seatwise;
}

async function counted(service: RunningService, metric: string): Promise<number> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  const values = [...text.matchAll(new RegExp(String.raw`^${metric}(?:\{[^}]*\})? (\d+)`, 'gm'))];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}

describe.each([1, 2, 4])('%d of each worker', (replicas) => {
  let seatwise: Seatwise;
  beforeAll(async () => void (seatwise = await started(replicas)));
  afterAll(() => seatwise.stop());

  it('lose nothing, double nothing, and share the work', async () => {
    const [acme] = seatwise.orgs as [TestOrg];
    const people = (await activePeople(acme)).slice(1, 61);
    const before = await lastChangeOf(acme);
    const { api } = await seatwise.workspace('Shared');
    const connection = await api.connect({ orgUrl: acme.url, token: acme.token, level: 'read_and_act' });
    const records = await Promise.all(
      people.map((person) => ended(api, connection.id, { action: 'suspend_user', person })),
    );
    expect(records.map(cameTo)).toEqual(people.map(() => 'done'));
    expect(await suspendedSince(acme, before)).toEqual(people.toSorted());
    await mirrorIsWhole(seatwise, api, connection, acme);
    for (const name of workers) {
      const shares = await Promise.all(seatwise.all(name).map((one) => counted(one, countsOf[name])));
      expect(shares).toHaveLength(replicas);
      expect([name, shares.filter((share) => share > 0)]).toEqual([name, shares]);
    }
  }, 300_000);
});

describe('everything is restarted one by one, under load', () => {
  let seatwise: Seatwise;
  beforeAll(async () => {
    seatwise = await started(2);
    await seatwise.replica('connection-service');
    await seatwise.replica('gateway');
  });
  afterAll(() => seatwise.stop());

  it('and no request fails, and no event is lost', async () => {
    const [acme] = seatwise.orgs as [TestOrg];
    const { id: workspace, api } = await seatwise.workspace('Rolling');
    const connection = await api.connect({ orgUrl: acme.url, token: acme.token, level: 'read_and_act' });
    const people = (await activePeople(acme)).slice(1);
    const before = await lastChangeOf(acme);

    const over = new AbortController();
    const inRotation = new Set(seatwise.all('gateway'));
    const failures: string[] = [];
    let [reads, turn] = [0, 0];
    /** As a load balancer does: by turns among those that are ready. */
    const door = () => {
      const ready = [...inRotation];
      return api.at(ready[(turn += 1) % ready.length]!.url);
    };
    const reading = async () => {
      const paths = [
        '/summary',
        '/people?limit=50',
        '/apps?limit=50',
        '/connections',
        '/runs?limit=5',
        '/actions?limit=20',
      ];
      while (!over.signal.aborted) {
        const path = paths[(reads += 1) % paths.length]!;
        const answer = await door()
          .send('GET', path)
          .then(({ status }) => String(status), String);
        if (answer !== '200') failures.push(`GET ${path}: ${answer}`);
        await sleep(20);
      }
    };
    const acted: string[] = [];
    const acting = async () => {
      while (!over.signal.aborted) {
        const person = people.pop()!;
        const { record, code } = await ended(door(), connection.id, { action: 'suspend_user', person });
        if (record?.state === 'done') acted.push(person);
        else failures.push(`${person}: ${record?.state} ${code}`);
        await sleep(100);
      }
    };
    const load = [reading(), reading(), acting(), acting()];

    const names: ServiceName[] = ['connection-service', ...workers, 'gateway'];
    for (const name of names)
      for (const service of seatwise.all(name)) {
        // As Kubernetes does it: no new requests, a moment until everybody knows, then the signal.
        inRotation.delete(service);
        await sleep(500);
        const { process } = service;
        process.signal('SIGTERM');
        expect([name, await process.ended]).toEqual([name, 'code 0']);
        await service.restart();
        if (name === 'gateway') inRotation.add(service);
      }
    await sleep(1_000);
    over.abort();
    await Promise.all(load);

    expect(failures).toEqual([]);
    expect(reads).toBeGreaterThan(100);
    expect(acted.length).toBeGreaterThan(20);
    expect(await suspendedSince(acme, before)).toEqual(acted.toSorted());
    await mirrorIsWhole(seatwise, api, connection, acme);
    const manager = await new Streams(seatwise.nats).manager();
    const { state } = await manager.streams.info('EVENTS', { subjects_filter: `seatwise.v1.${workspace}.action.done` });
    expect(Object.values(state.subjects ?? {})).toEqual([acted.length]);
  }, 300_000);
});
