import type { OktaClient } from '@seatwise/okta';
import type { Connection } from '../connections/connection.js';
import type { Spent } from '../connections/orgs.js';
import type { Task } from './task.js';

/** What a task has while a worker has its lease. */
export interface Work {
  task: Task;
  connection: Connection;
  okta: OktaClient;
  /** Requests since the last checkpoint. */
  spent: Spent;
  /** Aborted when the lease is lost. */
  signal: AbortSignal;
  /** True when this process is ending: stop after the page in hand. */
  isEnding: () => boolean;
}

/** The process ends: the task goes on elsewhere. */
export class Interrupted extends Error {
  constructor() {
    super('the worker is ending');
    this.name = 'Interrupted';
  }
}

/** Longer waits for a rate limit than this give the task back, so that they hold no worker. */
export const longestWaitMs = 2_000;

/** Takes what was spent since the last checkpoint. */
export function takeSpent(spent: Spent): Spent {
  const taken = { ...spent };
  spent.requests = 0;
  spent.waitedMs = 0;
  spent.bytes = 0;
  return taken;
}
