import { Injectable } from '@nestjs/common';
import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { cloudEventHeaders, newId } from '@seatwise/contracts';
import { Streams } from '@seatwise/messaging';
import { taskQueued, type Task } from './task.js';
import { TasksRepository } from './tasks.repository.js';

/** Puts tasks on the work queue, each within the trace of its run. */
@Injectable()
export class Queue {
  constructor(
    private readonly streams: Streams,
    private readonly tasks: TasksRepository,
  ) {}

  /**
   * Publishes the next tasks of a connection, as many as it may have in the queue at once. They are marked afterwards, so
   * that none is forgotten in between; what others publish at the same time has the same message id and is stored once.
   */
  async refill(connection: string): Promise<void> {
    const tasks = await this.tasks.toPublish(connection);
    if (tasks.length === 0) return;
    await Promise.all(tasks.map((task) => this.publish(task, `${task._id}#${task.lease.token}`)));
    await this.tasks.published(tasks.map(({ _id }) => _id));
  }

  /** A task may have several messages; its lease lets one worker have it. */
  publish(task: Task, id = newId('evt')): Promise<void> {
    const subject = subjectOf(task);
    const { name: type, version } = taskQueued;
    const headers = cloudEventHeaders({ id, type, version, workspace: task.workspace });
    return inTrace(task.trace, () => this.streams.publish('SYNC_TASKS', subject, { task: task._id }, { id, headers }));
  }
}

const subjectOf = ({ workspace, connection }: Pick<Task, 'workspace' | 'connection'>): string =>
  `sync.tasks.${workspace}.${connection}`;

/** The connection that a message of the work queue is about. */
export const connectionIn = (subject: string): string => subject.split('.').at(-1) ?? '';

/** Runs `work` in a trace that was kept as headers. */
export const inTrace = <T>(headers: Record<string, string>, work: () => T): T =>
  context.with(propagation.extract(ROOT_CONTEXT, headers), work);

/** The active trace as headers, to be kept. */
export function keptTrace(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}
