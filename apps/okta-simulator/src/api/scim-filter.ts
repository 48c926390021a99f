import { badSearch, OktaRefusal } from '../http/refusals.js';

/** What an attribute such as `profile.login` or `target.id` has: more than one where a list lies on the way. */
export type Attributes = (attribute: string) => unknown[];

/** An expression such as `status eq "ACTIVE" and profile.login sw "a"` as a question. */
export type Predicate = (subject: Attributes) => boolean;

/** What one kind of query takes. */
export interface Dialect {
  /** Throws when the operator may not be used with the attribute. */
  check: (attribute: string, operator: string) => void;
  /** Throws what Okta answers to an expression that it cannot read. */
  malformed: (cause: string) => OktaRefusal;
  isCaseSensitive: boolean;
}

const operators = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le', 'pr']);
const orders = ['eq', 'gt', 'ge', 'lt', 'le'];

function only(isAllowed: boolean, attribute: string, operator: string): void {
  if (!isAllowed) throw badSearch(`${attribute} ${operator} is not supported`);
}

/** `filter` of users: few attributes, mostly `eq` (Okta: List users, filter). */
export const userFilter: Dialect = {
  isCaseSensitive: true,
  malformed: badSearch,
  check(attribute, operator) {
    const plain = ['status', 'id', 'profile.login', 'profile.email', 'profile.firstName', 'profile.lastName'];
    only(
      attribute === 'lastUpdated' ? orders.includes(operator) : plain.includes(attribute) && operator === 'eq',
      attribute,
      operator,
    );
  },
};

const searchable = new Set(['id', 'status', 'created', 'activated', 'statusChanged', 'lastUpdated', 'type.id']);
const contains = ['profile.firstName', 'profile.lastName', 'profile.email', 'profile.login'];

/** `search` of users: any attribute, `co` on four only, no `ne` (Okta: List users, search). */
export const userSearch: Dialect = {
  isCaseSensitive: false,
  malformed: badSearch,
  check(attribute, operator) {
    const isKnown = searchable.has(attribute) || attribute.startsWith('profile.');
    const isRefused = operator === 'ne' || operator === 'ew' || (operator === 'co' && !contains.includes(attribute));
    only(isKnown && !isRefused, attribute, operator);
  },
};

export const groupFilter: Dialect = {
  isCaseSensitive: true,
  malformed: badSearch,
  check(attribute, operator) {
    const isDate = attribute === 'lastUpdated' || attribute === 'lastMembershipUpdated';
    only(
      isDate ? orders.includes(operator) : ['id', 'type'].includes(attribute) && operator === 'eq',
      attribute,
      operator,
    );
  },
};

/** `search` of groups: as of users, with the group's own attributes. */
export const groupSearch: Dialect = {
  isCaseSensitive: false,
  malformed: badSearch,
  check(attribute, operator) {
    const own = ['id', 'type', 'created', 'lastUpdated', 'lastMembershipUpdated', 'source.id'];
    only(
      (own.includes(attribute) || attribute.startsWith('profile.')) && operator !== 'ne' && operator !== 'ew',
      attribute,
      operator,
    );
  },
};

const appAttributes = [
  'id',
  'status',
  'name',
  'credentials.signing.kid',
  'settings.slo.enabled',
  'user.id',
  'group.id',
];

export const appFilter: Dialect = {
  isCaseSensitive: true,
  malformed: badSearch,
  check(attribute, operator) {
    only(appAttributes.includes(attribute) && operator === 'eq', attribute, operator);
  },
};

const logAttributes =
  /^(actor|client|device|authenticationContext|displayMessage|eventType|outcome|securityContext|severity|debugContext|legacyEventType|transaction|uuid|version|request|target)(\.|$)/;

/** `filter` of the log: all operators, but not on `published`, and no `co` on two (Okta: System Log query). */
export const logFilter: Dialect = {
  isCaseSensitive: false,
  malformed: (cause) => new OktaRefusal(400, 'E0000053', `Invalid filter: ${cause}`),
  check(attribute, operator) {
    if (!logAttributes.test(attribute)) throw logFilter.malformed(`${attribute} cannot be filtered by`);
    only(!(operator === 'co' && /debugData\.(url|requestUri)$/.test(attribute)), attribute, operator);
  },
};

/** Throws what Okta answers to an expression that it does not take. */
export function parseFilter(text: string, dialect: Dialect): Predicate {
  const tokens = text.match(/\(|\)|"(?:[^"\\]|\\.)*"|[^\s()"]+|"/g) ?? [];
  let at = 0;
  const expression = or();
  if (at < tokens.length) throw dialect.malformed('the expression does not end where it should');
  return expression;

  function or(): Predicate {
    let left = and();
    while (tokens[at]?.toLowerCase() === 'or') {
      at += 1;
      const [one, other] = [left, and()];
      left = (subject) => one(subject) || other(subject);
    }
    return left;
  }

  function and(): Predicate {
    let left = term();
    while (tokens[at]?.toLowerCase() === 'and') {
      at += 1;
      const [one, other] = [left, term()];
      left = (subject) => one(subject) && other(subject);
    }
    return left;
  }

  function term(): Predicate {
    const token = tokens[at++];
    if (token === undefined) throw dialect.malformed('the expression ends too early');
    if (token === '(') {
      const inner = or();
      if (tokens[at++] !== ')') throw dialect.malformed('a parenthesis is not closed');
      return inner;
    }
    if (token.toLowerCase() === 'not' && dialect === logFilter) {
      const inner = term();
      return (subject) => !inner(subject);
    }
    const operator = tokens[at++]?.toLowerCase() ?? '';
    if (!operators.has(operator)) throw dialect.malformed(`"${operator}" is not an operator`);
    dialect.check(token, operator);
    if (operator === 'pr')
      return (subject) => subject(token).some((value) => value !== null && value !== undefined && value !== '');
    const raw = tokens[at++];
    if (raw === undefined || raw === '"' || raw === ')') throw dialect.malformed(`${token} ${operator} has no value`);
    return comparison(token, operator, valueOf(raw, dialect), dialect.isCaseSensitive);
  }
}

function valueOf(raw: string, dialect: Dialect): string {
  if (!raw.startsWith('"')) return raw;
  try {
    return JSON.parse(raw) as string;
  } catch {
    throw dialect.malformed('a value is not well-formed');
  }
}

const moments = /^(created|activated|statusChanged|lastUpdated|lastMembershipUpdated)$/;

function comparison(attribute: string, operator: string, value: string, isCaseSensitive: boolean): Predicate {
  // Moments are compared as Okta writes them, whatever zone or precision they are asked for in.
  if (moments.test(attribute) && !Number.isNaN(Date.parse(value))) value = new Date(value).toISOString();
  const number = Number(value);
  const fold = (text: unknown) => (isCaseSensitive ? String(text) : String(text).toLowerCase());
  const wanted = fold(value);
  const holds = (found: string): boolean => {
    switch (operator) {
      case 'eq':
        return found === wanted;
      case 'ne':
        return found !== wanted;
      case 'co':
        return found.includes(wanted);
      case 'sw':
        return found.startsWith(wanted);
      case 'ew':
        return found.endsWith(wanted);
      case 'gt':
        return found > wanted;
      case 'ge':
        return found >= wanted;
      case 'lt':
        return found < wanted;
      default:
        return found <= wanted;
    }
  };
  const fits = (found: unknown): boolean =>
    typeof found === 'number' && !Number.isNaN(number) && orders.includes(operator)
      ? inOrder(operator, found - number)
      : holds(fold(found));
  return (subject) => subject(attribute).some((found) => found !== null && found !== undefined && fits(found));
}

/** Whether a difference is of the kind that the operator asks for. */
function inOrder(operator: string, difference: number): boolean {
  if (operator === 'eq') return difference === 0;
  if (operator === 'ge' || operator === 'le') return operator === 'ge' ? difference >= 0 : difference <= 0;
  return operator === 'gt' ? difference > 0 : difference < 0;
}

/** The attributes of a JSON object. */
export const attributesOf =
  (object: unknown): Attributes =>
  (attribute) =>
    attribute.split('.').reduce<unknown[]>(
      (found, name) =>
        found.flatMap((value) => {
          const next =
            typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
          return Array.isArray(next) ? (next as unknown[]) : [next];
        }),
      [object],
    );
