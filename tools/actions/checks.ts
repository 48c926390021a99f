import { isDeepStrictEqual } from 'node:util';
import { actionCatalogue, type ActionDto } from '@seatwise/contracts';
import { eventsOf, subjectOf, type Change } from './acting.js';
import type { Case } from './cases.js';
import type { Came, Recorded, Told } from './kept.js';

/** What an administrator of the org sees of what an action is about. */
export interface Truth {
  login: string | null;
  shown: Record<string, unknown>;
}

/** One case when it has ended, and what was so in the org before and after it. */
export interface Tried {
  one: Case;
  /** No other case has it, so what is kept of this one is found by it. */
  reason: string;
  record?: ActionDto;
  code: string | undefined;
  status: number;
  made: Change[];
  before: Truth;
  after: Truth;
}

export const same = (what: string, is: unknown, wanted: unknown): string[] =>
  isDeepStrictEqual(is, wanted) ? [] : [`${what}: ${JSON.stringify(is)} instead of ${JSON.stringify(wanted)}`];

/** Whether the org was asked, changed and left alone as it should have been, by its own ledger. */
export function wrongInOrg({ one, record, status, made }: Tried, came: Came[]): string[] {
  const { expected, wish, action } = one;
  const effects = expected.effect === 'changed' ? 1 : 0;
  const isAnswered = expected.state === 'done' || expected.state === 'unknown';
  const calls = came.filter(({ path }) => path.includes(wish.person ?? encodeURIComponent(String(newLogin(one)))));
  const requests = record?.requests ?? [];
  const person = record?.person ?? wish.person ?? '';
  const ours = made.filter(
    ({ what, subject }) => eventsOf[action].includes(what) && subject === subjectOf(what, person),
  );
  const writes = calls.filter(({ method }) => method !== 'GET').length;
  return [
    ...same('effects of its own', ours.length, effects),
    // Where nothing is to be done nothing is, not even something else.
    ...(effects === 0 ? same('effects', made.length, 0) : []),
    ...same('is answered', status < 300, isAnswered),
    ...same('Okta was asked', calls.length > 0, expected.reached === 'action'),
    // Who is made, or gets an app, is not in the path.
    ...(wish.person && action !== 'assign_user_to_app'
      ? same(
          'writes',
          writes,
          requests.reduce((sum, { sent }) => sum + sent, 0),
        )
      : []),
    ...requests
      .filter(({ requestId }) => requestId !== '')
      .flatMap(({ method, path, status: answer, requestId }) =>
        same(`request ${requestId}`, came.filter(({ id }) => id === requestId).map(briefly), [
          { method, path: path.split('?')[0], status: answer },
        ]),
      ),
    ...ours.flatMap(({ request }) =>
      same(
        'the request of the effect is named',
        requests.some(({ requestId }) => requestId === request),
        true,
      ),
    ),
  ];
}

const briefly = ({ method, path, status }: Came) => ({ method, path, status });

/** Whether an event tells of the action as it is kept. */
export function wrongInEvent({ record }: Tried, { name, action }: Told): string[] {
  if (name !== 'action.requested') return same(`event ${name}`, action, record);
  return [
    ...same(`event ${name}`, askedIn(action), record && askedIn(record)),
    ...same(`${name}, state`, action.state, 'accepted'),
  ];
}

const askedIn = ({ id, connection, action, parameters, reason, by }: ActionDto) => ({
  id,
  connection,
  action,
  parameters,
  reason,
  by,
});

/** Whether a record of the audit log says who did what, on whom, why, and what Okta answered. */
export function wrongInRecord(tried: Tried, found: Recorded, events: Told[]): string[] {
  const { by } = tried.one;
  const common = {
    who: { key: by.key, person: null, role: by.role },
    connection: by.connection,
    dryRun: false,
    undoes: null,
  };
  const own = found.action === null ? ofTheDoor(tried, found) : ofTheAction(tried, found, events);
  return Object.entries({ ...common, ...own }).flatMap(([field, wanted]) =>
    same(`${found.what} ${found.outcome}, ${field}`, found[field as keyof Recorded], wanted),
  );
}

function ofTheDoor({ one, reason, record, status, code }: Tried, { outcome }: Recorded): Partial<Recorded> {
  const { action, wish, expected } = one;
  const isEnd = outcome !== 'asked';
  const { person } = wish;
  return {
    what: 'action.asked',
    asked: expected.reached === 'role' ? null : { action, ...(person !== undefined && { person }), reason },
    on: { kind: 'action', id: isEnd ? (record?.id ?? null) : null, name: null },
    status: isEnd ? status : null,
    code: isEnd ? (code ?? null) : null,
    okta: [],
  };
}

function ofTheAction(
  { one, reason, record, before, after }: Tried,
  found: Recorded,
  events: Told[],
): Partial<Recorded> {
  const { action, wish, expected } = one;
  const { secrets } = actionCatalogue[action];
  const asked = Object.entries(wish.parameters ?? {}).filter(([name]) => !secrets.includes(name));
  const common = {
    action,
    operation: record?.id ?? '',
    source: events.find(({ name }) => name === found.what)?.id ?? '',
    reason,
    asked: Object.fromEntries(asked),
  };
  const login = newLogin(one);
  const on = { kind: 'person', id: wish.person ?? null, name: login ?? null };
  if (found.what === 'action.requested')
    return {
      ...common,
      outcome: 'asked',
      on,
      before: null,
      after: null,
      effect: null,
      verified: null,
      code: null,
      okta: [],
    };
  const isDone = expected.state === 'done';
  // What failed may have done so before anything was seen.
  const wasSeen = expected.state !== 'failed' || found.before !== null;
  return {
    ...common,
    outcome: expected.state,
    on: {
      ...on,
      ...(login === undefined
        ? { name: wasSeen ? before.login : null }
        : { id: isDone ? String(after.shown.id) : null }),
    },
    before: wasSeen ? { ...found.before, ...before.shown } : null,
    after: isDone || found.after !== null ? { ...found.after, ...after.shown } : null,
    effect: expected.effect,
    verified: record?.verified ?? null,
    code: expected.code ?? null,
    okta: (record?.requests ?? []).map(({ method, path, status, code, requestId }) => ({
      method,
      path,
      status,
      code,
      requestId,
    })),
  };
}

/** Of somebody who is to be made. */
function newLogin({ action, wish }: Case): string | undefined {
  const { profile } = (wish.parameters ?? {}) as { profile?: { login?: string } };
  return action === 'create_user' ? profile?.login : undefined;
}
