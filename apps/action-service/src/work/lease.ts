import { TryLater } from '@seatwise/messaging';
import { AttemptLost } from '../actions/actions.repository.js';

/** How long an attempt may still go on, prolonged all the while. */
export class Lease {
  private heldUntil: number;
  private readonly beat: NodeJS.Timeout;

  /** `since`: right before the claim, on the clock of `performance`. `extend` makes it last `leaseMs` from now on. */
  constructor(
    private readonly leaseMs: number,
    since: number,
    private readonly extend: () => Promise<void>,
  ) {
    this.heldUntil = since + leaseMs;
    let isAtIt = false;
    this.beat = setInterval(() => {
      // A slow database is not asked again and again.
      if (isAtIt) return;
      isAtIt = true;
      this.prolong()
        .catch(() => undefined)
        .finally(() => (isAtIt = false));
    }, leaseMs / 3);
  }

  /**
   * So much of it is left that a request is on its way before another may look for it; where it has run short, it is
   * prolonged first. Throws {@link AttemptLost} when another has the action, `TryLater` when the database is too slow.
   */
  async hold(): Promise<void> {
    if (this.isShort()) await this.prolong();
    if (this.isShort()) throw new TryLater(1_000);
  }

  /** It is prolonged no more. What is left of it stays. */
  end(): void {
    clearInterval(this.beat);
  }

  private isShort(): boolean {
    return performance.now() > this.heldUntil - this.leaseMs / 4;
  }

  private async prolong(): Promise<void> {
    const started = performance.now();
    try {
      await this.extend();
      // Of two at once the one that began first may answer last.
      this.heldUntil = Math.max(this.heldUntil, started + this.leaseMs);
    } catch (error) {
      if (error instanceof AttemptLost) {
        this.heldUntil = 0;
        this.end();
      }
      throw error;
    }
  }
}
