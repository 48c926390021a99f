import type { DirectoryKind } from '@seatwise/contracts';
import type { OktaApp, OktaAppGroup, OktaAppUser, OktaGroup, OktaPerson } from '@seatwise/okta';
import { changeOf, type Listed } from './mirror.js';

/** Longer texts are cut in what others are told; the profile keeps all of it. */
const short = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 300) : '');
const moment = (text: string | null): number | null => (text === null ? null : Date.parse(text));

function listed(kind: DirectoryKind, id: string, content: Record<string, unknown>, scope?: string): Listed {
  const change = changeOf(kind, { content }, false) as Listed['change'];
  return { id, content, change, ...(scope !== undefined && { scope }) };
}

export function listedPerson({
  id,
  status,
  created,
  activated,
  statusChanged,
  lastUpdated,
  profile,
}: OktaPerson): Listed {
  const { login, email, firstName, lastName, displayName } = profile;
  const name = [short(firstName), short(lastName)].filter(Boolean).join(' ') || short(displayName) || short(login);
  return listed('person', id, {
    status,
    login: short(login),
    email: short(email),
    name: name.slice(0, 300),
    created: moment(created),
    activated,
    statusChanged,
    lastUpdated,
    profile,
  });
}

export const listedGroup = ({ id, name, type, lastMembershipUpdated }: OktaGroup): Listed =>
  listed('group', id, { name: short(name), type: type.slice(0, 30), lastMembershipUpdated });

export const listedApp = ({ id, label, name, status, signOnMode }: OktaApp): Listed =>
  listed('app', id, { label: short(label), name: short(name), status: status.slice(0, 30), signOnMode });

export const listedMember = (group: string, person: string): Listed =>
  listed('membership', `${group}|${person}`, { group, person }, group);

export const listedAssignment = (app: string, { person, scope, status, group, created }: OktaAppUser): Listed =>
  listed(
    'assignment',
    `${app}|${person}`,
    { app, person, scope, status: status.slice(0, 30), group, created: moment(created) },
    app,
  );

export const listedAppGroup = (app: string, { group, priority }: OktaAppGroup): Listed =>
  listed('group-assignment', `${app}|${group}`, { app, group, priority }, app);
