import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import {
  addToBulk,
  bulkCancelled,
  bulkChanged,
  bulkDone,
  bulkPaused,
  bulkResumed,
  bulkStarted,
  bulkStopped,
  bulkWaiting,
  closeBulk,
  createBulk,
  getBulk,
  InvalidRequest,
  listBulkItems,
  listPeople,
  mostPeopleInBulk,
  mostPeopleInPart,
  mustBeInBulk,
  oktaId,
  readMirror,
  Refusal,
  userStatuses,
  type BulkDto,
  type ChosenByDto,
  type BulkItemDto,
  type CommandBulk,
  type RequestPair,
} from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import type { Response } from 'express';
import { readParameters } from '../actions/parameters.js';
import { actorOf, countedAs, type Caller } from '../door/caller.js';
import { sendFile } from '../door/csv.js';
import { OpenStreams } from '../runs/open-streams.js';
import type { Followed } from '../runs/progress.js';
import type { BulkFilter, NewBulk } from './bulk.dto.js';
import { peopleIn, strangersIn, type Named } from './csv-in.js';
import { columnsOf } from './results.csv.js';

const filesPerKey = 2;
const filesInAll = 20;
const itemsAtOnce = 500;
const peopleAtOnce = 200;
const mirroredAtOnce = 1_000;
/** How long a job may be made by another request with its key, and how often one looks. */
const anotherMs = 30_000;
const lookMs = 250;

/** For whom a job is, each once, and what that took from those who were named. */
interface Chosen {
  people: string[];
  repeated: number;
  leftOut: number;
}

const published = [bulkWaiting, bulkStarted, bulkPaused, bulkResumed, bulkStopped, bulkCancelled, bulkDone];

/** Bulk jobs, as action-service keeps them: whom they are for is found out here. */
@Injectable()
export class BulkService {
  private readonly files = new OpenStreams(filesPerKey, filesInAll);

  constructor(private readonly bus: Bus) {}

  /** Makes a job, or finishes making it, or answers the one that this key stands for. Nothing is sent to Okta. */
  async create(caller: Caller, connection: string, wish: NewBulk, idempotencyKey: string): Promise<BulkDto> {
    const { workspace } = caller;
    const { action, reason, dryRun, failureShare, parameters = {}, people, csv, filter, leaveOutUnknown } = wish;
    mustBeInBulk(action, parameters);
    const { plain } = readParameters(action, parameters);
    const chosen = await this.chosen(workspace, connection, wish);
    const asked = JSON.stringify([
      action,
      plain,
      reason,
      dryRun,
      failureShare,
      people,
      csv,
      filter,
      ...(leaveOutUnknown ? ['leaveOutUnknown'] : []),
    ]);
    const gatherer = randomUUID();
    const job = await this.bus.request(createBulk, {
      workspace,
      connection,
      action,
      parameters: plain,
      reason,
      by: actorOf(caller),
      idempotencyKey,
      digest: createHash('sha256').update(asked).digest('base64url'),
      gatherer,
      chosenBy: chosenByOf(wish, chosen),
      ...(failureShare !== undefined && { failureShare }),
      ...(dryRun !== undefined && { dryRun }),
    });
    if (job.state !== 'gathering') return job;
    try {
      return await this.gather(workspace, job.id, gatherer, chosen.people);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'bulk_state') throw error;
      return this.gatheredByAnother(workspace, job.id, error);
    }
  }

  private async gather(workspace: string, bulk: string, gatherer: string, people: string[]): Promise<BulkDto> {
    for (let from = 0; from < people.length; from += mostPeopleInPart) {
      const part = people.slice(from, from + mostPeopleInPart);
      await this.bus.request(addToBulk, { workspace, bulk, gatherer, from, people: part });
    }
    return this.bus.request(closeBulk, { workspace, bulk, gatherer, total: people.length });
  }

  /** The same request has come again meanwhile, and brings the people; if it does not, the caller is told. */
  private async gatheredByAnother(workspace: string, bulk: string, refusal: Refusal): Promise<BulkDto> {
    for (let left = anotherMs; left > 0; left -= lookMs) {
      await sleep(lookMs);
      const job = await this.bus.request(getBulk, { workspace, bulk });
      if (job.state !== 'gathering') return job;
    }
    throw refusal;
  }

  command(caller: Caller, command: RequestPair<CommandBulk, BulkDto>, bulk: string): Promise<BulkDto> {
    return this.bus.request(command, { workspace: caller.workspace, bulk, by: actorOf(caller) });
  }

  followed({ workspace }: Caller, bulk: string): Followed<BulkDto> {
    const look = () => this.bus.request(getBulk, { workspace, bulk });
    return { name: 'bulk', look, published, live: [bulkChanged], hasEnded: ({ endedAt }) => endedAt !== null };
  }

  /** Resolves when the file is sent, or its reader gone. */
  async export(caller: Caller, bulk: string, response: Response): Promise<void> {
    const leave = this.files.enter(countedAs(caller));
    try {
      const { dryRun } = await this.bus.request(getBulk, { workspace: caller.workspace, bulk });
      await sendFile(`${bulk}.csv`, columnsOf(dryRun), this.itemsOf(caller.workspace, bulk), response);
    } finally {
      leave();
    }
  }

  private async *itemsOf(workspace: string, bulk: string): AsyncGenerator<BulkItemDto> {
    let cursor: string | null = '0';
    while (cursor !== null) {
      const request = { workspace, bulk, cursor, limit: itemsAtOnce };
      const page: { items: BulkItemDto[]; nextCursor: string | null } = await this.bus.request(listBulkItems, request);
      yield* page.items;
      cursor = page.nextCursor;
    }
  }

  private async chosen(workspace: string, connection: string, wish: NewBulk): Promise<Chosen> {
    const { people, csv, filter } = wish;
    const ways = [people, csv, filter].filter((way) => way !== undefined);
    if (ways.length !== 1)
      throw new InvalidRequest([{ path: '$', detail: 'must choose the people by one of people, csv and filter' }]);
    if (people) return counted('people', people);
    if (filter) return counted('filter', await this.fitting(workspace, connection, filter));
    const { by, named } = peopleIn(csv!);
    const ids = by === 'login' ? await this.withLogins(workspace, connection, named) : undefined;
    const idOf = ({ name }: Named) => (ids ? ids.get(name.toLowerCase()) : oktaId.test(name) ? name : undefined);
    const unknown = named.filter((one) => idOf(one) === undefined);
    if (unknown.length > 0 && !wish.leaveOutUnknown)
      throw strangersIn(unknown, ids ? 'a login of nobody' : 'no Okta id');
    const known = named.map(idOf).filter((id) => id !== undefined);
    return counted('csv', known, unknown.length);
  }

  /** The ids of these logins, as far as somebody has them. Reads through the mirror once: it is kept by id. */
  private async withLogins(workspace: string, connection: string, named: Named[]): Promise<Map<string, string>> {
    const wanted = new Set(named.map(({ name }) => name.toLowerCase()));
    const ids = new Map<string, string>();
    let after = '';
    for (;;) {
      const request = { workspace, connection, kind: 'person' as const, after, limit: mirroredAtOnce };
      const { items } = await this.bus.request(readMirror, request);
      if (items.length === 0) break;
      for (const { id, profile } of items as { id: string; profile?: { login?: unknown } }[]) {
        const login = typeof profile?.login === 'string' ? profile.login.toLowerCase() : '';
        if (wanted.has(login)) ids.set(login, id);
        after = id;
      }
    }
    return ids;
  }

  /** Whom the list of people shows for a filter, but for those who are gone from Okta. */
  private async fitting(workspace: string, connection: string, filter: BulkFilter): Promise<Set<string>> {
    const { window, ...given } = filter;
    // In a nested object an optional field may also be null; and a search without a word finds everybody.
    const conditions = Object.fromEntries(
      Object.entries(given).filter(([, value]) => value != null && (typeof value !== 'string' || value.trim() !== '')),
    );
    if (Object.keys(conditions).length === 0)
      throw new InvalidRequest([
        { path: '$.filter', detail: 'must have a condition: without one it is for everybody' },
      ]);
    const found = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await this.bus.request(listPeople, {
        workspace,
        connection,
        window,
        sort: 'name',
        order: 'asc',
        limit: peopleAtOnce,
        status: [...userStatuses],
        ...conditions,
        ...(cursor !== undefined && { cursor }),
      });
      for (const { id } of page.people) found.add(id);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && found.size <= mostPeopleInBulk);
    return found;
  }
}

function counted(way: string, named: Iterable<string>, leftOut = 0): Chosen {
  const ids = [...named];
  const people = [...new Set(ids)];
  const refuse = (detail: string) => new InvalidRequest([{ path: `$.${way}`, detail }]);
  if (people.length === 0) throw refuse('chooses nobody');
  if (people.length > mostPeopleInBulk) throw refuse(`chooses more than ${mostPeopleInBulk} people`);
  return { people, repeated: ids.length - people.length, leftOut };
}

const chosenByOf = ({ people, csv, csvName, filter }: NewBulk, { repeated, leftOut }: Chosen): ChosenByDto => {
  const counts = { ...(repeated > 0 && { repeated }), ...(leftOut > 0 && { leftOut }) };
  if (people) return { way: 'people', ...counts };
  if (csv !== undefined) return { way: 'csv', ...(csvName && { file: csvName }), ...counts };
  return { way: 'filter', filter: (filter ?? {}) as Record<string, unknown> };
};
