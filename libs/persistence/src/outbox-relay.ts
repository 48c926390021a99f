import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { metrics, type ObservableCallback } from '@opentelemetry/api';
import { pino } from 'pino';
import { Outbox, type OutboxEntry } from './outbox.js';

/** Publishes one entry; resolves when the stream has acknowledged it. messaging's `Streams.publishEntry`. */
export type PublishEntry = (entry: OutboxEntry) => Promise<void>;
export const PUBLISH_ENTRY = Symbol('PUBLISH_ENTRY');

const log = pino({ name: 'outbox' });
const pending = metrics
  .getMeter('seatwise/persistence')
  .createObservableGauge('outbox.pending', { description: 'Outbox entries that are still to be published' });
const batchSize = 64;
const longestBackOffMs = 5_000;

/**
 * Carries the outbox to the stream: kicked by each commit, and looking by itself every second for what a dead replica
 * left. An entry is marked only after the stream's acknowledgement; it is tried until then, and never dropped. One that
 * fails where others do not is laid aside for a while. Two replicas may publish the same entry: its id makes the second
 * a duplicate.
 */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** How often it looks by itself. */
  readonly sweepMs: number = 1_000;
  private stopped = false;
  /** Something was committed since it looked last. */
  private kicked = false;
  private wake: () => void = () => undefined;
  private running: Promise<void> | undefined;
  private readonly showPending: ObservableCallback = async (result) => result.observe(await this.outbox.pending());

  constructor(
    private readonly outbox: Outbox,
    @Inject(PUBLISH_ENTRY) private readonly publish: PublishEntry,
  ) {}

  onApplicationBootstrap(): void {
    this.outbox.onKick(() => {
      this.kicked = true;
      this.wake();
    });
    pending.addCallback(this.showPending);
    this.running ??= this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    pending.removeCallback(this.showPending);
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    let failures = 0;
    await this.untilReady();
    while (!this.stopped) {
      try {
        this.kicked = false;
        const moved = await this.relay();
        failures = 0;
        if (moved < batchSize && !this.kicked) await this.pause(this.sweepMs);
      } catch {
        // The server is away; what is in the outbox stays there.
        failures += 1;
        await this.pause(Math.min(longestBackOffMs, 100 * 2 ** failures));
      }
    }
  }

  private async untilReady(): Promise<void> {
    while (!this.stopped) {
      try {
        return await this.outbox.ensureIndexes();
      } catch {
        await this.pause(this.sweepMs);
      }
    }
  }

  private async relay(): Promise<number> {
    const entries = await this.outbox.waiting(batchSize);
    if (entries.length === 0) return 0;
    const outcomes = await Promise.allSettled(entries.map((entry) => this.publish(entry)));
    const idsOf = (status: PromiseSettledResult<void>['status']) =>
      entries.filter((_entry, at) => outcomes[at]?.status === status).map(({ id }) => id);
    const [sent, failed] = [idsOf('fulfilled'), idsOf('rejected')];
    if (sent.length > 0) await this.outbox.sent(sent);
    else throw outcomes.find((outcome) => outcome.status === 'rejected')?.reason;
    if (failed.length > 0) {
      const [reason] = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
      log.warn({ entries: failed, reason }, 'events could not be published and are laid aside for a while');
      await this.outbox.setAside(failed);
    }
    return entries.length;
  }

  private async pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
