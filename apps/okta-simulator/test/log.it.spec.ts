import { nextOf, OrgClient, type Item } from './org-client.js';

const day = 86_400_000;
const signInFilter = encodeURIComponent('eventType eq "user.session.start" or eventType eq "user.authentication.sso"');

interface LogEvent {
  uuid: string;
  published: string;
  eventType: string;
  outcome: { result: string };
  actor: { id: string; type: string };
  target: { id: string; type: string }[] | null;
}

/** Counts sign-ins as the product must: successes alone, a uuid once, the app by its AppInstance target. */
function usageIn(events: LogEvent[]): string[] {
  const counts = new Map<string, number>();
  const once = new Map(events.map((event) => [event.uuid, event]));
  for (const { eventType, outcome, actor, target, published } of once.values()) {
    if (outcome.result !== 'SUCCESS' || actor.id === 'unknown' || actor.type !== 'User') continue;
    const app = eventType === 'user.session.start' ? 'okta' : target?.find(({ type }) => type === 'AppInstance')?.id;
    if (!app || !['user.session.start', 'user.authentication.sso'].includes(eventType)) continue;
    const key = `${actor.id} ${app} ${published.slice(0, 10)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => `${key} ${count}`).toSorted();
}

const keyOf = (line: Record<string, unknown>) => `${String(line.app)} ${String(line.person)}`;

const truthOf = (org: OrgClient, query?: Record<string, string>): string[] =>
  org
    .truth<{ person: string; app: string; day: string; count: number }>('usage', query)
    .map(({ person, app, day: date, count }) => `${person} ${app} ${date} ${count}`)
    .toSorted();

const eventsOf = async (org: OrgClient, query: string): Promise<LogEvent[]> =>
  (await org.list(`/api/v1/logs?limit=1000&${query}`)) as unknown as LogEvent[];

let org: OrgClient;
beforeEach(async () => {
  org = await OrgClient.start({ people: 200 });
});
afterEach(() => org.running.close());

const since30 = () => new Date(Date.UTC(2026, 9, 14, 15, 30) - 30 * day).toISOString();

it('gives by polling every sign-in of 30 days, as the truth counts them', async () => {
  const events = await eventsOf(org, `sortOrder=ASCENDING&since=${since30()}&filter=${signInFilter}`);
  expect(new Set(events.map(({ uuid }) => uuid)).size).toBe(events.length);
  expect(usageIn(events)).toEqual(truthOf(org));
  const { signIns } = org.running.control.summary() as { signIns: Record<string, number> };
  const total = signIns.toOkta! + signIns.toApps!;
  expect(total).toBeGreaterThan(200 * 16);
  expect(total).toBeLessThan(200 * 24);
  expect(signIns.unattributed).toBeGreaterThan(0);
  expect(events.some(({ outcome }) => outcome.result === 'FAILURE')).toBe(true);
  expect(
    events.some(
      ({ eventType, target }) =>
        eventType === 'user.session.start' && target?.some(({ type }) => type === 'AppInstance'),
    ),
  ).toBe(true);
});

it('is in the order of storing by polling: published steps back now and then', async () => {
  const events = await eventsOf(org, `since=${since30()}`);
  const published = events.map((event) => event.published);
  expect(published).not.toEqual(published.toSorted());
  const byHour = published.map((moment) => new Date(moment).getUTCHours());
  expect(byHour.filter((hour) => hour >= 7 && hour < 17).length).toBeGreaterThan(byHour.length * 0.7);
  const weekend = published.filter((moment) => [0, 6].includes(new Date(moment).getUTCDay()));
  expect(weekend.length).toBeLessThan(published.length * 0.05);
});

it('is ordered by publishing and ends, between two moments', async () => {
  const window = `since=2026-10-01T00:00:00Z&until=2026-10-08T00:00:00Z`;
  const events = await org.list(`/api/v1/logs?limit=100&${window}`);
  const published = events.map((event) => String(event.published));
  expect(published).toEqual(published.toSorted());
  expect(published.every((moment) => moment >= '2026-10-01' && moment < '2026-10-08')).toBe(true);
  const down = await org.list(`/api/v1/logs?limit=1000&sortOrder=DESCENDING&${window}`);
  expect(down.map(({ uuid }) => uuid)).toEqual(events.map(({ uuid }) => uuid).toReversed());
  const polled = await eventsOf(org, 'since=2026-10-01T00:00:00Z');
  const inWindow = polled.filter(({ published: moment }) => moment < '2026-10-08');
  expect(inWindow).toHaveLength(events.length);
});

it('goes on from an empty page with whatever happens later, losing and repeating nothing', async () => {
  let next: string | undefined = `/api/v1/logs?limit=100&since=${since30()}`;
  const uuids: string[] = [];
  const follow = async () => {
    for (;;) {
      const answer = await org.get(next!);
      const items = answer.body as Item[];
      next = nextOf(answer);
      expect(next).toBeDefined();
      uuids.push(...items.map(({ uuid }) => String(uuid)));
      if (items.length === 0) return;
    }
  };
  await follow();
  for (let step = 0; step < 40; step += 1) {
    org.running.control.call('PUT clock', { advanceMs: 7 * 60_000 + step * 977 });
    if (step % 10 === 0)
      org.running.control.call('POST sign-ins', {
        person: org.truth('people')[1]!.id,
        published: new Date(Date.UTC(2026, 9, 14)).toISOString(),
      });
    await follow();
  }
  expect(new Set(uuids).size).toBe(uuids.length);
  const whole = await eventsOf(org, `since=${since30()}`);
  expect(uuids).toEqual(whole.map(({ uuid }) => uuid));
  expect(usageIn(whole)).toEqual(truthOf(org, { since: since30() }));
});

it('stops counting who was shut out, from that moment on', async () => {
  const usage = org.truth<{ person: string; count: number }>('usage');
  // Not the administrator, whose token would die.
  const admin = org.truth('people')[0]!.id;
  const [busiest] = usage.filter((line) => line.person !== admin).toSorted((a, b) => b.count - a.count);
  const { person } = busiest!;
  expect(await org.call('POST', `/api/v1/users/${person}/lifecycle/suspend`, {})).toMatchObject({ status: 200 });
  org.running.control.call('PUT clock', { advanceMs: 5 * day });
  const after = { since: '2026-10-14T15:30:00Z' };
  expect(org.truth<{ person: string }>('usage', after).some((line) => line.person === person)).toBe(false);
  expect(usageIn(await eventsOf(org, `since=${after.since}`))).toEqual(truthOf(org, after));
  expect(
    await eventsOf(org, `since=${after.since}&filter=${encodeURIComponent('eventType eq "user.lifecycle.suspend"')}`),
  ).toMatchObject([
    { target: [{ id: person, type: 'User' }], transaction: { detail: { requestApiTokenId: expect.any(String) } } },
  ]);
});

it('lets nobody into an app that they lost with a group or with a deactivation', async () => {
  const admin = org.truth('people')[0]!.id;
  const used = new Set(org.truth<{ person: string; app: string }>('usage').map((line) => keyOf(line)));
  const held = org.truth('assignments').filter((line) => line.person !== admin && used.has(keyOf(line)));
  const byGroup = held.find(({ scope }) => scope === 'GROUP')!;
  const byHand = held.find(({ scope, person }) => scope === 'USER' && person !== byGroup.person)!;
  const groups = await org.list(`/api/v1/users/${String(byGroup.person)}/groups`);
  for (const { id, type } of groups)
    if (type === 'OKTA_GROUP') await org.call('DELETE', `/api/v1/groups/${id}/users/${String(byGroup.person)}`);
  for (const act of ['deactivate', 'activate'])
    await org.call('POST', `/api/v1/users/${String(byHand.person)}/lifecycle/${act}`, {});
  for (let month = 0; month < 2; month += 1) {
    org.running.control.call('PUT clock', { advanceMs: 30 * day });
    // A token that nobody uses for longer is dead.
    await org.get('/api/v1/users/me');
  }
  const after = { since: '2026-10-14T15:30:00Z' };
  const now = new Set(org.truth('assignments').map((line) => keyOf(line)));
  const usage = org.truth<{ person: string; app: string }>('usage', after);
  expect(usage.length).toBeGreaterThan(1_000);
  for (const line of usage)
    if ([byGroup.person, byHand.person].includes(line.person) && line.app !== 'okta')
      expect(now.has(keyOf(line))).toBe(true);
  expect(now.has(keyOf(byHand))).toBe(false);
  expect(usageIn(await eventsOf(org, `since=${after.since}`))).toEqual(truthOf(org, after));
});

it('counts the same when a page is doubled, shuffled or late', async () => {
  org.running.control.setFaults([
    { kind: 'duplicateItems', path: '/logs', probability: 0.5 },
    { kind: 'shuffledItems', path: '/logs', probability: 0.5 },
    { kind: 'logLag', path: '/logs', times: 3, milliseconds: 20 * day },
  ]);
  let next: string | undefined = `/api/v1/logs?limit=200&since=${since30()}`;
  const events: LogEvent[] = [];
  for (let empty = 0; empty < 5;) {
    const answer = await org.get(next!);
    const items = answer.body as LogEvent[];
    empty = items.length === 0 ? empty + 1 : 0;
    events.push(...items);
    next = nextOf(answer);
  }
  expect(new Set(events.map(({ uuid }) => uuid)).size).toBeLessThan(events.length);
  expect(usageIn(events)).toEqual(truthOf(org));
});

it.each([
  ['since=2020-01-01T00:00:00Z', 400, 'E0000053'],
  ['since=yesterday', 400, 'E0000001'],
  ['limit=1001', 400, 'E0000053'],
  [`filter=${encodeURIComponent('published gt "2026-01-01"')}`, 400, 'E0000053'],
  [`filter=${encodeURIComponent('eventType eq')}`, 400, 'E0000053'],
  [`q=${'x'.repeat(41)}`, 400, 'E0000001'],
  ['after=nowhere', 400, 'E0000029'],
])('refuses %s', async (query, status, code) => {
  expect(await org.refusal('GET', `/api/v1/logs?${query}`)).toEqual([status, code]);
});

it('takes filters over any attribute, and words', async () => {
  const [first] = await eventsOf(
    org,
    `since=${since30()}&filter=${encodeURIComponent('outcome.result eq "FAILURE" and actor.id ne "unknown"')}`,
  );
  expect(first).toMatchObject({ outcome: { result: 'FAILURE' } });
  const mine = await eventsOf(
    org,
    `since=${since30()}&filter=${encodeURIComponent(`target.type eq "AppInstance" and actor.id eq "${first!.actor.id}"`)}`,
  );
  expect(mine.every(({ actor }) => actor.id === first!.actor.id)).toBe(true);
  expect((await eventsOf(org, `since=${since30()}&q=INVALID_CREDENTIALS`)).length).toBeGreaterThan(0);
});

it('finds by its type what is only ever written down, polled and between two moments', async () => {
  const suspended = await org.somebody('ACTIVE');
  for (const act of ['suspend', 'unsuspend', 'suspend']) {
    await org.call('POST', `/api/v1/users/${suspended}/lifecycle/${act}`, {});
    org.running.control.call('PUT clock', { advanceMs: 90_000 });
  }
  const types = async (window: string, filter: string) =>
    (await eventsOf(org, `${window}&filter=${encodeURIComponent(filter)}`)).map(({ eventType }) => eventType);
  const rare = 'eventType eq "user.lifecycle.suspend" or eventType eq "user.lifecycle.unsuspend"';
  const all = ['user.lifecycle.suspend', 'user.lifecycle.unsuspend', 'user.lifecycle.suspend'];
  for (const window of [`since=${since30()}`, `since=${since30()}&until=2026-10-15T00:00:00Z`])
    expect(await types(window, rare)).toEqual(all);
  expect(await types(`since=${since30()}`, `${rare} and outcome.result eq "SUCCESS"`)).toEqual(all);
  const mixed = await types(`since=${since30()}`, `eventType eq "user.lifecycle.suspend" or outcome.result eq "DENY"`);
  expect(mixed.filter((type) => type === 'user.lifecycle.suspend')).toHaveLength(2);
  expect(mixed.length).toBeGreaterThan(2);
});

it('goes on from an empty page of such a filter', async () => {
  const filter = encodeURIComponent('eventType eq "user.lifecycle.suspend"');
  let next = `/api/v1/logs?since=${since30()}&filter=${filter}`;
  const id = await org.somebody('ACTIVE');
  const seen: string[] = [];
  for (const act of ['suspend', 'unsuspend', 'suspend', 'unsuspend', 'suspend']) {
    await org.call('POST', `/api/v1/users/${id}/lifecycle/${act}`, {});
    for (let again = 0; again < 2; again += 1) {
      const answer = await org.get(next);
      seen.push(...(answer.body as Item[]).map(({ uuid }) => String(uuid)));
      next = nextOf(answer)!;
    }
    org.running.control.call('PUT clock', { advanceMs: 25_000 });
  }
  expect(seen).toHaveLength(3);
  expect(new Set(seen).size).toBe(3);
});

it('has verdicts of policies and refusals by them, and words of any script', async () => {
  const events = await eventsOf(org, `since=${since30()}`);
  const resultsOf = (type: string) =>
    new Set(events.filter(({ eventType }) => eventType === type).map(({ outcome }) => outcome.result));
  expect(resultsOf('policy.evaluate_sign_on')).toEqual(new Set(['ALLOW', 'CHALLENGE', 'DENY']));
  expect(resultsOf('application.policy.sign_on.deny_access')).toEqual(new Set(['FAILURE']));
  const tokyo = await eventsOf(org, `since=${since30()}&q=${encodeURIComponent('東京 success')}`);
  expect(tokyo.length).toBeGreaterThan(0);
  expect(tokyo.every((event) => JSON.stringify(event).includes('東京'))).toBe(true);
});

it('hardly uses some apps', () => {
  const usage = org.truth<{ app: string; count: number }>('usage');
  const hardly = new Set(
    org
      .truth('apps')
      .filter(({ isHardlyUsed }) => isHardlyUsed)
      .map(({ id }) => id),
  );
  const holders = Map.groupBy(org.truth('assignments'), ({ app }) => hardly.has(String(app)));
  const uses = Map.groupBy(usage, ({ app }) => hardly.has(app));
  const perHolder = (isHardly: boolean) =>
    (uses.get(isHardly) ?? []).reduce((sum, { count }) => sum + count, 0) / holders.get(isHardly)!.length;
  expect(perHolder(true)).toBeLessThan(perHolder(false) / 5);
});
