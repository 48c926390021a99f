import { Injectable } from '@nestjs/common';
import { context, propagation, trace } from '@opentelemetry/api';
import {
  actionCatalogue,
  bulkCancelled,
  BulkNotFound,
  bulkPaused,
  bulkResumed,
  bulkStarted,
  bulkWaiting,
  getConnection,
  getStatuses,
  isSameActor,
  mustBeInBulk,
  newId,
  Refusal,
  type ActionName,
  type AddToBulk,
  type BulkDto,
  type BulkItemsDto,
  type BulkListDto,
  type BulkRequest,
  type BulkState,
  type CloseBulk,
  type CommandBulk,
  type CreateBulk,
  type KnownPerson,
  type ListBulk,
  type ListBulkItems,
  type ProblemCode,
} from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import { listOf } from '@seatwise/observability';
import { mayAct, parametersOf } from '../actions/actions.service.js';
import { ActionConfig } from '../config.js';
import { BulkRepository } from './bulk.repository.js';
import { dtoOf, endedIn, itemDtoOf, itemId, type BulkJob, type Counts } from './job.js';

const usualFailureShare = 0.05;

/** Bulk jobs as a person sees and commands them. What is in work of them is the feeder's and the worker's. */
@Injectable()
export class BulkService {
  private readonly approvalSize: number;
  private readonly approvalActions: Set<string>;

  constructor(
    private readonly bulk: BulkRepository,
    private readonly bus: Bus,
    config: ActionConfig,
  ) {
    this.approvalSize = config.bulkApprovalSize;
    this.approvalActions = new Set(listOf(config.bulkApprovalActions));
  }

  async create(wish: CreateBulk): Promise<BulkDto> {
    const { workspace, connection, action, idempotencyKey } = wish;
    mustBeInBulk(action, wish.parameters);
    const parameters = parametersOf({ action, person: 'somebody', parameters: wish.parameters }, {});
    const known = await this.bulk.byKey(workspace, idempotencyKey);
    if (known) return this.goOn(known, wish);
    mayAct(await this.bus.request(getConnection, { workspace, connection }), action);
    const job = newJob(wish, parameters);
    if (await this.bulk.insert(job)) return this.shown(job);
    const other = await this.bulk.byKey(workspace, idempotencyKey);
    // It was made a moment ago, and a majority does not have it yet.
    if (!other)
      throw new Refusal('service_unavailable', 'Another request with this key has just come. Try again shortly.');
    return this.goOn(other, wish);
  }

  /** The job that the key stands for. While its people come in, they are whoever's that asks for it now. */
  private async goOn(known: BulkJob, wish: CreateBulk): Promise<BulkDto> {
    const job = await this.repeated(known, wish);
    if (job.state === 'gathering') await this.bulk.gatherFor(known._id, wish.gatherer);
    return job;
  }

  /** Adds people, with what the mirror foresees for each. */
  async add({ workspace, bulk, gatherer, from, people }: AddToBulk): Promise<void> {
    const job = await this.require({ workspace, bulk });
    if (job.state !== 'gathering') return;
    const { connection, action } = job;
    const { people: known } = await this.bus.request(getStatuses, { workspace, connection, people });
    const knownBy = new Map(known.map((person) => [person[0], person]));
    const items = people.map((person, at) => ({
      _id: itemId(bulk, from + at),
      job: bulk,
      n: from + at,
      gatherer,
      person,
      login: knownBy.get(person)?.[2] ?? null,
      foreseen: foreseenOf(action, knownBy.get(person)),
      state: 'waiting' as const,
      isFailure: false,
      tries: 0,
      action: null,
      code: null,
      detail: null,
      endedAt: null,
    }));
    if (!(await this.bulk.add(bulk, gatherer, items))) throw gatheredByAnother(bulk);
  }

  async close({ workspace, bulk, gatherer, total }: CloseBulk): Promise<BulkDto> {
    const job = await this.require({ workspace, bulk });
    if (job.state === 'gathering') {
      const count = await this.bulk.close(bulk, gatherer, total);
      if (count === null) throw gatheredByAnother(bulk);
      if (count !== total)
        throw new Refusal('bulk_state', `Of ${total} people ${count} have come in. Send the request again.`);
    }
    return this.get({ workspace, bulk });
  }

  async get(at: BulkRequest): Promise<BulkDto> {
    return this.shown(await this.require(at));
  }

  async list({ limit, cursor, ...query }: ListBulk): Promise<BulkListDto> {
    if (cursor !== undefined && !/^blk_[0-9a-z]{25}$/.test(cursor)) throw wrongCursor();
    const found = await this.bulk.page(query, limit + 1, cursor);
    const page = found.slice(0, limit);
    const jobs = await Promise.all(page.map((job) => this.shown(job)));
    return { jobs, nextCursor: found.length > limit ? page.at(-1)!._id : null };
  }

  async items({ workspace, bulk, state, cursor = '0', limit }: ListBulkItems): Promise<BulkItemsDto> {
    if (!/^\d{1,6}$/.test(cursor)) throw wrongCursor();
    await this.require({ workspace, bulk });
    const found = await this.bulk.itemsOf(bulk, state, Number(cursor), limit + 1);
    const items = found.slice(0, limit).map(itemDtoOf);
    return { items, nextCursor: found.length > limit ? String(found.at(-1)!.n) : null };
  }

  /** Sets it going, or lets it wait for approval. */
  async start(command: CommandBulk): Promise<BulkDto> {
    const job = await this.require(command);
    if (job.state === 'running' || job.state === 'waiting_for_approval') return this.shown(job);
    mustBeIn(job, ['preview']);
    const { workspace, connection, action } = job;
    mayAct(await this.bus.request(getConnection, { workspace, connection }), action);
    const { total } = await this.bulk.counts(job._id);
    if (this.needsApproval(job, total))
      return this.moved(job, await this.bulk.move(job, { state: 'waiting_for_approval' }, bulkWaiting));
    return this.moved(job, await this.bulk.move(job, going, bulkStarted));
  }

  /** By somebody else than who made it: two people, or two keys, for what concerns many. */
  async approve({ by, ...at }: CommandBulk): Promise<BulkDto> {
    const job = await this.require(at);
    if (job.state === 'running' && job.approvedBy && isSameActor(job.approvedBy, by)) return this.shown(job);
    mustBeIn(job, ['waiting_for_approval']);
    if (isSameActor(by, job.by))
      throw new Refusal(
        'second_key_required',
        `${job._id} was made by the same person or with the same API key: another admin must approve it.`,
      );
    if (by.role !== 'admin') throw new Refusal('forbidden', 'This needs the role admin.');
    const change = (counts: Counts) => ({ ...going(counts), approvedBy: by });
    return this.moved(job, await this.bulk.move(job, change, bulkStarted));
  }

  /** Nobody more is taken into work; what is in flight comes to its end. */
  async pause(command: CommandBulk): Promise<BulkDto> {
    const job = await this.require(command);
    if (job.state === 'paused') return this.shown(job);
    mustBeIn(job, ['running']);
    return this.moved(job, await this.bulk.move(job, { state: 'paused' }, bulkPaused));
  }

  async resume(command: CommandBulk): Promise<BulkDto> {
    const job = await this.require(command);
    if (job.state === 'running') return this.shown(job);
    mustBeIn(job, ['paused', 'stopped']);
    return this.moved(job, await this.bulk.move(job, goingOn, bulkResumed));
  }

  /** For good. Whoever waits is left as they are. */
  async cancel(command: CommandBulk): Promise<BulkDto> {
    const job = await this.require(command);
    if (job.state === 'cancelled') return this.shown(job);
    mustBeIn(job, ['gathering', 'preview', 'waiting_for_approval', 'running', 'paused', 'stopped']);
    const change = { state: 'cancelled' as const, live: true, cancelledBy: command.by, cancelledAt: new Date() };
    return this.moved(job, await this.bulk.move(job, change, bulkCancelled));
  }

  /** Whoever was refused or failed waits again. What is not known to have failed is left alone: it might be done twice. */
  async retry(command: CommandBulk): Promise<BulkDto> {
    const job = await this.require(command);
    mustBeIn(job, ['running', 'paused', 'stopped', 'done']);
    for (let from: number | null = 0; from !== null;) from = await this.bulk.retryFrom(job._id, from);
    for (;;) {
      const now = await this.require(command);
      const anew = now.state === 'done' ? goingOn : (counts: Counts) => ({ since: sinceOf(counts) });
      const moved = await this.bulk.move(now, anew, now.state === 'done' ? bulkResumed : null, someWait);
      // It may have been done, or paused, at this very moment.
      if (moved ?? !someWait(await this.bulk.counts(now._id))) return this.get(command);
    }
  }

  private async require({ workspace, bulk }: BulkRequest): Promise<BulkJob> {
    const job = await this.bulk.find(workspace, bulk);
    if (!job) throw new BulkNotFound(bulk);
    return job;
  }

  private async shown(job: BulkJob): Promise<BulkDto> {
    const counts = await this.bulk.counts(job._id);
    const dto = dtoOf(job, counts);
    if (job.state === 'preview') dto.needsApproval = this.needsApproval(job, counts.total);
    return dto;
  }

  private needsApproval({ action, dryRun }: BulkJob, total: number): boolean {
    return !dryRun && (total > this.approvalSize || this.approvalActions.has(action));
  }

  private moved({ _id }: BulkJob, moved: BulkDto | null): BulkDto {
    if (!moved) throw new Refusal('bulk_state', `${_id} has changed at this moment. Look at it, and try again.`);
    return moved;
  }

  private async repeated(known: BulkJob, { connection, digest }: CreateBulk): Promise<BulkDto> {
    if (known.digest !== digest || known.connection !== connection)
      throw new Refusal(
        'idempotency_key_reused',
        'This idempotency key was used for another request. Take a new one.',
        { context: { bulk: known._id } },
      );
    return this.shown(known);
  }
}

const someWait = ({ waiting }: Counts): boolean => waiting > 0;
const sinceOf = (counts: Counts) => ({ ended: endedIn(counts), failures: counts.failures });
const goingOn = (counts: Counts) => ({
  state: 'running' as const,
  live: true,
  endedAt: null,
  since: sinceOf(counts),
});
/** For the first time. */
const going = (counts: Counts) => ({ ...goingOn(counts), startedAt: new Date() });

function mustBeIn({ _id, state }: BulkJob, states: BulkState[]): void {
  if (!states.includes(state))
    throw new Refusal('bulk_state', `${_id} is ${state}; this is for a job that is ${states.join(' or ')}.`, {
      context: { state },
    });
}

const gatheredByAnother = (bulk: string) =>
  new Refusal('bulk_state', `Another request brings the people of ${bulk}. Wait for its answer.`, {
    context: { state: 'gathering' },
  });
const wrongCursor = () => new Refusal('invalid_cursor', 'Take nextCursor from the page before, unchanged.');

/** What the action would be refused for, if the mirror is right. */
function foreseenOf(action: ActionName, known: KnownPerson | undefined): ProblemCode | null {
  const [, status] = known ?? [];
  if (status === undefined || status === 'deleted') return 'person_not_found';
  return actionCatalogue[action].statuses.includes(status) ? null : 'person_status';
}

function newJob(wish: CreateBulk, parameters: Record<string, unknown>): BulkJob {
  const {
    workspace,
    connection,
    action,
    reason,
    by,
    idempotencyKey,
    digest,
    gatherer,
    failureShare,
    chosenBy,
    dryRun = false,
  } = wish;
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return {
    _id: newId('blk'),
    workspace,
    connection,
    action,
    parameters,
    reason,
    ...(chosenBy && { chosenBy }),
    by,
    dryRun,
    state: 'gathering',
    gatherer,
    idempotencyKey,
    digest,
    foreseen: [],
    failureShare: failureShare ?? usualFailureShare,
    since: { ended: 0, failures: 0 },
    approvedBy: null,
    createdAt: new Date(),
    startedAt: null,
    endedAt: null,
    live: false,
    feeder: '',
    feedUntil: new Date(0),
    version: 1,
    traceId: trace.getActiveSpan()?.spanContext().traceId ?? null,
    headers,
  };
}
