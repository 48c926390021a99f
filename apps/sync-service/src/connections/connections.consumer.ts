import { Injectable } from '@nestjs/common';
import {
  connectionChanged,
  connectionConnected,
  connectionRemoved,
  type ConnectionDto,
  type ConnectionRemovedV1,
} from '@seatwise/contracts';
import { Consumes } from '@seatwise/messaging';
import { Outbox } from '@seatwise/persistence';
import { Mirror } from '../directory/mirror.js';
import { LogTask } from '../log/log.task.js';
import { RunEnding } from '../runs/run-ending.js';
import { RunsRepository } from '../runs/runs.repository.js';
import { RunsService } from '../runs/runs.service.js';
import { TasksRepository } from '../tasks/tasks.repository.js';
import { ConnectionsRepository } from './connections.repository.js';
import { Orgs } from './orgs.js';

const shared = { stream: 'EVENTS', durable: 'sync-connections', concurrency: 1 } as const;

/** Follows what connection-service announces. */
@Injectable()
export class ConnectionsConsumer {
  constructor(
    private readonly connections: ConnectionsRepository,
    private readonly runs: RunsService,
    private readonly runEnding: RunEnding,
    private readonly runsRepository: RunsRepository,
    private readonly tasks: TasksRepository,
    private readonly mirror: Mirror,
    private readonly log: LogTask,
    private readonly orgs: Orgs,
    private readonly outbox: Outbox,
  ) {}

  @Consumes(connectionConnected, shared)
  async connected(dto: ConnectionDto): Promise<void> {
    await this.connections.learn(dto);
    const connection = await this.connections.find(dto.id);
    if (connection && !connection.removed && !connection.paused && connection.runNumber === 0)
      await this.runs.start(dto.workspace, dto.id, 'connect');
  }

  @Consumes(connectionChanged, shared)
  async changed(dto: ConnectionDto): Promise<void> {
    await this.connections.learn(dto);
    const connection = await this.connections.find(dto.id);
    if (!connection?.paused || connection.removed) return;
    // Nothing is read until somebody goes on with it.
    await this.runEnding.cancelAll(dto.id, 'The connection was paused.', ['running']);
    await this.tasks.callOff({ connection: dto.id, run: null });
  }

  /** Nothing of it is done any more; with `erase` nothing of it is kept. */
  @Consumes(connectionRemoved, shared)
  async removed({ workspace, connection, history }: ConnectionRemovedV1): Promise<void> {
    await this.connections.remove(connection, workspace, history);
    this.orgs.forget(connection);
    await this.runEnding.cancelAll(connection, 'The connection was removed.');
    await this.tasks.callOff({ connection });
    if (history === 'keep') return;
    await this.mirror.erase(connection);
    await this.tasks.erase(connection);
    await this.runsRepository.erase(connection);
    await this.log.erase(connection);
    await this.outbox.erase(connection);
  }
}
