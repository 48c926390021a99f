import type { ListOptions, OktaClient, Page } from './client.js';
import { id, momentOrNull, record, textOr } from './shapes.js';

export interface OktaGroup {
  id: string;
  name: string;
  /** OKTA_GROUP, APP_GROUP or BUILT_IN. */
  type: string;
  lastMembershipUpdated: string | null;
}

export function parseGroup(item: unknown): OktaGroup {
  const group = record(item, 'group');
  const profile = record(group.profile, 'profile');
  return {
    id: id(group.id, 'id'),
    name: textOr(profile.name, ''),
    type: textOr(group.type, 'OKTA_GROUP'),
    lastMembershipUpdated: momentOrNull(group.lastMembershipUpdated, 'lastMembershipUpdated'),
  };
}

const parseId = (item: unknown): string => id(record(item, 'item').id, 'id');

export const listGroups = (okta: OktaClient, options?: ListOptions): AsyncGenerator<Page<OktaGroup>> =>
  okta.list('/api/v1/groups?limit=200', parseGroup, options);

/** The ids of a group's members; the deprovisioned are among them. */
export const listMembers = (okta: OktaClient, group: string, options?: ListOptions): AsyncGenerator<Page<string>> =>
  okta.list(`/api/v1/groups/${group}/users?limit=1000`, parseId, options);
