import { badCursor } from './refusals.js';

/** The cursors that were given out, where the org lets them die (nobody has seen how long Okta's live). */
export class Cursors {
  private readonly given = new Map<string, number>();

  /** Remembers the cursor of each `next` that an answer carries. */
  give(links: readonly string[], now: number, lifeMs: number): void {
    for (const [cursor, at] of this.given) {
      if (at > now - lifeMs) break;
      this.given.delete(cursor);
    }
    for (const link of links) {
      const cursor = /[?&]after=([^&>]+)/.exec(link)?.[1];
      if (!cursor || !link.endsWith('rel="next"')) continue;
      // Set anew, so that the oldest stay in front.
      this.given.delete(cursor);
      this.given.set(cursor, now);
    }
  }

  /** Throws the refusal of one that is too old, or was never given. */
  check(cursor: string | null, now: number, lifeMs: number): void {
    if (cursor === null) return;
    const at = this.given.get(encodeURIComponent(cursor));
    if (at === undefined || at <= now - lifeMs) throw badCursor();
  }
}
