import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const tools = join(import.meta.dirname, '../tools');

/** A command of the project as a process of its own, and what it said, line by line. */
export interface Started {
  pid: number;
  said: string[];
  /** Resolves with the first line that holds `part`; rejects when the command ends without one. */
  line: (part: string) => Promise<string>;
  signal: (name: NodeJS.Signals) => void;
  /** The exit code; null: a signal ended it. */
  ended: Promise<number | null>;
}

/** The built command, as `npm run` calls it at last. */
export const startTool = (
  tool: 'start' | 'dead-letters' | 'republish' | 'after-restore' | 'audit',
  args: string[],
  env: Record<string, string>,
): Started => startCommand(process.execPath, [join(tools, 'dist', tool, 'main.js'), ...args], env);

export function startCommand(command: string, args: string[], more: Record<string, string>): Started {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const child = spawn(command, args, {
    cwd: join(tools, '..'),
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  const watchers: (() => void)[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      said.push(line);
      for (const watch of watchers) watch();
    });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const line = (part: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = said.find((each) => each.includes(part));
        if (found !== undefined) resolve(found);
      };
      watchers.push(look);
      look();
      void ended.then(() => reject(new Error(`it ended without saying "${part}":\n${said.join('\n')}`)));
    });
  return { pid: child.pid!, said, line, signal: (name) => void child.kill(name), ended };
}

/** What one `npm start` leaves in its folder for the next, as far as tests ask for it. */
export const keptIn = (home: string) =>
  JSON.parse(readFileSync(join(home, 'kept.json'), 'utf8')) as {
    apiKey: string;
    keys: { demo?: string; orgs?: string };
    demo?: { url: string; connection: string };
  };

/** The processes that the `npm start` of this folder has started, by name. */
export function partsIn(home: string): Map<string, number> {
  const { parts } = JSON.parse(readFileSync(join(home, 'claim.json'), 'utf8')) as {
    parts: { name: string; pid: number }[];
  };
  return new Map(parts.map(({ name, pid }) => [name, pid]));
}
