import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A finished span as it arrived over OTLP. */
export interface SinkSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  kind: number;
  service: string;
  attributes: Record<string, unknown>;
}

interface OtlpValue {
  stringValue?: string;
  intValue?: string | number;
  doubleValue?: number;
  boolValue?: boolean;
}
interface OtlpAttribute {
  key: string;
  value: OtlpValue;
}
interface OtlpBody {
  resourceSpans: {
    resource: { attributes: OtlpAttribute[] };
    scopeSpans: {
      spans: {
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        name: string;
        kind: number;
        attributes?: OtlpAttribute[];
      }[];
    }[];
  }[];
}

/** A collector for tests: takes OTLP over HTTP as JSON (OTEL_EXPORTER_OTLP_PROTOCOL=http/json) and keeps every span. */
export async function startTraceSink() {
  const spans: SinkSpan[] = [];
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      bodies.push(body);
      for (const span of spansOf(JSON.parse(body) as OtlpBody)) spans.push(span);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    /** The environment that makes a service send its traces here, soon. */
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '200',
    },
    spans,
    /** All that was sent, as it was sent. */
    bodies,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function* spansOf({ resourceSpans }: OtlpBody): Generator<SinkSpan> {
  for (const { resource, scopeSpans } of resourceSpans) {
    const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
    for (const { spans } of scopeSpans)
      for (const { traceId, spanId, parentSpanId, name, kind, attributes = [] } of spans)
        yield {
          traceId,
          spanId,
          parentSpanId: parentSpanId || undefined,
          name,
          kind,
          service,
          attributes: attributesOf(attributes),
        };
  }
}

const attributesOf = (list: OtlpAttribute[]): Record<string, unknown> =>
  Object.fromEntries(
    list.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue]),
  );
