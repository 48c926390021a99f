import { Registry, type Metric, type OpenMetricsContentType, type RegistryContentType } from 'prom-client';

/** What `/metrics` shows. Exemplars are for OpenMetrics alone. */
export const registry = new Registry<OpenMetricsContentType>();
registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);

/** All metrics in the format that the caller accepts: OpenMetrics with exemplars, or Prometheus' own without. */
export async function exposition(accept = ''): Promise<{ type: string; text: string }> {
  const shown = new Registry<RegistryContentType>();
  if (accept.includes('application/openmetrics-text')) shown.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const metric of registry.getMetricsAsArray()) {
    // Writing OpenMetrics gives a counter another name, for good: one that looks through to the counter gets it.
    const isCounter = String(metric.type) === 'counter';
    shown.registerMetric((isCounter ? Object.create(metric) : metric) as Metric);
  }
  return { type: shown.contentType, text: await shown.metrics() };
}
