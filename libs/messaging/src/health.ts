import { Injectable } from '@nestjs/common';
import { Nats } from './nats.js';

/** Ready only while NATS answers. */
@Injectable()
export class NatsHealthCheck {
  readonly name = 'nats';

  constructor(private readonly nats: Nats) {}

  check(): Promise<void> {
    return this.nats.check();
  }
}
