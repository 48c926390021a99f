import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { natsAccounts } from '@seatwise/contracts';
import {
  freePort,
  resolveMongod,
  natsEnvironment,
  nodeFlags,
  resolveNatsServer,
  startMongod,
  startNats,
  startProcess,
  untilReady,
  usersOf,
  type RunningProcess,
} from '@seatwise/testing';
import type { Claim } from './claim.js';
import { root, type Home, type Kept } from './home.js';
import { moveIntoAccount } from './nats-store.js';
import { serviceNames, settingsOf, type Reachable, type ServiceName } from './services.js';

type Say = (line: string) => void;

/** How long a part may take to end before it is killed. */
const patienceMs = 15_000;

/** One process of the system. */
interface Part {
  name: string;
  process: RunningProcess;
}

/** Thrown where the start was on its way when the end was asked for. */
class StoppingError extends Error {}

/** Everything that runs on this machine. The services are ended before what they use. */
export class System {
  private readonly parts: Part[] = [];
  /** Servers that are not ready yet. */
  private readonly launching: Promise<unknown>[] = [];
  private stopping: Promise<void> | undefined;
  gatewayUrl = '';
  simulatorUrl: string | undefined;

  constructor(
    private readonly home: Home,
    private readonly claim: Claim,
    private readonly kept: Kept,
    private readonly say: Say,
    /** Called when a part ends that was not asked to. */
    private readonly onDeath: (name: string, logFile: string) => void,
  ) {}

  async start(
    demo: { people: number; limits: 'none' | 'real' } | undefined,
    allowedOrigins: string[],
    gatewayPort: number,
  ): Promise<void> {
    const [nats, mongoUrl] = await Promise.all([this.startNats(), this.startMongod()]);
    if (demo) this.simulatorUrl = await this.startSimulator(demo);
    const simulated = this.simulatorUrl ? [this.simulatorUrl] : [];
    const reachable: Reachable = { ...nats, mongoUrl, allowedOrigins: [...allowedOrigins, ...simulated] };
    this.goOn();
    // For `npm run serve`, which puts one more replica beside these.
    writeFileSync(this.home.path('running.json'), JSON.stringify(reachable));
    const ports: Partial<Record<ServiceName, number>> = {};
    for (const [index, name] of serviceNames.entries())
      ports[name] = await freePort(name === 'gateway' ? gatewayPort : 8081 + index, {
        say: this.say,
        what: name,
        except: Object.values(ports),
      });
    await Promise.all(serviceNames.map((name) => this.startService(name, ports[name]!, reachable)));
    this.gatewayUrl = `http://127.0.0.1:${ports.gateway}`;
    this.say(`Services    ${serviceNames.join(', ')}`);
  }

  /** Ends everything, also what is only starting. It has an end: a part that takes too long is killed, and named. */
  stop(): Promise<void> {
    this.stopping ??= this.stopParts();
    return this.stopping;
  }

  private async stopParts(): Promise<void> {
    rmSync(this.home.path('running.json'), { force: true });
    await Promise.race([Promise.allSettled(this.launching), sleep(patienceMs)]);
    await Promise.all(this.parts.filter(isService).map((part) => this.end(part)));
    await Promise.all(this.parts.map((part) => this.end(part)));
  }

  private async end({ name, process }: Part): Promise<void> {
    const late = new AbortController();
    const inTime = await Promise.race([
      process.stop().then(() => true),
      sleep(patienceMs, false, { signal: late.signal }),
    ]);
    late.abort();
    if (inTime) return;
    await process.kill();
    this.say(`${name} did not end within ${patienceMs / 1_000} s and was killed; its log is ${process.logFile}`);
  }

  /** Throws once the end was asked for, so that nothing more is started. */
  private goOn(): void {
    if (this.stopping) throw new StoppingError();
  }

  private async startNats(): Promise<Pick<Reachable, 'natsUrl' | 'natsUsers'>> {
    const found = await resolveNatsServer({ say: this.say });
    if (found.kind === 'url') return { natsUrl: found.url, natsUsers: false };
    const port = await freePort(4222, { say: this.say, what: 'nats-server' });
    const storeDir = this.home.path('data/nats/.keep').slice(0, -6);
    moveIntoAccount(storeDir);
    const { natsPasswords, readers = {} } = this.kept;
    const passwords = Object.fromEntries(Object.entries(readers).map(([name, { password }]) => [name, password]));
    const env = natsEnvironment({ ...natsPasswords, ...usersOf(passwords) });
    const accounts = natsAccounts({ consumers: Object.keys(readers).map((name) => ({ name })) });
    const options = { binary: found.path, port, storeDir, accounts, env };
    return { natsUrl: await this.launch('nats-server', () => startNats(options)), natsUsers: true };
  }

  private async startMongod(): Promise<string> {
    const found = await resolveMongod({ say: this.say });
    if (found.kind === 'url') return found.url;
    const port = await freePort(27017, { say: this.say, what: 'mongod' });
    const dataDir = this.home.path('data/mongodb/.keep').slice(0, -6);
    return this.launch('mongod', () => startMongod({ binary: found.path, port, dataDir }));
  }

  private async launch(name: string, start: () => Promise<{ url: string; process: RunningProcess }>): Promise<string> {
    this.goOn();
    const launched = start().then((server) => {
      this.add(name, server.process);
      return server.url;
    });
    this.launching.push(launched);
    return launched;
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

  private async startService(name: ServiceName, port: number, reachable: Reachable): Promise<void> {
    const settings = settingsOf(name, port, { ...reachable, kept: this.kept });
    const running = this.spawn(name, `apps/${name}/dist/main.js`, settings);
    await untilReady(name, running, () => answersOk(`http://127.0.0.1:${port}/readyz`));
  }

  private spawn(name: string, entry: string, settings: Record<string, string>): RunningProcess {
    this.goOn();
    const running = startProcess({
      command: process.execPath,
      args: [...nodeFlags, join(root, entry)],
      env: { ...process.env, ...settings },
      logFile: this.home.path('logs', `${name}.log`),
    });
    this.add(name, running);
    return running;
  }

  private add(name: string, running: RunningProcess): void {
    this.parts.push({ name, process: running });
    this.claim.note(name, running.pid);
    void running.ended.then(() => this.stopping ?? this.onDeath(name, running.logFile));
  }
}

const isService = ({ name }: Part) => (serviceNames as readonly string[]).includes(name);

async function answersOk(url: string): Promise<void> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`answered ${response.status}`);
}
