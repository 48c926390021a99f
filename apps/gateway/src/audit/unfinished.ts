import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { createLogger } from '@seatwise/observability';
import { AuditLog } from './audit-log.js';
import { AuditRepository } from './audit.repository.js';
import { endOf } from './request-facts.js';

const logger = createLogger('audit');
const lookEveryMs = 60_000;
/** No request lasts this long. */
const longestMs = 10 * 60_000;
const atOnce = 100;

/** Says of requests whose gateway ended before it could tell what came of them, that it is not known. */
@Injectable()
export class UnfinishedRequests implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly audit: AuditRepository,
    private readonly log: AuditLog,
  ) {}

  onApplicationBootstrap(): void {
    const look = () =>
      this.settle(new Date(Date.now() - longestMs)).catch((error: unknown) =>
        logger.warn({ err: error }, 'unfinished requests could not be looked for'),
      );
    this.timer = setInterval(() => void look(), lookEveryMs).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Of those that began before then. Answers how many there were. */
  async settle(before: Date): Promise<number> {
    const left = await this.audit.unfinishedBefore(before, atOnce);
    await Promise.all(
      left.map(({ _id: id, seq: _seq, previous: _previous, hash: _hash, ...facts }) =>
        this.log.append(endOf({ id, ...facts }, { outcome: 'unknown', status: null, code: null })),
      ),
    );
    return left.length;
  }
}
