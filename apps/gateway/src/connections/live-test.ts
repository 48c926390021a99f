import { Injectable } from '@nestjs/common';
import {
  connectionChecked,
  liveSubject,
  newId,
  type ConnectionCheckedV1,
  type ConnectionTestDto,
} from '@seatwise/contracts';
import { Nats } from '@seatwise/messaging';
import type { Response } from 'express';
import { EventStream } from '../runs/event-stream.js';

/** Shows a test of a connection while it runs. */
@Injectable()
export class LiveTest {
  constructor(private readonly nats: Nats) {}

  /**
   * Begins a test under a new id by `ask`, and sends each check as it is told, and at last what it came to. What is refused
   * before the first check is thrown before the first byte; what breaks off later ends the answer in the middle.
   */
  async show(workspace: string, ask: (test: string) => Promise<ConnectionTestDto>, response: Response): Promise<void> {
    const test = newId('tst');
    let stream: EventStream | undefined;
    const send = (event: string, id: string, payload: object) => {
      if (response.closed) return;
      stream ??= new EventStream(response);
      stream.send(event, id, payload);
    };
    const connection = await this.nats.connection();
    const told = connection.subscribe(liveSubject(connectionChecked, workspace), {
      callback: (error, message) => {
        if (error) return;
        const checked = message.json<ConnectionCheckedV1>();
        if (checked.test === test) send('check', checked.check.check, checked.check);
      },
    });
    try {
      send('ended', test, await ask(test));
      stream?.end();
    } finally {
      told.unsubscribe();
    }
  }
}
