import type { SeatState } from '../domain';
import { t } from '../texts';

/** Why a seat is in its state; in an app it may be the assignment's own status. */
export function whySeat(seat: SeatState, lastSignIn: string | null, window: number, assignment?: string): string {
  const { why } = t.seats;
  if (seat === 'used') return why.used(window);
  if (seat === 'unused') return lastSignIn === null ? why.never : why.unused(window);
  if (seat === 'none' && assignment !== undefined) return why.assignment(assignmentIn(assignment));
  return why[seat];
}

/** The status of an assignment in words. */
export const assignmentIn = (status: string): string => t.seats.assignments[status] ?? status.toLowerCase();
