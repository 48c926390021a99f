import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '@seatwise/persistence';
import type { ClientSession, mongo } from 'mongoose';
import type { Role } from '../door/roles.js';
import { timeoutMS } from '../keys/keys.repository.js';

/** Who a person is at a provider: its issuer, and the subject that it never gives to anybody else. */
export interface Identity {
  issuer: string;
  subject: string;
}

/**
 * A person in one workspace. Whoever is in several has an account in each, with a password of its own, so that nothing an
 * admin of one workspace does to an account reaches another.
 */
export interface Member {
  _id: string;
  workspace: string;
  email: string;
  /** By which it is found: see {@link emailKeyOf}. */
  emailKey: string;
  name: string;
  role: Role;
  /** The provider whose claim gave the role; null: an admin did. */
  roleFrom: string | null;
  /** As `passwords.ts` keeps it. */
  password: string | null;
  identities: Identity[];
  createdAt: Date;
  lastSignInAt: Date | null;
}

/** E-mail addresses are compared without regard to case. */
export const emailKeyOf = (email: string): string => email.normalize('NFC').toLowerCase();

export class LastAdmin extends Error {}

const duplicateKey = 11_000;

@Injectable()
export class MembersRepository implements OnModuleInit {
  constructor(private readonly database: Database) {}

  private get members(): mongo.Collection<Member> {
    return this.database.collection<Member>('members');
  }

  async onModuleInit(): Promise<void> {
    await this.database.ensureIndexes([
      { collection: 'members', key: { workspace: 1, _id: 1 } },
      { collection: 'members', key: { workspace: 1, emailKey: 1 }, options: { unique: true } },
      { collection: 'members', key: { emailKey: 1 } },
      { collection: 'members', key: { 'identities.subject': 1, 'identities.issuer': 1 } },
    ]);
  }

  /** False when the workspace has a member of this e-mail address. */
  async insert(member: Member): Promise<boolean> {
    try {
      await this.members.insertOne(member, { timeoutMS });
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === duplicateKey) return false;
      throw error;
    }
  }

  async find(id: string): Promise<Member | undefined> {
    return (await this.members.findOne({ _id: id }, { timeoutMS })) ?? undefined;
  }

  async withEmail(workspace: string, email: string): Promise<Member | undefined> {
    return (await this.members.findOne({ workspace, emailKey: emailKeyOf(email) }, { timeoutMS })) ?? undefined;
  }

  /** The accounts of this e-mail address, in all workspaces. */
  allWithEmail(email: string): Promise<Member[]> {
    return this.members.find({ emailKey: emailKeyOf(email) }, { timeoutMS }).toArray();
  }

  allWithIdentity(identity: Identity): Promise<Member[]> {
    return this.members.find({ identities: { $elemMatch: identity } }, { timeoutMS }).toArray();
  }

  /** Of these accounts those that there still are, the one that signed in last before the others. */
  allOf(ids: string[]): Promise<Member[]> {
    return this.members
      .find({ _id: { $in: ids } }, { timeoutMS })
      .sort({ lastSignInAt: -1 })
      .toArray();
  }

  /** In the order of their making. */
  page(workspace: string, limit: number, after: string | undefined): Promise<Member[]> {
    const query = { workspace, ...(after !== undefined && { _id: { $gt: after } }) };
    return this.members.find(query, { timeoutMS }).sort({ _id: 1 }).limit(limit).toArray();
  }

  /** Undefined when the workspace has no such member. Throws {@link LastAdmin} when no admin would be left. */
  change(workspace: string, id: string, change: Partial<Member>): Promise<Member | undefined> {
    return this.keepingAnAdmin(workspace, async (session) => {
      const options = { session, returnDocument: 'after' } as const;
      return (await this.members.findOneAndUpdate({ _id: id, workspace }, { $set: change }, options)) ?? undefined;
    });
  }

  /** Undefined when the workspace has no such member. Throws {@link LastAdmin} when no admin would be left. */
  remove(workspace: string, id: string): Promise<Member | undefined> {
    return this.keepingAnAdmin(
      workspace,
      async (session) => (await this.members.findOneAndDelete({ _id: id, workspace }, { session })) ?? undefined,
    );
  }

  async setPassword(id: string, password: string): Promise<void> {
    await this.members.updateOne({ _id: id }, { $set: { password } }, { timeoutMS });
  }

  async markSignIn(ids: string[], at: Date): Promise<void> {
    await this.members.updateMany({ _id: { $in: ids } }, { $max: { lastSignInAt: at } }, { timeoutMS });
  }

  /** Who the person is at a provider, and what its claim gives, where it gives anything. */
  async link(id: string, identity: Identity, given: Partial<Pick<Member, 'role' | 'roleFrom'>>): Promise<void> {
    const set = Object.keys(given).length > 0 && { $set: given };
    await this.members.updateOne({ _id: id }, { $addToSet: { identities: identity }, ...set }, { timeoutMS });
  }

  /** Of two that would take away an admin each at the same time, the second sees what the first left: both write the workspace. */
  private keepingAnAdmin<T>(workspace: string, work: (session: ClientSession) => Promise<T>): Promise<T> {
    return this.database.transaction(async (session) => {
      const admins = () => this.members.countDocuments({ workspace, role: 'admin' }, { session });
      const mark = { $inc: { memberChanges: 1 } };
      await this.database.collection<{ _id: string }>('workspaces').updateOne({ _id: workspace }, mark, { session });
      const before = await admins();
      const result = await work(session);
      if (before > 0 && (await admins()) === 0) throw new LastAdmin();
      return result;
    });
  }
}
