import { Injectable } from '@nestjs/common';
import {
  AppNotFound,
  AppsPage,
  AppUsageDto,
  AppUsageRequest,
  getAppUsage,
  listApps,
  ListApps,
  oktaItself,
  type AppRow,
} from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import { keyOf, literally } from '../directory/naming.js';
import { Collections } from '../store/collections.js';
import { dayOf } from '../store/documents.js';
import { beyond, cursorAt, positionOf, type Position } from './cursor.js';
import { rowOf, SeatCounts } from './seat-counts.js';
import { asOfOf, VisibleConnections, within } from './visible-connections.js';
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
    const visible = await this.connections.of(workspace, connection);
    const home = within(workspace, visible);
    const wanted = {
      ...home,
      removed: false,
      ...(search.trim() !== '' && { labelKey: { $regex: literally(keyOf(search.trim())) } }),
    };
    const start = windowStart(dto.window);
    const found =
      sort === 'label'
        ? await this.byLabel(dto, home, wanted, start, after)
        : await this.byCount(sort, dto, home, wanted, start, after);
    const listed = found.slice(0, limit);
    const end = found.length > limit ? listed.at(-1) : undefined;
    return {
      apps: listed.map(({ row }) => row),
      nextCursor: end ? cursorAt(sorting, end.position) : null,
      asOf: visible.map(asOfOf),
    };
  }

  @Handles(getAppUsage)
  async usage({ workspace, connection, app, window }: AppUsageRequest): Promise<AppUsageDto> {
    const visible = await this.connections.one(workspace, connection);
    const home = { workspace, connection };
    const start = windowStart(window);
    const row = app === oktaItself ? await this.oktaRow(home, start) : await this.appRow(home, app, start);
    const days = await this.collections.totals
      .aggregate<{ _id: string; signIns: number; people: number }>([
        { $match: { ...home, app, day: { $gte: dayOf(start) } } },
        { $group: { _id: '$day', signIns: { $sum: '$signIns' }, people: { $sum: '$people' } } },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    return {
      app: row,
      days: days.map(({ _id: day, signIns, people }) => ({ day, signIns, people })),
      asOf: asOfOf(visible),
    };
  }

  private async oktaRow(home: Home, start: number): Promise<AppRow> {
    const counts = await this.counts.ofOkta(home, start);
    return { connection: home.connection, id: oktaItself, label: 'Okta', name: 'okta', status: 'ACTIVE', ...counts };
  }

  private async appRow(home: Home, app: string, start: number): Promise<AppRow> {
    const found = await this.collections.apps.findOne({ _id: `${home.connection}|${app}`, ...home, removed: false });
    if (!found) throw new AppNotFound(app);
    return rowOf(found, await this.counts.perApp(home, start, app));
  }

  /** Only the seats of the page's own apps are counted. */
  private async byLabel(
    { order, limit }: ListApps,
    home: ManyHomes,
    wanted: object,
    start: number,
    after: Position | undefined,
  ): Promise<Ranked[]> {
    const way = order === 'asc' ? 1 : -1;
    const found = await this.collections.apps
      .find({ ...wanted, ...(after && { $and: [beyond('labelKey', order, after)] }) })
      .sort({ labelKey: way, _id: way })
      .limit(limit + 1)
      .toArray();
    const counts = await this.counts.perApp(home, start, { $in: found.map(({ app }) => app) });
    return found.map((app) => ({ row: rowOf(app, counts), position: { value: app.labelKey, id: app._id } }));
  }

  /** An org has some thousand apps at most; their counts are sorted here. */
  private async byCount(
    count: 'seats' | 'used' | 'unused',
    { order, limit }: ListApps,
    home: ManyHomes,
    wanted: object,
    start: number,
    after: Position | undefined,
  ): Promise<Ranked[]> {
    const [counts, found] = await Promise.all([
      this.counts.perApp(home, start),
      this.collections.apps.find(wanted).toArray(),
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
type ManyHomes = ReturnType<typeof within>;
interface Ranked {
  row: AppRow;
  position: Position;
}

function compare(a: Position, b: Position, order: 'asc' | 'desc'): number {
  const ascending = Number(a.value) - Number(b.value) || (a.id < b.id ? -1 : Number(a.id > b.id));
  return order === 'asc' ? ascending : -ascending;
}
