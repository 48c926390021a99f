import { setTimeout as sleep } from 'node:timers/promises';

/** Looks until what it sees fits, and answers it. The test's own time limit is what ends a wait for nothing. */
export async function until<T>(look: () => Promise<T>, fits: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look();
    if (fits(seen)) return seen;
    await sleep(100);
  }
}
