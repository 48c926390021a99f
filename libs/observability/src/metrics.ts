import { Controller, Get, Header, Module } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What `/metrics` shows. */
export const registry = new Registry();

/** The counter of that name; made at the first call. */
export const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> =>
  (registry.getSingleMetric(name) as Counter<L> | undefined) ??
  new Counter({ name, help, labelNames, registers: [registry] });

/** The gauge of that name; `collect` is called for each scrape. */
export const gauge = <L extends string>(
  name: string,
  help: string,
  labelNames: readonly L[] = [],
  collect?: (this: Gauge<L>) => void | Promise<void>,
): Gauge<L> =>
  (registry.getSingleMetric(name) as Gauge<L> | undefined) ??
  new Gauge({ name, help, labelNames, registers: [registry], ...(collect && { collect }) });

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
  @Header('content-type', registry.contentType)
  metrics(): Promise<string> {
    return registry.metrics();
  }
}

/** `/metrics` in Prometheus' format, with the process's own figures. */
@Module({ controllers: [MetricsController] })
export class MetricsModule {
  constructor() {
    if (!registry.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics({ register: registry });
  }
}
