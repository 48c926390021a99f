import { Injectable } from '@nestjs/common';
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
  payload: string;
}

/** Parks what a consumer could not take, with the reason; nothing is dropped and nothing is tried for ever. */
@Injectable()
export class DeadLetters {
  constructor(private readonly streams: Streams) {}

  async park(stream: StreamName, durable: string, message: JsMsg, reason: string): Promise<void> {
    const type = message.headers?.get('Seatwise-Type');
    await this.streams.publish('DEAD_LETTERS', `dead.${stream}.${durable}`, message.data, {
      id: `${stream}:${durable}:${message.seq}`,
      headers: {
        'Seatwise-Reason': reason.replaceAll(/[\r\n]+/g, ' ').slice(0, 500),
        'Seatwise-Subject': message.subject,
        ...(type ? { 'Seatwise-Type': type } : {}),
      },
    });
  }

  /** The parked messages in the order in which they were parked. */
  async *list(): AsyncGenerator<DeadLetter> {
    for await (const message of this.read()) {
      const [, stream = '', consumer = ''] = message.subject.split('.');
      yield {
        sequence: message.seq,
        stream,
        consumer,
        subject: message.headers?.get('Seatwise-Subject') ?? '',
        reason: message.headers?.get('Seatwise-Reason') ?? '',
        parkedAt: message.time.toISOString(),
        payload: message.string(),
      };
    }
  }

  /** Publishes a parked message again where it came from, then takes it from the dead letters. False: no such one. */
  async replay(sequence: number): Promise<boolean> {
    const manager = await this.streams.manager();
    const stored = await manager.streams.getMessage('DEAD_LETTERS', { seq: sequence });
    if (!stored) return false;
    const subject = stored.header.get('Seatwise-Subject');
    const [, stream] = stored.subject.split('.');
    const type = stored.header.get('Seatwise-Type');
    await this.streams.publish(stream as StreamName, subject, stored.data, {
      id: `replay:${sequence}`,
      headers: type ? { 'Seatwise-Type': type } : {},
    });
    await manager.streams.deleteMessage('DEAD_LETTERS', sequence);
    return true;
  }

  private async *read(): AsyncGenerator<JsMsg> {
    await this.streams.ensure('DEAD_LETTERS');
    const manager = await this.streams.manager();
    let left = (await manager.streams.info('DEAD_LETTERS')).state.messages;
    if (left === 0) return;
    const client = await this.streams.jetstream();
    const consumer = await client.consumers.get('DEAD_LETTERS', { deliver_policy: DeliverPolicy.All });
    for await (const message of await consumer.consume({ max_messages: 100 })) {
      yield message;
      if (--left === 0) return;
    }
  }
}
