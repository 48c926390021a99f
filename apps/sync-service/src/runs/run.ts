import {
  stageKinds,
  type MissingDto,
  type RunDto,
  type RunState,
  type ShrinkDto,
  type StageDto,
  type StageKind,
  type StageState,
} from '@seatwise/contracts';
import { nothingCounted, type Task } from '../tasks/task.js';
import type { KindTally } from '../tasks/tasks.repository.js';

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
  /** What of it has been split into the tasks that follow. */
  expanded: Expansion[];
  reason: string | null;
  /** What its tasks came to, kept when it has ended: they are not. */
  stages: StageDto[] | null;
  version: number;
  trace: Record<string, string>;
  /** How long tasks of it have waited for rate limits, those at the same time counted once, and until when they do. */
  waitedMs: number;
  waitsUntil: Date;
  /** When somebody last saw to it that it goes on. */
  lookedAt: Date;
}

/** The listings whose end opens others: of the deprovisioned, of each group and of each app. */
export type Expansion = 'people' | 'groups' | 'apps';

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
    // Of a wait that goes on, or that the end cut short, only what has passed.
    waitedMs: Math.max(
      0,
      run.waitedMs - Math.max(0, run.waitsUntil.getTime() - (run.endedAt?.getTime() ?? Date.now())),
    ),
    version: run.version,
    traceId: traceIdOf(run.trace),
  };
}

/** What the tasks of a run come to, by kind of data; in an ended run nothing is waiting or running any more. */
export function stagesOf(tallies: KindTally[], hasEnded: boolean): StageDto[] {
  const byKind = new Map(tallies.map((tally) => [tally._id, tally]));
  return stageKinds.map((kind) => {
    const { states, _id, startedAt, endedAt, bytes: _bytes, ...counts } = byKind.get(kind) ?? noTasks(kind);
    const state = stateOf(kind, new Set(states), startedAt !== null, hasEnded);
    const isOpen = state === 'running' || state === 'continues';
    return {
      kind,
      state,
      ...counts,
      startedAt: startedAt?.toISOString() ?? null,
      endedAt: isOpen ? null : (endedAt?.toISOString() ?? null),
    };
  });
}

function stateOf(kind: StageKind, states: Set<Task['state']>, hasStarted: boolean, hasEnded: boolean): StageState {
  const isOpen = states.has('running') || states.has('queued');
  if (isOpen && !hasEnded) return hasStarted ? 'running' : 'waiting';
  if (isOpen && kind === 'sign_ins') return 'continues';
  if (states.has('parked') && !hasEnded) return 'waiting';
  if (states.has('failed')) return 'failed';
  if (states.has('done')) return 'done';
  return states.size === 0 && !hasEnded ? 'waiting' : 'skipped';
}

const noTasks = (kind: StageKind): KindTally => ({
  _id: kind,
  tasks: 0,
  tasksDone: 0,
  states: [],
  startedAt: null,
  endedAt: null,
  ...nothingCounted(),
});
