import { setTimeout as sleep } from 'node:timers/promises';
import { startTestServers, testFolder } from '@seatwise/testing';
import { activePeople } from '../tools/actions/acting.js';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';
import { serviceNames } from '../tools/start/services.js';
import {
  beforeTheServices,
  headsOf,
  mustBeWhole,
  putToWork,
  snapshot,
  whenReset,
  withTheServices,
} from './restored.js';

describe('backed up at work, burnt down and restored elsewhere', () => {
  let seatwise: Seatwise;
  beforeAll(async () => {
    // Answers take a while, so that everything is under way when the backup is made.
    const faults = JSON.stringify([{ kind: 'latency', milliseconds: 60 }]);
    const size = { SIMULATOR_PEOPLE: '400', SIMULATOR_APPS: '15', SIMULATOR_GROUPS: '5', SIMULATOR_FROZEN: 'false' };
    seatwise = await Seatwise.start([{ ...size, SIMULATOR_FAULTS: faults }], { LEASE_SECONDS: '10' });
  });
  afterAll(() => seatwise.stop());

  it('the figures are the same, nothing is done twice, and what is not known is said', async () => {
    const work = await putToWork(seatwise, { inJob: 30, single: 40 });
    await whenReset(work, 5);
    // Where the first run has ended, another is under way.
    await work.api.sync(work.connection.id).catch(() => undefined);
    const heads = await headsOf(seatwise.servers.mongoUrl);
    const backupOf = new Date();
    const folder = testFolder();
    await snapshot(seatwise.servers, folder);
    expect(await work.api.newestRun(work.connection.id)).toMatchObject({ state: 'running' });
    // What is done now no backup knows.
    await whenReset(work, 15);
    await seatwise.burnDown();
    await work.stop();
    await work.org.control('DELETE', 'faults');

    const servers = await startTestServers({ folder });
    const said = await beforeTheServices(servers, backupOf);
    expect(said.join('\n')).toMatch(/[1-9]\d* actions .* are unknown, and 1 bulk jobs are paused\n.*1 audit logs/);
    await seatwise.riseOn(servers);
    // Too late: what it would say of may be under way again.
    await expect(beforeTheServices(servers, backupOf)).rejects.toThrow(/action-service, gateway runs/);
    await withTheServices(servers);
    expect(await mustBeWhole(work, heads)).toMatchObject({
      actions: { done: expect.any(Number), unknown: expect.any(Number) },
      items: { done: expect.any(Number) },
    });
  });

  it('on trial nothing is done in Okta and nothing is sent, until a person goes on with it', async () => {
    const { api: before } = await seatwise.workspace('Trial');
    const [org] = seatwise.orgs as [TestOrg];
    const connection = await before.connect({ orgUrl: org.url, token: org.token, level: 'read_and_act' });
    await seatwise.ended(before, connection);
    const url = 'https://receiver.example/seatwise';
    await before.call('POST', '/webhooks', { url, description: 'A receiver', events: ['connection.changed'] });
    await before.sync(connection.id);
    await Promise.all(serviceNames.flatMap((name) => seatwise.all(name)).map((service) => service.stop()));
    const asked = () => org.control<{ requests: number }>('GET', 'ledger');
    const { requests } = await asked();
    const said = await beforeTheServices(seatwise.servers, new Date(), '--trial');
    expect(said.join('\n')).toMatch(/[1-9]\d* connections are paused\n(.*\n)*.*1 webhooks are off/);
    await seatwise.riseOn(seatwise.servers);
    const api = before.at(seatwise.gatewayUrl);
    expect(await api.call('GET', `/connections/${connection.id}`)).toMatchObject({ paused: true });
    expect(await api.call('GET', '/webhooks')).toMatchObject({ webhooks: [{ enabled: false, offBecause: 'by_hand' }] });
    const wish = { action: 'suspend_user', person: (await activePeople(org)).at(-1)!, reason: 'On trial' };
    const response = await api.send('POST', `/connections/${connection.id}/actions`, wish, {
      'idempotency-key': 'trial',
    });
    expect(await response.json()).toMatchObject({ status: 409, code: 'connection_paused' });
    // What was under way is called off, and what is due does not begin.
    await until(
      () => api.newestRun(connection.id),
      (run) => run?.state === 'cancelled',
    );
    expect((await api.send('POST', `/connections/${connection.id}/sync`)).status).toBe(409);
    await sleep(3_000);
    expect((await asked()).requests).toBe(requests);
  });
});
