import { Injectable } from '@nestjs/common';
import { eventEntry, signInsRecorded, type SignIn } from '@seatwise/contracts';
import { gauge, inSpan } from '@seatwise/observability';
import { readSignIns, RefusedError, type Page } from '@seatwise/okta';
import { Database, Outbox } from '@seatwise/persistence';
import type { mongo } from 'mongoose';
import { TasksRepository } from '../tasks/tasks.repository.js';
import { Interrupted, longestWaitMs, takeSpent, type Work } from '../tasks/work.js';
import { readFrom } from './read-from.js';

/** Where the reading of a connection's log stands. There is one for each connection, whichever task moves it. */
interface LogCursor {
  _id: string;
  /** Okta's link to what comes next; null: nothing was read yet, or Okta did not take the link any more. */
  next: string | null;
  /** The newest moment of publishing that was read. */
  newest: number;
  /** The moment from which on the log is known without a gap; null: nothing was read yet. */
  since: number | null;
}

const lag = gauge('log_lag_seconds', 'Age of the newest sign-in that was read', ['connection']);
const fullPage = 1_000;

/** A page may hold more than a message does, for Okta may list an event twice. */
function* batchesOf(signIns: SignIn[]): Generator<SignIn[]> {
  for (let at = 0; at < signIns.length; at += fullPage) yield signIns.slice(at, at + fullPage);
}

/** Somebody else has read on from here meanwhile. */
class CursorMoved extends Error {}

/** Okta does not take the link any more; `cause` is what it said. */
class LinkRefused extends Error {
  constructor(
    readonly link: string,
    override readonly cause: RefusedError,
  ) {
    super(cause.message);
  }
}

/** Reads the System Log from where it was left up to now: a page is one transaction with the cursor. */
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
    for (let refusals = 0; ;) {
      const cursor = await this.cursor(work.connection._id);
      try {
        return await this.readUpToNow(work, cursor);
      } catch (error) {
        if (error instanceof CursorMoved) continue;
        if (!(error instanceof LinkRefused)) throw error;
        // From a while before the newest on; what comes twice is counted once. Refused again, that is no way out.
        refusals += 1;
        if (refusals > 1) throw error.cause;
        await this.cursors.updateOne({ _id: cursor._id, next: error.link }, { $set: { next: null } });
      }
    }
  }

  async erase(connection: string): Promise<void> {
    await this.cursors.deleteOne({ _id: connection });
  }

  /**
   * In a busy org no page is ever empty, so "now" is the moment at which Okta answered the first page: the reading ends
   * with the page that comes as far, or with an empty one.
   */
  private async readUpToNow(work: Work, cursor: LogCursor): Promise<void> {
    const { connection, okta, signal } = work;
    const since = readFrom(cursor.newest, connection.createdAt);
    const pages = readSignIns(okta, new Date(since), { from: cursor.next, signal, maxWaitMs: longestWaitMs });
    // A reading that begins anew later than it had come leaves a gap, and the log is known from there on alone.
    const isGapless = cursor.next !== null || since <= cursor.newest;
    let from: LogCursor = { ...cursor, since: isGapless ? (cursor.since ?? since) : since };
    let target: number | undefined;
    for (let coming = pages.next(); ;) {
      const { value: page, done } = await coming.catch((error: unknown) => {
        if (error instanceof RefusedError && error.fault.status === 400 && from.next !== null)
          throw new LinkRefused(from.next, error);
        throw error;
      });
      if (done) return;
      target ??= page.date;
      const listed = page.items.length + page.rejected.length;
      const to = this.cursorAfter(page, from);
      const isEnd = listed === 0 || to.newest >= target;
      // A full page is followed by another, which may come while this one is written.
      if (!isEnd && listed >= fullPage) {
        coming = pages.next();
        coming.catch(() => undefined);
      }
      await inSpan('sync page sign_ins', { attributes: { 'seatwise.items': listed } }, () =>
        this.write(work, from, to, page, isEnd ? target : undefined),
      );
      from = to;
      if (isEnd) return;
      if (work.isEnding()) throw new Interrupted();
      if (listed < fullPage) coming = pages.next();
    }
  }

  private cursorAfter(page: Page<SignIn | null>, from: LogCursor): LogCursor {
    // An event that claims to come from the future must not carry the reading along with it.
    const moments = page.items.map((signIn) => Math.min(signIn?.[1] ?? 0, page.date));
    return { ...from, next: page.next ?? from.next, newest: moments.reduce((a, b) => Math.max(a, b), from.newest) };
  }

  private async write(
    { task, spent, connection }: Work,
    from: LogCursor,
    to: LogCursor,
    page: Page<SignIn | null>,
    completeUpTo: number | undefined,
  ): Promise<void> {
    const { workspace, _id } = connection;
    const signIns = page.items.filter((signIn) => signIn !== null);
    const cost = takeSpent(spent);
    await this.database.transaction(async (session) => {
      const counts = {
        pages: 1,
        seen: page.items.length,
        added: signIns.length,
        changed: 0,
        removed: 0,
        rejected: page.rejected.length,
        ...cost,
      };
      // First, so that the lease is not prolonged meanwhile, which would undo all that is written.
      await this.tasks.checkpoint(task, null, counts, session);
      const { _id: _same, ...moved } = to;
      const { matchedCount } = await this.cursors.replaceOne({ _id, next: from.next }, moved, { session });
      if (matchedCount === 0) throw new CursorMoved();
      const group = `${_id}|sign-ins`;
      for (const batch of batchesOf(signIns))
        await this.outbox.add(
          eventEntry(signInsRecorded, workspace, { workspace, connection: _id, signIns: batch }),
          session,
          { group },
        );
      if (completeUpTo !== undefined && to.since !== null) {
        const mark = {
          completeSince: new Date(to.since).toISOString(),
          completeUpTo: new Date(completeUpTo).toISOString(),
        };
        await this.outbox.add(
          eventEntry(signInsRecorded, workspace, { workspace, connection: _id, signIns: [], ...mark }),
          session,
          { after: group },
        );
      }
    });
    this.outbox.kick();
    if (to.newest > 0) lag.set({ connection: _id }, Math.max(0, (Date.now() - to.newest) / 1_000));
  }

  private async cursor(connection: string): Promise<LogCursor> {
    const fresh = { next: null, newest: 0, since: null };
    const found = await this.cursors.findOneAndUpdate(
      { _id: connection },
      { $setOnInsert: fresh },
      { upsert: true, returnDocument: 'after' },
    );
    return found ?? { _id: connection, ...fresh };
  }
}
