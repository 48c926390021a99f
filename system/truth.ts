import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import {
  defaultLicensedStatuses,
  getActivePeople,
  getAppHours,
  getAppUsage,
  getSeatOrigins,
  listApps,
  readDays,
  readMirror,
  seatlessStatuses,
  type AppRow,
  type ConnectionDto,
  type DirectoryKind,
} from '@seatwise/contracts';
import type { Seatwise, TestOrg } from '../tools/harness/seatwise.js';
import type { Api } from '../tools/start/api.js';

type Row = Record<string, unknown>;

/** The simulator's truth, as sorted lines that name all that is compared. */
export async function truthOf(org: TestOrg, path: string, line: (row: Row) => string): Promise<string[]> {
  const response = await fetch(`${org.url}/control/truth/${path}`);
  const lines: string[] = [];
  for await (const text of createInterface({ input: Readable.fromWeb(response.body!) }))
    lines.push(line(JSON.parse(text) as Row));
  return lines.sort();
}

async function mirrorOf(
  { bus }: Seatwise,
  { workspace, id }: ConnectionDto,
  kind: DirectoryKind,
  line: (row: Row) => string,
): Promise<string[]> {
  const lines: string[] = [];
  for (let after: string | undefined; ;) {
    const { items } = await bus.request(readMirror, {
      workspace,
      connection: id,
      kind,
      limit: 2_000,
      ...(after !== undefined && { after }),
    });
    if (items.length === 0) return lines.sort();
    for (const item of items) lines.push(line(item));
    after = String(items.at(-1)!.id);
  }
}

async function daysOf({ bus }: Seatwise, { workspace, id }: ConnectionDto): Promise<string[]> {
  const lines: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await bus.request(readDays, {
      workspace,
      connection: id,
      limit: 5_000,
      ...(after !== undefined && { after }),
    });
    for (const { person, app, day, n } of page.items) lines.push([person, app, day, n].join(' '));
    if (page.next === null) return lines.sort();
    after = page.next;
  }
}

const window = 30;
const dayMs = 86_400_000;
const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10);
const isIn = (statuses: readonly string[], status: unknown) => statuses.includes(String(status));

/** Every app's seats, used and unused, as the list of apps answers them; Okta itself among them. */
async function seatsOf({ bus }: Seatwise, { workspace, id: connection }: ConnectionDto): Promise<string[]> {
  const okta = await bus.request(getAppUsage, { workspace, connection, app: 'okta', window });
  const rows: AppRow[] = [okta.app];
  for (let cursor: string | undefined; ;) {
    const list = { workspace, connection, window, limit: 50, sort: 'unused', order: 'desc' } as const;
    const page = await bus.request(listApps, { ...list, ...(cursor !== undefined && { cursor }) });
    rows.push(...page.apps);
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  return rows.map(({ id, seats, used, unused }) => [id, seats, used, unused].join(' ')).sort();
}

/** The same, counted one by one from who is assigned and who signed in. */
async function seatsInTruth(org: TestOrg, since: string): Promise<string[]> {
  const firstDay = dateOf(Date.now() - window * dayMs);
  const used = new Set(
    await truthOf(org, `usage?since=${since}`, ({ app, person, day }) =>
      String(day) >= firstDay ? `${String(app)}|${String(person)}` : '',
    ),
  );
  const counts = new Map<string, { seats: number; used: number }>();
  const hold = (app: string, person: string, licensed: boolean) => {
    const count = counts.get(app) ?? { seats: 0, used: 0 };
    counts.set(app, count);
    count.seats += Number(licensed);
    count.used += Number(licensed && used.has(`${app}|${person}`));
  };
  await truthOf(org, 'apps', ({ id }) => (counts.set(String(id), { seats: 0, used: 0 }), ''));
  await truthOf(org, 'people', ({ id, status }) => {
    hold('okta', String(id), isIn(defaultLicensedStatuses, status));
    return '';
  });
  await truthOf(org, 'assignments', ({ app, person, status }) => {
    hold(String(app), String(person), !isIn(seatlessStatuses, status));
    return '';
  });
  return [...counts].map(([app, { seats, used: n }]) => [app, seats, n, seats - n].join(' ')).sort();
}

/** By what people hold each app: itself, a group of that id, or one without a name. */
async function originsOf({ bus }: Seatwise, { workspace, id: connection }: ConnectionDto, apps: string[]) {
  const lines: string[] = [];
  for (const app of apps) {
    const { origins } = await bus.request(getSeatOrigins, { workspace, connection, app });
    const { direct = 0, unnamed = 0, byGroup = {} } = origins ?? {};
    for (const [origin, count] of Object.entries({ direct, unnamed, ...byGroup }))
      if (count > 0) lines.push([app, origin, count].join(' '));
  }
  return lines.sort();
}

async function originsInTruth(org: TestOrg): Promise<string[]> {
  const lines = await truthOf(org, 'assignments', ({ app, scope, group }) => {
    const named = typeof group === 'string' ? group : 'unnamed';
    return `${String(app)} ${scope === 'USER' ? 'direct' : named}`;
  });
  return [...Map.groupBy(lines, (line) => line)].map(([line, same]) => `${line} ${same.length}`).sort();
}

interface Activity {
  hours: string[];
  active: string[];
}

/** The sign-ins of each app by weekday and hour of UTC, and how many people it has on a day, in a week and in a month. */
async function activityOf(
  { bus }: Seatwise,
  { workspace, id: connection }: ConnectionDto,
  apps: string[],
): Promise<Activity> {
  const activity: Activity = { hours: [], active: [] };
  for (const app of apps) {
    const asked = { workspace, connection, app, window };
    const { hours } = await bus.request(getAppHours, { ...asked, zone: 'UTC' });
    for (const { weekday, hour, signIns } of hours)
      if (signIns > 0) activity.hours.push([app, weekday, hour, signIns].join(' '));
    const { days } = await bus.request(getActivePeople, asked);
    for (const { day, daily, weekly, monthly } of days)
      if (daily > 0) activity.active.push([app, day, daily, weekly, monthly].join(' '));
  }
  return { hours: activity.hours.sort(), active: activity.active.sort() };
}

/** The same, from each sign-in; of a week and a month that the log is known of, which is from the day `since` on. */
async function activityInTruth(org: TestOrg, since: string): Promise<Activity> {
  const firstDay = dateOf(Date.now() - window * dayMs);
  const hours = new Map<string, number>();
  const people = new Map<string, Map<string, Set<string>>>();
  await truthOf(org, `usage?since=${since}&by=hour`, ({ app, person, day, hour, count }) => {
    const date = String(day);
    const ofApp = people.get(String(app)) ?? new Map<string, Set<string>>();
    people.set(String(app), ofApp);
    ofApp.set(date, (ofApp.get(date) ?? new Set()).add(String(person)));
    const key = `${String(app)} ${new Date(date).getUTCDay() || 7} ${String(hour)}`;
    if (date >= firstDay) hours.set(key, (hours.get(key) ?? 0) + Number(count));
    return '';
  });
  const active = [...people].flatMap(([app, ofApp]) => {
    const within = (length: number, last: string) => {
      const days = Array.from({ length }, (_none, ago) => dateOf(Date.parse(last) - ago * dayMs));
      if (days.at(-1)! < since.slice(0, 10)) return null;
      return days.reduce((all, day) => new Set([...all, ...(ofApp.get(day) ?? [])]), new Set<string>()).size;
    };
    return [...ofApp.keys()]
      .filter((day) => day >= firstDay)
      .map((day) => [app, day, within(1, day), within(7, day), within(30, day)].join(' '));
  });
  return { hours: [...hours].map(([key, count]) => `${key} ${count}`).sort(), active: active.sort() };
}

const kinds: { kind: DirectoryKind; path: string; line: (row: Row) => string }[] = [
  { kind: 'person', path: 'people', line: ({ id, status, profile }) => JSON.stringify([id, status, profile]) },
  { kind: 'group', path: 'groups', line: ({ id, type }) => JSON.stringify([id, type]) },
  { kind: 'membership', path: 'memberships', line: ({ group, person }) => JSON.stringify([group, person]) },
  { kind: 'app', path: 'apps', line: ({ id, status, label }) => JSON.stringify([id, status, label]) },
  {
    kind: 'assignment',
    path: 'assignments',
    line: ({ app, person, scope, status }) => JSON.stringify([app, person, scope, status]),
  },
  { kind: 'group-assignment', path: 'group-assignments', line: ({ app, group }) => JSON.stringify([app, group]) },
];

export interface Difference {
  kind: string;
  compared: number;
  /** In Okta and not with us, and the reverse; at most five of each. */
  missing: string[];
  extra: string[];
}

/** Holds everything that Seatwise keeps of a connection to the org's own truth. */
export async function differences(seatwise: Seatwise, connection: ConnectionDto, org: TestOrg): Promise<Difference[]> {
  const found: Difference[] = [];
  for (const { kind, path, line } of kinds)
    found.push(difference(kind, await truthOf(org, path, line), await mirrorOf(seatwise, connection, kind, line)));
  const since = `${dateOf(Date.parse(connection.createdAt) - window * dayMs)}T00:00:00.000Z`;
  const days = await truthOf(org, `usage?since=${since}`, ({ person, app, day, count }) =>
    [person, app, day, count].join(' '),
  );
  found.push(difference('sign-ins per person, app and day', days, await daysOf(seatwise, connection)));
  const seats = await seatsOf(seatwise, connection);
  found.push(difference('seats, used and unused, of each app', await seatsInTruth(org, since), seats));
  const apps = seats.map((line) => line.split(' ')[0]!);
  const origins = await originsOf(
    seatwise,
    connection,
    apps.filter((app) => app !== 'okta'),
  );
  found.push(difference('by what people hold each app', await originsInTruth(org), origins));
  const [ours, truth] = [await activityOf(seatwise, connection, apps), await activityInTruth(org, since)];
  found.push(difference('sign-ins by the hour of the week', truth.hours, ours.hours));
  found.push(difference('people of a day, a week and a month', truth.active, ours.active));
  return found;
}

function difference(kind: string, truth: string[], ours: string[]): Difference {
  const [inTruth, inOurs] = [new Set(truth), new Set(ours)];
  return {
    kind,
    compared: truth.length,
    missing: truth.filter((line) => !inOurs.has(line)).slice(0, 5),
    extra: ours.filter((line) => !inTruth.has(line)).slice(0, 5),
  };
}

export const isSame = (found: Difference[]): boolean =>
  found.every(({ missing, extra }) => missing.length + extra.length === 0);

/** What a test expects: every kind was compared, and none differs. */
export function mustBeSame(found: Difference[]): void {
  const wrong = found.filter(({ missing, extra, compared }) => missing.length + extra.length > 0 || compared === 0);
  if (wrong.length > 0) throw new Error(`differs from the org's truth: ${JSON.stringify(wrong, null, 1)}`);
}

/** What a test expects after changes that were made while Okta was listed: the next run sees them for sure, and nothing differs. */
export async function mirrorIsWhole(
  seatwise: Seatwise,
  api: Api,
  connection: ConnectionDto,
  org: TestOrg,
): Promise<void> {
  const { id } = await seatwise.ended(api, connection);
  await api.sync(connection.id);
  expect(await seatwise.ended(api, connection, id)).toMatchObject({ state: 'complete', missing: [] });
  mustBeSame(await differences(seatwise, connection, org));
}
