import type { Standing } from './limits.js';

/** One request as it came, without its credential. */
export interface LedgerRequest {
  number: number;
  /** Okta's request id, which also stands in the log events of what the request did. */
  id: string;
  /** The org's time, epoch milliseconds. */
  at: number;
  method: string;
  path: string;
  query: string;
  /** The token's label. */
  token: string;
  bucket: string;
  limit: number;
  /** How many the bucket still held when it came. */
  before: number;
  status: number;
  was429: boolean;
  /** Set when the token had been told, so many milliseconds before, that the bucket is empty. */
  toldEmptyFor?: number;
  /** Faults that struck it. */
  faults?: string[];
}

/** One effect in the org. */
export interface LedgerChange {
  number: number;
  at: number;
  /** The request that did it; null when the control door did. */
  request: string | null;
  /** The token's label, or `control`. */
  by: string;
  /** The log's event type. */
  what: string;
  /** The id of what was changed. */
  subject: string;
  /** The id of the other side: the group, the app. */
  object: string | null;
  detail: Record<string, unknown>;
}

/** An answer that is already on its way does not stop a request that was sent before it came. */
const graceMs = 250;

/** What was asked and what was done. Counts are of all; the newest requests and changes are kept one by one. */
export class Ledger {
  private requests: LedgerRequest[] = [];
  private changes: LedgerChange[] = [];
  private counts = emptyCounts();

  constructor(private readonly size: number) {}

  request(entry: Omit<LedgerRequest, 'toldEmptyFor'>, standing?: Standing): void {
    const toldEmptyFor = standing?.toldEmptyFor;
    this.push(this.requests, toldEmptyFor === undefined ? entry : { ...entry, toldEmptyFor });
    const { counts } = this;
    counts.requests += 1;
    counts.byBucket[entry.bucket] ??= {};
    const byStatus = counts.byBucket[entry.bucket]!;
    byStatus[entry.status] = (byStatus[entry.status] ?? 0) + 1;
    counts.byStatus[entry.status] = (counts.byStatus[entry.status] ?? 0) + 1;
    if (standing?.exceeded) counts.refusedForLimit += 1;
    if (toldEmptyFor !== undefined && toldEmptyFor > graceMs) counts.requestsIntoEmptyBucket += 1;
  }

  change(entry: Omit<LedgerChange, 'number'>): void {
    this.counts.changes += 1;
    this.counts.byChange[entry.what] = (this.counts.byChange[entry.what] ?? 0) + 1;
    this.push(this.changes, { number: this.counts.changes, ...entry });
  }

  summary(): ReturnType<typeof emptyCounts> {
    return this.counts;
  }

  requestsAfter(number: number, limit: number): LedgerRequest[] {
    return page(this.requests, number, limit);
  }

  changesAfter(number: number, limit: number): LedgerChange[] {
    return page(this.changes, number, limit);
  }

  clear(): void {
    this.requests = [];
    this.changes = [];
    this.counts = emptyCounts();
  }

  private push<T>(list: T[], entry: T): void {
    list.push(entry);
    if (list.length > this.size * 1.1) list.splice(0, list.length - this.size);
  }
}

const page = <T extends { number: number }>(list: T[], number: number, limit: number): T[] =>
  list.filter((entry) => entry.number > number).slice(0, limit);

const emptyCounts = () => ({
  requests: 0,
  changes: 0,
  /** 429s that a bucket's emptiness was the reason of. */
  refusedForLimit: 0,
  /** Requests of a token that had been told that the bucket is empty, and came all the same. */
  requestsIntoEmptyBucket: 0,
  byStatus: {} as Record<string, number>,
  /** By bucket, then by status. */
  byBucket: {} as Record<string, Record<string, number>>,
  byChange: {} as Record<string, number>,
});
