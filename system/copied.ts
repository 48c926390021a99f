import { directoryKinds, readMirror, type ConnectionDto, type DirectoryKind } from '@seatwise/contracts';
import type { Seatwise } from '../tools/harness/seatwise.js';

/** What events tell of each kind beside its id and version. */
const fields: Record<DirectoryKind, string[]> = {
  person: ['status', 'login', 'email', 'name', 'created'],
  app: ['label', 'name', 'status'],
  assignment: ['scope', 'status', 'group', 'created'],
  group: ['name', 'type'],
  membership: [],
  'group-assignment': [],
};

/** A thing of a copy as a line that names all that is compared. */
export const lineOf = (connection: string, kind: DirectoryKind, thing: Record<string, unknown>): string =>
  JSON.stringify([connection, kind, thing.id, thing.v, ...fields[kind].map((field) => thing[field] ?? null)]);

/** What the mirror has of these connections, sorted. */
export async function mirrorOf({ bus }: Seatwise, connections: ConnectionDto[]): Promise<string[]> {
  const lines: string[] = [];
  for (const { workspace, id: connection } of connections)
    for (const kind of directoryKinds)
      for (let after = ''; ;) {
        const { items } = await bus.request(readMirror, { workspace, connection, kind, after, limit: 2_000 });
        if (items.length === 0) break;
        for (const item of items) lines.push(lineOf(connection, kind, item));
        after = String(items.at(-1)!.id);
      }
  return lines.sort();
}

/** What a test expects: a copy has what the mirror has, version by version. */
export function mustBeEqual(copy: string[], mirror: string[]): void {
  const [inCopy, inMirror] = [new Set(copy), new Set(mirror)];
  expect({
    missing: mirror.filter((line) => !inCopy.has(line)).slice(0, 5),
    extra: copy.filter((line) => !inMirror.has(line)).slice(0, 5),
    count: copy.length,
  }).toEqual({ missing: [], extra: [], count: mirror.length });
}
