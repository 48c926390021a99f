import type { SimulatorOptions } from '../options.js';
import { concurrencyOf, plans, workforce } from './buckets.js';

/** How a bucket stands for a token after a request was counted. */
export interface Standing {
  bucket: string;
  limit: number;
  remaining: number;
  /** How many were left before the request. */
  before: number;
  /** Epoch seconds. */
  reset: number;
  exceeded: boolean;
  /** For how many real milliseconds the token had been told that the bucket is empty; undefined when it had not been. */
  toldEmptyFor: number | undefined;
  /** What the log says of it, once in a window. */
  news?: 'warning' | 'violation';
}

interface Window {
  ends: number;
  used: number;
  isViolated?: boolean;
}

const unreachable = 1_000_000;
/** What a token or a service app gets of each bucket, in percent (Okta: principal rate limits, default). */
const usualShare = 50;
/** The part of a token's limit at whose use the log warns. */
const warnedAt = 0.9;

/** Rate limits: each bucket has a window of its own for the org and for each token, begun by its first request. */
export class Limits {
  private readonly windows = new Map<string, Window>();
  private readonly told = new Map<string, { at: number; until: number }>();
  private readonly inFlight = new Map<string, number>();
  private crowdedUntil = 0;

  constructor(
    private kind: SimulatorOptions['limits'],
    private windowSeconds: number,
  ) {}

  /** Changes the limits from the next window on. */
  change(kind: SimulatorOptions['limits'], windowSeconds: number): void {
    this.kind = kind;
    this.windowSeconds = windowSeconds;
    this.windows.clear();
    this.told.clear();
  }

  /** `share`: the token's part, in percent. */
  count(token: string, bucket: string, now: number, share = usualShare): Standing {
    const orgLimit = this.limitOf(bucket);
    const limit = this.kind === 'none' ? unreachable : Math.max(1, Math.floor((orgLimit * share) / 100));
    const own = this.window(`${token} ${bucket}`, now);
    const org = this.window(bucket, now);
    const before = Math.max(0, Math.min(limit - own.used, orgLimit - org.used));
    const exceeded = before <= 0;
    if (!exceeded) {
      own.used += 1;
      org.used += 1;
    }
    const told = this.told.get(`${token} ${bucket}`);
    const isNews = exceeded ? !own.isViolated : own.used === Math.ceil(limit * warnedAt);
    own.isViolated ||= exceeded;
    // The one that is empty ends the wait: the org's window when others have used it up.
    const ends = exceeded && org.used >= orgLimit ? org.ends : own.ends;
    return {
      bucket,
      limit,
      before,
      remaining: exceeded ? 0 : before - 1,
      reset: Math.ceil(ends / 1_000),
      exceeded,
      ...(isNews && { news: exceeded ? 'violation' : 'warning' }),
      toldEmptyFor: told && now < told.until ? now - told.at : undefined,
    };
  }

  /** Remembers that an answer with nothing remaining went to the token. */
  tell(token: string, { bucket, remaining, reset }: Standing, now: number): void {
    const key = `${token} ${bucket}`;
    const known = this.told.get(key);
    if (remaining === 0 && !(known && now < known.until)) this.told.set(key, { at: now, until: reset * 1_000 });
  }

  /** Others use a bucket of the org up: until its window ends. */
  drain(bucket: string, now: number): void {
    this.window(bucket, now).used = Number.MAX_SAFE_INTEGER / 2;
  }

  /** One more request at a time; call `leave` when it is done. */
  enter(token: string): void {
    this.inFlight.set(token, (this.inFlight.get(token) ?? 0) + 1);
  }

  /** Whether the token has no more requests at a time than its share, and all of them no more than the org. */
  isWithinConcurrency(token: string, share = usualShare): boolean {
    const most = concurrencyOf(this.kind);
    const all = [...this.inFlight.values()].reduce((sum, count) => sum + count, 0);
    const own = this.inFlight.get(token) ?? 0;
    return this.kind === 'none' || (own <= Math.floor((most * share) / 100) && all <= most);
  }

  /** Whether it is the first time in a window that there were too many at a time. */
  isFirstCrowd(now: number): boolean {
    if (now < this.crowdedUntil) return false;
    this.crowdedUntil = now + this.windowSeconds * 1_000;
    return true;
  }

  leave(token: string): void {
    this.inFlight.set(token, Math.max(0, (this.inFlight.get(token) ?? 1) - 1));
  }

  private limitOf(bucket: string): number {
    const plan = (typeof this.kind === 'string' && plans[this.kind]) || workforce;
    const real = plan[bucket] ?? plan['/api/v1']!;
    if (this.kind === 'none') return unreachable * 2;
    if (typeof this.kind === 'string') return real;
    if (typeof this.kind === 'number') return Math.max(2, Math.round(real * this.kind));
    return this.kind[bucket] ?? real;
  }

  private window(key: string, now: number): Window {
    let window = this.windows.get(key);
    if (!window || now >= window.ends) {
      // The reset is told in whole seconds, so a window ends on one.
      window = { ends: (Math.floor(now / 1_000) + Math.max(1, Math.round(this.windowSeconds))) * 1_000, used: 0 };
      this.windows.set(key, window);
    }
    return window;
  }
}
