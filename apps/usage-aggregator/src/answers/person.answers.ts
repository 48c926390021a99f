import { Injectable } from '@nestjs/common';
import {
  DaysPage,
  DaysPageRequest,
  getPersonUsage,
  oktaItself,
  PersonNotFound,
  PersonUsageDto,
  PersonUsageRequest,
  readDays,
  type PersonDay,
  type SeatDto,
} from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import { Collections } from '../store/collections.js';
import { compactDayOf, idsUnder, type DayDocument } from '../store/documents.js';
import { personRow } from './people.answers.js';
import { asOfOf, VisibleConnections } from './visible-connections.js';
import { isoOf, stateOf, windowStart } from './window.js';

/** What one person has and uses, and the counted days themselves. */
@Injectable()
export class PersonAnswers {
  constructor(
    private readonly collections: Collections,
    private readonly connections: VisibleConnections,
  ) {}

  @Handles(getPersonUsage)
  async usage({ workspace, connection, person, window }: PersonUsageRequest): Promise<PersonUsageDto> {
    const { people, days } = this.collections;
    const start = windowStart(window);
    const since = {
      ...idsUnder(connection, person),
      $gte: `${connection}|${person}|${compactDayOf(start)}`,
    };
    const [[home], [found, inDays, seats]] = await this.connections.and(workspace, connection, () =>
      Promise.all([
        people.findOne({ _id: `${connection}|${person}`, workspace, known: true }),
        days.find({ _id: since }).sort({ _id: -1 }).toArray(),
        this.seatsOf(workspace, connection, person, start),
      ]),
    );
    if (!found) throw new PersonNotFound(person);
    const ofOkta: SeatDto = {
      app: oktaItself,
      label: 'Okta',
      seat: stateOf(found, start),
      status: found.status,
      group: null,
      lastSignIn: isoOf(found.last),
    };
    return {
      person: personRow(found, start),
      seats: [ofOkta, ...seats],
      days: inDays.map(dayCountOf).map(({ app, day, n }) => ({ app, day, signIns: n })),
      asOf: asOfOf(home!),
    };
  }

  @Handles(readDays)
  async days({ workspace, connection, after, limit }: DaysPageRequest): Promise<DaysPage> {
    await this.connections.one(workspace, connection);
    const { $lt } = idsUnder(connection);
    const found = await this.collections.days
      .find({ _id: { $gt: `${connection}|${after ?? ''}`, $lt } })
      .sort({ _id: 1 })
      .limit(limit + 1)
      .toArray();
    const items = found.slice(0, limit);
    return {
      items: items.map(dayCountOf),
      next: found.length > limit ? (items.at(-1)?._id.slice(connection.length + 1) ?? null) : null,
    };
  }

  private async seatsOf(workspace: string, connection: string, person: string, start: number): Promise<SeatDto[]> {
    const { seats, apps } = this.collections;
    const assigned = await seats
      .find({ _id: idsUnder(connection, person), workspace, connection, removed: false })
      .toArray();
    const named = await apps
      .find({ _id: { $in: assigned.map(({ app }) => `${connection}|${app}`) }, workspace, removed: false })
      .project<{ app: string; label: string }>({ app: 1, label: 1 })
      .toArray();
    const labels = new Map(named.map(({ app, label }) => [app, label]));
    // An app that is gone takes its seats with it, though nobody was unassigned.
    return assigned
      .filter(({ app }) => labels.has(app))
      .map((seat) => ({
        app: seat.app,
        label: labels.get(seat.app) ?? seat.app,
        seat: stateOf(seat, start),
        status: seat.status,
        scope: seat.scope,
        group: seat.group,
        lastSignIn: isoOf(seat.last),
      }))
      .toSorted((a, b) => a.label.localeCompare(b.label) || (a.app < b.app ? -1 : 1));
  }
}

/** What a day's id says. */
function dayCountOf({ _id, n }: DayDocument): PersonDay {
  const [, person = '', day = '', app = ''] = _id.split('|');
  return { app, person, day: `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`, n };
}
