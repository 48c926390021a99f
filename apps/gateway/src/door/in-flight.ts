import { Injectable } from '@nestjs/common';
import { Refusal } from '@seatwise/contracts';
import { GatewayConfig } from '../config.js';

/** A workspace may have at most this part of the requests in work, so that it leaves the gateway to the others. */
const shareOfWorkspace = 0.25;
/** Operations that wait for Okta may take a minute each; so many of them, as a part of the quick ones, are in work beside. */
const shareOfLong = 0.1;

/** What a request in work costs: little and for a moment, little for half a minute, or a request to Okta. */
export type Kind = 'quick' | 'waiting' | 'long';

/** How much is in work, of all and of each workspace. */
class Pool {
  private all = 0;
  private readonly ofWorkspace = new Map<string, number>();

  constructor(private readonly most: number) {}

  enter(workspace: string): () => void {
    const own = this.ofWorkspace.get(workspace) ?? 0;
    if (this.all >= this.most || own >= Math.max(1, this.most * shareOfWorkspace))
      throw new Refusal('service_unavailable', 'Too many requests are in work. Try again in a second.');
    this.all += 1;
    this.ofWorkspace.set(workspace, own + 1);
    return () => this.leave(workspace);
  }

  private leave(workspace: string): void {
    const left = (this.ofWorkspace.get(workspace) ?? 1) - 1;
    if (left === 0) this.ofWorkspace.delete(workspace);
    else this.ofWorkspace.set(workspace, left);
    this.all -= 1;
  }
}

/** Sheds what is too much at once, so that what is accepted stays quick. Only requests with a valid key are counted. */
@Injectable()
export class InFlight {
  private readonly pools: Record<Kind, Pool>;

  constructor({ maxInFlight }: GatewayConfig) {
    this.pools = {
      quick: new Pool(maxInFlight),
      // To wait for an end that is told costs little, and keeps nobody from what is quick.
      waiting: new Pool(maxInFlight),
      long: new Pool(Math.max(1, maxInFlight * shareOfLong)),
    };
  }

  /** Counts one more and answers how to count it off again. Throws when it is too much. */
  enter(workspace: string, kind: Kind): () => void {
    return this.pools[kind].enter(workspace);
  }
}
