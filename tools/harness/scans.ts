import mongoose, { type mongo } from 'mongoose';

const databases = ['actions', 'connections', 'directory', 'gateway', 'usage'];
/** Fewer are read at once as fast as by an index. */
const few = 20;

/** Has mongod keep a note of whatever a service looks for by going through a collection. */
export const noteScans = (mongoUrl: string): Promise<void> =>
  each(mongoUrl, async (database) => {
    // A service is known by the name of its database; tests have no name. What is erased is looked for once, and for that alone
    // an index would cost each write.
    const filter = {
      appName: { $in: databases },
      op: { $ne: 'remove' },
      planSummary: /^COLLSCAN/,
      docsExamined: { $gt: few },
    };
    await database.command({ profile: 1, filter });
  });

/** What was noted since: which collection, by what, and how many documents were gone through. */
export async function notedScans(mongoUrl: string): Promise<string[]> {
  const found = new Map<string, string>();
  await each(mongoUrl, async (database) => {
    for await (const { ns, op, docsExamined, command, queryHash } of database.collection('system.profile').find())
      found.set(
        `${ns} ${queryHash}`,
        `${ns} ${op}, ${docsExamined} documents: ${JSON.stringify(command).slice(0, 300)}`,
      );
  });
  return [...found.values()];
}

async function each(mongoUrl: string, work: (database: mongo.Db) => Promise<void>): Promise<void> {
  const connection = await mongoose.createConnection(mongoUrl).asPromise();
  try {
    for (const name of databases) await work(connection.getClient().db(name));
  } finally {
    await connection.close();
  }
}
