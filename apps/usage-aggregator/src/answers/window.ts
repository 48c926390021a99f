import type { SeatState } from '@seatwise/contracts';

const day = 86_400_000;

/**
 * Where a window of so many days up to now begins: with the day (UTC) that this moment lies in, for all figures are of
 * whole days, and nobody's seat is called unused who signed in within the window.
 */
export function windowStart(days: number, now = Date.now()): number {
  const start = now - days * day;
  return start - (start % day);
}

/** The state of a seat: `used` by a sign-in since `start`, `unused` without one, `none` where nothing is licensed. */
export function stateOf({ licensed, last }: { licensed: boolean; last: number | null }, start: number): SeatState {
  if (!licensed) return 'none';
  return last !== null && last >= start ? 'used' : 'unused';
}

/** The condition for seats in that state. */
export function inState(seat: SeatState, start: number): object[] {
  if (seat === 'used') return [{ licensed: true, last: { $gte: start } }];
  if (seat === 'unused') return [{ licensed: true, $or: [{ last: null }, { last: { $lt: start } }] }];
  return [{ licensed: seat === 'licensed' }];
}

export const isoOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
