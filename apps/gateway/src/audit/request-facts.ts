import type { ExecutionContext } from '@nestjs/common';
import { newId, oktaId, Refusal, seatwiseId, type Shape } from '@seatwise/contracts';
import { callerOf, httpOf } from '../door/caller.js';
import { factsOf } from '../door/operation.js';
import { readBody, readQuery, readsFrom, type Place } from '../door/reading.js';
import { newFacts, operatorsChain, type AuditFacts } from './record.js';

/**
 * The fields of a request that its record shows. Each was chosen: one that is added to a contract is left out until
 * somebody has thought of it, for it may be a secret.
 */
const shown = new Set([
  'name',
  'email',
  'workspaceName',
  'timeZone',
  'role',
  'expiresAt',
  'orgUrl',
  'level',
  'connection',
  'syncEveryMinutes',
  'paused',
  'licensedStatuses',
  'rateShare',
  'shrinkShare',
  'history',
  'url',
  'description',
  'events',
  'enabled',
  'since',
  'action',
  'person',
  'reason',
  'dryRun',
]);

/** Of these only the origin is shown. */
const addresses = new Set(['orgUrl', 'url']);

/** What the records of a request have in common, from the request itself. */
export function factsOfRequest(context: ExecutionContext): Omit<AuditFacts, 'outcome'> {
  const { request } = httpOf(context);
  const caller = callerOf(request);
  const variables = variablesOf(request.params);
  const what = factsOf(context.getHandler())?.audited ?? context.getHandler().name;
  const kind = what.includes('.') ? what.split('.')[0]! : (Object.keys(variables).at(-1) ?? 'operation');
  return {
    ...newFacts(),
    workspace: caller?.workspace ?? operatorsChain,
    who: { key: caller?.key ?? null, person: caller?.person ?? null, role: caller?.role ?? 'bootstrap' },
    what,
    on: { kind, id: variables[kind] ?? null, name: null },
    connection: variables.connection ?? null,
  };
}

/** What a request asks for, as far as it is shown; undefined: it does not fit its contract, and will be refused. */
export function askedIn(context: ExecutionContext): Record<string, unknown> | null | undefined {
  const { request } = httpOf(context);
  const reads = (place: Place) => readsFrom(context.getClass().prototype as object, context.getHandler().name, place);
  try {
    checked(reads('path'), readBody, request.params);
    const query = checked(reads('query'), readQuery, request.query);
    const body = checked(reads('body'), readBody, request.body);
    return shownOf({ ...query, ...body });
  } catch {
    return undefined;
  }
}

const checked = (Type: Shape<object> | undefined, read: typeof readBody, plain: unknown) => Type && read(Type, plain);

function shownOf(asked: Record<string, unknown>): Record<string, unknown> | null {
  const fields = Object.entries(asked)
    .filter(([name, value]) => shown.has(name) && value !== undefined)
    .map(([name, value]) => [name, addresses.has(name) ? originOf(value) : value]);
  return fields.length > 0 ? (Object.fromEntries(fields) as Record<string, unknown>) : null;
}

/** Of an address what names the org or receiver: a name and password may be before it, and a token behind. */
const originOf = (url: unknown): string | null =>
  typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : null;

/** The variables of the path whose ids are not Seatwise's own. */
const namedElsewhere = new Set(['app', 'person', 'provider']);

/** The variables of the path that are ids, each of its kind. A refused request may have anything in their place. */
function variablesOf(params: object): Record<string, string> {
  const variables = Object.entries(params) as [string, unknown][];
  return Object.fromEntries(
    variables.filter((one): one is [string, string] => {
      const [name, value] = one;
      return typeof value === 'string' && (namedElsewhere.has(name) ? oktaId : seatwiseId).test(value);
    }),
  );
}

interface Named {
  id?: unknown;
  name?: unknown;
  workspace?: unknown;
}

/** What was done, and to what, from the answer: its id and its name, and nothing else, for it may hold a key. */
export function doneIn(facts: AuditFacts, answer: unknown): AuditFacts {
  const told = isNamed(answer) ? answer : {};
  const { id, name } = facts.on.kind === 'workspace' && isNamed(told.workspace) ? told.workspace : told;
  const on = {
    kind: facts.on.kind,
    id: facts.on.id ?? (typeof id === 'string' ? id : null),
    name: typeof name === 'string' && (facts.on.id ?? id) === id ? name : null,
  };
  return { ...facts, on, connection: on.kind === 'connection' ? on.id : facts.connection };
}

/** What was refused, where it came to be all the same: the action that the problem tells of. */
export function refusedIn(facts: AuditFacts, error: unknown): AuditFacts {
  const told = error instanceof Refusal ? error.extra.context?.action : undefined;
  const id = isNamed(told) ? told.id : told;
  if (facts.on.kind !== 'action' || facts.on.id !== null || typeof id !== 'string') return facts;
  return { ...facts, on: { ...facts.on, id } };
}

const isNamed = (value: unknown): value is Named => typeof value === 'object' && value !== null;

/** How a request ended. */
export type CameTo = Pick<AuditFacts, 'outcome' | 'status' | 'code'>;

/** The second record of a request: one, whoever writes it. */
export const endOf = (facts: AuditFacts, came: CameTo): AuditFacts => ({
  ...facts,
  id: newId('aud'),
  at: new Date(),
  source: `${facts.operation}.end`,
  ...came,
});
