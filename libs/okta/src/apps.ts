import type { ListOptions, OktaClient, Page } from './client.js';
import { id, momentOrNull, record, text, textOr } from './shapes.js';

export interface OktaApp {
  id: string;
  /** What people see. */
  label: string;
  /** Okta's catalogue key. */
  name: string;
  status: string;
  signOnMode: string;
}

/** One person's assignment to an app. */
export interface OktaAppUser {
  /** The user's id; the assignment has none that is shown. */
  person: string;
  scope: 'USER' | 'GROUP';
  status: string;
  /** One group that grants it, where the assignment comes from groups. */
  group: string | null;
  created: string | null;
}

export interface OktaAppGroup {
  group: string;
  priority: number | null;
}

export function parseApp(item: unknown): OktaApp {
  const app = record(item, 'app');
  return {
    id: id(app.id, 'id'),
    label: text(app.label, 'label'),
    name: textOr(app.name, ''),
    status: text(app.status, 'status'),
    signOnMode: textOr(app.signOnMode, ''),
  };
}

export function parseAppUser(item: unknown): OktaAppUser {
  const user = record(item, 'app user');
  const scope = text(user.scope, 'scope');
  if (scope !== 'USER' && scope !== 'GROUP') throw new Error('scope is neither USER nor GROUP');
  const href = (user._links as { group?: { href?: unknown } } | undefined)?.group?.href;
  return {
    person: id(user.id, 'id'),
    scope,
    status: text(user.status, 'status'),
    group: typeof href === 'string' ? (/\/groups\/([A-Za-z0-9_-]{1,64})$/.exec(href)?.[1] ?? null) : null,
    created: momentOrNull(user.created, 'created'),
  };
}

function parseAppGroup(item: unknown): OktaAppGroup {
  const group = record(item, 'app group');
  return { group: id(group.id, 'id'), priority: typeof group.priority === 'number' ? group.priority : null };
}

export const listApps = (okta: OktaClient, options?: ListOptions): AsyncGenerator<Page<OktaApp>> =>
  okta.list('/api/v1/apps?limit=200', parseApp, options);

export const listAppUsers = (okta: OktaClient, app: string, options?: ListOptions): AsyncGenerator<Page<OktaAppUser>> =>
  okta.list(`/api/v1/apps/${app}/users?limit=500`, parseAppUser, options);

export const listAppGroups = (
  okta: OktaClient,
  app: string,
  options?: ListOptions,
): AsyncGenerator<Page<OktaAppGroup>> => okta.list(`/api/v1/apps/${app}/groups?limit=200`, parseAppGroup, options);
