import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { actionCatalogue, actionNames, type ActionDto, type ActionName } from '@seatwise/contracts';
import { Nats } from '@seatwise/messaging';
import type { ActionCatalogueDto, PerformedActionDto } from '../src/actions/actions.dto.js';
import { ActionEnds } from '../src/actions/action-ends.js';
import { faultsOf } from './conforms.js';
import type { End } from './acting.js';
import type { OpenApiDocument } from '../src/reference/document.js';
import { openDoor, until, type Door } from './open-door.js';
import { knownPerson as person } from './services.js';

const password = 'correct horse battery staple';
const profile = { login: 'ada@acme.example', email: 'ada@acme.example', firstName: 'Ada', lastName: 'Lovelace' };
const suspend = { action: 'suspend_user', person, reason: 'On leave' };
/** What fits, and what does not, of each action with parameters. */
const fitting: Partial<Record<ActionName, object>> = {
  add_user_to_group: { group: '00g1' },
  remove_user_from_group: { group: '00g1' },
  assign_user_to_app: { app: '0oa1', userName: 'ada', profile: { seat: 'full' } },
  unassign_user_from_app: { app: '0oa1', sendEmail: false },
  create_user: { profile, activate: false, password, groups: ['00g1', '00g2'] },
  activate_user: { sendEmail: false },
  deactivate_user: { sendEmail: true },
  delete_user: { confirmLogin: profile.login },
  change_user_password: { password, oldPassword: 'the old one', revokeSessions: true },
  change_user_profile: { profile: { nickName: null } },
  expire_user_password: { temporaryPassword: true, revokeSessions: true },
  reset_user_password: { sendEmail: false },
};
const wrong: [ActionName, object, string][] = [
  ['suspend_user', { sendEmail: true }, '$.parameters.sendEmail'],
  ['add_user_to_group', {}, '$.parameters.group'],
  ['add_user_to_group', { group: 'a/b' }, '$.parameters.group'],
  ['assign_user_to_app', { app: '0oa1', seat: 1 }, '$.parameters.seat'],
  ['assign_user_to_app', { app: '0oa1', profile: [] }, '$.parameters.profile'],
  ['create_user', { profile, groups: ['00g1', '00g1'] }, '$.parameters.groups'],
  ['create_user', { profile, password: 7 }, '$.parameters.password'],
  ['activate_user', { sendEmail: null }, '$.parameters.sendEmail'],
  ['change_user_password', { oldPassword: password }, '$.parameters.password'],
  ['change_user_password', { password: `${password}\u0000` }, '$.parameters.password'],
];

/** How an action is asked for, where not as usual. */
interface Manner {
  once?: string;
  prefer?: string;
  key?: string;
}

describe('acting through the door', () => {
  let door: Door;
  let workspace: string;
  let operator: string;
  let viewer: string;
  let connection: string;

  beforeAll(async () => {
    door = await openDoor();
    const opened = await door.openWorkspace();
    ({ workspace } = opened);
    [operator, viewer] = [await door.issue(opened.admin, 'operator'), await door.issue(opened.admin, 'viewer')];
    const body = { orgUrl: 'https://acme.okta.com', token: 'okta-token' };
    const made = await door.ask({ method: 'POST', path: '/api/v1/connections', key: opened.admin, body });
    connection = (made.json as { id: string }).id;
  });
  afterAll(() => door.close());
  afterEach(() => endAs({ own: { state: 'done' } }));

  const endAs = (end: End | undefined) => (door.services.acting.endOf = () => end);
  const act = (body: object, { once = randomUUID(), prefer, key = operator }: Manner = {}) =>
    door.ask({
      method: 'POST',
      path: `/api/v1/connections/${connection}/actions`,
      key,
      headers: { 'idempotency-key': once, ...(prefer !== undefined && { prefer }) },
      body,
    });
  const kept = (id: string) => door.services.acting.kept.find(({ dto }) => dto.id === id)!.dto;

  /** Everything that crosses the bus while `work` goes on, headers included. */
  const overheard = async (work: () => Promise<unknown>): Promise<string> => {
    const heard: string[] = [];
    const nats = await door.app.get(Nats).connection();
    const ear = nats.subscribe('>', {
      callback: (_error, message) => {
        heard.push(message.subject, JSON.stringify([...(message.headers ?? [])]), message.string());
      },
    });
    await nats.flush();
    await work();
    await nats.flush();
    ear.unsubscribe();
    return heard.join('\n');
  };

  it('carries an action out and answers its end, with the record of who wanted it', async () => {
    const reply = await act({ ...suspend, dryRun: false, parameters: {} });
    const done = reply.json as ActionDto;
    expect(reply.status).toBe(200);
    expect(reply.headers.location).toBe(`/api/v1/actions/${done.id}`);
    expect(done).toMatchObject({ workspace, connection, ...suspend, state: 'done', by: { role: 'operator' } });
    expect(operator).toContain(done.by.key);
    expect((await door.ask({ path: reply.headers.location!, key: viewer })).json).toEqual(done);
  });

  it('wants an idempotency key that is one', async () => {
    const path = `/api/v1/connections/${connection}/actions`;
    const { changes } = door.services;
    const without = await door.ask({ method: 'POST', path, key: operator, body: suspend });
    expect(without).toMatchObject({ status: 400, json: { code: 'idempotency_key_required' } });
    for (const once of ['', 'a b', 'é', 'a'.repeat(256)])
      expect(await act(suspend, { once })).toMatchObject({
        status: 400,
        json: { code: 'invalid_request', errors: [{ path: '$.Idempotency-Key' }] },
      });
    expect(door.services.changes).toBe(changes);
    expect((await act(suspend, { once: '~'.repeat(255) })).status).toBe(200);
  });

  it.each(wrong)('refuses %s with %j at the door', async (action, parameters, path) => {
    const about = action === 'create_user' ? {} : { person };
    let reply: Awaited<ReturnType<typeof act>> | undefined;
    const heard = await overheard(async () => (reply = await act({ action, ...about, parameters, reason: 'No' })));
    expect(reply!.json).toMatchObject({ status: 400, code: 'invalid_request' });
    expect((reply!.json as { errors: { path: string }[] }).errors.map((error) => error.path)).toEqual([path]);
    expect(reply!.text).not.toContain(password);
    expect(heard).not.toContain('seatwise.rpc.actions.request');
  });

  it('takes what the catalogue says, and its schemas say the same as the door', async () => {
    const reply = await door.ask({ path: '/api/v1/actions/catalogue', key: viewer });
    const { actions } = reply.json as ActionCatalogueDto;
    expect(actions.map(({ action }) => action)).toEqual(actionNames);
    for (const { action, parameters, needsPerson, scope } of actions) {
      const given = fitting[action] ?? {};
      expect([action, faultsOf(given, parameters, {})]).toEqual([action, []]);
      const asked = { action, ...(needsPerson && { person }), parameters: given, reason: 'To see' };
      expect([action, (await act(asked)).status]).toEqual([action, 200]);
      expect(scope).toMatch(/^okta\.\w+\.manage$/);
      for (const [name, schema] of Object.entries(parameters.properties ?? {})) {
        const isSecret = actionCatalogue[action].secrets.includes(name);
        expect([name, schema.writeOnly ?? false, schema.format === 'password']).toEqual([name, isSecret, isSecret]);
      }
    }
    for (const [action, given] of wrong.slice(0, -1)) {
      const { parameters } = actions.find((kind) => kind.action === action)!;
      expect([action, given, faultsOf(given, parameters, {})]).not.toEqual([action, given, []]);
    }
  });

  it('lets a secret parameter across the bus only sealed, and answers none', async () => {
    const asked = { action: 'change_user_password', person, reason: 'Forgotten' };
    const parameters = { password, oldPassword: 'the old one', revokeSessions: true };
    let text = '';
    const heard = await overheard(async () => ({ text } = await act({ ...asked, parameters })));
    expect(heard).toContain('seatwise.rpc.actions.request');
    expect(heard).toContain('.action.done');
    for (const secret of [password, 'the old one']) expect(heard + text).not.toContain(secret);
    expect(door.services.acting.secrets.at(-1)).toEqual({ action: asked.action, password, oldPassword: 'the old one' });
    expect(JSON.parse(text)).toMatchObject({ state: 'done', parameters: { revokeSessions: true } });
  });

  it('shows a secret of the answer once, to the one who waited for it', async () => {
    const answer = { activationUrl: 'https://acme.okta.com/welcome/XE6wE17zmphl3KqAPFxO', activationToken: 'XE6wE17' };
    endAs({ own: { state: 'done' }, answer });
    const asked = { action: 'activate_user', person, parameters: { sendEmail: false }, reason: 'Starts today' };
    const once = randomUUID();
    let first: PerformedActionDto | undefined;
    const heard = await overheard(async () => {
      const reply = await act(asked, { once });
      expect([reply.status, reply.headers['cache-control']]).toEqual([200, 'no-store']);
      first = reply.json as PerformedActionDto;
    });
    expect(first).toMatchObject({ state: 'done', secret: 'given', answer });
    expect(heard).not.toContain('XE6wE17');
    // Nor the key that opens it, which never leaves the gateway.
    expect(heard).not.toContain('"d":');
    const again = await act(asked, { once });
    expect(again).toMatchObject({ status: 200, json: { id: first!.id, secret: 'given' } });
    const looked = await door.ask({ path: again.headers.location!, key: operator });
    expect(again.text + looked.text).not.toContain('XE6wE17');
  });

  it('says that a secret is lost when it did not arrive', async () => {
    endAs({ own: { state: 'done', secret: 'given' } });
    const reply = await act({ action: 'activate_user', person, parameters: { sendEmail: false }, reason: 'Starts' });
    expect(reply).toMatchObject({ status: 200, json: { state: 'done', secret: 'lost' } });
  });

  it('waits for as long as the caller prefers, and says where to look then', async () => {
    endAs(undefined);
    const started = performance.now();
    const reply = await act(suspend, { prefer: 'respond-async, wait=1' });
    expect(performance.now() - started).toBeGreaterThan(950);
    expect([reply.status, reply.headers['preference-applied']]).toEqual([202, 'wait=1']);
    const { id } = reply.json as ActionDto;
    expect(reply).toMatchObject({ headers: { location: `/api/v1/actions/${id}` }, json: { state: 'accepted' } });
    const slow = act(suspend, { prefer: 'wait=90' });
    const waiting = await until(() => door.services.acting.kept.at(-1)!.dto, (dto) => dto.id !== id); // prettier-ignore
    await door.services.acting.end(waiting, { own: { state: 'done' } });
    expect(await slow).toMatchObject({ status: 200, headers: { 'preference-applied': 'wait=30' } });
    expect((await act(suspend, { prefer: 'wait=0' })).status).toBe(202);
    const { paths, components } = (await door.ask({ path: '/api/v1/openapi.json' })).json as OpenApiDocument;
    const { schema } = paths['/api/v1/connections/{connection}/actions']!.post!.responses['202']!.content!['application/json']!; // prettier-ignore
    const making = await act(
      { action: 'create_user', parameters: { profile }, reason: 'Starts' },
      { prefer: 'wait=0' },
    );
    expect(making).toMatchObject({ status: 202, json: { person: null, endedAt: null } });
    for (const { json } of [reply, making]) expect(faultsOf(json, schema, components.schemas)).toEqual([]);
    const ignored = await act({ ...suspend, action: 'none_such' }, { prefer: `wait=0, ${'x'.repeat(2_000)}` });
    expect([ignored.status, ignored.headers['preference-applied']]).toEqual([400, undefined]);
    endAs({ own: { state: 'done' } });
    const unusable = await act(suspend, { prefer: `wait=soon, wait=0, ${'x'.repeat(2_000)}` });
    expect(unusable.status).toBe(200);
    expect(unusable.headers).not.toHaveProperty('preference-applied');
  });

  it('finds an end that nobody told', async () => {
    endAs({ own: { state: 'done' }, silently: true });
    expect(await act(suspend)).toMatchObject({ status: 200, json: { state: 'done' } });
  });

  it('answers each of many its own end, and listens no longer than anybody waits', async () => {
    const reasons = Array.from({ length: 60 }, (_, n) => `Reason ${n}`);
    const replies = await Promise.all(reasons.map((reason) => act({ ...suspend, reason })));
    expect(replies.map(({ status, json }) => [status, (json as ActionDto).reason])).toEqual(
      reasons.map((reason) => [200, reason]),
    );
    const { watches } = door.app.get(ActionEnds) as { watches: Set<unknown> };
    await until(() => watches.size, (left) => left === 0); // prettier-ignore
    endAs(undefined);
    const leaving = request(`${door.url}/api/v1/connections/${connection}/actions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${operator}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
    });
    leaving.on('error', () => undefined).end(JSON.stringify(suspend));
    await until(() => watches.size, (waiting) => waiting === 1); // prettier-ignore
    leaving.destroy();
    await until(() => watches.size, (left) => left === 0); // prettier-ignore
  });

  it('makes a problem of what was refused or failed, with the record and what is possible', async () => {
    const fault = { code: 'person_status', detail: 'Suspend User is not possible while LOCKED_OUT.' } as const;
    for (const state of ['refused', 'failed'] as const) {
      endAs({ own: { state, effect: 'none', fault: { ...fault, possible: ['unlock_user'] } } });
      const once = randomUUID();
      for (const reply of [await act(suspend, { once }), await act(suspend, { once })])
        expect(reply).toMatchObject({
          status: 409,
          headers: { 'content-type': 'application/problem+json; charset=utf-8', location: expect.any(String) },
          json: { ...fault, context: { action: { state, reason: 'On leave' }, possible: ['unlock_user'] } },
        });
    }
  });

  it('says that it does not know how one ended, and settles it by looking', async () => {
    const fault = { code: 'outcome_unknown' as const, detail: 'Okta did not answer.', possible: [] };
    endAs({ own: { state: 'unknown', effect: null, fault } });
    const reply = await act(suspend);
    expect(reply).toMatchObject({ status: 202, json: { state: 'unknown', fault } });
    const path = `${reply.headers.location}/settle`;
    kept((reply.json as ActionDto).id).state = 'done';
    expect(await door.ask({ method: 'POST', path, key: operator })).toMatchObject({
      status: 200,
      json: { state: 'done' },
    });
  });

  it('answers a repetition the same, refuses another request, and says what is in flight', async () => {
    const once = randomUUID();
    const first = await act(suspend, { once });
    const { changes } = door.services;
    expect(await act(suspend, { once })).toMatchObject({ status: 200, json: first.json as object });
    expect(await act({ ...suspend, reason: 'Another' }, { once })).toMatchObject({
      status: 422,
      json: { code: 'idempotency_key_reused' },
    });
    expect(door.services.changes).toBe(changes);
    endAs(undefined);
    const slow = randomUUID();
    const { id } = (await act(suspend, { once: slow, prefer: 'wait=0' })).json as ActionDto;
    expect(await act(suspend, { once: slow })).toMatchObject({
      status: 409,
      headers: { location: `/api/v1/actions/${id}` },
      json: { code: 'action_in_flight', context: { action: id } },
    });
  });

  it('takes an action back by one of its own', async () => {
    const { id } = (await act(suspend)).json as ActionDto;
    const undo = (headers: Record<string, string>) =>
      door.ask({
        method: 'POST',
        path: `/api/v1/actions/${id}/undo`,
        key: operator,
        headers,
        body: { reason: 'Back already' },
      });
    expect((await undo({})).json).toMatchObject({ code: 'idempotency_key_required' });
    const back = await undo({ 'idempotency-key': randomUUID() });
    expect(back).toMatchObject({ status: 200, json: { undoes: id, connection, reason: 'Back already' } });
    expect(back.headers.location).toBe(`/api/v1/actions/${(back.json as ActionDto).id}`);
  });

  it('lists what was done, by who and what it was', async () => {
    const path = '/api/v1/actions';
    const wanted = { connection, person, action: 'suspend_user', state: 'done' };
    const query = new URLSearchParams({ ...wanted, limit: '3' }).toString();
    const { actions } = (await door.ask({ path: `${path}?${query}`, key: viewer })).json as { actions: ActionDto[] };
    expect(actions).toHaveLength(3);
    for (const one of actions) expect(one).toMatchObject(wanted);
    expect((await door.ask({ path: `${path}?state=gone`, key: viewer })).json).toMatchObject({
      code: 'invalid_request',
      errors: [{ path: '$.state' }],
    });
    expect((await door.ask({ path: `${path}?cursor=x`, key: viewer })).json).toMatchObject({ code: 'invalid_cursor' });
  });

  it('lets a viewer look and not act, and nobody reach into another workspace', async () => {
    expect((await act(suspend, { key: viewer })).json).toMatchObject({ status: 403, code: 'forbidden' });
    const { id } = (await act(suspend)).json as ActionDto;
    const stranger = (await door.openWorkspace()).admin;
    const path = `/api/v1/actions/${id}`;
    expect((await door.ask({ path, key: stranger })).json).toMatchObject({ status: 404, code: 'action_not_found' });
    expect((await act(suspend, { key: stranger })).json).toMatchObject({ code: 'connection_not_found' });
  });

  it('tells who waits how far it is when the gateway ends', async () => {
    const closing = await openDoor({}, door);
    endAs(undefined);
    const before = door.services.changes;
    const waiting = closing.ask({
      method: 'POST',
      path: `/api/v1/connections/${connection}/actions`,
      key: operator,
      headers: { 'idempotency-key': randomUUID(), connection: 'close' },
      body: suspend,
    });
    await until(() => door.services.changes, (changes) => changes > before); // prettier-ignore
    const [reply] = await Promise.all([waiting, closing.app.close()]);
    expect(reply).toMatchObject({ status: 202, json: { state: 'accepted' } });
    await closing.close();
  });
});
