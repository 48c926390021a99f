import { Injectable } from '@nestjs/common';
import {
  changesLine,
  connectionLine,
  directoryKinds,
  getConnection,
  listConnections,
  listRuns,
  readMirror,
  readUsageDay,
  Refusal,
  runLine,
  usageDayLine,
  type ChangeOf,
  type ConnectionDto,
  type DirectoryKind,
  type RunDto,
  type SnapshotLine,
  type UsageDayChangedV1,
} from '@seatwise/contracts';
import { Bus, Streams } from '@seatwise/messaging';
import type { Caller } from '../door/caller.js';

const stream = 'EVENTS';
const thingsInLine = 1_000;

/** What a workspace has, in the words of the events that tell how it changes. */
@Injectable()
export class SnapshotService {
  constructor(
    private readonly bus: Bus,
    private readonly streams: Streams,
  ) {}

  /**
   * The place in the stream comes first: what changes while the rest is read is told after it. What is told before it is
   * read here, for events leave after what they tell has been written.
   */
  async *lines({ workspace }: Caller, connection?: string): AsyncGenerator<SnapshotLine> {
    const sequence = await this.lastSequence();
    const time = new Date().toISOString();
    const connections = await this.connections(workspace, connection);
    const counts: Record<string, number> = {};
    const count = (what: string, n: number) => (counts[what] = (counts[what] ?? 0) + n);
    yield { type: 'snapshot.started', data: { workspace, stream, sequence, time } };
    for (const known of connections) {
      count('connection', 1);
      yield connectionLine(known);
      const run = await this.newestRun(known);
      count('sync-run', run ? 1 : 0);
      if (run) yield runLine(run);
      for (const kind of directoryKinds)
        for await (const changes of this.mirrored(known, kind)) {
          count(kind, changes.length);
          yield changesLine({ workspace, connection: known.id, kind, changes });
        }
      for await (const day of this.counted(known)) {
        count('usage-day', 1);
        yield usageDayLine(day);
      }
    }
    yield { type: 'snapshot.ended', data: { counts } };
  }

  private async lastSequence(): Promise<number> {
    try {
      return await this.streams.lastSequence(stream);
    } catch {
      throw new Refusal('service_unavailable', 'The event stream does not answer at the moment. Try again shortly.');
    }
  }

  private async connections(workspace: string, connection: string | undefined): Promise<ConnectionDto[]> {
    if (connection !== undefined) return [await this.bus.request(getConnection, { workspace, connection })];
    return (await this.bus.request(listConnections, { workspace })).connections;
  }

  private async newestRun({ workspace, id: connection }: ConnectionDto): Promise<RunDto | undefined> {
    const found = await this.bus.request(listRuns, { workspace, connection, limit: 1 }).catch(unlessNew);
    return found?.runs[0];
  }

  private async *counted({ workspace, id: connection }: ConnectionDto): AsyncGenerator<UsageDayChangedV1> {
    for (let after: string | undefined; ;) {
      const next = { workspace, connection, ...(after !== undefined && { after }) };
      const day = await this.bus.request(readUsageDay, next).catch(unlessNew);
      if (!day || day.parts.length === 0) return;
      yield* day.parts;
      after = day.parts[0]!.day;
    }
  }

  private async *mirrored(
    { workspace, id: connection }: ConnectionDto,
    kind: DirectoryKind,
  ): AsyncGenerator<ChangeOf[DirectoryKind][]> {
    for (let after = ''; ;) {
      const page = { workspace, connection, kind, after, limit: thingsInLine, asTold: true };
      const { items } = await this.bus.request(readMirror, page);
      const changes = items as unknown as ChangeOf[DirectoryKind][];
      if (changes.length === 0) return;
      yield changes;
      after = changes.at(-1)!.id;
    }
  }
}

/** A service that has not heard of a connection yet has nothing of it. */
function unlessNew(error: unknown): undefined {
  if (!(error instanceof Refusal) || error.code !== 'connection_not_found') throw error;
}
