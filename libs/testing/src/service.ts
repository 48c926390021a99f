import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from './folder.js';
import { freePort } from './ports.js';
import { startProcess, untilReady, type RunningProcess } from './process.js';
import { root } from './settings.js';

/** A built program of ours as a process of its own. */
export interface RunningService {
  url: string;
  /** The process of now: another one after a restart. */
  readonly process: RunningProcess;
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<void>;
  /** `kill -9`; resolves when it has ended. */
  kill(): Promise<void>;
  /** Starts it again at the same address, after it was ended. */
  restart(): Promise<void>;
}

/**
 * What each of our programs is run with. Node.js sizes its heap by the machine, and on a large one lets garbage lie; a
 * service needs little, so it is told.
 */
export const nodeFlags = ['--max-old-space-size=192', '--max-semi-space-size=8'];

export interface ServiceOptions {
  /** As the folder under `apps/`. */
  name: string;
  /** The program; `apps/<name>/dist/main.js` when left out. */
  entry?: string;
  /**
   * A folder with what is in the service's image, `service/dist` and the packages it needs: it runs in there, with nothing of
   * this process's environment.
   */
  image?: string;
  /** Its settings, beside HTTP_PORT and HOST. */
  env: Record<string, string>;
  logFile?: string;
}

/** Starts a built service and waits until it is ready. Throws a NotReadyError with the last lines of its log. */
export async function spawnService({ name, entry, image, env, logFile }: ServiceOptions): Promise<RunningService> {
  const log = logFile ?? join(testFolder(), `${name}.log`);
  const port = env.HTTP_PORT ?? String(await freePort());
  const built = image === undefined ? join(root, 'apps', name, 'dist/main.js') : join(image, 'service/dist/main.js');
  const program = entry ?? built;
  const surroundings = image === undefined ? bareEnvironment() : { NODE_ENV: 'production' };
  const url = `http://127.0.0.1:${port}`;
  return restartable(url, async () => {
    const running = startProcess({
      command: process.execPath,
      args: [...nodeFlags, program],
      env: { ...surroundings, ...env, HTTP_PORT: port, HOST: '127.0.0.1' },
      ...(image !== undefined && { cwd: image }),
      logFile: log,
    });
    await untilReady(name, running, () => answersOk(`${url}/readyz`));
    return running;
  });
}

export interface SimulatorOptions {
  /** Settings as the simulator's README names them, SIMULATOR_*. Any free port when SIMULATOR_PORT is left out. */
  env?: Record<string, string>;
  args?: string[];
  logFile?: string;
}

/** The built Okta simulator; its URL is what it says itself in its first line. */
export async function spawnSimulator({ env = {}, args = [], logFile }: SimulatorOptions = {}): Promise<RunningService> {
  const log = logFile ?? join(testFolder(), 'okta-simulator.log');
  const start = async (port: string) => {
    const from = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    const running = startProcess({
      command: process.execPath,
      args: [join(root, 'apps/okta-simulator/dist/main.js'), ...args],
      env: { ...bareEnvironment(), SIMULATOR_PORT: port, ...env },
      logFile: log,
    });
    const url = await untilReady('okta-simulator', running, async () => saidUrl(log, from));
    return { running, url };
  };
  const first = await start('0');
  let next: RunningProcess | undefined = first.running;
  const port = new URL(first.url).port;
  return restartable(first.url, async () => {
    const running = next ?? (await start(port)).running;
    next = undefined;
    return running;
  });
}

async function restartable(url: string, start: () => Promise<RunningProcess>): Promise<RunningService> {
  let current = await start();
  return {
    url,
    get process() {
      return current;
    },
    stop: () => current.stop(),
    kill: () => current.kill(),
    restart: async () => {
      await current.stop();
      current = await start();
    },
  };
}

/** This process's environment without what a test runner puts into it. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_ENV: _environment, ...rest } = process.env;
  return rest;
}

function saidUrl(log: string, from: number): string {
  const said = readFileSync(log).subarray(from).toString();
  const line = said.split('\n', 1)[0]!;
  if (line.length === said.length) throw new Error('it has not said its URL yet');
  return (JSON.parse(line) as { url: string }).url;
}

async function answersOk(url: string): Promise<void> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
}
