import { randomUUID } from 'node:crypto';
import type { BulkDto, ConnectionDto } from '@seatwise/contracts';
import { openConsumers, Streams } from '@seatwise/messaging';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { ended, truthOf, type TruePerson } from '../tools/actions/acting.js';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';
import { hear, type Heard } from './listener.js';
import { differences, mustBeSame } from './truth.js';

/** Who is in the org, by all that was heard of its people: of each the newest, in whatever order it came. */
function peopleIn(heard: Heard[], connection: string): string[] {
  const newest = new Map<string, { v: number; status: string }>();
  for (const { channel, payload } of heard) {
    if (channel !== 'personChanged' || payload.connection !== connection) continue;
    for (const { id, v, status } of payload.changes as { id: string; v: number; status: string }[])
      if (v > (newest.get(id)?.v ?? 0)) newest.set(id, { v, status });
  }
  return [...newest].map(([id, { status }]) => `${id} ${status}`).toSorted();
}

describe('the main job', () => {
  let seatwise: Seatwise;
  let one: Awaited<ReturnType<Seatwise['workspace']>>;
  const size = { SIMULATOR_PEOPLE: '3000', SIMULATOR_APPS: '60' };
  beforeAll(async () => {
    const orgs = [
      size,
      { ...size, SIMULATOR_PEOPLE: '700', SIMULATOR_SEED: '2' },
      { SIMULATOR_PEOPLE: '400', SIMULATOR_SEED: '3' },
    ];
    seatwise = await Seatwise.start(orgs, {}, { readers: ['listener'] });
  });
  afterAll(() => seatwise.stop());

  it('brings every person, group, app, assignment and sign-in of two orgs in one workspace and one in another', async () => {
    one = await seatwise.workspace('One');
    const other = await seatwise.workspace('Other');
    const [first, second, third] = seatwise.orgs as [TestOrg, TestOrg, TestOrg];
    const connections = await Promise.all([
      one.api.connect({ orgUrl: first.url, token: first.token }),
      one.api.connect({ orgUrl: second.url, token: second.token }),
      other.api.connect({ orgUrl: third.url, token: third.token }),
    ]);
    const apis = [one.api, one.api, other.api];
    for (const [at, connection] of connections.entries()) {
      const run = await seatwise.ended(apis[at]!, connection);
      expect(run).toMatchObject({ state: 'complete', missing: [] });
      mustBeSame(await differences(seatwise, connection, seatwise.orgs[at]!));
    }
    // Nobody has acted yet; who reads of it then need not wait for the first who does.
    const { streams } = await new Streams(seatwise.nats).manager();
    await expect(streams.info('INTERNAL')).resolves.toMatchObject({ state: { last_seq: 0 } });
    // Nothing crosses: the other workspace knows nothing of the first one's.
    await expect(other.api.connections()).resolves.toHaveLength(1);
    await expect(other.api.run((await one.api.newestRun(connections[0].id))!.id)).rejects.toMatchObject({
      status: 404,
    });
    const summary = await one.api.summary();
    const people = await Promise.all(
      [first, second].map((org) => org.control<{ people: { total: number } }>('GET', 'truth/summary')),
    );
    expect(summary.people).toBe(people.reduce((sum, org) => sum + org.people.total, 0));
  });

  it('says what a token may not read, and is whole after the mend with nothing else to do', async () => {
    const { api } = await seatwise.workspace('Weak token');
    const org = seatwise.orgs[2]!;
    const token = `00weak${'y'.repeat(36)}`;
    await org.control('PUT', 'tokens', { label: 'weak', token, permissions: ['okta.users.read'], roles: [] });
    const connection: ConnectionDto = await api.connect({ orgUrl: org.url, token });
    expect(connection.health).toBe('partial');
    const run = await seatwise.ended(api, connection);
    expect(run.state).toBe('partial');
    expect(run.missing).toContainEqual(
      expect.objectContaining({ reason: 'The token does not have permission for reading the apps list.' }),
    );
    const found = await differences(seatwise, connection, org);
    mustBeSame(found.filter(({ kind }) => kind === 'person'));
    const permissions = ['okta.users.read', 'okta.groups.read', 'okta.apps.read', 'okta.logs.read'];
    await org.control('PUT', 'tokens', { label: 'weak', permissions });
    const { id } = await api.sync(connection.id);
    expect(id > run.id).toBe(true);
    expect(await seatwise.ended(api, connection, run.id)).toMatchObject({ state: 'complete', missing: [] });
    mustBeSame(await differences(seatwise, connection, org));
  });

  it('is heard by a consumer that knows nothing but the AsyncAPI document', async () => {
    const [org] = seatwise.orgs as [TestOrg];
    const { api, id: workspace } = one;
    const connections = (await api.connections()).toSorted((a, b) =>
      a.orgUrl === org.url ? -1 : b.orgUrl === org.url ? 1 : 0,
    );
    const [{ id: connection }, second] = connections as [ConnectionDto, ConnectionDto];
    await api.call('PATCH', `/connections/${connection}`, { level: 'read_and_act' });
    const active = (await truthOf<TruePerson>(org, 'people')).filter(({ status }) => status === 'ACTIVE');
    const [person, ...others] = active.slice(-4).map(({ id }) => id);
    const suspend = { action: 'suspend_user', person: person! } as const;
    expect((await ended(api, connection, suspend)).record).toMatchObject({ state: 'done' });
    expect((await ended(api, connection, suspend)).record).toMatchObject({ effect: 'none' });
    const body = { action: 'suspend_user', reason: 'Asked for by a test', people: others };
    const path = `/connections/${connection}/bulk`;
    const job = (await (await api.send('POST', path, body, { 'idempotency-key': randomUUID() })).json()) as BulkDto;
    await api.call('POST', `/bulk/${job.id}/start`);
    await api.call('DELETE', `/connections/${second.id}?history=keep`);

    await openConsumers(seatwise.nats, [{ name: 'listener', workspace }]);
    const document = await api.call<object>('GET', '/asyncapi.json');
    const { natsUrl: servers, readerPasswords } = seatwise.servers;
    const password = readerPasswords.listener!;
    const heard: Heard[] = [];
    const expected = [
      'connectionConnected',
      'connectionChanged',
      'connectionRemoved',
      'syncRunChanged',
      'personChanged',
      'appChanged',
      'assignmentChanged',
      'groupChanged',
      'membershipChanged',
      'groupAssignmentChanged',
      'directoryComplete',
      'signInsRecorded',
      'usageDayChanged',
      'actionRequested',
      'actionDone',
      'bulkStarted',
      'bulkDone',
    ];
    const people = (await truthOf<TruePerson>(org, 'people')).map(({ id, status }) => ({ id, status }));
    const acted = new Set([person, ...others]);
    const truth = people.map(({ id, status }) => `${id} ${acted.has(id) ? 'SUSPENDED' : status}`).toSorted();
    await until(
      async () => {
        heard.push(...(await hear(document, { servers, name: 'listener', password, workspace })));
        const channels = new Set(heard.map(({ channel }) => channel));
        return (
          expected.every((channel) => channels.has(channel)) && peopleIn(heard, connection).join() === truth.join()
        );
      },
      (isAll) => isAll,
    );
    expect(heard.filter(({ faults }) => faults.length > 0)).toEqual([]);
    expect(new Set(heard.map(({ headers }) => headers['ce-id'])).size).toBe(heard.length);

    // By the other schemas as well, which each event names.
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    for (const [uri, events] of Map.groupBy(heard, ({ headers }) => headers['ce-dataschema']!)) {
      const fits = ajv.compile(await api.call<object>('GET', `/schemas/${uri.split(':').at(-1)}.json`));
      for (const { payload } of events) expect([uri, fits(payload), fits.errors]).toEqual([uri, true, null]);
    }
  });
});
