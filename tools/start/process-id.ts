import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process, told from a later one that was given the same pid by when it was born. */
export interface ProcessId {
  pid: number;
  /** Only to be compared with another one of the same machine. */
  born: string;
}

export const processId = (pid: number): ProcessId => ({ pid, born: bornOf(pid) ?? '' });

export const isThere = ({ pid, born }: ProcessId): boolean => bornOf(pid) === born;

/** Undefined: there is no such process, or it has ended and only waits for its parent to take notice. */
function bornOf(pid: number): string | undefined {
  if (process.platform !== 'linux') {
    const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C' };
    return spawnSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { env, encoding: 'utf8' }).stdout.trim() || undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): the name in parentheses may hold anything; after it come the state (3) … the start time in ticks (22).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
