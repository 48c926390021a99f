import {
  stageKinds,
  type MissingDto,
  type RunDto,
  type RunState,
  type ShrinkDto,
  type StageDto,
  type StageKind,
} from '@seatwise/contracts';
import { isEnded, type Task } from '../tasks/task.js';

/** One sync of a connection. */
export interface Run {
  _id: string;
  workspace: string;
  connection: string;
  number: number;
  state: RunState;
  trigger: RunDto['trigger'];
  startedAt: Date;
  endedAt: Date | null;
  missing: MissingDto[];
  shrink: ShrinkDto[];
  /** A person has agreed to what the sweep takes away. */
  agreed: boolean;
  /** Whose listings have been split into tasks of their own. */
  expanded: ('groups' | 'apps')[];
  reason: string | null;
  /** What its tasks came to, kept when it has ended: they are not. */
  stages: StageDto[] | null;
  version: number;
  trace: Record<string, string>;
}

/** `00-{trace id}-{span id}-01` (W3C Trace Context). */
const traceIdOf = ({ traceparent }: Record<string, string>): string | null => traceparent?.split('-')[1] ?? null;

export function toRunDto(run: Run, stages: StageDto[]): RunDto {
  return {
    id: run._id,
    workspace: run.workspace,
    connection: run.connection,
    state: run.state,
    trigger: run.trigger,
    startedAt: run.startedAt.toISOString(),
    endedAt: run.endedAt?.toISOString() ?? null,
    stages,
    missing: run.missing,
    shrink: run.shrink,
    reason: run.reason,
    requests: stages.reduce((sum, stage) => sum + stage.requests, 0),
    waitedMs: stages.reduce((sum, stage) => sum + stage.waitedMs, 0),
    version: run.version,
    traceId: traceIdOf(run.trace),
  };
}

/** What the tasks of a run came to, by kind of data. */
export class Stages {
  private readonly byKind = new Map<StageKind, { stage: StageDto; states: Set<Task['state']> }>();

  add(task: Task): void {
    const { stage, states } = this.of(task.kind);
    states.add(task.state);
    stage.tasks += 1;
    if (isEnded(task)) stage.tasksDone += 1;
    for (const count of ['pages', 'seen', 'added', 'changed', 'removed', 'rejected', 'requests', 'waitedMs'] as const)
      stage[count] += task[count];
    const started = task.startedAt?.toISOString() ?? null;
    if (started && (!stage.startedAt || started < stage.startedAt)) stage.startedAt = started;
    const ended = task.endedAt?.toISOString() ?? null;
    if (ended && (!stage.endedAt || ended > stage.endedAt)) stage.endedAt = ended;
  }

  list(): StageDto[] {
    return stageKinds.map((kind) => {
      const { stage, states } = this.of(kind);
      if (states.size === 0) return stage;
      if (states.has('parked')) stage.state = 'waiting';
      else if (states.has('running') || states.has('queued')) {
        stage.endedAt = null;
        stage.state = stage.startedAt ? 'running' : 'waiting';
      } else stage.state = states.has('failed') ? 'failed' : states.has('done') ? 'done' : 'skipped';
      return stage;
    });
  }

  private of(kind: StageKind) {
    let entry = this.byKind.get(kind);
    if (!entry) {
      const counts = {
        tasks: 0,
        tasksDone: 0,
        pages: 0,
        seen: 0,
        added: 0,
        changed: 0,
        removed: 0,
        rejected: 0,
        requests: 0,
        waitedMs: 0,
      };
      entry = { stage: { kind, state: 'waiting', ...counts, startedAt: null, endedAt: null }, states: new Set() };
      this.byKind.set(kind, entry);
    }
    return entry;
  }
}
