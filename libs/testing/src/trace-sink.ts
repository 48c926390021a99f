import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A finished span as it arrived over OTLP. */
export interface SinkSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  kind: number;
  /** Nanoseconds since the epoch. */
  startedAt: bigint;
  service: string;
  attributes: Record<string, unknown>;
}

/** The kinds of spans as OTLP numbers them. */
export const spanKind = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

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
        startTimeUnixNano: string;
        attributes?: OtlpAttribute[];
      }[];
    }[];
  }[];
}

export interface TraceSink {
  url: string;
  /** The environment that makes a service send its traces here, soon. */
  env: Record<string, string>;
  /** All that arrived so far, in the order in which it arrived. */
  spans(): readonly SinkSpan[];
  /** All that was sent, as it was sent. */
  bodies(): readonly string[];
  close(): Promise<void>;
}

/** A collector for tests: takes OTLP over HTTP as JSON (OTEL_EXPORTER_OTLP_PROTOCOL=http/json) and keeps every span. */
export async function startTraceSink(): Promise<TraceSink> {
  const spans: SinkSpan[] = [];
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== '/v1/traces') {
      response.writeHead(404).end();
      return;
    }
    if (!request.headers['content-type']?.startsWith('application/json')) {
      response.writeHead(415).end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      bodies.push(body);
      try {
        spans.push(...spansOf(JSON.parse(body) as OtlpBody));
        response.setHeader('content-type', 'application/json').end('{}');
      } catch {
        response.writeHead(400).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '200',
    },
    spans: () => spans,
    bodies: () => bodies,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // An exporter keeps its connection open for the next batch.
      server.closeAllConnections();
      await closed;
    },
  };
}

function* spansOf({ resourceSpans }: OtlpBody): Generator<SinkSpan> {
  for (const { resource, scopeSpans } of resourceSpans) {
    const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
    for (const { spans } of scopeSpans)
      for (const { traceId, spanId, parentSpanId, name, kind, startTimeUnixNano, attributes = [] } of spans)
        yield {
          traceId,
          spanId,
          parentSpanId: parentSpanId || undefined,
          name,
          kind,
          startedAt: BigInt(startTimeUnixNano),
          service,
          attributes: attributesOf(attributes),
        };
  }
}

const attributesOf = (list: OtlpAttribute[]): Record<string, unknown> =>
  Object.fromEntries(
    list.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue]),
  );
