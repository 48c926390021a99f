import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  check,
  cloudEventType,
  connectionConnected,
  connectionRemoved,
  defaultLicensedStatuses,
  directoryChanged,
  directoryComplete,
  eventEntry,
  eventSubject,
  getAppUsage,
  getPersonUsage,
  getSummary,
  listApps,
  listPeople,
  newId,
  readDays,
  signInsRecorded,
  usageDayChanged,
  UsageDayChangedV1,
  type ConnectionDto,
  type EventType,
  type ListPeople,
  type PersonDay,
  type PersonRow,
  type SignIn,
} from '@seatwise/contracts';
import { Bus, DeadLetters, Nats, Streams } from '@seatwise/messaging';
import { Database } from '@seatwise/persistence';
import { freshDatabase, testServers } from '@seatwise/testing';
import { UsageConfig } from '../src/config.js';
import { namingOf } from '../src/directory/naming.js';
import { Collections } from '../src/store/collections.js';
import { strangerOf } from '../src/store/documents.js';
import { usageWith } from '../src/usage.module.js';
import { apps, assignments, numbersFrom, pagesOf, people, shuffled, signInsUpTo } from './made-org.js';

const now = Date.now();
const signIns = signInsUpTo(now);
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

async function until<T>(look: () => Promise<T>, fits: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await look();
    if (fits(value)) return value;
  }
}

interface Home {
  workspace: string;
  connection: string;
}
type Send = () => Promise<void>;

/** Sign-ins and people of each app and day, by the sign-ins themselves. */
const countedDays = (home: Home, given: SignIn[]) => {
  const named = given.filter(([, , , to]) => to !== null);
  const byDay = Map.groupBy(named, ([, at, , to]) => `${home.connection}|${to}|${dayOf(at)}`);
  return new Map(
    [...byDay].map(([key, own]) => [key, [own.length, new Set(own.map(([, , person]) => person)).size] as const]),
  );
};

const newHome = (workspace = newId('ws')): Home => ({ workspace, connection: newId('con') });
const byText =
  <T>(of: (one: T) => string) =>
  (a: T, b: T): number =>
    of(a) < of(b) ? -1 : 1;
const stamp = (after: number) => new Date(now + after).toISOString();

describe('usage', () => {
  let app: INestApplication;
  let bus: Bus;
  let publisher: Nats;
  let streams: Streams;

  beforeAll(async () => {
    const { natsUrl, mongoUrl } = await testServers();
    const config = Object.assign(new UsageConfig(), { natsUrl, mongodbUrl: mongoUrl, httpPort: 0 });
    app = await NestFactory.create(usageWith(config, freshDatabase()), { logger: false });
    await app.init();
    bus = app.get(Bus);
    publisher = new Nats({ servers: natsUrl, name: 'publisher' });
    streams = new Streams(publisher);
  });
  afterAll(() => Promise.all([app.close(), publisher.onApplicationShutdown()]));

  const publish = <P extends object>(type: EventType<P>, workspace: string, payload: P) =>
    streams.publishEntry({ ...eventEntry(type, workspace, payload), id: newId('evt') });

  const connect = (home: Home, version: number, licensedStatuses = defaultLicensedStatuses) => {
    const dto: ConnectionDto = {
      workspace: home.workspace,
      id: home.connection,
      name: 'Acme',
      orgUrl: 'https://acme.okta.com',
      level: 'read',
      health: 'healthy',
      checks: [],
      capabilities: [],
      syncEveryMinutes: 60,
      paused: false,
      licensedStatuses,
      rateShare: 0.5,
      shrinkShare: 0.2,
      version,
      createdAt: new Date(now).toISOString(),
      testedAt: null,
      removedAt: null,
    };
    return publish(connectionConnected, home.workspace, dto);
  };

  /** Everything that is published of the org: an older version of each thing, the newest, and sign-ins twice over. */
  const messagesOf = (home: Home): Send[] => {
    const { workspace } = home;
    const olderPeople = people.map((person) => ({ ...person, v: 1, name: 'Old Name', status: 'STAGED' as const }));
    const olderSeats = assignments.map((seat) => ({ ...seat, v: 1, removed: true }));
    const directory = [
      { kind: 'person' as const, changes: olderPeople },
      ...pagesOf(people, 15).map((changes) => ({ kind: 'person' as const, changes })),
      { kind: 'app' as const, changes: apps },
      { kind: 'assignment' as const, changes: olderSeats },
      ...pagesOf(assignments, 25).map((changes) => ({ kind: 'assignment' as const, changes })),
    ];
    const batches = [
      ...pagesOf(signIns, 150),
      ...pagesOf(signIns, 90),
      [...signIns.slice(0, 50), ...signIns.slice(0, 50)],
    ];
    return [
      () => connect(home, 1),
      ...directory.map(
        (page) => () => publish(directoryChanged[page.kind] as EventType<object>, workspace, { ...home, ...page }),
      ),
      ...batches.map((batch) => () => publish(signInsRecorded, workspace, { ...home, signIns: batch })),
    ];
  };

  /** Publishes, marks the end, and waits until both marks say that all before it was taken. */
  const take = async (home: Home, messages: Send[], asOf: string) => {
    for (const send of messages) await send();
    await publish(directoryComplete, home.workspace, { ...home, run: newId('run'), asOf });
    await publish(signInsRecorded, home.workspace, { ...home, signIns: [], completeUpTo: asOf });
    await until(
      () => bus.request(getSummary, { workspace: home.workspace, window: 30 }),
      (summary) =>
        summary.asOf.some(
          (mark) => mark.connection === home.connection && mark.directory === asOf && mark.signIns === asOf,
        ),
    );
  };

  const everyPerson = async (request: Partial<ListPeople> & { workspace: string }): Promise<PersonRow[]> => {
    const rows: PersonRow[] = [];
    let cursor: string | undefined;
    do {
      const page = await bus.request(listPeople, {
        window: 30,
        limit: 7,
        sort: 'name',
        order: 'asc',
        ...request,
        ...(cursor !== undefined && { cursor }),
      });
      rows.push(...page.people);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return rows;
  };

  const everyDay = async (home: Home): Promise<PersonDay[]> => {
    const days: PersonDay[] = [];
    let after: string | undefined;
    do {
      const page = await bus.request(readDays, { ...home, limit: 200, ...(after !== undefined && { after }) });
      days.push(...page.items);
      after = page.next ?? undefined;
    } while (after !== undefined);
    return days;
  };

  /** All figures of a connection, without what names the connection or the moment. */
  const figuresOf = async (home: Home) => {
    const summary = await bus.request(getSummary, { ...home, window: 30 });
    const listed = await bus.request(listApps, { ...home, window: 30, limit: 50, sort: 'label', order: 'asc' });
    return JSON.parse(
      JSON.stringify({
        summary: Object.assign(summary, { asOf: [] }),
        apps: listed.apps,
        people: await everyPerson(home),
        wiki: await everyPerson({ ...home, app: 'app1', sort: 'lastSignIn', order: 'desc' }),
        days: await everyDay(home),
      }).replaceAll(home.connection, 'the connection'),
    ) as object;
  };

  const first = newHome();

  it('counts what was signed in to, as the sign-ins themselves say', async () => {
    await take(first, messagesOf(first), stamp(1));
    const start = now - 30 * 86_400_000;
    const named = signIns.filter(([, , , to]) => to !== null);
    const perDay = new Map<string, number>();
    for (const [, at, person, to] of named) {
      const key = `${to}|${person}|${dayOf(at)}`;
      perDay.set(key, (perDay.get(key) ?? 0) + 1);
    }
    const days = await everyDay(first);
    expect(new Map(days.map(({ app: to, person, day, n }) => [`${to}|${person}|${day}`, n]))).toEqual(perDay);

    const inWindow = ([, at]: SignIn) => dayOf(at) >= dayOf(start);
    const usedBy = (to: string, person: string) =>
      signIns.some(([, at, who, where]) => who === person && where === to && at >= start);
    const licensed = people.filter(({ status }) => status === 'ACTIVE');
    const used = licensed.filter(({ id }) => usedBy('okta', id)).length;
    const summary = await bus.request(getSummary, { ...first, window: 30 });
    expect(summary).toMatchObject({
      peopleByStatus: { ACTIVE: 36, DEPROVISIONED: 4 },
      people: 40,
      apps: 3,
      assignments: assignments.length,
      signIns: named.filter(inWindow).length,
      unattributed: signIns.filter(([, , , to]) => to === null).filter(inWindow).length,
      okta: { seats: 36, used, unused: 36 - used },
      complete: true,
    });
    for (const { id } of apps) {
      const seats = assignments.filter((seat) => seat.id.startsWith(`${id}|`) && seat.status === 'ACTIVE');
      const users = seats.filter((seat) => usedBy(id, seat.id.slice(id.length + 1))).length;
      const usage = await bus.request(getAppUsage, { ...first, app: id, window: 30 });
      expect(usage.app).toMatchObject({ seats: seats.length, used: users, unused: seats.length - users });
      const total = usage.days.reduce((sum, { signIns: n }) => sum + n, 0);
      expect(total).toBe(named.filter((signIn) => signIn[3] === id && inWindow(signIn)).length);
    }
  });

  it('lists people by page in every order, by state, status and the beginning of a word', async () => {
    for (const sort of ['name', 'email', 'status', 'lastSignIn'] as const)
      for (const order of ['asc', 'desc'] as const)
        for (const part of [{}, { app: 'app0' }]) {
          const rows = await everyPerson({ ...first, ...part, sort, order });
          expect(new Set(rows.map(({ id }) => id)).size).toBe(40);
          expect(rows).toHaveLength(40);
          if (sort !== 'lastSignIn') continue;
          const moments = rows.map(({ lastSignIn }) => lastSignIn ?? '');
          expect(moments).toEqual(order === 'asc' ? moments.toSorted() : moments.toSorted().toReversed());
        }
    const own = new Map(assignments.map(({ id, status }) => [id, status]));
    const ofApp = await everyPerson({ ...first, app: 'app1' });
    expect(ofApp.filter(({ seat }) => seat === 'none')).toMatchObject([{ status: 'ACTIVE', assignment: 'INACTIVE' }]);
    for (const { id, assignment } of ofApp) expect(assignment).toBe(own.get(`app1|${id}`));
    const unused = await everyPerson({ ...first, seat: 'unused' });
    const used = await everyPerson({ ...first, seat: 'used' });
    expect(unused.length + used.length).toBe(36);
    expect(unused.length).toBeGreaterThan(0);
    expect(used.length).toBeGreaterThan(0);
    expect(await everyPerson({ ...first, seat: 'none' })).toHaveLength(4);
    expect(await everyPerson({ ...first, status: ['DEPROVISIONED'] })).toHaveLength(4);
    expect(await everyPerson({ ...first, search: 'PERSON number07' })).toMatchObject([{ id: 'user7' }]);
    expect(await everyPerson({ ...first, search: 'user3@' })).toMatchObject([{ id: 'user3' }]);
    expect(await everyPerson({ ...first, search: '.*' })).toEqual([]);
  });

  it('searches among very many in every order, and among few and many it finds alike', async () => {
    const crowd = newHome();
    await take(crowd, [() => connect(crowd, 1)], stamp(2));
    const { people: kept } = app.get(Collections);
    // Names, addresses and sign-ins each sort them otherwise.
    const made = Array.from({ length: 10_050 }, (_none, at) => ({
      ...strangerOf(crowd, `user${at}`, (at * 7_919) % 10_050),
      ...namingOf({ name: `Crowd ${at}`, login: `${at}`, email: `${(at * 31) % 10_050}@acme.example` }),
      known: true,
    }));
    await kept.insertMany(made);
    for (const [sort, field] of [
      ['name', 'nameKey'],
      ['email', 'emailKey'],
    ] as const)
      for (const search of ['crowd', '99', '9999']) {
        const found = made.filter(({ words }) => words.some((word) => word.startsWith(search)));
        const expected = found.toSorted(byText((one) => one[field])).map(({ person }) => person);
        const rows = await everyPerson({ ...crowd, search, sort, limit: 200 });
        expect(rows.map(({ id }) => id)).toEqual(expected);
      }
    const newest = { search: 'crowd', sort: 'lastSignIn', order: 'desc', window: 30, limit: 1 } as const;
    const last = await bus.request(listPeople, { ...crowd, ...newest });
    expect(last.people).toMatchObject([{ lastSignIn: new Date(10_049).toISOString() }]);
  });

  it('shows one person with every seat and day', async () => {
    const usage = await bus.request(getPersonUsage, { ...first, person: 'user20', window: 30 });
    expect(usage.person).toMatchObject({ id: 'user20', name: 'Person Number20', status: 'ACTIVE' });
    expect(usage.seats.map(({ label }) => label)).toEqual(['Okta', 'Mail', 'Payroll', 'Wiki']);
    const own = signIns.filter(([, , person, to]) => person === 'user20' && to !== null);
    expect(usage.days.reduce((sum, { signIns: n }) => sum + n, 0)).toBe(own.length);
  });

  it('gives the same figures when everything comes again under new message ids', async () => {
    const before = await figuresOf(first);
    await take(first, messagesOf(first), stamp(2));
    expect(await figuresOf(first)).toEqual(before);
  });

  it('gives the same figures in any order, and keeps workspaces apart', async () => {
    const other = newHome();
    await take(other, shuffled(messagesOf(other), numbersFrom(11)), stamp(3));
    expect(await figuresOf(other)).toEqual(await figuresOf(first));

    const mixed = { workspace: other.workspace, connection: first.connection };
    const refused = { code: 'connection_not_found' };
    await expect(bus.request(getSummary, { ...mixed, window: 30 })).rejects.toMatchObject(refused);
    await expect(bus.request(getAppUsage, { ...mixed, app: 'app0', window: 30 })).rejects.toMatchObject(refused);
    await expect(bus.request(readDays, { ...mixed, limit: 10 })).rejects.toMatchObject(refused);
    await expect(bus.request(getPersonUsage, { ...mixed, person: 'user1', window: 30 })).rejects.toMatchObject(refused);
    const rows = await everyPerson({ workspace: other.workspace });
    expect(new Set(rows.map(({ connection }) => connection))).toEqual(new Set([other.connection]));
  });

  it('decides anew who holds a seat when the licensed statuses change, and says what is not there', async () => {
    await connect(first, 2, ['DEPROVISIONED']);
    const ask = () => bus.request(getSummary, { ...first, window: 30 });
    await until(ask, ({ okta }) => okta.seats === 4);
    await connect(first, 1);
    await connect(first, 3);
    await until(ask, ({ okta }) => okta.seats === 36);

    const window = 30;
    await expect(bus.request(getPersonUsage, { ...first, person: 'nobody', window })).rejects.toMatchObject({
      code: 'person_not_found',
    });
    await expect(bus.request(getAppUsage, { ...first, app: 'nothing', window })).rejects.toMatchObject({
      code: 'app_not_found',
    });
    await expect(everyPerson({ ...first, cursor: 'bm9uc2Vuc2U' })).rejects.toMatchObject({ code: 'invalid_cursor' });
    await expect(everyPerson({ workspace: first.workspace, app: 'app0' })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  /** What others were told of the days of a workspace, in the order in which they were told. */
  const daysTold = async (workspace: string) => {
    const subject = eventSubject(usageDayChanged, workspace);
    const manager = await streams.manager();
    const told: { id: string; dataschema: string; payload: UsageDayChangedV1 }[] = [];
    for (let seq = 1; ;) {
      const query = { seq, next_by_subj: subject };
      const message = await manager.streams.getMessage('EVENTS', query);
      if (!message) return told;
      const [id, dataschema] = ['ce-id', 'ce-dataschema'].map((name) => message.header.get(name)) as [string, string];
      told.push({ id, dataschema, payload: check(UsageDayChangedV1, message.json()) });
      seq = message.seq + 1;
    }
  };
  /** The newest that was told of each app and day: that with the most sign-ins. */
  const newestTold = async (workspace: string) => {
    const newest = new Map<string, [signIns: number, people: number]>();
    for (const { payload } of await daysTold(workspace))
      for (const { app: to, signIns: n, people: who } of payload.apps) {
        const key = `${payload.connection}|${to}|${payload.day}`;
        if (n > (newest.get(key)?.[0] ?? 0)) newest.set(key, [n, who]);
      }
    return newest;
  };
  it('tells others of each day that was counted, and of no day again of which there is nothing new', async () => {
    const home = newHome();
    await take(home, messagesOf(home), stamp(7));
    const expected = countedDays(home, signIns);
    await until(
      () => newestTold(home.workspace),
      (told) => told.size === expected.size,
    );
    expect(await newestTold(home.workspace)).toEqual(expected);
    const before = await daysTold(home.workspace);
    // A message for each day, not for each sign-in, and each under an id of its own.
    expect(before).toHaveLength(new Set([...expected.keys()].map((key) => key.split('|')[2])).size);
    expect(new Set(before.map(({ id }) => id)).size).toBe(before.length);
    expect(before[0]).toMatchObject({
      dataschema: 'urn:seatwise:schema:usage-day.changed.v1',
      payload: { completeUpTo: stamp(7) },
    });

    const more: SignIn = ['uuid-more', now - 86_400_000, 'user1', 'app1'];
    await take(
      home,
      [() => publish(signInsRecorded, home.workspace, { ...home, signIns: [more, ...signIns.slice(0, 9)] })],
      stamp(8),
    );
    const [last] = (
      await until(
        () => daysTold(home.workspace),
        (told) => told.length > before.length,
      )
    ).slice(before.length);
    const key = `${home.connection}|app1|${dayOf(more[1])}`;
    const [n, who] = countedDays(home, [...signIns, more]).get(key)!;
    expect(last!.payload).toEqual({
      ...home,
      day: dayOf(more[1]),
      completeUpTo: stamp(8),
      apps: [{ app: 'app1', signIns: n, people: who }],
    });
  });

  it('parks a message that does not fit, and goes on', async () => {
    const subject = eventSubject(signInsRecorded, first.workspace);
    const before = await figuresOf(first);
    const payload = { ...first, signIns: [['uuid-x', 'yesterday', 'user1', 'okta']] };
    const id = newId('evt');
    await streams.publish('EVENTS', subject, payload, { id, headers: { 'ce-type': cloudEventType(signInsRecorded) } });
    const untyped = { ...first, kind: 'person' as const, changes: [{ id: 'user1', v: 9 }] };
    await publish(directoryChanged.person, first.workspace, untyped as never);
    await take(first, [], stamp(4));
    const parked: string[] = [];
    // Tests before this one may have left those of other workspaces there.
    for await (const { consumer, subject: from } of app.get(DeadLetters).list())
      if (from.includes(first.workspace)) parked.push(consumer);
    expect(parked.toSorted()).toEqual(['usage-directory', 'usage-sign-ins']);
    expect(await figuresOf(first)).toEqual(before);
  });

  it('erases everything of a removed connection, and ignores what still comes', async () => {
    const leaving = newHome(first.workspace);
    const before = await figuresOf(first);
    await take(leaving, messagesOf(leaving), stamp(5));
    await publish(connectionRemoved, leaving.workspace, { ...leaving, history: 'erase' });
    const ask = () => bus.request(getSummary, { workspace: first.workspace, window: 30 });
    await until(ask, ({ asOf }) => asOf.length === 1);
    for (const send of messagesOf(leaving)) await send();
    await take(first, [], stamp(6));
    const database = app.get(Database);
    await until(
      () => database.collection('outbox').countDocuments({ 'payload.connection': leaving.connection }),
      (count) => count === 0,
    );
    for (const name of ['people', 'apps', 'seats', 'days', 'totals', 'sign_ins'])
      await until(
        () => database.collection(name).countDocuments({ _id: { $regex: `^${leaving.connection}` } as object }),
        (count) => count === 0,
      );
    expect(await figuresOf(first)).toEqual(before);
  });
});
