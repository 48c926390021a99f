import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { InvalidRequest, Refusal } from '@seatwise/contracts';
import { trace } from '@opentelemetry/api';
import { finalize, timeout, throwError, type Observable } from 'rxjs';
import { callerOf, httpOf } from './caller.js';
import { InFlight } from './in-flight.js';
import { factsOf } from './operation.js';
import { readsFrom } from './reading.js';

const usualDeadlineMs = 15_000;

/**
 * What every operation shares: its span is named by its route, a stray query is refused, it is shed when there is too
 * much in work, and an answer comes in time.
 */
@Injectable()
export class OperationInterceptor implements NestInterceptor {
  constructor(private readonly inFlight: InFlight) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { request } = httpOf(context);
    const route = (request.route as { path: string }).path;
    trace.getActiveSpan()?.updateName(`${request.method} ${route}`).setAttribute('http.route', route);

    const facts = factsOf(context.getHandler());
    if (!facts) return next.handle();
    if (!facts.anyQuery && !readsFrom(context.getClass().prototype as object, context.getHandler().name, 'query'))
      mustBeEmpty(request.query);
    const { deadlineMs = usualDeadlineMs, waits } = facts;
    if (deadlineMs === null) return next.handle();
    const kind = waits ? 'waiting' : deadlineMs > usualDeadlineMs ? 'long' : 'quick';
    const leave = this.inFlight.enter(callerOf(request)?.workspace ?? '', kind);
    return next
      .handle()
      .pipe(timeout({ each: deadlineMs, with: () => throwError(() => late(deadlineMs)) }), finalize(leave));
  }
}

const late = (deadlineMs: number) =>
  new Refusal('deadline_exceeded', `There was no answer within ${deadlineMs / 1_000} seconds. Try again shortly.`);

function mustBeEmpty(query: object): void {
  const names = Object.keys(query).slice(0, 20);
  if (names.length > 0)
    throw new InvalidRequest(
      names.map((name) => ({ path: `$.${name.slice(0, 100)}`, detail: 'there is no such query parameter' })),
    );
}
