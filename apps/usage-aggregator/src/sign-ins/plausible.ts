import { InvalidRequest, type SignIn } from '@seatwise/contracts';

const day = 86_400_000;
/** Okta keeps its log for 90 days, and a counted sign-in is remembered for 120: one in between may come, no older one. */
const oldestDays = 100;
/** Clocks differ, but not by a day. */
const newestDays = 1;

/** Whether a sign-in can be told from its repetition, and is not ahead of time. */
export const isPlausible = ([, at]: SignIn, now: number): boolean =>
  at >= now - oldestDays * day && at <= now + newestDays * day;

/** Sign-ins whose moment cannot be: counted, an old one might count twice. The message is parked with the reason. */
export class ImplausibleSignIns extends InvalidRequest {
  constructor(count: number) {
    super([
      {
        path: '$.signIns',
        detail: `${count} of them are older than ${oldestDays} days, or lie in the future; the others are counted`,
      },
    ]);
  }
}
