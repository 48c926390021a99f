import { Inject, Injectable, type InjectionToken, type Type } from '@nestjs/common';
import { republish, type OutboxService, type RepublishedDto, type RepublishRequest } from '@seatwise/contracts';
import { Handles } from './decorators.js';

/** What has events to say again, such as persistence's `Outbox`: answers how many they are. */
export interface Republishes {
  republish(since: Date): Promise<number>;
}

/** Answers {@link republish} of a service from its outbox. */
export function republishing(service: OutboxService, outbox: InjectionToken<Republishes>): Type {
  @Injectable()
  class Republishing {
    constructor(@Inject(outbox) private readonly events: Republishes) {}

    @Handles(republish[service])
    async republish({ since }: RepublishRequest): Promise<RepublishedDto> {
      return { events: await this.events.republish(new Date(since)) };
    }
  }
  return Republishing;
}
