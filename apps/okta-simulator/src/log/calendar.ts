import { chance } from '../random.js';

/** Work hours of the company's people, by UTC hour; weekends have a twentieth. */
const hours = [
  0.1, 0.1, 0.1, 0.1, 0.2, 0.4, 0.9, 2, 3, 2.6, 2, 1.8, 1.6, 2, 2.2, 1.9, 1.5, 1.1, 0.7, 0.4, 0.3, 0.2, 0.1, 0.1,
];
const hoursTotal = hours.reduce((sum, share) => sum + share, 0);
const weekend = 0.05;
/** Working days' worth in 30 days. */
const days30 = (30 / 7) * (5 + 2 * weekend);

/** How many events fall into each minute. */
export class Calendar {
  private readonly rates: number[];

  /** `per30Days`: how many events 30 days have in the mean. */
  constructor(
    private readonly seed: number,
    per30Days: number,
  ) {
    this.rates = hours.map((share) => (per30Days * share) / days30 / hoursTotal / 60);
  }

  /** The number of events in a minute since the epoch. */
  count(minute: number): number {
    const day = Math.floor(minute / 1_440);
    // 1 January 1970 was a Thursday.
    const weekday = (day + 4) % 7;
    const rate = this.rates[Math.floor((minute - day * 1_440) / 60)]! * (weekday === 0 || weekday === 6 ? weekend : 1);
    return Math.floor(rate + chance(this.seed, 70, minute));
  }
}
