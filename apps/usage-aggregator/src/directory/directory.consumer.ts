import { Injectable } from '@nestjs/common';
import {
  AppChangedV1,
  AssignmentChangedV1,
  directoryChanged,
  directoryComplete,
  DirectoryCompleteV1,
  PersonChangedV1,
  type UserStatus,
} from '@seatwise/contracts';
import { Consumes, TryLater, type MessageContext } from '@seatwise/messaging';
import type { ClientSession } from 'mongoose';
import { Connections, type Home } from '../connections/connections.js';
import { Recount } from '../seats/recount.js';
import { Collections } from '../store/collections.js';
import { Turns } from '../store/turns.js';
import { AppChanges } from './app-changes.js';
import { AssignmentChanges } from './assignment-changes.js';
import { PersonChanges } from './person-changes.js';

const consumer = { stream: 'EVENTS', durable: 'usage-directory', concurrency: 1 } as const;

/** Keeps usage's own copy of people, apps and seats. A page is written whole or not at all. */
@Injectable()
export class DirectoryConsumer {
  constructor(
    private readonly collections: Collections,
    private readonly turns: Turns,
    private readonly connections: Connections,
    private readonly people: PersonChanges,
    private readonly apps: AppChanges,
    private readonly assignments: AssignmentChanges,
    private readonly recount: Recount,
  ) {}

  // Groups and who is in them have no figure here.
  @Consumes(directoryChanged.person, consumer)
  peopleChanged(page: PersonChangedV1): Promise<void> {
    return this.write(page, (home, licensed, session) => this.people.apply(home, page.changes, licensed, session));
  }

  @Consumes(directoryChanged.app, consumer)
  appsChanged(page: AppChangedV1): Promise<void> {
    return this.write(page, (home, _licensed, session) => this.apps.apply(home, page.changes, session));
  }

  @Consumes(directoryChanged.assignment, consumer)
  assignmentsChanged(page: AssignmentChangedV1): Promise<void> {
    return this.write(page, (home, _licensed, session) => this.assignments.apply(home, page.changes, session));
  }

  /** The mark moves only when everything that was published before it has been taken. */
  @Consumes(directoryComplete, consumer)
  async complete({ workspace, connection, asOf }: DirectoryCompleteV1, context: MessageContext): Promise<void> {
    if (!(await context.isOldest())) throw new TryLater(100);
    const home = { workspace, connection };
    await this.connections.markDirectory(home, asOf);
    await this.recount.whenDue(home);
  }

  private async write(
    { workspace, connection }: Home,
    apply: (home: Home, licensed: UserStatus[], session: ClientSession) => Promise<void>,
  ): Promise<void> {
    const home = { workspace, connection };
    await this.connections.unlessErased(home, () =>
      this.turns.alone(() =>
        this.collections.transaction(async (session) => {
          await apply(home, await this.connections.holdStatuses(home, session), session);
        }),
      ),
    );
  }
}
