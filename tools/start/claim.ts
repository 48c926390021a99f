import { randomUUID } from 'node:crypto';
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
    await claim.putInPlace();
    await claim.waitForTheLeft(patienceMs);
    return claim;
  }

  /** Notes a process that was started, for whoever comes after this one was killed. */
  note(name: string, pid: number): void {
    this.mine.parts.push({ name, ...processId(pid) });
    this.write((aside) => renameSync(aside, this.file));
  }

  release(): void {
    if (sameProcess(read(this.file), this.mine)) rmSync(this.file, { force: true });
  }

  private async putInPlace(): Promise<void> {
    for (let tries = 0; tries < 100; tries += 1) {
      if (this.write((aside) => unlessThere(() => linkSync(aside, this.file)))) return;
      const before = read(this.file);
      if (!before) continue;
      if (isThere(before))
        throw new ClaimedError(
          `Seatwise runs here already: process ${before.pid}, since ${before.since}. Stop it by Ctrl-C in its terminal or by ` +
            `\`kill ${before.pid}\`; or name another folder for this one in SEATWISE_HOME.`,
        );
      if (this.takeOver(before)) return;
      await sleep(20);
    }
    throw new ClaimedError(`${this.file}.taking was left by a start that was killed. Remove it and start again.`);
  }

  /** Of several who find it abandoned, one puts its own in the place of just this one. */
  private takeOver(before: Claimed): boolean {
    if (!unlessThere(() => mkdirSync(`${this.file}.taking`))) return false;
    try {
      if (!sameProcess(read(this.file), before)) return false;
      this.mine.parts = before.parts.filter(isThere);
      this.write((aside) => renameSync(aside, this.file));
      return true;
    } finally {
      rmdirSync(`${this.file}.taking`);
    }
  }

  /** A killed start's processes are ended by their keeper, which takes a moment; until then the data are theirs. */
  private async waitForTheLeft(patienceMs: number): Promise<void> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      this.mine.parts = this.mine.parts.filter(isThere);
      if (this.mine.parts.length === 0) return;
      if (Date.now() > deadline) {
        const named = this.mine.parts.map(({ name, pid }) => `${name} (${pid})`).join(', ');
        throw new ClaimedError(`A start that was killed left these running: ${named}. End them and start again.`);
      }
      await sleep(100);
    }
  }

  /** Writes it aside, so that it is whole when `put` has it in its place. */
  private write<T>(put: (aside: string) => T): T {
    const aside = `${this.file}.${randomUUID()}`;
    try {
      writeFileSync(aside, JSON.stringify(this.mine));
      return put(aside);
    } finally {
      rmSync(aside, { force: true });
    }
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

/** False: something was there already. */
function unlessThere(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}
