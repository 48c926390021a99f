import { Injectable } from '@nestjs/common';
import { signInsRecorded, SignInsRecordedV1 } from '@seatwise/contracts';
import { Consumes, TryLater, type MessageContext } from '@seatwise/messaging';
import { histogram } from '@seatwise/observability';
import { Connections } from '../connections/connections.js';
import { UsageDays } from '../days/usage-days.js';
import { Counting } from './counting.js';
import { ImplausibleSignIns, isPlausible } from './plausible.js';

const lag = histogram(
  'sign_ins_lag_seconds',
  'From the newest sign-in of a batch to its being counted',
  [],
  [1, 5, 15, 60, 300, 900, 3600, 86_400],
);

/** Counts each sign-in once, however often it is delivered, in whatever order. */
@Injectable()
export class SignInsConsumer {
  constructor(
    private readonly counting: Counting,
    private readonly connections: Connections,
    private readonly days: UsageDays,
  ) {}

  // As many messages as two lanes take at once, and as many again that are being read meanwhile.
  @Consumes(signInsRecorded, { stream: 'EVENTS', durable: 'usage-sign-ins', concurrency: 8 })
  async recorded(
    { workspace, connection, signIns, completeUpTo, completeSince }: SignInsRecordedV1,
    context: MessageContext,
  ): Promise<void> {
    const home = { workspace, connection };
    const now = Date.now();
    const plausible = signIns.filter((signIn) => isPlausible(signIn, now));
    await this.connections.unlessErased(home, async () => {
      await this.counting.count(plausible.map((signIn) => ({ home, signIn })));
      const newest = plausible.reduce((moment, [, at]) => Math.max(moment, at), 0);
      if (newest > 0) lag.observe(Math.max(0, Date.now() - newest) / 1_000);
    });
    if (plausible.length < signIns.length) throw new ImplausibleSignIns(signIns.length - plausible.length);
    if (completeUpTo === undefined) return;
    if (!(await context.isOldest())) throw new TryLater(100);
    await this.connections.markSignIns(home, completeUpTo, completeSince);
    await this.connections.unlessErased(home, () => this.days.tell(home, completeUpTo));
  }
}
