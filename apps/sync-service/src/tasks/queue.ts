import { Injectable } from '@nestjs/common';
import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { newId } from '@seatwise/contracts';
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

  /** Publishes the next tasks of a connection, as many as it may have in the queue at once. */
  async refill(connection: string): Promise<void> {
    await this.publish(await this.tasks.claimToPublish(connection));
  }

  async publish(tasks: Task[]): Promise<void> {
    for (let at = 0; at < tasks.length; at += 100)
      await Promise.all(tasks.slice(at, at + 100).map((task) => this.publishOne(task)));
  }

  private publishOne(task: Task): Promise<void> {
    const subject = `sync.tasks.${task.workspace}.${task.connection}`;
    // A task may have several messages; its lease lets one worker have it.
    const options = { id: newId('evt'), headers: { 'Seatwise-Type': taskQueued.name } };
    return inTrace(task.trace, () => this.streams.publish('SYNC_TASKS', subject, { task: task._id }, options));
  }
}

/** Runs `work` in a trace that was kept as headers. */
export const inTrace = <T>(headers: Record<string, string>, work: () => T): T =>
  context.with(propagation.extract(ROOT_CONTEXT, headers), work);

/** The active trace as headers, to be kept. */
export function keptTrace(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}
