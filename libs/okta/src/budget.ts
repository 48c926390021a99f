import { setTimeout as sleep } from 'node:timers/promises';
import { BudgetWaitError } from './errors.js';

/** A map that the replicas share, with compare-and-set; messaging's `SharedMap` is one. */
export interface BudgetStore {
  get(key: string): Promise<{ value: string; revision: number } | null>;
  put(key: string, value: string, revision: number | null): Promise<boolean>;
  /** Tells the replicas of something at once. */
  announce(key: string, value: string): Promise<void>;
  /** Calls `listener` with what is announced. */
  watch(listener: (key: string, value: string) => void): Promise<void>;
}

/** What the headers of an answer said. */
export interface LimitHeaders {
  status: number;
  limit: number | undefined;
  remaining: number | undefined;
  /** Milliseconds from now until the bucket is full again, by Okta's own clock. */
  resetInMs: number | undefined;
}

export interface Permit {
  /** Milliseconds that were waited for it. */
  waitedMs: number;
  /** Whether it may still be used: its window is not over, and the bucket was not found empty since. */
  isGood(): boolean;
  /** Tells what came of the request; without headers when it never got an answer. */
  settle(headers?: LimitHeaders): Promise<void>;
}

export interface BudgetRequest {
  /** Org and token: what Okta counts by. Not the token itself. */
  principal: string;
  bucket: string;
  /** Actions may use what sync leaves. */
  priority: 'sync' | 'action';
  signal?: AbortSignal | undefined;
  /** Throws {@link BudgetWaitError} instead of waiting longer than this. */
  maxWaitMs?: number | undefined;
  /** How it waits so many milliseconds; by doing nothing unless told otherwise. */
  wait?: ((milliseconds: number) => Promise<void>) | undefined;
}

/** What is known of a bucket, shared. Moments are this machine's epoch milliseconds. */
interface Window {
  limit: number;
  /** Requests that nobody has taken yet. */
  left: number;
  resetAt: number;
  /** Somebody is finding out how the bucket stands, until then. */
  probedUntil: number;
}

/** How a bucket stands, by what Okta's headers said last and what was taken since. */
export interface BucketStanding {
  bucket: string;
  limit: number;
  left: number;
  /** When it is full again, epoch milliseconds. */
  fullAt: number;
}

const emptyWindow: Window = { limit: 0, left: 0, resetAt: 0, probedUntil: 0 };

/** What this process has taken of a window and not used yet. */
interface Pool {
  tokens: number;
  inFlight: number;
  resetAt: number;
  /** `left` as it was after taking. */
  leftInStore: number;
}

/** Okta shows a token half of each of the org's buckets unless an administrator changed that (Okta: Rate limits). */
const shownShare = 0.5;
/** What sync leaves to actions. */
const reserveForActions = 0.1;
const probeMs = 15_000;
const marginMs = 1_000;
const longestEmptyMs = 121_000;

/**
 * How much of Okta's rate limits is left, for all replicas together and by Okta's own headers. While nothing is known
 * of a bucket, one request alone goes out to find out; then no more than remain; then none until the bucket is full
 * again. So no request is sent into a bucket that is known to be empty.
 */
export class RateBudget {
  private readonly pools = new Map<string, Pool>();
  /** Until when buckets are known to be empty, though the store should say otherwise. */
  private readonly emptyUntil = new Map<string, number>();
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(
    private readonly store: BudgetStore,
    /** The share of the org's limits to use, 0 to 1; a half is all that Okta shows a token by default. */
    private readonly share = 0.5,
  ) {
    store.watch((key, until) => this.holdBackUntil(key, Number(until))).catch(() => undefined);
  }

  async acquire(request: BudgetRequest): Promise<Permit> {
    const started = Date.now();
    const key = keyOf(request);
    for (;;) {
      request.signal?.throwIfAborted();
      const pool = this.pools.get(key);
      if (pool && pool.tokens > 0 && Date.now() < pool.resetAt) {
        pool.tokens -= 1;
        return this.permit(key, Date.now() - started, { probe: false, goodUntil: pool.resetAt });
      }
      const outcome = await this.oneByOne(key, () => this.take(key, request)).catch(() => 250);
      if (outcome === 'probe')
        return this.permit(key, Date.now() - started, { probe: true, goodUntil: Date.now() + probeMs });
      if (typeof outcome === 'number' && outcome > 0) {
        const spent = Date.now() - started;
        if (request.maxWaitMs !== undefined && spent + outcome > request.maxWaitMs) throw new BudgetWaitError(outcome);
        await (request.wait?.(outcome) ?? sleep(outcome, undefined, { signal: request.signal }));
      }
    }
  }

  /** How these buckets stand; those of which nothing is known are left out. */
  async standing(principal: string, buckets: readonly string[]): Promise<BucketStanding[]> {
    const entries = await Promise.all(buckets.map((bucket) => this.store.get(keyOf({ principal, bucket }))));
    return entries.flatMap((entry, at) => {
      const { limit, left, resetAt } = entry ? (JSON.parse(entry.value) as Window) : emptyWindow;
      const bucket = buckets[at]!;
      return limit === 0 ? [] : [{ bucket, limit, left: Date.now() < resetAt ? left : limit, fullAt: resetAt }];
    });
  }

  /** Takes a share of the window into this process's pool (0), becomes the probe, or says how long to wait. */
  private async take(key: string, { priority }: BudgetRequest): Promise<'probe' | number> {
    const now = Date.now();
    const pool = this.pools.get(key);
    if (pool && pool.tokens > 0 && now < pool.resetAt) return 0;
    const emptyMs = this.emptyMs(key);
    if (emptyMs > 0) return emptyMs + Math.random() * 250;
    const entry = await this.store.get(key);
    const window = entry ? (JSON.parse(entry.value) as Window) : undefined;
    if (!window || now >= window.resetAt) {
      if (window && window.probedUntil > now) return 25;
      const probing: Window = { limit: window?.limit ?? 0, left: 0, resetAt: 0, probedUntil: now + probeMs };
      return (await this.store.put(key, JSON.stringify(probing), entry?.revision ?? null)) ? 'probe' : 1;
    }
    const usable = window.limit * Math.min(1, this.share / shownShare);
    const reserved = window.limit - usable + (priority === 'sync' ? usable * reserveForActions : 0);
    const available = Math.floor(window.left - reserved);
    if (available < 1) return window.resetAt - now + Math.random() * 250;
    const tokens = Math.min(50, Math.max(1, Math.floor(available / 20)));
    const left = window.left - tokens;
    if (!(await this.store.put(key, JSON.stringify({ ...window, left }), entry!.revision))) return 1;
    // It may be heard of before our own taking is.
    if (this.emptyMs(key) > 0) return 1;
    this.pools.set(key, { tokens, inFlight: pool?.inFlight ?? 0, resetAt: window.resetAt, leftInStore: left });
    return 0;
  }

  private permit(key: string, waitedMs: number, { probe, goodUntil }: { probe: boolean; goodUntil: number }): Permit {
    const pool = this.pools.get(key) ?? { tokens: 0, inFlight: 0, resetAt: 0, leftInStore: 0 };
    this.pools.set(key, pool);
    pool.inFlight += 1;
    let settled = false;
    return {
      waitedMs,
      isGood: () => this.emptyMs(key) <= 0 && Date.now() < goodUntil,
      settle: async (headers) => {
        if (settled) return;
        settled = true;
        const current = this.pools.get(key) ?? pool;
        current.inFlight = Math.max(0, current.inFlight - 1);
        await this.learn(key, current, probe, headers).catch(() => undefined);
      },
    };
  }

  private async learn(key: string, pool: Pool, probe: boolean, headers: LimitHeaders | undefined): Promise<void> {
    const { limit, remaining, resetInMs, status } = headers ?? {};
    // Zero of zero is the limit on parallel requests: its reset is a guess, and the bucket itself is not empty.
    if (status === 429 && limit !== 0)
      // Without headers nobody asks for a few seconds.
      return this.foundEmpty(key, limit ?? 0, Date.now() + (resetInMs === undefined ? 5_000 : resetInMs + marginMs));
    if (!limit || remaining === undefined || resetInMs === undefined) {
      // The next one finds out.
      if (probe) await this.write(key, (known) => ({ ...known, probedUntil: 0 }));
      return;
    }
    const resetAt = Date.now() + resetInMs + marginMs;
    // What was answered before the bucket was found empty.
    if (this.emptyMs(key) > 0) return;
    if (probe || resetAt > pool.resetAt + 2 * marginMs) {
      const left = Math.max(0, remaining - pool.inFlight);
      pool.tokens = 0;
      await this.write(key, (known) =>
        this.emptyMs(key) > 0 || (known.resetAt >= resetAt - marginMs && !probe)
          ? known
          : { limit, left, resetAt, probedUntil: 0 },
      );
    } else {
      // Others of the org use the same bucket: what Okta says remains is an upper bound to what we believe.
      const free = Math.max(0, remaining - pool.inFlight);
      pool.tokens = Math.min(pool.tokens, free);
      if (free - pool.tokens < pool.leftInStore) {
        const left = Math.max(0, free - pool.tokens);
        pool.leftInStore = left;
        await this.write(key, (known) => ({ ...known, left: Math.min(known.left, left) }));
      }
    }
  }

  /** The bucket was found empty: nobody takes of it any more, and nobody sends what they had taken. */
  private async foundEmpty(key: string, limit: number, until: number): Promise<void> {
    const resetAt = this.holdBackUntil(key, until);
    try {
      await this.store.announce(key, String(resetAt));
    } finally {
      await this.write(key, () => ({ ...emptyWindow, limit, resetAt }));
    }
  }

  /** Answers until when it is by all that was heard, for one refusal does not take back another. */
  private holdBackUntil(key: string, until: number): number {
    const now = Date.now();
    for (const [other, past] of this.emptyUntil) if (past <= now) this.emptyUntil.delete(other);
    // Whose clock is wrong holds nobody up for longer than a window may last.
    const latest = Math.max(this.emptyUntil.get(key) ?? 0, Math.min(until, now + longestEmptyMs) || 0);
    if (latest > now) this.emptyUntil.set(key, latest);
    const pool = this.pools.get(key);
    if (pool) pool.tokens = 0;
    return latest;
  }

  /** For how many milliseconds the bucket is known to be empty. */
  private emptyMs(key: string): number {
    return (this.emptyUntil.get(key) ?? 0) - Date.now();
  }

  private async write(key: string, change: (known: Window) => Window): Promise<void> {
    await this.oneByOne(key, async () => {
      for (;;) {
        const entry = await this.store.get(key);
        const known = entry ? (JSON.parse(entry.value) as Window) : emptyWindow;
        if (await this.store.put(key, JSON.stringify(change(known)), entry?.revision ?? null)) return;
      }
    });
  }

  /** Within one process the callers of a bucket queue up, so that they do not race each other for the shared map. */
  private oneByOne<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.queues.get(key) ?? Promise.resolve()).then(work, work);
    this.queues.set(
      key,
      turn.catch(() => undefined),
    );
    return turn;
  }
}

/** A store for one process alone. */
export class LocalStore implements BudgetStore {
  private readonly entries = new Map<string, { value: string; revision: number }>();
  private readonly listeners: ((key: string, value: string) => void)[] = [];

  get(key: string): Promise<{ value: string; revision: number } | null> {
    return Promise.resolve(this.entries.get(key) ?? null);
  }

  put(key: string, value: string, revision: number | null): Promise<boolean> {
    const known = this.entries.get(key);
    if ((known?.revision ?? null) !== revision) return Promise.resolve(false);
    this.entries.set(key, { value, revision: (revision ?? 0) + 1 });
    return Promise.resolve(true);
  }

  announce(key: string, value: string): Promise<void> {
    for (const listener of this.listeners) listener(key, value);
    return Promise.resolve();
  }

  watch(listener: (key: string, value: string) => void): Promise<void> {
    this.listeners.push(listener);
    return Promise.resolve();
  }
}

const keyOf = ({ principal, bucket }: Pick<BudgetRequest, 'principal' | 'bucket'>) =>
  `${principal}.${bucket.replaceAll(/[^A-Za-z0-9]+/g, '_')}`;
