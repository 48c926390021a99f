import { Injectable } from '@nestjs/common';
import { ConnectionNotFound, type AsOf } from '@seatwise/contracts';
import { Collections } from '../store/collections.js';
import type { ConnectionDocument } from '../store/documents.js';
import { isoOf } from './window.js';

/** The connections that a question is about. */
@Injectable()
export class VisibleConnections {
  constructor(private readonly collections: Collections) {}

  /**
   * Those that are connected to the workspace, or the one that is named, also when only its history is kept. Throws
   * {@link ConnectionNotFound} when the workspace has no such one.
   */
  async of(workspace: string, connection?: string): Promise<ConnectionDocument[]> {
    const found = await this.collections.connections
      .find({ workspace, erased: false, ...(connection === undefined ? { removed: false } : { _id: connection }) })
      .sort({ _id: 1 })
      .toArray();
    if (connection !== undefined && found.length === 0) throw new ConnectionNotFound(connection);
    return found;
  }

  /**
   * The connections, and what `ask` finds within them. Of one that is named both are looked up at once, for nothing is
   * kept of one that is not visible; that it is not comes before whatever `ask` says.
   */
  async and<T>(
    workspace: string,
    connection: string | undefined,
    ask: (home: Within) => Promise<T>,
  ): Promise<[ConnectionDocument[], T]> {
    if (connection === undefined) {
      const visible = await this.of(workspace);
      return [visible, await ask(within(workspace, visible))];
    }
    const asked = ask({ workspace, connection: { $in: [connection] } });
    asked.catch(() => undefined);
    return [await this.of(workspace, connection), await asked];
  }

  async one(workspace: string, connection: string): Promise<ConnectionDocument> {
    const [found] = await this.of(workspace, connection);
    if (!found) throw new ConnectionNotFound(connection);
    return found;
  }
}

export const asOfOf = ({ _id, directoryAsOf, signInsAsOf, signInsSince }: ConnectionDocument): AsOf => ({
  connection: _id,
  directory: isoOf(directoryAsOf),
  signIns: isoOf(signInsAsOf),
  signInsSince: isoOf(signInsSince),
});

/** The condition for everything of some connections. */
export interface Within {
  workspace: string;
  connection: { $in: string[] };
}
const within = (workspace: string, connections: ConnectionDocument[]): Within => ({
  workspace,
  connection: { $in: connections.map(({ _id }) => _id) },
});
