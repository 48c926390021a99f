import { createConnection, type mongo } from 'mongoose';
import type { ConnectionDto, PeoplePage } from '@seatwise/contracts';
import type { Seatwise } from '../harness/seatwise.js';
import type { Api } from '../start/api.js';
import type { Say } from './org.js';
import { percentiles, timed, type Percentiles } from './times.js';

/** One read through the gateway, and the query behind it asked of MongoDB directly. */
export interface ReadSpeed {
  read: string;
  ours: Percentiles;
  bare: Percentiles;
}

const rounds = 1_000;
const day30Ms = 30 * 86_400_000;

/** Asks each read by turns through the gateway and of MongoDB directly, a thousand times, one at a time. */
export async function readsOf(seatwise: Seatwise, api: Api, connection: ConnectionDto, say: Say): Promise<ReadSpeed[]> {
  const database = await createConnection(seatwise.servers.mongoUrl, { dbName: 'usage' }).asPromise();
  const db = database.db as mongo.Db;
  // What Okta says of a person is in the mirror.
  const mirror = database.useDb('directory').db as mongo.Db;
  const labels = db.collection<{ _id: string }>('apps');
  const home = { workspace: connection.workspace, connection: connection.id };
  const { people } = await api.call<PeoplePage>('GET', `/people?connection=${connection.id}&limit=200`);
  const [app] = (await api.summary(connection.id)).mostUnused;
  const start = Date.now() - day30Ms;
  const unused = { licensed: true, $or: [{ last: null }, { last: { $lt: start } }] };
  const reads: [string, (round: number) => string, (round: number) => Promise<unknown>][] = [
    [
      'people by name, 50',
      () => `/people?connection=${connection.id}&limit=50`,
      () =>
        db
          .collection('people')
          .find({ ...home, known: true })
          .sort({ nameKey: 1, _id: 1 })
          .limit(51)
          .toArray(),
    ],
    [
      'unused seats of an app, 50',
      () => `/people?connection=${connection.id}&app=${app?.id}&seat=unused&limit=50`,
      async () => {
        const filter = { ...home, app: app?.id, removed: false, ...unused };
        const seats = await db.collection('seats').find(filter).sort({ nameKey: 1, _id: 1 }).limit(51).toArray();
        const ids = seats.map(({ person }) => `${connection.id}|${String(person)}`);
        return db
          .collection<{ _id: string }>('people')
          .find({ _id: { $in: ids } })
          .toArray();
      },
    ],
    [
      'one person',
      (round) => `/connections/${connection.id}/people/${people[round % people.length]?.id}`,
      async (round) => {
        const id = `${connection.id}|${people[round % people.length]?.id}`;
        const under = { _id: { $gt: `${id}|`, $lt: `${id}}` } };
        const apps = async () => {
          const seats = await db.collection<{ _id: string; app: string }>('seats').find(under).toArray();
          const ids = seats.map(({ app: held }) => `${connection.id}|${held}`);
          await labels.find({ _id: { $in: ids } }).toArray();
        };
        const groups = async () => {
          const person = id.slice(connection.id.length + 1);
          const held = { connection: connection.id, 'content.person': person, removedAt: null };
          const memberships = await mirror.collection('memberships').find(held).toArray();
          const ids = memberships.map(({ scope }) => `${connection.id}|${String(scope)}`);
          await mirror
            .collection<{ _id: string }>('groups')
            .find({ _id: { $in: ids } })
            .toArray();
        };
        return Promise.all([
          mirror.collection<{ _id: string }>('people').findOne({ _id: id }),
          db.collection<{ _id: string }>('people').findOne({ _id: id }),
          db.collection<{ _id: string }>('days').find(under).toArray(),
          apps(),
          groups(),
        ]);
      },
    ],
    [
      'apps by label, 50',
      () => `/apps?connection=${connection.id}&limit=50`,
      async () => {
        const apps = await db
          .collection('apps')
          .find({ ...home, removed: false })
          .sort({ labelKey: 1, _id: 1 })
          .limit(51)
          .toArray();
        const listed = { $in: apps.map((one) => one.app as string) };
        return db
          .collection('seats')
          .aggregate(perApp(home, start, { app: listed }))
          .toArray();
      },
    ],
    [
      'summary',
      () => `/summary?connection=${connection.id}`,
      () =>
        Promise.all([
          db.collection('people').aggregate(byStatus(home)).toArray(),
          db.collection('people').aggregate(ofOkta(home, start)).toArray(),
          db
            .collection('apps')
            .find({ ...home, removed: false })
            .toArray(),
          db.collection('seats').aggregate(perApp(home, start)).toArray(),
          db
            .collection('totals')
            .aggregate([{ $match: home }, { $group: { _id: null, n: { $sum: '$signIns' } } }])
            .toArray(),
        ]),
    ],
  ];
  const speeds: ReadSpeed[] = [];
  for (const [read, path, query] of reads) {
    const ours: number[] = [];
    const bare: number[] = [];
    // What is slow is not asked a thousand times.
    const deadline = Date.now() + 60_000;
    for (let round = 0; round < rounds && (Date.now() < deadline || round < 100); round += 1) {
      bare.push(await timed(() => query(round)));
      ours.push(await timed(() => api.call('GET', path(round))));
    }
    speeds.push({ read, ours: percentiles(ours), bare: percentiles(bare) });
    say(`${read}: p99 ${speeds.at(-1)?.ours.p99.toFixed(1)} ms, bare ${speeds.at(-1)?.bare.p99.toFixed(1)} ms`);
  }
  await database.close();
  return speeds;
}

const usedSince = (start: number) => ({ $sum: { $cond: [{ $gte: ['$last', start] }, 1, 0] } });

const byStatus = (home: object) => [
  { $match: { ...home, known: true } },
  { $group: { _id: '$status', n: { $sum: 1 } } },
];

const ofOkta = (home: object, start: number) => [
  { $match: { ...home, known: true, licensed: true } },
  { $group: { _id: null, all: { $sum: 1 }, used: usedSince(start) } },
];

const perApp = (home: object, start: number, app: object = {}) => [
  { $match: { ...home, removed: false, licensed: { $in: [true, false] }, ...app } },
  { $project: { _id: 0, app: 1, licensed: 1, last: 1 } },
  { $group: { _id: { app: '$app', licensed: '$licensed' }, all: { $sum: 1 }, used: usedSince(start) } },
];
