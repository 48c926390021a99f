import { loadConfig } from '@seatwise/observability';
import { Database } from '@seatwise/persistence';
import type { AuditRecordDto } from '../src/audit/audit.dto.js';
import { GatewayConfig } from '../src/config.js';
import type { MemberDto } from '../src/members/members.dto.js';
import type { SessionDto } from '../src/sign-in/sign-in.dto.js';
import type { Reply } from './ask.js';
import { Browser, invite, signedIn } from './browser.js';
import { bootstrapToken, openDoor, type Door } from './open-door.js';
import { clientId, clientSecret, followed, freePort, TestProvider, type Known } from './provider.js';

const codeOf = ({ json }: Reply) => (json as { code?: string } | undefined)?.code;
const scope = 'openid email profile groups';
const roles = { Admins: 'admin', Operators: 'operator', Everyone: 'viewer' };

const begin = async (browser: Browser, returnTo = '/people?status=ACTIVE'): Promise<URL> => {
  const reply = await browser.get(`/sign-in/oidc/test?returnTo=${encodeURIComponent(returnTo)}`);
  expect(reply.status).toBe(303);
  return new URL(reply.headers.location!);
};

const comeBack = (browser: Browser, { pathname, search }: URL, headers: Record<string, string> = {}) =>
  browser.ask({ path: pathname + search, headers });

const sessionOf = async (browser: Browser) => (await browser.get('/session')).json as SessionDto;

const faultOf = (providers: unknown, env: Record<string, string> = { PUBLIC_URL: 'https://seatwise.example' }) => {
  try {
    loadConfig(GatewayConfig, {
      MONGODB_URL: 'mongodb://a',
      NATS_URL: 'nats://a',
      BOOTSTRAP_TOKEN: bootstrapToken,
      SERVICE_PUBLIC_KEYS: '{"keys":[]}',
      OIDC_PROVIDERS: typeof providers === 'string' ? providers : JSON.stringify(providers),
      ...env,
    });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('signing in by a provider', () => {
  let door: Door;
  let provider: TestProvider;
  let admin: string;
  let people = 0;

  beforeAll(async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    provider = await TestProvider.start(`${url}/api/v1/sign-in/oidc/test/callback`);
    const common = { name: 'Test', issuer: provider.issuer, clientId, clientSecret, scope };
    door = await openDoor({
      HTTP_PORT: String(port),
      PUBLIC_URL: url,
      OIDC_ALLOW_HTTP_ON_LOOPBACK: 'true',
      OIDC_PROVIDERS: JSON.stringify([
        { id: 'test', ...common, claim: 'groups', roles },
        { id: 'elsewhere', ...common, issuer: 'http://127.0.0.1:1' },
      ]),
    });
    ({ admin } = await door.openWorkspace());
  });
  afterAll(async () => {
    await door.close();
    await provider.close();
  });

  /** Somebody whom the provider knows; `next` to sign in there. */
  const known = (own: Known): string => {
    provider.next = `person-${(people += 1)}`;
    provider.people.set(provider.next, { email_verified: true, ...own });
    return provider.next;
  };
  const throughProvider = (start: URL): Promise<URL> => followed(start, door.url);
  const signIn = async (browser: Browser): Promise<Reply> =>
    comeBack(browser, await throughProvider(await begin(browser)));
  const members = async (key = admin): Promise<MemberDto[]> =>
    ((await door.ask({ path: '/api/v1/members?limit=200', key })).json as { members: MemberDto[] }).members;
  const recordsOf = async (key = admin): Promise<AuditRecordDto[]> =>
    (
      (await door.ask({ path: '/api/v1/audit?what=session.opened&limit=200', key })).json as {
        records: AuditRecordDto[];
      }
    ).records;

  it('leads there with PKCE, state and nonce, back to the path that was asked for, and has the role of the claim', async () => {
    expect((await door.ask({ path: '/api/v1/sign-in' })).json).toEqual({
      password: true,
      oidc: [
        { id: 'test', name: 'Test' },
        { id: 'elsewhere', name: 'Test' },
      ],
    });
    await invite(door, admin, 'Ada@Acme.example', 'viewer');
    known({ email: 'ada@acme.EXAMPLE', groups: ['Everyone', 'Admins', 'Others'] });
    const browser = new Browser(door);
    const start = await begin(browser);
    expect(Object.fromEntries(start.searchParams)).toEqual({
      client_id: clientId,
      response_type: 'code',
      redirect_uri: `${door.url}/api/v1/sign-in/oidc/test/callback`,
      scope,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/) as string,
      nonce: expect.stringMatching(/^[\w-]{43}$/) as string,
    });
    expect(browser.lastSet[0]).toMatch(/^seatwise-attempt=[\w-]{43}; .*HttpOnly; SameSite=Lax$/);
    const reply = await comeBack(browser, await throughProvider(start));
    expect([reply.status, reply.headers.location]).toEqual([303, '/people?status=ACTIVE']);
    expect(await sessionOf(browser)).toMatchObject({ person: { email: 'Ada@Acme.example' }, role: 'admin' });
    expect((await members())[0]).toMatchObject({ role: 'admin', roleFrom: 'test', isLinked: true, hasPassword: false });
    const [record] = await recordsOf();
    expect(record).toMatchObject({
      outcome: 'done',
      who: { key: null, person: { email: 'Ada@Acme.example' }, role: 'admin' },
      asked: { way: 'oidc', provider: 'test' },
    });
    expect(
      JSON.stringify(await door.app.get(Database).collection('sign_in_attempts').find({}).toArray()),
    ).not.toContain(start.searchParams.get('state'));
  });

  it('refuses a state that is not of this browser, is not there, or was used', async () => {
    await invite(door, admin, 'state@acme.example');
    known({ email: 'state@acme.example', groups: ['Everyone'] });
    const browser = new Browser(door);
    const back = await throughProvider(await begin(browser));
    const wrong = new URL(back);
    wrong.searchParams.set('state', 'x'.repeat(43));
    expect(codeOf(await comeBack(browser, wrong))).toBe('sign_in_expired');
    wrong.searchParams.delete('state');
    expect(codeOf(await comeBack(browser, wrong))).toBe('sign_in_expired');
    // Somebody else's answer, to sign a person in as them; and with an attempt of their own under way.
    const victim = new Browser(door);
    expect(codeOf(await comeBack(victim, back))).toBe('sign_in_expired');
    await begin(victim);
    expect(codeOf(await comeBack(victim, back))).toBe('sign_in_expired');
    const other = new URL(back.href.replace('/oidc/test/', '/oidc/elsewhere/'));
    expect(codeOf(await comeBack(browser, other))).toBe('sign_in_expired');
    expect((await comeBack(browser, back)).status).toBe(303);
    const again = new Browser(door);
    again.cookies.set('seatwise-attempt', browser.cookies.get('seatwise-attempt')!);
    expect(codeOf(await comeBack(again, back))).toBe('sign_in_expired');
    expect(again.cookies.has('seatwise-session')).toBe(false);
  });

  it('refuses a code that was used, an ID token of another nonce, and an answer of another issuer', async () => {
    await invite(door, admin, 'code@acme.example');
    known({ email: 'code@acme.example', groups: ['Everyone'] });
    const browser = new Browser(door);
    const first = await throughProvider(await begin(browser));
    expect((await comeBack(browser, first)).status).toBe(303);
    const victim = new Browser(door);
    const second = await throughProvider(await begin(victim));
    second.searchParams.set('code', first.searchParams.get('code')!);
    expect(await comeBack(victim, second)).toMatchObject({ status: 403, json: { code: 'provider_refused' } });
    const start = await begin(victim);
    start.searchParams.set('nonce', 'of-somebody-else');
    expect(await comeBack(victim, await throughProvider(start))).toMatchObject({
      status: 403,
      json: { code: 'provider_refused' },
    });
    const mixed = await throughProvider(await begin(victim));
    mixed.searchParams.set('iss', 'https://evil.example');
    expect(codeOf(await comeBack(victim, mixed))).toBe('provider_refused');
    // A code that was asked for with another proof: PKCE.
    const proof = await begin(victim);
    proof.searchParams.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
    expect(codeOf(await comeBack(victim, await throughProvider(proof)))).toBe('provider_refused');
    expect(victim.cookies.has('seatwise-session')).toBe(false);
    expect((await recordsOf()).filter(({ code }) => code === 'provider_refused')).toEqual([]);
    const operators = door.app.get(Database).collection('audit');
    expect(await operators.countDocuments({ workspace: 'operator', code: 'provider_refused' })).toBe(4);
  });

  it('knows people by the e-mail address that is verified, and then by the subject alone', async () => {
    await invite(door, admin, 'mail@acme.example');
    const claims = { email: 'mail@acme.example', groups: ['Everyone'] };
    for (const email_verified of [false, undefined, 'true']) {
      known({ ...claims, email_verified: email_verified as boolean });
      expect(await signIn(new Browser(door))).toMatchObject({ status: 403, json: { code: 'email_unverified' } });
    }
    known({ email: 'stranger@acme.example', groups: ['Admins'] });
    expect(await signIn(new Browser(door))).toMatchObject({ status: 403, json: { code: 'not_a_member' } });
    const subject = known(claims);
    const browser = new Browser(door);
    expect((await signIn(browser)).status).toBe(303);
    const { person } = await sessionOf(browser);
    // They have married, and their address was given to somebody who came later.
    provider.people.set(subject, { email: 'new@acme.example', email_verified: false, groups: ['Everyone'] });
    const later = new Browser(door);
    expect((await signIn(later)).status).toBe(303);
    expect((await sessionOf(later)).person.id).toBe(person.id);
    known(claims);
    expect(codeOf(await signIn(new Browser(door)))).toBe('not_a_member');
  });

  it('takes the role anew at each sign-in, and ends what stood on one that was taken away', async () => {
    await invite(door, admin, 'role@acme.example', 'admin');
    const subject = known({ email: 'role@acme.example', groups: ['Operators'] });
    const browser = new Browser(door);
    await signIn(browser);
    expect((await sessionOf(browser)).role).toBe('operator');
    const claims = { email: 'role@acme.example', email_verified: true };
    provider.people.set(subject, { ...claims, groups: ['Everyone'] });
    const second = new Browser(door);
    await signIn(second);
    // Also in the session from before.
    for (const one of [browser, second]) expect((await sessionOf(one)).role).toBe('viewer');
    for (const groups of [['Nobody'], [], undefined]) {
      provider.people.set(subject, { ...claims, ...(groups && { groups }) });
      expect(await signIn(new Browser(door))).toMatchObject({ status: 403, json: { code: 'no_role' } });
    }
    for (const one of [browser, second]) expect((await one.get('/session')).status).toBe(401);
    const refused = (await recordsOf()).filter(({ code }) => code === 'no_role');
    expect(refused).toHaveLength(3);
    expect(refused[0]).toMatchObject({
      outcome: 'refused',
      who: { role: 'nobody' },
      on: { name: 'role@acme.example' },
    });
  });

  it('keeps an account whose role is a provider’s from a password', async () => {
    await invite(door, admin, 'way@acme.example', 'viewer');
    const browser = await signedIn(door, admin, 'way@acme.example');
    const password = 'four plain words here';
    expect((await browser.send('PUT', '/session/password', { password })).status).toBe(204);
    const byPassword = () => new Browser(door).send('POST', '/session', { email: 'way@acme.example', password });
    expect((await byPassword()).status).toBe(201);
    known({ email: 'way@acme.example', groups: ['Everyone'] });
    expect((await signIn(browser)).status).toBe(303);
    expect(codeOf(await byPassword())).toBe('sign_in_failed');
    expect(codeOf(await browser.send('PUT', '/session/password', { password }))).toBe('password_not_used');
  });

  it('says in words that the provider refused, is away, or is none, to a person on the page', async () => {
    provider.next = '';
    const browser = new Browser(door);
    const back = await throughProvider(await begin(browser));
    expect(back.searchParams.get('error')).toBe('access_denied');
    const html = { accept: 'text/html,application/xhtml+xml' };
    const refused = await comeBack(browser, back, html);
    expect([refused.status, refused.headers.location]).toEqual([303, '/sign-in#problem=provider_refused']);
    const away = await browser.get('/sign-in/oidc/elsewhere');
    expect(away).toMatchObject({ status: 502, json: { code: 'provider_unavailable' } });
    expect(codeOf(await browser.get('/sign-in/oidc/none'))).toBe('provider_not_found');
    // Away between the way there and the way back: and there again.
    await invite(door, admin, 'down@acme.example');
    known({ email: 'down@acme.example', groups: ['Everyone'] });
    const late = await throughProvider(await begin(browser));
    await provider.close();
    expect(await comeBack(browser, late)).toMatchObject({ status: 502, json: { code: 'provider_unavailable' } });
    await provider.open();
    expect((await signIn(browser)).status).toBe(303);
  });

  it('leads nobody elsewhere afterwards', async () => {
    const bad = [
      'https://evil.example/', '//evil.example', '/\\evil.example', '\\\\evil.example', 'javascript:alert(1)', 'people', '',
      '/a\\b', '/api/v1/session', ' /people', 'http:/people', '/\t/evil.example', '/%0d%0a/../..//evil.example\\', '///evil.example',
    ]; // prettier-ignore
    for (const returnTo of bad) {
      const reply = await new Browser(door).get(`/sign-in/oidc/test?returnTo=${encodeURIComponent(returnTo)}`);
      expect([returnTo, reply.status]).toEqual([returnTo, 400]);
      expect(reply.headers.location).toBeUndefined();
    }
  });

  it('signs in to no workspace but those that the provider is for', async () => {
    const [one, two] = [await door.openWorkspace(), await door.openWorkspace()];
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const own = await TestProvider.start(`${url}/api/v1/sign-in/oidc/own/callback`);
    const settings = { id: 'own', name: 'Own', issuer: own.issuer, clientId, clientSecret, scope };
    const env = { HTTP_PORT: String(port), PUBLIC_URL: url, OIDC_ALLOW_HTTP_ON_LOOPBACK: 'true' };
    const providers = JSON.stringify([{ ...settings, workspaces: [one.workspace] }]);
    const other = await openDoor({ ...env, OIDC_PROVIDERS: providers }, door);
    try {
      for (const { admin: key } of [one, two]) await invite(door, key, 'tenant@acme.example', 'operator');
      own.people.set('tenant', { email: 'tenant@acme.example', email_verified: true });
      own.next = 'tenant';
      const browser = new Browser(other);
      const begun = await browser.get('/sign-in/oidc/own');
      const at = await followed(new URL(begun.headers.location!), other.url);
      expect((await comeBack(browser, at)).status).toBe(303);
      // Without a claim in the settings the role is the one that the admin gave.
      expect(await sessionOf(browser)).toMatchObject({ role: 'operator', workspaces: [{ id: one.workspace }] });
      expect((await members(two.admin))[0]).toMatchObject({ isLinked: false });
    } finally {
      await other.close();
      await own.close();
    }
  });

  it('is named by settings that are refused when they are wrong, without a word of what they hold', async () => {
    const good = { id: 'a', name: 'A', issuer: 'https://a.example', clientId, clientSecret: 'the-secret' };
    expect(faultOf([good])).toBe('');
    expect(faultOf([{ ...good, claim: 'groups', roles, roleWithoutClaim: 'viewer' }])).toBe('');
    expect(faultOf([good], {})).toContain('PUBLIC_URL');
    const wrong: [unknown, string][] = [
      ['{', 'JSON list'],
      ['{}', 'JSON list'],
      [[7], 'list of objects'],
      [[good, good], 'same id'],
      [[{ ...good, id: 'A b' }], '[0].id'],
      [[{ ...good, issuer: 'ftp://a' }], '[0].issuer'],
      [[{ ...good, clientSecret: undefined }], '[0].clientSecret'],
      [[{ ...good, secret: 'the-secret' }], '[0].secret'],
      [[{ ...good, claim: 'groups' }], 'go together'],
      [[{ ...good, claim: 'groups', roles: { a: 'owner' } }], '[0].roles'],
      [[{ ...good, roleWithoutClaim: 'owner' }], '[0].roleWithoutClaim'],
    ];
    for (const [providers, said] of wrong) {
      const fault = faultOf(providers);
      expect([providers, fault.includes('OIDC_PROVIDERS'), fault.includes(said)]).toEqual([providers, true, true]);
      expect(fault).not.toContain('the-secret');
    }
    // Without the setting for tests a provider has https.
    const plain = JSON.stringify([{ id: 'test', name: 'T', issuer: provider.issuer, clientId, clientSecret }]);
    const strict = await openDoor({ PUBLIC_URL: door.url, OIDC_PROVIDERS: plain }, door);
    expect(codeOf(await strict.ask({ path: '/api/v1/sign-in/oidc/test' }))).toBe('provider_unavailable');
    await strict.close();
  });
});
