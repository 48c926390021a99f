import type { Listed, Mirrored } from './mirror.js';

/** That Okta showed a thing, or that it is not there, when it was asked for it by its id. */
export interface Sighting {
  /** Okta's clock when it answered. */
  at: number;
  /** The id of the event that told of it; ids sort by the moment they were made. */
  event: string;
  /** Of a person who is there: Okta's `lastUpdated`. */
  updated?: number;
}

/** Okta's clock is told to the second: which of two moments of it that are closer was first, they do not say. */
const resolutionMs = 1_000;

/**
 * Lists come from an index that lags behind what is shown by id, by a second as a rule (Okta: Users API, "eventually
 * consistent"). So much later a list must have been asked for to be taken for newer. Longer would be safer against a
 * slow index, but would keep what others changed in between out of the mirror until the next run.
 */
const lagMs = 10_000;

/** From when on, by Okta's clock, a list that is asked for is newer than what was seen at that moment. */
export const listsAreNewerFrom = (at: number): number => at + lagMs + 1;

/** Of things that no list which began then can say to be gone: they were seen since, or too shortly before. */
export const seenSince = (listedFrom: number): { $gte: number } => ({ $gte: listedFrom - lagMs });

/** Whether a sighting is newer than what the mirror has of the thing. */
export function isNewer(
  sighting: Sighting,
  { sighting: last, content }: Pick<Mirrored, 'sighting' | 'content'>,
): boolean {
  if (last) {
    const apart = sighting.at - last.at;
    if (Math.abs(apart) >= resolutionMs ? apart < 0 : sighting.event <= last.event) return false;
  }
  // A page may have shown the person newer since. One who is gone has no moment, and nothing is newer than that.
  return sighting.updated === undefined || !(updatedOf(content.lastUpdated) > sighting.updated);
}

/** Whether a thing is what a page says, which was asked for then, and not what was seen of it by its id. */
export function isShownByPage(
  { sighting }: Pick<Mirrored, 'sighting'>,
  { content }: Pick<Listed, 'content'>,
  asked: number,
): boolean {
  if (!sighting) return true;
  const listed = updatedOf(content.lastUpdated);
  // A person tells how new they are; one who was seen to be gone does not, and no page is newer for being so.
  if (sighting.updated !== undefined && !Number.isNaN(listed) && listed !== sighting.updated)
    return listed > sighting.updated;
  return asked >= listsAreNewerFrom(sighting.at);
}

/** NaN where it does not say. */
export const updatedOf = (lastUpdated: unknown): number =>
  typeof lastUpdated === 'string' ? Date.parse(lastUpdated) : Number.NaN;
