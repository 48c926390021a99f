import { Injectable } from '@nestjs/common';
import {
  eventEntry,
  mostAppsOfDay,
  partsOf,
  readUsageDay,
  usageDayChanged,
  type UsageDayChangedV1,
  type UsageDayDto,
  type UsageDayRequest,
  type UsageOfApp,
} from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import { Outbox } from '@seatwise/persistence';
import type { ClientSession } from 'mongoose';
import { VisibleConnections } from '../answers/visible-connections.js';
import { isoOf } from '../answers/window.js';
import type { Home } from '../connections/connections.js';
import { Collections } from '../store/collections.js';
import { unattributed } from '../store/documents.js';

/** Tells others what was counted, day by day. */
@Injectable()
export class UsageDays {
  constructor(
    private readonly collections: Collections,
    private readonly outbox: Outbox,
    private readonly connections: VisibleConnections,
  ) {}

  /**
   * Tells of each day those apps of which something was counted since they were told last; `completeUpTo`: all sign-ins up to
   * then are counted. What is told is marked as told in the same transaction, so the same figures have one event, and one id.
   */
  async tell(home: Home, completeUpTo: string): Promise<void> {
    const days = await this.collections.totals.distinct('day', { ...home, untold: true });
    for (const day of days.toSorted()) await this.tellDay(home, day, completeUpTo);
    if (days.length > 0) this.outbox.kick();
  }

  private async tellDay(home: Home, day: string, completeUpTo: string): Promise<void> {
    const { totals } = this.collections;
    await this.collections.transaction(async (session) => {
      const untold = await totals.find({ ...home, day, untold: true }, { session, projection: { app: 1 } }).toArray();
      const named = { ...home, day, app: { $in: [...new Set(untold.map(({ app }) => app))] } };
      const apps = await this.counted(named, session);
      await totals.updateMany({ _id: { $in: untold.map(({ _id }) => _id) } }, { $unset: { untold: '' } }, { session });
      for (const payload of toldOf(home, day, completeUpTo, apps))
        await this.outbox.add(eventEntry(usageDayChanged, home.workspace, payload), session);
    });
  }

  /** Where no log has been read to its end yet there is nothing to show: it is told when it has. */
  @Handles(readUsageDay)
  async next({ workspace, connection, after = '' }: UsageDayRequest): Promise<UsageDayDto> {
    const home = { workspace, connection };
    const completeUpTo = isoOf((await this.connections.one(workspace, connection)).signInsAsOf);
    const app = { $ne: unattributed };
    const [first] = await this.collections.totals
      .find({ ...home, app, day: { $gt: after } }, { projection: { day: 1 } })
      .sort({ workspace: 1, connection: 1, day: 1 })
      .limit(1)
      .toArray();
    if (!first || completeUpTo === null) return { parts: [] };
    const { day } = first;
    return { parts: [...toldOf(home, day, completeUpTo, await this.counted({ ...home, app, day }))] };
  }

  private counted(within: object, session?: ClientSession): Promise<UsageOfApp[]> {
    return this.collections.totals
      .aggregate<UsageOfApp>(
        [
          { $match: within },
          { $group: { _id: '$app', signIns: { $sum: '$signIns' }, people: { $sum: '$people' } } },
          { $sort: { _id: 1 } },
          { $project: { _id: 0, app: '$_id', signIns: 1, people: 1 } },
        ],
        session && { session },
      )
      .toArray();
  }
}

function* toldOf(home: Home, day: string, completeUpTo: string, apps: UsageOfApp[]): Generator<UsageDayChangedV1> {
  for (const part of partsOf(apps, mostAppsOfDay)) yield { ...home, day, completeUpTo, apps: part };
}
