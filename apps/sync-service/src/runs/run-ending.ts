import { Injectable } from '@nestjs/common';
import {
  directoryComplete,
  eventEntry,
  syncRunChanged,
  type RunState,
  type ShrinkDto,
  type StageDto,
} from '@seatwise/contracts';
import { Database, Outbox } from '@seatwise/persistence';
import type { ClientSession } from 'mongoose';
import { ConnectionsRepository } from '../connections/connections.repository.js';
import { directoryGroup } from '../directory/mirror.js';
import type { Task } from '../tasks/task.js';
import { TasksRepository } from '../tasks/tasks.repository.js';
import { measureRun } from './run-measures.js';
import { stagesOf, toRunDto, type Run } from './run.js';
import { RunsRepository } from './runs.repository.js';

/** How a run ends, or waits for agreement. */
@Injectable()
export class RunEnding {
  constructor(
    private readonly runs: RunsRepository,
    private readonly tasks: TasksRepository,
    private readonly connections: ConnectionsRepository,
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  /** Ends a run at once: nothing of it is swept. */
  async fail(id: string, reason: string): Promise<void> {
    await this.end(id, ['running'], { state: 'failed', reason });
  }

  /** Within a session it is part of that transaction. */
  async cancel(id: string, reason: string, session?: ClientSession): Promise<void> {
    await this.end(id, ['running', 'paused'], { state: 'cancelled', reason }, session);
  }

  /** Cancels whatever of a connection is under way, or waits for agreement. */
  async cancelAll(
    connection: string,
    reason: string,
    states: ('running' | 'paused')[] = ['running', 'paused'],
  ): Promise<void> {
    for (const { _id } of await this.runs.inState(connection, states)) await this.cancel(_id, reason);
  }

  /** Ends a run whose work is over. */
  async complete(run: Run, change: Pick<Run, 'state' | 'reason'>): Promise<void> {
    await this.end(run._id, ['running'], change);
  }

  /** Lays the sweep of a run aside until a person agrees. */
  async pause(run: Run, sweep: Task, shrink: ShrinkDto[]): Promise<void> {
    await this.database.transaction(async (session) => {
      const paused = await this.runs.move(run._id, 'running', { state: 'paused', shrink }, session);
      if (!paused) return;
      await this.tasks.park(sweep, session);
      await this.connections.releaseRun(run.connection, run._id, session);
      await this.announce(paused, stagesOf(await this.tasks.tally(run._id, session), false), session);
    });
    this.outbox.kick();
  }

  announce(run: Run, stages: StageDto[], session: ClientSession): Promise<void> {
    return this.outbox.add(eventEntry(syncRunChanged, run.workspace, toRunDto(run, stages)), session);
  }

  /**
   * Ends a run, unless it has ended, and frees the connection for another. What is left of its tasks is called off
   * afterwards, for there may be thousands that workers write meanwhile; one that is missed finds that its run has ended.
   */
  private async end(
    id: string,
    from: RunState[],
    change: Pick<Run, 'state' | 'reason'>,
    within?: ClientSession,
  ): Promise<void> {
    const work = async (session: ClientSession) => {
      for (const state of from) {
        const run = await this.runs.move(id, state, { ...change, endedAt: new Date() }, session);
        if (!run) continue;
        await this.connections.releaseRun(run.connection, id, session);
        const tallies = await this.tasks.tally(id, session);
        const stages = stagesOf(tallies, true);
        await this.runs.keepStages(id, stages, session);
        if (stages.some((stage) => stage.state === 'continues'))
          await this.connections.readLogNow(run.connection, session);
        if (isWhole(run, stages)) await this.announceWhole(run, session);
        await this.announce(run, stages, session);
        return { run, tallies };
      }
      return undefined;
    };
    const ended = await (within ? work(within) : this.database.transaction(work));
    if (ended) measureRun(ended.run, ended.tallies);
    this.outbox.kick();
    if (!within) await this.tasks.callOff({ run: id });
  }

  private async announceWhole({ _id, workspace, connection, startedAt }: Run, session: ClientSession): Promise<void> {
    await this.connections.whole(connection, startedAt, session);
    const payload = { workspace, connection, run: _id, asOf: startedAt.toISOString() };
    const order = { after: directoryGroup(connection) };
    await this.outbox.add(eventEntry(directoryComplete, workspace, payload), session, order);
  }
}

/** Whether the mirror is what the org was: all that may be read of people, groups and apps was, and what is gone is out. */
function isWhole({ state }: Run, stages: StageDto[]): boolean {
  if (state !== 'complete' && state !== 'partial') return false;
  return stages.every(({ kind, state: stage, rejected }) => {
    if (kind === 'sign_ins') return true;
    if (kind === 'people' || kind === 'sweep') return stage === 'done' && rejected === 0;
    return (stage === 'done' || stage === 'skipped') && rejected === 0;
  });
}
