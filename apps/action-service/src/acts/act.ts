import {
  actionCatalogue,
  actionNames,
  type ActionName,
  type DirectorySeenV1,
  type ProblemCode,
  type UserStatus,
} from '@seatwise/contracts';
import { getUser, type ListOptions, type OktaClient, type OktaUser } from '@seatwise/okta';

/** What was asked for. `P` are the parameters of the action. */
export interface Order<P = object> {
  action: ActionName;
  /** Okta's id; empty for somebody who is not there yet. */
  person: string;
  parameters: P;
  /** The secret parameters, in memory alone. */
  secrets: Record<string, string>;
  /** Of an action that takes another back: what that one left, and what must still be so. */
  left: unknown;
}

/** A request to Okta. */
export interface Step {
  method: 'POST' | 'PUT' | 'DELETE';
  path: string;
  /** What is kept and shown of the body. */
  body?: Record<string, unknown>;
  /** The body with its secrets, where it has any. */
  secretBody?: Record<string, unknown>;
}

/** How an act is found in the System Log, where nothing else shows that it was done. */
export interface Trace {
  eventType: string;
  target: string;
}

/** What the mirror is told after an act, but for where and when. */
export type Told = Pick<DirectorySeenV1, 'person' | 'gone' | 'membership' | 'assignment'>;

export type Reading = Omit<ListOptions, 'from' | 'polling'>;

/**
 * One of the sixteen: what it needs to see, when it is refused, which requests it takes, and how one sees that they were
 * carried out. `S` is what Okta showed; it is kept with the action, so it is plain JSON.
 */
export interface Act<P extends object = object, S extends object = object> {
  /** Reads by id what the act is about. Null stands for what Okta does not have. */
  look(okta: OktaClient, order: Order<P>, reading: Reading): Promise<S>;
  /** Throws an {@link ActRefused} where Okta would refuse, or where nobody would want it done. */
  check(order: Order<P>, before: S): void;
  /** The requests that lead from `before` to what is asked for; none where it is so already. */
  plan(order: Order<P>, before: S): Step[];
  /** Whether a step of the plan was carried out, by what Okta shows now; undefined where it shows no difference. */
  did(order: Order<P>, before: S, now: S, step: number): boolean | undefined;
  traceOf?(order: Order<P>): Trace;
  /** What Okta answers does not tell what it did: each step is looked for before the next. */
  looksAfterEach?: true;
  /** The id of who was made, in Okta's answer. */
  madeIn?(answer: unknown): string | undefined;
  /** The secret in Okta's answer, by its name. */
  secretIn?(answer: unknown): Record<string, string> | undefined;
  /** What a person may see of it, before and after. */
  show(order: Order<P>, seen: S): Record<string, unknown>;
  tell(order: Order<P>, seen: S): Told[];
  personIn(seen: S): OktaUser | null;
}

/** An action that is not done: nothing was changed. */
export class ActRefused extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly possible: ActionName[] = [],
  ) {
    super(detail);
    this.name = 'ActRefused';
  }
}

/** What can be done from a status with a person alone, to be named instead of what cannot. */
export const possibleFrom = (status: UserStatus): ActionName[] =>
  actionNames.filter((name) => {
    const { capability, statuses } = actionCatalogue[name];
    return capability === 'act_on_users' && statuses.includes(status);
  });

/** Who is there, and may be acted on in this way. */
export function mustBeThere({ action, person }: Order, user: OktaUser | null): OktaUser {
  // Okta also finds people by login, by a part of it, and the token's own by `me`; who is acted on is named by the id.
  if (user?.id !== person) throw new ActRefused('person_not_found', `Okta has no person with the id ${person}.`);
  const { title, statuses } = actionCatalogue[action];
  if (!statuses.includes(user.status))
    throw new ActRefused(
      'person_status',
      `${title} is not possible while the status is ${user.status}.`,
      possibleFrom(user.status),
    );
  if (user.transitioningTo !== null)
    throw new ActRefused(
      'person_status',
      `The status is on its way from ${user.status} to ${user.transitioningTo}. Try again in a minute.`,
    );
  return user;
}

export interface SeenUser {
  user: OktaUser | null;
}

/** The parts that acts on a person alone have in common. */
export const onPerson = {
  look: async (okta: OktaClient, { person }: Order, reading: Reading): Promise<SeenUser> => ({
    user: await getUser(okta, person, reading),
  }),
  check: (order: Order, { user }: SeenUser): void => void mustBeThere(order, user),
  show: (_order: Order, { user }: SeenUser): Record<string, unknown> => ({ status: user?.status ?? 'deleted' }),
  tell: ({ person }: Order, { user }: SeenUser): Told[] => [toldOf(person, user)],
  personIn: ({ user }: SeenUser): OktaUser | null => user,
};

/** Whether nothing at all has happened to a person since: then nothing was done to them either. */
export const isUntouched = (before: OktaUser | null, now: OktaUser | null): boolean =>
  before !== null &&
  now !== null &&
  before.status === now.status &&
  before.statusChanged === now.statusChanged &&
  before.lastUpdated === now.lastUpdated &&
  before.passwordChanged === now.passwordChanged;

/** What Okta shows of a person tells that it was done, or that it was not, or neither: somebody else changed them since. */
export const shows = (wanted: boolean, before: SeenUser, now: SeenUser): boolean | undefined =>
  wanted || (isUntouched(before.user, now.user) ? false : undefined);

/** A person as the mirror is told of them. */
export function toldOf(person: string, user: OktaUser | null): Told {
  if (!user) return { gone: person };
  const { id, status, created, activated, statusChanged, lastUpdated, profile } = user;
  return { person: { id, status, created, activated, statusChanged, lastUpdated, profile } };
}

export const userPath = (person: string): string => `/api/v1/users/${person}`;

/** Query parameters that are set. */
export function withQuery(path: string, query: Record<string, boolean | string | undefined>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  return given.size === 0 ? path : `${path}?${given.toString()}`;
}
