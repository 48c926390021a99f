/** From when to when something was shut, by key. The log is computed, so it has to know what was so at each moment. */
export class Spans<K> {
  private readonly spans = new Map<K, [from: number, to: number][]>();

  shut(key: K, from: number): void {
    const spans = this.spans.get(key) ?? [];
    if (spans.at(-1)?.[1] !== Number.POSITIVE_INFINITY)
      this.spans.set(key, [...spans, [from, Number.POSITIVE_INFINITY]]);
  }

  open(key: K, from: number): void {
    const last = this.spans.get(key)?.at(-1);
    if (last?.[1] === Number.POSITIVE_INFINITY) last[1] = from;
  }

  isShut(key: K, at: number): boolean {
    return this.spans.size > 0 && (this.spans.get(key)?.some(([from, to]) => at >= from && at < to) ?? false);
  }

  get size(): number {
    return this.spans.size;
  }
}
