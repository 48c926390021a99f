import { Database } from '@seatwise/persistence';
import { exampleOf } from '../src/reference/examples.js';
import { Operations } from '../src/reference/operations.js';
import { roles, type Role } from '../src/door/roles.js';
import { invite, signedIn } from './browser.js';
import { bootstrapToken, openDoor, type Door } from './open-door.js';
import { pathOf } from './requests.js';

type Code = { code: string };

describe('keys and workspaces', () => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor();
  });
  afterAll(() => door.close());

  it('opens the first workspace once, however many try at once', async () => {
    const attempt = () =>
      door.ask({ method: 'POST', path: '/api/v1/bootstrap', key: bootstrapToken, body: { workspaceName: 'First' } });
    const replies = await Promise.all(Array.from({ length: 20 }, attempt));
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const { json } of replies.filter(({ status }) => status !== 201))
      expect(json).toMatchObject({ status: 403, code: 'bootstrap_done' });
    const database = door.app.get(Database);
    expect(await database.collection('workspaces').countDocuments()).toBe(1);
    expect(await database.collection('keys').countDocuments()).toBe(1);
    expect((await attempt()).json).toMatchObject({ code: 'bootstrap_done' });
  });

  it('takes nothing but the bootstrap token where the operator is meant', async () => {
    const { admin } = await door.openWorkspace();
    for (const key of [admin, `${bootstrapToken}x`, undefined]) {
      const body = { workspaceName: 'Mine' };
      const reply = await door.ask({ method: 'POST', path: '/api/v1/workspaces', body, ...(key && { key }) });
      expect(reply).toMatchObject({ status: 401, json: { code: 'unauthenticated' } });
      expect(reply.headers['www-authenticate']).toContain('Bearer');
    }
  });

  it('shows a key once, keeps its hash alone, and forgets it at once when it is revoked', async () => {
    const { admin, workspace } = await door.openWorkspace();
    const made = await door.ask({
      method: 'POST',
      path: '/api/v1/keys',
      key: admin,
      body: { name: 'Report', role: 'viewer' },
    });
    const { id, key } = made.json as { id: string; key: string };
    expect(key).toMatch(/^sw_key_[0-9a-z]{25}_[0-9a-f]{48}$/);
    const list = await door.ask({ path: '/api/v1/keys', key: admin });
    expect(list.text).toContain(id);
    expect(list.text).not.toContain(key.slice(-48));
    const stored = JSON.stringify(await door.app.get(Database).collection('keys').find({ workspace }).toArray());
    expect(stored).not.toContain(key.slice(-48));

    expect((await door.ask({ path: '/api/v1/workspace', key })).json).toMatchObject({ id: workspace });
    expect((await door.ask({ method: 'DELETE', path: `/api/v1/keys/${id}`, key: admin })).status).toBe(204);
    expect((await door.ask({ path: '/api/v1/workspace', key })).status).toBe(401);
    const after = await door.ask({ path: '/api/v1/keys', key: admin });
    const { keys } = after.json as { keys: { id: string; revokedAt: string | null; lastUsedAt: string | null }[] };
    const revoked = keys.find((known) => known.id === id)!;
    expect([revoked.revokedAt, revoked.lastUsedAt]).toEqual([expect.any(String), expect.any(String)]);
    // Revoked again: still revoked, at the same moment.
    expect((await door.ask({ method: 'DELETE', path: `/api/v1/keys/${id}`, key: admin })).status).toBe(204);
    const again = await door.ask({ path: '/api/v1/keys', key: admin });
    expect(again.text).toContain(revoked.revokedAt);
  });

  it('refuses a key with one digit changed, an expired one, and one that expires in the past', async () => {
    const { admin } = await door.openWorkspace();
    const other = admin.slice(0, -1) + (admin.endsWith('0') ? '1' : '0');
    expect((await door.ask({ path: '/api/v1/workspace', key: other })).status).toBe(401);
    const body = { name: 'Late', role: 'viewer', expiresAt: '2020-01-01T00:00:00Z' };
    expect((await door.ask({ method: 'POST', path: '/api/v1/keys', key: admin, body })).json).toMatchObject({
      code: 'invalid_request',
      errors: [{ path: '$.expiresAt' }],
    });
    const soon = { ...body, expiresAt: '2999-01-01T00:00:00Z' };
    const { id, key } = (await door.ask({ method: 'POST', path: '/api/v1/keys', key: admin, body: soon })).json as {
      id: string;
      key: string;
    };
    expect((await door.ask({ path: '/api/v1/workspace', key })).status).toBe(200);
    const past = { $set: { expiresAt: new Date(0) } };
    await door.app.get(Database).collection<{ _id: string }>('keys').updateOne({ _id: id }, past);
    expect((await door.ask({ path: '/api/v1/workspace', key })).status).toBe(401);
  });

  it('pages through the keys without losing or repeating one', async () => {
    const { admin } = await door.openWorkspace();
    for (let n = 0; n < 6; n++) await door.issue(admin, 'viewer');
    const seen: string[] = [];
    let cursor: string | null = '';
    do {
      const path = `/api/v1/keys?limit=3${cursor && `&cursor=${cursor}`}`;
      const { json } = await door.ask({ path, key: admin });
      const page = json as { keys: { id: string }[]; nextCursor: string | null };
      seen.push(...page.keys.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(new Set(seen).size).toBe(7);
    expect(seen).toHaveLength(7);
  });

  it('lets a key do what its role allows and no more, in every operation', async () => {
    const { admin, workspace } = await door.openWorkspace();
    const keys: Record<Role, string> = {
      admin,
      operator: await door.issue(admin, 'operator'),
      viewer: await door.issue(admin, 'viewer'),
    };
    const ids = { ...strangers, workspace };
    for (const { facts, method, path } of door.app.get(Operations).all()) {
      const { allows } = facts;
      if (allows === 'anyone' || allows === 'bootstrap') continue;
      for (const role of roles) {
        const reply = await door.ask({ method: method.toUpperCase(), path: pathOf(path, ids), key: keys[role] });
        const forbidden = roles.indexOf(role) < roles.indexOf(allows);
        // Who may ask gets its answer, or is told that the request, which is empty, or the id, is not right.
        expect([method, path, role, (reply.json as Code | undefined)?.code === 'forbidden']).toEqual([
          method,
          path,
          role,
          forbidden,
        ]);
        if (forbidden) expect(reply.status).toBe(403);
      }
    }
  });

  it("says 404 of another workspace's things, in every operation that names one", async () => {
    const mine = await door.openWorkspace();
    const theirs = await door.openWorkspace();
    const ids = await furnishWorkspace(door, mine.admin);
    for (const { id, facts, method, path, query, body, headers } of door.app.get(Operations).all()) {
      if (facts.allows === 'anyone' || facts.allows === 'bootstrap' || !path.includes('{')) continue;
      const history = id === 'disconnect' ? '?history=keep' : '';
      const plain = { token: 'okta-token' };
      const question = {
        method: method.toUpperCase(),
        path: pathOf(path, ids) + history,
        ...(headers && { headers: { 'idempotency-key': 'one' } }),
        ...(body && { body: id === 'rotateToken' ? plain : (exampleOf(body) as object) }),
      };
      const reply = await door.ask({ ...question, key: theirs.admin });
      expect([id, reply.status]).toEqual([id, 404]);
      expect(query === undefined || reply.text.includes(ids.connection) || reply.status === 404).toBe(true);
    }
    for (const list of ['people', 'apps', 'runs', 'summary', 'actions', 'bulk']) {
      const reply = await door.ask({ path: `/api/v1/${list}?connection=${ids.connection}`, key: theirs.admin });
      expect([list, reply.status, (reply.json as Code).code]).toEqual([list, 404, 'connection_not_found']);
    }
    for (const list of ['connections', 'runs', 'keys', 'members', 'sessions', 'actions', 'bulk', 'webhooks']) {
      const reply = await door.ask({ path: `/api/v1/${list}`, key: theirs.admin });
      for (const id of Object.values(ids)) expect(reply.text).not.toContain(id);
    }
    const still = await door.ask({ path: `/api/v1/connections/${ids.connection}`, key: mine.admin });
    expect(still.status).toBe(200);
  });

  it('hands a token on sealed to connection-service alone', async () => {
    const { admin } = await door.openWorkspace();
    await furnishWorkspace(door, admin, 'the-okta-token');
    expect(door.services.tokens).toContain('the-okta-token');
  });
});

const strangers = {
  connection: `con_${'0'.repeat(25)}`,
  run: `run_${'0'.repeat(25)}`,
  key: `key_${'0'.repeat(25)}`,
  action: `act_${'0'.repeat(25)}`,
  bulk: `blk_${'0'.repeat(25)}`,
  record: `aud_${'0'.repeat(25)}`,
  webhook: `whk_${'0'.repeat(25)}`,
  event: `evt_${'0'.repeat(25)}`,
  member: `usr_${'0'.repeat(25)}`,
  session: `ses_${'0'.repeat(25)}`,
  provider: 'none',
  person: 'nobody',
  app: 'nothing',
  code: 'run_not_found',
};

/** A connection, a run, an action, a bulk job, a webhook and a key of this workspace. */
async function furnishWorkspace(door: Door, admin: string, token = 'okta-token') {
  const body = { orgUrl: 'https://acme.okta.com', token };
  const made = await door.ask({ method: 'POST', path: '/api/v1/connections', key: admin, body });
  const connection = (made.json as { id: string }).id;
  expect(made.headers.location).toBe(`/api/v1/connections/${connection}`);
  const started = await door.ask({ method: 'POST', path: `/api/v1/connections/${connection}/sync`, key: admin });
  expect(started.status).toBe(202);
  const run = (started.json as { id: string }).id;
  const issued = await door.ask({
    method: 'POST',
    path: '/api/v1/keys',
    key: admin,
    body: { name: 'Mine', role: 'viewer' },
  });
  const { workspace } = started.json as { workspace: string };
  const action = door.services.acting.add(workspace, connection).id;
  const bulk = door.services.jobs.add(workspace, connection).id;
  const hook = door.services.hooks.add(workspace);
  const { records } = (await door.ask({ path: '/api/v1/audit', key: admin })).json as { records: { id: string }[] };
  const record = records[0]!.id;
  const key = (issued.json as { id: string }).id;
  const member = await invite(door, admin, 'ada@acme.example');
  await signedIn(door, admin, 'ada@acme.example');
  const sessions = await door.ask({ path: '/api/v1/sessions', key: admin });
  const session = (sessions.json as { sessions: { id: string }[] }).sessions[0]!.id;
  return { connection, run, action, bulk, key, record, member, session, ...hook, person: 'nobody', app: 'nothing' };
}
