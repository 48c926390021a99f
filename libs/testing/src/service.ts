import { join } from 'node:path';
import { freePort } from './ports.js';
import { startProcess, untilReady, type RunningProcess } from './process.js';
import { root } from './settings.js';

export interface RunningService {
  url: string;
  readonly process: RunningProcess;
  stop(): Promise<void>;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** Starts a built service as a process of its own and waits until it is ready. */
export async function spawnService(
  name: string,
  env: Record<string, string>,
  logFile: string,
): Promise<RunningService> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const start = async () => {
    const running = startProcess({
      command: process.execPath,
      args: [join(root, 'apps', name, 'dist/main.js')],
      env: { ...bareEnvironment(), ...env, HTTP_PORT: String(port), HOST: '127.0.0.1' },
      logFile,
    });
    await untilReady(name, running, () => answersOk(`${url}/readyz`));
    return running;
  };
  let current = await start();
  return {
    url,
    get process() {
      return current;
    },
    stop: () => current.stop(),
    kill: () => current.kill(),
    restart: async () => {
      current = await start();
    },
  };
}

/** The Okta simulator as a process of its own; settings as its README names them, SIMULATOR_*. */
export async function spawnSimulator(env: Record<string, string>, logFile: string): Promise<RunningService> {
  const port = env.SIMULATOR_PORT ? Number(env.SIMULATOR_PORT) : await freePort();
  const url = `http://127.0.0.1:${port}`;
  const start = async () => {
    const running = startProcess({
      command: process.execPath,
      args: [join(root, 'apps/okta-simulator/dist/main.js')],
      env: { ...bareEnvironment(), ...env, SIMULATOR_PORT: String(port) },
      logFile,
    });
    await untilReady('okta-simulator', running, () => answersOk(`${url}/.well-known/okta-organization`));
    return running;
  };
  let current = await start();
  return {
    url,
    get process() {
      return current;
    },
    stop: () => current.stop(),
    kill: () => current.kill(),
    restart: async () => {
      current = await start();
    },
  };
}

/** This process's environment without what a test runner puts into it. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_ENV: _environment, ...rest } = process.env;
  return rest;
}

async function answersOk(url: string): Promise<void> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
}
