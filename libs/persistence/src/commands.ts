import { context, metrics, type Context } from '@opentelemetry/api';
import type { mongo } from 'mongoose';

const duration = metrics.getMeter('seatwise/persistence').createHistogram('db.client.operation.duration', {
  description: 'Commands sent to MongoDB',
  unit: 's',
  advice: { explicitBucketBoundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
});

interface Begun {
  at: number;
  within: Context;
  database: string;
  collection: string | undefined;
}

/**
 * Measures every command of a client, which must have been made with `monitorCommands`, by OpenTelemetry's semantic
 * conventions for databases. The driver's own durations are whole milliseconds, which is what many a command takes.
 */
export function measureCommands(client: mongo.MongoClient): void {
  const begun = new Map<number, Begun>();
  const ended = ({ requestId, commandName }: { requestId: number; commandName: string }, failure?: Error) => {
    const command = begun.get(requestId);
    if (!command) return;
    begun.delete(requestId);
    const attributes = {
      'db.system.name': 'mongodb',
      'db.namespace': command.database,
      'db.collection.name': command.collection,
      'db.operation.name': commandName,
      'error.type': failure?.name,
    };
    duration.record((performance.now() - command.at) / 1_000, attributes, command.within);
  };
  client.on('commandStarted', ({ requestId, commandName, databaseName: database, command }) => {
    const collection = collectionIn(commandName, command);
    begun.set(requestId, { at: performance.now(), within: context.active(), database, collection });
  });
  client.on('commandSucceeded', (event) => ended(event));
  client.on('commandFailed', (event) => ended(event, event.failure));
}

/** `{find: 'people', …}`, and `{getMore: 17, collection: 'people'}`; a commit is about none. */
function collectionIn(name: string, command: Record<string, unknown>): string | undefined {
  const named = name === 'getMore' ? command.collection : command[name];
  return typeof named === 'string' ? named : undefined;
}
