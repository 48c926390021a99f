import { Injectable } from '@nestjs/common';
import {
  ActivePeopleDto,
  AppHoursDto,
  AppHoursRequest,
  AppUsageRequest,
  getActivePeople,
  getAppHours,
  oktaItself,
} from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import type { Home } from '../connections/connections.js';
import { Collections } from '../store/collections.js';
import {
  dayMs,
  dayNumberOf,
  dayOf,
  longestGap,
  type ConnectionDocument,
  type TotalDocument,
} from '../store/documents.js';
import { activeWithin, type PeopleOfDay } from './active.js';
import { appOf } from './app-of.js';
import { asOfOf, VisibleConnections } from './visible-connections.js';
import { weekOf, type DayOfQuarters } from './week.js';
import { windowStart } from './window.js';

/** When an app is used, and by how many. Both read a few documents a day, however many people there are. */
@Injectable()
export class ActivityAnswers {
  constructor(
    private readonly collections: Collections,
    private readonly connections: VisibleConnections,
  ) {}

  @Handles(getAppHours)
  async hours({ workspace, connection, app, window, zone }: AppHoursRequest): Promise<AppHoursDto> {
    const start = windowStart(window);
    const [home, totals] = await this.read({ workspace, connection }, app, start, { quarters: 1 });
    const from = Math.max(dayNumberOf(start), dayNumberOf(home.signInsSince ?? 0), firstTimed(totals));
    const isIn = ({ day }: TotalDocument) => dayNumberOf(Date.parse(day)) >= from;
    const days = totals
      .filter(isIn)
      .map(({ day, quarters = {} }): DayOfQuarters => ({ day: dayNumberOf(Date.parse(day)), quarters }));
    return {
      zone,
      hours: weekOf(days, zone, from, home.signInsAsOf ?? Date.now()),
      from: dayOf(from * dayMs),
      earlier: totals.filter((total) => !isIn(total)).reduce((sum, { signIns }) => sum + signIns, 0),
      asOf: asOfOf(home),
    };
  }

  @Handles(getActivePeople)
  async people({ workspace, connection, app, window }: AppUsageRequest): Promise<ActivePeopleDto> {
    const start = windowStart(window);
    const before = start - longestGap * dayMs;
    const [home, totals] = await this.read({ workspace, connection }, app, before, { people: 1, back: 1 });
    const { signInsSince } = home;
    const whole = signInsSince === null ? Infinity : Math.ceil(signInsSince / dayMs);
    const known = Math.max(whole, firstTimed(totals));
    const days = summedUp(totals);
    const first = Math.max(dayNumberOf(start), dayNumberOf(signInsSince ?? 0));
    const last = dayNumberOf(Date.now());
    const activeIn = (length: number, day: number) =>
      day - length + 1 >= known ? activeWithin(length, day, days) : null;
    return {
      days: Array.from({ length: Math.max(0, last - first + 1) }, (_none, at) => first + at).map((day) => ({
        day: dayOf(day * dayMs),
        daily: activeWithin(1, day, days),
        weekly: activeIn(7, day),
        monthly: activeIn(30, day),
      })),
      asOf: asOfOf(home),
    };
  }

  /** The connection, and what was counted of the app since `start`. */
  private async read(
    home: Home,
    app: string,
    start: number,
    fields: Partial<Record<keyof TotalDocument, 1>>,
  ): Promise<[ConnectionDocument, TotalDocument[]]> {
    const [[visible], [totals]] = await this.connections.and(home.workspace, home.connection, () =>
      Promise.all([
        this.collections.totals
          .find({ ...home, app, day: { $gte: dayOf(start) } })
          .project<TotalDocument>({ _id: 0, day: 1, signIns: 1, timed: 1, ...fields })
          .toArray(),
        app === oktaItself ? undefined : appOf(this.collections, home, app),
      ]),
    );
    return [visible!, totals];
  }
}

/** The first day from which on every sign-in was counted together with its hour and the days before it. */
function firstTimed(totals: TotalDocument[]): number {
  return totals
    .filter(({ signIns, timed = 0 }) => timed < signIns)
    .reduce((first, { day }) => Math.max(first, dayNumberOf(Date.parse(day)) + 1), 0);
}

/** A day's figures, over its slots. */
function summedUp(totals: TotalDocument[]): Map<number, PeopleOfDay> {
  const days = new Map<number, PeopleOfDay>();
  for (const { day, people, back = {} } of totals) {
    const number = dayNumberOf(Date.parse(day));
    const sum = days.get(number) ?? { people: 0, back: {} };
    sum.people += people;
    for (const [gap, count] of Object.entries(back)) sum.back[gap] = (sum.back[gap] ?? 0) + count;
    days.set(number, sum);
  }
  return days;
}
