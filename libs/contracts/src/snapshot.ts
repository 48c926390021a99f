import { directoryChanged, type ChangeOf } from './changes.js';
import { cloudEventType } from './cloud-event.js';
import { connectionChanged, type ConnectionDto } from './connections.js';
import type { DirectoryKind } from './directory.js';
import type { EventType } from './message.js';
import { syncRunChanged, type RunDto } from './sync.js';
import { usageDayChanged, type UsageDayChangedV1 } from './usage.js';

/** With what a snapshot begins. */
export interface SnapshotStart {
  workspace: string;
  /**
   * The stream's last message from before anything was read: whatever is told after it is to be applied over the snapshot.
   * What is in both is of one version.
   */
  stream: string;
  sequence: number;
  /** When that was (ISO 8601). */
  time: string;
}

/** With what it ends, so that nobody takes a part for the whole: how many there were of each kind. */
export interface SnapshotEnd {
  counts: Record<string, number>;
}

/** A line between the two: an event that would make it so, with its type and its data as on the stream. */
export type SnapshotEvent =
  | { type: 'seatwise.v1.connection.changed'; data: ConnectionDto }
  | { type: 'seatwise.v1.sync-run.changed'; data: RunDto }
  | { type: 'seatwise.v1.usage-day.changed'; data: UsageDayChangedV1 }
  | { [K in DirectoryKind]: { type: `seatwise.v1.${K}.changed`; data: Changes<K> } }[DirectoryKind];

interface Changes<K extends DirectoryKind> {
  workspace: string;
  connection: string;
  kind: K;
  changes: ChangeOf[K][];
}

/** A line of a snapshot: the answer of `GET /api/v1/snapshot` is one JSON text a line. */
export type SnapshotLine =
  { type: 'snapshot.started'; data: SnapshotStart } | SnapshotEvent | { type: 'snapshot.ended'; data: SnapshotEnd };

export const connectionLine = (data: ConnectionDto): SnapshotEvent => lineOf(connectionChanged, data);
export const runLine = (data: RunDto): SnapshotEvent => lineOf(syncRunChanged, data);
export const usageDayLine = (data: UsageDayChangedV1): SnapshotEvent => lineOf(usageDayChanged, data);

/** A page of things of the mirror, as the event of their kind. */
export const changesLine = <K extends DirectoryKind>(data: Changes<K>): SnapshotEvent =>
  lineOf(directoryChanged[data.kind], data);

const lineOf = (type: EventType<object>, data: object): SnapshotEvent =>
  ({ type: cloudEventType(type), data }) as SnapshotEvent;
