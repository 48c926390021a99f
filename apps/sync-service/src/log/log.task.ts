import { Injectable } from '@nestjs/common';
import { eventEntry, signInsRecorded, type SignIn } from '@seatwise/contracts';
import { gauge, inSpan } from '@seatwise/observability';
import { readSignIns, RefusedError, type Page } from '@seatwise/okta';
import { Database, Outbox } from '@seatwise/persistence';
import type { mongo } from 'mongoose';
import { TasksRepository } from '../tasks/tasks.repository.js';
import { Interrupted, longestWaitMs, takeSpent, type Work } from '../tasks/work.js';

/** Where the reading of a connection's log stands. There is one for each connection, whichever task moves it. */
interface LogCursor {
  _id: string;
  /** Okta's link to what comes next; null: nothing was read yet. */
  next: string | null;
  /** The newest moment of publishing that was read, to begin from should Okta not take the link any more. */
  newest: number;
}

const lag = gauge('log_lag_seconds', 'Age of the newest sign-in that was read', ['connection']);
const firstReadMs = 30 * 86_400_000;
const overlapMs = 2 * 3_600_000;
const fullPage = 1_000;

/** A page may hold more than a message does, for Okta may list an event twice. */
function* batchesOf(signIns: SignIn[]): Generator<SignIn[]> {
  for (let at = 0; at < signIns.length; at += fullPage) yield signIns.slice(at, at + fullPage);
}

/** Somebody else has read on from here meanwhile. */
class CursorMoved extends Error {}

/** Reads the System Log from where it was left to its end: a page is one transaction with the cursor. */
@Injectable()
export class LogTask {
  constructor(
    private readonly database: Database,
    private readonly tasks: TasksRepository,
    private readonly outbox: Outbox,
  ) {}

  private get cursors(): mongo.Collection<LogCursor> {
    return this.database.collection<LogCursor>('log_cursors');
  }

  async run(work: Work): Promise<void> {
    for (;;) {
      try {
        return await this.readToEnd(work);
      } catch (error) {
        if (error instanceof CursorMoved) continue;
        if (!(error instanceof RefusedError) || error.fault.status !== 400) throw error;
        const cursor = await this.cursor(work.connection._id);
        if (cursor.next === null) throw error;
        // Okta does not take the link any more. From a while before the newest on; what comes twice is counted once.
        await this.cursors.updateOne({ _id: cursor._id }, { $set: { next: null } });
      }
    }
  }

  async erase(connection: string): Promise<void> {
    await this.cursors.deleteOne({ _id: connection });
  }

  private async readToEnd(work: Work): Promise<void> {
    const { connection, okta, signal } = work;
    const cursor = await this.cursor(connection._id);
    const since = new Date(
      cursor.newest > 0 ? cursor.newest - overlapMs : Date.parse(connection.createdAt) - firstReadMs,
    );
    const pages = readSignIns(okta, since, { from: cursor.next, signal, maxWaitMs: longestWaitMs });
    let coming = pages.next();
    for (let from = cursor; ;) {
      const { value: page, done } = await coming;
      if (done) return;
      const listed = page.items.length + page.rejected.length;
      // A full page is followed by another; an empty one is the end, to be asked for again later.
      if (listed >= fullPage) {
        coming = pages.next();
        coming.catch(() => undefined);
      }
      from = await inSpan('sync page sign_ins', { attributes: { 'seatwise.items': listed } }, () =>
        this.write(work, from, page),
      );
      if (listed === 0) return;
      if (work.isEnding()) throw new Interrupted();
      if (listed < fullPage) coming = pages.next();
    }
  }

  private async write(
    { task, spent, connection }: Work,
    from: LogCursor,
    page: Page<SignIn | null>,
  ): Promise<LogCursor> {
    const { workspace, _id } = connection;
    const signIns = page.items.filter((signIn) => signIn !== null);
    const newest = signIns.reduce((latest, [, at]) => Math.max(latest, at), from.newest);
    const isEnd = page.items.length + page.rejected.length === 0;
    const to: LogCursor = { _id, next: page.next ?? from.next, newest };
    const { requests, waitedMs } = takeSpent(spent);
    await this.database.transaction(async (session) => {
      const moved = await this.cursors.replaceOne({ _id, next: from.next }, { next: to.next, newest }, { session });
      if (moved.matchedCount === 0) throw new CursorMoved();
      const counts = {
        pages: 1,
        seen: page.items.length,
        added: signIns.length,
        changed: 0,
        removed: 0,
        rejected: page.rejected.length,
        requests,
        waitedMs,
      };
      await this.tasks.checkpoint(task, null, counts, session);
      for (const batch of batchesOf(signIns))
        await this.outbox.add(
          eventEntry(signInsRecorded, workspace, { workspace, connection: _id, signIns: batch }),
          session,
        );
      if (isEnd) {
        const completeUpTo = new Date(page.date).toISOString();
        await this.outbox.add(
          eventEntry(signInsRecorded, workspace, { workspace, connection: _id, signIns: [], completeUpTo }),
          session,
        );
      }
    });
    this.outbox.kick();
    if (newest > 0) lag.set({ connection: _id }, Math.max(0, (Date.now() - newest) / 1_000));
    return to;
  }

  private async cursor(connection: string): Promise<LogCursor> {
    const fresh = { next: null, newest: 0 };
    const found = await this.cursors.findOneAndUpdate(
      { _id: connection },
      { $setOnInsert: fresh },
      { upsert: true, returnDocument: 'after' },
    );
    return found ?? { _id: connection, ...fresh };
  }
}
