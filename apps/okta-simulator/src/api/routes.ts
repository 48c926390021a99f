import type { Handler } from '../simulation.js';
import * as appWrites from './app-writes.js';
import * as apps from './apps.js';
import * as groupWrites from './group-writes.js';
import * as groups from './groups.js';
import * as lifecycle from './lifecycle.js';
import { readLogs } from './logs.js';
import * as org from './org.js';
import * as passwords from './passwords.js';
import * as rules from './rules.js';
import { getUserSchema } from './schema.js';
import * as userWrites from './user-writes.js';
import * as users from './users.js';

/** A call that Okta answers: `*` stands for an id. */
export interface Route {
  method: string;
  segments: string[];
  /** What the token must be allowed; null where every token may. */
  permission: string | null;
  handler: Handler;
  /** Taken without a credential. */
  isOpen?: true;
}

const route = (method: string, path: string, permission: string | null, handler: Handler): Route => ({
  method,
  segments: path.split('/'),
  permission,
  handler,
});

const reads: Route[] = [
  route('GET', 'users', 'okta.users.read', users.listUsers),
  route('GET', 'users/me', null, users.getUser),
  route('GET', 'users/*', 'okta.users.read', users.getUser),
  route('GET', 'users/*/groups', 'okta.users.read', users.listUserGroups),
  route('GET', 'users/*/appLinks', 'okta.users.read', users.listAppLinks),
  route('GET', 'users/*/roles', 'okta.roles.read', users.listUserRoles),
  route('GET', 'users/*/blocks', 'okta.users.read', org.notBought),
  route('GET', 'groups', 'okta.groups.read', groups.listGroups),
  route('GET', 'groups/rules', 'okta.groups.read', rules.listGroupRules),
  route('GET', 'groups/rules/*', 'okta.groups.read', rules.getGroupRule),
  route('GET', 'groups/*', 'okta.groups.read', groups.getGroup),
  route('GET', 'groups/*/users', 'okta.groups.read', groups.listGroupUsers),
  route('GET', 'groups/*/apps', 'okta.groups.read', groups.listGroupApps),
  route('GET', 'apps', 'okta.apps.read', apps.listApps),
  route('GET', 'apps/*', 'okta.apps.read', apps.getApp),
  route('GET', 'apps/*/users', 'okta.apps.read', apps.listAppUsers),
  route('GET', 'apps/*/users/*', 'okta.apps.read', apps.getAppUser),
  route('GET', 'apps/*/groups', 'okta.apps.read', apps.listAppGroups),
  route('GET', 'apps/*/groups/*', 'okta.apps.read', apps.getAppGroup),
  route('GET', 'logs', 'okta.logs.read', readLogs),
  route('GET', 'org', 'okta.orgs.read', org.getOrg),
  route('GET', 'api-tokens', 'okta.apiTokens.read', org.listApiTokens),
  route('DELETE', 'api-tokens/current', null, org.revokeCurrentToken),
  route('GET', 'principal-rate-limits', 'okta.principalRateLimits.read', org.listPrincipalRateLimits),
  route('GET', 'principal-rate-limits/*', 'okta.principalRateLimits.read', org.getPrincipalRateLimit),
  route('PUT', 'principal-rate-limits/*', 'okta.principalRateLimits.read', org.changePrincipalRateLimit),
  route('GET', 'meta/schemas/user/default', 'okta.schemas.read', getUserSchema),
];

const act = (path: string, handler: Handler): Route => route('POST', `users/*/${path}`, 'okta.users.manage', handler);

const writes: Route[] = [
  route('POST', 'users', 'okta.users.manage', userWrites.createUser),
  route('POST', 'users/*', 'okta.users.manage', userWrites.updateUser),
  route('PUT', 'users/*', 'okta.users.manage', userWrites.updateUser),
  route('DELETE', 'users/*', 'okta.users.manage', lifecycle.deleteUser),
  act('lifecycle/activate', lifecycle.activate),
  act('lifecycle/reactivate', lifecycle.reactivate),
  act('lifecycle/deactivate', lifecycle.deactivate),
  act('lifecycle/suspend', lifecycle.suspend),
  act('lifecycle/unsuspend', lifecycle.unsuspend),
  act('lifecycle/unlock', lifecycle.unlock),
  act('lifecycle/reset_factors', lifecycle.resetFactors),
  act('lifecycle/expire_password', passwords.expirePassword),
  act('lifecycle/expire_password_with_temp_password', passwords.expirePasswordWithTemporary),
  act('lifecycle/reset_password', passwords.resetPassword),
  act('credentials/change_password', passwords.changePassword),
  route('POST', 'groups', 'okta.groups.manage', groupWrites.createGroup),
  route('PUT', 'groups/*', 'okta.groups.manage', groupWrites.updateGroup),
  route('DELETE', 'groups/*', 'okta.groups.manage', groupWrites.deleteGroup),
  route('PUT', 'groups/*/users/*', 'okta.groups.manage', groupWrites.addMember),
  route('DELETE', 'groups/*/users/*', 'okta.groups.manage', groupWrites.removeMember),
  route('POST', 'apps', 'okta.apps.manage', appWrites.createApp),
  route('DELETE', 'apps/*', 'okta.apps.manage', appWrites.deleteApp),
  route('POST', 'apps/*/users', 'okta.apps.manage', appWrites.assignUser),
  route('DELETE', 'apps/*/users/*', 'okta.apps.manage', appWrites.unassignUser),
  route('PUT', 'apps/*/groups/*', 'okta.apps.manage', appWrites.assignGroup),
  route('DELETE', 'apps/*/groups/*', 'okta.apps.manage', appWrites.unassignGroup),
  route('POST', 'apps/*/lifecycle/activate', 'okta.apps.manage', appWrites.activateApp),
  route('POST', 'apps/*/lifecycle/deactivate', 'okta.apps.manage', appWrites.deactivateApp),
];

const organization: Route = {
  method: 'GET',
  segments: ['organization'],
  permission: null,
  handler: org.getOrganization,
  isOpen: true,
};

const routes: Route[] = [...reads, ...writes];

export interface Found {
  route: Route | undefined;
  ids: string[];
  /** Whether the path has another method: 405 and not 404. */
  isKnown: boolean;
}

/** The call that a method and a path name. A name in a path beats an id: `groups/rules`, `users/me`. */
export function findRoute(method: string, path: string): Found {
  if (path === '/.well-known/okta-organization')
    return { route: method === 'GET' ? organization : undefined, ids: [], isKnown: true };
  if (!path.startsWith('/api/v1/')) return { route: undefined, ids: [], isKnown: false };
  const segments = path.slice('/api/v1/'.length).split('/');
  const fitting = routes.filter((candidate) => fits(candidate.segments, segments));
  const found = fitting.find((candidate) => candidate.method === method);
  const ids = found
    ? segments.filter((_segment, at) => found.segments[at] === '*' || (at === 1 && found.segments[1] === 'me'))
    : [];
  return { route: found, ids, isKnown: fitting.length > 0 };
}

const fits = (pattern: string[], segments: string[]): boolean =>
  pattern.length === segments.length &&
  pattern.every((part, at) => (part === '*' ? segments[at] !== '' : part === segments[at]));
