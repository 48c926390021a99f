import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  freePort,
  resolveMongod,
  nodeFlags,
  resolveNatsServer,
  startMongod,
  startNats,
  startProcess,
  untilReady,
  type RunningProcess,
} from '@seatwise/testing';
import { root, type Home, type Kept } from './home.js';
import { serviceNames, settingsOf, type ServiceName, type Surroundings } from './services.js';

type Say = (line: string) => void;

/** One process of the system: how to end it, and what to do when it ends by itself. */
interface Part {
  name: string;
  stop: () => Promise<void>;
}

/** Everything that runs on this machine. Parts are ended in the reverse of the order in which they were started. */
export class System {
  private readonly parts: Part[] = [];
  private stopping: Promise<void> | undefined;
  gatewayUrl = '';
  simulatorUrl: string | undefined;

  constructor(
    private readonly home: Home,
    private readonly kept: Kept,
    private readonly say: Say,
    /** Called when a part ends that was not asked to. */
    private readonly onDeath: (name: string) => void,
  ) {}

  async start(demo: { people: number; limits: 'none' | 'real' } | undefined): Promise<void> {
    const [natsUrl, mongoUrl] = await Promise.all([this.startNats(), this.startMongod()]);
    if (demo) this.simulatorUrl = await this.startSimulator(demo);
    const surroundings: Surroundings = {
      natsUrl,
      mongoUrl,
      allowedOrigins: this.simulatorUrl ? [this.simulatorUrl] : [],
      kept: this.kept,
    };
    // For `npm run serve`, which puts one more replica beside these.
    const { kept: _kept, ...reachable } = surroundings;
    writeFileSync(this.home.path('running.json'), JSON.stringify(reachable));
    const ports: Partial<Record<ServiceName, number>> = {};
    for (const [index, name] of serviceNames.entries())
      ports[name] = await freePort(name === 'gateway' ? 8080 : 8081 + index, {
        say: this.say,
        what: name,
        except: Object.values(ports),
      });
    await Promise.all(serviceNames.map((name) => this.startService(name, ports[name]!, surroundings)));
    this.gatewayUrl = `http://127.0.0.1:${ports.gateway}`;
    this.say(`Services    ${serviceNames.join(', ')}`);
  }

  stop(): Promise<void> {
    this.stopping ??= this.stopParts();
    return this.stopping;
  }

  private async stopParts(): Promise<void> {
    rmSync(this.home.path('running.json'), { force: true });
    await Promise.all(this.parts.filter(isService).map((part) => part.stop()));
    for (const part of this.parts.filter((candidate) => !isService(candidate)).toReversed()) await part.stop();
  }

  private async startNats(): Promise<string> {
    const found = await resolveNatsServer({ say: this.say });
    if (found.kind === 'url') return found.url;
    const port = await freePort(4222, { say: this.say, what: 'nats-server' });
    const server = await startNats({
      binary: found.path,
      port,
      storeDir: this.home.path('data/nats/.keep').slice(0, -6),
    });
    this.parts.push({ name: 'nats-server', stop: () => server.stop() });
    return server.url;
  }

  private async startMongod(): Promise<string> {
    const found = await resolveMongod({ say: this.say });
    if (found.kind === 'url') return found.url;
    const port = await freePort(27017, { say: this.say, what: 'mongod' });
    const server = await startMongod({
      binary: found.path,
      port,
      dataDir: this.home.path('data/mongodb/.keep').slice(0, -6),
    });
    this.parts.push({ name: 'mongod', stop: () => server.stop() });
    return server.url;
  }

  private async startSimulator({ people, limits }: { people: number; limits: string }): Promise<string> {
    const port = await freePort(7070, { say: this.say, what: 'okta-simulator' });
    const url = `http://127.0.0.1:${port}`;
    const running = this.spawn('okta-simulator', 'apps/okta-simulator/dist/main.js', {
      SIMULATOR_PORT: String(port),
      SIMULATOR_PEOPLE: String(people),
      SIMULATOR_LIMITS: limits,
      SIMULATOR_TOKEN: this.kept.simulatorToken,
    });
    await untilReady('okta-simulator', running, () => answersOk(`${url}/.well-known/okta-organization`));
    this.say(`Okta        a simulated org of ${people.toLocaleString('en')} people at ${url}`);
    return url;
  }

  private async startService(name: ServiceName, port: number, surroundings: Surroundings): Promise<void> {
    const running = this.spawn(name, `apps/${name}/dist/main.js`, settingsOf(name, port, surroundings));
    await untilReady(name, running, () => answersOk(`http://127.0.0.1:${port}/readyz`));
  }

  private spawn(name: string, entry: string, settings: Record<string, string>): RunningProcess {
    const running = startProcess({
      command: process.execPath,
      args: [...nodeFlags, join(root, entry)],
      env: { ...inherited(), ...settings },
      logFile: this.home.path('logs', `${name}.log`),
    });
    void running.ended.then(() => this.stopping ?? this.onDeath(name));
    this.parts.push({ name, stop: () => running.stop() });
    return running;
  }
}

const isService = ({ name }: Part) => (serviceNames as readonly string[]).includes(name);

async function answersOk(url: string): Promise<void> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`answered ${response.status}`);
}

/** The environment of this process without the secrets that are meant for it alone. */
function inherited(): NodeJS.ProcessEnv {
  const { OKTA_API_TOKEN: _token, ...rest } = process.env;
  return rest;
}
