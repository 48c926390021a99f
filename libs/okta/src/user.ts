import type { UserStatus } from '@seatwise/contracts';
import { listAppGroups, parseApp, parseAppUser, type OktaApp, type OktaAppUser } from './apps.js';
import type { ListOptions, OktaClient, Page } from './client.js';
import { NotFoundError } from './errors.js';
import { parseGroup, type OktaGroup } from './groups.js';
import { parsePerson, type OktaPerson } from './people.js';
import { id, moment, momentOrNull, record, textOr, type Json } from './shapes.js';

type One = Omit<ListOptions, 'from' | 'polling'>;

/** A user as Okta's own record shows them: read from the store itself, not from the index that lists come from. */
export interface OktaUser extends OktaPerson {
  passwordChanged: string | null;
  /** Where the status is on its way to. */
  transitioningTo: UserStatus | null;
  hasPassword: boolean;
  /** OKTA, ACTIVE_DIRECTORY, LDAP, FEDERATION, SOCIAL, IMPORT … */
  provider: string;
}

export function parseUser(item: unknown): OktaUser {
  const user = record(item, 'user');
  const credentials = (user.credentials ?? {}) as { password?: unknown; provider?: { type?: unknown } };
  const towards = user.transitioningToStatus;
  return {
    ...parsePerson(item),
    passwordChanged: momentOrNull(user.passwordChanged, 'passwordChanged'),
    // A status that exists inside Okta alone, on the way to ACTIVE.
    transitioningTo:
      user.status === 'ACTIVATING' ? 'ACTIVE' : typeof towards === 'string' ? (towards as UserStatus) : null,
    hasPassword: credentials.password !== undefined,
    provider: textOr(credentials.provider?.type, 'OKTA'),
  };
}

/** What there is, or null where Okta says that there is no such thing. */
export async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

/** By id, or by login; a login with a slash in it is found by search alone. */
export const getUser = (okta: OktaClient, key: string, options?: One): Promise<OktaUser | null> =>
  orNull(okta.get(`/api/v1/users/${encodeURIComponent(key)}`, parseUser, options));

export const getAppUser = (
  okta: OktaClient,
  app: string,
  person: string,
  options?: One,
): Promise<(OktaAppUser & { userName: string; profile: Json }) | null> =>
  orNull(
    okta.get(
      `/api/v1/apps/${app}/users/${person}`,
      (item) => {
        const { credentials, profile } = record(item, 'app user');
        return {
          ...parseAppUser(item),
          userName: textOr((credentials as { userName?: unknown } | null)?.userName, ''),
          profile: (typeof profile === 'object' && profile !== null ? profile : {}) as Json,
        };
      },
      options,
    ),
  );

/** What the org's schema says of an attribute of the profile. */
export interface ProfileAttribute {
  /** string, number, integer, boolean or array. */
  type: string;
  readOnly: boolean;
  required: boolean;
}

/** The attributes that a profile of this org may have, its own ones and Okta's (Okta: Schemas API, user). */
export const getUserSchema = (okta: OktaClient, options?: One): Promise<Map<string, ProfileAttribute>> =>
  okta.get(
    '/api/v1/meta/schemas/user/default',
    (item) => {
      const { definitions } = record(item, 'schema');
      const { base, custom } = record(definitions, 'definitions');
      const attributes = new Map<string, ProfileAttribute>();
      for (const part of [base, custom]) {
        if (part === undefined) continue;
        const { properties, required } = record(part, 'definition');
        for (const [name, value] of Object.entries(record(properties ?? {}, 'properties'))) {
          const { type, mutability } = record(value, name);
          attributes.set(name, {
            type: textOr(type, 'string'),
            readOnly: mutability === 'READ_ONLY',
            required: Array.isArray(required) && required.includes(name),
          });
        }
      }
      return attributes;
    },
    options,
  );

/** The person whose token this is. */
export const getOwner = (okta: OktaClient, options?: One): Promise<string> =>
  okta.get('/api/v1/users/me', (item) => id(record(item, 'user').id, 'id'), options);

/**
 * The request ids of the successes of this type on this target that the log has of an API token of this person's within a
 * time; one may come into it some time after the act. Okta names the transaction of an event as the answer to its request
 * was named by `X-Okta-Request-Id`.
 */
export async function loggedOf(
  okta: OktaClient,
  {
    eventType,
    target,
    owner,
    since,
    until,
  }: { eventType: string; target: string; owner: string; since: Date; until: Date },
  options?: One,
): Promise<string[]> {
  const filter = encodeURIComponent(`eventType eq "${eventType}" and target.id eq "${target}"`);
  const from = encodeURIComponent(since.toISOString());
  const page = await okta.page(
    `/api/v1/logs?since=${from}&sortOrder=ASCENDING&limit=100&filter=${filter}`,
    (item) => {
      const { published, outcome, actor, transaction } = record(item, 'log event');
      const { id: request, detail } = (transaction ?? {}) as { id?: unknown; detail?: { requestApiTokenId?: unknown } };
      const isMeant =
        (outcome as { result?: unknown } | null)?.result === 'SUCCESS' &&
        (actor as { id?: unknown } | null)?.id === owner &&
        typeof detail?.requestApiTokenId === 'string' &&
        Date.parse(moment(published, 'published')) <= until.getTime();
      return isMeant ? textOr(request, '') : undefined;
    },
    options,
  );
  return page.items.filter((request) => request !== undefined);
}

/** Where a group of the id `rules` would be, Okta has its rules. */
export const getGroup = async (okta: OktaClient, group: string, options?: One): Promise<OktaGroup | null> =>
  group === 'rules' ? null : orNull(okta.get(`/api/v1/groups/${group}`, parseGroup, options));

export const getApp = (okta: OktaClient, app: string, options?: One): Promise<OktaApp | null> =>
  orNull(okta.get(`/api/v1/apps/${app}`, parseApp, options));

const groupsOf = (okta: OktaClient, person: string, options?: One): AsyncGenerator<Page<OktaGroup>> =>
  okta.list(`/api/v1/users/${person}/groups?limit=200`, parseGroup, options);

/** Whether the person is in the group, asked of the person: a group may have a hundred thousand members. */
export async function isMember(okta: OktaClient, person: string, group: string, options?: One): Promise<boolean> {
  for await (const { items } of groupsOf(okta, person, options))
    if (items.some(({ id: own }) => own === group)) return true;
  return false;
}

/** The person's groups that give the app. */
export async function groupsGranting(
  okta: OktaClient,
  app: string,
  person: string,
  options?: One,
): Promise<Pick<OktaGroup, 'id' | 'name'>[]> {
  const assigned = new Set<string>();
  for await (const { items } of listAppGroups(okta, app, options)) for (const { group } of items) assigned.add(group);
  const granting: Pick<OktaGroup, 'id' | 'name'>[] = [];
  if (assigned.size === 0) return granting;
  for await (const { items } of groupsOf(okta, person, options))
    for (const { id: own, name } of items) if (assigned.has(own)) granting.push({ id: own, name });
  return granting;
}
