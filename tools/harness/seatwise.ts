import { readFileSync } from 'node:fs';
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
import { noteScans, notedScans } from './scans.js';
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
  bus!: Bus;
  nats!: Nats;
  servers!: TestServers;

  private constructor(
    servers: TestServers,
    readonly kept: Kept,
  ) {
    this.use(servers);
  }

  private use(servers: TestServers): void {
    this.servers = servers;
    // Whatever a test asks, it hears the answer where the gateway would: there the services may answer.
    this.nats = new Nats({ servers: servers.natsUrl, name: 'system-test', inbox: 'gateway' });
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
    seatwise.kept.natsPasswords = seatwise.servers.natsPasswords;
    await Promise.all(orgs.map((settings, at) => seatwise.startOrg(settings, at)));
    const surroundings = {
      natsUrl: seatwise.servers.natsUrl,
      natsUsers: true,
      mongoUrl: seatwise.servers.mongoUrl,
      allowedOrigins: seatwise.orgs.map(({ url }) => url),
      kept: seatwise.kept,
    };
    for (const name of serviceNames) {
      const { HTTP_PORT: _any, ...own } = settingsOf(name, 0, surroundings);
      const settings = { ...own, LEASE_SECONDS: '2', LOG_EVERY_SECONDS: '2', ...env };
      if (name === 'gateway')
        Object.assign(settings, { THROTTLE_PER_MINUTE: '100000', THROTTLE_ADDRESS_PER_MINUTE: '100000', ...gateway });
      seatwise.settings.set(name, settings);
    }
    await seatwise.startServices();
    return seatwise;
  }

  private async startServices(): Promise<void> {
    await noteScans(this.servers.mongoUrl);
    await Promise.all(
      [...this.settings].map(async ([name, env]) => {
        const logFile = join(this.logs, `${name}.log`);
        this.services.set(name, await spawnService({ name, env, logFile }));
      }),
    );
  }

  /** Everything but the orgs is gone at once, servers and their data included. */
  async burnDown(): Promise<void> {
    await Promise.all(serviceNames.flatMap((name) => this.all(name)).map((service) => service.kill()));
    this.services.clear();
    this.replicas.length = 0;
    await (await this.nats.connection()).close();
    await Promise.all([this.servers.nats.kill(), this.servers.mongod.kill()]);
  }

  /** After {@link burnDown} the services start again with the keys that they had, on other servers. */
  async riseOn(servers: TestServers): Promise<void> {
    this.use(servers);
    for (const [name, settings] of this.settings)
      Object.assign(settings, {
        NATS_URL: servers.natsUrl,
        NATS_PASSWORD: servers.natsPasswords[name],
        MONGODB_URL: servers.mongoUrl,
      });
    await this.startServices();
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

  /**
   * As a rolling update has it: another build of the service, in a checkout of its own, is ready before the one that runs is
   * asked to end.
   */
  async replace(name: ServiceName, checkout: string): Promise<void> {
    const before = this.all(name);
    const entry = join(checkout, 'apps', name, 'dist/main.js');
    const logFile = join(this.logs, `${name}.log`);
    this.services.set(name, await spawnService({ name, entry, env: this.settings.get(name) ?? {}, logFile }));
    await Promise.all(before.map((service) => service.stop()));
  }

  /** One more of a service, with settings of its own where it shall be another. */
  async replica(name: ServiceName, own: Record<string, string> = {}): Promise<RunningService> {
    const logFile = join(this.logs, `${name}-${this.replicas.length + 2}.log`);
    const service = await spawnService({ name, env: { ...this.settings.get(name), ...own }, logFile });
    this.replicas.push({ name, service });
    return service;
  }

  /** Every process of a service. */
  all(name: ServiceName): RunningService[] {
    const first = this.services.get(name);
    const more = this.replicas.filter((replica) => replica.name === name).map(({ service }) => service);
    return [...(first ? [first] : []), ...more];
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
    const scans = await notedScans(this.servers.mongoUrl);
    await this.servers.stop();
    this.mustHaveKeptToTheDesign();
    if (scans.length > 0) throw new Error(`Services went through whole collections:\n${scans.join('\n')}`);
  }

  /** Nobody was refused anything by NATS: what the design gives each service is all that it uses. */
  private mustHaveKeptToTheDesign(): void {
    const log = readFileSync(this.servers.nats.process.logFile, 'utf8');
    const refused = new Set(log.match(/\w+ Violation - .*/g));
    if (refused.size > 0)
      throw new Error(`NATS refused what libs/contracts/src/access.ts does not give:\n${[...refused].join('\n')}`);
  }
}
