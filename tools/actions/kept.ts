import { setTimeout as sleep } from 'node:timers/promises';
import type { ActionDto } from '@seatwise/contracts';
import { Streams, type Nats } from '@seatwise/messaging';
import type { TestOrg } from '../harness/seatwise.js';
import type { Api } from '../start/api.js';

/** A record of the audit log, as far as it is looked at here. */
export interface Recorded {
  seq: number;
  source: string;
  operation: string;
  who: { key: string | null; person: unknown; role: string };
  what: string;
  action: string | null;
  outcome: string;
  on: { kind: string; id: string | null; name: string | null };
  connection: string | null;
  reason: string | null;
  asked: Record<string, unknown> | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  effect: string | null;
  verified: boolean | null;
  undoes: string | null;
  dryRun: boolean;
  status: number | null;
  code: string | null;
  okta: { method: string; path: string; status: number | null; code: string; requestId: string }[];
}

/** An event of an action, as it is on the stream. */
export interface Told {
  id: string;
  name: string;
  action: ActionDto;
}

/** A request that came to the org, by its ledger. */
export interface Came {
  number: number;
  id: string;
  method: string;
  path: string;
  status: number;
}

/** The whole audit log of a workspace, in its order. */
export async function auditOf(admin: Api): Promise<Recorded[]> {
  const all: Recorded[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { records: Recorded[]; nextCursor: string | null } = await admin.call(
      'GET',
      `/audit?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    all.push(...page.records);
    cursor = page.nextCursor;
  }
  return all.toSorted((a, b) => a.seq - b.seq);
}

/** What the stream has told of the actions of a workspace, in its order. */
export async function toldOf(nats: Nats, workspace: string): Promise<Told[]> {
  const client = await new Streams(nats).jetstream();
  const subjects = { filter_subjects: `seatwise.v1.${workspace}.action.*` };
  const consumer = await client.consumers.get('EVENTS', subjects);
  const told: Told[] = [];
  let { num_pending: left } = await consumer.info();
  while (left > 0)
    for await (const message of await consumer.fetch({ max_messages: Math.min(left, 500), expires: 10_000 })) {
      left -= 1;
      told.push({
        id: message.headers?.get('Nats-Msg-Id') ?? '',
        name: message.subject.split('.').slice(3).join('.'),
        action: message.json<ActionDto>(),
      });
    }
  return told;
}

/** Every request that the org has had. */
export async function cameTo(org: TestOrg): Promise<Came[]> {
  const all: Came[] = [];
  for (;;) {
    const page = await org.control<Came[]>('GET', `ledger/requests?after=${all.at(-1)?.number ?? 0}&limit=10000`);
    if (page.length === 0) return all;
    all.push(...page);
  }
}

/**
 * Looks until it is all there, or until nothing more has come for a while: what is missing then is missing, and is for
 * whoever looks to say.
 */
export async function gathered<T>(look: () => Promise<T>, sizeOf: (seen: T) => number, wanted: number): Promise<T> {
  const patienceMs = 15_000;
  let [size, since] = [-1, Date.now()];
  for (;;) {
    const seen = await look();
    if (sizeOf(seen) !== size) [size, since] = [sizeOf(seen), Date.now()];
    if (size >= wanted || Date.now() - since > patienceMs) return seen;
    await sleep(250);
  }
}
