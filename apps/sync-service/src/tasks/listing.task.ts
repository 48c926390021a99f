import { Injectable } from '@nestjs/common';
import { directoryChanged, eventEntry } from '@seatwise/contracts';
import { counter, inSpan } from '@seatwise/observability';
import { Database, Outbox } from '@seatwise/persistence';
import { Mirror, type Listed } from '../directory/mirror.js';
import type { Page } from '@seatwise/okta';
import { listings, type Listing } from './listings.js';
import { TasksRepository } from './tasks.repository.js';
import { Interrupted, longestWaitMs, takeSpent, type Work } from './work.js';

const pagesTotal = counter('sync_pages_total', 'Pages of Okta written to the mirror', ['kind']);
const itemsTotal = counter('sync_items_total', 'Items that Okta listed', ['kind']);

/** Lists one thing of an org into the mirror: a page is one transaction, with its checkpoint and its announcement. */
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
    const pages = listing.pages(okta, task.scope, { from: task.next, signal, maxWaitMs: longestWaitMs });
    let coming = pages.next();
    for (;;) {
      const { value: page, done } = await coming;
      if (done) return;
      // The next page comes while this one is written; its fault, if any, is met once this one is safe.
      coming = pages.next();
      coming.catch(() => undefined);
      await inSpan(
        `sync page ${task.kind}`,
        { attributes: { 'okta.sync.id': task.run ?? '', 'seatwise.items': page.items.length } },
        () => this.write(work, listing, page),
      );
      if (work.isEnding() && page.next) throw new Interrupted();
    }
  }

  private async write({ task, spent }: Work, { kind }: Listing, page: Page<Listed>): Promise<void> {
    const { workspace, connection, number } = task;
    const { requests, waitedMs } = takeSpent(spent);
    await this.database.transaction(async (session) => {
      const { added, changed, changes } = await this.mirror.apply(
        kind,
        { workspace, connection, number },
        page.items,
        session,
      );
      const counts = {
        seen: page.items.length,
        added,
        changed,
        removed: 0,
        rejected: page.rejected.length,
        requests,
        waitedMs,
      };
      await this.tasks.checkpoint(task, page.next, counts, session);
      for (let at = 0; at < changes.length; at += 1_000)
        await this.outbox.add(
          eventEntry(directoryChanged, workspace, {
            workspace,
            connection,
            kind,
            changes: changes.slice(at, at + 1_000),
          }),
          session,
        );
    });
    this.outbox.kick();
    pagesTotal.inc({ kind });
    itemsTotal.inc({ kind }, page.items.length);
  }
}
