import type { ActionDto, BulkDto } from '@seatwise/contracts';
import { createConnection } from 'mongoose';
import { changesAfter, ended, truthOf, undone, type TruePerson } from '../tools/actions/acting.js';
import { orgForActions } from '../tools/actions/table.js';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';
import type { Api } from '../tools/start/api.js';

describe('what came of an action', () => {
  let seatwise: Seatwise;
  let org: TestOrg;
  let api: Api;
  let connection: string;
  let people: TruePerson[];

  beforeAll(async () => {
    seatwise = await Seatwise.start([orgForActions]);
    [org] = seatwise.orgs as [TestOrg];
    ({ api } = await seatwise.workspace('Settled'));
    ({ id: connection } = await api.connect({ orgUrl: org.url, token: org.token, level: 'read_and_act' }));
    people = (await truthOf<TruePerson>(org, 'people')).filter(({ status }) => status === 'ACTIVE').toReversed();
  });
  afterAll(() => seatwise.stop());
  afterEach(() => org.control('DELETE', 'faults'));

  const someone = () => people.shift()!.id;
  const acted = () =>
    until(
      () => org.control<{ acted: number }[]>('GET', 'faults'),
      ([fault]) => fault!.acted > 0,
    );
  const changesOf = async (person: string) =>
    (await changesAfter(org, 0)).filter(({ subject }) => subject === person).map(({ what }) => what);

  it('is not read off what another action has done since', async () => {
    const person = someone();
    await org.control('PUT', 'faults', [{ kind: 'reset', path: `${person}/lifecycle`, times: 1 }]);
    const asked = ended(api, connection, { action: 'suspend_user', person });
    await acted();
    // Somebody else changes the person, so that nothing they look like says that it was not done.
    const body = { profile: { title: 'Captain' } };
    await org.control('POST', 'act', { method: 'POST', path: `/api/v1/users/${person}`, body });
    const { record } = await asked;
    expect(record).toMatchObject({ state: 'unknown', fault: { code: 'outcome_unknown' } });
    await ended(api, connection, { action: 'suspend_user', person });
    const settled = await api.call<ActionDto>('POST', `/actions/${record!.id}/settle`);
    expect(settled.state).toBe('unknown');
    expect((await changesOf(person)).filter((what) => what === 'user.lifecycle.suspend')).toHaveLength(1);
  }, 90_000);

  it('is waited for while Okta is maintained, and then it is done once', async () => {
    const person = someone();
    await org.control('PUT', 'faults', [{ kind: 'readOnly', path: person }]);
    const asked = ended(api, connection, { action: 'suspend_user', person });
    await acted();
    await org.control('DELETE', 'faults');
    expect((await asked).record).toMatchObject({ state: 'done', effect: 'changed', requests: [{ sent: 1 }] });
    expect(await changesOf(person)).toEqual(['user.lifecycle.suspend']);
  });

  it('is known to be nothing where an attribute is not set and shall be empty', async () => {
    const profile = { nickName: '' };
    const { record } = await ended(api, connection, {
      action: 'change_user_profile',
      person: people.find((person) => person.profile.nickName === undefined)!.id,
      parameters: { profile },
    });
    expect(record).toMatchObject({ state: 'done', effect: 'none' });
  });

  it('is a refusal before anybody is made where a group of theirs cannot be', async () => {
    const profile = { login: 'n@example.com', email: 'n@example.com', firstName: 'N', lastName: 'N' };
    const create = (group: string) =>
      ended(api, connection, { action: 'create_user', parameters: { profile, groups: [group] } });
    const groups = await truthOf<{ id: string; type: string }>(org, 'groups');
    const ofApp = groups.find(({ type }) => type === 'APP_GROUP')!;
    expect(await create('00g0000000000000nope')).toMatchObject({ code: 'group_not_found', record: { requests: [] } });
    expect(await create(ofApp.id)).toMatchObject({ code: 'group_not_manual', record: { requests: [] } });
  });

  it('is known by the word of Okta where nobody can look afterwards, and so is who was made', async () => {
    const profile = { login: 'm@example.com', email: 'm@example.com', firstName: 'M', lastName: 'M' };
    await org.control('PUT', 'faults', [{ kind: 'error500', path: 'm%40example.com', after: 1 }]);
    const { record } = await ended(api, connection, { action: 'create_user', parameters: { profile } });
    expect(record).toMatchObject({ state: 'done', effect: 'changed', verified: false });
    const { id } = (await truthOf<TruePerson>(org, 'people')).find((person) => person.profile.login === profile.login)!;
    expect(record!.person).toBe(id);
  }, 60_000);

  it('says of a secret that it is lost where nobody was there to take it', async () => {
    const person = (await truthOf<TruePerson>(org, 'people')).find(({ status }) => status === 'STAGED')!.id;
    const response = await api.send(
      'POST',
      `/connections/${connection}/actions`,
      { action: 'activate_user', person, parameters: { sendEmail: false }, reason: 'Asked for by a test' },
      { 'idempotency-key': 'nobody-waits', prefer: 'wait=0' },
    );
    const { id } = (await response.json()) as ActionDto;
    const record = await until(
      () => api.call<ActionDto>('GET', `/actions/${id}`),
      ({ endedAt }) => endedAt !== null,
    );
    expect(record).toMatchObject({ state: 'done', secret: 'lost' });
  });

  const change = (settings: object) => api.call('PATCH', `/connections/${connection}`, settings);

  it('stays done where nothing may be done any more before it was looked at', async () => {
    const person = someone();
    await org.control('PUT', 'faults', [{ kind: 'storm429', path: person, after: 2 }]);
    const asked = ended(api, connection, { action: 'suspend_user', person });
    await acted();
    await change({ level: 'read' });
    await org.control('DELETE', 'faults');
    const { record } = await asked;
    await change({ level: 'read_and_act' });
    expect(record).toMatchObject({ state: 'done', effect: 'changed', verified: false });
  }, 90_000);

  it('is nothing where the connection was paused before it was sent again', async () => {
    const person = someone();
    await org.control('PUT', 'faults', [{ kind: 'error500', path: person, after: 1 }]);
    const asked = ended(api, connection, { action: 'suspend_user', person });
    await acted();
    await change({ paused: true });
    await org.control('DELETE', 'faults');
    const { record } = await asked;
    await change({ paused: false });
    expect(record).toMatchObject({ state: 'refused', effect: 'none', fault: { code: 'connection_paused' } });
    expect(await changesOf(person)).toEqual([]);
  }, 90_000);

  it('is a refusal, and no hour of waiting, where Okta has something else in the place of the group', async () => {
    const wish = { action: 'add_user_to_group', person: someone(), parameters: { group: 'rules' } } as const;
    expect(await ended(api, connection, wish)).toMatchObject({ code: 'group_not_found', record: { requests: [] } });
  });

  it('is nothing where the app is assigned in just this way already', async () => {
    const person = someone();
    const apps = await truthOf<{ id: string; status: string }>(org, 'apps');
    const app = apps.find(({ status }) => status === 'ACTIVE')!.id;
    const wish = { action: 'assign_user_to_app', person, parameters: { app, userName: 'ada' } } as const;
    const first = await ended(api, connection, wish);
    const again = await ended(api, connection, wish);
    expect([first.record?.effect, again.record?.effect]).toEqual(['changed', 'none']);
  });

  it('is not taken back over what somebody else made of it, though nobody saw it done', async () => {
    const person = someone();
    await org.control('PUT', 'faults', [{ kind: 'error500', method: 'GET', path: person, after: 1 }]);
    const asked = ended(api, connection, {
      action: 'change_user_profile',
      person,
      parameters: { profile: { title: 'Captain' } },
    });
    const { record } = await asked;
    await org.control('DELETE', 'faults');
    expect(record).toMatchObject({ state: 'done', verified: false });
    const body = { profile: { title: 'Admiral' } };
    await org.control('POST', 'act', { method: 'POST', path: `/api/v1/users/${person}`, body });
    expect(await undone(api, record!.id)).toMatchObject({ code: 'changed_since' });
  }, 90_000);

  it('is erased with its org, and so are the jobs', async () => {
    const headers = { 'idempotency-key': 'erased' };
    const body = { action: 'suspend_user', reason: 'Asked for by a test', people: [someone(), someone()] };
    const { id } = (await (await api.send('POST', `/connections/${connection}/bulk`, body, headers)).json()) as BulkDto;
    await api.call('POST', `/bulk/${id}/start`);
    await until(
      () => api.call<BulkDto>('GET', `/bulk/${id}`),
      ({ counts }) => counts.done > 0,
    );
    const database = await createConnection(seatwise.servers.mongoUrl, { dbName: 'actions' }).asPromise();
    const kept = async () => {
      const counts = await Promise.all(
        ['actions', 'bulk_jobs', 'bulk_items', 'bulk_tallies'].map((name) =>
          database.collection(name).countDocuments({}),
        ),
      );
      const told = await database.collection('outbox').countDocuments({ 'payload.connection': connection });
      return [...counts, told].reduce((sum, count) => sum + count, 0);
    };
    expect(await kept()).toBeGreaterThan(10);
    await api.disconnect(connection);
    await until(kept, (left) => left === 0);
    await database.close();
  });
});
