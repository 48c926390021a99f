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
  type ShrinkDto,
  type StageKind,
} from '@seatwise/contracts';
import { Streams } from '@seatwise/messaging';
import { Database, Outbox } from '@seatwise/persistence';
import { ConnectionsRepository } from '../connections/connections.repository.js';
import { Mirror } from '../directory/mirror.js';
import { keptTrace, Queue } from '../tasks/queue.js';
import { newTask, type Task } from '../tasks/task.js';
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
        version: 1,
        trace,
      };
      await this.runs.supersede(connection, session);
      await this.runs.add(run, session);
      const tasks = firstKinds.map((kind) => this.taskOf(run, kind));
      await this.tasks.add(tasks, session);
      await this.outbox.add(eventEntry(syncRunChanged, workspace, toRunDto(run, new Stages().list())), session);
      return { run, tasks };
    });
    if (!opened) return null;
    this.outbox.kick();
    // Should this be the last thing that this process does, the scheduler of another finds tasks without a message.
    await this.queue.publish(opened.tasks);
    return opened.run;
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
    if (!(await this.connections.reclaimRun(run.connection, id)))
      throw new Refusal('run_not_paused', 'Another run has begun, which looks again at what is there.');
    const moved = await this.runs.move(id, 'paused', { state: 'running', agreed: true });
    const sweep = await this.tasks.find(this.taskOf(run, 'sweep')._id);
    if (moved && sweep) await this.queue.publish([sweep]);
    return this.get(workspace, id);
  }

  async cancel(workspace: string, id: string): Promise<RunDto> {
    const run = await this.require(workspace, id);
    for (const state of ['running', 'paused'] as const)
      await this.runs.move(id, state, { state: 'cancelled', endedAt: new Date(), reason: 'A person cancelled it.' });
    await this.tasks.callOff({ run: id });
    await this.connections.releaseRun(run.connection, id);
    await this.tell(id, true);
    return this.get(workspace, id);
  }

  /** Waits for a person's agreement. */
  async pause(run: Run, shrink: ShrinkDto[]): Promise<void> {
    if (!(await this.runs.pause(run._id, shrink))) return;
    await this.connections.releaseRun(run.connection, run._id);
    await this.tell(run._id, true);
  }

  async miss(run: string, missing: MissingDto): Promise<void> {
    await this.runs.miss(run, missing);
  }

  /** Ends a run at once: nothing of it is swept. */
  async fail(id: string, reason: string): Promise<void> {
    const run = await this.runs.move(id, 'running', { state: 'failed', endedAt: new Date(), reason });
    if (!run) return;
    await this.tasks.callOff({ run: id });
    await this.connections.releaseRun(run.connection, id);
    await this.tell(id, true);
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
    if ((await this.tasks.countUnfinished(id)) > 0) return;
    const newest = await this.runs.find(id);
    if (newest?.expanded.length !== 2) return;
    const sweep = await this.tasks.stateOf(id, 'sweep');
    if (!sweep) await this.openTasks([this.taskOf(run, 'sweep')]);
    else if (sweep.state === 'done' || sweep.state === 'failed') await this.finish(newest);
  }

  private async openTasks(tasks: Task[]): Promise<void> {
    await this.queue.publish(await this.tasks.add(tasks));
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
    await this.database.transaction(async (session) => {
      const ended = await this.runs.move(run._id, 'running', { state, reason, endedAt: new Date() }, session);
      if (!ended) return;
      await this.connections.releaseRun(run.connection, run._id, session);
      const { workspace, connection, startedAt } = run;
      if (state === 'complete')
        await this.outbox.add(
          eventEntry(directoryComplete, workspace, {
            workspace,
            connection,
            run: run._id,
            asOf: startedAt.toISOString(),
          }),
          session,
        );
      await this.outbox.add(eventEntry(syncRunChanged, workspace, toRunDto(ended, stages)), session);
    });
    this.outbox.kick();
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
    return toRunDto(run, await this.stages(run._id));
  }

  private async stages(run: string) {
    const stages = new Stages();
    for await (const task of this.tasks.ofRun(run)) stages.add(task);
    return stages.list();
  }

  private taskOf({ _id, workspace, connection, number, trace }: Run, kind: StageKind, scope = ''): Task {
    return newTask({ run: _id, workspace, connection, number, trace }, kind, scope);
  }
}
