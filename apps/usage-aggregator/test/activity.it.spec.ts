import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  directoryChanged,
  eventEntry,
  getActivePeople,
  getAppHours,
  getAppUsage,
  listApps,
  newId,
  signInsRecorded,
  type EventType,
  type SignIn,
} from '@seatwise/contracts';
import { Bus, Nats, Streams } from '@seatwise/messaging';
import { Database } from '@seatwise/persistence';
import { freshDatabase, testServers } from '@seatwise/testing';
import { windowStart } from '../src/answers/window.js';
import { UsageConfig } from '../src/config.js';
import { usageWith } from '../src/usage.module.js';
import { apps, numbersFrom, pagesOf, shuffled } from './made-org.js';

const day = 86_400_000;
const now = Date.now();
const window = 60;
const mail = apps[0]!.id;
const since = windowStart(window, now);
const iso = (at: number) => new Date(at).toISOString();
const dateOf = (at: number) => iso(at).slice(0, 10);

/** Seventy people, some of whom come daily and others hardly, over sixty days up to now, and without order. */
const next = numbersFrom(3);
const signIns = Array.from({ length: 3_000 }, (_none, at): SignIn => {
  const person = `user${Math.floor(70 * next() ** 3)}`;
  return [`uuid-${at}`, Math.floor(now - 60_000 - next() * window * day), person, mail];
});

interface Home {
  workspace: string;
  connection: string;
}

/** How many of these came within so many days that end with that of `last`, looked at one by one. */
const activeIn = (counted: SignIn[], length: number, last: string): number =>
  new Set(
    counted
      .filter(([, at]) => dateOf(at) <= last && dateOf(at) > dateOf(Date.parse(last) - length * day))
      .map(([, , person]) => person),
  ).size;

/** Sign-ins by weekday and hour, each looked up by itself on the clocks of the zone. */
const expectedHours = (counted: SignIn[], zone: string) => {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'long', hour: '2-digit', hour12: false });
  const sums = new Map<string, number>();
  for (const [, at] of counted) sums.set(clock.format(at), (sums.get(clock.format(at)) ?? 0) + 1);
  return sums;
};
const sorted = (sums: Map<string, number>) =>
  [...sums].map(([key, n]) => `${key.replace(/[^A-Za-z0-9]+/g, ' ')} ${n}`).toSorted();

/** What each day is expected to be: known of a week and a month that began on or after `known`. */
const expectedDays = (counted: SignIn[], known = since) =>
  Array.from({ length: window + 1 }, (_none, at) => dateOf(since + at * day)).map((last) => {
    const activeOrNot = (length: number) =>
      Date.parse(last) - (length - 1) * day >= known ? activeIn(counted, length, last) : null;
    return { day: last, daily: activeIn(counted, 1, last), weekly: activeOrNot(7), monthly: activeOrNot(30) };
  });

describe('when an app is used, and by how many', () => {
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

  const publish = <P extends object>(type: EventType<P>, { workspace }: Home, payload: P) =>
    streams.publishEntry({ ...eventEntry(type, workspace, payload), id: newId('evt') });

  let marks = 0;
  /** Resolves when these, and all that was sent before, are counted. */
  async function count(home: Home, sent: SignIn[], from = since): Promise<void> {
    for (const page of pagesOf(sent, 100)) await publish(signInsRecorded, home, { ...home, signIns: page });
    const mark = { completeUpTo: iso(now + ++marks), completeSince: iso(from) };
    await publish(signInsRecorded, home, { ...home, signIns: [], ...mark });
    const isCounted = async () => (await activeOf(home)).asOf.signIns === mark.completeUpTo;
    while (!(await isCounted().catch(() => false)));
  }

  async function newHome(): Promise<Home> {
    const home = { workspace: newId('ws'), connection: newId('con') };
    await publish(directoryChanged.app, home, { ...home, kind: 'app', changes: apps });
    return home;
  }

  const hoursOf = (home: Home, zone: string) => bus.request(getAppHours, { ...home, app: mail, window, zone });
  const activeOf = (home: Home) => bus.request(getActivePeople, { ...home, app: mail, window });

  const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
  const answeredHours = async (home: Home, zone: string) => {
    const { hours } = await hoursOf(home, zone);
    expect(hours).toHaveLength(168);
    return new Map(
      hours
        .filter(({ signIns: n }) => n > 0)
        .map(({ weekday, hour, signIns: n }) => [`${weekdays[weekday - 1]} ${String(hour).padStart(2, '0')}`, n]),
    );
  };
  it.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'])(
    'is told by the weekdays and hours of %s',
    async (zone) => {
      const home = await newHome();
      await count(home, signIns);
      expect(sorted(await answeredHours(home, zone))).toEqual(sorted(expectedHours(signIns, zone)));
      const { hours, from, earlier } = await hoursOf(home, zone);
      expect({ from, earlier }).toEqual({ from: dateOf(since), earlier: 0 });
      const passed = hours.reduce((sum, { times }) => sum + times, 0);
      expect(Math.abs(passed - (now - since) / 3_600_000)).toBeLessThanOrEqual(0.25);
    },
  );

  it('counts different people of a day, a week and a month, whatever the order, and each once however often it comes', async () => {
    const home = await newHome();
    const half = signIns.filter((_signIn, at) => at % 2 === 0);
    await count(home, half);
    expect((await activeOf(home)).days).toEqual(expectedDays(half));
    await count(home, shuffled([...signIns, ...half], numbersFrom(9)));
    expect((await activeOf(home)).days).toEqual(expectedDays(signIns));
    expect(sorted(await answeredHours(home, 'UTC'))).toEqual(sorted(expectedHours(signIns, 'UTC')));
    await count(home, signIns);
    expect((await activeOf(home)).days).toEqual(expectedDays(signIns));
    expect(sorted(await answeredHours(home, 'UTC'))).toEqual(sorted(expectedHours(signIns, 'UTC')));
    const { days } = await bus.request(getAppUsage, { ...home, app: mail, window });
    expect(days.reduce((sum, { signIns: n }) => sum + n, 0)).toBe(signIns.length);
  });

  it('takes a sign-in that comes late into its hour, and into the weeks and months that it was missing in', async () => {
    const home = await newHome();
    const [early, middle, newest] = [40, 25, 2].map((ago) => since + (window - ago) * day + 9.5 * 3_600_000);
    const told: SignIn[] = [
      ['a', early!, 'ann', mail],
      ['b', newest!, 'ann', mail],
      ['c', newest!, 'bob', mail],
    ];
    await count(home, told);
    expect((await activeOf(home)).days).toEqual(expectedDays(told));
    const late: SignIn = ['d', middle!, 'ann', mail];
    await count(home, [late, late]);
    await count(home, [late]);
    expect((await activeOf(home)).days).toEqual(expectedDays([...told, late]));
    expect(sorted(await answeredHours(home, 'Asia/Tokyo'))).toEqual(
      sorted(expectedHours([...told, late], 'Asia/Tokyo')),
    );
  });

  it('says from when on it is known, where sign-ins were counted before hours were', async () => {
    const home = await newHome();
    const upgraded = since + 20 * day;
    const [before, after] = [true, false].map((is) => signIns.filter(([, at]) => at < upgraded === is));
    await count(home, before!);
    await app
      .get(Database)
      .collection('totals')
      .updateMany({ connection: home.connection }, { $unset: { timed: '', quarters: '', back: '' } });
    await count(home, after!);
    expect((await activeOf(home)).days).toEqual(expectedDays(signIns, upgraded));
    expect(await hoursOf(home, 'UTC')).toMatchObject({ from: dateOf(upgraded), earlier: before!.length });
    expect(sorted(await answeredHours(home, 'UTC'))).toEqual(sorted(expectedHours(after!, 'UTC')));
  });

  it('tells nothing of a time of which the log is not known', async () => {
    const home = await newHome();
    const known = since + 20 * day + 3_600_000;
    const own = signIns.filter(([, at]) => at >= known);
    await count(home, own, known);
    // The first day is not whole, so no week or month can begin with it.
    expect((await activeOf(home)).days).toEqual(expectedDays(own, since + 21 * day).slice(20));
    expect(await hoursOf(home, 'UTC')).toMatchObject({ from: dateOf(known), earlier: 0 });
  });

  it('shows with the apps how many people came each day, where that is asked for', async () => {
    const home = await newHome();
    const known = since + 40 * day;
    const own = signIns.filter(([, at]) => at >= known);
    await count(home, own, known);
    const list = { ...home, window, limit: 10, sort: 'label', order: 'asc' } as const;
    const { apps: rows } = await bus.request(listApps, { ...list, trend: 'people' });
    const daily = expectedDays(own).slice(40);
    expect(rows.map(({ id, trend }) => [id, trend])).toEqual([
      [mail, daily.map((one) => one.daily)],
      ...['app2', 'app1'].map((id) => [id, daily.map(() => 0)]),
    ]);
    expect((await bus.request(listApps, list)).apps.map(({ trend }) => trend)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    const [{ trend } = {}] = (await bus.request(listApps, { ...list, window: 7, trend: 'people' })).apps;
    expect(trend).toEqual(daily.slice(-8).map((one) => one.daily));
  });

  it('refuses what is not there, in words', async () => {
    const home = await newHome();
    await count(home, []);
    for (const pair of [getAppHours, getActivePeople]) {
      const ask = (asked: object) =>
        bus.request(pair as typeof getActivePeople, { ...home, app: mail, window, ...asked });
      await expect(ask({ app: 'app9' })).rejects.toMatchObject({ code: 'app_not_found' });
      await expect(ask({ workspace: newId('ws') })).rejects.toMatchObject({ code: 'connection_not_found' });
    }
    await expect(hoursOf(home, 'Europe/Atlantis')).rejects.toMatchObject({ code: 'invalid_request' });
  });
});
