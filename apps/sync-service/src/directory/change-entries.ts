import {
  directoryChanged,
  eventEntry,
  mostChanges,
  partsOf,
  type ChangeOf,
  type DirectoryKind,
  type EventEntry,
  type EventType,
} from '@seatwise/contracts';

/** What others are told of changes of one kind: as many events as the changes take. */
export function* changeEntries<K extends DirectoryKind>(
  kind: K,
  { workspace, connection }: { workspace: string; connection: string },
  changes: ChangeOf[K][],
): Generator<EventEntry> {
  const type: EventType<object> = directoryChanged[kind];
  for (const part of partsOf(changes, mostChanges))
    yield eventEntry(type, workspace, { workspace, connection, kind, changes: part });
}
