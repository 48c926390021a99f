import { Injectable } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { ConnectionNotFound, ConnectionRemoved, newId, Refusal, RunNotFound, type RunDto } from '@seatwise/contracts';
import { Streams } from '@seatwise/messaging';
import { Database, Outbox } from '@seatwise/persistence';
import { syncRunChanged } from '@seatwise/contracts';
import { ConnectionsRepository } from '../connections/connections.repository.js';
import { keptTrace, Queue } from '../tasks/queue.js';
import { newTask, taskId } from '../tasks/task.js';
import { TasksRepository } from '../tasks/tasks.repository.js';
import { RunEnding } from './run-ending.js';
import { stagesOf, toRunDto, type Run } from './run.js';
import { RunsRepository } from './runs.repository.js';

const firstKinds = ['people', 'groups', 'apps', 'sign_ins'] as const;

/** Runs as a person sees and commands them. */
@Injectable()
export class RunsService {
  constructor(
    private readonly runs: RunsRepository,
    private readonly tasks: TasksRepository,
    private readonly ending: RunEnding,
    private readonly connections: ConnectionsRepository,
    private readonly queue: Queue,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly streams: Streams,
  ) {}

  /** Starts a run, or answers the one that is under way. */
  async start(workspace: string, connection: string, trigger: Run['trigger']): Promise<RunDto> {
    const known = await this.connections.find(connection);
    if (known?.workspace !== workspace || known.removed === 'erase') throw new ConnectionNotFound(connection);
    if (known.removed) throw new ConnectionRemoved(connection);
    if (known.paused) throw new Refusal('connection_paused', 'The connection is paused: resume it to sync it.');
    const opened = await this.open(workspace, connection, trigger);
    if (opened) return this.dto(opened);
    const active = (await this.connections.find(connection))?.activeRun;
    const run = active ? await this.runs.find(active) : null;
    if (!run) throw new Refusal('service_unavailable', 'The sync could not be started just now. Try again.');
    return this.dto(run);
  }

  private async open(workspace: string, connection: string, trigger: Run['trigger']): Promise<Run | null> {
    const kept = keptTrace();
    const opened = await this.database.transaction(async (session) => {
      const id = newId('run');
      const claimed = await this.connections.claimRun(connection, id, session);
      if (!claimed) return null;
      const now = new Date();
      const run: Run = {
        _id: id,
        workspace,
        connection,
        number: claimed.runNumber,
        state: 'running',
        trigger,
        startedAt: now,
        endedAt: null,
        missing: [],
        shrink: [],
        agreed: false,
        expanded: [],
        reason: null,
        stages: null,
        version: 1,
        trace: kept,
        waitedMs: 0,
        waitsUntil: now,
        lookedAt: now,
      };
      // What waits for agreement is over, for this run looks again.
      for (const { _id: waiting } of await this.runs.inState(connection, ['paused'], session))
        await this.ending.cancel(waiting, 'A newer run took its place.', session);
      await this.runs.add(run, session);
      const base = { run: id, workspace, connection, number: run.number, trace: kept };
      await this.tasks.add(
        firstKinds.map((kind) => newTask(base, kind)),
        session,
      );
      await this.ending.announce(run, stagesOf([], false), session);
      return run;
    });
    if (!opened) return null;
    // By its run a trace is found, also by who has nothing but the run's id.
    trace.getActiveSpan()?.setAttribute('seatwise.run', opened._id);
    this.outbox.kick();
    // Should this be the last thing that this process does, the scheduler of another publishes them.
    await this.queue.refill(connection);
    return opened;
  }

  async get(workspace: string, id: string): Promise<RunDto> {
    return this.dto(await this.require(workspace, id));
  }

  async list(
    workspace: string,
    connection: string | undefined,
    before: string | undefined,
    limit: number,
  ): Promise<RunDto[]> {
    const runs = await this.runs.list(workspace, connection, before, limit);
    return Promise.all(runs.map((run) => this.dto(run)));
  }

  /** When a connection is due to be synced next; null: it is not to be. */
  async nextSyncAt(workspace: string, connection: string): Promise<string | null> {
    const known = await this.connections.find(connection);
    if (known?.workspace !== workspace || known.removed || known.paused) return null;
    return known.nextSyncAt.toISOString();
  }

  /** A person agrees to what the sweep of a paused run would take away. */
  async agree(workspace: string, id: string): Promise<RunDto> {
    const run = await this.require(workspace, id);
    if (run.state !== 'paused')
      throw new Refusal('run_not_paused', `The run is ${run.state}, so there is nothing to agree to.`);
    // What was listed is kept for a while only, and without it nothing is known to be gone.
    if (!(await this.tasks.single(id)).has('people'))
      throw new Refusal('run_not_paused', 'The run is too old to be agreed to. Start a new sync, which looks again.');
    const agreed = await this.database.transaction(async (session) => {
      if (!(await this.connections.reclaimRun(run.connection, id, session))) return false;
      // Thrown, so that the connection is not left with a run that was cancelled meanwhile.
      if (!(await this.runs.move(id, 'paused', { state: 'running', agreed: true }, session)))
        throw new Refusal('run_not_paused', 'The run has ended meanwhile, so there is nothing to agree to.');
      await this.tasks.unpark(taskId(id, 'sweep'), session);
      return true;
    });
    if (!agreed) throw new Refusal('run_not_paused', 'Another run has begun, which looks again at what is there.');
    await this.queue.refill(run.connection);
    return this.get(workspace, id);
  }

  async cancel(workspace: string, id: string): Promise<RunDto> {
    await this.require(workspace, id);
    await this.ending.cancel(id, 'A person cancelled it.');
    return this.get(workspace, id);
  }

  /** Tells whoever watches how far a run is. Lost on the way, it is told again. */
  async tell(run: Run): Promise<void> {
    await this.streams.tellLive(syncRunChanged, run.workspace, await this.dto(run));
  }

  private async require(workspace: string, id: string): Promise<Run> {
    const run = await this.runs.findIn(workspace, id);
    if (!run) throw new RunNotFound(id);
    return run;
  }

  private async dto(run: Run): Promise<RunDto> {
    return toRunDto(run, run.stages ?? stagesOf(await this.tasks.tally(run._id), false));
  }
}
