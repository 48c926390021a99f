import { Injectable } from '@nestjs/common';
import { directoryChanged, eventEntry, type DirectoryKind, type ShrinkDto, type StageKind } from '@seatwise/contracts';
import { getPerson, NotFoundError, type OktaPerson } from '@seatwise/okta';
import { Database, Outbox } from '@seatwise/persistence';
import type { mongo } from 'mongoose';
import { RunsService } from '../runs/runs.service.js';
import { RunsRepository } from '../runs/runs.repository.js';
import { TasksRepository } from '../tasks/tasks.repository.js';
import { nothingCounted } from '../tasks/task.js';
import { Interrupted, takeSpent, type Work } from '../tasks/work.js';
import { listedPerson } from './listed.js';
import { Mirror, type Mirrored } from './mirror.js';
import { isSuspicious } from './shrink.js';

/** Which listings must be whole for a kind to be swept: of all of it, or of each scope by itself. */
const sweeps: { kind: DirectoryKind; whole: StageKind[]; scoped?: StageKind }[] = [
  { kind: 'person', whole: ['people', 'deprovisioned_people'] },
  { kind: 'group', whole: ['groups'] },
  { kind: 'app', whole: ['apps'] },
  { kind: 'membership', whole: ['groups'], scoped: 'memberships' },
  { kind: 'assignment', whole: ['apps'], scoped: 'assignments' },
  { kind: 'group-assignment', whole: ['apps'], scoped: 'group_assignments' },
];

const batchSize = 200;

type Filter = mongo.Filter<Mirrored>;

/**
 * Takes out of the mirror what Okta no longer lists: only on complete listings without a fault, and only after a
 * person's agreement when it is suspiciously much. A person is asked for by id first: an index may lag, and one who
 * moved between two listings is in neither.
 */
@Injectable()
export class SweepTask {
  constructor(
    private readonly database: Database,
    private readonly mirror: Mirror,
    private readonly tasks: TasksRepository,
    private readonly runs: RunsRepository,
    private readonly runsService: RunsService,
    private readonly outbox: Outbox,
  ) {}

  /** Resolves with false when the run waits for agreement. */
  async run(work: Work): Promise<boolean> {
    const { task, connection } = work;
    const run = await this.runs.find(task.run ?? '');
    if (run?.state !== 'running') return true;
    const filters = new Map<DirectoryKind, Filter>();
    for (const sweep of sweeps) filters.set(sweep.kind, await this.unlisted(work, sweep));
    if (!run.agreed) {
      const shrink: ShrinkDto[] = [];
      for (const [kind, filter] of filters) {
        const removals = await this.mirror.of(kind).countDocuments(filter);
        if (removals === 0) continue;
        const before = await this.mirror.live(kind, connection._id);
        if (isSuspicious(before, removals, connection.shrinkShare))
          shrink.push({ kind, before, after: before - removals });
      }
      if (shrink.length > 0) {
        await this.runsService.pause(run, task, shrink);
        return false;
      }
    }
    for (const [kind, filter] of filters) await this.sweep(work, kind, filter);
    return true;
  }

  /** What this run should have listed and did not. */
  private async unlisted({ task }: Work, { whole, scoped }: (typeof sweeps)[number]): Promise<Filter> {
    const run = task.run ?? '';
    const filter: Filter = { connection: task.connection, removedAt: null, seen: { $lt: task.number } };
    const states = await Promise.all(whole.map((listing) => this.tasks.stateOf(run, listing)));
    const isWhole = states.every((listing) => listing?.state === 'done' && listing.rejected === 0);
    if (!scoped) return isWhole ? filter : { _id: { $in: [] } };
    // A scope that is gone itself has no listing of its own; where not all of them were listed, only those that were count.
    const scopes = await this.tasks.scopes(run, scoped, !isWhole);
    return { ...filter, scope: isWhole ? { $nin: scopes } : { $in: scopes } };
  }

  private async sweep(work: Work, kind: DirectoryKind, filter: Filter): Promise<void> {
    for (;;) {
      const unlisted = await this.mirror.of(kind).find(filter).limit(batchSize).toArray();
      if (unlisted.length === 0) return;
      const found = kind === 'person' ? await this.ask(work, unlisted) : [];
      await this.write(work, kind, unlisted, found);
      if (work.isEnding()) throw new Interrupted();
    }
  }

  /** Those who are still there. */
  private async ask({ okta, signal }: Work, people: Mirrored[]): Promise<OktaPerson[]> {
    const found: OktaPerson[] = [];
    for (const { id } of people) {
      try {
        found.push(await getPerson(okta, id, { signal, maxWaitMs: 60_000 }));
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
      }
    }
    return found;
  }

  private async write(
    { task, spent }: Work,
    kind: DirectoryKind,
    unlisted: Mirrored[],
    found: OktaPerson[],
  ): Promise<void> {
    const { workspace, connection, number } = task;
    const stillThere = new Set(found.map(({ id }) => id));
    const gone = unlisted.filter(({ id }) => !stillThere.has(id));
    const { requests, waitedMs } = takeSpent(spent);
    await this.database.transaction(async (session) => {
      const place = { workspace, connection, number };
      const applied = await this.mirror.apply(
        'person',
        place,
        kind === 'person' ? found.map(listedPerson) : [],
        session,
      );
      const removals = gone.length > 0 ? await this.mirror.remove(kind, gone, session) : [];
      const counts = { ...nothingCounted(), changed: applied.changed, removed: gone.length, requests, waitedMs };
      await this.tasks.checkpoint(task, null, counts, session);
      const changes = [...applied.changes, ...removals];
      if (changes.length > 0)
        await this.outbox.add(
          eventEntry(directoryChanged, workspace, { workspace, connection, kind, changes }),
          session,
        );
    });
    this.outbox.kick();
  }
}
