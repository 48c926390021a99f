import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { bulkCancelled, bulkChanged, bulkDone, bulkStopped } from '@seatwise/contracts';
import { isTransient, Streams } from '@seatwise/messaging';
import { createLogger, inSpan } from '@seatwise/observability';
import { Database, Outbox } from '@seatwise/persistence';
import { newAction, type Action } from '../actions/action.js';
import { ActionsRepository } from '../actions/actions.repository.js';
import { ActionConfig } from '../config.js';
import { BulkRepository, ItemHeld } from './bulk.repository.js';
import { dtoOf, isTooMuch, type BulkItem, type BulkJob, type Counts } from './job.js';

const log = createLogger('feeder');
const lookMs = 200;
/** How long another process waits for this one to go on with a job. */
const feedMs = 2_000;
/** How long somebody who could not be begun is passed over. */
const heldMs = 3_000;
const tellMs = 1_000;
/** Whoever makes a job may send its people again for so long. */
const gatheredWithinMs = 86_400_000;
const abandonedEveryMs = 60_000;

const isOver = ({ waiting, running }: Counts): boolean => waiting + running === 0;

/**
 * Keeps so many people of each running job in work and no more, and sees when a job is done or must stop. One replica does
 * so for a job, as long as it is alive; that nobody is taken twice is seen to by the person's own document.
 */
@Injectable()
export class Feeder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private looking: NodeJS.Timeout | undefined;
  private looked: Promise<void> = Promise.resolve();
  /** What was told of a job last. */
  private readonly told = new Map<string, { at: number; version: number }>();
  private readonly held = new Map<string, { job: string; n: number; until: number }>();
  private readonly most: number;
  private abandonedAt = -Infinity;

  constructor(
    private readonly bulk: BulkRepository,
    private readonly actions: ActionsRepository,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly streams: Streams,
    config: ActionConfig,
  ) {
    this.most = config.bulkInFlight;
  }

  onApplicationBootstrap(): void {
    let isAtIt = false;
    this.looking = setInterval(() => {
      if (isAtIt) return;
      isAtIt = true;
      this.looked = this.look().finally(() => (isAtIt = false));
    }, lookMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.looking);
    await this.looked;
  }

  private async look(): Promise<void> {
    try {
      const jobs = await this.bulk.live();
      for (const id of this.told.keys()) if (!jobs.some(({ _id }) => _id === id)) this.told.delete(id);
      await Promise.all(jobs.map((job) => this.see(job)));
      await this.cancelAbandoned();
    } catch (error) {
      if (!isTransient(error)) log.error({ err: error }, 'bulk jobs could not be looked at, and will be again');
    }
  }

  private async cancelAbandoned(): Promise<void> {
    if (performance.now() - this.abandonedAt < abandonedEveryMs) return;
    for (const job of await this.bulk.abandoned(new Date(Date.now() - gatheredWithinMs)))
      await this.bulk.move(job, { state: 'cancelled', live: true }, bulkCancelled);
    this.abandonedAt = performance.now();
  }

  private async see(job: BulkJob): Promise<void> {
    const counts = await this.bulk.counts(job._id);
    await this.tell(job, counts);
    if (job.state !== 'running') return this.rest(job, counts);
    if (isTooMuch(job, counts))
      return void (await this.bulk.move(job, { state: 'stopped' }, bulkStopped, (now) => isTooMuch(job, now)));
    if (counts.waiting > 0 && counts.running < this.most) return this.feed(job);
    if (isOver(counts))
      await this.bulk.move(job, { state: 'done', live: false, endedAt: new Date() }, bulkDone, isOver);
  }

  /** Nothing is taken into work any more. When what was in flight has ended, there is nothing more to be seen. */
  private async rest(job: BulkJob, { running }: Counts): Promise<void> {
    if (running > 0) return;
    const ended = await this.bulk.move(
      job,
      { live: false, ...(job.state === 'cancelled' && { endedAt: new Date() }) },
      null,
    );
    if (ended) await this.streams.tellLive(bulkChanged, job.workspace, ended);
  }

  private async feed(job: BulkJob): Promise<void> {
    if (!(await this.bulk.mayFeed(job._id, feedMs))) return;
    const room = this.most - (await this.bulk.counts(job._id)).running;
    if (room < 1) return;
    const now = performance.now();
    for (const [item, { until }] of this.held) if (until < now) this.held.delete(item);
    const held = [...this.held.values()].filter((item) => item.job === job._id).map(({ n }) => n);
    const items = await this.bulk.waitingOf(job._id, held, room);
    await this.bulk.open(job._id);
    await context.with(propagation.extract(ROOT_CONTEXT, job.headers), () =>
      inSpan('bulk feed', {}, () => Promise.all(items.map((item) => this.begin(job, item)))),
    );
    this.outbox.kick();
  }

  /** One person in one transaction: what a process that dies leaves open holds up them alone. */
  private async begin(job: BulkJob, item: BulkItem): Promise<void> {
    try {
      await this.database.transaction(async (session) => {
        const action = actionFor(job, item);
        if (await this.bulk.begin(item, action, session)) await this.actions.insertIn([action], session);
      });
    } catch (error) {
      if (!(error instanceof ItemHeld)) throw error;
      this.held.set(item._id, { job: item.job, n: item.n, until: performance.now() + heldMs });
    }
  }

  /** Tells whoever watches how far it is, once a second. Lost on the way, it is told again. */
  private async tell(job: BulkJob, counts: Counts): Promise<void> {
    const dto = dtoOf(job, counts);
    const last = this.told.get(job._id);
    if (last && (last.version === dto.version || performance.now() - last.at < tellMs)) return;
    this.told.set(job._id, { at: performance.now(), version: dto.version });
    await this.streams.tellLive(bulkChanged, job.workspace, dto);
  }
}

/** An action as any other. No key of a caller's has a space: nobody can have taken this one. */
function actionFor(job: BulkJob, { n, person, tries }: BulkItem): Action {
  const { _id, workspace, connection, action, parameters, reason, by, dryRun } = job;
  const idempotencyKey = `bulk ${_id} ${n} ${tries}`;
  const wish = { workspace, connection, action, person, parameters, reason, by, dryRun, idempotencyKey };
  return newAction(wish, parameters, '', { job: _id, n });
}
