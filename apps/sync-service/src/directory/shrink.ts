/** Fewer removals than this are never suspicious: of three people one may leave. */
const alwaysFine = 10;
/** Of one app or group more: a team may leave it at once, and a small one often does. */
const alwaysFineOfScope = 100;

/** Whether a listing would take away more than the connection's share of what was there. */
export const isSuspicious = (before: number, removals: number, share: number): boolean =>
  removals > alwaysFine && removals > before * share;

/** The same for the listing of one app or group. */
export const isSuspiciousOfScope = (before: number, removals: number, share: number): boolean =>
  removals > alwaysFineOfScope && isSuspicious(before, removals, share);
