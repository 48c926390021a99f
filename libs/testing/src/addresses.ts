import { connect } from '@nats-io/transport-node';
import { MongoClient } from 'mongodb';

/** A server that the settings name by address does not do. The message names the setting, never the address: it may hold a password. */
export class UnfitServerError extends Error {
  constructor(setting: string, reason: string, options?: ErrorOptions) {
    super(`The server in ${setting} ${reason}`, options);
    this.name = 'UnfitServerError';
  }
}

const patience = 5_000;

/** Throws an UnfitServerError when MongoDB does not answer there, or is no replica set: transactions need one. */
export async function checkMongodb(setting: string, url: string): Promise<void> {
  const hello = await helloOf(setting, url);
  // A router of a sharded cluster has no set name of its own; its shards are replica sets.
  if (hello.setName === undefined && hello.msg !== 'isdbgrid')
    throw new UnfitServerError(
      setting,
      'is not a replica set, which transactions need: start mongod with --replSet and call rs.initiate().',
    );
}

async function helloOf(setting: string, url: string) {
  let client: MongoClient | undefined;
  try {
    client = new MongoClient(url, { serverSelectionTimeoutMS: patience, connectTimeoutMS: patience });
    return await client.db('admin').command({ hello: 1 });
  } catch (error) {
    const asSet = url.includes('replicaSet=') ? ' as the replica set that it names' : '';
    throw new UnfitServerError(setting, `cannot be reached${asSet} within ${patience / 1_000} s.`, { cause: error });
  } finally {
    await client?.close();
  }
}

/** Throws an UnfitServerError when NATS does not answer there, or JetStream is off. */
export async function checkNats(setting: string, servers: string): Promise<void> {
  const connection = await connect({
    servers: servers.split(','),
    timeout: patience,
    maxReconnectAttempts: 0,
  }).catch((error: unknown) => {
    throw new UnfitServerError(setting, `cannot be reached within ${patience / 1_000} s.`, { cause: error });
  });
  try {
    const answer = await connection.request('$JS.API.INFO', '', { timeout: patience });
    const { error } = answer.json<{ error?: { description: string } }>();
    if (error) throw new Error(error.description);
  } catch (error) {
    throw new UnfitServerError(setting, 'has no JetStream: start nats-server with JetStream on.', {
      cause: error,
    });
  } finally {
    await connection.close();
  }
}
