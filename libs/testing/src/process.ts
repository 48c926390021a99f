import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program that was started here: ended with this process at the latest. */
export interface RunningProcess {
  readonly pid: number;
  readonly logFile: string;
  /** Resolves with how it ended, whoever ended it. */
  readonly ended: Promise<string>;
  isRunning(): boolean;
  /** Asks it to end, and makes it after 20 seconds. */
  stop(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

export interface ProcessOptions {
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  logFile: string;
  /** A group of its own, so that Ctrl-C in a terminal does not reach it: its starter ends it. */
  detached?: boolean;
}

const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

export function startProcess({
  command,
  args,
  env = process.env,
  logFile,
  detached = true,
}: ProcessOptions): RunningProcess {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { env, stdio: ['ignore', log, log], detached });
  closeSync(log);
  alive.add(child);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
  });
  void ended.then(() => alive.delete(child));
  const isRunning = () => child.exitCode === null && child.signalCode === null && child.pid !== undefined;
  const end = async (signal: NodeJS.Signals) => {
    if (!isRunning()) return;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
  };
  return {
    pid: child.pid ?? 0,
    logFile,
    ended,
    isRunning,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    signal: (name) => void child.kill(name),
  };
}

/** Waits until `look` no longer throws; throws with the process's last lines when it ends or takes too long. */
export async function untilReady<T>(
  name: string,
  running: RunningProcess,
  look: () => Promise<T>,
  seconds = 60,
): Promise<T> {
  const deadline = Date.now() + seconds * 1_000;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (!running.isRunning())
        throw new Error(`${name} ended (${await running.ended}):\n${lastLines(running.logFile)}`, { cause: error });
      if (Date.now() > deadline)
        throw new Error(
          `${name} is not ready after ${seconds} s: ${(error as Error).message}\n${lastLines(running.logFile)}`,
          { cause: error },
        );
      await sleep(50);
    }
  }
}

const lastLines = (file: string) => readFileSync(file, 'utf8').split('\n').slice(-25).join('\n');
