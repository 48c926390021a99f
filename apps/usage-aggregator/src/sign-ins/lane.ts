import { context, type Context } from '@opentelemetry/api';

interface Waiting<T> {
  items: T[];
  trace: Context;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Writes what arrives one after another, all that waits at once: a transaction costs much more than what it carries,
 * and two that touch the same documents would undo each other. Each `add` resolves when its own items are committed.
 */
export class Lane<T> {
  private waiting: Waiting<T>[] = [];
  private running = false;

  constructor(
    private readonly write: (items: T[]) => Promise<void>,
    private readonly most: number,
  ) {}

  async add(items: T[]): Promise<void> {
    if (items.length === 0) return;
    await new Promise<void>((resolve, reject) => {
      this.waiting.push({ items, trace: context.active(), resolve, reject });
      if (!this.running) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    for (let group = this.next(); group.length > 0; group = this.next()) await this.settle(group);
    this.running = false;
  }

  private next(): Waiting<T>[] {
    let size = 0;
    const end = this.waiting.findIndex(({ items }, at) => (size += items.length) > this.most && at > 0);
    return this.waiting.splice(0, end < 0 ? this.waiting.length : end);
  }

  /** What several write together is seen in the trace of the first; one that fails does not take the others with it. */
  private async settle(group: Waiting<T>[]): Promise<void> {
    const [first] = group;
    if (!first) return;
    try {
      await context.with(first.trace, () => this.write(group.flatMap(({ items }) => items)));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length === 1) first.reject(error);
      else for (const one of group) await this.settle([one]);
    }
  }
}
