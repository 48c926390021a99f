import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  directoryChanged,
  eventEntry,
  getActivePeople,
  getAppHours,
  getAppUsage,
  getPersonUsage,
  getSeatOrigins,
  getSummary,
  listApps,
  listPeople,
  newId,
  readDays,
  signInsRecorded,
  type ActivePeopleDto,
  type ChangeOf,
  type DirectoryKind,
  type EventType,
  type PersonDay,
  type SignIn,
} from '@seatwise/contracts';
import { Bus, DeadLetters, Nats, Streams, type MessageContext } from '@seatwise/messaging';
import { Database } from '@seatwise/persistence';
import { freshDatabase, startTestServers, type TestServers } from '@seatwise/testing';
import { UsageConfig } from '../src/config.js';
import { windowStart } from '../src/answers/window.js';
import { DirectoryConsumer } from '../src/directory/directory.consumer.js';
import { Recount } from '../src/seats/recount.js';
import { SeatCounts } from '../src/seats/seat-counts.js';
import { Counting } from '../src/sign-ins/counting.js';
import { SignInsConsumer } from '../src/sign-ins/sign-ins.consumer.js';
import { usageWith } from '../src/usage.module.js';
import { apps, assignments, numbersFrom, pagesOf, people, shuffled, signInsUpTo } from './made-org.js';

const now = Date.now();
const signIns = signInsUpTo(now);
const window = 60;
const durables = ['usage-directory', 'usage-sign-ins'];
const written = ['people', 'apps', 'seats', 'seat_counts', 'days', 'totals', 'sign_ins'];
const inSlots = ['seat_counts', 'totals'];
/** From when to when on the log is known. */
const known = {
  completeUpTo: new Date(now).toISOString(),
  completeSince: new Date(windowStart(window, now)).toISOString(),
};

interface Home {
  workspace: string;
  connection: string;
}
const newHome = (workspace = newId('ws')): Home => ({ workspace, connection: newId('con') });

async function until(fits: () => Promise<boolean>): Promise<void> {
  while (!(await fits()));
}

/** The people of each month that is wholly known. */
const monthlyOf = ({ days }: ActivePeopleDto) => days.slice(29).map(({ day, monthly }) => ({ day, monthly }));

const dateOf = (daysAgo: number) => new Date(now - daysAgo * 86_400_000).toISOString().slice(0, 10);

/** The same, looked for among the days of each person. */
const monthlyOneByOne = (days: PersonDay[], app: string) =>
  Array.from({ length: window - 28 }, (_none, at) => {
    const ago = window - 29 - at;
    const own = days.filter((each) => each.app === app && each.day <= dateOf(ago) && each.day > dateOf(ago + 30));
    return { day: dateOf(ago), monthly: new Set(own.map(({ person }) => person)).size };
  });

/** By what an app is held, assignment by assignment. */
function originsOneByOne(app: string) {
  const own = assignments.filter(({ id }) => id.startsWith(`${app}|`));
  const ofGroups = own.filter(({ scope, group }) => scope === 'GROUP' && group !== null);
  return {
    direct: own.filter(({ scope }) => scope === 'USER').length,
    unnamed: own.filter(({ scope, group }) => scope === 'GROUP' && group === null).length,
    byGroup: Object.fromEntries(
      [...Map.groupBy(ofGroups, ({ group }) => group!)].map(([group, given]) => [group, given.length]),
    ),
  };
}

/** Everybody signs in to the first app, so many days ago. */
const everybody = (ago: number): SignIn[] =>
  people.map(({ id }) => [`uuid-${ago}-${id}`, now - ago * 86_400_000, id, apps[0]!.id]);

describe('usage counts once', () => {
  let servers: TestServers;
  let one: INestApplication;
  let other: INestApplication;
  let bus: Bus;
  let publisher: Nats;
  let streams: Streams;

  /** Two replicas share everything from the first message on. */
  beforeAll(async () => {
    servers = await startTestServers();
    const config = Object.assign(new UsageConfig(), {
      natsUrl: servers.natsUrl,
      mongodbUrl: servers.mongoUrl,
      httpPort: 0,
    });
    const database = freshDatabase();
    one = await NestFactory.create(usageWith(config, database), { logger: false });
    other = await NestFactory.create(usageWith(config, database), { logger: false });
    await Promise.all([one.init(), other.init()]);
    bus = one.get(Bus);
    publisher = new Nats({ servers: servers.natsUrl, name: 'publisher' });
    streams = new Streams(publisher);
  });
  afterAll(async () => {
    await Promise.all([one.close(), other.close(), publisher.onApplicationShutdown()]);
    await servers.stop();
  });

  const publish = <P extends object>(type: EventType<P>, { workspace }: Home, payload: P) =>
    streams.publishEntry({ ...eventEntry(type, workspace, payload), id: newId('evt') });

  const pageOf = <K extends DirectoryKind>(home: Home, kind: K, changes: ChangeOf[K][]) =>
    publish(directoryChanged[kind] as EventType<object>, home, { ...home, kind, changes });

  /** Resolves when every message of the stream has been taken by both consumers. */
  const taken = async () => {
    const manager = await streams.manager();
    for (const durable of durables)
      await until(async () => {
        const info = await manager.consumers.info('EVENTS', durable).catch(() => undefined);
        return info?.num_pending === 0 && info.num_ack_pending === 0;
      });
  };

  const everything = (home: Home): (() => Promise<void>)[] => [
    ...pagesOf(people, 15).map((page) => () => pageOf(home, 'person', page)),
    () => pageOf(home, 'app', apps),
    ...pagesOf(assignments, 25).map((page) => () => pageOf(home, 'assignment', page)),
    ...pagesOf(signIns, 70).map((page) => () => publish(signInsRecorded, home, { ...home, signIns: page })),
    () => publish(signInsRecorded, home, { ...home, signIns: [], ...known }),
  ];

  const transactionsUndone = async () => {
    const status = await one.get(Database).connection.db!.admin().serverStatus();
    return (status as { transactions: { totalAborted: number } }).transactions.totalAborted;
  };

  const rowsOf = async (collection: string) =>
    one.get(Database).collection(collection).find({}).sort({ _id: 1 }).toArray();
  /** All that is kept, to the byte; but for what is in slots, for which of them something fell into is chance. */
  const kept = async () => {
    const whole = written.filter((name) => !inSlots.includes(name));
    return JSON.stringify(await Promise.all(whole.map(async (name) => [name, await rowsOf(name)])));
  };

  /** The seats of each app, counted one by one. */
  const countedOneByOne = async ({ connection }: Home, days = window) => {
    const start = windowStart(days);
    const all = await Promise.all([rowsOf('people'), rowsOf('seats')]);
    const held = all.flat().filter((seat) => seat.connection === connection && (seat.known || seat.removed === false));
    return ['okta', ...apps.map(({ id }) => id)].map((app) => {
      const own = held.filter((seat) => (seat.app ?? 'okta') === app);
      const seats = own.filter(({ licensed }) => licensed as boolean);
      const used = seats.filter(({ last }) => last !== null && (last as number) >= start);
      return { app, held: own.length, seats: seats.length, used: used.length, unused: seats.length - used.length };
    });
  };
  /** The same as it is answered. */
  const counted = async (home: Home, days = window) => {
    const counts = await one.get(SeatCounts).of(home, windowStart(days));
    return ['okta', ...apps.map(({ id }) => id)].map((app) => {
      const { statuses: _statuses, ...own } = counts.of(home.connection, app);
      return { app, ...own };
    });
  };

  const originsOf = (home: Home) =>
    Promise.all(apps.map(async ({ id }) => (await bus.request(getSeatOrigins, { ...home, app: id })).origins));

  const answersOf = async (home: Home) => {
    const list = { ...home, window, limit: 50, order: 'asc' } as const;
    const answers = {
      summary: await bus.request(getSummary, { ...home, window }),
      apps: await bus.request(listApps, { ...list, sort: 'label' }),
      people: await bus.request(listPeople, { ...list, sort: 'name' }),
      mail: await bus.request(listPeople, { ...list, sort: 'email', app: 'app0' }),
      usage: await Promise.all(
        ['okta', 'app0', 'app1'].map((app) => bus.request(getAppUsage, { ...home, app, window })),
      ),
      origins: await originsOf(home),
      hours: await bus.request(getAppHours, { ...home, app: 'okta', window, zone: 'Europe/Berlin' }),
      active: await Promise.all(
        ['okta', 'app0', 'app1'].map((app) => bus.request(getActivePeople, { ...home, app, window })),
      ),
      days: await bus.request(readDays, { ...home, limit: 5_000 }),
    };
    return JSON.parse(JSON.stringify(answers).replaceAll(home.connection, 'connection')) as typeof answers;
  };

  const first = newHome();
  const context: MessageContext = {
    subject: '',
    id: newId('evt'),
    sequence: 1,
    delivery: 1,
    isOldest: () => Promise.resolve(true),
  };

  it('with two replicas at once', async () => {
    for (const send of everything(first)) await send();
    await taken();
    const { usage, days, summary, active, hours } = await answersOf(first);
    const named = signIns.filter(([, , , app]) => app !== null);
    expect(days.items.reduce((sum, { n }) => sum + n, 0)).toBe(named.length);
    expect(summary.signIns).toBe(named.length);
    expect(summary.unattributed).toBe(signIns.length - named.length);
    for (const { app, days: perDay } of usage)
      for (const { day, signIns: n, people: who } of perDay) {
        const own = days.items.filter((item) => item.app === app.id && item.day === day);
        expect({ n, who }).toEqual({ n: own.reduce((sum, item) => sum + item.n, 0), who: own.length });
      }
    expect(hours.hours.reduce((sum, { signIns: n }) => sum + n, 0)).toBe(
      named.filter(([, , , app]) => app === 'okta').length,
    );
    for (const [at, app] of ['okta', 'app0', 'app1'].entries())
      expect(monthlyOf(active[at]!)).toEqual(monthlyOneByOne(days.items, app));
    expect(await originsOf(first)).toEqual(apps.map(({ id }) => originsOneByOne(id)));
    const counts = await counted(first);
    expect(counts).toEqual(await countedOneByOne(first));
    expect(counts.map(({ held, used, unused }) => held > 0 && used > 0 && unused > 0)).toEqual(counts.map(() => true));
  });

  it('when everything is delivered again from the first message on', async () => {
    const [before, answers] = [await kept(), await answersOf(first)];
    const manager = await streams.manager();
    for (const durable of durables) await manager.consumers.delete('EVENTS', durable);
    await taken();
    expect(await kept()).toBe(before);
    expect(await answersOf(first)).toEqual(answers);
  });

  it('when the messages come shuffled, sign-ins before the people they are of', async () => {
    const late = newHome();
    for (const send of shuffled(everything(late), numbersFrom(5))) await send();
    await taken();
    expect(await answersOf(late)).toEqual(await answersOf(first));
    expect(await counted(late)).toEqual(await countedOneByOne(late));
  });

  it('when what was committed is delivered again, to the same replica and to the other', async () => {
    const again = newHome();
    for (const delivery of [1, 2])
      for (const app of [one, other]) {
        const directory = app.get(DirectoryConsumer);
        await directory.peopleChanged({ ...again, kind: 'person', changes: people });
        await directory.appsChanged({ ...again, kind: 'app', changes: apps });
        await directory.assignmentsChanged({ ...again, kind: 'assignment', changes: assignments });
        for (const page of pagesOf(signIns, 500))
          await app.get(SignInsConsumer).recorded({ ...again, signIns: page }, { ...context, delivery });
        await app.get(SignInsConsumer).recorded({ ...again, signIns: [], ...known }, { ...context, delivery });
      }
    expect(await answersOf(again)).toEqual(await answersOf(first));
    expect(await counted(again)).toEqual(await countedOneByOne(again));
  });

  it('and no writer undoes another where sign-ins come together with pages of the directory', async () => {
    const home = newHome();
    const before = await transactionsUndone();
    const pages = async () => {
      for (let v = 3; v < 23; v += 1) {
        const changes = assignments.map((assignment) => ({ ...assignment, v }));
        await one.get(DirectoryConsumer).assignmentsChanged({ ...home, kind: 'assignment', changes });
      }
    };
    const counting = pagesOf(signIns, 100).map((page) =>
      one.get(SignInsConsumer).recorded({ ...home, signIns: page }, context),
    );
    await Promise.all([pages(), ...counting]);
    expect(await transactionsUndone()).toBe(before);
  });

  it('when days of a person that come late are counted by two replicas at the same moment', async () => {
    const home = newHome();
    await pageOf(home, 'app', apps);
    const locate = (pages: SignIn[][]) => pages.flat().map((signIn) => ({ home, signIn }));
    await publish(signInsRecorded, home, { ...home, signIns: [...everybody(58), ...everybody(1)], ...known });
    await taken();
    for (const ago of [50, 43, 36, 29, 22, 15])
      await Promise.all([
        one.get(Counting).count(locate([everybody(ago), everybody(ago - 2)])),
        other.get(Counting).count(locate([everybody(ago - 1), everybody(ago - 3)])),
      ]);
    const { items } = await bus.request(readDays, { ...home, limit: 5_000 });
    expect(items).toHaveLength(26 * people.length);
    const active = await bus.request(getActivePeople, { ...home, app: apps[0]!.id, window });
    expect(monthlyOf(active)).toEqual(monthlyOneByOne(items, apps[0]!.id));
  });

  it('and comes to the same when the seats are counted one by one while more is counted', async () => {
    const home = newHome();
    for (const send of everything(home)) await send();
    await taken();
    const before = await counted(home, 1);
    expect(before).toEqual(await counted(first, 1));
    const origins = await originsOf(home);
    // As it is after an upgrade from before origins were counted.
    const seatCounts = one.get(Database).collection('seat_counts');
    await seatCounts.updateMany({ connection: home.connection }, { $unset: { origins: '' } });
    expect(await originsOf(home)).toEqual([null, null, null]);
    await Promise.all([one, other, one].map((app) => app.get(Recount).run(home)));
    expect(await counted(home, 1)).toEqual(before);
    expect(await originsOf(home)).toEqual(origins);
    const more = signIns.map(([uuid, , person, app]): SignIn => [`later-${uuid}`, now, person, app]);
    await Promise.all([
      ...pagesOf(more, 70).map((page) => publish(signInsRecorded, home, { ...home, signIns: page })),
      one.get(Recount).run(home),
      other.get(Recount).run(home),
    ]);
    await taken();
    expect(await counted(home, 1)).toEqual(await countedOneByOne(home, 1));
    expect(await counted(home, 1)).not.toEqual(before);
  });

  it('and takes no older version for a newer one, for people, apps and seats', async () => {
    const home = newHome();
    const [person] = people;
    const [seat] = assignments;
    const [mail] = apps;
    if (!person || !seat || !mail) throw new Error('the made org is empty');
    await pageOf(home, 'person', [{ ...person, v: 3, name: 'Zoë Ångström', status: 'SUSPENDED' }]);
    await pageOf(home, 'person', [{ ...person, v: 2, name: 'Old Name' }]);
    await pageOf(home, 'app', [{ ...mail, v: 3, label: 'Mail 3' }]);
    await pageOf(home, 'app', [{ ...mail, v: 2, label: 'Mail 2' }]);
    await pageOf(home, 'assignment', [{ ...seat, v: 3 }]);
    await pageOf(home, 'assignment', [{ ...seat, v: 2, removed: true }]);
    await taken();
    const list = { ...home, window, limit: 50, sort: 'name', order: 'asc', app: mail.id } as const;
    const row = { id: person.id, name: 'Zoë Ångström', status: 'SUSPENDED' };
    expect((await bus.request(listPeople, list)).people).toMatchObject([row]);
    expect((await bus.request(listPeople, { ...list, search: 'ångs' })).people).toMatchObject([row]);
    expect((await bus.request(getAppUsage, { ...home, app: mail.id, window })).app).toMatchObject({
      label: 'Mail 3',
      seats: 1,
    });

    await pageOf(home, 'person', [{ ...person, v: 4, name: 'Zoë Berg', status: 'deleted' }]);
    await taken();
    expect((await bus.request(listPeople, list)).people).toMatchObject([{ name: 'Zoë Berg', status: 'deleted' }]);
    expect((await bus.request(listPeople, { ...list, search: 'ångs' })).people).toEqual([]);
    const refused = { code: 'app_not_found' };
    await expect(bus.request(listPeople, { ...list, app: 'app9' })).rejects.toMatchObject(refused);

    await pageOf(home, 'app', [{ ...mail, v: 4, removed: true }]);
    await taken();
    await expect(bus.request(listPeople, list)).rejects.toMatchObject(refused);
    await expect(bus.request(getAppUsage, { ...home, app: mail.id, window })).rejects.toMatchObject(refused);
    const usage = await bus.request(getPersonUsage, { ...home, person: person.id, window });
    expect(usage.seats.map(({ app }) => app)).toEqual(['okta']);
    expect(await bus.request(getSummary, { ...home, window })).toMatchObject({ apps: 0, assignments: 0 });
    expect(await counted(home)).toEqual(await countedOneByOne(home));
  });

  it('and parks sign-ins that are too old to be told from their repetition, but counts the others of the page', async () => {
    const home = newHome();
    const page: SignIn[] = [
      ['uuid-old', now - 101 * 86_400_000, 'user1', 'okta'],
      ['uuid-new', now, 'user1', 'okta'],
    ];
    await publish(signInsRecorded, home, { ...home, signIns: page });
    await taken();
    const days = await bus.request(readDays, { ...home, limit: 10 });
    expect(days.items.map(({ n }) => n)).toEqual([1]);
    const reasons: string[] = [];
    for await (const { payload, reason } of one.get(DeadLetters).list())
      if (payload.includes(home.connection)) reasons.push(reason);
    expect(reasons).toEqual([expect.stringContaining('1 of them are older than 100 days')]);
  });
});
