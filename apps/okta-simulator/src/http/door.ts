import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { administrator } from '../api/acting.js';
import { findRoute } from '../api/routes.js';
import { letters, mix } from '../random.js';
import type { ApiAnswer, Simulation } from '../simulation.js';
import { bodyOf } from './body.js';
import { bucketOf } from './buckets.js';
import type { Fault, FaultKind } from './faults.js';
import type { Standing } from './limits.js';
import { internalError, OktaRefusal, refusal } from './refusals.js';
import { spoil } from './spoiling.js';
import { may, tokenLife, type ApiToken } from './tokens.js';

/** A longer search would make a Link that fits into no header. */
const longest = 7_000;

type Headers = Record<string, string | string[]>;

/** Okta's front door: who asks, how often, for what; and the faults on the way. */
export class Door {
  private count = 0;

  constructor(private readonly simulation: Simulation) {}

  handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    this.count += 1;
    return new Visit(this.simulation, incoming, response, this.count).handle();
  }
}

/** One request on its way through the door. */
class Visit {
  private readonly method: string;
  private readonly url: URL;
  private readonly struck: Map<FaultKind, Fault>;
  private readonly token: ApiToken | undefined;
  /** The token's label. */
  private readonly who: string;
  private readonly bucket: string;
  private readonly id: string;
  private readonly headers: Headers;
  private standing: Standing | undefined;
  /** Read at once: whoever hangs up while it takes its time has asked all the same. */
  private readonly body: Promise<unknown>;
  /** More requests at a time than the token may have. */
  private isCrowded = false;

  constructor(
    private readonly simulation: Simulation,
    private readonly incoming: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly number: number,
  ) {
    this.method = incoming.method ?? 'GET';
    this.url = new URL(incoming.url ?? '/', 'http://org');
    this.struck = simulation.faults.strike(this.method, this.url.pathname + this.url.search);
    this.token = simulation.tokens.of(incoming.headers.authorization);
    this.who = this.token?.label ?? 'unknown';
    this.bucket = bucketOf(this.method, this.url.pathname);
    this.id = letters(simulation.org.seed, 60_000, number, 27);
    this.headers = { 'x-okta-request-id': this.id };
    this.body = bodyOf(incoming);
    this.body.catch(() => undefined);
  }

  async handle(): Promise<void> {
    const { limits, clock } = this.simulation;
    limits.enter(this.who);
    this.response.once('close', () => limits.leave(this.who));
    if (await this.isCutOff()) return this.note(0);
    const answer = await this.answer();
    this.note(answer.status);
    // Too many at a time says nothing about the bucket.
    if (this.standing && !this.isCrowded) limits.tell(this.who, this.standing, clock.ticking());
    if (this.struck.has('didItThenHungUp')) this.response.destroy();
    else await this.send(answer);
  }

  /** Faults that strike before anything is done; true when the request ends here. */
  private async isCutOff(): Promise<boolean> {
    const { struck } = this;
    if (struck.has('latency')) await sleep(struck.get('latency')!.milliseconds ?? 500);
    if (struck.has('hang')) return true;
    if (!struck.has('reset')) return false;
    this.response.socket?.resetAndDestroy();
    return true;
  }

  private async answer(): Promise<ApiAnswer> {
    const { simulation, number, method, url, struck } = this;
    try {
      const { route, ids, isKnown } = findRoute(method, url.pathname);
      // Answers before routing carry no rate-limit headers.
      if (this.url.href.length > longest) throw refusal('E0000256');
      if (!isKnown) throw refusal('E0000008');
      if (!route) throw refusal('E0000022');
      this.checkLimits();
      this.strikeBeforeHandling();
      const token = route.isOpen ? administrator : this.authenticated();
      if (route.permission && !may(token, route.permission)) throw refusal('E0000006');
      if (!acceptsJson(this.incoming.headers.accept)) throw refusal('E0000019');
      const request = {
        number,
        id: this.id,
        method,
        path: url.pathname,
        query: url.searchParams,
        headers: this.incoming.headers,
        body: await this.body,
        token,
        mostItems: struck.has('shortPage') ? (struck.get('shortPage')!.amount ?? 1) : Number.POSITIVE_INFINITY,
        logLag: struck.has('logLag') ? (struck.get('logLag')!.milliseconds ?? 600_000) : 0,
      };
      const answer = this.withinLifeOfCursors(() => route.handler(simulation, request, ...ids.map(decoded)));
      if (struck.has('deletePeople')) deletePeople(simulation, struck.get('deletePeople')!.amount ?? 5, number);
      return answer;
    } catch (error) {
      return this.refused(error);
    }
  }

  /** Minds how old a cursor may be, where the org was told to let them die. */
  private withinLifeOfCursors(handle: () => ApiAnswer): ApiAnswer {
    const { options, clock, cursors } = this.simulation;
    const { cursorLifeSeconds } = options.unknowns;
    if (cursorLifeSeconds === null) return handle();
    cursors.check(this.url.searchParams.get('after'), clock.now(), cursorLifeSeconds * 1_000);
    const answer = handle();
    cursors.give(answer.links ?? [], clock.now(), cursorLifeSeconds * 1_000);
    return answer;
  }

  private checkLimits(): void {
    const { limits, clock, changes } = this.simulation;
    if (this.struck.has('storm429')) limits.drain(this.bucket, clock.ticking());
    const standing = limits.count(this.who, this.bucket, clock.ticking(), this.token?.percentage);
    this.standing = standing;
    if (standing.toldEmptyFor !== undefined) standing.toldEmptyFor /= clock.scale;
    this.isCrowded =
      this.struck.has('concurrency429') || !limits.isWithinConcurrency(this.who, this.token?.concurrencyPercentage);
    if (standing.news) changes.limit(standing.news, this.bucket);
    if (this.isCrowded && limits.isFirstCrowd(clock.ticking())) changes.limit('concurrency', this.bucket);
    this.headers['x-rate-limit-limit'] = String(this.isCrowded ? 0 : standing.limit);
    this.headers['x-rate-limit-remaining'] = String(this.isCrowded ? 0 : standing.remaining);
    this.headers['x-rate-limit-reset'] = String(standing.reset);
    if (standing.exceeded || this.isCrowded) throw refusal('E0000047');
  }

  private strikeBeforeHandling(): void {
    const { struck, token } = this;
    if (struck.has('error500')) throw internalError(this.url.pathname === '/api/v1/logs');
    if (struck.has('refusal')) throw refusal(struck.get('refusal')!.code ?? 'E0000100');
    if (struck.has('error503') || (struck.has('readOnly') && this.method !== 'GET')) throw refusal('E0000010');
    if (token && struck.has('revokeToken')) this.simulation.tokens.change(token.label, { revoked: true });
  }

  /** The token, which dies with the account of its maker, and thirty days after it was last used. */
  private authenticated(): ApiToken {
    const { org, clock } = this.simulation;
    const maker = org.directory.status(0);
    const isMakerGone = maker === undefined || maker === 'DEPROVISIONED' || maker === 'SUSPENDED';
    const isDead = !this.token || this.token.revoked || clock.now() - this.token.lastUsed > tokenLife;
    if (this.token && !isDead && !isMakerGone) {
      this.token.lastUsed = clock.now();
      return this.token;
    }
    if (this.incoming.headers.authorization === undefined) throw refusal('E0000005');
    this.headers['www-authenticate'] = 'SSWS';
    throw refusal('E0000011');
  }

  private refused(error: unknown): ApiAnswer {
    const isLog = this.url.pathname === '/api/v1/logs';
    const refused = error instanceof OktaRefusal ? error : internalError(isLog);
    if (!(error instanceof OktaRefusal)) console.error(error);
    const isEmpty = this.isCrowded && this.simulation.options.unknowns.concurrencyBody === 'empty';
    if (isEmpty) return { status: 429 };
    const body = isLog && refused.status !== 429 ? refused.logBody(this.number) : refused.body(this.number);
    return { status: refused.status, body };
  }

  private note(status: number): void {
    const { simulation, standing, struck } = this;
    simulation.ledger.request(
      {
        number: this.number,
        id: this.id,
        at: simulation.clock.now(),
        method: this.method,
        path: this.url.pathname,
        query: this.url.search,
        token: this.who,
        bucket: this.bucket,
        limit: standing?.limit ?? 0,
        before: standing?.before ?? 0,
        status,
        was429: status === 429,
        ...(struck.size > 0 && { faults: [...struck.keys()] }),
      },
      standing,
    );
  }

  private async send(answer: ApiAnswer): Promise<void> {
    const headers: Headers = {
      ...this.headers,
      ...answer.headers,
      date: new Date(this.simulation.clock.ticking()).toUTCString(),
      'cache-control': 'no-cache, no-store',
      pragma: 'no-cache',
      expires: '0',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': 'max-age=315360000; includeSubDomains',
    };
    if (answer.body !== undefined) headers['content-type'] = 'application/json';
    if (answer.links && answer.links.length > 0) headers.link = answer.links;
    this.response.sendDate = false;
    await spoil(this.response, { status: answer.status, headers, body: answer.body }, this.struck, this.number);
  }
}

/** People who are deleted while they are being listed: some of all, the administrator apart. */
function deletePeople({ org, changes }: Simulation, amount: number, requestNumber: number): void {
  const { population } = org.directory;
  for (let at = 0; at < amount; at += 1) {
    const n = 1 + (mix(org.seed, 64_000 + at, requestNumber) % Math.max(1, population - 1));
    const person = org.directory.person(n);
    if (!person) continue;
    org.directory.delete(n);
    changes.record(
      { label: 'fault', request: null },
      {
        eventType: 'user.lifecycle.delete.completed',
        message: 'Complete deletion of Okta user',
        targets: [changes.user(person)],
      },
    );
  }
}

const acceptsJson = (accept: string | undefined): boolean =>
  accept === undefined || accept === '' || /\*\/\*|application\/(\*|json)/i.test(accept);

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
