import { Controller, Get, Headers, Module, Res } from '@nestjs/common';
import type { Response } from 'express';
import { collectDefaultMetrics, Counter, Gauge, Histogram } from 'prom-client';
import { exposition, registry } from './registry.js';

/** The counter of that name; made at the first call. */
export const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> =>
  (registry.getSingleMetric(name) as Counter<L> | undefined) ??
  new Counter({ name, help, labelNames, registers: [registry] });

/** The gauge of that name; `collect` is called for each scrape, and when it fails there is nothing of it to be seen. */
export const gauge = <L extends string>(
  name: string,
  help: string,
  labelNames: readonly L[] = [],
  collect?: (this: Gauge<L>) => void | Promise<void>,
): Gauge<L> =>
  (registry.getSingleMetric(name) as Gauge<L> | undefined) ??
  new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    ...(collect && {
      async collect() {
        try {
          await collect.call(this);
        } catch {
          // A server is away. Everything else is to be seen all the more.
          this.reset();
          // Without labels that is a 0, which would be wrong.
          if (labelNames.length === 0) this.remove();
        }
      },
    }),
  });

/** The histogram of that name, in seconds unless its name says otherwise. */
export const histogram = <L extends string>(
  name: string,
  help: string,
  labelNames: readonly L[] = [],
  buckets?: number[],
): Histogram<L> =>
  (registry.getSingleMetric(name) as Histogram<L> | undefined) ??
  new Histogram({ name, help, labelNames, registers: [registry], ...(buckets && { buckets }) });

@Controller('metrics')
export class MetricsController {
  @Get()
  async metrics(@Headers('accept') accept: string | undefined, @Res() response: Response): Promise<void> {
    const { type, text } = await exposition(accept);
    response.setHeader('content-type', type).end(text);
  }
}

/** `/metrics` for Prometheus, in OpenMetrics where that is accepted, with the process's own figures. */
@Module({ controllers: [MetricsController] })
export class MetricsModule {
  constructor() {
    if (!registry.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics({ register: registry });
  }
}
