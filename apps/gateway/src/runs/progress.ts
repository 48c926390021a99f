import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { eventSubject, liveSubject, type EventType } from '@seatwise/contracts';
import { Nats } from '@seatwise/messaging';
import type { Response } from 'express';
import { GatewayConfig } from '../config.js';
import { countedAs, type Caller } from '../door/caller.js';
import { EventStream } from './event-stream.js';
import { OpenStreams } from './open-streams.js';

const lookAgainMs = 5_000;

interface Seen {
  id: string;
  version: number;
}

/** Something that is in work for a while, and how it is followed. */
export interface Followed<T> {
  /** What its events are called. */
  name: string;
  look: () => Promise<T>;
  /** What is published of it, and what is told live. */
  published: EventType<object>[];
  live: EventType<object>[];
  hasEnded: (seen: T) => boolean;
}

/**
 * Follows what is in work for whoever watches: what it comes to as its service tells it each second, and its ends as they
 * are published. What is lost on the way is made up for by looking again every five seconds.
 */
@Injectable()
export class Progress implements BeforeApplicationShutdown {
  private readonly open: OpenStreams;
  private readonly streams = new Set<EventStream>();

  constructor(
    private readonly nats: Nats,
    config: GatewayConfig,
  ) {
    this.open = new OpenStreams(config.streamsPerKey, config.streamsInAll);
  }

  /** Resolves when the stream has ended, by the end of what is followed or by the client's. Refuses before the first byte. */
  async follow<T extends Seen>(caller: Caller, followed: Followed<T>, response: Response): Promise<void> {
    const leave = this.open.enter(countedAs(caller));
    try {
      const first = await followed.look();
      if (response.closed) return;
      const stream = new EventStream(response);
      // HEAD asks for the headers alone.
      if (response.req.method === 'HEAD') return stream.end();
      await this.send(stream, caller, first, followed);
    } finally {
      leave();
    }
  }

  beforeApplicationShutdown(): void {
    for (const stream of this.streams) stream.end();
  }

  private async send<T extends Seen>(
    stream: EventStream,
    caller: Caller,
    first: T,
    { name, look, published, live, hasEnded }: Followed<T>,
  ): Promise<void> {
    this.streams.add(stream);
    let version = -1;
    const show = (seen: T) => {
      if (seen.id !== first.id || seen.version <= version) return;
      version = seen.version;
      stream.send(name, String(seen.version), seen);
      if (hasEnded(seen)) stream.end();
    };
    const connection = await this.nats.connection();
    const subjects = [
      ...published.map((type) => eventSubject(type, caller.workspace)),
      ...live.map((type) => liveSubject(type, caller.workspace)),
    ];
    const changes = subjects.map((subject) =>
      connection.subscribe(subject, {
        callback: (error, message) => {
          if (!error) show(message.json<T>());
        },
      }),
    );
    // A service that does not answer for a moment ends nobody's stream; a key or session that has ended meanwhile does.
    const lookAgain = () => {
      look().then(show, () => undefined);
      caller.isGood().then(
        (allowed) => allowed || stream.end(),
        () => undefined,
      );
    };
    const again = setInterval(lookAgain, lookAgainMs);
    try {
      show(first);
      // Between the first look and the subscription something may have changed.
      lookAgain();
      await stream.closed;
    } finally {
      clearInterval(again);
      for (const subscription of changes) subscription.unsubscribe();
      this.streams.delete(stream);
    }
  }
}
