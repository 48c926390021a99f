import { once } from 'node:events';
import type { INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { Logger, LoggerModule } from 'nestjs-pino';
import { ConfigError } from './config.js';
import { Draining } from './health.js';
import { createLogger, logOptions } from './logging.js';
import { stopTelemetry } from './telemetry.js';

/** After the signal to end: how long open connections may last, and how long everything may, of Kubernetes' 30 s. */
const lingerMs = 10_000;
const longestEndMs = 25_000;

export interface ServiceOptions {
  module: Type;
  port: number;
  /** The address to listen on; this machine alone unless told otherwise. */
  host?: string;
  /** What the application needs before it listens. */
  prepare?: (app: NestExpressApplication) => void | Promise<void>;
}

/** The one way to log in a Nest service: `imports: [logging('sync-service')]`. Health and metrics are not logged. */
export const logging = (service: string) =>
  LoggerModule.forRoot({
    pinoHttp: {
      ...logOptions(service),
      autoLogging: { ignore: ({ url = '' }) => /^\/(livez|readyz|metrics)\b/.test(url) },
      serializers: {
        req: ({ id, method, url }: { id: string; method: string; url: string }) => ({
          id,
          method,
          path: url.split('?')[0],
        }),
        res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
      },
    },
  });

/**
 * Starts a service and keeps it until SIGTERM or SIGINT: then it is unready, finishes what it has in work, sends the
 * last spans, and ends with code 0; with 1 when that takes longer than 25 seconds. It listens before it is ready, so
 * that it is known to be alive.
 */
export async function runService({
  module,
  port,
  host = '127.0.0.1',
  prepare,
}: ServiceOptions): Promise<INestApplication> {
  const app = await NestFactory.create<NestExpressApplication>(module, { bufferLogs: true, bodyParser: false });
  app.useLogger(app.get(Logger));
  app.disable('x-powered-by');
  let starting = true;
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (!starting) return next();
    // Alive, though a server that it needs may keep it from being ready for long.
    const isLive = request.path === '/livez';
    response.status(isLive ? 200 : 503).json({ status: isLive ? 'ok' : 'starting' });
  });
  await prepare?.(app);
  const server = app.getHttpServer();
  let ending = false;
  const end = async () => {
    if (ending) return;
    ending = true;
    // Whoever has not begun has nothing to finish.
    if (starting) process.exit(0);
    app.get(Draining, { strict: false }).active = true;
    // Whoever still sends or reads by then has had the time for it; and nothing holds the process up for ever.
    setTimeout(() => server.closeAllConnections(), lingerMs).unref();
    setTimeout(() => process.exit(1), longestEndMs).unref();
    await app.close();
    await stopTelemetry();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end());
  server.listen(port, host);
  await once(server, 'listening');
  await app.init();
  starting = false;
  return app;
}

/** Runs a service's `main`; what it cannot start for is said once, and the process ends with code 1. */
export function main(name: string, start: () => Promise<unknown>): void {
  const log = createLogger(name);
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unhandled rejection');
    process.exit(1);
  });
  start().catch((error: unknown) => {
    if (error instanceof ConfigError) console.error(error.message);
    else log.fatal({ err: error }, 'could not start');
    process.exit(1);
  });
}
