import { get } from 'node:http';
import type { BulkDto, RunDto } from '@seatwise/contracts';
import { Database } from '@seatwise/persistence';
import type { AuditRecordDto } from '../src/audit/audit.dto.js';
import { roles } from '../src/door/roles.js';
import { Operations } from '../src/reference/operations.js';
import type { MemberDto } from '../src/members/members.dto.js';
import type { Session } from '../src/sign-in/sessions.repository.js';
import type { LinkDto, OpenSessionDto, OpenSessionListDto, SessionDto } from '../src/sign-in/sign-in.dto.js';
import type { Reply } from './ask.js';
import { Browser, invite, signedIn } from './browser.js';
import { bootstrapToken, openDoor, until, type Door } from './open-door.js';
import { pathOf } from './requests.js';

const password = 'four plain words here';
const codeOf = ({ json }: Reply) => (json as { code?: string } | undefined)?.code;

const signIn = (browser: Browser, email: string, secret = password) =>
  browser.send('POST', '/session', { email, password: secret });
const listOf = async (browser: Browser): Promise<OpenSessionDto[]> =>
  ((await browser.get('/sessions')).json as OpenSessionListDto).sessions;

/** An answer without what differs from request to request. */
const withoutPlace = ({ json }: Reply) => {
  const { traceId: _trace, context: _context, detail, ...problem } = json as Record<string, unknown>;
  return { ...problem, detail: String(detail).replace(/\d+ seconds/, 'N seconds') };
};

describe('people who sign in', () => {
  let door: Door;
  let beside: Door;
  let secure: Door;
  let admin: string;
  let workspace: string;

  beforeAll(async () => {
    door = await openDoor();
    beside = await openDoor({}, door);
    secure = await openDoor({ PUBLIC_URL: 'https://seatwise.example', PASSWORD_SIGN_IN: 'false' }, door);
    ({ admin, workspace } = await door.openWorkspace());
  });
  afterAll(async () => {
    await secure.close();
    await beside.close();
    await door.close();
  });
  // Each test guesses from the same address as all others do.
  beforeEach(() => database().collection('sign_in_guesses').deleteMany({}));

  const database = () => door.app.get(Database);
  const sessions = () => database().collection<Session>('sessions');
  const stored = async () => {
    const names = ['sessions', 'members', 'sign_in_links', 'sign_in_guesses', 'audit', 'keys'];
    const all = await Promise.all(names.map((name) => database().collection(name).find({}).toArray()));
    return JSON.stringify(all);
  };
  const withKey = (method: string, path: string, body?: object, key = admin) =>
    door.ask({ method, path: `/api/v1${path}`, key, ...(body && { body }) });
  const recordsOf = async (query = '', key = admin): Promise<AuditRecordDto[]> =>
    ((await withKey('GET', `/audit?limit=200${query}`, undefined, key)).json as { records: AuditRecordDto[] }).records;
  /** A member with a password, who is signed in by a link. */
  const settled = async (email: string, role = 'viewer', key = admin): Promise<Browser> => {
    await invite(door, key, email, role);
    const browser = await signedIn(door, key, email);
    expect((await browser.send('PUT', '/session/password', { password })).status).toBe(204);
    return browser;
  };

  it('begin with a link of the operator, which works once, sets the first password, and is kept as a hash', async () => {
    const own = await door.openWorkspace();
    const path = `/workspaces/${own.workspace}/sign-in-links`;
    const wish = { email: 'First@acme.example', name: 'First' };
    expect((await withKey('POST', path, wish, own.admin)).status).toBe(401);
    const link = (await withKey('POST', path, wish, bootstrapToken)).json as LinkDto;
    expect(link.path).toBe(`/sign-in#link=${link.token}`);
    expect(await stored()).not.toContain(link.token);
    const browsers = Array.from({ length: 5 }, () => new Browser(door));
    const replies = await Promise.all(browsers.map((one) => one.send('POST', '/session/link', { token: link.token })));
    expect(replies.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 401, 401, 401, 401]);
    expect(replies.map(codeOf).filter(Boolean)).toEqual(Array(4).fill('sign_in_link_invalid'));
    const browser = browsers[replies.findIndex(({ status }) => status === 201)]!;
    const { json } = await browser.get('/session');
    expect(json).toMatchObject({
      person: { email: 'First@acme.example', name: 'First' },
      workspace: { id: own.workspace, name: 'One more' },
      role: 'admin',
      hasPassword: false,
      workspaces: [{ id: own.workspace, name: 'One more', role: 'admin' }],
    });
    expect((await browser.send('PUT', '/session/password', { password })).status).toBe(204);
    expect((await browser.get('/session')).json).toMatchObject({ hasPassword: true });
    expect((await signIn(new Browser(door), 'first@ACME.example')).status).toBe(201);
    // For the one who has lost the way in, too, and whatever role they have by now.
    await invite(door, own.admin, 'second@acme.example', 'viewer');
    const again = { email: 'second@acme.example', name: 'Second' };
    const { token } = (await withKey('POST', path, again, bootstrapToken)).json as LinkDto;
    expect((await new Browser(door).send('POST', '/session/link', { token })).json).toMatchObject({ role: 'admin' });
    for (const secret of [password, browser.cookie.split('=')[1]!]) expect(await stored()).not.toContain(secret);
  });

  it('are not let in by a link that has expired, or whose member is gone', async () => {
    const id = await invite(door, admin, 'late@acme.example');
    const make = async () =>
      ((await withKey('POST', '/sign-in-links', { email: 'late@acme.example' })).json as LinkDto).token;
    const [late, orphan] = [await make(), await make()];
    const links = database().collection<{ _id: string; expiresAt: Date }>('sign_in_links');
    const newest = await links.find({}).sort({ expiresAt: 1 }).toArray();
    expect(newest.length).toBeGreaterThanOrEqual(2);
    await links.updateOne({ _id: newest.at(-2)!._id }, { $set: { expiresAt: new Date(Date.now() - 1) } });
    expect(codeOf(await new Browser(door).send('POST', '/session/link', { token: late }))).toBe('sign_in_link_invalid');
    await withKey('DELETE', `/members/${id}`);
    expect(codeOf(await new Browser(door).send('POST', '/session/link', { token: orphan }))).toBe(
      'sign_in_link_invalid',
    );
  });

  it('may do by a session what a key of their role may, in every operation, and nothing more', async () => {
    const browsers = new Map<string, Browser>();
    for (const role of roles) {
      await invite(door, admin, `${role}@acme.example`, role);
      browsers.set(role, await signedIn(door, admin, `${role}@acme.example`));
    }
    const prefixes = {
      connection: 'con',
      run: 'run',
      key: 'key',
      action: 'act',
      bulk: 'blk',
      record: 'aud',
      member: 'usr',
      session: 'ses',
      webhook: 'whk',
      event: 'evt',
    };
    const none = Object.fromEntries(
      Object.entries(prefixes).map(([name, prefix]) => [name, `${prefix}_${'0'.repeat(25)}`]),
    );
    const ids = { ...none, workspace, person: 'nobody', app: 'nothing', code: 'run_not_found' };
    let asked = 0;
    for (const { facts, method, path } of door.app.get(Operations).all()) {
      const { allows } = facts;
      // Signing out would end the session of the next question.
      if (allows === 'anyone' || allows === 'bootstrap' || (method === 'delete' && path === '/api/v1/session'))
        continue;
      for (const role of roles) {
        const reply = await browsers.get(role)!.ask({ method: method.toUpperCase(), path: pathOf(path, ids) });
        const forbidden = roles.indexOf(role) < roles.indexOf(allows);
        expect([method, path, role, codeOf(reply) === 'forbidden']).toEqual([method, path, role, forbidden]);
        expect([401, 500]).not.toContain(reply.status);
        asked += 1;
      }
    }
    expect(asked).toBeGreaterThan(100);
  });

  it('have their session in a cookie that no script, no other site and no plain http can have', async () => {
    const browser = await settled('cookie@acme.example');
    await signIn(browser, 'cookie@acme.example');
    expect(browser.lastSet).toHaveLength(1);
    expect(browser.lastSet[0]).toMatch(/^seatwise-session=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
    const elsewhere = new Browser(secure, { origin: 'https://seatwise.example' });
    const { token } = (await withKey('POST', '/sign-in-links', { email: 'cookie@acme.example' })).json as LinkDto;
    expect((await elsewhere.send('POST', '/session/link', { token })).status).toBe(201);
    expect(elsewhere.lastSet[0]).toMatch(
      /^__Host-seatwise-session=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect((await elsewhere.get('/session')).status).toBe(200);
    expect((await elsewhere.send('DELETE', '/session')).status).toBe(204);
    expect([...elsewhere.cookies.keys()]).toEqual([]);
    expect(await secure.ask({ path: '/api/v1/sign-in' })).toMatchObject({ json: { password: false, oidc: [] } });
    expect(codeOf(await signIn(elsewhere, 'cookie@acme.example'))).toBe('password_not_used');
  });

  it('are not used by another site: what changes something must come from the page itself', async () => {
    await invite(door, admin, 'csrf@acme.example', 'admin');
    const browser = await signedIn(door, admin, 'csrf@acme.example');
    const { cookie } = browser;
    const ask = (headers: Record<string, string>, method = 'POST', path = '/api/v1/members') => {
      const body = { email: 'forged@acme.example', name: 'Forged', role: 'admin' };
      return door.ask({ method, path, headers: { cookie, ...headers }, ...(method === 'POST' && { body }) });
    };
    const own = door.url;
    const foreign: Record<string, string>[] = [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: own.replace('http:', 'https:') },
      { origin: own.replace(/:\d+$/, ':1') },
      { origin: `${own}.evil.example` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: own, 'sec-fetch-site': 'cross-site' },
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
      { referer: own },
    ];
    for (const headers of foreign) {
      for (const [method, path] of [
        ['POST', '/api/v1/members'],
        ['DELETE', '/api/v1/session'],
        ['PUT', '/api/v1/session/workspace'],
        ['PATCH', `/api/v1/members/usr_${'0'.repeat(25)}`],
      ])
        expect([headers, method, await ask(headers, method, path)]).toMatchObject([
          headers,
          method,
          { status: 403, json: { code: 'cross_site' } },
        ]);
      // Nor may another site sign somebody in.
      const asAttacker = { headers, method: 'POST', path: '/api/v1/session', body: { email: 'a', password: 'b' } };
      expect(codeOf(await door.ask(asAttacker))).toBe('cross_site');
      const byLink = { ...asAttacker, path: '/api/v1/session/link', body: { token: 'x'.repeat(43) } };
      expect(codeOf(await door.ask(byLink))).toBe('cross_site');
    }
    expect(JSON.stringify((await withKey('GET', '/members?limit=200')).json)).not.toContain('forged@');
    // What only reads may be led to from anywhere, and a key is sent by nobody but its owner.
    expect((await ask({ origin: 'https://evil.example' }, 'GET')).status).toBe(200);
    const body = { name: 'By key', role: 'viewer' };
    const headers = { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' };
    const made = await door.ask({ method: 'POST', path: '/api/v1/keys', key: admin, headers, body });
    expect(made.status).toBe(201);
    const ofPage: Record<string, string>[] = [
      { origin: own },
      { 'sec-fetch-site': 'same-origin' },
      { origin: own, 'sec-fetch-site': 'same-origin' },
      // What some browsers say of a page that names itself to nobody (`Referrer-Policy: no-referrer`).
      { origin: 'null', 'sec-fetch-site': 'same-origin' },
    ];
    for (const headersOfPage of ofPage)
      expect((await ask(headersOfPage, 'PATCH', `/api/v1/members/usr_${'0'.repeat(25)}`)).status).not.toBe(403);
  });

  it('are told apart from keys: a key in a cookie is none, and with a header there is no session', async () => {
    await invite(door, admin, 'apart@acme.example', 'admin');
    const browser = await signedIn(door, admin, 'apart@acme.example');
    const [name, secret] = browser.cookie.split('=');
    const path = '/api/v1/workspace';
    expect((await door.ask({ path, headers: { cookie: browser.cookie } })).status).toBe(200);
    for (const value of [admin, bootstrapToken, `${secret}x`, 'x'.repeat(43), ''])
      expect((await door.ask({ path, headers: { cookie: `${name}=${value}` } })).status).toBe(401);
    for (const authorization of ['Bearer nonsense', `Bearer ${secret}`, `Basic ${secret}`, ''])
      expect((await door.ask({ path, headers: { cookie: browser.cookie, authorization } })).status).toBe(401);
    expect((await door.ask({ path, key: secret! })).status).toBe(401);
    const byKey = await door.ask({ path: '/api/v1/session', key: admin });
    expect(byKey).toMatchObject({ status: 403, json: { code: 'session_required' } });
    expect((await new Browser(door).get('/session')).status).toBe(401);
  });

  it('get another session with each sign-in, and the one the browser had ends', async () => {
    await settled('fixed@acme.example');
    const browser = new Browser(door);
    browser.cookies.set('seatwise-session', 'a'.repeat(43));
    expect((await signIn(browser, 'fixed@acme.example')).status).toBe(201);
    const first = browser.cookie;
    expect(first).not.toContain('a'.repeat(43));
    expect((await signIn(browser, 'fixed@acme.example')).status).toBe(201);
    expect(browser.cookie).not.toBe(first);
    expect((await door.ask({ path: '/api/v1/session', headers: { cookie: first } })).status).toBe(401);
    expect((await browser.get('/session')).status).toBe(200);
  });

  it('stay signed in while they are there, and no longer than the longest', async () => {
    await invite(door, admin, 'idle@acme.example');
    const browser = await signedIn(door, admin, 'idle@acme.example');
    const [{ id }] = (await listOf(browser)) as [OpenSessionDto];
    const set = (change: Partial<Session>) => sessions().updateOne({ _id: id }, { $set: change });
    const session = async () => (await sessions().findOne({ _id: id }))!;
    const { openedAt, expiresAt, endsAt } = await session();
    expect([expiresAt, endsAt].map((at) => (at.getTime() - openedAt.getTime()) / 60_000)).toEqual([120, 720]);
    const soon = new Date(Date.now() + 60_000);
    await set({ seenAt: new Date(Date.now() - 3_600_000), expiresAt: soon });
    expect((await browser.get('/session')).status).toBe(200);
    // Nobody waits for a majority to keep that.
    await until(session, ({ expiresAt: now }) => now.getTime() > soon.getTime() + 3_000_000);
    const end = new Date(Date.now() + 120_000);
    await set({ seenAt: new Date(Date.now() - 3_600_000), expiresAt: soon, endsAt: end });
    expect((await browser.get('/session')).status).toBe(200);
    await until(session, ({ expiresAt: now }) => now > soon);
    expect((await session()).expiresAt).toEqual(end);
    await set({ expiresAt: new Date(Date.now() - 1) });
    expect((await browser.get('/session')).status).toBe(401);
  });

  it('change their password by the one they have, and every other session ends', async () => {
    const browser = await settled('change@acme.example');
    const other = new Browser(door);
    await signIn(other, 'change@acme.example');
    const change = (body: object, by = browser) => by.send('PUT', '/session/password', body);
    const next = 'five other plain words here';
    expect(codeOf(await change({ password: next }))).toBe('password_wrong');
    expect(codeOf(await change({ password: next, current: `${password}!` }))).toBe('password_wrong');
    for (const weak of ['short', 'aaaaaaaaaaaaaaaaaa', 'abcabcabcabcabc', 'change@acme.example', 'Seatwise-change'])
      expect([weak, codeOf(await change({ password: weak, current: password }))]).toEqual([weak, 'password_weak']);
    expect((await other.get('/session')).status).toBe(200);
    const before = browser.cookie;
    expect((await change({ password: next, current: password })).status).toBe(204);
    expect(browser.cookie).not.toBe(before);
    expect((await browser.get('/session')).status).toBe(200);
    for (const cookie of [before, other.cookie])
      expect((await door.ask({ path: '/api/v1/session', headers: { cookie } })).status).toBe(401);
    expect(codeOf(await signIn(new Browser(door), 'change@acme.example'))).toBe('sign_in_failed');
    expect((await signIn(new Browser(door), 'change@acme.example', next)).status).toBe(201);
    const all = await stored();
    for (const secret of [password, next, 'short']) expect(all).not.toContain(secret);
  });

  it('guess more and more slowly, are locked out in every replica, and do not learn who there is', async () => {
    await settled('guessed@acme.example');
    // A guess that comes too soon counts for nothing: so time passes in between, by the database.
    const guesses = database().collection<{ tries: number; until: Date }>('sign_in_guesses');
    const timePasses = () => guesses.updateMany({}, { $set: { until: new Date(0) } });
    const answers: Record<string, unknown[]> = {};
    for (const email of ['guessed@acme.example', 'nobody@acme.example']) {
      answers[email] = [];
      for (let n = 0; n < 10; n += 1) {
        const reply = await signIn(new Browser(n % 2 ? door : beside), email, `wrong password ${n}`);
        answers[email].push(withoutPlace(reply));
        expect([email, n, reply.status]).toEqual([email, n, 401]);
        if (n < 3) continue;
        const soon = await signIn(new Browser(door), email);
        expect([email, n, codeOf(soon)]).toEqual([email, n, 'sign_in_locked']);
        answers[email].push(withoutPlace(soon));
        const wait = Number(soon.headers['retry-after']);
        expect(wait).toBeLessThanOrEqual(n === 9 ? 900 : 2 ** (n - 3));
        expect(wait).toBeGreaterThan(n === 9 ? 800 : 0);
        if (n < 9) await timePasses();
      }
      for (const one of [door, beside]) {
        const locked = await signIn(new Browser(one), email);
        expect(locked).toMatchObject({ status: 429, json: { code: 'sign_in_locked' } });
        answers[email].push(withoutPlace(locked));
      }
    }
    expect(answers['guessed@acme.example']).toEqual(answers['nobody@acme.example']);
    // Whoever waits it out and knows it is let in, and forgiven.
    await timePasses();
    expect((await signIn(new Browser(door), 'guessed@acme.example')).status).toBe(201);
    expect(codeOf(await signIn(new Browser(door), 'guessed@acme.example', 'wrong again'))).toBe('sign_in_failed');
    expect(codeOf(await signIn(new Browser(door), 'guessed@acme.example', 'wrong again'))).toBe('sign_in_failed');
    expect(JSON.stringify(await guesses.find({}).toArray())).not.toContain('acme');
  });

  it('gain nothing by guessing at many replicas at once, nor at many accounts from one address', async () => {
    await settled('parallel@acme.example');
    const all = await Promise.all(
      Array.from({ length: 30 }, (_none, n) =>
        signIn(new Browser(n % 2 ? door : beside), 'parallel@acme.example', `guess number ${n}`),
      ),
    );
    const failures = all.filter((reply) => codeOf(reply) === 'sign_in_failed').length;
    // Three are free, and the fourth makes the next one wait; while they are answered some time passes.
    expect(failures).toBeGreaterThanOrEqual(4);
    expect(failures).toBeLessThanOrEqual(10);
    expect(all.filter((reply) => codeOf(reply) === 'sign_in_locked')).toHaveLength(30 - failures);
    const guesses = database().collection<{ tries: number; until: Date }>('sign_in_guesses');
    await guesses.deleteMany({});
    let failed = 0;
    for (let n = 0; n < 100 && failed === n; n += 1)
      if (codeOf(await signIn(new Browser(door), `person${n}@acme.example`, 'the same for all')) === 'sign_in_failed')
        failed += 1;
    expect(failed).toBeGreaterThanOrEqual(31);
    expect(failed).toBeLessThan(60);
    expect(codeOf(await signIn(new Browser(door), 'parallel@acme.example'))).toBe('sign_in_locked');
    // Signed in is signed in.
    expect((await (await signedIn(door, admin, 'parallel@acme.example')).get('/session')).status).toBe(200);
  });

  it('see and end their own sessions, and an admin those of the workspace and of no other', async () => {
    const own = await door.openWorkspace();
    const other = await door.openWorkspace();
    await invite(door, own.admin, 'boss@acme.example', 'admin');
    const ada = await settled('ada@acme.example', 'operator', own.admin);
    const phone = new Browser(door, { 'user-agent': 'A phone' });
    await signIn(phone, 'ada@acme.example');
    const boss = await signedIn(door, own.admin, 'boss@acme.example');
    const listed = await listOf(ada);
    expect(listed.map(({ current, way, browser }) => [current, way, browser])).toEqual([
      [false, 'password', 'A phone'],
      [true, 'password', ''],
    ]);
    expect((await listOf(boss)).map(({ person }) => person.email).sort()).toEqual([
      'ada@acme.example',
      'ada@acme.example',
      'boss@acme.example',
    ]);
    const viewer = await door.issue(own.admin, 'viewer');
    expect((await withKey('GET', '/sessions', undefined, viewer)).json).toEqual({ sessions: [] });
    expect((await withKey('GET', '/sessions', undefined, other.admin)).json).toEqual({ sessions: [] });
    const bosss = (await listOf(boss)).find(({ current }) => current)!.id;
    for (const reply of [
      await ada.send('DELETE', `/sessions/${bosss}`),
      await withKey('DELETE', `/sessions/${bosss}`, undefined, other.admin),
      await withKey('DELETE', `/sessions/${bosss}`, undefined, viewer),
    ])
      expect(reply).toMatchObject({ status: 404, json: { code: 'session_not_found' } });
    expect((await ada.send('DELETE', `/sessions/${listed[0]!.id}`)).status).toBe(204);
    expect((await phone.get('/session')).status).toBe(401);
    expect((await boss.send('DELETE', `/sessions/${listed[1]!.id}`)).status).toBe(204);
    expect((await ada.get('/session')).status).toBe(401);
    expect((await boss.send('DELETE', '/session')).status).toBe(204);
    expect((await boss.get('/session')).status).toBe(401);
  });

  it('go from one workspace to another, and what one workspace does to them reaches no other', async () => {
    const [mine, theirs, third] = [await door.openWorkspace(), await door.openWorkspace(), await door.openWorkspace()];
    const email = 'both@acme.example';
    await settled(email, 'admin', mine.admin);
    await settled(email, 'viewer', theirs.admin);
    // Whoever made an account of that name elsewhere, with another password, is not the same person.
    await invite(door, third.admin, email, 'admin');
    const attacker = await signedIn(door, third.admin, email);
    expect((await attacker.send('PUT', '/session/password', { password: 'a password of another' })).status).toBe(204);
    expect((await attacker.get('/session')).json).toMatchObject({ workspaces: [{ id: third.workspace }] });
    const browser = new Browser(door);
    await signIn(browser, email);
    const seen = (await browser.get('/session')).json as SessionDto;
    expect(new Set(seen.workspaces.map(({ id }) => id))).toEqual(new Set([mine.workspace, theirs.workspace]));
    const go = (to: string) => browser.send('PUT', '/session/workspace', { workspace: to });
    expect(await go(theirs.workspace)).toMatchObject({ status: 200, json: { role: 'viewer' } });
    expect((await browser.get('/workspace')).json).toMatchObject({ id: theirs.workspace });
    expect(codeOf(await browser.get('/members'))).toBe('forbidden');
    expect(codeOf(await go(third.workspace))).toBe('workspace_not_found');
    expect((await go(mine.workspace)).status).toBe(200);
    const members = (await browser.get('/members')).json as { members: MemberDto[] };
    expect(members.members.map((one) => one.email)).toEqual([email]);
    // The other workspace ends what is its own: its part of the session, and its account.
    const [{ id: session }] = ((await withKey('GET', '/sessions', undefined, theirs.admin)).json as OpenSessionListDto)
      .sessions as [OpenSessionDto];
    expect((await withKey('DELETE', `/sessions/${session}`, undefined, theirs.admin)).status).toBe(204);
    expect((await browser.get('/session')).json).toMatchObject({
      workspace: { id: mine.workspace },
      workspaces: [{ id: mine.workspace }],
    });
  });

  it('are out at once when they are removed, have a new role at once, and a workspace keeps its last admin', async () => {
    const own = await door.openWorkspace();
    const [a, b] = [
      await invite(door, own.admin, 'a@acme.example', 'admin'),
      await invite(door, own.admin, 'b@acme.example', 'admin'),
    ];
    const browser = await signedIn(door, own.admin, 'a@acme.example');
    const again = { email: 'A@ACME.example', name: 'A', role: 'viewer' };
    expect(codeOf(await withKey('POST', '/members', again, own.admin))).toBe('member_exists');
    // Both admins away at once, again and again: each time one of the two is refused.
    for (let n = 0; n < 10; n += 1) {
      const away = (id: string) => withKey('PATCH', `/members/${id}`, { role: 'viewer' }, own.admin);
      const replies = await Promise.all([away(a), away(b)]);
      expect(replies.map(codeOf).filter(Boolean)).toEqual(['last_admin']);
      for (const id of [a, b]) await withKey('PATCH', `/members/${id}`, { role: 'admin' }, own.admin);
    }
    const { members } = (await withKey('GET', '/members', undefined, own.admin)).json as { members: MemberDto[] };
    for (const { id } of members.filter((one) => one.id !== a))
      await withKey('DELETE', `/members/${id}`, undefined, own.admin);
    expect(codeOf(await withKey('DELETE', `/members/${a}`, undefined, own.admin))).toBe('last_admin');
    expect(codeOf(await withKey('PATCH', `/members/${a}`, { role: 'operator' }, own.admin))).toBe('last_admin');
    await invite(door, own.admin, 'c@acme.example', 'admin');
    expect((await browser.get('/members')).status).toBe(200);
    expect((await withKey('PATCH', `/members/${a}`, { role: 'viewer' }, own.admin)).status).toBe(200);
    expect(codeOf(await browser.get('/members'))).toBe('forbidden');
    expect((await withKey('DELETE', `/members/${a}`, undefined, own.admin)).status).toBe(204);
    expect((await browser.get('/session')).status).toBe(401);
    expect(await sessions().countDocuments({ 'members.id': a })).toBe(0);
  });

  it('are in the audit log: when they sign in, when somebody fails to, and with what they do', async () => {
    const own = await door.openWorkspace();
    const browser = await settled('seen@acme.example', 'admin', own.admin);
    await signIn(browser, 'seen@acme.example');
    await signIn(new Browser(door), 'Seen@acme.example', 'not the password');
    await signIn(new Browser(door), 'my-secret-typed-in-the-wrong-field', 'not the password');
    const made = await browser.send('POST', '/keys', { name: 'Mine', role: 'admin' });
    const { id: keyId, key } = made.json as { id: string; key: string };
    await withKey('POST', '/keys', { name: 'By the key', role: 'viewer' }, key);
    const operator = await settled('op@acme.example', 'operator', own.admin);
    await operator.send('POST', '/keys', { name: 'No', role: 'viewer' });
    await browser.send('DELETE', '/session');
    const records = (await recordsOf('', own.admin)).toReversed();
    const { person } = records.find(({ what }) => what === 'session.opened')!.who;
    expect(person).toEqual({ id: expect.stringMatching(/^usr_/) as string, email: 'seen@acme.example' });
    const brief = records.map(({ what, outcome, who, on, asked, code }) =>
      [what, code ?? outcome, who.person?.email ?? who.role, on.name, asked?.way].filter(Boolean).join(' '),
    );
    expect(brief.filter((line) => !line.includes(' asked') && !line.includes('op@'))).toEqual([
      'workspace.opened done bootstrap One more',
      'member.invited done admin seen',
      'link.made done admin',
      'session.opened done seen@acme.example link',
      'password.changed done seen@acme.example',
      'session.opened done seen@acme.example password',
      'session.opened sign_in_failed nobody seen@acme.example password',
      'key.issued done seen@acme.example Mine',
      'key.issued done seen@acme.example By the key',
      'member.invited done admin op',
      'link.made done admin',
      'session.ended done seen@acme.example',
    ]);
    expect(brief).toContain('key.issued forbidden op@acme.example');
    const [byKey] = records.filter(({ on }) => on.name === 'By the key');
    expect(byKey!.who).toEqual({ key: keyId, person, role: 'admin' });
    const own2 = await recordsOf(`&member=${person!.id}`, own.admin);
    expect(own2.length).toBeGreaterThan(5);
    expect(own2.every(({ who }) => who.person?.id === person!.id)).toBe(true);
    const csv = await withKey('GET', `/audit.csv?member=${person!.id}`, undefined, own.admin);
    expect(csv.text).toContain(`,${keyId},${person!.id},seen@acme.example,admin,`);
    expect(await stored()).not.toContain('my-secret-typed');
    const operators = await database()
      .collection('audit')
      .find({ workspace: 'operator', what: 'session.opened' })
      .toArray();
    expect(operators.at(-1)).toMatchObject({
      outcome: 'refused',
      code: 'sign_in_failed',
      on: { id: null, name: null },
    });
  });

  it('are known to the services by person and not by session, also behind the keys that they issued', async () => {
    const own = await door.openWorkspace();
    await invite(door, own.admin, 'asks@acme.example', 'admin');
    const browser = await signedIn(door, own.admin, 'asks@acme.example');
    const connect = { orgUrl: 'https://acme.okta.com', token: 'okta-token' };
    const connection = ((await browser.send('POST', '/connections', connect)).json as { id: string }).id;
    const { id } = ((await browser.get('/session')).json as SessionDto).person;
    const person = { id, email: 'asks@acme.example' };
    const { key } = (await browser.send('POST', '/keys', { name: 'Mine', role: 'admin' })).json as { key: string };
    const wish = { action: 'suspend_user', reason: 'A test', people: ['00u1'] };
    const path = `/api/v1/connections/${connection}/bulk`;
    const prepare = async (by: { ask: Browser['ask'] }, how: object) =>
      (await by.ask({ method: 'POST', path, body: wish, ...how })).json as BulkDto;
    const byPerson = await prepare(browser, { headers: { 'idempotency-key': 'one' } });
    expect(byPerson.by).toEqual({ key: null, person, role: 'admin' });
    const byKey = await prepare(door, { key, headers: { 'idempotency-key': 'two' } });
    expect(byKey.by).toEqual({ key: expect.stringMatching(/^key_/) as string, person, role: 'admin' });
    const byOther = await prepare(door, { key: own.admin, headers: { 'idempotency-key': 'three' } });
    expect(byOther.by).toEqual({ key: expect.stringMatching(/^key_/) as string, role: 'admin' });
  });

  it('follow nothing any longer when their session has ended', async () => {
    await invite(door, admin, 'watcher@acme.example');
    const browser = await signedIn(door, admin, 'watcher@acme.example');
    const run: RunDto = door.services.startRun({ workspace, connection: `con_${'1'.repeat(25)}` });
    let text = '';
    let isOver = false;
    const request = get(`${door.url}/api/v1/runs/${run.id}/progress`, {
      headers: { cookie: browser.cookie },
      agent: false,
    });
    request.on('response', (response) => {
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('close', () => (isOver = true));
    });
    await until(
      () => text,
      (shown) => shown.includes('event: run'),
    );
    expect(isOver).toBe(false);
    await browser.send('DELETE', '/session');
    await until(() => isOver, Boolean);
  });
});
