import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { addToBulk, closeBulk, createBulk, type ActionDto, type BulkDto, type BulkItemDto } from '@seatwise/contracts';
import { createConnection, type mongo } from 'mongoose';
import { changesAfter, ended, lastChangeOf, truthOf, type TruePerson } from '../tools/actions/acting.js';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';
import { Api, ProblemError } from '../tools/start/api.js';

const suspended = 'user.lifecycle.suspend';

const isDeprovisioned = ({ status }: TruePerson): boolean => status === 'DEPROVISIONED';
const idsOf = (people: TruePerson[]): string[] => people.map(({ id }) => id);

const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'none',
    (error: unknown) => (error instanceof ProblemError ? error.problem.code : error),
  );

interface AuditRecord {
  who: { person: { email: string } | null };
}

/** An admin who is signed in. */
class Person extends Api {
  private constructor(
    private readonly admin: Api,
    private readonly email: string,
    private readonly cookie: string,
  ) {
    super(admin.url, '');
  }

  static async signIn(admin: Api, email: string): Promise<Person> {
    await admin.call('POST', '/members', { email, name: email, role: 'admin' });
    return new Person(admin, email, await cookieOf(admin, email));
  }

  /** The same person in another session. */
  again = async (): Promise<Person> => new Person(this.admin, this.email, await cookieOf(this.admin, this.email));

  override send(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        cookie: this.cookie,
        origin: this.url,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  }
}

async function cookieOf(admin: Api, email: string): Promise<string> {
  const { token } = await admin.call<{ token: string }>('POST', '/sign-in-links', { email });
  const reply = await fetch(`${admin.url}/api/v1/session/link`, {
    method: 'POST',
    headers: { origin: admin.url, 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  return reply.headers.getSetCookie()[0]!.split(';')[0]!;
}

describe('an action for many people', () => {
  let seatwise: Seatwise;
  let org: TestOrg;
  let api: Api;
  let connection: string;
  let active: TruePerson[];

  beforeAll(async () => {
    // Answers take a while, so that there is time to break things.
    const faults = JSON.stringify([{ kind: 'latency', milliseconds: 50 }]);
    const size = { SIMULATOR_PEOPLE: '900', SIMULATOR_APPS: '5', SIMULATOR_GROUPS: '3' };
    seatwise = await Seatwise.start([{ ...size, SIMULATOR_FROZEN: 'false', SIMULATOR_FAULTS: faults }], {
      LOG_EVERY_SECONDS: '3600',
      BULK_APPROVAL_SIZE: '500',
    });
    [org] = seatwise.orgs as [TestOrg];
    ({ api } = await seatwise.workspace('Bulk'));
    const made = await api.connect({ orgUrl: org.url, token: org.token, level: 'read_and_act' });
    connection = made.id;
    await seatwise.ended(api, made);
    await api.call('PATCH', `/connections/${connection}`, { syncEveryMinutes: 1440 });
    await org.control('PUT', 'limits', { windowSeconds: 5 });
    active = (await truthOf<TruePerson>(org, 'people')).filter(({ status }) => status === 'ACTIVE').toReversed();
  });
  afterAll(() => seatwise.stop());

  const lastChange = () => lastChangeOf(org);
  const some = (count: number) => active.splice(0, count);
  const get = (id: string) => api.call<BulkDto>('GET', `/bulk/${id}`);
  /** A service that was killed is away for a moment. */
  const command = (id: string, what: string, by = api) =>
    until(
      () => by.call<BulkDto>('POST', `/bulk/${id}/${what}`).catch(unlessAway),
      (job) => job !== undefined,
    ) as Promise<BulkDto>;
  const when = (id: string, fits: (job: BulkDto) => boolean) =>
    until(
      () => get(id).catch(unlessAway),
      (job) => job !== undefined && fits(job),
    ) as Promise<BulkDto>;

  async function prepare(wish: object, key: string = randomUUID(), by = api): Promise<BulkDto> {
    const body = { action: 'suspend_user', reason: 'Asked for by a test', ...wish };
    const response = await by.send('POST', `/connections/${connection}/bulk`, body, { 'idempotency-key': key });
    const answer = (await response.json()) as BulkDto & ProblemError['problem'];
    if (!response.ok) throw new ProblemError(response.status, answer);
    return answer;
  }

  async function allItems(id: string, query = ''): Promise<BulkItemDto[]> {
    const all: BulkItemDto[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const after = cursor === '' ? '' : `&cursor=${cursor}`;
      const path = `/bulk/${id}/items?limit=100${query}${after}`;
      const page: { items: BulkItemDto[]; nextCursor: string | null } = await api.call('GET', path);
      all.push(...page.items);
      cursor = page.nextCursor;
    }
    return all;
  }

  it('is done to each once and counted exactly, whoever is killed, paused and gone on with', async () => {
    const before = await lastChange();
    const people = some(300);
    const single = some(1)[0]!;
    const { id, state, counts } = await prepare({ people: idsOf(people) });
    expect(state).toBe('preview');
    expect(counts).toMatchObject({ total: 300, waiting: 300, running: 0 });
    expect(await lastChange()).toBe(before);
    const events = follow(id);
    await command(id, 'start');
    const service = seatwise.services.get('action-service')!;
    for (const share of [30, 100, 170]) {
      await when(id, ({ counts: now }) => now.done >= share);
      await service.kill();
      await service.restart();
    }
    // Counts are exact at every moment, and a single action does not wait behind all these.
    const { record } = await ended(api, connection, { action: 'suspend_user', person: single.id });
    expect(record).toMatchObject({ state: 'done' });
    const during = await get(id);
    expect(during.state).toBe('running');
    expect(during.counts.waiting).toBeGreaterThan(0);
    const paused = await command(id, 'pause');
    expect(paused.state).toBe('paused');
    const still = await when(id, ({ counts: now }) => now.running === 0);
    await sleep(1_000);
    expect((await get(id)).counts).toEqual(still.counts);
    await command(id, 'resume');
    const done = await when(id, ({ state: now }) => now === 'done');
    expect(done.counts).toEqual({
      total: 300, done: 300, waiting: 0, running: 0, none: 0, refused: 0, failed: 0, unknown: 0, failures: 0,
    }); // prettier-ignore
    const made = (await changesAfter(org, before)).filter(({ what }) => what === suspended);
    expect(made.map(({ subject }) => subject).toSorted()).toEqual([...idsOf(people), single.id].toSorted());
    const rows = (await (await api.send('GET', `/bulk/${id}/results.csv`)).text()).trimEnd().split('\r\n');
    expect(rows[0]).toMatch(/^n,id,login,state,/);
    expect(rows.slice(1).map((row) => row.split(',')[1])).toEqual(idsOf(people));
    expect(rows.slice(1).every((row) => row.split(',')[3] === 'done')).toBe(true);
    const told = await events;
    expect(told.at(-1)).toMatchObject({ state: 'done', counts: done.counts });
    expect(told.map(({ version }) => version)).toEqual(told.map(({ version }) => version).toSorted((a, b) => a - b));
    for (const { counts: now } of told) expect(sumOf(now)).toBe(now.total);
  });

  it('is one job for its key, foresees what the mirror knows, and is retried where it was refused', async () => {
    const truth = await truthOf<TruePerson>(org, 'people');
    const wrong = truth.filter(isDeprovisioned).slice(0, 3);
    const good = some(4);
    const wish = { people: [...idsOf(good), ...idsOf(wrong), '00unobody'], failureShare: 1 };
    const key = randomUUID();
    const [first, second] = await Promise.all([prepare(wish, key), prepare(wish, key)]);
    expect(second.id).toBe(first.id);
    expect(first.foreseen).toEqual([
      { code: 'person_not_found', count: 1 },
      { code: 'person_status', count: 3 },
    ]);
    expect(await codeOf(prepare({ ...wish, people: idsOf(good) }, key))).toBe('idempotency_key_reused');
    await command(first.id, 'start');
    const done = await when(first.id, ({ state }) => state === 'done');
    expect(done.counts).toMatchObject({ total: 8, done: 4, refused: 4, failures: 0 });
    const refused = await allItems(first.id, '&state=refused');
    expect(refused.map(({ code, foreseen }) => code === foreseen)).toEqual([true, true, true, true]);
    // One of them is let in by somebody else meanwhile.
    const path = `/api/v1/users/${wrong[0]!.id}/lifecycle/activate?sendEmail=false`;
    await org.control('POST', 'act', { method: 'POST', path });
    await command(first.id, 'retry');
    const again = await when(first.id, ({ state, counts }) => state === 'done' && counts.waiting === 0);
    expect(again.counts).toMatchObject({ total: 8, done: 5, refused: 3 });
    expect((await allItems(first.id)).map(({ tries }) => tries)).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
  });

  it('takes people by the logins of a file and by a filter', async () => {
    const named = some(3);
    const csv = `name;login\r\n${named.map(({ profile }) => `x;${String(profile.login).toUpperCase()}`).join('\r\n')}`;
    const byFile = await prepare({ csv });
    expect((await allItems(byFile.id)).map(({ person }) => person)).toEqual(idsOf(named));
    const withStranger = `${csv}\r\nx;nobody@nowhere.example\r\nx;${String(named[0]!.profile.login)}`;
    expect(await codeOf(prepare({ csv: withStranger }))).toBe('invalid_request');
    const others = await prepare({ csv: withStranger, leaveOutUnknown: true });
    expect(others.counts.total).toBe(named.length);
    expect(others.chosenBy).toMatchObject({ way: 'csv', repeated: 1, leftOut: 1 });
    const byFilter = await prepare({ action: 'activate_user', filter: { status: ['STAGED'] } });
    const truth = await truthOf<TruePerson>(org, 'people');
    const staged = idsOf(truth.filter(({ status }) => status === 'STAGED'));
    expect(staged.length).toBeGreaterThan(0);
    expect((await allItems(byFilter.id)).map(({ person }) => person).toSorted()).toEqual(staged.toSorted());
    expect(await codeOf(prepare({ filter: {} }))).toBe('invalid_request');
    expect(await codeOf(prepare({ csv, filter: { search: 'a' } }))).toBe('invalid_request');
    for (const [action, parameters] of [
      ['delete_user', {}],
      ['create_user', {}],
      ['change_user_password', { password: 'Abc-12345' }],
      ['reset_user_password', { sendEmail: false }],
    ] as const)
      expect(await codeOf(prepare({ action, parameters, people: idsOf(named) }))).toBe('action_not_in_bulk');
  });

  it('sends nothing when tried dry, and shows for each what it would send', async () => {
    const before = await lastChange();
    const people = [...some(3), ...(await truthOf<TruePerson>(org, 'people')).filter(isDeprovisioned).slice(0, 1)];
    const wish = { action: 'deactivate_user', people: idsOf(people), failureShare: 1 };
    const { id } = await prepare({ ...wish, dryRun: true });
    // Nobody needs to approve what changes nothing.
    expect(await command(id, 'start')).toMatchObject({ state: 'running', dryRun: true });
    const done = await when(id, ({ state }) => state === 'done');
    expect(done.counts).toMatchObject({ total: 4, done: 3, refused: 1 });
    const { actions } = await api.call<{ actions: ActionDto[] }>('GET', `/actions?bulk=${id}&state=done`);
    const shown = actions.flatMap(({ requests }) => requests);
    expect(shown.map(({ path }) => path).toSorted()).toEqual(
      idsOf(people.slice(0, 3))
        .map((person) => `/api/v1/users/${person}/lifecycle/deactivate?sendEmail=false`)
        .toSorted(),
    );
    expect(shown.every(({ sent }) => sent === 0)).toBe(true);
    expect(await lastChange()).toBe(before);
  });

  it('stops by itself when too much fails, and goes on when it is told to', async () => {
    const people = some(80);
    const { id } = await prepare({ people: idsOf(people) });
    await org.control('PUT', 'faults', [
      { kind: 'refusal', code: 'E0000038', path: '/lifecycle/suspend', method: 'POST' },
    ]);
    await command(id, 'start');
    const stopped = await when(id, ({ state, counts }) => state === 'stopped' && counts.running === 0);
    expect(stopped.counts.failures).toBeGreaterThanOrEqual(10);
    // What was in flight when it stopped, and what came between two looks.
    expect(stopped.counts.failures).toBeLessThan(60);
    expect(stopped.counts).toMatchObject({ done: 0, refused: stopped.counts.failures });
    await org.control('PUT', 'faults', []);
    const before = await lastChange();
    await command(id, 'resume');
    await when(id, ({ state }) => state === 'done');
    await command(id, 'retry');
    const done = await when(id, ({ state, counts }) => state === 'done' && counts.done === 80);
    expect(done.counts).toMatchObject({ refused: 0, failures: 0 });
    const made = (await changesAfter(org, before)).filter(({ what }) => what === suspended);
    expect(made.map(({ subject }) => subject).toSorted()).toEqual(idsOf(people).toSorted());
  });

  it('is cancelled within a moment, and leaves in flight what is', async () => {
    const before = await lastChange();
    await org.control('PUT', 'faults', [{ kind: 'latency', milliseconds: 100 }]);
    const { id } = await prepare({ people: idsOf(some(60)) });
    await command(id, 'start');
    await when(id, ({ counts }) => counts.done > 0);
    await command(id, 'cancel');
    const over = await when(id, ({ endedAt }) => endedAt !== null);
    expect(over).toMatchObject({
      state: 'cancelled',
      counts: { running: 0, failures: 0 },
      cancelledBy: { role: 'admin' },
      cancelledAt: expect.any(String),
    });
    expect(over.counts.waiting).toBeGreaterThan(0);
    const made = (await changesAfter(org, before)).filter(({ what }) => what === suspended);
    expect(made).toHaveLength(over.counts.done);
    expect(await codeOf(api.call('POST', `/bulk/${id}/resume`))).toBe('bulk_state');
    await org.control('PUT', 'faults', []);
  });

  it('has the people of whoever brought them last, and never some of one and some of another', async () => {
    const { bus } = seatwise;
    const { workspace } = await api.call<{ workspace: string }>('GET', `/connections/${connection}`);
    const [first, second] = [idsOf(some(3)), idsOf(some(2))] as const;
    const at = {
      workspace,
      connection,
      action: 'suspend_user',
      parameters: {},
      reason: 'Asked for by a test',
    } as const;
    const by = { key: 'key_01jd3k5m7p9r2t4w6y8a0c2ea', role: 'admin' };
    const once = { idempotencyKey: randomUUID(), digest: 'the same', by };
    const create = (gatherer: string) => bus.request(createBulk, { ...at, ...once, gatherer });
    const { id: bulk } = await create('first');
    await bus.request(addToBulk, { workspace, bulk, gatherer: 'first', from: 0, people: first });
    await create('second');
    await expect(
      bus.request(addToBulk, { workspace, bulk, gatherer: 'first', from: 3, people: second }),
    ).rejects.toMatchObject({ code: 'bulk_state' });
    await expect(bus.request(closeBulk, { workspace, bulk, gatherer: 'first', total: 3 })).rejects.toMatchObject({
      code: 'bulk_state',
    });
    await bus.request(addToBulk, { workspace, bulk, gatherer: 'second', from: 0, people: second });
    const job = await bus.request(closeBulk, { workspace, bulk, gatherer: 'second', total: 2 });
    expect(job).toMatchObject({ state: 'preview', counts: { total: 2 } });
    const { items } = await api.call<{ items: BulkItemDto[] }>('GET', `/bulk/${bulk}/items`);
    expect(items.map(({ person }) => person)).toEqual(second);
  });

  it('is cancelled when its people have not all come in for a day', async () => {
    const [abandoned, fresh] = [await prepare({ people: idsOf(some(1)) }), await prepare({ people: idsOf(some(1)) })];
    const database = await createConnection(seatwise.servers.mongoUrl, { dbName: 'actions' }).asPromise();
    const jobs = (database.db as mongo.Db).collection<{ _id: string }>('bulk_jobs');
    const gather = (id: string, hoursAgo: number) =>
      jobs.updateOne(
        { _id: id },
        { $set: { state: 'gathering', createdAt: new Date(Date.now() - hoursAgo * 3_600_000) } },
      );
    await gather(fresh.id, 23);
    await gather(abandoned.id, 25);
    await database.close();
    // It looks when it starts, and once a minute.
    const service = seatwise.services.get('action-service')!;
    await service.kill();
    await service.restart();
    await when(abandoned.id, ({ state, endedAt }) => state === 'cancelled' && endedAt !== null);
    expect((await api.call<BulkDto>('GET', `/bulk/${fresh.id}`)).state).toBe('gathering');
  });

  it('waits for the approval of another key where it is grave, and is seen by no other workspace', async () => {
    const { id, needsApproval } = await prepare({ action: 'deactivate_user', people: idsOf(some(2)) });
    expect(needsApproval).toBe(true);
    expect((await command(id, 'start')).state).toBe('waiting_for_approval');
    expect(await codeOf(api.call('POST', `/bulk/${id}/approve`))).toBe('second_key_required');
    const issue = async (role: string) =>
      api.withKey((await api.call<{ key: string }>('POST', '/keys', { name: role, role })).key);
    expect(await codeOf((await issue('operator')).call('POST', `/bulk/${id}/approve`))).toBe('forbidden');
    const other = (await seatwise.workspace('Other')).api;
    for (const path of ['', '/items', '/results.csv', '/progress'])
      expect(await codeOf(other.call('GET', `/bulk/${id}${path}`))).toBe('bulk_not_found');
    for (const what of ['start', 'approve', 'pause', 'resume', 'cancel', 'retry'])
      expect(await codeOf(other.call('POST', `/bulk/${id}/${what}`))).toBe('bulk_not_found');
    expect(await other.call('GET', '/bulk')).toEqual({ jobs: [], nextCursor: null });
    expect(await codeOf(prepare({ people: ['00u1'] }, randomUUID(), other))).toBe('connection_not_found');
    await command(id, 'approve', await issue('admin'));
    const done = await when(id, ({ state }) => state === 'done');
    expect(done).toMatchObject({ counts: { done: 2 }, approvedBy: { role: 'admin' } });
    const { actions } = await api.call<{ actions: ActionDto[] }>('GET', `/actions?bulk=${id}`);
    expect(actions.map(({ bulk }) => bulk)).toEqual([id, id]);
  });

  it('is approved by another person, and not by the same one behind a key or a session of theirs', async () => {
    const [one, two] = [await Person.signIn(api, 'one@acme.example'), await Person.signIn(api, 'two@acme.example')];
    const { id } = await prepare({ action: 'deactivate_user', people: idsOf(some(2)) }, randomUUID(), one);
    expect((await command(id, 'start', one)).state).toBe('waiting_for_approval');
    const { key } = await one.call<{ key: string }>('POST', '/keys', { name: 'Mine', role: 'admin' });
    const byKey = api.withKey(key);
    const { key: another } = await byKey.call<{ key: string }>('POST', '/keys', { name: 'Mine too', role: 'admin' });
    for (const same of [one, await one.again(), byKey, api.withKey(another)])
      expect(await codeOf(same.call('POST', `/bulk/${id}/approve`))).toBe('second_key_required');
    await command(id, 'approve', two);
    const done = await when(id, ({ state }) => state === 'done');
    expect(done).toMatchObject({
      counts: { done: 2 },
      by: { key: null, person: { email: 'one@acme.example' } },
      approvedBy: { key: null, person: { email: 'two@acme.example' } },
    });
    // Each action of it is in the audit log under the name of the one who asked for it.
    const records = await until(
      () =>
        api.call<{ records: AuditRecord[] }>('GET', '/audit?what=action.done&limit=200').then((page) => page.records),
      (found) => found.filter(({ who }) => who.person?.email === 'one@acme.example').length === 2,
    );
    expect(records.some(({ who }) => who.person?.email === 'two@acme.example')).toBe(false);
  });

  it('may be for a hundred thousand people', async () => {
    const people = Array.from({ length: 100_000 }, (_none, n) => `00u${String(n).padStart(17, '0')}`);
    const { id, counts } = await prepare({ people });
    expect(counts).toMatchObject({ total: 100_000, waiting: 100_000 });
    expect((await command(id, 'start')).state).toBe('waiting_for_approval');
    expect((await command(id, 'cancel')).state).toBe('cancelled');
    const rows = (await (await api.send('GET', `/bulk/${id}/results.csv`)).text()).trimEnd().split('\r\n');
    expect(rows).toHaveLength(100_001);
    expect(await codeOf(prepare({ people: [...people, '00uonemore'] }))).toBe('invalid_request');
  });

  /** All that the stream of a job's progress tells, until it ends by itself; opened anew where it breaks off. */
  async function follow(id: string): Promise<BulkDto[]> {
    const response = await api.send('GET', `/bulk/${id}/progress`);
    const text = await response.text();
    return [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json!) as BulkDto);
  }
});

const sumOf = ({ waiting, running, done, none, refused, failed, unknown }: BulkDto['counts']): number =>
  waiting + running + done + none + refused + failed + unknown;

function unlessAway(error: unknown): undefined {
  if (error instanceof ProblemError && error.status < 500) throw error;
  return undefined;
}
