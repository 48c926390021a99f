import { Injectable } from '@nestjs/common';
import {
  AppsPage,
  AppUsageDto,
  AppUsageRequest,
  getAppUsage,
  getSeatOrigins,
  listApps,
  ListApps,
  oktaItself,
  trendDays,
  type AppRow,
  type DayCount,
  SeatOriginsDto,
  SeatOriginsRequest,
  type ListedApp,
} from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import { keyOf, literally } from '../directory/naming.js';
import { Collections } from '../store/collections.js';
import { oktaRowOf, rowOf, SeatCounts } from '../seats/seat-counts.js';
import { dayMs, dayNumberOf, dayOf, type ConnectionDocument } from '../store/documents.js';
import { appOf } from './app-of.js';
import { beyond, cursorAt, positionOf, type Position } from './cursor.js';
import { asOfOf, VisibleConnections, type Within } from './visible-connections.js';
import { windowStart } from './window.js';

/** What apps are there, and how much each is used. */
@Injectable()
export class AppsAnswers {
  constructor(
    private readonly collections: Collections,
    private readonly connections: VisibleConnections,
    private readonly counts: SeatCounts,
  ) {}

  @Handles(listApps)
  async list(dto: ListApps): Promise<AppsPage> {
    const { workspace, connection, sort, order, limit, search = '' } = dto;
    const sorting = `apps:${sort}:${order}`;
    const after = positionOf(sorting, dto.cursor, sort === 'label' ? 'string' : 'number');
    const start = windowStart(dto.window);
    const wanted = {
      removed: false,
      ...(search.trim() !== '' && { labelKey: { $regex: literally(keyOf(search.trim())) } }),
    };
    const [visible, found] = await this.connections.and(workspace, connection, (home) =>
      sort === 'label'
        ? this.byLabel(dto, home, wanted, start, after)
        : this.byCount(sort, dto, home, wanted, start, after),
    );
    const listed = found.slice(0, limit);
    const end = found.length > limit ? listed.at(-1) : undefined;
    const rows = listed.map(({ row }) => row);
    return {
      apps: dto.trend ? await this.withTrend(workspace, visible, rows, start) : rows,
      nextCursor: end ? cursorAt(sorting, end.position) : null,
      asOf: visible.map(asOfOf),
    };
  }

  @Handles(getAppUsage)
  async usage({ workspace, connection, app, window }: AppUsageRequest): Promise<AppUsageDto> {
    const home = { workspace, connection };
    const start = windowStart(window);
    const [[visible], [row, days]] = await this.connections.and(workspace, connection, () =>
      Promise.all([this.rowOf(home, app, start), this.daysOf(home, app, start)]),
    );
    return { app: row, days, asOf: asOfOf(visible!) };
  }

  /** They are unknown where seats were counted before origins were, until the seats are counted anew, within a day. */
  @Handles(getSeatOrigins)
  async origins({ workspace, connection, app }: SeatOriginsRequest): Promise<SeatOriginsDto> {
    const home = { workspace, connection };
    const [, [counts]] = await this.connections.and(workspace, connection, () =>
      Promise.all([this.counts.originsOf(home, app), appOf(this.collections, home, app)]),
    );
    return { origins: counts };
  }

  private async daysOf(home: Home, app: string, start: number): Promise<DayCount[]> {
    const days = await this.collections.totals
      .aggregate<{ _id: string; signIns: number; people: number }>([
        { $match: { ...home, app, day: { $gte: dayOf(start) } } },
        { $group: { _id: '$day', signIns: { $sum: '$signIns' }, people: { $sum: '$people' } } },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    return days.map(({ _id: day, signIns, people }) => ({ day, signIns, people }));
  }

  private async rowOf(home: Home, app: string, start: number): Promise<AppRow> {
    const counts = await this.counts.of(home, start, app);
    if (app === oktaItself) return oktaRowOf(home.connection, counts);
    return rowOf(await appOf(this.collections, home, app), counts);
  }

  private async withTrend(
    workspace: string,
    visible: ConnectionDocument[],
    rows: AppRow[],
    start: number,
  ): Promise<ListedApp[]> {
    const now = Date.now();
    const first = Math.max(start, windowStart(trendDays - 1, now));
    const found = await this.collections.totals
      .aggregate<{ _id: { connection: string; app: string; day: string }; people: number }>([
        {
          $match: {
            workspace,
            connection: { $in: [...new Set(rows.map(({ connection }) => connection))] },
            day: { $gte: dayOf(first) },
            app: { $in: [...new Set(rows.map(({ id }) => id))] },
          },
        },
        {
          $group: { _id: { connection: '$connection', app: '$app', day: '$day' }, people: { $sum: '$people' } },
        },
      ])
      .toArray();
    const people = new Map(found.map(({ _id, people: count }) => [`${_id.connection}|${_id.app}|${_id.day}`, count]));
    const since = new Map(visible.map(({ _id, signInsSince }) => [_id, signInsSince ?? 0]));
    return rows.map((row) => {
      const from = dayNumberOf(Math.max(first, since.get(row.connection) ?? 0));
      const days = Array.from({ length: Math.max(0, dayNumberOf(now) - from + 1) }, (_none, at) => from + at);
      const trend = days.map((day) => people.get(`${row.connection}|${row.id}|${dayOf(day * dayMs)}`) ?? 0);
      return Object.assign(row, { trend });
    });
  }

  private async byLabel(
    { order, limit }: ListApps,
    home: Within,
    wanted: object,
    start: number,
    after: Position | undefined,
  ): Promise<Ranked[]> {
    const way = order === 'asc' ? 1 : -1;
    const found = await this.collections.apps
      .find({ ...home, ...wanted, ...(after && { $and: [beyond('labelKey', order, after)] }) })
      .sort({ labelKey: way, _id: way })
      .limit(limit + 1)
      .toArray();
    const counts = await this.counts.of(home, start, { $in: found.map(({ app }) => app) });
    return found.map((app) => ({ row: rowOf(app, counts), position: { value: app.labelKey, id: app._id } }));
  }

  /** An org has some thousand apps at most; their counts are sorted here. */
  private async byCount(
    count: 'seats' | 'used' | 'unused',
    { order, limit }: ListApps,
    home: Within,
    wanted: object,
    start: number,
    after: Position | undefined,
  ): Promise<Ranked[]> {
    const [counts, found] = await Promise.all([
      this.counts.of(home, start),
      this.collections.apps.find({ ...home, ...wanted }).toArray(),
    ]);
    const ranked = found
      .map((app) => rowOf(app, counts))
      .map((row) => ({ row, position: { value: row[count], id: `${row.connection}|${row.id}` } }))
      .toSorted((a, b) => compare(a.position, b.position, order));
    const rest = after ? ranked.filter(({ position }) => compare(position, after, order) > 0) : ranked;
    return rest.slice(0, limit + 1);
  }
}

interface Home {
  workspace: string;
  connection: string;
}
interface Ranked {
  row: AppRow;
  position: Position;
}

function compare(a: Position, b: Position, order: 'asc' | 'desc'): number {
  const ascending = Number(a.value) - Number(b.value) || (a.id < b.id ? -1 : Number(a.id > b.id));
  return order === 'asc' ? ascending : -ascending;
}
