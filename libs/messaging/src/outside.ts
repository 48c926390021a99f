import { consumerUser, eventsOf, outsideReading, type OutsideConsumer } from '@seatwise/contracts';
import { AckPolicy, DeliverPolicy, JetStreamApiError } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { Nats } from './nats.js';
import { Streams } from './streams.js';

/**
 * Opens the place in the stream from which each of these reads: that of the oldest event, or with `fromNow` that of the next.
 * It is made here and not by them: whoever makes a consumer can have it deliver to any subject inside. Answers a line for each.
 */
export async function openConsumers(
  nats: Nats,
  consumers: OutsideConsumer[],
  { fromNow = false } = {},
): Promise<string[]> {
  const streams = new Streams(nats);
  if (consumers.length > 0) await streams.ensure('EVENTS');
  const manager = await streams.manager();
  const lines: string[] = [];
  for (const consumer of consumers) {
    const user = consumerUser(consumer);
    const filter = eventsOf(consumer.workspace);
    const before = await manager.consumers.info('EVENTS', user).catch(unlessNotFound);
    if (before && before.config.filter_subject !== filter) {
      lines.push(`${user} reads ${before.config.filter_subject}, not ${filter}: remove it first.`);
      continue;
    }
    if (!before)
      await manager.consumers.add('EVENTS', {
        durable_name: user,
        filter_subject: filter,
        ack_policy: AckPolicy.Explicit,
        deliver_policy: fromNow ? DeliverPolicy.New : DeliverPolicy.All,
        ack_wait: nanos(outsideReading.ackWaitSeconds * 1_000),
        max_ack_pending: outsideReading.maxAckPending,
      });
    const { state } = await manager.streams.info('EVENTS', { subjects_filter: filter });
    const isKnown = Object.keys(state.subjects ?? {}).length > 0;
    lines.push(
      [
        `${user} reads ${filter}`,
        before && ', from where it had read to',
        !isKnown &&
          '. There is no event of that workspace: is its id right, and where the stream was lost, has npm run republish been run?',
      ]
        .filter(Boolean)
        .join(''),
    );
  }
  return lines;
}

/** Takes a place away, and with it what it remembers. */
export async function closeConsumer(nats: Nats, name: string): Promise<string> {
  const manager = await new Streams(nats).manager();
  const user = consumerUser({ name });
  const gone = await manager.consumers.delete('EVENTS', user).catch(unlessNotFound);
  return gone ? `${user} is removed` : `There is no ${user}.`;
}

/** 10014: no such consumer. */
function unlessNotFound(error: unknown): undefined {
  if (!(error instanceof JetStreamApiError) || error.code !== 10014) throw error;
}
