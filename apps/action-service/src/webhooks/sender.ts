import type { LookupFunction } from 'node:net';
import { context, propagation, SpanKind } from '@opentelemetry/api';
import { inSpan } from '@seatwise/observability';
import { privateAddressCode, publicLookup } from '@seatwise/okta';
import { Agent, request } from 'undici';
import { endpointOf, isLoopback, type EndpointPolicy } from './endpoint.js';

/** What came of one attempt. */
export interface Answer {
  /** null: there was no answer. */
  status: number | null;
  /** What is wrong with it, in words that hold nothing of the receiver's; null: it was taken. */
  error: string | null;
  /** How long the receiver wants to be left alone, in milliseconds; 0: it does not say. */
  retryAfterMs: number;
}

export interface SenderOptions {
  policy: EndpointPolicy;
  timeoutMs: number;
  /** How names are resolved; the system's way unless told otherwise. */
  lookup?: LookupFunction;
}

/** No more of an answer is read than this: nothing in it counts. */
const mostAnswerBytes = 16_384;

/** Sends to receivers: guarded addresses, no redirects, in time, and little is read. */
export class Sender {
  private readonly guarded: Agent;
  private readonly loopback: Agent;

  constructor(private readonly options: SenderOptions) {
    const usual = { connections: 8, keepAliveTimeout: 10_000, maxResponseSize: 1_048_576 };
    const timeout = options.timeoutMs;
    this.guarded = new Agent({ ...usual, connect: { timeout, lookup: publicLookup(options.lookup, { only: true }) } });
    this.loopback = new Agent({ ...usual, connect: { timeout } });
  }

  async close(): Promise<void> {
    await Promise.all([this.guarded.destroy(), this.loopback.destroy()]);
  }

  async send(url: string, body: string, headers: Record<string, string>): Promise<Answer> {
    const { policy, timeoutMs } = this.options;
    // The settings may have changed since it was made.
    const endpoint = endpointOf(url, policy);
    const attributes = { 'http.request.method': 'POST', 'server.address': endpoint.hostname };
    return inSpan('POST webhook', { kind: SpanKind.CLIENT, attributes }, async (span) => {
      const traced: Record<string, string> = {};
      propagation.inject(context.active(), traced);
      try {
        const response = await request(endpoint, {
          dispatcher: isLoopback(endpoint) ? this.loopback : this.guarded,
          method: 'POST',
          headers: {
            'content-type': 'application/cloudevents+json; charset=utf-8',
            'user-agent': 'seatwise/0.1',
            ...headers,
            ...traced,
          },
          body,
          signal: AbortSignal.timeout(timeoutMs),
        });
        const { statusCode: status } = response;
        span.setAttribute('http.response.status_code', status);
        await response.body.dump({ limit: mostAnswerBytes }).catch(() => undefined);
        return { status, error: errorOf(status), retryAfterMs: retryAfterOf(response.headers['retry-after']) };
      } catch (error) {
        return { status: null, error: connectionErrorOf(error, timeoutMs), retryAfterMs: 0 };
      }
    });
  }
}

function errorOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return `It answered ${status}: a redirect, which is never followed.`;
  if (status === 410) return 'It answered 410: it is gone for good.';
  return `It answered ${status}.`;
}

function connectionErrorOf(error: unknown, timeoutMs: number): string {
  const { code = '', name = '', cause } = (error ?? {}) as { code?: string; name?: string; cause?: { code?: string } };
  const deepest = code || (cause?.code ?? '');
  if (deepest === privateAddressCode) return 'The host has an address that is not public, so it is not connected to.';
  if (deepest === 'ENOTFOUND') return 'The host does not exist.';
  if (name === 'TimeoutError' || deepest.includes('TIMEOUT'))
    return `There was no answer within ${timeoutMs / 1_000} s.`;
  return `The connection failed (${deepest || name}).`;
}

/** Seconds or a date (RFC 9110, Retry-After); never longer than a day. */
function retryAfterOf(header: string | string[] | undefined): number {
  const text = [header].flat()[0] ?? '';
  const wait = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isFinite(wait) ? Math.min(86_400_000, Math.max(0, wait)) : 0;
}
