import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Refusal } from '@seatwise/contracts';
import { createLogger, currentTraceId } from '@seatwise/observability';
import type { Express, Request, Response } from 'express';
import { GatewayConfig } from '../config.js';
import { allowedMethods } from './allowed-methods.js';
import { problemMediaType, problemOf } from './problem.js';
import { refusalOf } from './refusal-of.js';
import { routeOf } from './route-of.js';

const log = createLogger('door');

/** Turns everything that is thrown into a problem (RFC 9457). What nobody foresaw is logged, and told without details. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly config: GatewayConfig,
    private readonly host: HttpAdapterHost,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) return void response.destroy();
    const refusal = this.wrongMethod(refusalOf(error), request, response) ?? this.unforeseen(error, request);
    if (refusal.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="Seatwise"');
    const { retryAfter } = refusal.extra.context ?? {};
    if (typeof retryAfter === 'number') response.setHeader('Retry-After', String(retryAfter));
    if ([429, 503].includes(refusal.status) && !response.hasHeader('Retry-After'))
      response.setHeader('Retry-After', '2');
    const traceId = currentTraceId();
    const problem = problemOf(refusal, {
      publicUrl: this.config.publicUrl ?? '',
      path: request.path,
      ...(traceId && { traceId }),
    });
    response.status(refusal.status).type(problemMediaType).send(JSON.stringify(problem));
  }

  /** Nest says 404 for a known path with another method; HTTP has 405 for that. */
  private wrongMethod(refusal: Refusal | undefined, request: Request, response: Response): Refusal | undefined {
    if (refusal?.code !== 'not_found' || routeOf(request)) return refusal;
    const methods = allowedMethods(this.host.httpAdapter.getInstance<Express>(), request.path);
    if (methods.length === 0) return refusal;
    response.setHeader('Allow', methods.join(', '));
    return new Refusal('method_not_allowed', `This resource has ${methods.join(', ')}, not ${request.method}.`);
  }

  private unforeseen(error: unknown, request: Request): Refusal {
    const { id } = request as { id?: unknown };
    log.error({ method: request.method, route: routeOf(request), request: id, err: error }, 'request failed');
    const where = currentTraceId() ? 'under this trace' : `under "request":${String(id)}`;
    return new Refusal('internal_error', `The request failed for a reason that is in the gateway's log ${where}.`);
  }
}
