import { Injectable } from '@nestjs/common';
import {
  directorySeen,
  directorySeenBefore,
  type DirectoryKind,
  type DirectorySeenV1,
  type StageKind,
} from '@seatwise/contracts';
import { Consumes, type MessageContext } from '@seatwise/messaging';
import { Database, Outbox } from '@seatwise/persistence';
import type { ClientSession } from 'mongoose';
import { ConnectionsRepository } from '../connections/connections.repository.js';
import { RunsRepository } from '../runs/runs.repository.js';
import { taskId } from '../tasks/task.js';
import { TasksRepository } from '../tasks/tasks.repository.js';
import { changeEntries } from './change-entries.js';
import { listedAssignment, listedMember, listedPerson } from './listed.js';
import { directoryGroup, Mirror, type Shown } from './mirror.js';
import { listsAreNewerFrom, updatedOf, type Sighting } from './sighting.js';

/** What was seen of one kind, and the listing with which a run begins to look at that kind. */
interface Seen {
  kind: DirectoryKind;
  stage: StageKind;
  shown: Shown[];
}

/** A sighting that comes so many runs late is compared with the last of them alone. */
const runsLookedAt = 10;
const idsAtOnce = 1_000;

const goneOf = ({ id, scope }: Pick<Shown, 'id' | 'scope'>): Shown => ({ id, scope, there: null });

/** Puts into the mirror at once what Okta showed of single things by their ids. */
@Injectable()
export class SightingsConsumer {
  constructor(
    private readonly database: Database,
    private readonly mirror: Mirror,
    private readonly connections: ConnectionsRepository,
    private readonly runs: RunsRepository,
    private readonly tasks: TasksRepository,
    private readonly outbox: Outbox,
  ) {}

  /** Right in any order, and however often. */
  @Consumes(directorySeen, { stream: 'INTERNAL', durable: 'sync-sightings', concurrency: 4 })
  async seen(event: DirectorySeenV1, { id }: Pick<MessageContext, 'id'>): Promise<void> {
    if (await this.isForget(event)) return;
    await this.database.transaction((session) => this.write(event, id, session));
    // An erasure that came in between may have been through before this was written.
    if (!(await this.isForget(event))) this.outbox.kick();
  }

  /** What a release before, or one that still runs beside this one, has left on the public stream. */
  @Consumes(directorySeenBefore, { stream: 'EVENTS', durable: 'sync-seen', concurrency: 4 })
  seenBefore(event: DirectorySeenV1, context: Pick<MessageContext, 'id'>): Promise<void> {
    return this.seen(event, context);
  }

  /** Whether nothing is kept of the connection; what was, is erased. */
  private async isForget({ workspace, connection }: DirectorySeenV1): Promise<boolean> {
    const known = await this.connections.find(connection);
    if (known?.workspace !== workspace) return true;
    if (known.removed !== 'erase') return false;
    await this.mirror.erase(connection);
    await this.outbox.erase(connection);
    return true;
  }

  private async write(event: DirectorySeenV1, id: string, session: ClientSession): Promise<void> {
    const { workspace, connection, at, person } = event;
    const updated = updatedOf(person?.lastUpdated);
    for (const { kind, stage, shown } of await this.seenOf(event, session)) {
      const sighting: Sighting = { at, event: id, ...(kind === 'person' && !Number.isNaN(updated) && { updated }) };
      const since = await this.firstRunAfter(connection, stage, at, session);
      const changes = await this.mirror.see(kind, { workspace, connection, since }, shown, sighting, session);
      for (const entry of changeEntries(kind, event, changes))
        await this.outbox.add(entry, session, { group: directoryGroup(connection) });
    }
  }

  private async seenOf(event: DirectorySeenV1, session: ClientSession): Promise<Seen[]> {
    const { connection, person, gone, membership, assignment } = event;
    const seen: Seen[] = [];
    if (person)
      seen.push({
        kind: 'person',
        stage: 'people',
        shown: [{ id: person.id, scope: '', there: listedPerson(person) }],
      });
    if (gone !== undefined) seen.push(...(await this.allOf(connection, gone, session)));
    if (membership) {
      const { group, person: member, member: isThere } = membership;
      const there = isThere ? listedMember(group, member) : null;
      seen.push({ kind: 'membership', stage: 'groups', shown: [{ id: `${group}|${member}`, scope: group, there }] });
    }
    if (assignment) {
      const { app, person: holder, assigned, scope = 'USER', status = '', group = null, created = null } = assignment;
      const there = assigned ? listedAssignment(app, { person: holder, scope, status, group, created }) : null;
      seen.push({ kind: 'assignment', stage: 'apps', shown: [{ id: `${app}|${holder}`, scope: app, there }] });
    }
    return seen;
  }

  /**
   * Okta deletes people with their memberships and assignments. There is no index of assignments by person, for every
   * page would pay for it: they are looked for under each app.
   */
  private async allOf(connection: string, person: string, session: ClientSession): Promise<Seen[]> {
    const live = { connection, removedAt: null };
    const projection = { id: 1, scope: 1 };
    const memberships = await this.mirror
      .of('membership')
      .find({ ...live, 'content.person': person }, { session, projection })
      .map(goneOf)
      .toArray();
    const assignments: Shown[] = [];
    const lookFor = async (apps: string[]) => {
      const _id = { $in: apps.map((app) => `${connection}|${app}|${person}`) };
      const found = this.mirror.of('assignment').find({ _id, removedAt: null }, { session, projection });
      for await (const assignment of found) assignments.push(goneOf(assignment));
    };
    let apps: string[] = [];
    for await (const { id } of this.mirror.of('app').find({ connection }, { session, projection })) {
      apps.push(id);
      if (apps.length === idsAtOnce) await lookFor(apps.splice(0));
    }
    await lookFor(apps);
    return [
      { kind: 'person', stage: 'people', shown: [{ id: person, scope: '', there: null }] },
      { kind: 'membership', stage: 'groups', shown: memberships },
      { kind: 'assignment', stage: 'apps', shown: assignments },
    ];
  }

  /** The number of the first run that began to list after a sighting, which may come late; infinite: none did. */
  private async firstRunAfter(
    connection: string,
    stage: StageKind,
    at: number,
    session: ClientSession,
  ): Promise<number> {
    let first = Infinity;
    for (const { _id, number } of await this.runs.newest(connection, runsLookedAt, session)) {
      const listedFrom = (await this.tasks.find(taskId(_id, stage), session))?.listedFrom;
      // One that has not come to it yet, or never did, says nothing of the ones before.
      if (listedFrom === undefined) continue;
      if (listedFrom < listsAreNewerFrom(at)) break;
      first = number;
    }
    return first;
  }
}
