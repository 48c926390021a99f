import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { readDays, readMirror, type ConnectionDto, type DirectoryKind } from '@seatwise/contracts';
import type { Seatwise, TestOrg } from '../tools/harness/seatwise.js';

type Row = Record<string, unknown>;

/** The simulator's truth, as sorted lines that name all that is compared. */
async function truthOf(org: TestOrg, path: string, line: (row: Row) => string): Promise<string[]> {
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
  const since = new Date(Date.parse(connection.createdAt) - 30 * 86_400_000).toISOString();
  const days = await truthOf(org, `usage?since=${since}`, ({ person, app, day, count }) =>
    [person, app, day, count].join(' '),
  );
  found.push(difference('sign-ins per person, app and day', days, await daysOf(seatwise, connection)));
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
