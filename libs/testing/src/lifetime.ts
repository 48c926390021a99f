import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { runInThisContext } from 'node:vm';

/**
 * Reads what it shall look after; when its input ends, which it does when the starter is gone, by whatever way, it ends the
 * processes and removes the folders. In plain sh, for it lies idle beside every test and every start.
 */
const script = `
pids=
while read -r what which; do
  case $what in
    process) pids="$pids $which" ;;
    ended) left=; for pid in $pids; do [ "$pid" = "$which" ] || left="$left $pid"; done; pids=$left ;;
    folder) set -- "$@" "$which" ;;
  esac
done
[ -z "$pids" ] || kill $pids 2>/dev/null
tries=0
for pid in $pids; do
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -9 "$pid" 2>/dev/null
done
[ $# -eq 0 ] || rm -rf -- "$@"
`;

/** One value for the whole process. Jest gives each test file a global object of its own, so it is kept on the process's. */
export class ProcessWide<T> {
  private readonly kept = runInThisContext('globalThis') as Record<symbol, T | undefined>;
  private readonly key: symbol;

  constructor(name: string) {
    this.key = Symbol.for(`seatwise.testing.${name}`);
  }

  get(): T | undefined {
    return this.kept[this.key];
  }

  set(value: T): T {
    this.kept[this.key] = value;
    return value;
  }
}

const keeper = new ProcessWide<{ tell: (line: string) => void }>('keeper');

/** Ends the process at the latest when this one is gone, be it by `kill -9`. */
export const endsWithUs = (pid: number) => tell(`process ${pid}`);

/** The process has ended: its id may be another's from now on. */
export const hasEnded = (pid: number) => tell(`ended ${pid}`);

/** Removes the folder when this process is gone. */
export const removedAfterUs = (folder: string) => tell(`folder ${folder}`);

function tell(line: string): void {
  const one = keeper.get() ?? keeper.set(startKeeper());
  one.tell(`${line}\n`);
}

function startKeeper(): { tell: (line: string) => void } {
  const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  const input = child.stdin as Socket;
  child.unref();
  input.unref();
  // Without a keeper nothing is lost but the tidying up after a crash.
  child.once('error', () => undefined);
  input.on('error', () => undefined);
  return { tell: (line) => void input.write(line) };
}
