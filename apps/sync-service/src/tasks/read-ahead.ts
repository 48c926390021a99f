/**
 * Reads on while its taker is busy: `take` answers all that has come since the last one, at least one, at most `most`;
 * empty at the end. A fault of the source is thrown when all that came before it has been taken.
 */
export class ReadAhead<T> {
  private readonly ready: T[] = [];
  private ended = false;
  private fault: { error: unknown } | undefined;
  private wake: () => void = () => undefined;
  private reading = false;

  constructor(
    private readonly source: AsyncIterator<T>,
    private readonly most: number,
  ) {
    this.read();
  }

  async take(): Promise<T[]> {
    while (this.ready.length === 0 && !this.ended) await new Promise<void>((resolve) => (this.wake = resolve));
    const taken = this.ready.splice(0);
    if (taken.length === 0 && this.fault) throw this.fault.error;
    this.read();
    return taken;
  }

  private read(): void {
    if (this.reading || this.ended) return;
    void this.fill();
  }

  private async fill(): Promise<void> {
    this.reading = true;
    try {
      while (!this.ended && this.ready.length < this.most) {
        const next = await this.source.next();
        if (next.done) this.ended = true;
        else this.ready.push(next.value);
        this.wake();
      }
    } catch (error) {
      this.fault = { error };
      this.ended = true;
      this.wake();
    } finally {
      // Here and not when the promise settles: a take in between would find nobody to read on.
      this.reading = false;
    }
  }
}
