import { Refusal } from '@seatwise/contracts';

/** How many streams are open, of each key and in all. */
export class OpenStreams {
  private readonly ofKey = new Map<string, number>();
  private all = 0;

  constructor(
    private readonly perKey: number,
    private readonly inAll: number,
  ) {}

  /** Counts one more and answers how to count it off again. Throws when the key, or the process, has its fill. */
  enter(key: string): () => void {
    const own = this.ofKey.get(key) ?? 0;
    if (own >= this.perKey)
      throw new Refusal('too_many_requests', `A key may have ${this.perKey} open streams. Close one first.`);
    if (this.all >= this.inAll)
      throw new Refusal('service_unavailable', 'Too many streams are open. Try again shortly.');
    this.ofKey.set(key, own + 1);
    this.all++;
    return () => this.leave(key);
  }

  private leave(key: string): void {
    const left = (this.ofKey.get(key) ?? 1) - 1;
    if (left === 0) this.ofKey.delete(key);
    else this.ofKey.set(key, left);
    this.all--;
  }
}
