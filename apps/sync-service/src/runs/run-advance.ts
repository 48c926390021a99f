import { Injectable } from '@nestjs/common';
import type { Capability, MissingDto, StageKind } from '@seatwise/contracts';
import { currentTraceId, inSpan } from '@seatwise/observability';
import { Orgs } from '../connections/orgs.js';
import { ConnectionsRepository } from '../connections/connections.repository.js';
import { Mirror } from '../directory/mirror.js';
import { inTrace, Queue } from '../tasks/queue.js';
import { isEnded, newTask, type Task } from '../tasks/task.js';
import { TasksRepository } from '../tasks/tasks.repository.js';
import { RunEnding } from './run-ending.js';
import { stagesOf, type Run } from './run.js';
import { RunsRepository } from './runs.repository.js';

const mend = 'The next sync tries again; nothing was taken away on what this one could not read.';

/** Carries a run on from phase to phase. */
@Injectable()
export class RunAdvance {
  constructor(
    private readonly runs: RunsRepository,
    private readonly tasks: TasksRepository,
    private readonly connections: ConnectionsRepository,
    private readonly mirror: Mirror,
    private readonly queue: Queue,
    private readonly ending: RunEnding,
    private readonly orgs: Orgs,
  ) {}

  /**
   * Opens what the finished tasks of a run make possible, and ends the run when nothing is left. Called after each
   * task and by the scheduler; called twice at once, it does things once, for tasks have one id each.
   */
  async advance(id: string): Promise<void> {
    const run = await this.runs.find(id);
    if (run?.state !== 'running') return;
    const single = await this.tasks.single(id);
    const isNext = (what: Run['expanded'][number]) => isEnded(single.get(what)) && !run.expanded.includes(what);
    // The deprovisioned are listed after the others, so that one deactivated meanwhile is in one of both.
    if (isNext('people')) await this.openDeprovisioned(run, single.get('people')?.state === 'done');
    if (isNext('groups')) await this.expand(run, 'groups', 'group', ['memberships']);
    if (isNext('apps')) await this.expand(run, 'apps', 'app', ['assignments', 'group_assignments']);
    // What has just been opened, here or elsewhere, is seen by the next look.
    if (run.expanded.length < 3 || (await this.tasks.isListing(id))) return;
    const sweep = single.get('sweep');
    if (!sweep) return this.openTasks([taskOf(run, 'sweep')]);
    if (!isEnded(sweep)) return;
    if (isEnded(single.get('sign_ins')) || (await this.isNextDue(run))) await this.finish(run);
  }

  /** A log may take hours to catch up with; then it is read on between runs, and does not hold up the next one. */
  private async isNextDue({ connection }: Run): Promise<boolean> {
    const known = await this.connections.find(connection);
    return !known || known.nextSyncAt.getTime() <= Date.now();
  }

  private async openTasks(tasks: Task[]): Promise<void> {
    const [first] = await this.tasks.add(tasks);
    if (first) await this.queue.refill(first.connection);
  }

  private async openDeprovisioned(run: Run, isListed: boolean): Promise<void> {
    if (isListed) await this.openTasks([taskOf(run, 'deprovisioned_people')]);
    await this.runs.expanded(run._id, 'people');
  }

  /** One task for each group or app that was listed, once all of them were. */
  private async expand(run: Run, what: 'groups' | 'apps', kind: 'group' | 'app', into: StageKind[]): Promise<void> {
    let batch: Task[] = [];
    for await (const id of this.mirror.seenBy(kind, run.connection, run.number)) {
      batch.push(...into.map((each) => taskOf(run, each, id)));
      if (batch.length >= 500) {
        await this.openTasks(batch);
        batch = [];
      }
    }
    await this.openTasks(batch);
    await this.runs.expanded(run._id, what);
  }

  /** Its end is of the run's own trace, also when it was the schedule that came to it. */
  private finish(run: Run): Promise<void> {
    if (currentTraceId()) return this.conclude(run);
    const attributes = { 'seatwise.run': run._id, 'seatwise.connection': run.connection };
    return inTrace(run.trace, () => inSpan('sync end', { attributes }, () => this.conclude(run)));
  }

  private async conclude(run: Run): Promise<void> {
    const stages = stagesOf(await this.tasks.tally(run._id), true);
    for (const { kind, state, rejected } of stages) {
      const what = kind.replaceAll('_', ' ');
      if (state === 'failed')
        await this.runs.miss(run._id, { kind, reason: `Not all of ${what} could be read.`, mend });
      else if (rejected > 0)
        await this.runs.miss(run._id, {
          kind,
          reason: `${rejected} items of ${what} were not of Okta's shape and were left out.`,
          mend,
        });
    }
    const missing = (await this.runs.find(run._id))?.missing ?? [];
    const people = stages.find(({ kind }) => kind === 'people');
    if (people?.state !== 'done') {
      const reason = missing.find(({ kind }) => kind === 'people')?.reason ?? 'The people could not be listed.';
      return this.ending.complete(run, { state: 'failed', reason });
    }
    await this.ending.complete(run, { state: missing.length > 0 ? 'partial' : 'complete', reason: null });
    const connection = await this.connections.find(run.connection);
    if (connection) await this.orgs.accepted(connection, lackedBy(missing));
  }
}

/** The capabilities that a run did without. */
const lackedBy = (missing: MissingDto[]): Capability[] => [
  ...new Set(missing.flatMap(({ capability }) => (capability ? [capability] : []))),
];

const taskOf = (of: Run, kind: StageKind, scope = ''): Task => {
  const { _id: run, workspace, connection, number, trace: context } = of;
  return newTask({ run, workspace, connection, number, trace: context }, kind, scope);
};
