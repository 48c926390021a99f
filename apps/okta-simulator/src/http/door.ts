import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { administrator } from '../api/acting.js';
import { findRoute } from '../api/routes.js';
import { letters, mix } from '../random.js';
import type { ApiAnswer, ApiRequest, Simulation } from '../simulation.js';
import { readBody } from './body.js';
import { bucketOf } from './buckets.js';
import type { Fault, FaultKind } from './faults.js';
import type { Standing } from './limits.js';
import { badBody, forbidden, internalError, OktaRefusal, tooManyRequests } from './refusals.js';
import { spoil } from './spoiling.js';
import { may, type ApiToken } from './tokens.js';

type Struck = Map<FaultKind, Fault>;

/** Okta's front door: who asks, how often, for what; and the faults on the way. */
export class Door {
  private count = 0;

  constructor(private readonly simulation: Simulation) {}

  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { simulation } = this;
    this.count += 1;
    const number = this.count;
    const id = letters(simulation.org.seed, 60_000, number, 27);
    const method = incoming.method ?? 'GET';
    const url = new URL(incoming.url ?? '/', 'http://org');
    const { pathname } = url;
    const struck = simulation.faults.strike(method, pathname + url.search);
    const token = simulation.tokens.of(incoming.headers.authorization);
    const label = token?.label ?? 'unknown';
    const bucket = bucketOf(method, pathname);
    const entry = {
      number,
      id,
      at: simulation.clock.now(),
      method,
      path: pathname,
      query: url.search,
      token: label,
      bucket,
    };
    const faults = struck.size > 0 ? { faults: [...struck.keys()] } : {};
    let standing: Standing | undefined;
    const note = (status: number) =>
      simulation.ledger.request(
        {
          ...entry,
          limit: standing?.limit ?? 0,
          before: standing?.before ?? 0,
          status,
          was429: status === 429,
          ...faults,
        },
        standing,
      );

    simulation.limits.enter(label);
    response.once('close', () => simulation.limits.leave(label));
    if (await isCutOff(struck, response)) return note(0);

    const { route, ids, isKnown } = findRoute(method, pathname);
    const headers: Headers = { 'x-okta-request-id': id };
    let answer: ApiAnswer;
    try {
      // Answers before routing carry no rate-limit headers.
      if (!isKnown) throw new OktaRefusal(404, 'E0000008', 'The requested path was not found');
      if (!route) throw new OktaRefusal(405, 'E0000022', 'The endpoint does not support the provided HTTP method');
      if (struck.has('storm429')) simulation.limits.drain(bucket, simulation.clock.ticking());
      standing = simulation.limits.count(label, bucket, simulation.clock.ticking());
      this.limitHeaders(headers, standing, struck, label);
      if (standing.exceeded) throw tooManyRequests();
      if (struck.has('concurrency429') || headers['x-rate-limit-limit'] === '0') throw tooManyRequests();
      if (struck.has('error500')) throw internalError();
      if (struck.has('error503')) throw new OktaRefusal(503, 'E0000010', 'Service is in read only mode');
      if (token && struck.has('revokeToken')) simulation.tokens.change(label, { revoked: true });
      const current = route.isOpen ? (token ?? administrator) : this.tokenOf(incoming);
      if (!current) {
        headers['www-authenticate'] = 'SSWS';
        throw new OktaRefusal(401, 'E0000011', 'Invalid token provided');
      }
      if (route.permission && !may(current, route.permission)) throw forbidden();
      const request: ApiRequest = {
        number,
        id,
        method,
        path: pathname,
        query: url.searchParams,
        headers: incoming.headers,
        body: await bodyOf(incoming, method),
        token: current,
        logLag: struck.has('logLag') ? (struck.get('logLag')!.milliseconds ?? 600_000) : 0,
      };
      answer = route.handler(simulation, request, ...ids.map(decoded));
      deletePeople(simulation, struck, number);
    } catch (error) {
      answer = refused(error, number, simulation, headers);
    }
    note(answer.status);
    // Too many at a time says nothing about the bucket.
    const isCrowded = headers['x-rate-limit-limit'] === '0';
    if (standing && !isCrowded) simulation.limits.tell(label, standing, simulation.clock.ticking());
    if (struck.has('didItThenHungUp')) return void response.destroy();
    await this.send(response, answer, headers, struck);
  }

  /** A token dies with the account of its maker. */
  private tokenOf(incoming: IncomingMessage): ApiToken | undefined {
    const { tokens, org } = this.simulation;
    const makerStatus = org.directory.status(0);
    const isMakerGone = makerStatus === undefined || makerStatus === 'DEPROVISIONED' || makerStatus === 'SUSPENDED';
    return isMakerGone ? undefined : tokens.of(incoming.headers.authorization);
  }

  private limitHeaders(headers: Headers, standing: Standing, struck: Struck, label: string): void {
    const isCrowded = struck.has('concurrency429') || !this.simulation.limits.isWithinConcurrency(label);
    headers['x-rate-limit-limit'] = String(isCrowded ? 0 : standing.limit);
    headers['x-rate-limit-remaining'] = String(isCrowded ? 0 : standing.remaining);
    headers['x-rate-limit-reset'] = String(standing.reset);
  }

  private async send(response: ServerResponse, answer: ApiAnswer, headers: Headers, struck: Struck): Promise<void> {
    const now = this.simulation.clock.ticking();
    const all: Headers = {
      ...headers,
      ...answer.headers,
      date: new Date(now).toUTCString(),
      'cache-control': 'no-cache, no-store',
      pragma: 'no-cache',
      expires: '0',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': 'max-age=315360000; includeSubDomains',
    };
    if (answer.body !== undefined) all['content-type'] = 'application/json';
    if (answer.links && answer.links.length > 0) all.link = answer.links;
    response.sendDate = false;
    await spoil(response, { status: answer.status, headers: all, body: answer.body }, struck, this.count);
  }
}

type Headers = Record<string, string | string[]>;

/** Faults that strike before anything is done; true when the request ends here. */
async function isCutOff(struck: Struck, response: ServerResponse): Promise<boolean> {
  if (struck.size === 0) return false;
  if (struck.has('latency')) await sleep(struck.get('latency')!.milliseconds ?? 500);
  if (struck.has('hang')) return true;
  if (!struck.has('reset')) return false;
  response.socket?.resetAndDestroy();
  return true;
}

/** People who are deleted while they are being listed: some of all, the administrator apart. */
function deletePeople({ org, changes }: Simulation, struck: Struck, requestNumber: number): void {
  const fault = struck.get('deletePeople');
  if (!fault) return;
  const { population } = org.directory;
  for (let at = 0; at < (fault.amount ?? 5); at += 1) {
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

async function bodyOf(incoming: IncomingMessage, method: string): Promise<unknown> {
  if (method === 'GET' || method === 'DELETE') return undefined;
  if (incoming.headers['content-length'] === undefined && incoming.headers['transfer-encoding'] === undefined)
    throw new OktaRefusal(411, 'E0000003', 'The request body was not well-formed.');
  const text = await readBody(incoming);
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw badBody();
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function refused(error: unknown, number: number, { options }: Simulation, headers: Headers): ApiAnswer {
  const refusal = error instanceof OktaRefusal ? error : internalError();
  if (!(error instanceof OktaRefusal)) console.error(error);
  const isCrowded = refusal.status === 429 && headers['x-rate-limit-limit'] === '0';
  if (isCrowded && options.unknowns.concurrencyBody === 'empty') return { status: 429 };
  return { status: refusal.status, body: refusal.body(number) };
}
