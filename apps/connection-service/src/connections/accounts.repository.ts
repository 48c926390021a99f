import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  ConnectionNotFound,
  connectionRemoved,
  ConnectionRemoved,
  eventEntry,
  Refusal,
  type ConnectionDto,
  type EventType,
} from '@seatwise/contracts';
import { Database, Outbox } from '@seatwise/persistence';
import { mongo } from 'mongoose';
import { isConnected, toDto, type Account, type Connected } from './account.js';

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
      {
        collection: 'accounts',
        key: { workspace: 1, orgUrl: 1 },
        options: { unique: true, partialFilterExpression: { removedAt: null }, name: 'one_connected_per_org' },
      },
      { collection: 'accounts', key: { workspace: 1, createdAt: 1 } },
    ]);
  }

  list(workspace: string): Promise<Account[]> {
    return this.accounts.find({ workspace }).sort({ createdAt: 1 }).toArray();
  }

  /** As {@link require}; throws {@link ConnectionRemoved} for one of which only the history is kept. */
  async requireConnected(workspace: string, connection: string): Promise<Connected> {
    const account = await this.require(workspace, connection);
    if (!isConnected(account)) throw new ConnectionRemoved(connection);
    return account;
  }

  /** Throws {@link ConnectionNotFound} also for one of another workspace. */
  async require(workspace: string, connection: string): Promise<Account> {
    const account = await this.accounts.findOne({ _id: connection, workspace });
    if (!account) throw new ConnectionNotFound(connection);
    return account;
  }

  /** Throws {@link AlreadyConnected} where the org is one of the workspace. */
  async mustBeNew(workspace: string, orgUrl: string): Promise<void> {
    const account = await this.accounts.findOne({ workspace, orgUrl, removedAt: null }, { projection: { _id: 1 } });
    if (account) throw new AlreadyConnected(orgUrl, account._id);
  }

  async add(account: Account, type: EventType<ConnectionDto>): Promise<void> {
    try {
      await this.database.transaction(async (session) => {
        await this.accounts.insertOne(account, { session });
        await this.outbox.add(eventEntry(type, account.workspace, toDto(account)), session);
      });
    } catch (error) {
      if (error instanceof mongo.MongoServerError && error.code === 11_000)
        await this.mustBeNew(account.workspace, account.orgUrl);
      throw error;
    }
    this.outbox.kick();
  }

  /** Changes what `change` makes of the newest state, counts the version up, and announces it; null: nothing is to change. */
  async update(
    workspace: string,
    connection: string,
    change: (account: Account) => Partial<Account> | null,
    type: EventType<ConnectionDto>,
  ): Promise<Account> {
    const changed = await this.database.transaction(async (session) => {
      const account = await this.accounts.findOne({ _id: connection, workspace }, { session });
      if (!account) throw new ConnectionNotFound(connection);
      const own = change(account);
      if (own === null) return account;
      const next: Account = { ...account, ...own, version: account.version + 1 };
      await this.accounts.replaceOne({ _id: connection, version: account.version }, next, { session });
      await this.outbox.add(eventEntry(type, workspace, toDto(next)), session);
      return next;
    });
    this.outbox.kick();
    return changed;
  }

  /** Takes the credential away, and with `erase` all that is known of the account as well, and announces it. */
  async remove(workspace: string, connection: string, history: 'keep' | 'erase'): Promise<void> {
    const own = { _id: connection, workspace };
    await this.database.transaction(async (session) => {
      const account = await this.accounts.findOne(own, { session });
      if (!account) throw new ConnectionNotFound(connection);
      if (history === 'erase') await this.accounts.deleteOne(own, { session });
      else if (!isConnected(account)) return;
      else {
        const removed = { sealedToken: null, removedAt: new Date().toISOString(), version: account.version + 1 };
        await this.accounts.updateOne(own, { $set: removed }, { session });
      }
      const payload = { workspace, connection, history };
      await this.outbox.add(eventEntry(connectionRemoved, workspace, payload), session);
    });
    this.outbox.kick();
  }

  /** Every account that has a credential, for a rotation of keys. */
  allConnected(): AsyncIterable<Connected> {
    return this.accounts
      .find({ sealedToken: { $ne: null } })
      .sort({ _id: 1 }) as AsyncIterable<unknown> as AsyncIterable<Connected>;
  }

  /** Puts a token in place of the very one that was read; false when it has changed meanwhile. */
  async reseal(account: Connected, sealedToken: Connected['sealedToken']): Promise<boolean> {
    const unchanged = { _id: account._id, 'sealedToken.ciphertext': account.sealedToken.ciphertext };
    const { modifiedCount } = await this.accounts.updateOne(unchanged, { $set: { sealedToken } });
    return modifiedCount === 1;
  }
}

/** The org is in the workspace already. */
export class AlreadyConnected extends Refusal {
  constructor(orgUrl: string, connection: string) {
    super(
      'already_connected',
      `${orgUrl} is connected to this workspace already. Replace its token instead of connecting it again.`,
      { context: { connection } },
    );
  }
}
