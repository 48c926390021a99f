import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Refusal } from '@seatwise/contracts';
import { Database } from '@seatwise/persistence';
import { GatewayConfig } from '../config.js';
import { timeoutMS } from '../keys/keys.repository.js';

/** How often was guessed at one account, or from one address, and until when nobody may go on. */
interface Guess {
  _id: string;
  tries: number;
  until: Date;
  forgottenAt: Date;
  refused: boolean;
}

/** So many at once are no guessing; each further one waits twice as long as the one before. */
const freeTries = 3;
const firstWaitMs = 1_000;
/** Many people may share an address. */
const triesOfAddress = 10;

const past = new Date(0);

/**
 * Slows guessing down and then locks it out, by the e-mail address that is tried, whether or not anybody has it, and by the
 * address it comes from. It is counted in the database before the password is looked at, so that neither many replicas
 * nor many requests at once give anybody more tries.
 */
@Injectable()
export class Guesses implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly config: GatewayConfig,
  ) {}

  private get guesses() {
    return this.database.collection<Guess>('sign_in_guesses');
  }

  async onModuleInit(): Promise<void> {
    await this.database.ensureIndexes([
      { collection: 'sign_in_guesses', key: { forgottenAt: 1 }, options: { expireAfterSeconds: 0 } },
    ]);
  }

  /** Counts one more try. Throws `sign_in_locked`, which counts as none, when it comes too soon. */
  async take(email: string, address: string): Promise<void> {
    const most = this.config.signInTries;
    const from = keyOf('address', prefixOf(address));
    mustNotWait(await this.count(from, freeTries * triesOfAddress, most * triesOfAddress));
    const waitMs = await this.count(keyOf('account', email), freeTries, most);
    // Who is impatient with one account does not use up what everybody has who shares the address.
    if (waitMs > 0) await this.giveBack(from);
    mustNotWait(waitMs);
  }

  /** It was no guess: the account's are forgotten, and one of the address. */
  async forgive(email: string, address: string): Promise<void> {
    await Promise.all([
      this.guesses.deleteOne({ _id: keyOf('account', email) }, { timeoutMS }),
      this.giveBack(keyOf('address', prefixOf(address))),
    ]);
  }

  private async giveBack(_id: string): Promise<void> {
    const change = { $inc: { tries: -1 }, $set: { until: past } };
    await this.guesses.updateOne({ _id, tries: { $gt: 0 } }, change, { timeoutMS });
  }

  /** Answers the milliseconds to wait; 0: it may be tried, and is counted. */
  private async count(_id: string, free: number, most: number): Promise<number> {
    const now = new Date();
    const lockMs = this.config.signInLockMinutes * 60_000;
    const isSoon = { $gt: [{ $ifNull: ['$until', past] }, now] };
    const isRemembered = { $gt: [{ $ifNull: ['$forgottenAt', past] }, now] };
    const doubling = { $multiply: [firstWaitMs, { $pow: [2, { $subtract: ['$tries', free + 1] }] }] };
    const slower = { $cond: [{ $gt: ['$tries', free] }, { $min: [lockMs, doubling] }, 0] };
    const waitMs = { $cond: [{ $gte: ['$tries', most] }, lockMs, slower] };
    const counted = await this.guesses.findOneAndUpdate(
      { _id },
      [
        {
          $set: {
            refused: isSoon,
            tries: { $add: [{ $cond: [isRemembered, { $ifNull: ['$tries', 0] }, 0] }, { $cond: [isSoon, 0, 1] }] },
          },
        },
        {
          $set: {
            until: {
              $cond: [
                '$refused',
                '$until',
                { $cond: [{ $eq: [waitMs, 0] }, past, { $add: [now, { $toLong: waitMs }] }] },
              ],
            },
            forgottenAt: { $cond: ['$refused', '$forgottenAt', new Date(now.getTime() + 2 * lockMs)] },
          },
        },
      ],
      { upsert: true, returnDocument: 'after', timeoutMS },
    );
    return counted?.refused ? counted.until.getTime() - now.getTime() : 0;
  }
}

function mustNotWait(milliseconds: number): void {
  const seconds = Math.ceil(milliseconds / 1_000);
  if (seconds <= 0) return;
  throw new Refusal(
    'sign_in_locked',
    `There were too many attempts to sign in with this e-mail address, or from here. Try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`,
    { context: { retryAfter: seconds } },
  );
}

/** Not the e-mail address itself: a password may have been typed in its place. */
const keyOf = (kind: string, what: string): string =>
  createHash('sha256').update(`${kind}|${what}`).digest('base64url');

/** Whoever has an IPv6 address has 2^64 of them. */
export function prefixOf(address: string): string {
  if (!isIPv6(address) || address.toLowerCase().startsWith('::ffff:')) return address.replace(/^::ffff:/i, '');
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const before = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  const groups = [...before, ...Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0'), ...after];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
