import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { ActingPersonDto } from '@seatwise/contracts';
import { Database } from '@seatwise/persistence';
import type { Role } from '../door/roles.js';

export interface StoredKey {
  id: string;
  workspace: string;
  name: string;
  role: Role;
  /** SHA-256 of the secret. */
  hash: Uint8Array;
  /** Who issued it; it acts in their name. Those from before there were people have none. */
  person?: ActingPersonDto | null;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

export type KeyDocument = Omit<StoredKey, 'id'> & { _id: string };

export const keyDocument = ({ id, ...rest }: StoredKey): KeyDocument => ({ _id: id, ...rest });
const fromDocument = ({ _id, ...rest }: KeyDocument): StoredKey => ({ id: _id, ...rest });

/** A server that is frozen rather than gone does not hold a request longer than this. */
export const timeoutMS = 5_000;

@Injectable()
export class KeysRepository implements OnModuleInit {
  constructor(private readonly database: Database) {}

  async onModuleInit(): Promise<void> {
    await this.database.ensureIndexes([{ collection: 'keys', key: { workspace: 1, _id: 1 } }]);
  }

  private get keys() {
    return this.database.collection<KeyDocument>('keys');
  }

  async find(id: string): Promise<StoredKey | undefined> {
    const document = await this.keys.findOne({ _id: id }, { timeoutMS, promoteBuffers: true });
    return document ? fromDocument(document) : undefined;
  }

  async insert(key: StoredKey): Promise<void> {
    await this.keys.insertOne(keyDocument(key), { timeoutMS });
  }

  /** In the order of ids, which is that of their making. */
  async page(workspace: string, limit: number, after: string | undefined): Promise<StoredKey[]> {
    const query = { workspace, ...(after !== undefined && { _id: { $gt: after } }) };
    const documents = await this.keys.find(query, { timeoutMS }).sort({ _id: 1 }).limit(limit).toArray();
    return documents.map(fromDocument);
  }

  /** False when the workspace has no such key. The moment of the first revocation stays. */
  async revoke(workspace: string, id: string, at: Date): Promise<boolean> {
    const set = [{ $set: { revokedAt: { $ifNull: ['$revokedAt', at] } } }];
    const { matchedCount } = await this.keys.updateOne({ _id: id, workspace }, set, { timeoutMS });
    return matchedCount === 1;
  }

  async markUsed(id: string, at: Date): Promise<void> {
    // $max: of two replicas that see the same use, the later moment stays. Nobody waits for a majority to keep it.
    await this.keys.updateOne({ _id: id }, { $max: { lastUsedAt: at } }, { timeoutMS, writeConcern: { w: 1 } });
  }
}
