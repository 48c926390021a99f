import { randomUUID } from 'node:crypto';
import { actionCatalogue, actionNames, refusalsOfAll, type ActionDto } from '@seatwise/contracts';
import { createConnection } from 'mongoose';
import {
  changesAfter,
  ended,
  lastChangeOf,
  peopleKeptElsewhere,
  truthOf,
  type TruePerson,
} from '../tools/actions/acting.js';
import { orgsForTable, tableOf, type Row } from '../tools/actions/table.js';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';
import { ProblemError, type Api } from '../tools/start/api.js';

/** Codes of whoever has no key that may act, and of what is not known: no refusals of an action. */
const ofNone = ['unauthenticated', 'forbidden', 'outcome_unknown'];
/** What only a call without its key, or one that is repeated, is refused with: the tests of the door try those. */
const ofRepetitions = ['idempotency_key_required', 'idempotency_key_reused', 'action_in_flight'];

describe('the sixteen actions', () => {
  let seatwise: Seatwise;
  let org: TestOrg;
  let api: Api;
  let connection: string;
  let people: TruePerson[];

  beforeAll(async () => {
    seatwise = await Seatwise.start(orgsForTable);
    [org] = seatwise.orgs as [TestOrg];
    ({ api } = await seatwise.workspace('Actions'));
    ({ id: connection } = await api.connect({ orgUrl: org.url, token: org.token, level: 'read_and_act' }));
    const elsewhere = await peopleKeptElsewhere(org);
    people = (await truthOf<TruePerson>(org, 'people'))
      .filter(({ id, status }) => status === 'ACTIVE' && !elsewhere.has(id))
      .toReversed();
  });
  afterAll(() => seatwise.stop());

  const lastChange = () => lastChangeOf(org);
  const someone = () => people.shift()!.id;

  describe('one by one, from every status and with every refusal', () => {
    let rows: Row[];
    beforeAll(async () => {
      rows = await tableOf(seatwise);
    }, 1_200_000);

    it('end as they are documented, and the ledger, the audit log and the stream agree', () => {
      expect(rows.length).toBeGreaterThan(170);
      expect(rows.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
    });

    it('are refused with the codes that are documented, each of which is met', () => {
      const met = Map.groupBy(rows, ({ action }) => action);
      for (const action of actionNames) {
        const codes = new Set(met.get(action)!.flatMap(({ code }) => code ?? []));
        const { refusals } = actionCatalogue[action];
        expect([action, refusals.filter((code) => !codes.has(code))]).toEqual([action, []]);
        const known: readonly string[] = [...refusals, ...refusalsOfAll, ...ofNone];
        expect([action, [...codes].filter((code) => !known.includes(code))]).toEqual([action, []]);
      }
      const all = new Set(rows.map(({ code }) => code));
      expect(refusalsOfAll.filter((code) => !all.has(code))).toEqual(ofRepetitions);
    });
  });

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

  it('fail at once when Okta has stopped to take the token while they waited for their turn', async () => {
    const small = seatwise.orgs[1]!;
    const token = `00second${'x'.repeat(34)}`;
    await small.control('PUT', 'tokens', { label: 'second', token });
    const { api: theirs } = await seatwise.workspace('Rejected');
    const { id } = await theirs.connect({ orgUrl: small.url, token, level: 'read_and_act' });
    const { id: person } = (await truthOf<TruePerson>(small, 'people')).findLast(({ status }) => status === 'ACTIVE')!;
    const slow = { kind: 'latency', path: `${person}/lifecycle`, milliseconds: 4_000, times: 1 };
    await small.control('PUT', 'faults', [slow]);
    const first = ended(theirs, id, { action: 'suspend_user', person });
    await until(
      () => small.control<{ acted: number }[]>('GET', 'faults'),
      ([fault]) => fault!.acted === 1,
    );
    const waiting = ended(theirs, id, { action: 'reset_user_mfa', person });
    await until(
      () => theirs.call<{ actions: unknown[] }>('GET', `/actions?person=${person}&state=accepted`),
      ({ actions }) => actions.length === 1,
    );
    await small.control('PUT', 'tokens', { label: 'second', revoked: true });
    await theirs.call('POST', `/connections/${id}/test`);
    expect((await waiting).record).toMatchObject({
      state: 'failed',
      effect: 'none',
      requests: [],
      fault: { code: 'credential_rejected' },
    });
    await first;
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
});
