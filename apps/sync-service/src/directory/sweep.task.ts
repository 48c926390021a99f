import { Injectable } from '@nestjs/common';
import type { DirectoryKind, ShrinkDto, StageKind } from '@seatwise/contracts';
import {
  BudgetWaitError,
  getPerson,
  NotFoundError,
  OktaError,
  TokenRejectedError,
  UnavailableError,
  type OktaPerson,
} from '@seatwise/okta';
import { Database, Outbox } from '@seatwise/persistence';
import type { Connection } from '../connections/connection.js';
import type { mongo } from 'mongoose';
import { RunEnding } from '../runs/run-ending.js';
import { RunsRepository } from '../runs/runs.repository.js';
import { TasksRepository } from '../tasks/tasks.repository.js';
import { nothingCounted } from '../tasks/task.js';
import { Interrupted, longestWaitMs, takeSpent, type Work } from '../tasks/work.js';
import { changeEntries } from './change-entries.js';
import { listedPerson } from './listed.js';
import { directoryGroup, Mirror, type Mirrored } from './mirror.js';
import { seenSince } from './sighting.js';
import { isSuspicious, isSuspiciousOfScope } from './shrink.js';

/** Which listings must be whole for a kind to be swept: of all of it, or of each scope by itself. */
const sweeps: { kind: DirectoryKind; whole: [StageKind, ...StageKind[]]; scoped?: StageKind }[] = [
  { kind: 'person', whole: ['people', 'deprovisioned_people'] },
  { kind: 'group', whole: ['groups'] },
  { kind: 'app', whole: ['apps'] },
  { kind: 'membership', whole: ['groups'], scoped: 'memberships' },
  { kind: 'assignment', whole: ['apps'], scoped: 'assignments' },
  { kind: 'group-assignment', whole: ['apps'], scoped: 'group_assignments' },
];

const batchSize = 200;
/** People are asked for one by one, and what was found out is kept before a rate limit makes the sweep wait. */
const peopleAtOnce = 25;

type Filter = mongo.Filter<Mirrored>;
const nothing: Filter = { _id: { $in: [] } };
/** A run that waits for agreement names so many listings that shrank. */
const mostNamed = 50;

interface Asked {
  gone: Mirrored[];
  found: OktaPerson[];
  /** Why the rest could not be asked. */
  interruption: Error | undefined;
}

/** A fault that every further question would meet as well. */
const isForAll = (error: OktaError): boolean => error instanceof BudgetWaitError || error instanceof TokenRejectedError;

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
    private readonly runEnding: RunEnding,
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
      for (const { kind, scoped } of sweeps) {
        const filter = filters.get(kind) ?? nothing;
        shrink.push(...(await this.shrinkOf(connection, kind, filter)));
        if (scoped) shrink.push(...(await this.shrinkByScope(connection, kind, filter)));
      }
      if (shrink.length > 0) {
        await this.runEnding.pause(run, task, shrink.slice(0, mostNamed));
        return false;
      }
    }
    const unasked: string[] = [];
    for (const [kind, filter] of filters) await this.sweep(work, kind, filter, unasked);
    if (unasked.length > 0)
      throw new UnavailableError(`Okta does not say of ${unasked.length} people whether they are still there`);
    return true;
  }

  private async shrinkOf({ _id, shrinkShare }: Connection, kind: DirectoryKind, filter: Filter): Promise<ShrinkDto[]> {
    const removals = await this.mirror.of(kind).countDocuments(filter);
    if (removals === 0) return [];
    const before = await this.mirror.live(kind, _id);
    return isSuspicious(before, removals, shrinkShare) ? [{ kind, before, after: before - removals }] : [];
  }

  /** One app whose listing came empty is little of all assignments, and yet everything that was known of it. */
  private async shrinkByScope(
    { _id: connection, shrinkShare }: Connection,
    kind: DirectoryKind,
    filter: Filter,
  ): Promise<ShrinkDto[]> {
    const found = this.mirror
      .of(kind)
      .aggregate<{ _id: string; removals: number }>([
        { $match: filter },
        { $group: { _id: '$scope', removals: { $sum: 1 } } },
      ]);
    const shrink: ShrinkDto[] = [];
    for await (const { _id: scope, removals } of found) {
      if (!isSuspiciousOfScope(removals, removals, shrinkShare)) continue;
      const before = await this.mirror.of(kind).countDocuments({ connection, scope, removedAt: null });
      if (isSuspiciousOfScope(before, removals, shrinkShare))
        shrink.push({ kind, scope, before, after: before - removals });
    }
    return shrink;
  }

  /** What this run should have listed and did not. */
  private async unlisted({ task }: Work, { whole, scoped }: (typeof sweeps)[number]): Promise<Filter> {
    const run = task.run ?? '';
    const single = await this.tasks.single(run);
    // Each app and group was listed after the list that it stands in began.
    const { listedFrom = 0 } = single.get(whole[0]) ?? {};
    const filter: Filter = {
      connection: task.connection,
      removedAt: null,
      seen: { $lt: task.number },
      'sighting.at': { $not: seenSince(listedFrom) },
    };
    const isWhole = whole.every((kind) => single.get(kind)?.state === 'done' && single.get(kind)?.rejected === 0);
    if (!scoped) return isWhole ? filter : nothing;
    // A scope that is gone itself has no listing of its own; where not all of them were listed, only those that were count.
    const scopes = await this.tasks.scopes(run, scoped, !isWhole);
    return { ...filter, scope: isWhole ? { $nin: scopes } : { $in: scopes } };
  }

  private async sweep(work: Work, kind: DirectoryKind, filter: Filter, unasked: string[]): Promise<void> {
    const isPerson = kind === 'person';
    for (;;) {
      const rest = isPerson ? { ...filter, id: { $nin: unasked } } : filter;
      const unlisted = await this.mirror
        .of(kind)
        .find(rest)
        .limit(isPerson ? peopleAtOnce : batchSize)
        .toArray();
      if (unlisted.length === 0) return;
      const { gone, found, interruption } = isPerson
        ? await this.ask(work, unlisted, unasked)
        : { gone: unlisted, found: [], interruption: undefined };
      await this.write(work, kind, rest, gone, found);
      if (interruption) throw interruption;
      if (work.isEnding()) throw new Interrupted();
    }
  }

  /** Who is gone and who is still there, as far as it could be asked; one whom Okta says nothing of is noted and left. */
  private async ask({ okta, signal }: Work, people: Mirrored[], unasked: string[]): Promise<Asked> {
    const asked: Asked = { gone: [], found: [], interruption: undefined };
    for (const person of people) {
      try {
        asked.found.push(await getPerson(okta, person.id, { signal, maxWaitMs: longestWaitMs }));
      } catch (error) {
        if (error instanceof NotFoundError) asked.gone.push(person);
        else if (!(error instanceof OktaError) || isForAll(error)) return { ...asked, interruption: error as Error };
        else unasked.push(person.id);
      }
    }
    return asked;
  }

  private async write(
    { task, spent }: Work,
    kind: DirectoryKind,
    unlisted: Filter,
    gone: Mirrored[],
    found: OktaPerson[],
  ): Promise<void> {
    const { workspace, connection, number } = task;
    const { listedFrom: asked = 0 } = (await this.tasks.single(task.run ?? '')).get('people') ?? {};
    const cost = takeSpent(spent);
    await this.database.transaction(async (session) => {
      await this.tasks.hold(task, session);
      const place = { workspace, connection, number, asked };
      const applied = await this.mirror.apply(
        'person',
        place,
        kind === 'person' ? found.map(listedPerson) : [],
        session,
      );
      // What was seen to be there since it was found unlisted is left.
      const still = { $and: [unlisted, { _id: { $in: gone.map(({ _id }) => _id) } }] };
      const left = gone.length > 0 ? await this.mirror.of(kind).find(still, { session }).toArray() : [];
      const removals = await this.mirror.remove(kind, number, left, session);
      const counts = { ...nothingCounted(), changed: applied.changed, removed: left.length, ...cost };
      await this.tasks.checkpoint(task, null, counts, session);
      for (const entry of changeEntries(kind, place, [...applied.changes, ...removals]))
        await this.outbox.add(entry, session, { group: directoryGroup(connection) });
    });
    this.outbox.kick();
  }
}
