import { userStatuses, type UserStatus } from '@seatwise/contracts';
import type { ListOptions, OktaClient, Page } from './client.js';
import { id, momentOrNull, record, text, type Json } from './shapes.js';

/** A user as Okta's list gives it. */
export interface OktaPerson {
  id: string;
  status: UserStatus;
  created: string | null;
  activated: string | null;
  statusChanged: string | null;
  lastUpdated: string | null;
  /** All attributes, the org's own ones included. */
  profile: Json;
}

const statuses = new Set<string>(userStatuses);

export function parsePerson(item: unknown): OktaPerson {
  const user = record(item, 'user');
  const status = text(user.status, 'status');
  // ACTIVATING exists inside Okta and may show for a moment on the way from STAGED.
  const known = status === 'ACTIVATING' ? 'STAGED' : status;
  if (!statuses.has(known)) throw new Error('status is not one of Okta');
  const profile = record(user.profile, 'profile');
  text(profile.login, 'profile.login');
  return {
    id: id(user.id, 'id'),
    status: known as UserStatus,
    created: momentOrNull(user.created, 'created'),
    activated: momentOrNull(user.activated, 'activated'),
    statusChanged: momentOrNull(user.statusChanged, 'statusChanged'),
    lastUpdated: momentOrNull(user.lastUpdated, 'lastUpdated'),
    profile,
  };
}

/** Everybody but the deprovisioned, whom Okta leaves out of its plain list. */
export const listPeople = (okta: OktaClient, options?: ListOptions): AsyncGenerator<Page<OktaPerson>> =>
  okta.list('/api/v1/users?limit=200', parsePerson, options);

export const listDeprovisioned = (okta: OktaClient, options?: ListOptions): AsyncGenerator<Page<OktaPerson>> =>
  okta.list(`/api/v1/users?limit=200&filter=${encodeURIComponent('status eq "DEPROVISIONED"')}`, parsePerson, options);

/** One person, read from the store itself and not from the index that lists are answered from. */
export const getPerson = (okta: OktaClient, person: string, options?: Omit<ListOptions, 'from'>): Promise<OktaPerson> =>
  okta.get(`/api/v1/users/${encodeURIComponent(person)}`, parsePerson, options);
