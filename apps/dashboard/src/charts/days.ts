const dayMs = 86_400_000;

export interface Day {
  day: string;
  signIns: number;
  people?: number | undefined;
}

/**
 * Every day (UTC) of the last `window` days up to now, those without a sign-in too. Of the days before `since` nothing is
 * known, which is not the same as nothing, so they are left out.
 */
export function everyDay(days: Day[], window: number, since: string | null | undefined, now = Date.now()): Day[] {
  const known = new Map(days.map((one) => [one.day, one]));
  return Array.from({ length: window + 1 }, (_, place) => {
    const day = new Date(now - (window - place) * dayMs).toISOString().slice(0, 10);
    return known.get(day) ?? { day, signIns: 0, people: 0 };
  }).filter(({ day }) => !since || day >= since.slice(0, 10));
}

/** Adds up what several sources say of the same day. */
export function summed(days: Day[]): Day[] {
  const sums = new Map<string, Day>();
  for (const { day, signIns, people = 0 } of days) {
    const sum = sums.get(day) ?? { day, signIns: 0, people: 0 };
    sums.set(day, { day, signIns: sum.signIns + signIns, people: (sum.people ?? 0) + people });
  }
  return [...sums.values()];
}
