import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ConnectionNotFound, eventEntry, Refusal, type ConnectionDto, type EventType } from '@seatwise/contracts';
import { Database, Outbox } from '@seatwise/persistence';
import { mongo } from 'mongoose';
import { toDto, type Account } from './account.js';

/** The accounts of all workspaces. Each change and its announcement are one transaction. */
@Injectable()
export class AccountsRepository implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  private get accounts(): mongo.Collection<Account> {
    return this.database.collection<Account>('accounts');
  }

  async onModuleInit(): Promise<void> {
    await this.database.ensureIndexes([
      { collection: 'accounts', key: { workspace: 1, orgUrl: 1 }, options: { unique: true } },
      { collection: 'accounts', key: { workspace: 1, createdAt: 1 } },
    ]);
  }

  list(workspace: string): Promise<Account[]> {
    return this.accounts.find({ workspace }).sort({ createdAt: 1 }).toArray();
  }

  /** Throws {@link ConnectionNotFound} also for one of another workspace. */
  async require(workspace: string, connection: string): Promise<Account> {
    const account = await this.accounts.findOne({ _id: connection, workspace });
    if (!account) throw new ConnectionNotFound(connection);
    return account;
  }

  async isConnected(workspace: string, orgUrl: string): Promise<boolean> {
    return (await this.accounts.countDocuments({ workspace, orgUrl }, { limit: 1 })) > 0;
  }

  async add(account: Account, type: EventType<ConnectionDto>): Promise<void> {
    try {
      await this.database.transaction(async (session) => {
        await this.accounts.insertOne(account, { session });
        await this.outbox.add(eventEntry(type, account.workspace, toDto(account)), session);
      });
    } catch (error) {
      if (error instanceof mongo.MongoServerError && error.code === 11_000) throw new AlreadyConnected(account.orgUrl);
      throw error;
    }
    this.outbox.kick();
  }

  /** Changes what `change` makes of the newest state, counts the version up, and announces it. */
  async update(
    workspace: string,
    connection: string,
    change: (account: Account) => Partial<Account>,
    type: EventType<ConnectionDto>,
  ): Promise<Account> {
    const changed = await this.database.transaction(async (session) => {
      const account = await this.accounts.findOne({ _id: connection, workspace }, { session });
      if (!account) throw new ConnectionNotFound(connection);
      const next: Account = { ...account, ...change(account), version: account.version + 1 };
      await this.accounts.replaceOne({ _id: connection, version: account.version }, next, { session });
      await this.outbox.add(eventEntry(type, workspace, toDto(next)), session);
      return next;
    });
    this.outbox.kick();
    return changed;
  }

  /** Takes the account and its credential away and announces it. */
  async remove<P extends object>(workspace: string, connection: string, type: EventType<P>, payload: P): Promise<void> {
    await this.database.transaction(async (session) => {
      const { deletedCount } = await this.accounts.deleteOne({ _id: connection, workspace }, { session });
      if (deletedCount === 0) throw new ConnectionNotFound(connection);
      await this.outbox.add(eventEntry(type, workspace, payload), session);
    });
    this.outbox.kick();
  }

  /** Every account, for a rotation of keys. */
  all(): AsyncIterable<Account> {
    return this.accounts.find().sort({ _id: 1 });
  }

  /** Puts a token in place of the very one that was read; false when it has changed meanwhile. */
  async reseal(account: Account, sealedToken: Account['sealedToken']): Promise<boolean> {
    const unchanged = { _id: account._id, 'sealedToken.ciphertext': account.sealedToken.ciphertext };
    const { modifiedCount } = await this.accounts.updateOne(unchanged, { $set: { sealedToken } });
    return modifiedCount === 1;
  }
}

/** The org is in the workspace already. */
export class AlreadyConnected extends Refusal {
  constructor(orgUrl: string) {
    super(
      'already_connected',
      `${orgUrl} is connected to this workspace already. Rotate its token instead of connecting it again.`,
    );
  }
}
