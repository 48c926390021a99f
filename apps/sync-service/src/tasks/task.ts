import { IsString } from 'class-validator';
import { event, type StageKind } from '@seatwise/contracts';

/** One listing of a run, or the reading of the log: what any replica can take up where another left it. */
export interface Task {
  /** `{run}|{kind}|{scope}`, or `{connection}|log` for the log between runs. */
  _id: string;
  workspace: string;
  connection: string;
  /** Null: the log between runs. */
  run: string | null;
  number: number;
  kind: StageKind;
  /** The app or group that is listed; empty where there is one listing of the kind. */
  scope: string;
  /** `parked`: a sweep that waits for a person's agreement. */
  state: 'queued' | 'running' | 'parked' | 'done' | 'failed' | 'skipped';
  /** Okta's clock when the first page was asked for; absent: none was. One that began anew keeps the earliest. */
  listedFrom?: number;
  /** Where the listing goes on: the link that Okta gave with the last page written. */
  next: string | null;
  pages: number;
  seen: number;
  added: number;
  changed: number;
  removed: number;
  rejected: number;
  requests: number;
  waitedMs: number;
  /** Of Okta's answers; absent in a task of an older release. */
  bytes?: number;
  /** Times in a row that it was given up and taken up again without a page. */
  attempts: number;
  /** Times that it was begun again because Okta did not take its link any more. */
  restarts: number;
  lease: Lease;
  /** When a message for it was published, or is to come back; null: none yet, for enough of its connection have one. */
  messageAt: Date | null;
  error: string | null;
  startedAt: Date | null;
  endedAt: Date | null;
  /** W3C trace context of what the run was started by. */
  trace: Record<string, string>;
}

/** Whoever holds the highest token may write; a frozen worker that wakes late holds an older one. */
export interface Lease {
  token: number;
  until: Date;
}

/** The counts of a task that a page adds to. */
export type PageCounts = Pick<
  Task,
  'pages' | 'seen' | 'added' | 'changed' | 'removed' | 'rejected' | 'requests' | 'waitedMs'
> & { bytes: number };

export const nothingCounted = (): PageCounts => ({
  pages: 0,
  seen: 0,
  added: 0,
  changed: 0,
  removed: 0,
  rejected: 0,
  requests: 0,
  waitedMs: 0,
  bytes: 0,
});

/** The message on the work queue; the task itself is a document. */
export class TaskQueued {
  @IsString()
  task!: string;
}
export const taskQueued = event('sync-task.queued', 1, TaskQueued);

export const taskId = (run: string, kind: StageKind, scope = ''): string => `${run}|${kind}|${scope}`;

export function newTask(
  base: Pick<Task, 'workspace' | 'connection' | 'run' | 'number' | 'trace'>,
  kind: StageKind,
  scope = '',
): Task {
  return {
    _id: base.run ? taskId(base.run, kind, scope) : `${base.connection}|log`,
    ...base,
    kind,
    scope,
    state: 'queued',
    next: null,
    ...nothingCounted(),
    attempts: 0,
    restarts: 0,
    lease: { token: 0, until: new Date(0) },
    messageAt: null,
    error: null,
    startedAt: null,
    endedAt: null,
  };
}

/** Whether nothing more comes of a task that was opened. */
export const isEnded = (task: Pick<Task, 'state'> | undefined): boolean =>
  task !== undefined && ['done', 'failed', 'skipped'].includes(task.state);

/** Another worker has the task, or it was called off: nothing more may be written. */
export class LeaseLost extends Error {
  constructor(task: string) {
    super(`the lease of ${task} is lost`);
    this.name = 'LeaseLost';
  }
}
