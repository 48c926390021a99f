import { Injectable } from '@nestjs/common';
import { deadLetters, deadLetterSubject, isCloudEventHeader } from '@seatwise/contracts';
import type { MsgHdrs } from '@nats-io/nats-core';
import { DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import { Streams, type StreamName } from './streams.js';

/** A message that could not be taken. */
export interface DeadLetter {
  /** Its place among the dead letters: what {@link DeadLetters.replay} is asked for. */
  sequence: number;
  stream: string;
  consumer: string;
  subject: string;
  reason: string;
  parkedAt: string;
  /** Of the way on which it failed; null: it was not traced. */
  traceId: string | null;
  payload: string;
}

/** Parks what a consumer could not take, with the reason; nothing is dropped and nothing is tried for ever. */
@Injectable()
export class DeadLetters {
  constructor(private readonly streams: Streams) {}

  /** `data`: of a message that has come without it. */
  async park(
    stream: StreamName,
    durable: string,
    message: JsMsg,
    reason: string,
    data: Uint8Array = message.data,
  ): Promise<void> {
    // The trace in which it came, also where this process traces nothing: whoever looks for the reason looks there.
    const traceparent = message.headers?.get('traceparent');
    await this.streams.publish(deadLetters, deadLetterSubject(stream, durable), data, {
      id: `${stream}:${durable}:${message.seq}`,
      headers: {
        'Seatwise-Reason': reason.replaceAll(/[\r\n]+/g, ' ').slice(0, 500),
        'Seatwise-Subject': message.subject,
        ...cloudEventOf(message.headers),
        ...(traceparent ? { traceparent } : {}),
      },
    });
  }

  /** The parked messages in the order in which they were parked; with `newest` at most so many of them. */
  async *list({ newest }: { newest?: number } = {}): AsyncGenerator<DeadLetter> {
    for await (const message of this.read(newest)) {
      const [, stream = '', consumer = ''] = message.subject.split('.');
      yield {
        sequence: message.seq,
        stream,
        consumer,
        subject: message.headers?.get('Seatwise-Subject') ?? '',
        reason: message.headers?.get('Seatwise-Reason') ?? '',
        parkedAt: message.time.toISOString(),
        traceId: message.headers?.get('traceparent').split('-')[1] ?? null,
        payload: message.string(),
      };
    }
  }

  /** Publishes a parked message again where it came from, then takes it from the dead letters. False: no such one. */
  async replay(sequence: number): Promise<boolean> {
    const manager = await this.streams.manager();
    const stored = await manager.streams.getMessage(deadLetters, { seq: sequence });
    if (!stored) return false;
    const subject = stored.header.get('Seatwise-Subject');
    const [, stream] = stored.subject.split('.');
    await this.streams.publish(stream as StreamName, subject, stored.data, {
      id: `replay:${sequence}`,
      headers: cloudEventOf(stored.header),
    });
    await manager.streams.deleteMessage(deadLetters, sequence);
    return true;
  }

  private async *read(newest?: number): AsyncGenerator<JsMsg> {
    await this.streams.ensure(deadLetters);
    const manager = await this.streams.manager();
    const { state } = await manager.streams.info(deadLetters);
    // Of those that were replayed the numbers are left out.
    const from = newest === undefined ? state.first_seq : Math.max(state.first_seq, state.last_seq - newest + 1);
    const client = await this.streams.jetstream();
    const consumer = await client.consumers.get(deadLetters, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: Math.max(1, from),
    });
    let left = (await consumer.info()).num_pending;
    while (left > 0) {
      const before = left;
      for await (const message of await consumer.fetch({ max_messages: Math.min(left, 100), expires: 2_000 })) {
        yield message;
        left -= 1;
      }
      // What was taken away meanwhile does not come.
      if (left === before) return;
    }
  }
}

/** What makes the message the event that it is: parked and replayed, it stays the same. */
const cloudEventOf = (headers: MsgHdrs | undefined): Record<string, string> =>
  Object.fromEntries(
    (headers?.keys() ?? []).filter(isCloudEventHeader).map((name) => [name, headers?.get(name) ?? '']),
  );
