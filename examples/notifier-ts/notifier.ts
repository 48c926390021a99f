/**
 * Says a line for each thing that somebody wants to hear of: people who lost their account, syncs that failed, actions that ended.
 * With NOTIFY_URL the line is sent there as well, as chats take it: `{"text": "…"}`.
 *
 * It may be killed at any moment: what has happened meanwhile is said when it runs again, and the last line perhaps twice.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  actionDone,
  actionFailed,
  connectionChanged,
  connectionConnected,
  connectionRemoved,
  directoryChanged,
  syncRunChanged,
} from '@seatwise/contracts';
import { EventConsumer, handOver, newerThan, on, takeSnapshot } from '@seatwise/contracts/consumer';

const setting = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}`);
  return value;
};
const url = setting('SEATWISE_URL');
const apiKey = setting('SEATWISE_API_KEY');

async function say(line: string): Promise<void> {
  console.log(line);
  const { NOTIFY_URL: chat } = process.env;
  if (!chat) return;
  const body = JSON.stringify({ text: line });
  const answer = await fetch(chat, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  // What is thrown here brings the event again.
  if (!answer.ok) throw new Error(`${chat} answered ${answer.status}`);
}

interface Known {
  v: number;
  state: string;
}
/** How each thing was when it was heard of last, so that what happens while this does not run is news when it runs again. */
const db = new DatabaseSync(process.env.STATE ?? join(import.meta.dirname, 'notifier.db'));
db.exec(`
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS known (
    connection TEXT, kind TEXT, id TEXT, v INTEGER NOT NULL, state TEXT NOT NULL, PRIMARY KEY (connection, kind, id));
  CREATE TABLE IF NOT EXISTS erased (connection TEXT PRIMARY KEY);
`);
const find = db.prepare('SELECT v, state FROM known WHERE connection = ? AND kind = ? AND id = ?');
const put = db.prepare(
  'INSERT OR REPLACE INTO known SELECT ?1, ?2, ?3, ?4, ?5 WHERE ?1 NOT IN (SELECT connection FROM erased)',
);
type Key = [connection: string, kind: 'org' | 'person' | 'run' | 'place', id?: string];
const known = ([connection, kind, id = '']: Key) => find.get(connection, kind, id) as Known | undefined;
const keep = ([connection, kind, id = '']: Key, { v, state }: Known) => void put.run(connection, kind, id, v, state);
const all = db.prepare('SELECT count(*) AS n FROM known WHERE kind = ?');
const count = (kind: Key[1]) => (all.get(kind) as { n: number }).n;

const nameOf = (connection: string) => known([connection, 'org'])?.state ?? connection;
const whatOf = ({ action, login, dryRun }: { action: string; login: string | null; dryRun: boolean }) =>
  [dryRun ? `dry run of ${action}` : action, login].filter(Boolean).join(' ');
const withoutAccount = new Set(['SUSPENDED', 'DEPROVISIONED', 'deleted']);
const toTell = new Set(['failed', 'partial', 'paused']);

/** In a snapshot there is nothing to say: it is how things are, not that they have changed. */
const handlers = [
  ...[connectionConnected, connectionChanged].map((type) =>
    on(type, ({ id, name, version }) => {
      if (version > (known([id, 'org'])?.v ?? 0)) keep([id, 'org'], { v: version, state: name });
    }),
  ),
  // What was erased stays so, whatever is still told of it.
  on(connectionRemoved, ({ connection, history }) => {
    if (history !== 'erase') return;
    db.prepare('INSERT OR IGNORE INTO erased VALUES (?)').run(connection);
    db.prepare('DELETE FROM known WHERE connection = ?').run(connection);
  }),

  on(directoryChanged.person, async ({ connection, changes }, head) => {
    const keyOf = (id: string): Key => [connection, 'person', id];
    for (const { id, v, status, login } of newerThan(changes, (each) => known(keyOf(each))?.v)) {
      const before = known(keyOf(id))?.state;
      const isNews = before !== undefined && before !== status && withoutAccount.has(status);
      if (head && isNews) await say(`${nameOf(connection)}: ${login} is ${status} now`);
      keep(keyOf(id), { v, state: status });
    }
  }),

  // Of each org the newest run.
  on(syncRunChanged, async ({ id, connection, version, state, reason }, head) => {
    const now = `${id} ${state}`;
    const before = known([connection, 'run']);
    if (before?.state.startsWith(id) && version <= before.v) return;
    if (head && before?.state !== now && toTell.has(state))
      await say(`${nameOf(connection)}: the sync ${id} is ${state} ${reason ?? ''}`.trim());
    keep([connection, 'run'], { v: version, state: now });
  }),

  on(actionDone, async (action) => say(`${nameOf(action.connection)}: ${whatOf(action)} done (${action.reason})`)),
  on(actionFailed, async (action) =>
    say(`${nameOf(action.connection)}: ${whatOf(action)} failed: ${action.fault?.detail}`),
  ),
];

/** Events are kept for 30 days. */
const keptMs = 29 * 86_400_000;
const place: Key = ['', 'place'];

/** Has a whole snapshot in place of what is known, unless that belongs to this place in the stream and has missed nothing. */
async function begin(opened: string): Promise<void> {
  const begun = known(place);
  if (begun?.state === opened && begun.v > Date.now() - keptMs) return;
  const snapshot = await takeSnapshot({ url, apiKey });
  db.exec('BEGIN IMMEDIATE; DELETE FROM known');
  for await (const event of snapshot.events) await handOver(handlers, event);
  keep(place, { v: Date.now(), state: opened });
  db.exec('COMMIT');
}

/** Ends with one line: which settings to look at, and why. */
const endFor =
  (settings: string) =>
  ({ message, cause }: Error): never => {
    console.error([settings, message, ...(cause instanceof Error ? [cause.message] : [])].join(': '));
    process.exit(1);
  };
const ofNats = 'SEATWISE_NATS_URL, SEATWISE_READER, SEATWISE_READER_PASSWORD';

// The place in the stream first, then the snapshot, then what has happened since the place was opened.
const consumer = await EventConsumer.connect({
  servers: setting('SEATWISE_NATS_URL'),
  name: setting('SEATWISE_READER'),
  password: setting('SEATWISE_READER_PASSWORD'),
  handlers,
}).catch(endFor(ofNats));
await begin(consumer.opened).catch(endFor('SEATWISE_URL, SEATWISE_API_KEY'));
console.log(`Listening to ${count('org')} orgs with ${count('person')} people`);
// It reads as long as it runs.
setInterval(() => keep(place, { v: Date.now(), state: consumer.opened }), 3_600_000).unref();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => consumer.stop());
await consumer.run().catch(endFor(ofNats));
