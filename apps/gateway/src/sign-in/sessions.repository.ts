import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '@seatwise/persistence';
import type { mongo } from 'mongoose';
import { timeoutMS } from '../keys/keys.repository.js';

/** How somebody signed in; `provider` is that of OIDC. */
export interface Way {
  way: 'password' | 'link' | 'oidc';
  provider: string | null;
}

export interface Session extends Way {
  _id: string;
  /** Of the secret in the cookie: see `secret.ts`. */
  digest: string;
  /** The accounts that it was opened for, one in each workspace. */
  members: { id: string; workspace: string }[];
  /** The account that is in use. */
  current: string;
  address: string;
  browser: string;
  openedAt: Date;
  seenAt: Date;
  /** When it ends if it is not used, and at the latest. */
  expiresAt: Date;
  endsAt: Date;
}

/** A link that signs one account in, once. */
export interface Link {
  /** The digest of its token. */
  _id: string;
  member: string;
  expiresAt: Date;
}

/** Somebody who was sent to a provider and is to come back, in the same browser, once. */
export interface Attempt {
  /** The digest of `state`. */
  _id: string;
  /** The digest of the cookie. */
  browser: string;
  provider: string;
  nonce: string;
  verifier: string;
  returnTo: string;
  expiresAt: Date;
}

const most = 500;

/** Sessions, and what may become one. Each is deleted when its time is over. */
@Injectable()
export class SessionsRepository implements OnModuleInit {
  constructor(private readonly database: Database) {}

  private get sessions(): mongo.Collection<Session> {
    return this.database.collection<Session>('sessions');
  }
  private get links(): mongo.Collection<Link> {
    return this.database.collection<Link>('sign_in_links');
  }
  private get attempts(): mongo.Collection<Attempt> {
    return this.database.collection<Attempt>('sign_in_attempts');
  }

  async onModuleInit(): Promise<void> {
    const ended = { key: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } } as const;
    await this.database.ensureIndexes([
      { collection: 'sessions', key: { digest: 1 }, options: { unique: true } },
      { collection: 'sessions', key: { 'members.id': 1 } },
      { collection: 'sessions', key: { 'members.workspace': 1, _id: -1 } },
      ...['sessions', 'sign_in_links', 'sign_in_attempts'].map((collection) => ({ collection, ...ended })),
    ]);
  }

  async insert(session: Session): Promise<void> {
    await this.sessions.insertOne(session, { timeoutMS });
  }

  /** Undefined also for one whose time is over. */
  async withDigest(digest: string): Promise<Session | undefined> {
    return (await this.sessions.findOne({ digest, expiresAt: { $gt: new Date() } }, { timeoutMS })) ?? undefined;
  }

  /** Of two replicas that see the same use, the later moment stays. Nobody waits for a majority to keep it. */
  async markSeen(id: string, seenAt: Date, expiresAt: Date): Promise<void> {
    await this.sessions.updateOne({ _id: id }, { $max: { seenAt, expiresAt } }, { timeoutMS, writeConcern: { w: 1 } });
  }

  async find(id: string): Promise<Session | undefined> {
    return (await this.sessions.findOne({ _id: id, expiresAt: { $gt: new Date() } }, { timeoutMS })) ?? undefined;
  }

  /** Goes on under another secret: whoever knew the one before is out. */
  async renew(id: string, digest: string, way: Way): Promise<void> {
    await this.sessions.updateOne({ _id: id }, { $set: { digest, ...way } }, { timeoutMS });
  }

  async use(id: string, current: string): Promise<void> {
    await this.sessions.updateOne({ _id: id }, { $set: { current } }, { timeoutMS });
  }

  async remove(by: { _id: string } | { digest: string }): Promise<void> {
    await this.sessions.deleteOne(by, { timeoutMS });
  }

  /** The newest first. */
  list(filter: mongo.Filter<Session>): Promise<Session[]> {
    return this.sessions
      .find({ ...filter, expiresAt: { $gt: new Date() } }, { timeoutMS })
      .sort({ _id: -1 })
      .limit(most)
      .toArray();
  }

  /**
   * Takes these accounts out of the sessions that fit. One that is in use in another workspace stays there; any other ends.
   * Answers how many were touched.
   */
  async withdraw(filter: mongo.Filter<Session>, members: string[]): Promise<number> {
    const ofThem = { ...filter, 'members.id': { $in: members } };
    const { deletedCount } = await this.sessions.deleteMany({ ...ofThem, current: { $in: members } }, { timeoutMS });
    const pull = { $pull: { members: { id: { $in: members } } } };
    const { modifiedCount } = await this.sessions.updateMany(ofThem, pull, { timeoutMS });
    return deletedCount + modifiedCount;
  }

  /** Ends all sessions, and whatever may become one. Answers how many sessions there were. */
  async endAll(): Promise<number> {
    await Promise.all([this.links.deleteMany({}), this.attempts.deleteMany({})]);
    return (await this.sessions.deleteMany({})).deletedCount;
  }

  async addLink(link: Link): Promise<void> {
    await this.links.insertOne(link, { timeoutMS });
  }

  /** Of many who use it at once, one gets it. */
  async takeLink(digest: string): Promise<Link | undefined> {
    const good = { _id: digest, expiresAt: { $gt: new Date() } };
    return (await this.links.findOneAndDelete(good, { timeoutMS })) ?? undefined;
  }

  async addAttempt(attempt: Attempt): Promise<void> {
    await this.attempts.insertOne(attempt, { timeoutMS });
  }

  /** Of many who come back with it at once, one gets it. */
  async takeAttempt(by: Pick<Attempt, '_id' | 'browser' | 'provider'>): Promise<Attempt | undefined> {
    const good = { ...by, expiresAt: { $gt: new Date() } };
    return (await this.attempts.findOneAndDelete(good, { timeoutMS })) ?? undefined;
  }
}
