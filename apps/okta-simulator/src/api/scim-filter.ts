import { badSearch, OktaRefusal } from '../http/refusals.js';

/** What an attribute such as `profile.login` or `target.id` has: a list of values where a list lies on the way. */
export type Attributes = (attribute: string) => unknown;

/** An expression such as `status eq "ACTIVE" and profile.login sw "a"` as a question. */
export type Predicate = (subject: Attributes) => boolean;

/** A question, with what a subject must have for the answer to be yes: so that nobody else need be asked. */
export interface Expression {
  matches: Predicate;
  /** The values, as they were written, of which an attribute must have one. */
  oneOf: ReadonlyMap<string, ReadonlySet<string>>;
  /** Moments before which an attribute must not lie. */
  atLeast: ReadonlyMap<string, string>;
}

/** What one kind of query takes. */
export interface Dialect {
  /** Throws when the operator may not be used with the attribute. */
  check: (attribute: string, operator: string) => void;
  /** Throws what Okta answers to an expression that it cannot read. */
  malformed: (cause: string) => OktaRefusal;
  isCaseSensitive: boolean;
}

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
export function parseFilter(text: string, dialect: Dialect): Expression {
  const tokens = text.match(/\(|\)|"(?:[^"\\]|\\.)*"|[^\s()"]+|"/g) ?? [];
  let at = 0;
  const expression = or();
  if (at < tokens.length) throw dialect.malformed('the expression does not end where it should');
  return expression;

  function or(): Expression {
    let left = and();
    while (tokens[at]?.toLowerCase() === 'or') {
      at += 1;
      left = either(left, and());
    }
    return left;
  }

  function and(): Expression {
    let left = term();
    while (tokens[at]?.toLowerCase() === 'and') {
      at += 1;
      left = both(left, term());
    }
    return left;
  }

  function term(): Expression {
    const token = tokens[at++];
    if (token === undefined) throw dialect.malformed('the expression ends too early');
    if (token === '(') {
      const inner = or();
      if (tokens[at++] !== ')') throw dialect.malformed('a parenthesis is not closed');
      return inner;
    }
    if (token.toLowerCase() === 'not' && dialect === logFilter) {
      const inner = term();
      return anybody((subject) => !inner.matches(subject));
    }
    const operator = tokens[at++]?.toLowerCase() ?? '';
    if (operator !== 'pr' && !Object.hasOwn(comparisons, operator))
      throw dialect.malformed(`"${operator}" is not an operator`);
    dialect.check(token, operator);
    if (operator === 'pr') return anybody((subject) => isOneOf(subject(token), isPresent));
    const raw = tokens[at++];
    if (raw === undefined || raw === '"' || raw === ')') throw dialect.malformed(`${token} ${operator} has no value`);
    return comparison(token, operator, valueOf(raw, dialect), dialect.isCaseSensitive);
  }
}

const anybody = (matches: Predicate): Expression => ({ matches, oneOf: new Map(), atLeast: new Map() });

const both = (one: Expression, other: Expression): Expression => ({
  matches: (subject) => one.matches(subject) && other.matches(subject),
  // What either asks for must be so; where both ask, one of them is enough to narrow by.
  oneOf: new Map([...one.oneOf, ...other.oneOf]),
  atLeast: new Map([...one.atLeast, ...other.atLeast]),
});

/** Only what both ask for must be so. */
function either(one: Expression, other: Expression): Expression {
  const oneOf = new Map<string, ReadonlySet<string>>();
  for (const [name, values] of one.oneOf) {
    const others = other.oneOf.get(name);
    if (others) oneOf.set(name, new Set([...values, ...others]));
  }
  const atLeast = new Map<string, string>();
  for (const [name, moment] of one.atLeast) {
    const another = other.atLeast.get(name);
    if (another !== undefined) atLeast.set(name, moment < another ? moment : another);
  }
  return { matches: (subject) => one.matches(subject) || other.matches(subject), oneOf, atLeast };
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

function comparison(attribute: string, operator: string, value: string, isCaseSensitive: boolean): Expression {
  // Moments are compared as Okta writes them, whatever zone or precision they are asked for in.
  if (moments.test(attribute) && !Number.isNaN(Date.parse(value))) value = new Date(value).toISOString();
  const wanted = isCaseSensitive ? value : value.toLowerCase();
  const compare = comparisons[operator]!;
  const number = orders.includes(operator) ? Number(value) : Number.NaN;
  const fits = (found: unknown): boolean => {
    if (found === null || found === undefined) return false;
    if (typeof found === 'number' && !Number.isNaN(number)) return compare(found, number);
    const text = typeof found === 'string' ? found : JSON.stringify(found);
    return compare(isCaseSensitive ? text : text.toLowerCase(), wanted);
  };
  return {
    matches: (subject) => isOneOf(subject(attribute), fits),
    oneOf: operator === 'eq' ? new Map([[attribute, new Set([value])]]) : new Map(),
    atLeast:
      moments.test(attribute) && ['gt', 'ge', 'eq'].includes(operator) ? new Map([[attribute, value]]) : new Map(),
  };
}

const isPresent = (found: unknown): boolean => found !== null && found !== undefined && found !== '';

const isOneOf = (found: unknown, fits: (one: unknown) => boolean): boolean =>
  Array.isArray(found) ? found.some((one) => fits(one)) : fits(found);

/** By operator; numbers only with those that order. */
const comparisons: Record<string, <T extends string | number>(found: T, wanted: T) => boolean> = {
  eq: (found, wanted) => found === wanted,
  ne: (found, wanted) => found !== wanted,
  co: (found, wanted) => String(found).includes(String(wanted)),
  sw: (found, wanted) => String(found).startsWith(String(wanted)),
  ew: (found, wanted) => String(found).endsWith(String(wanted)),
  gt: (found, wanted) => found > wanted,
  ge: (found, wanted) => found >= wanted,
  lt: (found, wanted) => found < wanted,
  le: (found, wanted) => found <= wanted,
};

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
