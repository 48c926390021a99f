import { Injectable } from '@nestjs/common';
import { getSummary, SummaryDto, SummaryRequest, type AppRow, type PersonStatus } from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import type { mongo } from 'mongoose';
import { Collections } from '../store/collections.js';
import { dayOf, type DayDocument, type UnattributedDocument } from '../store/documents.js';
import { rowOf, SeatCounts } from './seat-counts.js';
import { asOfOf, VisibleConnections, within } from './visible-connections.js';
import { windowStart } from './window.js';

/** How many apps `mostUnused` names. */
const named = 10;

type ManyHomes = ReturnType<typeof within>;

/** A workspace, or one connection of it, at a glance. */
@Injectable()
export class SummaryAnswers {
  constructor(
    private readonly collections: Collections,
    private readonly connections: VisibleConnections,
    private readonly counts: SeatCounts,
  ) {}

  @Handles(getSummary)
  async summary({ workspace, connection, window }: SummaryRequest): Promise<SummaryDto> {
    const visible = await this.connections.of(workspace, connection);
    const home = within(workspace, visible);
    const start = windowStart(window);
    const { apps, seats, days, unattributed } = this.collections;
    const [peopleByStatus, appCount, assignments, signIns, apart, okta, mostUnused] = await Promise.all([
      this.peopleByStatus(home),
      apps.countDocuments({ ...home, removed: false }),
      seats.countDocuments({ ...home, removed: false }),
      sumSince(days, home, start),
      sumSince(unattributed, home, start),
      this.counts.ofOkta(home, start),
      this.mostUnused(home, start),
    ]);
    return {
      peopleByStatus,
      people: Object.values(peopleByStatus).reduce((sum, count) => sum + count, 0),
      apps: appCount,
      assignments,
      signIns,
      unattributed: apart,
      okta,
      mostUnused,
      asOf: visible.map(asOfOf),
      // A removed connection is never completed any more, and what is kept of it says by its marks how far it came.
      complete: visible.every(
        ({ removed, directoryAsOf, signInsAsOf }) => removed || (directoryAsOf !== null && signInsAsOf !== null),
      ),
    };
  }

  private async peopleByStatus(home: ManyHomes): Promise<Partial<Record<PersonStatus, number>>> {
    const rows = await this.collections.people
      .aggregate<{ _id: PersonStatus; count: number }>([
        { $match: { ...home, known: true } },
        { $group: { _id: '$status', count: { $sum: 1 } } },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    return Object.fromEntries(rows.map(({ _id, count }) => [_id, count]));
  }

  private async mostUnused(home: ManyHomes, start: number): Promise<AppRow[]> {
    const [counts, apps] = await Promise.all([
      this.counts.perApp(home, start),
      this.collections.apps.find({ ...home, removed: false }).toArray(),
    ]);
    return apps
      .map((app) => rowOf(app, counts))
      .filter(({ unused }) => unused > 0)
      .toSorted((a, b) => b.unused - a.unused || a.label.localeCompare(b.label) || (a.id < b.id ? -1 : 1))
      .slice(0, named);
  }
}

/** The days are whole ones, so the window's first day counts as a whole. */
async function sumSince<D extends DayDocument | UnattributedDocument>(
  collection: mongo.Collection<D>,
  home: ManyHomes,
  start: number,
): Promise<number> {
  const [row] = await collection
    .aggregate<{ n: number }>([
      { $match: { ...home, day: { $gte: dayOf(start) } } },
      { $group: { _id: null, n: { $sum: '$n' } } },
    ])
    .toArray();
  return row?.n ?? 0;
}
