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
    this.beat = setInterval(() => void this.prolong().catch(() => undefined), leaseMs / 3);
  }

  /**
   * True: so much of it is left that a request is on its way before another may look for it. False: it had run short, and
   * was prolonged. Throws {@link AttemptLost} when another has the action.
   */
  async hold(): Promise<boolean> {
    if (performance.now() <= this.heldUntil - this.leaseMs / 4) return true;
    await this.prolong();
    return false;
  }

  end(): void {
    clearInterval(this.beat);
  }

  private async prolong(): Promise<void> {
    const started = performance.now();
    try {
      await this.extend();
      this.heldUntil = Math.max(this.heldUntil, started + this.leaseMs);
    } catch (error) {
      if (error instanceof AttemptLost) this.heldUntil = 0;
      throw error;
    }
  }
}
