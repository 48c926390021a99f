import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Refusal } from '@seatwise/contracts';
import { createLogger } from '@seatwise/observability';
import { isAway } from '../door/refusal-of.js';
import { AuditRepository } from './audit.repository.js';
import type { AuditFacts } from './record.js';

const log = createLogger('audit');
const batchSize = 100;
/** What waits while the database is away is in memory. */
const mostWaiting = 5_000;
const longestBackOffMs = 5_000;
const patienceAtEndMs = 5_000;

interface Waiting {
  facts: AuditFacts;
  written: () => void;
  failed: (reason: unknown) => void;
}

/** What waits for one workspace's chain, in the order of its coming. */
interface Line {
  waiting: Waiting[];
  writing: Promise<void>;
}

/**
 * Where everything that is recorded passes: one writer for each workspace takes all that waits as one transaction, so
 * that a hundred records cost hardly more than one. Other replicas do the same; whose transaction comes second repeats it.
 */
@Injectable()
export class AuditLog implements BeforeApplicationShutdown {
  private readonly lines = new Map<string, Line>();
  private waiting = 0;
  private ending = false;

  constructor(private readonly audit: AuditRepository) {}

  /**
   * Resolves when the record is committed. It is tried for as long as the database is away; whoever does not want to
   * wait for that long waits with a time limit of his own.
   */
  append(facts: AuditFacts): Promise<void> {
    if (this.waiting >= mostWaiting)
      return Promise.reject(new Refusal('service_unavailable', 'Too much waits for the audit log. Try again shortly.'));
    this.waiting += 1;
    const done = new Promise<void>((written, failed) => this.lineOf(facts.workspace).push({ facts, written, failed }));
    return done.finally(() => (this.waiting -= 1));
  }

  /** From now on what fails is not tried again; what comes is still written. */
  async beforeApplicationShutdown(): Promise<void> {
    this.ending = true;
    const all = Promise.all([...this.lines.values()].map(({ writing }) => writing));
    await Promise.race([all, sleep(patienceAtEndMs, undefined, { ref: false })]);
  }

  private lineOf(workspace: string): Waiting[] {
    let line = this.lines.get(workspace);
    if (!line) {
      const waiting: Waiting[] = [];
      // In the next turn, so that what comes in this one goes along.
      const writing = Promise.resolve().then(() => this.write(workspace, waiting));
      this.lines.set(workspace, (line = { waiting, writing }));
    }
    return line.waiting;
  }

  private async write(workspace: string, waiting: Waiting[]): Promise<void> {
    let failures = 0;
    let atOnce = batchSize;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, atOnce);
      try {
        await this.audit.append(
          workspace,
          batch.map(({ facts }) => facts),
        );
        for (const { written } of waiting.splice(0, batch.length)) written();
        failures = 0;
      } catch (error) {
        const comesBack = isAway(error) && !this.ending;
        if (comesBack) await sleep(Math.min(longestBackOffMs, 50 * 2 ** failures++), undefined, { ref: false });
        // One that cannot be written takes none of the others with it.
        else if (batch.length > 1) atOnce = 1;
        else for (const { failed } of waiting.splice(0, 1)) failed(reported(error, workspace));
      }
    }
    this.lines.delete(workspace);
  }
}

function reported(error: unknown, workspace: string): unknown {
  log.error({ workspace, err: error }, 'a record could not be written');
  return error;
}
