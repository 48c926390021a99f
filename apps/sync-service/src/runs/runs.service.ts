import { Injectable } from '@nestjs/common';
import {
  ConnectionNotFound,
  directoryComplete,
  eventEntry,
  newId,
  Refusal,
  RunNotFound,
  syncRunChanged,
  type MissingDto,
  type RunDto,
  type RunState,
  type ShrinkDto,
  type StageDto,
  type StageKind,
} from '@seatwise/contracts';
import { Streams } from '@seatwise/messaging';
import { Database, Outbox } from '@seatwise/persistence';
import type { ClientSession } from 'mongoose';
import { ConnectionsRepository } from '../connections/connections.repository.js';
import { Mirror } from '../directory/mirror.js';
import { keptTrace, Queue } from '../tasks/queue.js';
import { isEnded, newTask, type Task } from '../tasks/task.js';
import { TasksRepository } from '../tasks/tasks.repository.js';
import { Stages, toRunDto, type Run } from './run.js';
import { RunsRepository } from './runs.repository.js';

const firstKinds: StageKind[] = ['people', 'groups', 'apps', 'sign_ins'];

/** Runs: opened, split into tasks, carried on from phase to phase, and ended. */
@Injectable()
export class RunsService {
  private readonly lastTold = new Map<string, number>();

  constructor(
    private readonly runs: RunsRepository,
    private readonly tasks: TasksRepository,
    private readonly connections: ConnectionsRepository,
    private readonly mirror: Mirror,
    private readonly queue: Queue,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly streams: Streams,
  ) {}

  /** Starts a run, or answers the one that is under way. */
  async start(workspace: string, connection: string, trigger: Run['trigger']): Promise<RunDto> {
    const known = await this.connections.find(connection);
    if (!known || known.workspace !== workspace || known.removed) throw new ConnectionNotFound(connection);
    if (known.paused) throw new Refusal('connection_paused', 'The connection is paused: resume it to sync it.');
    const opened = await this.open(workspace, connection, trigger);
    if (opened) return this.dto(opened);
    const active = (await this.connections.find(connection))?.activeRun;
    const run = active ? await this.runs.find(active) : null;
    if (!run) throw new Refusal('service_unavailable', 'The sync could not be started just now. Try again.');
    return this.dto(run);
  }

  private async open(workspace: string, connection: string, trigger: Run['trigger']): Promise<Run | null> {
    const trace = keptTrace();
    const opened = await this.database.transaction(async (session) => {
      const id = newId('run');
      const claimed = await this.connections.claimRun(connection, id, session);
      if (!claimed) return null;
      const run: Run = {
        _id: id,
        workspace,
        connection,
        number: claimed.runNumber,
        state: 'running',
        trigger,
        startedAt: new Date(),
        endedAt: null,
        missing: [],
        shrink: [],
        agreed: false,
        expanded: [],
        reason: null,
        stages: null,
        version: 1,
        trace,
      };
      // What waits for agreement is over, for this run looks again.
      for (const { _id: waiting } of await this.runs.inState(connection, ['paused'], session))
        await this.end(waiting, ['paused'], { state: 'cancelled', reason: 'A newer run took its place.' }, session);
      await this.runs.add(run, session);
      await this.tasks.add(
        firstKinds.map((kind) => this.taskOf(run, kind)),
        session,
      );
      await this.outbox.add(eventEntry(syncRunChanged, workspace, toRunDto(run, new Stages().list())), session);
      return run;
    });
    if (!opened) return null;
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

  /** A person agrees to what the sweep of a paused run would take away. */
  async agree(workspace: string, id: string): Promise<RunDto> {
    const run = await this.require(workspace, id);
    if (run.state !== 'paused')
      throw new Refusal('run_not_paused', `The run is ${run.state}, so there is nothing to agree to.`);
    const agreed = await this.database.transaction(async (session) => {
      if (!(await this.connections.reclaimRun(run.connection, id, session))) return false;
      // Thrown, so that the connection is not left with a run that was cancelled meanwhile.
      if (!(await this.runs.move(id, 'paused', { state: 'running', agreed: true }, session)))
        throw new Refusal('run_not_paused', 'The run has ended meanwhile, so there is nothing to agree to.');
      await this.tasks.unpark(this.taskOf(run, 'sweep')._id, session);
      return true;
    });
    if (!agreed) throw new Refusal('run_not_paused', 'Another run has begun, which looks again at what is there.');
    await this.queue.refill(run.connection);
    return this.get(workspace, id);
  }

  async cancel(workspace: string, id: string): Promise<RunDto> {
    await this.require(workspace, id);
    await this.end(id, ['running', 'paused'], { state: 'cancelled', reason: 'A person cancelled it.' });
    return this.get(workspace, id);
  }

  /** Ends whatever of a connection is under way. */
  async cancelAll(connection: string, reason: string): Promise<void> {
    for (const { _id } of await this.runs.inState(connection, ['running', 'paused']))
      await this.end(_id, ['running', 'paused'], { state: 'cancelled', reason });
  }

  /** Lays the sweep of a run aside until a person agrees. */
  async pause(run: Run, sweep: Task, shrink: ShrinkDto[]): Promise<void> {
    await this.database.transaction(async (session) => {
      const paused = await this.runs.move(run._id, 'running', { state: 'paused', shrink }, session);
      if (!paused) return;
      await this.tasks.park(sweep, session);
      await this.connections.releaseRun(run.connection, run._id, session);
      await this.announce(paused, await this.stages(run._id, session), session);
    });
    this.outbox.kick();
  }

  async isRunning(run: string): Promise<boolean> {
    return (await this.runs.find(run))?.state === 'running';
  }

  async miss(run: string, missing: MissingDto): Promise<void> {
    await this.runs.miss(run, missing);
  }

  /** Ends a run at once: nothing of it is swept. */
  async fail(id: string, reason: string): Promise<void> {
    await this.end(id, ['running'], { state: 'failed', reason });
  }

  /** Ends a run, unless it has ended: what is left of its tasks is called off, and the connection is free for another. */
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
        await this.tasks.callOff({ run: id }, session);
        await this.connections.releaseRun(run.connection, id, session);
        const stages = await this.stages(id, session);
        await this.runs.keepStages(id, stages, session);
        if (change.state === 'complete') await this.announceComplete(run, session);
        await this.announce(run, stages, session);
        return;
      }
    };
    await (within ? work(within) : this.database.transaction(work));
    this.outbox.kick();
  }

  private announce(run: Run, stages: StageDto[], session: ClientSession): Promise<void> {
    return this.outbox.add(eventEntry(syncRunChanged, run.workspace, toRunDto(run, stages)), session);
  }

  private announceComplete({ _id, workspace, connection, startedAt }: Run, session: ClientSession): Promise<void> {
    const asOf = startedAt.toISOString();
    return this.outbox.add(
      eventEntry(directoryComplete, workspace, { workspace, connection, run: _id, asOf }),
      session,
    );
  }

  /**
   * Opens what the finished tasks of a run make possible, and ends the run when nothing is left. Called after each
   * task and by the scheduler; called twice at once, it does things once, for tasks have one id each.
   */
  async advance(id: string): Promise<void> {
    const run = await this.runs.find(id);
    if (run?.state !== 'running') return;
    const people = await this.tasks.stateOf(id, 'people');
    // The deprovisioned are listed after the others, so that one deactivated meanwhile is in one of both.
    if (people?.state === 'done') await this.openTasks([this.taskOf(run, 'deprovisioned_people')]);
    await this.expand(run, 'groups', 'group', ['memberships']);
    await this.expand(run, 'apps', 'app', ['assignments', 'group_assignments']);
    // Those who were still being listed a moment ago may just have been; then the next look opens what follows.
    const newest = await this.runs.find(id);
    if (!isEnded(people) || newest?.expanded.length !== 2) return;
    if ((await this.tasks.countUnfinished(id)) > 0) return;
    const sweep = await this.tasks.stateOf(id, 'sweep');
    if (!sweep) await this.openTasks([this.taskOf(run, 'sweep')]);
    else if (isEnded(sweep)) await this.finish(newest);
  }

  private async openTasks(tasks: Task[]): Promise<void> {
    const [first] = await this.tasks.add(tasks);
    if (first) await this.queue.refill(first.connection);
  }

  /** One task for each group or app that was listed, once all of them were. */
  private async expand(run: Run, what: 'groups' | 'apps', kind: 'group' | 'app', into: StageKind[]): Promise<void> {
    if (run.expanded.includes(what)) return;
    const listing = await this.tasks.stateOf(run._id, what);
    if (!listing || listing.state === 'queued' || listing.state === 'running') return;
    const listed = this.mirror
      .of(kind)
      .find({ connection: run.connection, removedAt: null, seen: run.number }, { projection: { id: 1 } });
    let batch: Task[] = [];
    for await (const { id } of listed) {
      batch.push(...into.map((each) => this.taskOf(run, each, id)));
      if (batch.length >= 500) {
        await this.openTasks(batch);
        batch = [];
      }
    }
    await this.openTasks(batch);
    await this.runs.expanded(run._id, what);
  }

  private async finish(run: Run): Promise<void> {
    const stages = await this.stages(run._id);
    for (const { kind, state, rejected } of stages) {
      const mend = 'The next sync tries again; nothing was taken away on what this one could not read.';
      if (state === 'failed')
        await this.runs.miss(run._id, { kind, reason: `Not all of ${kind.replaceAll('_', ' ')} could be read.`, mend });
      else if (rejected > 0)
        await this.runs.miss(run._id, {
          kind,
          reason: `${rejected} items of ${kind.replaceAll('_', ' ')} were not of Okta's shape and were left out.`,
          mend,
        });
    }
    const missing = (await this.runs.find(run._id))?.missing ?? [];
    const lostPeople = stages.some(
      ({ kind, state }) => kind === 'people' && (state === 'failed' || state === 'skipped'),
    );
    const state = lostPeople ? 'failed' : missing.length > 0 ? 'partial' : 'complete';
    const reason = lostPeople
      ? (missing.find(({ kind }) => kind === 'people')?.reason ?? 'The people could not be listed.')
      : null;
    await this.end(run._id, ['running'], { state, reason });
  }

  /** Tells whoever watches how far a run is: once a second at most, and always when `now` says so. */
  async tell(id: string, now = false): Promise<void> {
    const last = this.lastTold.get(id) ?? 0;
    if (!now && Date.now() - last < 1_000) return;
    this.lastTold.set(id, Date.now());
    if (this.lastTold.size > 1_000) this.lastTold.clear();
    const run = await this.runs.find(id);
    if (!run) return;
    const entry = eventEntry(syncRunChanged, run.workspace, await this.dto(run));
    // Progress that nobody hears is lost without harm; what matters leaves through the outbox.
    await this.streams.publishEntry({ ...entry, id: newId('evt') }).catch(() => undefined);
  }

  private async require(workspace: string, id: string): Promise<Run> {
    const run = await this.runs.findIn(workspace, id);
    if (!run) throw new RunNotFound(id);
    return run;
  }

  private async dto(run: Run): Promise<RunDto> {
    return toRunDto(run, run.stages ?? (await this.stages(run._id)));
  }

  private async stages(run: string, session?: ClientSession): Promise<StageDto[]> {
    const stages = new Stages();
    for await (const task of this.tasks.ofRun(run, session)) stages.add(task);
    return stages.list();
  }

  private taskOf({ _id, workspace, connection, number, trace }: Run, kind: StageKind, scope = ''): Task {
    return newTask({ run: _id, workspace, connection, number, trace }, kind, scope);
  }
}
