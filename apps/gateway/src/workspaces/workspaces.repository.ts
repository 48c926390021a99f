import { Injectable } from '@nestjs/common';
import { Database } from '@seatwise/persistence';
import { keyDocument, timeoutMS, type KeyDocument, type StoredKey } from '../keys/keys.repository.js';

export interface StoredWorkspace {
  id: string;
  name: string;
  timeZone: string;
  createdAt: Date;
}

/** One of a version before has no zone. */
type WorkspaceDocument = Omit<StoredWorkspace, 'id' | 'timeZone'> & { _id: string; timeZone?: string };
/** One document for ever: there has been a workspace. Its fixed id is what makes "the first" happen once. */
type OpenedDocument = { _id: 'opened'; workspace: string };

const duplicateKey = 11000;

@Injectable()
export class WorkspacesRepository {
  constructor(private readonly database: Database) {}

  private get opened() {
    return this.database.collection<OpenedDocument>('opened');
  }
  private get workspaces() {
    return this.database.collection<WorkspaceDocument>('workspaces');
  }

  /** False when there has been a workspace before. */
  async insertFirst(workspace: StoredWorkspace, key: StoredKey): Promise<boolean> {
    try {
      await this.database.transaction(async (session) => {
        await this.opened.insertOne({ _id: 'opened', workspace: workspace.id }, { session });
        await this.insertBoth(workspace, key, session);
      });
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === duplicateKey) return false;
      throw error;
    }
  }

  async insert(workspace: StoredWorkspace, key: StoredKey): Promise<void> {
    await this.database.transaction(async (session) => {
      const mark = { $setOnInsert: { workspace: workspace.id } };
      await this.opened.updateOne({ _id: 'opened' }, mark, { upsert: true, session });
      await this.insertBoth(workspace, key, session);
    });
  }

  async find(id: string): Promise<StoredWorkspace | undefined> {
    const document = await this.workspaces.findOne({ _id: id }, { timeoutMS });
    return document ? storedOf(document) : undefined;
  }

  async ids(): Promise<string[]> {
    const all = await this.workspaces.find({}, { projection: { _id: 1 } }).toArray();
    return all.map(({ _id }) => _id);
  }

  async change(
    id: string,
    set: Partial<Pick<StoredWorkspace, 'name' | 'timeZone'>>,
  ): Promise<StoredWorkspace | undefined> {
    const given = Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined));
    // Nothing to be changed is no update to MongoDB.
    if (Object.keys(given).length === 0) return this.find(id);
    const document = await this.workspaces.findOneAndUpdate(
      { _id: id },
      { $set: given },
      { returnDocument: 'after', timeoutMS },
    );
    return document ? storedOf(document) : undefined;
  }

  private async insertBoth({ id, ...rest }: StoredWorkspace, key: StoredKey, session: Session): Promise<void> {
    await this.workspaces.insertOne({ _id: id, ...rest }, { session });
    await this.database.collection<KeyDocument>('keys').insertOne(keyDocument(key), { session });
  }
}

const storedOf = ({ _id: id, name, timeZone, createdAt }: WorkspaceDocument): StoredWorkspace => ({
  id,
  name,
  timeZone: timeZone ?? '',
  createdAt,
});

type Session = Parameters<Parameters<Database['transaction']>[0]>[0];
