/** The clock was told to go back; what has happened stays happened. */
export class ClockGoesForwardError extends Error {
  constructor() {
    super('The clock of the org only goes forward.');
  }
}

/** The org's time. It can be set forward, frozen, and made to run faster; the time that rate limits run on is never frozen. */
export class Clock {
  /** The org's time at a moment of the real one, from which both run on. */
  private base: number;
  private since = Date.now();
  private frozenAt: number | undefined;

  constructor(
    start: number | undefined,
    frozen: boolean,
    private speed = 1,
  ) {
    this.base = start ?? this.since;
    if (frozen) this.frozenAt = this.ticking();
  }

  /** Epoch milliseconds in the org: what the log and every date follow. */
  now(): number {
    return this.frozenAt ?? this.ticking();
  }

  /** Epoch milliseconds that always run: rate-limit windows and the `Date` header, so that a wait ends. */
  ticking(): number {
    return Math.floor(this.base + (Date.now() - this.since) * this.speed);
  }

  /** Seconds of the org in a second. */
  get scale(): number {
    return this.speed;
  }

  /** Lets the time run so many times as fast from now on. */
  run(scale: number): void {
    this.base = this.ticking();
    this.since = Date.now();
    this.speed = scale;
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
    this.base += milliseconds;
    if (this.frozenAt !== undefined) this.frozenAt += milliseconds;
  }

  set(moment: number): void {
    if (moment < this.now()) throw new ClockGoesForwardError();
    if (this.frozenAt !== undefined) this.frozenAt = moment;
    this.base += Math.max(0, moment - this.ticking());
  }
}
