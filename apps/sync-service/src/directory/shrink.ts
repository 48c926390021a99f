/** Fewer removals than this are never suspicious: of three people one may leave. */
const alwaysFine = 10;

/** Whether a listing would take away more than the connection's share of what was there. */
export const isSuspicious = (before: number, removals: number, share: number): boolean =>
  removals > alwaysFine && removals > before * share;
