import type { DirectoryKind, StageKind } from '@seatwise/contracts';
import {
  listAppGroups,
  listApps,
  listAppUsers,
  listDeprovisioned,
  listGroups,
  listMembers,
  listPeople,
  type ListOptions,
  type OktaClient,
  type Page,
} from '@seatwise/okta';
import {
  listedApp,
  listedAppGroup,
  listedAssignment,
  listedGroup,
  listedMember,
  listedPerson,
} from '../directory/listed.js';
import type { Listed } from '../directory/mirror.js';

/** A kind of listing: what it asks Okta for, and what it makes of it. */
export interface Listing {
  kind: DirectoryKind;
  pages: (okta: OktaClient, scope: string, options: ListOptions) => AsyncGenerator<Page<Listed>>;
}

const listing = <T>(
  kind: DirectoryKind,
  pages: (okta: OktaClient, scope: string, options: ListOptions) => AsyncGenerator<Page<T>>,
  toListed: (scope: string, item: T) => Listed,
): Listing => ({
  kind,
  async *pages(okta, scope, options) {
    for await (const page of pages(okta, scope, options))
      yield { ...page, items: page.items.map((item) => toListed(scope, item)) };
  },
});

/** Every listing of a run. */
export const listings: Partial<Record<StageKind, Listing>> = {
  people: listing(
    'person',
    (okta, _scope, options) => listPeople(okta, options),
    (_scope, person) => listedPerson(person),
  ),
  deprovisioned_people: listing(
    'person',
    (okta, _scope, options) => listDeprovisioned(okta, options),
    (_scope, person) => listedPerson(person),
  ),
  groups: listing(
    'group',
    (okta, _scope, options) => listGroups(okta, options),
    (_scope, group) => listedGroup(group),
  ),
  apps: listing(
    'app',
    (okta, _scope, options) => listApps(okta, options),
    (_scope, app) => listedApp(app),
  ),
  memberships: listing('membership', listMembers, listedMember),
  assignments: listing('assignment', listAppUsers, listedAssignment),
  group_assignments: listing('group-assignment', listAppGroups, listedAppGroup),
};
