import { Injectable } from '@nestjs/common';
import {
  ConnectionDto,
  ConnectionRemovedV1,
  connectionChanged,
  connectionConnected,
  connectionRemoved,
} from '@seatwise/contracts';
import { Consumes } from '@seatwise/messaging';
import { Connections } from './connections.js';

const consumer = { stream: 'EVENTS', durable: 'usage-connections', concurrency: 1 } as const;

/** Follows the connections of all workspaces. */
@Injectable()
export class ConnectionsConsumer {
  constructor(private readonly connections: Connections) {}

  @Consumes([connectionConnected, connectionChanged], consumer)
  changed({ workspace, id: connection, version, licensedStatuses }: ConnectionDto): Promise<void> {
    return this.connections.take({ workspace, connection }, version, licensedStatuses);
  }

  @Consumes(connectionRemoved, consumer)
  removed({ workspace, connection, history }: ConnectionRemovedV1): Promise<void> {
    return this.connections.remove({ workspace, connection }, history);
  }
}
