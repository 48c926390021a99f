import type { SeatState } from '../domain';
import { t } from '../texts';

/** Why a seat is in its state. */
export function whySeat(seat: SeatState, lastSignIn: string | null, window: number): string {
  const { why } = t.seats;
  if (seat === 'used') return why.used(window);
  if (seat === 'unused') return lastSignIn === null ? why.never : why.unused(window);
  return why[seat];
}
