import { linkSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isThere, processId, type ProcessId } from './process-id.js';

/** Thrown with a sentence that says who holds the folder and what to do. */
export class ClaimedError extends Error {}

/** Who has a home folder, and which processes it started: they use the data in there as long as they live. */
export interface Claimed extends ProcessId {
  since: string;
  parts: (ProcessId & { name: string })[];
}

/**
 * The right to a home folder: one process at a time has it, and nobody else opens, moves or deletes the data in there. It
 * is a file that says whose it is; one whose process is gone, or whose pid is another process's by now, is taken over.
 */
export class Claim {
  private constructor(
    private readonly file: string,
    private readonly mine: Claimed,
  ) {}

  /** Throws a ClaimedError while another process has it, or while what a killed one had started is still ending. */
  static async take(file: string, patienceMs = 10_000): Promise<Claim> {
    mkdirSync(dirname(file), { recursive: true });
    const claim = new Claim(file, { ...processId(process.pid), since: new Date().toISOString(), parts: [] });
    const aside = `${file}.${process.pid}`;
    writeFileSync(aside, claim.text());
    try {
      const before = await claim.putInPlace(aside);
      if (before) await claim.waitForPartsOf(before, patienceMs);
      return claim;
    } finally {
      rmSync(aside, { force: true });
    }
  }

  /** Notes a process that was started, for whoever comes after this one was killed. */
  note(name: string, pid: number): void {
    this.mine.parts.push({ name, ...processId(pid) });
    const aside = `${this.file}.${process.pid}`;
    writeFileSync(aside, this.text());
    renameSync(aside, this.file);
  }

  release(): void {
    if (sameProcess(read(this.file), this.mine)) rmSync(this.file, { force: true });
  }

  /** Answers whose claim it took over, if anybody's. */
  private async putInPlace(aside: string): Promise<Claimed | undefined> {
    for (let tries = 0; tries < 100; tries += 1) {
      if (linked(aside, this.file)) return undefined;
      const before = read(this.file);
      if (!before) continue;
      if (isThere(before))
        throw new ClaimedError(
          `Seatwise runs here already: process ${before.pid}, since ${before.since}. Stop it by Ctrl-C in its terminal or by ` +
            `\`kill ${before.pid}\`; or name another folder for this one in SEATWISE_HOME.`,
        );
      // Of several who find it abandoned, one may put its own in the place of just this one.
      if (!made(`${this.file}.taking`)) await sleep(20);
      else
        try {
          if (!sameProcess(read(this.file), before)) continue;
          renameSync(aside, this.file);
          return before;
        } finally {
          rmdirSync(`${this.file}.taking`);
        }
    }
    throw new ClaimedError(`${this.file}.taking was left by a start that was killed. Remove it and start again.`);
  }

  /** A killed start's processes are ended by their keeper, which takes a moment; until then the data are theirs. */
  private async waitForPartsOf(before: Claimed, patienceMs: number): Promise<void> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const left = before.parts.filter(isThere);
      if (left.length === 0) return;
      if (Date.now() > deadline) {
        const named = left.map(({ name, pid }) => `${name} (${pid})`).join(', ');
        // Theirs it is still: the next one to come must find that out too.
        this.mine.parts.push(...left);
        writeFileSync(this.file, this.text());
        throw new ClaimedError(`A start that was killed left these running: ${named}. End them and start again.`);
      }
      await sleep(100);
    }
  }

  private text(): string {
    return JSON.stringify(this.mine);
  }
}

/** Who has the folder now; undefined: nobody who lives. */
export function claimedBy(file: string): Claimed | undefined {
  const holder = read(file);
  return holder && isThere(holder) ? holder : undefined;
}

const sameProcess = (one: ProcessId | undefined, other: ProcessId) => one?.pid === other.pid && one.born === other.born;

function read(file: string): Claimed | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Claimed;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes the second name only where nothing has it, whole from the first moment on. */
const linked = (from: string, to: string) => unlessThere(() => linkSync(from, to));
const made = (folder: string) => unlessThere(() => mkdirSync(folder));

function unlessThere(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}
