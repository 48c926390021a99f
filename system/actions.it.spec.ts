import { randomUUID } from 'node:crypto';
import type { ActionDto } from '@seatwise/contracts';
import { Streams } from '@seatwise/messaging';
import { createConnection } from 'mongoose';
import { changesAfter, ended, truthOf, type TruePerson } from '../tools/actions/acting.js';
import { orgForActions, tableOf } from '../tools/actions/table.js';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';
import { ProblemError, type Api } from '../tools/start/api.js';

describe('the sixteen actions', () => {
  let seatwise: Seatwise;
  let org: TestOrg;
  let api: Api;
  let workspace: string;
  let connection: string;
  let people: TruePerson[];

  beforeAll(async () => {
    seatwise = await Seatwise.start([orgForActions]);
    [org] = seatwise.orgs as [TestOrg];
    ({ api, id: workspace } = await seatwise.workspace('Actions'));
    ({ id: connection } = await api.connect({ orgUrl: org.url, token: org.token, level: 'read_and_act' }));
    people = (await truthOf<TruePerson>(org, 'people')).filter(({ status }) => status === 'ACTIVE').toReversed();
  });
  afterAll(() => seatwise.stop());

  const lastChange = async () => (await org.control<{ changes: number }>('GET', 'ledger')).changes;
  const someone = () => people.shift()!.id;

  it('end as they are documented from every status, with every refusal, and the ledger agrees', async () => {
    const rows = await tableOf(api, connection, org);
    expect(rows.length).toBeGreaterThan(140);
    expect(rows.filter(({ asDocumented }) => !asDocumented)).toEqual([]);
  }, 240_000);

  it('are done once for a key, however many ask at once', async () => {
    const before = await lastChange();
    const [person, key] = [someone(), randomUUID()];
    const wish = { action: 'suspend_user' as const, person };
    const all = await Promise.all(Array.from({ length: 50 }, () => ended(api, connection, wish, key)));
    expect(new Set(all.map(({ record }) => JSON.stringify(record))).size).toBe(1);
    expect(all[0]!.record).toMatchObject({ state: 'done', effect: 'changed', verified: true });
    expect((await changesAfter(org, before)).map(({ what }) => what)).toEqual(['user.lifecycle.suspend']);
    expect(await ended(api, connection, { ...wish, person: someone() }, key)).toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
    });
  });

  it('are told of on the stream and in the audit log, from the request to the end', async () => {
    const { record } = await ended(api, connection, { action: 'reset_user_mfa', person: someone() });
    const { id } = record!;
    const told = await until(
      () => toldOf(id),
      (events) => events.length === 2,
    );
    expect(told).toEqual(['action.requested accepted', 'action.done done']);
    const { records } = await until(
      () => api.call<{ records: { what: string; on: { id: string } }[] }>('GET', '/audit?action=reset_user_mfa'),
      (page) => page.records.filter(({ on }) => on.id === record!.person).length === 2,
    );
    expect(records.map(({ what }) => what)).toEqual(expect.arrayContaining(['action.requested', 'action.done']));
  });

  it('send nothing when tried dry, and show what would be sent', async () => {
    const before = await lastChange();
    const person = someone();
    const { record } = await ended(api, connection, { action: 'deactivate_user', person, dryRun: true });
    expect(record).toMatchObject({
      state: 'done',
      dryRun: true,
      effect: null,
      requests: [{ method: 'POST', path: `/api/v1/users/${person}/lifecycle/deactivate?sendEmail=false`, sent: 0 }],
    });
    expect(await lastChange()).toBe(before);
  });

  it('are taken back in one step, once, and not over what somebody else has changed since', async () => {
    const person = someone();
    const title = { action: 'change_user_profile' as const, person, parameters: { profile: { title: 'Pilot' } } };
    const { record: first } = await ended(api, connection, title);
    expect(await undone(first!)).toMatchObject({ state: 'done', undoes: first!.id, after: first!.before });
    await expect(undone(first!)).rejects.toMatchObject({ problem: { code: 'action_not_undoable' } });
    const { record: second } = await ended(api, connection, title);
    const body = { profile: { title: 'Captain' } };
    await org.control('POST', 'act', { method: 'POST', path: `/api/v1/users/${person}`, body });
    await expect(undone(second!)).rejects.toMatchObject({ problem: { code: 'changed_since' } });
  });

  it('show a secret once, to who asked, and keep it nowhere', async () => {
    const { record, answer } = await ended(api, connection, {
      action: 'expire_user_password',
      person: someone(),
      parameters: { temporaryPassword: true },
    });
    const secret = answer?.tempPassword ?? '';
    expect(secret.length).toBeGreaterThan(7);
    expect(record).toMatchObject({ state: 'done', secret: 'given' });
    expect(JSON.stringify(await api.call('GET', `/actions/${record!.id}`))).not.toContain(secret);
  });

  it('are refused before any call to Okta where the connection, the key or the workspace does not allow them', async () => {
    const other = await seatwise.workspace('Other');
    const reading = await other.api.connect({ orgUrl: org.url, token: org.token });
    const viewer = api.withKey((await api.call<{ key: string }>('POST', '/keys', { name: 'V', role: 'viewer' })).key);
    const wish = { action: 'suspend_user' as const, person: someone() };
    expect(await ended(other.api, reading.id, wish)).toMatchObject({ status: 403, code: 'permission_level_required' });
    expect(await ended(other.api, connection, wish)).toMatchObject({ status: 404, code: 'connection_not_found' });
    expect(await ended(viewer, connection, wish)).toMatchObject({ status: 403, code: 'forbidden' });
    const requests = await org.control<{ path: string }[]>('GET', 'ledger/requests?limit=100000');
    expect(requests.filter(({ path }) => path.includes(wish.person))).toEqual([]);
  });

  it('are not sent again while a slow Okta may still be at them, though who sent them is gone', async () => {
    const before = await lastChange();
    const person = someone();
    const slow = { kind: 'latency', path: `${person}/lifecycle`, milliseconds: 10_000, times: 1 };
    await org.control('PUT', 'faults', [slow]);
    const asked = ended(api, connection, { action: 'reset_user_password', person });
    await until(
      () => org.control<{ acted: number }[]>('GET', 'faults'),
      ([fault]) => fault!.acted === 1,
    );
    const service = seatwise.services.get('action-service')!;
    await service.kill();
    await service.restart();
    expect((await asked).record).toMatchObject({ state: 'done', effect: 'changed', requests: [{ sent: 1 }] });
    await org.control('DELETE', 'faults');
    expect((await changesAfter(org, before)).map(({ what }) => what)).toEqual(['user.account.reset_password']);
  }, 60_000);

  it('hold up nobody else when a lane was taken for one that has just ended', async () => {
    const person = someone();
    const { record } = await ended(api, connection, { action: 'suspend_user', person });
    const database = await createConnection(seatwise.servers.mongoUrl, { dbName: 'actions' }).asPromise();
    await database
      .collection<{ _id: string; holder: string }>('lanes')
      .insertOne({ _id: `${connection}|${person}`, holder: record!.id });
    await database.close();
    expect((await ended(api, connection, { action: 'unsuspend_user', person })).record).toMatchObject({
      state: 'done',
    });
  });

  async function undone({ id }: ActionDto): Promise<ActionDto> {
    const key = { 'idempotency-key': randomUUID() };
    const response = await api.send('POST', `/actions/${id}/undo`, { reason: 'It was a mistake' }, key);
    const body = (await response.json()) as ActionDto & ProblemError['problem'];
    if (!response.ok) throw new ProblemError(response.status, body);
    return body;
  }

  /** What the stream has told of an action. */
  async function toldOf(id: string): Promise<string[]> {
    const client = await new Streams(seatwise.nats).jetstream();
    const filter = { filter_subjects: `seatwise.v1.${workspace}.action.*` };
    const told: string[] = [];
    const consumer = await client.consumers.get('EVENTS', filter);
    for await (const message of await consumer.fetch({ max_messages: 10_000, expires: 1_000 })) {
      const event = message.json<ActionDto>();
      if (event.id === id) told.push(`${message.subject.split('.').slice(3).join('.')} ${event.state}`);
    }
    return told;
  }
});
