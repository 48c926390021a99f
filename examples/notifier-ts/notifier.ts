/**
 * Says a line for each thing that somebody wants to hear of: people who lost their account, syncs that failed, actions that ended.
 * With NOTIFY_URL the line is sent there as well, as chats take it: `{"text": "…"}`.
 */
import {
  actionDone,
  actionFailed,
  connectionChanged,
  connectionConnected,
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
  status: string;
}
const orgs = new Map<string, string>();
const people = new Map<string, Known>();
/** The newest run of each org. */
const runs = new Map<string, { id: string; version: number; state: string }>();
const withoutAccount = new Set(['SUSPENDED', 'DEPROVISIONED', 'deleted']);
const toTell = new Set(['failed', 'partial', 'paused']);

/** In a snapshot there is nothing to say: it is how things are, not that they have changed. */
const handlers = [
  ...[connectionConnected, connectionChanged].map((type) => on(type, ({ id, name }) => void orgs.set(id, name))),

  on(directoryChanged.person, async ({ connection, changes }, head) => {
    const known = (id: string) => people.get(`${connection}|${id}`)?.v;
    for (const { id, v, status, login } of newerThan(changes, known)) {
      const before = people.get(`${connection}|${id}`)?.status;
      const isNews = before !== undefined && before !== status && withoutAccount.has(status);
      if (head && isNews) await say(`${orgs.get(connection)}: ${login} is ${status} now`);
      people.set(`${connection}|${id}`, { v, status });
    }
  }),

  on(syncRunChanged, async ({ id, connection, version, state, reason }, head) => {
    const before = runs.get(connection);
    if (before?.id === id && version <= before.version) return;
    const isNews = before?.id !== id || before.state !== state;
    if (head && isNews && toTell.has(state))
      await say(`${orgs.get(connection)}: the sync ${id} is ${state} ${reason ?? ''}`.trim());
    runs.set(connection, { id, version, state });
  }),

  on(actionDone, async ({ connection, action, login, reason }) =>
    say(`${orgs.get(connection)}: ${action} ${login} done (${reason})`),
  ),
  on(actionFailed, async ({ connection, action, login, fault }) =>
    say(`${orgs.get(connection)}: ${action} ${login} failed: ${fault?.detail}`),
  ),
];

// The place in the stream first, then the snapshot, then what has happened since the place was opened.
const consumer = await EventConsumer.connect({
  servers: setting('SEATWISE_NATS_URL'),
  name: setting('SEATWISE_READER'),
  password: setting('SEATWISE_READER_PASSWORD'),
  handlers,
});
const snapshot = await takeSnapshot({ url, apiKey });
for await (const event of snapshot.events) await handOver(handlers, event);
console.log(`Listening to ${orgs.size} orgs with ${people.size} people`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => consumer.stop());
await consumer.run();
