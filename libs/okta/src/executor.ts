import { createHash } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { Agent, request, type Dispatcher } from 'undici';
import { bucketOf, buckets, routeOf } from './buckets.js';
import type { BucketStanding, LimitHeaders, Permit, RateBudget } from './budget.js';
import {
  AnswerTooLargeError,
  BudgetWaitError,
  errorOf,
  MalformedAnswerError,
  OktaError,
  UnavailableError,
} from './errors.js';
import { measureLimits, measureRequest } from './measures.js';
import type { OriginPolicy } from './org-url.js';
import { privateAddressCode, publicLookup } from './public-address.js';

export interface OktaCredential {
  kind: 'api_token';
  token: string;
}

/** What one request was, for who counts beside what is measured. */
export interface RequestObservation {
  method: string;
  bucket: string;
  /** 0: there was no answer at all. */
  status: number;
  durationMs: number;
  waitedMs: number;
  remaining: number | undefined;
  /** Of the answer's body. */
  bytes: number;
}

export interface ExecutorOptions {
  /** The org's origin, as `normaliseOrgUrl` gives it. */
  orgUrl: string;
  credential: () => Promise<OktaCredential>;
  policy: OriginPolicy;
  budget: RateBudget;
  observe?: (observation: RequestObservation) => void;
  /** Milliseconds for one attempt; Okta itself gives up a log query after 30 s. */
  timeoutMs?: number;
  /** Attempts of a GET, the first included. */
  attempts?: number;
  /** Milliseconds before the second attempt; doubled for each further one. */
  backOffMs?: number;
  /** How names are resolved; the system's way unless told otherwise. */
  lookup?: LookupFunction;
}

export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query, relative to the org. */
  path: string;
  body?: object;
  priority?: 'sync' | 'action';
  signal?: AbortSignal | undefined;
  /** Milliseconds for one attempt, and how many attempts a GET has, where they are not the usual ones. */
  timeoutMs?: number | undefined;
  attempts?: number | undefined;
  /**
   * Called right before each sending, when it waits for nothing more; what it throws keeps the request from leaving. It is called
   * anew where the bucket was found empty meanwhile: then nothing has left.
   */
  beforeSend?: (() => Promise<void>) | undefined;
  /** Throws {@link BudgetWaitError} instead of waiting longer than this for rate limits, all attempts together. */
  maxWaitMs?: number | undefined;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** As it came; empty for one that is to be tried again. */
  text: string;
  bytes: number;
  requestId: string;
  /** Okta's clock when it answered, epoch milliseconds. */
  date: number;
  /** And when it was asked: a large page takes a while, and shows no more than was so at its beginning. */
  asked: number;
}

/** An answer of the 2xx, its body parsed. */
export interface Success extends Answer {
  body: unknown;
}

const maxBodyBytes = 32 * 1024 * 1024;
const tracer = trace.getTracer('seatwise/okta');

/** The one way to Okta: guarded address, rate budget, time-outs, attempts, typed errors, spans. */
export class Executor {
  private readonly agent: Agent;
  /** Parallel requests; Okta answers 429 with a limit of zero when there are too many of a token. */
  private width = 10;
  private active = 0;
  /** Who waits for a place: an action goes before what reads on and on. */
  private readonly waiting = { action: [] as (() => void)[], sync: [] as (() => void)[] };
  /** How far Okta's clock is ahead of ours, by its newest answer: to the second, for so Okta tells it. */
  clockAheadMs = 0;

  constructor(private readonly options: ExecutorOptions) {
    const isExempt = options.policy.allowedOrigins.includes(options.orgUrl);
    this.agent = new Agent({
      connections: 10,
      keepAliveTimeout: 30_000,
      connect: {
        timeout: 10_000,
        ...(isExempt ? {} : { lookup: publicLookup(options.lookup) }),
      },
      maxResponseSize: maxBodyBytes,
    });
  }

  get origin(): string {
    return this.options.orgUrl;
  }

  /** How the org's rate limits stand for its token, as far as anything was asked lately. */
  async standing(): Promise<BucketStanding[]> {
    const credential = await this.options.credential();
    return this.options.budget.standing(principalOf(this.options.orgUrl, credential), buckets);
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  /** Sends one call and resolves with its success. A GET is tried again after a passing fault; a write never is. */
  async send(call: Call): Promise<Success> {
    const { backOffMs = 250 } = this.options;
    const attempts = call.attempts ?? this.options.attempts ?? 5;
    const patience = call.maxWaitMs === undefined ? undefined : Date.now() + call.maxWaitMs;
    let path = call.path;
    let firstRequestId = '';
    for (let attempt = 1, throttled = 0; ;) {
      const credential = await this.options.credential();
      try {
        const maxWaitMs = patience === undefined ? undefined : Math.max(0, patience - Date.now());
        const answer = await this.attempt({ ...call, path, maxWaitMs }, credential, {
          firstRequestId,
          count: attempt + throttled - 1,
        });
        if (answer.status !== 429) return successOf(answer, credential);
        // Not an error: the budget has learned from it and makes the next attempt wait as long as it takes.
        throttled += 1;
        firstRequestId ||= answer.requestId;
        if (patience !== undefined && Date.now() > patience) throw new BudgetWaitError(1_000);
        if (limitOf(answer) === 0) await this.narrow(call.signal);
        else await sleep(Math.min(2_000, 50 * 2 ** throttled) * Math.random(), undefined, { signal: call.signal });
      } catch (error) {
        const passing = error instanceof UnavailableError || error instanceof MalformedAnswerError;
        if (!passing || call.method !== 'GET' || attempt >= attempts) throw error;
        firstRequestId ||= error.fault.requestId;
        if (error.fault.status === 500 && attempt >= 2) path = smallerPage(path);
        await sleep(Math.min(10_000, backOffMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2), undefined, {
          signal: call.signal,
        });
        attempt += 1;
      }
    }
  }

  private async attempt(
    call: Call,
    credential: OktaCredential,
    again: { firstRequestId: string; count: number },
  ): Promise<Answer> {
    const { method, path, priority = 'sync' } = call;
    const pathname = path.split('?')[0]!;
    const bucket = bucketOf(method, pathname);
    await this.slot(priority);
    try {
      const permit = await this.admitted(call, credential, bucket);
      const started = performance.now();
      let answer: Answer | undefined;
      try {
        answer = await this.traced(call, bucket, again.count, () => this.exchange(call, credential, again));
        return answer;
      } finally {
        const limits = answer && limitsOf(answer);
        await permit.settle(limits);
        measureLimits(new URL(this.options.orgUrl).host, bucket, permit.waitedMs, limits);
        this.options.observe?.({
          method,
          bucket,
          status: answer?.status ?? 0,
          durationMs: performance.now() - started,
          waitedMs: permit.waitedMs,
          remaining: limits?.remaining,
          bytes: answer?.bytes ?? 0,
        });
      }
    } finally {
      this.leave();
    }
  }

  /** A permit that is still good when whoever asks is ready to send. */
  private async admitted(call: Call, credential: OktaCredential, bucket: string): Promise<Permit> {
    const { signal, priority = 'sync', maxWaitMs = Infinity, beforeSend } = call;
    const until = Date.now() + maxWaitMs;
    let waitedMs = 0;
    for (;;) {
      const permit = await this.options.budget.acquire({
        principal: principalOf(this.options.orgUrl, credential),
        bucket,
        priority,
        signal,
        maxWaitMs: Math.max(0, until - Date.now()),
        wait: (milliseconds) => this.aside(milliseconds, priority, signal),
      });
      try {
        await beforeSend?.();
        waitedMs += permit.waitedMs;
        if (permit.isGood()) return { ...permit, waitedMs };
      } catch (error) {
        await permit.settle();
        throw error;
      }
      await permit.settle();
    }
  }

  /** In a span and measured, by OpenTelemetry's semantic conventions for HTTP clients. */
  private traced(call: Call, bucket: string, resent: number, exchange: () => Promise<Answer>): Promise<Answer> {
    const { hostname, port, protocol } = new URL(this.options.orgUrl);
    // Whoever is searched for stands in the query, which stays out of the trace.
    const pathname = call.path.split('?')[0]!;
    const template = routeOf(pathname);
    const known = { 'http.request.method': call.method, 'url.template': template, 'okta.bucket': bucket };
    const attributes = {
      ...known,
      'url.full': this.options.orgUrl + pathname,
      'server.address': hostname,
      'server.port': port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port),
      ...(resent > 0 && { 'http.request.resend_count': resent }),
    };
    return tracer.startActiveSpan(`${call.method} ${template}`, { kind: SpanKind.CLIENT, attributes }, async (span) => {
      const started = performance.now();
      let answer: Answer | undefined;
      let failure: string | undefined;
      try {
        answer = await exchange();
        // 429 is normal, and waited for.
        if (answer.status >= 400 && answer.status !== 429) failure = String(answer.status);
        return answer;
      } catch (error) {
        failure = (error as Error).name;
        throw error;
      } finally {
        const outcome = { 'http.response.status_code': answer?.status, 'error.type': failure };
        span.setAttributes({ ...outcome, 'okta.request_id': answer?.requestId });
        if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
        measureRequest({ ...known, ...outcome }, performance.now() - started, answer?.bytes);
        span.end();
      }
    });
  }

  private async exchange(
    call: Call,
    { token }: OktaCredential,
    again: { firstRequestId: string; count: number },
  ): Promise<Answer> {
    const timeout = AbortSignal.timeout(call.timeoutMs ?? this.options.timeoutMs ?? 45_000);
    const headers: Record<string, string> = {
      accept: 'application/json',
      authorization: `SSWS ${token}`,
      'user-agent': 'seatwise/0.1',
      ...(call.body && { 'content-type': 'application/json' }),
      ...(again.firstRequestId && {
        'x-okta-retry-for': again.firstRequestId,
        'x-okta-retry-count': String(again.count),
      }),
    };
    const started = performance.now();
    let response: Dispatcher.ResponseData;
    let text: string;
    try {
      response = await request(this.options.orgUrl + call.path, {
        dispatcher: this.agent,
        method: call.method,
        headers,
        signal: call.signal ? AbortSignal.any([timeout, call.signal]) : timeout,
        // Okta wants a length also where there is no body; undici sends 0 for an empty one.
        ...(call.method === 'GET' ? {} : { body: call.body ? JSON.stringify(call.body) : '' }),
      });
      text = await response.body.text();
    } catch (error) {
      call.signal?.throwIfAborted();
      if (error instanceof OktaError) throw error;
      throw connectionError(error);
    }
    const date = dateOf(response.headers);
    this.clockAheadMs = date - Date.now();
    return {
      status: response.statusCode,
      headers: response.headers,
      text,
      bytes: Buffer.byteLength(text),
      requestId: single(response.headers['x-okta-request-id']),
      date,
      asked: date - Math.ceil(performance.now() - started),
    };
  }

  private async slot(priority: 'sync' | 'action'): Promise<void> {
    if (this.active < this.width) this.active += 1;
    else await new Promise<void>((resolve) => this.waiting[priority].push(resolve));
  }

  private leave(): void {
    this.active -= 1;
    this.admit();
  }

  /** Gives what places there are to those who wait. */
  private admit(): void {
    while (this.active < this.width) {
      const next = this.waiting.action.shift() ?? this.waiting.sync.shift();
      if (!next) return;
      this.active += 1;
      next();
    }
  }

  /** Waits, and meanwhile leaves the place to those whose bucket has something for them. */
  private async aside(
    milliseconds: number,
    priority: 'sync' | 'action',
    signal: AbortSignal | undefined,
  ): Promise<void> {
    this.leave();
    try {
      await sleep(milliseconds, undefined, { signal });
    } finally {
      await this.slot(priority);
    }
  }

  /** Fewer at once for a minute, then as many as before. */
  private async narrow(signal: AbortSignal | undefined): Promise<void> {
    this.width = Math.max(1, Math.floor(this.width / 2));
    setTimeout(() => {
      this.width = Math.min(10, this.width * 2);
      this.admit();
    }, 60_000).unref();
    await sleep(500 + Math.random() * 1_500, undefined, { signal });
  }
}

function connectionError(error: unknown): OktaError {
  const { code = '', name = '' } = (error ?? {}) as { code?: string; name?: string };
  const deepest = code || ((error as { cause?: { code?: string } })?.cause?.code ?? '');
  if (deepest === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return new AnswerTooLargeError('The answer is larger than any page of Okta is');
  if (deepest === privateAddressCode)
    return new UnavailableError('The host has no public address, so it is not connected to');
  if (deepest === 'ENOTFOUND') return new UnavailableError('The host does not exist');
  if (name === 'TimeoutError' || deepest.includes('TIMEOUT'))
    return new UnavailableError('Okta did not answer in time');
  return new UnavailableError(`The connection to Okta failed (${deepest || name})`);
}

/** An answer that is a success, read; throws the typed error of any other. */
function successOf(answer: Answer, { token }: OktaCredential): Success {
  const { status, headers, text, requestId } = answer;
  // Whatever stands between us and Okta may tell back what it was sent.
  if (status >= 300) throw errorOf(status, headers, text.replaceAll(token, '[secret]'));
  try {
    return { ...answer, body: status === 204 || text === '' ? undefined : (JSON.parse(text) as unknown) };
  } catch {
    const fault = { status, code: '', summary: '', causes: [], requestId };
    throw new MalformedAnswerError('The answer is not JSON, or was cut off', fault);
  }
}

const single = (value: string | string[] | undefined): string =>
  Array.isArray(value) ? (value[0] ?? '') : (value ?? '');
const dateOf = (headers: Answer['headers']): number => Date.parse(single(headers.date)) || Date.now();
const numberOf = (value: string | string[] | undefined): number | undefined => {
  const parsed = Number(single(value));
  return single(value) === '' || !Number.isFinite(parsed) ? undefined : parsed;
};
const limitOf = (answer: Answer) => numberOf(answer.headers['x-rate-limit-limit']);

function limitsOf(answer: Answer): LimitHeaders {
  const reset = numberOf(answer.headers['x-rate-limit-reset']);
  // By Okta's clock on both sides, so that ours may be wrong; never longer than two windows.
  const resetInMs = reset === undefined ? undefined : Math.min(120_000, Math.max(0, reset * 1_000 - answer.date));
  return {
    status: answer.status,
    limit: limitOf(answer),
    remaining: numberOf(answer.headers['x-rate-limit-remaining']),
    resetInMs,
  };
}

/** Half the page: a list that answers 500 twice usually takes too long for Okta (Okta: Core API, Pagination). */
const smallerPage = (path: string): string =>
  path.replace(
    /([?&]limit=)(\d+)/,
    (_match, name: string, limit: string) => name + Math.max(20, Math.floor(Number(limit) / 2)),
  );

const principals = new WeakMap<OktaCredential, string>();

/** A name for org and token that gives neither away. */
function principalOf(orgUrl: string, credential: OktaCredential): string {
  const known = principals.get(credential);
  if (known) return known;
  const name = createHash('sha256').update(`${orgUrl}\n${credential.token}`).digest('hex').slice(0, 24);
  principals.set(credential, name);
  return name;
}
