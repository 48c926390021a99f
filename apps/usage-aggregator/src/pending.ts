import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Streams } from '@seatwise/messaging';
import { gauge } from '@seatwise/observability';

const durables = ['usage-connections', 'usage-directory', 'usage-sign-ins'];

/** Shows how many messages wait for this service, all its replicas together: what it is scaled by. */
@Injectable()
export class Pending implements OnModuleInit {
  constructor(private readonly streams: Streams) {}

  onModuleInit(): void {
    const pending = gauge('stream_pending_messages', 'Messages not yet taken', ['durable'], async () => {
      const manager = await this.streams.manager();
      for (const durable of durables) {
        const info = await manager.consumers.info('EVENTS', durable).catch(() => undefined);
        if (info) pending.set({ durable }, info.num_pending + info.num_ack_pending);
      }
    });
  }
}
