import { faultKinds } from '../src/index.js';
import { nextOf, OrgClient, type Item } from './org-client.js';

let org: OrgClient;
beforeEach(async () => {
  org = await OrgClient.start({ people: 300 });
});
afterEach(() => org.running.close());

const once = (kind: (typeof faultKinds)[number], more: object = {}) =>
  org.running.control.setFaults([{ kind, path: '/users', times: 1, ...more }]);
const users = '/api/v1/users?limit=20';

it.each([
  ['error500', 500, 'E0000009'],
  ['error503', 503, 'E0000010'],
  ['storm429', 429, 'E0000047'],
  ['concurrency429', 429, 'E0000047'],
  ['revokeToken', 401, 'E0000011'],
] as const)('%s is answered with %i %s', async (kind, status, code) => {
  once(kind);
  expect(await org.refusal('GET', users)).toEqual([status, code]);
});

it('a storm empties the bucket for everybody until its window ends', async () => {
  await org.running.close();
  org = await OrgClient.start({ people: 300, limits: 'real', windowSeconds: 1 });
  once('storm429');
  const first = await org.get(users);
  expect([first.status, first.headers.get('x-rate-limit-remaining')]).toEqual([429, '0']);
  let { status } = first;
  while (status === 429) ({ status } = await org.get(users));
  expect(status).toBe(200);
});

it.each(['reset', 'resetMidBody', 'truncated', 'didItThenHungUp'] as const)(
  '%s breaks the connection, and the next request is well',
  async (kind) => {
    once(kind);
    await expect(org.get(users)).rejects.toThrow();
    expect((await org.get(users)).body).toHaveLength(20);
  },
);

it('hang never answers', async () => {
  once('hang');
  await expect(fetch(org.running.url + users, { signal: AbortSignal.timeout(300) })).rejects.toThrow();
  expect(org.running.control.requests()).toMatchObject([{ status: 0, faults: ['hang'] }]);
});

it('readOnly lets reads through and no write', async () => {
  const id = await org.somebody('ACTIVE');
  org.running.control.setFaults([{ kind: 'readOnly' }]);
  expect((await org.get(users)).status).toBe(200);
  expect(await org.refusal('POST', `/api/v1/users/${id}/lifecycle/suspend`, {})).toEqual([503, 'E0000010']);
  expect(await org.refusal('DELETE', `/api/v1/users/${id}`)).toEqual([503, 'E0000010']);
});

it('didItThenHungUp did it', async () => {
  const id = await org.somebody('ACTIVE');
  org.running.control.setFaults([{ kind: 'didItThenHungUp', path: 'suspend', times: 1 }]);
  await expect(org.call('POST', `/api/v1/users/${id}/lifecycle/suspend`, {})).rejects.toThrow();
  expect(org.running.control.changes()).toMatchObject([{ what: 'user.lifecycle.suspend', subject: id }]);
});

it('bodies come malformed, of a wrong type, as a page of HTML, or without end', async () => {
  once('malformed');
  await expect(org.get(users)).rejects.toThrow(SyntaxError);
  once('wrongTyped');
  expect((await org.get(users)).body).not.toBeInstanceOf(Array);
  once('wrongTypedItem');
  expect((await org.get(users)).body).toContainEqual(expect.objectContaining({ id: 42 }));
  once('html');
  expect((await org.get(users)).headers.get('content-type')).toContain('text/html');
  once('huge', { amount: 1_000_000 });
  expect((await org.get(users)).text.length).toBeGreaterThan(1_000_000);
});

it('links lead elsewhere, in a circle, or nowhere', async () => {
  once('foreignLink');
  expect(nextOf(await org.get(users))).toMatch(/^https:\/\/elsewhere\.example\//);
  once('loopingLink');
  expect(nextOf(await org.get(users))).toBe(org.running.url + users);
  once('missingLink');
  expect(nextOf(await org.get(users))).toBeUndefined();
});

it('people are deleted while they are listed', async () => {
  org.running.control.setFaults([{ kind: 'deletePeople', path: '/users', after: 1, times: 1, amount: 8 }]);
  const listed = await org.list(users);
  expect(org.truth('people').length).toBeLessThan(300);
  const left = new Set(org.truth('people').map(({ id }) => id));
  for (const person of org.truth('people'))
    if (person.status !== 'DEPROVISIONED') expect(listed.some(({ id }) => id === person.id)).toBe(true);
  expect(org.running.control.changes().every(({ subject }) => !left.has(subject))).toBe(true);
});

it('strike by chance alike for the same seed', async () => {
  const struck = async () => {
    org.running.control.setFaults([{ kind: 'error500', path: '/users', probability: 0.5 }]);
    const statuses: number[] = [];
    for (let n = 0; n < 20; n += 1) statuses.push((await org.get('/api/v1/users?limit=1')).status);
    return statuses;
  };
  const first = await struck();
  await org.running.close();
  org = await OrgClient.start({ people: 300 });
  expect(await struck()).toEqual(first);
  expect(new Set(first)).toEqual(new Set([200, 500]));
});

it('are named in full at the control door, which refuses others', async () => {
  const put = (body: unknown) =>
    fetch(`${org.running.url}/control/faults`, { method: 'PUT', body: JSON.stringify(body) });
  expect((await put([{ kind: 'nonsense' }])).status).toBe(400);
  expect(await (await put(faultKinds.map((kind) => ({ kind, path: '/nowhere' })))).json()).toHaveLength(
    faultKinds.length,
  );
  const truth = await (await fetch(`${org.running.url}/control/truth/people`)).text();
  const lines = truth.trim().split('\n');
  expect(lines).toHaveLength(300);
  expect((JSON.parse(lines[0]!) as Item).id).toMatch(/^00u/);
});
