import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, startProcess, untilReady, type RunningProcess } from '@seatwise/testing';
import { stringify } from 'yaml';

/** A span as Jaeger gives it back. */
export interface JaegerSpan {
  spanID: string;
  operationName: string;
  references: { refType: string; spanID: string }[];
  /** Microseconds, as the duration. */
  startTime: number;
  duration: number;
  tags: { key: string; value: unknown }[];
  processID: string;
}
export interface JaegerTrace {
  traceID: string;
  spans: JaegerSpan[];
  processes: Record<string, { serviceName: string }>;
}

async function answerOf<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** Jaeger on this machine, with all in memory. */
export class Jaeger {
  private constructor(
    private readonly process: RunningProcess,
    readonly otlp: string,
    readonly url: string,
  ) {}

  static async start(binary: string, folder: string): Promise<Jaeger> {
    mkdirSync(folder, { recursive: true });
    const [otlp, http, grpc] = [await freePort(), await freePort(), await freePort()].map(
      (port) => `127.0.0.1:${port}`,
    );
    const config = {
      service: {
        extensions: ['jaeger_storage', 'jaeger_query'],
        pipelines: { traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['jaeger_storage_exporter'] } },
        telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
      },
      extensions: {
        jaeger_storage: { backends: { memory: { memory: { max_traces: 10_000 } } } },
        jaeger_query: { storage: { traces: 'memory' }, http: { endpoint: http }, grpc: { endpoint: grpc } },
      },
      receivers: { otlp: { protocols: { http: { endpoint: otlp } } } },
      processors: { batch: { timeout: '200ms' } },
      exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
    };
    const file = join(folder, 'jaeger.yaml');
    writeFileSync(file, stringify(config));
    const running = startProcess({ command: binary, args: ['--config', file], logFile: join(folder, 'jaeger.log') });
    const jaeger = new Jaeger(running, `http://${otlp}`, `http://${http}`);
    await untilReady('jaeger', running, () => jaeger.services().then(() => undefined));
    return jaeger;
  }

  services(): Promise<string[]> {
    return answerOf<{ data: string[] | null }>(`${this.url}/api/services`).then(({ data }) => data ?? []);
  }

  /** Undefined: it has none of that id. */
  async byId(traceId: string): Promise<JaegerTrace | undefined> {
    const response = await fetch(`${this.url}/api/traces/${traceId}`);
    return response.ok ? ((await response.json()) as { data: JaegerTrace[] }).data[0] : undefined;
  }

  async byTag(service: string, tag: string, value: string): Promise<JaegerTrace[]> {
    const query = new URLSearchParams({ service, tags: JSON.stringify({ [tag]: value }), limit: '20' });
    return (await answerOf<{ data: JaegerTrace[] }>(`${this.url}/api/traces?${query.toString()}`)).data;
  }

  stop(): Promise<void> {
    return this.process.stop().then(() => undefined);
  }
}

/** Prometheus on this machine, which scrapes every second. */
export class Prometheus {
  private constructor(
    private readonly process: RunningProcess,
    readonly url: string,
  ) {}

  static async start(binary: string, folder: string, targets: Record<string, string>): Promise<Prometheus> {
    const place = `127.0.0.1:${await freePort()}`;
    const file = join(folder, 'prometheus.yaml');
    const jobs = Object.entries(targets).map(([job, url]) => ({
      job_name: job,
      static_configs: [{ targets: [new URL(url).host] }],
    }));
    writeFileSync(file, stringify({ global: { scrape_interval: '1s' }, scrape_configs: jobs }));
    const args = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=${place}`,
      '--enable-feature=exemplar-storage',
    ];
    const running = startProcess({ command: binary, args, logFile: join(folder, 'prometheus.log') });
    const prometheus = new Prometheus(running, `http://${place}`);
    await untilReady('prometheus', running, async () => {
      if (!(await fetch(`${prometheus.url}/-/ready`)).ok) throw new Error('not ready');
    });
    return prometheus;
  }

  /** How many series an expression gives now. Throws when it is none. */
  async query(expr: string): Promise<number> {
    const query = new URLSearchParams({ query: expr.replaceAll('$__rate_interval', '1m') });
    return (await answerOf<{ data: { result: unknown[] } }>(`${this.url}/api/v1/query?${query.toString()}`)).data.result
      .length;
  }

  /** The traces that a metric's exemplars name, by the service that measured them. */
  async exemplars(metric: string): Promise<{ job: string; traceId: string }[]> {
    const range = { start: String(Date.now() / 1_000 - 600), end: String(Date.now() / 1_000) };
    const query = new URLSearchParams({ query: metric, ...range });
    const { data } = await answerOf<{
      data: { seriesLabels: { job: string }; exemplars: { labels: { trace_id: string } }[] }[];
    }>(`${this.url}/api/v1/query_exemplars?${query.toString()}`);
    return data.flatMap(({ seriesLabels, exemplars }) =>
      exemplars.map(({ labels }) => ({ job: seriesLabels.job, traceId: labels.trace_id })),
    );
  }

  stop(): Promise<void> {
    return this.process.stop().then(() => undefined);
  }
}
