import type { INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger, LoggerModule } from 'nestjs-pino';
import { ConfigError } from './config.js';
import { Draining } from './health.js';
import { createLogger, logOptions } from './logging.js';
import { stopTelemetry } from './telemetry.js';

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
 * last spans, and ends with code 0.
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
  await prepare?.(app);
  let ending = false;
  const end = async () => {
    if (ending) return;
    ending = true;
    app.get(Draining, { strict: false }).active = true;
    await app.close();
    await stopTelemetry();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end());
  await app.listen(port, host);
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
