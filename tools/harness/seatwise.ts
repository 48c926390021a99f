import { join } from 'node:path';
import {
  startTestServers,
  spawnService,
  spawnSimulator,
  testFolder,
  type RunningService,
  type TestServers,
} from '@seatwise/testing';
import { Bus, Nats } from '@seatwise/messaging';
import type { ConnectionDto, RunDto } from '@seatwise/contracts';
import { Api } from '../start/api.js';
import { newKept, type Kept } from '../start/home.js';
import { serviceNames, settingsOf, type ServiceName } from '../start/services.js';
import { until } from './until.js';

/** The simulated org of a test, at a moment that stands still, so that its log has an end. */
export interface TestOrg {
  url: string;
  token: string;
  service: RunningService;
  control<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
}

/** All of Seatwise as processes of their own on real servers, with simulated orgs. */
export class Seatwise {
  readonly services = new Map<ServiceName, RunningService>();
  private readonly settings = new Map<ServiceName, Record<string, string>>();
  private readonly replicas: { name: ServiceName; service: RunningService }[] = [];
  readonly orgs: TestOrg[] = [];
  readonly logs = testFolder();
  readonly bus: Bus;
  readonly nats: Nats;

  private constructor(
    readonly servers: TestServers,
    readonly kept: Kept,
  ) {
    this.nats = new Nats({ servers: servers.natsUrl, name: 'system-test' });
    this.bus = new Bus(this.nats);
  }

  static async start(
    orgs: Record<string, string>[],
    env: Record<string, string> = {},
    servers: Parameters<typeof startTestServers>[0] = {},
    /** The gateway's alone, such as its port. */
    gateway: Record<string, string> = {},
  ): Promise<Seatwise> {
    const seatwise = new Seatwise(await startTestServers(servers), await newKept());
    await Promise.all(orgs.map((settings, at) => seatwise.startOrg(settings, at)));
    const surroundings = {
      natsUrl: seatwise.servers.natsUrl,
      mongoUrl: seatwise.servers.mongoUrl,
      allowedOrigins: seatwise.orgs.map(({ url }) => url),
      kept: seatwise.kept,
    };
    await Promise.all(
      serviceNames.map(async (name) => {
        const { HTTP_PORT: _any, ...own } = settingsOf(name, 0, surroundings);
        const settings = { ...own, LEASE_SECONDS: '2', LOG_EVERY_SECONDS: '2', ...env };
        if (name === 'gateway')
          Object.assign(settings, { THROTTLE_PER_MINUTE: '100000', THROTTLE_ADDRESS_PER_MINUTE: '100000', ...gateway });
        seatwise.settings.set(name, settings);
        seatwise.services.set(
          name,
          await spawnService({ name, env: settings, logFile: join(seatwise.logs, `${name}.log`) }),
        );
      }),
    );
    return seatwise;
  }

  private async startOrg(settings: Record<string, string>, at: number): Promise<void> {
    const token = `00test${at}${'x'.repeat(36)}`;
    const env = { SIMULATOR_FROZEN: 'true', SIMULATOR_TOKEN: token, ...settings };
    const service = await spawnSimulator({ env, logFile: join(this.logs, `okta-simulator-${at}.log`) });
    this.orgs[at] = {
      url: service.url,
      token,
      service,
      control: async <T>(method: string, path: string, body?: unknown) => {
        const response = await fetch(`${service.url}/control/${path}`, {
          method,
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        if (!response.ok) throw new Error(`control ${path}: ${text}`);
        return JSON.parse(text) as T;
      },
    };
  }

  /** One more of a service. */
  async replica(name: ServiceName): Promise<RunningService> {
    const logFile = join(this.logs, `${name}-${this.replicas.length + 2}.log`);
    const service = await spawnService({ name, env: this.settings.get(name) ?? {}, logFile });
    this.replicas.push({ name, service });
    return service;
  }

  /** Every process of a service. */
  all(name: ServiceName): RunningService[] {
    const more = this.replicas.filter((replica) => replica.name === name).map(({ service }) => service);
    return [this.services.get(name)!, ...more];
  }

  get gatewayUrl(): string {
    return this.services.get('gateway')!.url;
  }

  /** A workspace of its own, with its administrator's key. */
  async workspace(name: string): Promise<{ id: string; api: Api }> {
    const door = new Api(this.gatewayUrl, this.kept.bootstrapToken);
    const path = this.opened ? '/workspaces' : '/bootstrap';
    this.opened = true;
    const made = await door.call<{ workspace: { id: string }; key: string }>('POST', path, { workspaceName: name });
    return { id: made.workspace.id, api: new Api(this.gatewayUrl, made.key) };
  }
  private opened = false;

  /** Resolves with the connection's newest run when it has ended and everything it published has been counted. */
  async ended(api: Api, { id }: ConnectionDto, after = ''): Promise<RunDto> {
    const run = await until(
      () => api.newestRun(id).catch(() => undefined),
      (newest) => newest !== undefined && newest.id > after && newest.state !== 'running',
    );
    if (run!.state === 'complete')
      await until(
        () => api.summary(id).catch(() => undefined),
        (summary) =>
          Boolean(
            summary?.asOf[0]?.directory && summary.asOf[0].directory >= run!.startedAt && summary.asOf[0].signIns,
          ),
      );
    return run!;
  }

  async stop(): Promise<void> {
    const processes = [...serviceNames.flatMap((name) => this.all(name)), ...this.orgs.map(({ service }) => service)];
    await Promise.all(processes.map((part) => part.kill()));
    await (await this.nats.connection()).close();
    await this.servers.stop();
  }
}
