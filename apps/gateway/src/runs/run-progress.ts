import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { eventSubject, getRun, liveSubject, syncRunChanged, type RunDto, type RunState } from '@seatwise/contracts';
import { Bus, Nats } from '@seatwise/messaging';
import type { Response } from 'express';
import { GatewayConfig } from '../config.js';
import type { Caller } from '../door/caller.js';
import { KeysService } from '../keys/keys.service.js';
import { EventStream } from './event-stream.js';
import { OpenStreams } from './open-streams.js';

const ended = new Set<RunState>(['complete', 'partial', 'failed', 'cancelled']);
const lookAgainMs = 5_000;

/**
 * Follows runs for whoever watches: what they come to as sync-service tells it each second, and their ends as they are
 * published. What is lost on the way is made up for by looking at the run itself every five seconds.
 */
@Injectable()
export class RunProgress implements BeforeApplicationShutdown {
  private readonly open: OpenStreams;
  private readonly streams = new Set<EventStream>();

  constructor(
    private readonly bus: Bus,
    private readonly nats: Nats,
    private readonly keys: KeysService,
    config: GatewayConfig,
  ) {
    this.open = new OpenStreams(config.streamsPerKey, config.streamsInAll);
  }

  /** Resolves when the stream has ended, by the run's end or by the client's. Refuses before the first byte. */
  async follow({ key, workspace }: Caller, id: string, response: Response): Promise<void> {
    const leave = this.open.enter(key);
    try {
      const look = () => this.bus.request(getRun, { workspace, run: id });
      const first = await look();
      if (response.closed) return;
      const stream = new EventStream(response);
      // HEAD asks for the headers alone.
      if (response.req.method === 'HEAD') return stream.end();
      const isAllowed = () => this.keys.isGood(key);
      await this.send(stream, workspace, first, look, isAllowed);
    } finally {
      leave();
    }
  }

  beforeApplicationShutdown(): void {
    for (const stream of this.streams) stream.end();
  }

  private async send(
    stream: EventStream,
    workspace: string,
    first: RunDto,
    look: () => Promise<RunDto>,
    isAllowed: () => Promise<boolean>,
  ): Promise<void> {
    this.streams.add(stream);
    let version = -1;
    const show = (run: RunDto) => {
      if (run.id !== first.id || run.version <= version) return;
      version = run.version;
      stream.send('run', String(run.version), run);
      if (ended.has(run.state)) stream.end();
    };
    const connection = await this.nats.connection();
    const changes = [eventSubject, liveSubject].map((subjectOf) =>
      connection.subscribe(subjectOf(syncRunChanged, workspace), {
        callback: (error, message) => {
          if (!error) show(message.json<RunDto>());
        },
      }),
    );
    // A service that does not answer for a moment ends nobody's stream; a key that was revoked meanwhile does.
    const lookAgain = () => {
      look().then(show, () => undefined);
      isAllowed().then(
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
