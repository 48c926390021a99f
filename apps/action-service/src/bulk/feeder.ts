import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { bulkChanged, bulkDone, bulkStopped } from '@seatwise/contracts';
import { isTransient, Streams } from '@seatwise/messaging';
import { inSpan } from '@seatwise/observability';
import { Database, Outbox } from '@seatwise/persistence';
import { pino } from 'pino';
import { newAction, type Action } from '../actions/action.js';
import { ActionsRepository } from '../actions/actions.repository.js';
import { ActionConfig } from '../config.js';
import { BulkRepository } from './bulk.repository.js';
import { dtoOf, isTooMuch, type BulkItem, type BulkJob, type Counts } from './job.js';

const log = pino({ name: 'feeder' });
const lookMs = 200;
const tellMs = 1_000;

const isOver = ({ waiting, running }: Counts): boolean => waiting + running === 0;

/**
 * Keeps so many people of each running job in work and no more, and sees when a job is done or must stop. Every replica
 * does so: whoever takes people into work writes the job in the same transaction, so that two never take the same.
 */
@Injectable()
export class Feeder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private looking: NodeJS.Timeout | undefined;
  private looked: Promise<void> = Promise.resolve();
  /** What was told of a job last. */
  private readonly told = new Map<string, { at: number; version: number }>();
  private readonly most: number;

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
    } catch (error) {
      if (!isTransient(error)) log.error({ err: error }, 'bulk jobs could not be looked at, and will be again');
    }
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
    await context.with(propagation.extract(ROOT_CONTEXT, job.headers), () =>
      inSpan('bulk feed', {}, () =>
        this.database.transaction(async (session) => {
          const items = await this.bulk.nextOf(job._id, this.most, session);
          if (items.length === 0) return;
          const actions = items.map((item) => actionFor(job, item));
          await this.actions.insertIn(actions, session);
          await this.bulk.begun(items, actions, session);
        }),
      ),
    );
    this.outbox.kick();
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
  const { _id, workspace, connection, action, parameters, reason, by } = job;
  const idempotencyKey = `bulk ${_id} ${n} ${tries}`;
  const wish = { workspace, connection, action, person, parameters, reason, by, idempotencyKey };
  return newAction(wish, parameters, '', { job: _id, n });
}
