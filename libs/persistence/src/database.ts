import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { pino } from 'pino';
import mongoose, { type ClientSession, type Connection, type mongo } from 'mongoose';
import { measureCommands } from './commands.js';

const log = pino({ name: 'database' });

export interface PersistenceOptions {
  /** `mongodb://…`, a replica set: transactions need one. */
  uri: string;
  /** The service's own database. No other service reads it. */
  database: string;
}

export const PERSISTENCE_OPTIONS = Symbol('PERSISTENCE_OPTIONS');

/** An index that a service's queries stand on. */
export interface IndexDeclaration {
  collection: string;
  key: mongo.IndexSpecification;
  options?: mongo.CreateIndexesOptions;
}

/** The service's one connection to MongoDB. Writes are acknowledged by a majority that has them in its journal. */
@Injectable()
export class Database implements OnModuleInit, OnApplicationShutdown {
  readonly connection: Connection;

  constructor(@Inject(PERSISTENCE_OPTIONS) private readonly options: PersistenceOptions) {
    this.connection = mongoose.createConnection();
    // Whoever uses the connection gets its errors; unhandled here, one would end the process.
    this.connection.on('error', () => undefined);
  }

  /** The driver reconnects by itself, but only once it has been connected; so the first time is waited for. */
  async onModuleInit(): Promise<void> {
    for (;;) {
      try {
        await this.connection.openUri(this.options.uri, {
          dbName: this.options.database,
          // So mongod's logs and its list of what is under way name the service.
          appName: this.options.database,
          autoIndex: false,
          maxPoolSize: 30,
          serverSelectionTimeoutMS: 5_000,
          writeConcern: { w: 'majority', journal: true },
          readConcern: { level: 'majority' },
          retryWrites: true,
          monitorCommands: true,
        });
        measureCommands(this.connection.getClient());
        return;
      } catch (error) {
        const { name, message: reason } = error as Error;
        if (name !== 'MongooseServerSelectionError') throw error;
        log.warn({ database: this.options.database, reason }, 'MongoDB is not reachable yet, and is waited for');
      }
    }
  }

  /** The driver's own collection: lean and fast. Resolves when the connection is open. */
  collection<T extends mongo.Document>(name: string): mongo.Collection<T> {
    return this.connection.collection<T>(name);
  }

  /**
   * Runs `work` in one transaction and resolves with its result once a majority has it. The driver repeats `work` on
   * a write conflict and the commit on an unknown outcome, so `work` must do nothing but write through `session`.
   */
  async transaction<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
    const session = await this.connection.startSession();
    try {
      return await session.withTransaction(() => work(session), {
        readConcern: { level: 'snapshot' },
        writeConcern: { w: 'majority', journal: true },
      });
    } finally {
      await session.endSession();
    }
  }

  /** Makes the indexes that are missing. Safe from several replicas at once. */
  async ensureIndexes(declarations: IndexDeclaration[]): Promise<void> {
    await this.connection.asPromise();
    for (const { collection, key, options } of declarations)
      await this.collection(collection).createIndex(key, options ?? {});
  }

  /** Throws when no primary answers within two seconds, also when the server is there but frozen. */
  async check(): Promise<void> {
    const { db } = this.connection;
    if (!db) throw new Error('MongoDB is not connected');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('MongoDB does not answer')), 2_000);
    });
    const ping = db.command({ ping: 1 }, { readPreference: 'primary' });
    await Promise.race([ping, late]).finally(() => clearTimeout(timer));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connection.close();
  }
}
