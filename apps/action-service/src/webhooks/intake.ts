import { Injectable } from '@nestjs/common';
import { InvalidRequest, isRecord, publicEvents, structuredCloudEvent } from '@seatwise/contracts';
import { ConsumesHeads, type EventHead } from '@seatwise/messaging';
import { Courier } from './courier.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import type { Webhook } from './webhook.js';
import { WebhooksRepository } from './webhooks.repository.js';

/** How far the clocks of those who write events may be apart. */
const clocksApartMs = 10_000;

/**
 * Takes the events that some webhook chose. Of each other the headers alone come here, and nothing is written.
 *
 * Which webhooks there are is not remembered but read anew, once for all events that have come until then: what one
 * replica changes every other knows with the next event, and an event that was published after a webhook was made
 * always finds it.
 */
@Injectable()
export class Intake {
  private waiting: { workspaces: Set<string>; read: Promise<Webhook[]> } | undefined;
  private reading: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly courier: Courier,
  ) {}

  @ConsumesHeads(publicEvents, { stream: 'EVENTS', durable: 'action-webhooks', concurrency: 64 })
  async take({ attributes, data }: EventHead): Promise<void> {
    const { id = '', type = '', workspace = '', time = '' } = attributes;
    const name = type.replace(/^seatwise\.v\d+\./, '');
    const chosen = (await this.webhooksOf(workspace)).filter(
      ({ events, createdAt }) => events.includes(name) && Date.parse(time) > createdAt.getTime() - clocksApartMs,
    );
    if (chosen.length === 0) return;
    const text = await data();
    if (text === undefined) return;
    const connection = connectionIn(text);
    const body = structuredCloudEvent(attributes, text);
    const ids = chosen.map(({ _id }) => _id);
    if (await this.deliveries.add({ event: id, workspace, type: name, connection, body }, ids)) this.courier.kick();
  }

  /** By a reading that begins after it was asked for. */
  private async webhooksOf(workspace: string): Promise<Webhook[]> {
    this.waiting ??= this.nextReading();
    const { workspaces, read } = this.waiting;
    workspaces.add(workspace);
    return (await read).filter((webhook) => webhook.workspace === workspace);
  }

  private nextReading(): NonNullable<Intake['waiting']> {
    const workspaces = new Set<string>();
    const read = this.reading.then(() => {
      this.waiting = undefined;
      return this.webhooks.on([...workspaces]);
    });
    this.reading = read.catch(() => undefined);
    return { workspaces, read };
  }
}

/** What the event is about, so that it can be erased with it. */
function connectionIn(text: string): string | null {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new InvalidRequest([{ path: '$', detail: 'the message is not JSON' }]);
  }
  if (!isRecord(data)) return null;
  // The events of a connection are the connection.
  const { connection, id } = data;
  if (typeof connection === 'string') return connection;
  return typeof id === 'string' && id.startsWith('con_') ? id : null;
}
