import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { endsWithUs, hasEnded } from './lifetime.js';

/** A program that was started here: ended with this process at the latest, which it does not keep from ending. */
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
  /** Where it runs; here, when left out. */
  cwd?: string;
  logFile: string;
  /** A group of its own, so that Ctrl-C in a terminal does not reach it: its starter ends it. */
  detached?: boolean;
}

/** A program that ended before it was ready, or takes too long; with the last lines of its log. */
export class NotReadyError extends Error {
  constructor(
    readonly program: string,
    reason: string,
    readonly lastLines: string,
    cause: unknown,
  ) {
    super(`${program} ${reason}\n${lastLines}`, { cause });
    this.name = 'NotReadyError';
  }

  /** Somebody else took the port between its choice and its use. */
  get portTaken(): boolean {
    return /address already in use/i.test(this.lastLines);
  }
}

export function startProcess({
  command,
  args,
  env = process.env,
  cwd = process.cwd(),
  logFile,
  detached = true,
}: ProcessOptions): RunningProcess {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', log, log], detached });
  closeSync(log);
  child.unref();
  const { pid } = child;
  if (pid !== undefined) endsWithUs(pid);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
  });
  if (pid !== undefined) void ended.then(() => hasEnded(pid));
  const isRunning = () => child.exitCode === null && child.signalCode === null && pid !== undefined;
  const end = async (signal: NodeJS.Signals) => {
    if (!isRunning()) return;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
  };
  return {
    pid: pid ?? 0,
    logFile,
    ended,
    isRunning,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    signal: (name) => void child.kill(name),
  };
}

/**
 * Waits until `look` no longer throws. Throws a NotReadyError when the process ends or takes too long; what took too long
 * is ended.
 */
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
        throw new NotReadyError(name, `ended (${await running.ended}):`, lastLines(running.logFile), error);
      if (Date.now() > deadline) {
        await running.kill();
        const reason = error instanceof Error ? error.message : String(error);
        throw new NotReadyError(name, `is not ready after ${seconds} s: ${reason}`, lastLines(running.logFile), error);
      }
      await sleep(50);
    }
  }
}

const lastLines = (file: string) => readFileSync(file, 'utf8').split('\n').slice(-25).join('\n');
