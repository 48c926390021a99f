import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { check, Refusal, type ProblemBody, type RequestPair } from '@seatwise/contracts';
import { NoRespondersError, RequestError, TimeoutError, type Msg, type Subscription } from '@nats-io/nats-core';
import { createLogger } from '@seatwise/observability';
import { Nats } from './nats.js';
import { inMessageSpan, SpanKind, tracedHeaders } from './tracing.js';

/** Marks a reply whose body is a {@link ProblemBody}. */
const problemHeader = 'Seatwise-Problem';

const log = createLogger('bus');

/** Request and reply between services: typed and traced, checked on arrival, refusals carried whole. */
@Injectable()
export class Bus implements BeforeApplicationShutdown {
  private readonly subscriptions: Subscription[] = [];
  private readonly inWork = new Set<Promise<void>>();

  constructor(private readonly nats: Nats) {}

  /** Takes no further question, which other replicas get from then on, and resolves when those in work are answered. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.subscriptions.map((subscription) => subscription.drain()));
    await Promise.all(this.inWork);
  }

  /**
   * Asks, and resolves with the answer. Throws the {@link Refusal} that the other side threw, `service_unavailable`
   * when nobody listens, `deadline_exceeded` when the answer does not come within the pair's time.
   */
  async request<Req extends object, Res extends object>(pair: RequestPair<Req, Res>, dto: Req): Promise<Res> {
    const connection = await this.nats.connection();
    const operation = { name: 'request', type: 'send', kind: SpanKind.CLIENT, subject: pair.subject } as const;
    return inMessageSpan({ ...operation, attributes: this.nats.server() }, async () => {
      const reply = await connection
        .request(pair.subject, JSON.stringify(dto), { timeout: pair.timeoutMs, headers: tracedHeaders() })
        .catch((error: unknown) => {
          throw unreachable(error, pair.subject);
        });
      if (reply.headers?.has(problemHeader)) throw Refusal.fromBody(reply.json<ProblemBody>());
      return reply.json<Res>();
    });
  }

  /** Whether anybody answers such requests; asked by what is no request, so that nothing is done. Throws when that cannot be found out. */
  async isAnswered({ subject }: RequestPair<object, object>): Promise<boolean> {
    const connection = await this.nats.connection();
    try {
      await connection.request(subject, '', { timeout: 5_000 });
      return true;
    } catch (error) {
      if (isUnanswered(error)) return false;
      throw error;
    }
  }

  /** Answers requests, shared among the replicas of this service. */
  async handle<Req extends object, Res extends object>(
    pair: RequestPair<Req, Res>,
    handler: (dto: Req) => Promise<Res>,
  ): Promise<void> {
    const connection = await this.nats.connection();
    const subscription = connection.subscribe(pair.subject, {
      queue: this.nats.options.name,
      callback: (error, message) => {
        if (error) return log.error({ subject: pair.subject, error: error.message }, 'subscription failed');
        this.keep(this.answer(pair, handler, message));
      },
    });
    this.subscriptions.push(subscription);
  }

  private keep(work: Promise<void>): void {
    this.inWork.add(work);
    void work.finally(() => this.inWork.delete(work));
  }

  private async answer<Req extends object, Res extends object>(
    pair: RequestPair<Req, Res>,
    handler: (dto: Req) => Promise<Res>,
    message: Msg,
  ): Promise<void> {
    const { subject } = pair;
    const attributes = { 'messaging.consumer.group.name': this.nats.options.name, ...this.nats.server() };
    const operation = { name: 'process', type: 'process', kind: SpanKind.SERVER, subject, attributes } as const;
    try {
      const answer = await inMessageSpan(
        { ...operation, ...(message.headers && { carrier: message.headers }) },
        async (told) => {
          const answered = await handler(check(pair.Request, parse(message)));
          told.outcome = 'done';
          return answered;
        },
      );
      message.respond(JSON.stringify(answer));
    } catch (error) {
      const headers = tracedHeaders();
      headers.set(problemHeader, '1');
      message.respond(JSON.stringify(problemOf(error, pair.subject)), { headers });
    }
  }
}

function parse(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}

function problemOf(error: unknown, subject: string): ProblemBody {
  if (error instanceof Refusal) return error.toBody();
  log.error({ subject, err: error }, 'request failed');
  return { code: 'internal_error', detail: 'The request failed for a reason that is in the log under this trace.' };
}

const isUnanswered = (error: unknown): boolean =>
  error instanceof NoRespondersError || (error instanceof RequestError && error.isNoResponders());

function unreachable(error: unknown, subject: string): Refusal {
  const cause = error instanceof RequestError ? (error.cause ?? error) : error;
  const area = subject.split('.')[2] ?? subject;
  if (isUnanswered(error))
    return new Refusal('service_unavailable', `Nobody answers for ${area} at the moment. Try again shortly.`);
  if (cause instanceof TimeoutError)
    return new Refusal('deadline_exceeded', `The answer for ${area} took too long. Try again shortly.`);
  return new Refusal('service_unavailable', `The message bus is not reachable for ${area}. Try again shortly.`);
}
