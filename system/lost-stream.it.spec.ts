import { setTimeout as sleep } from 'node:timers/promises';
import type { ActionDto } from '@seatwise/contracts';
import { activePeople, ended, lastChangeOf, suspendedSince } from '../tools/actions/acting.js';
import { Seatwise } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';
import { startTool } from './started.js';
import { mirrorIsWhole } from './truth.js';

describe('all that NATS kept is deleted while everything runs', () => {
  let seatwise: Seatwise;
  beforeAll(async () => {
    // Answers take a while, so that the run is still under way when the store goes.
    const faults = JSON.stringify([{ kind: 'latency', milliseconds: 60 }]);
    seatwise = await Seatwise.start([{ SIMULATOR_PEOPLE: '2000', SIMULATOR_APPS: '40', SIMULATOR_FAULTS: faults }]);
  });
  afterAll(() => seatwise.stop());

  it('and after one command nothing is lost, counted twice or done twice', async () => {
    const [org] = seatwise.orgs;
    const { api } = await seatwise.workspace('Lost');
    const connection = await api.connect({ orgUrl: org!.url, token: org!.token, level: 'read_and_act' });
    const people = (await activePeople(org!)).slice(1, 41);
    const before = await lastChangeOf(org!);
    await sleep(1_500);
    // Some are asked for before the store goes, some while nobody has told the services that it went.
    const asked = people.map(async (person, at) => {
      await sleep(at * 100);
      return ended(api, connection.id, { action: 'suspend_user', person });
    });
    await sleep(1_500);
    expect(await api.newestRun(connection.id)).toMatchObject({ state: 'running' });
    await seatwise.servers.nats.restartWithoutStore();
    await sleep(1_000);

    const { said, ended: code } = startTool('republish', [], { NATS_URL: seatwise.servers.natsUrl });
    expect({ code: await code, said }).toMatchObject({ code: 0, said: [{}, {}, {}, {}].map(() => expect.any(String)) });
    expect(said.join()).toMatch(
      /connection-service: \d.*sync-service: [1-9].*usage-aggregator: \d.*action-service: [1-9].*on their way again/,
    );

    const records = (await Promise.all(asked)).map(({ record }) => record!);
    expect(records.map(({ state }) => state)).toEqual(people.map(() => 'done'));
    expect(await suspendedSince(org!, before)).toEqual(people.toSorted());
    expect(await seatwise.ended(api, connection)).toMatchObject({ state: 'complete', missing: [] });
    await mirrorIsWhole(seatwise, api, connection, org!);
    // The audit log took in each event once: asked and done of every action.
    const recordsOf = (outcome: string) =>
      api
        .call<{ records: { operation: string }[] }>('GET', `/audit?outcome=${outcome}&action=suspend_user&limit=200`)
        .then(({ records: found }) => found.map(({ operation }) => operation).toSorted());
    const operations = records.map(({ id: action }: ActionDto) => action).toSorted();
    for (const outcome of ['asked', 'done'])
      expect(
        await until(
          () => recordsOf(outcome),
          ({ length }) => length >= operations.length,
        ),
      ).toEqual(operations);
  }, 300_000);
});
