import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { endedStates, type ActionDto, type ActionName, type ConnectionDto, type UserStatus } from '@seatwise/contracts';
import type { TestOrg } from '../harness/seatwise.js';
import { until } from '../harness/until.js';
import { Api, ProblemError } from '../start/api.js';

/** What is asked for. */
export interface Wish {
  action: ActionName;
  person?: string;
  parameters?: Record<string, unknown>;
  reason?: string;
  dryRun?: boolean;
}

/** An action as it ended, or the problem with which it was not even taken in. */
export interface Ended {
  record?: ActionDto;
  /** Of the problem that was answered. */
  code?: string;
  status: number;
  /** What was shown once. */
  answer?: Record<string, string>;
}

interface Problem {
  code: string;
  context?: { action?: ActionDto | string };
}

/**
 * Asks the gateway for an action and waits for its end, as a careful client does: an answer that did not come is asked for
 * again with the same key, and whatever is in flight is looked at until it has ended.
 */
export function ended(api: Api, connection: string, wish: Wish, idempotencyKey: string = randomUUID()): Promise<Ended> {
  return endOf(api, `/connections/${connection}/actions`, wish, idempotencyKey);
}

/** The same for taking an action back. */
export function undone(api: Api, action: string): Promise<Ended> {
  return endOf(api, `/actions/${action}/undo`, {}, randomUUID());
}

async function endOf(api: Api, path: string, wish: object, idempotencyKey: string): Promise<Ended> {
  for (;;) {
    const response = await api
      .send(
        'POST',
        path,
        { reason: 'Asked for by a test', ...wish },
        {
          'idempotency-key': idempotencyKey,
          prefer: 'wait=20',
        },
      )
      .catch(() => undefined);
    const body = (await response?.json().catch(() => undefined)) as
      (ActionDto & { answer?: Record<string, string> }) | Problem | undefined;
    if (response === undefined || body === undefined) {
      await sleep(200);
      continue;
    }
    const { status } = response;
    if ('state' in body)
      return { record: await whenEnded(api, body), status, ...(body.answer && { answer: body.answer }) };
    const { code, context } = body;
    if (code === 'action_in_flight') return { record: await whenEnded(api, { id: context?.action as string }), status };
    if (typeof context?.action === 'object') return { record: context.action, code, status };
    // Whoever answers 502 has looked, and will say the same again.
    if (status < 500 || status === 502) return { code, status };
    await sleep(200);
  }
}

const isEnded = (record: Pick<ActionDto, 'state'>): boolean => endedStates.includes(record.state);

async function whenEnded(api: Api, known: Pick<ActionDto, 'id'> & Partial<ActionDto>): Promise<ActionDto> {
  if (known.state && isEnded(known as ActionDto)) return known as ActionDto;
  const record = await until(
    () =>
      api.call<ActionDto>('GET', `/actions/${known.id}`).catch((error: unknown) => {
        if (error instanceof ProblemError && error.status < 500) throw error;
        return undefined;
      }),
    (seen) => seen !== undefined && isEnded(seen),
  );
  return record!;
}

/** A person as the simulator has them. */
export interface TruePerson {
  id: string;
  status: UserStatus;
  profile: Record<string, unknown>;
}

/** Who has another master than Okta, so that it changes neither profile nor password. */
export async function peopleKeptElsewhere({ url, token }: TestOrg): Promise<Set<string>> {
  const found = new Set<string>();
  for (let next: string | undefined = `${url}/api/v1/users?limit=200`; next;) {
    const response = await fetch(next, { headers: { authorization: `SSWS ${token}` } });
    for (const { id, credentials } of (await response.json()) as {
      id: string;
      credentials: { provider: { type: string } };
    }[])
      if (!['OKTA', 'IMPORT'].includes(credentials.provider.type)) found.add(id);
    next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  }
  return found;
}

/** One effect in the org, by the ledger. */
export interface Change {
  number: number;
  what: string;
  /** The id of the request that did it; null when none did. */
  request: string | null;
  by: string;
  subject: string;
  object: string | null;
}

/** The simulator's truth of a kind, a line each. */
export async function truthOf<T>(org: TestOrg, kind: string): Promise<T[]> {
  const text = await (await fetch(`${org.url}/control/truth/${kind}`)).text();
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}

/** The number of the newest change in the org. */
export const lastChangeOf = async (org: TestOrg): Promise<number> =>
  (await org.control<{ changes: number }>('GET', 'ledger')).changes;

/** What was done in the org since a change. */
export async function changesAfter(org: TestOrg, number: number): Promise<Change[]> {
  const all: Change[] = [];
  for (;;) {
    const after = all.at(-1)?.number ?? number;
    const page = await org.control<Change[]>('GET', `ledger/changes?after=${after}&limit=1000`);
    if (page.length === 0) return all;
    all.push(...page);
  }
}

/** The events by which Okta's log tells of each action (Okta: Event types). */
export const eventsOf: Record<ActionName, string[]> = {
  add_user_to_group: ['group.user_membership.add'],
  remove_user_from_group: ['group.user_membership.remove'],
  assign_user_to_app: ['application.user_membership.add', 'application.user_membership.update'],
  unassign_user_from_app: ['application.user_membership.remove'],
  create_user: ['user.lifecycle.create'],
  activate_user: ['user.lifecycle.activate'],
  deactivate_user: ['user.lifecycle.deactivate'],
  delete_user: ['user.lifecycle.delete.completed'],
  suspend_user: ['user.lifecycle.suspend'],
  unsuspend_user: ['user.lifecycle.unsuspend'],
  unlock_user: ['user.account.unlock_by_admin'],
  change_user_password: ['user.account.update_password'],
  change_user_profile: ['user.account.update_profile'],
  expire_user_password: ['user.account.expire_password'],
  reset_user_password: ['user.account.reset_password'],
  reset_user_mfa: ['user.mfa.factor.reset_all'],
};

/** As the log names who was acted on: an assignment has an id of its own, made from the person's. */
export const subjectOf = (event: string, person: string): string =>
  event.startsWith('application.') ? `0ua${person.slice(3)}` : person;

export type Connected = Pick<ConnectionDto, 'id' | 'workspace'>;

/** The ids of all who are active in the org itself. */
export const activePeople = async (org: TestOrg): Promise<string[]> =>
  (await truthOf<TruePerson>(org, 'people')).filter(({ status }) => status === 'ACTIVE').map(({ id }) => id);

/** How an action ended: why where it was not done, so that a test that fails says it. */
export const cameTo = ({ record, code }: Ended): unknown => record?.fault ?? record?.state ?? code;

/** The people who were suspended since a change by the ledger, sorted, each as often as it says so. */
export const suspendedSince = async (org: TestOrg, number: number): Promise<string[]> =>
  (await changesAfter(org, number))
    .filter(({ what }) => eventsOf.suspend_user.includes(what))
    .map(({ subject }) => subject)
    .toSorted();
