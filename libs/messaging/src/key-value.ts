import { Injectable } from '@nestjs/common';
import { sharedBucket, sharedSubjects } from '@seatwise/contracts';
import { Kvm, type KV } from '@nats-io/kv';
import { StorageType } from '@nats-io/jetstream';
import { Nats } from './nats.js';

/**
 * A small shared map in NATS with compare-and-set, held in memory by the server: for what may be forgotten with it,
 * such as how much of a rate limit is left.
 */
@Injectable()
export class SharedMap {
  private bucket: Promise<KV> | undefined;

  constructor(private readonly nats: Nats) {}

  async get(key: string): Promise<{ value: string; revision: number } | null> {
    const entry = await this.attempt((kv) => kv.get(key));
    return entry && entry.operation === 'PUT' ? { value: entry.string(), revision: entry.revision } : null;
  }

  /** Writes when the newest revision is still `revision` (null: when there is none); false when another was faster. */
  async put(key: string, value: string, revision: number | null): Promise<boolean> {
    return this.attempt(async (kv) => {
      try {
        if (revision === null) await kv.create(key, value);
        else await kv.update(key, value, revision);
        return true;
      } catch (error) {
        if (isConflict(error)) return false;
        throw error;
      }
    });
  }

  /** Tells the replicas at once, this one included: whoever waits for them to look would wait too long. */
  async announce(key: string, value: string): Promise<void> {
    (await this.nats.connection()).publish(`${sharedSubjects}${key}`, value);
  }

  /** Calls `listener` with what is announced from now on. */
  async watch(listener: (key: string, value: string) => void): Promise<void> {
    (await this.nats.connection()).subscribe(`${sharedSubjects}>`, {
      callback: (error, message) => {
        if (!error) listener(message.subject.slice(sharedSubjects.length), message.string());
      },
    });
  }

  private async attempt<T>(work: (kv: KV) => Promise<T>): Promise<T> {
    this.bucket ??= this.open();
    try {
      return await work(await this.bucket);
    } catch (error) {
      // The server lost its memory: the next attempt makes the bucket anew.
      this.bucket = undefined;
      throw error;
    }
  }

  private async open(): Promise<KV> {
    const kvm = new Kvm(await this.nats.connection());
    return kvm.create(sharedBucket, { history: 1, storage: StorageType.Memory, ttl: 3_600_000 });
  }
}

// 10071: wrong last sequence, which is how JetStream says that the revision is not the newest.
const isConflict = (error: unknown): boolean => error instanceof Error && (error as { code?: number }).code === 10071;
