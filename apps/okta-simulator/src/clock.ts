/** The clock was told to go back; what has happened stays happened. */
export class ClockGoesForwardError extends Error {
  constructor() {
    super('The clock of the org only goes forward.');
  }
}

/** The org's time. It can be set forward and frozen; the time that rate limits run on is never frozen. */
export class Clock {
  private offset = 0;
  private frozenAt: number | undefined;

  constructor(start: number | undefined, frozen: boolean) {
    if (start !== undefined) this.offset = start - Date.now();
    if (frozen) this.frozenAt = this.ticking();
  }

  /** Epoch milliseconds in the org: what the log and every date follow. */
  now(): number {
    return this.frozenAt ?? this.ticking();
  }

  /** Epoch milliseconds that always run: rate-limit windows and the `Date` header, so that a wait ends. */
  ticking(): number {
    return Date.now() + this.offset;
  }

  get isFrozen(): boolean {
    return this.frozenAt !== undefined;
  }

  freeze(): void {
    this.frozenAt ??= this.ticking();
  }

  thaw(): void {
    this.frozenAt = undefined;
  }

  advance(milliseconds: number): void {
    if (milliseconds < 0) throw new ClockGoesForwardError();
    this.offset += milliseconds;
    if (this.frozenAt !== undefined) this.frozenAt += milliseconds;
  }

  set(moment: number): void {
    if (moment < this.now()) throw new ClockGoesForwardError();
    if (this.frozenAt !== undefined) this.frozenAt = moment;
    this.offset = Math.max(this.offset, moment - Date.now());
  }
}
