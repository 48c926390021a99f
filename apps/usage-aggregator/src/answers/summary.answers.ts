import { Injectable } from '@nestjs/common';
import { getSummary, SummaryDto, SummaryRequest, type AppRow, type PersonStatus } from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import { Collections } from '../store/collections.js';
import { dayOf, unattributed, type AppDocument } from '../store/documents.js';
import { rowOf, SeatCounts, type AppCounts } from './seat-counts.js';
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
    const [peopleByStatus, apps, counts, totals, okta] = await Promise.all([
      this.peopleByStatus(home),
      this.collections.apps.find({ ...home, removed: false }).toArray(),
      this.counts.perApp(home, start),
      this.signIns(home, start),
      this.counts.ofOkta(home, start),
    ]);
    return {
      peopleByStatus,
      people: Object.values(peopleByStatus).reduce((sum, count) => sum + count, 0),
      apps: apps.length,
      // An app that is gone takes its seats with it, though nobody was unassigned.
      assignments: apps.reduce((sum, { _id }) => sum + (counts.get(_id)?.assigned ?? 0), 0),
      signIns: totals.named,
      unattributed: totals.unnamed,
      okta,
      mostUnused: mostUnusedOf(apps, counts),
      asOf: visible.map(asOfOf),
      // A removed connection is never completed any more, and what is kept of it says by its marks how far it came.
      complete: visible.every(
        ({ removed, directoryAsOf, signInsAsOf }) => removed || (directoryAsOf !== null && signInsAsOf !== null),
      ),
    };
  }

  /** The days are whole ones, so the window's first day counts as a whole. */
  private async signIns(home: ManyHomes, start: number): Promise<{ named: number; unnamed: number }> {
    const rows = await this.collections.totals
      .aggregate<{ _id: boolean; signIns: number }>([
        { $match: { ...home, day: { $gte: dayOf(start) } } },
        { $group: { _id: { $ne: ['$app', unattributed] }, signIns: { $sum: '$signIns' } } },
      ])
      .toArray();
    const of = (isNamed: boolean) => rows.find(({ _id }) => _id === isNamed)?.signIns ?? 0;
    return { named: of(true), unnamed: of(false) };
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
}

const mostUnusedOf = (apps: AppDocument[], counts: Map<string, AppCounts>): AppRow[] =>
  apps
    .map((app) => rowOf(app, counts))
    .filter(({ unused }) => unused > 0)
    .toSorted((a, b) => b.unused - a.unused || a.label.localeCompare(b.label) || (a.id < b.id ? -1 : 1))
    .slice(0, named);
