/** More changes than this are seen by no reader, however far its index lags. */
const remembered = 10_000;

/** What apps or groups were before they changed, for readers whose index lags behind. */
export class Former<T extends { n: number }> {
  private readonly changes: { at: number; n: number; was: T | undefined }[] = [];

  /** To be told before each change; `was` is undefined for one that is only now made. */
  note(n: number, was: T | undefined, at: number): void {
    this.changes.push({ at, n, was: was && { ...was } });
    if (this.changes.length > remembered * 1.1) this.changes.splice(0, this.changes.length - remembered);
  }

  /** All of them as they were at a moment, from what they are now. */
  at(moment: number, now: readonly (T | undefined)[]): T[] {
    const then = [...now];
    // Backwards, so that the first change after the moment has the last word.
    for (let last = this.changes.length - 1; last >= 0 && this.changes[last]!.at > moment; last -= 1) {
      const { n, was } = this.changes[last]!;
      then[n] = was;
    }
    return then.filter((one) => one !== undefined);
  }
}
