import { Injectable } from '@nestjs/common';
import { counter, inSpan } from '@seatwise/observability';
import { Database, Outbox } from '@seatwise/persistence';
import { changeEntries } from '../directory/change-entries.js';
import { directoryGroup, Mirror, type Listed } from '../directory/mirror.js';
import type { Page } from '@seatwise/okta';
import { listings, type Listing } from './listings.js';
import { ReadAhead } from './read-ahead.js';
import { nothingCounted } from './task.js';
import { TasksRepository } from './tasks.repository.js';
import { Interrupted, longestWaitMs, takeSpent, type Work } from './work.js';

const pagesTotal = counter('sync_pages_total', 'Pages of Okta written to the mirror', ['kind']);
const itemsTotal = counter('sync_items_total', 'Items that Okta listed', ['kind']);

/** Pages in memory at once for a task. */
const mostAtOnce = 3;

/**
 * Lists one thing of an org into the mirror: what came of its pages while the last was written is one transaction, with
 * its checkpoint and its announcement. The last one ends the task as well, so that a whole listing is never begun again.
 */
@Injectable()
export class ListingTask {
  constructor(
    private readonly database: Database,
    private readonly mirror: Mirror,
    private readonly tasks: TasksRepository,
    private readonly outbox: Outbox,
  ) {}

  async run(work: Work): Promise<void> {
    const { task, okta, signal } = work;
    const listing = listings[task.kind];
    if (!listing) throw new Error(`there is no listing of ${task.kind}`);
    const source = listing.pages(okta, task.scope, { from: task.next, signal, maxWaitMs: longestWaitMs });
    const pages = new ReadAhead(source, mostAtOnce);
    for (let batch = await pages.take(); batch.length > 0; batch = await pages.take()) {
      const items = batch.flatMap((page) => page.items);
      await inSpan(
        `sync page ${task.kind}`,
        { attributes: { 'seatwise.run': task.run ?? undefined, 'seatwise.items': items.length } },
        () => this.write(work, listing, batch, items),
      );
      if (work.isEnding() && batch.at(-1)?.next) throw new Interrupted();
    }
  }

  private async write({ task, spent }: Work, { kind }: Listing, pages: Page<Listed>[], items: Listed[]): Promise<void> {
    const next = pages.at(-1)?.next ?? null;
    // Of pages written together the oldest speaks for all: what was seen meanwhile is then kept until the next run.
    const asked = Math.min(...pages.map((page) => page.asked));
    const mark = { isDone: next === null, asked };
    const { workspace, connection, number } = task;
    const cost = takeSpent(spent);
    const counts = {
      ...nothingCounted(),
      pages: pages.length,
      seen: items.length,
      rejected: pages.reduce((sum, { rejected }) => sum + rejected.length, 0),
      ...cost,
    };
    // Many an app has no group, and many a group nobody: that is noted, and nothing else.
    if (items.length === 0) return this.tasks.checkpoint(task, next, counts, undefined, mark);
    await this.database.transaction(async (session) => {
      await this.tasks.hold(task, session);
      const place = { workspace, connection, number, asked };
      const { added, changed, changes } = await this.mirror.apply(kind, place, items, session);
      await this.tasks.checkpoint(task, next, { ...counts, added, changed }, session, mark);
      for (const entry of changeEntries(kind, place, changes))
        await this.outbox.add(entry, session, { group: directoryGroup(connection) });
    });
    this.outbox.kick();
    pagesTotal.inc({ kind }, pages.length);
    itemsTotal.inc({ kind }, items.length);
  }
}
