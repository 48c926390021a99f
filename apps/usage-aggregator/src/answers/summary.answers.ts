import { Injectable } from '@nestjs/common';
import { getSummary, oktaItself, SummaryDto, SummaryRequest, type AppRow } from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import { Collections } from '../store/collections.js';
import { none, plus, rowOf, SeatCounts, type CountsByApp } from '../seats/seat-counts.js';
import { dayOf, unattributed, type AppDocument } from '../store/documents.js';
import { asOfOf, VisibleConnections, type Within } from './visible-connections.js';
import { windowStart } from './window.js';

/** How many apps `mostUnused` names. */
const named = 10;

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
    const start = windowStart(window);
    const [visible, [apps, counts, totals]] = await this.connections.and(workspace, connection, (home) =>
      Promise.all([
        this.collections.apps.find({ ...home, removed: false }).toArray(),
        this.counts.of(home, start),
        this.signIns(home, start),
      ]),
    );
    const okta = visible.map(({ _id }) => counts.of(_id, oktaItself)).reduce(plus, none);
    return {
      peopleByStatus: okta.statuses,
      people: okta.held - (okta.statuses.deleted ?? 0),
      apps: apps.length,
      // An app that is gone takes its seats with it, though nobody was unassigned.
      assignments: apps.reduce((sum, { connection: own, app }) => sum + counts.of(own, app).held, 0),
      signIns: totals.named,
      unattributed: totals.unnamed,
      okta: { seats: okta.seats, used: okta.used, unused: okta.unused },
      mostUnused: mostUnusedOf(apps, counts),
      asOf: visible.map(asOfOf),
      // A removed connection is never completed any more, and what is kept of it says by its marks how far it came.
      complete: visible.every(
        ({ removed, directoryAsOf, signInsAsOf }) => removed || (directoryAsOf !== null && signInsAsOf !== null),
      ),
    };
  }

  /** The days are whole ones, so the window's first day counts as a whole. */
  private async signIns(home: Within, start: number): Promise<{ named: number; unnamed: number }> {
    const rows = await this.collections.totals
      .aggregate<{ _id: boolean; signIns: number }>([
        { $match: { ...home, day: { $gte: dayOf(start) } } },
        { $group: { _id: { $ne: ['$app', unattributed] }, signIns: { $sum: '$signIns' } } },
      ])
      .toArray();
    const of = (isNamed: boolean) => rows.find(({ _id }) => _id === isNamed)?.signIns ?? 0;
    return { named: of(true), unnamed: of(false) };
  }
}

const mostUnusedOf = (apps: AppDocument[], counts: CountsByApp): AppRow[] =>
  apps
    .map((app) => rowOf(app, counts))
    .filter(({ unused }) => unused > 0)
    .toSorted((a, b) => b.unused - a.unused || a.label.localeCompare(b.label) || (a.id < b.id ? -1 : 1))
    .slice(0, named);
