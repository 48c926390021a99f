import { Injectable } from '@nestjs/common';
import { eventEntry, mostAppsOfDay, partsOf, usageDayChanged, type UsageOfApp } from '@seatwise/contracts';
import { Outbox } from '@seatwise/persistence';
import type { Home } from '../connections/connections.js';
import { Collections } from '../store/collections.js';

/** Tells others what was counted, day by day. */
@Injectable()
export class UsageDays {
  constructor(
    private readonly collections: Collections,
    private readonly outbox: Outbox,
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
      const apps = await totals
        .aggregate<UsageOfApp>(
          [
            { $match: named },
            { $group: { _id: '$app', signIns: { $sum: '$signIns' }, people: { $sum: '$people' } } },
            { $sort: { _id: 1 } },
            { $project: { _id: 0, app: '$_id', signIns: 1, people: 1 } },
          ],
          { session },
        )
        .toArray();
      await totals.updateMany({ _id: { $in: untold.map(({ _id }) => _id) } }, { $unset: { untold: '' } }, { session });
      for (const part of partsOf(apps, mostAppsOfDay)) {
        const payload = { ...home, day, completeUpTo, apps: part };
        await this.outbox.add(eventEntry(usageDayChanged, home.workspace, payload), session);
      }
    });
  }
}
