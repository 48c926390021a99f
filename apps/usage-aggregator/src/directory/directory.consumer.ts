import { Injectable } from '@nestjs/common';
import {
  directoryChanged,
  DirectoryChangedV1,
  directoryComplete,
  DirectoryCompleteV1,
  type AppChange,
  type AssignmentChange,
  type PersonChange,
} from '@seatwise/contracts';
import { Consumes, TryLater, type MessageContext } from '@seatwise/messaging';
import { Connections } from '../connections/connections.js';
import { Recount } from '../seats/recount.js';
import { Collections } from '../store/collections.js';
import { AppChanges } from './app-changes.js';
import { AssignmentChanges } from './assignment-changes.js';
import { PersonChanges } from './person-changes.js';

const consumer = { stream: 'EVENTS', durable: 'usage-directory', concurrency: 1 } as const;

/** Keeps usage's own copy of people, apps and seats. A page is written whole or not at all. */
@Injectable()
export class DirectoryConsumer {
  constructor(
    private readonly collections: Collections,
    private readonly connections: Connections,
    private readonly people: PersonChanges,
    private readonly apps: AppChanges,
    private readonly assignments: AssignmentChanges,
    private readonly recount: Recount,
  ) {}

  // Groups and who is in them have no figure here.
  @Consumes([directoryChanged.person, directoryChanged.app, directoryChanged.assignment], consumer)
  async changed({ workspace, connection, kind, changes }: DirectoryChangedV1): Promise<void> {
    if (kind !== 'person' && kind !== 'app' && kind !== 'assignment') return;
    const home = { workspace, connection };
    await this.connections.unlessErased(home, () =>
      this.collections.transaction(async (session) => {
        const licensed = await this.connections.holdStatuses(home, session);
        if (kind === 'person') await this.people.apply(home, changes as PersonChange[], licensed, session);
        else if (kind === 'app') await this.apps.apply(home, changes as AppChange[], session);
        else await this.assignments.apply(home, changes as AssignmentChange[], session);
      }),
    );
  }

  /** The mark moves only when everything that was published before it has been taken. */
  @Consumes(directoryComplete, consumer)
  async complete({ workspace, connection, asOf }: DirectoryCompleteV1, context: MessageContext): Promise<void> {
    if (!(await context.isOldest())) throw new TryLater(100);
    const home = { workspace, connection };
    await this.connections.markDirectory(home, asOf);
    await this.recount.whenDue(home);
  }
}
