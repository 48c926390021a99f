const day = 86_400_000;
/** Usage is known from this long before the connection was made. */
const firstReadDays = 30;
/** Events come late by this much at most, as far as Okta says; those that came twice are counted once. */
const overlapMs = 2 * 3_600_000;
/** Okta keeps its log for 90 days, and refuses to begin much earlier (Okta: System Log query). */
const keptDays = 90;

/**
 * Where a reading of the log begins that has no link to go on from: a while before the newest event that was read, or
 * with the day (UTC) thirty days before the connection was made; never before what Okta still has. Epoch milliseconds.
 */
export function readFrom(newest: number, connectedAt: string, now = Date.now()): number {
  const first = Date.parse(connectedAt) - firstReadDays * day;
  const wanted = newest > 0 ? newest - overlapMs : first - (first % day);
  return Math.max(wanted, now - keptDays * day);
}
