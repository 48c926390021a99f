import { scopeOf, type Capability, type ConnectionCheck } from '@seatwise/contracts';
import { OktaClient } from './client.js';
import { OktaError, PermissionDeniedError, TokenRejectedError } from './errors.js';
import { id, record, text } from './shapes.js';

/** The words for a token that may not list apps, the same wherever they are said. */
export const appsMissing = {
  reason: 'The token does not have permission for reading the apps list.',
  mend: "Give the token's administrator role the permission “View the application and its details”, and add the “Applications” resource to its resource set. The next sync then brings apps and assignments by itself.",
};

interface Reading {
  capability: Capability;
  path: string;
  what: string;
  missing: { reason: string; mend: string };
}

const lacking = (what: string, permission: string): Reading['missing'] => ({
  reason: `The token does not have permission for reading ${what}.`,
  mend: `Give the token's administrator role the permission “${permission}” in Okta, then test again.`,
});

/** What is tried for each capability to read, and the words when it is refused. */
export const readings: Reading[] = [
  {
    capability: 'users',
    path: '/api/v1/users?limit=1',
    what: 'users',
    missing: lacking('users', 'View users and their details'),
  },
  {
    capability: 'groups',
    path: '/api/v1/groups?limit=1',
    what: 'groups',
    missing: lacking('groups', 'View groups and their details'),
  },
  { capability: 'apps', path: '/api/v1/apps?limit=1', what: 'apps', missing: appsMissing },
  {
    capability: 'usage',
    path: '/api/v1/logs?limit=1',
    what: 'the System Log',
    missing: lacking('the System Log', 'View System Log'),
  },
];

/** The standard administrator roles that may act, by capability (Okta: Standard administrator roles and permissions). */
const actingRoles: Partial<Record<Capability, string[]>> = {
  act_on_users: ['SUPER_ADMIN', 'ORG_ADMIN', 'USER_ADMIN'],
  act_on_groups: ['SUPER_ADMIN', 'ORG_ADMIN', 'USER_ADMIN'],
  act_on_apps: ['SUPER_ADMIN', 'APP_ADMIN'],
};

const single = { signal: undefined, maxWaitMs: 20_000 };

/** The checks, and the org's own id, which stays when it moves to another address; null when none answers. */
export interface Proof {
  orgId: string | null;
  checks: ConnectionCheck[];
}

/** Is told each check as it ends. */
export type Tell = (check: ConnectionCheck) => Promise<void>;

/**
 * What a connection is proved to be able to do: the URL is an Okta org's, the token is one of it, and each list that a
 * sync needs can be read. With `acting` the capabilities to act are looked for as well. No token and nobody's data is in
 * the answer, nor in what is told.
 */
export async function probe(okta: OktaClient, acting: boolean, tell: Tell = async () => undefined): Promise<Proof> {
  const { check: url, orgId } = await probeUrl(okta);
  await tell(url);
  if (orgId === null) return { orgId, checks: [url] };
  const { check: token, person } = await probeToken(okta);
  await tell(token);
  if (!person) return { orgId, checks: [url, token] };
  const checks = await Promise.all(
    readings.map(async (reading) => {
      const check = await probeReading(okta, reading);
      await tell(check);
      return check;
    }),
  );
  const acts = acting ? await probeActing(okta, person) : [];
  for (const check of acts) await tell(check);
  return { orgId, checks: [url, token, ...checks, ...acts] };
}

async function probeUrl(okta: OktaClient): Promise<{ check: ConnectionCheck; orgId: string | null }> {
  const check = { check: 'url' };
  try {
    const orgId = await okta.get('/.well-known/okta-organization', (body) => id(record(body, 'org').id, 'id'), single);
    return { check: { ...check, result: 'ok', detail: 'An Okta org answers at this address.', mend: '' }, orgId };
  } catch (error) {
    const detail = `No Okta org answers at this address: ${reasonOf(error)}.`;
    const mend = 'Check the address: it is the one you sign in to Okta with, such as https://acme.okta.com.';
    return { check: { ...check, result: 'failed', detail, mend }, orgId: null };
  }
}

async function probeToken(okta: OktaClient): Promise<{ check: ConnectionCheck; person: string | undefined }> {
  const check = { check: 'token' };
  try {
    const person = await okta.get('/api/v1/users/me', (body) => id(record(body, 'user').id, 'id'), single);
    return { check: { ...check, result: 'ok', detail: 'Okta accepts the token.', mend: '' }, person };
  } catch (error) {
    // A token that may not read its own maker is still one that Okta knows.
    if (error instanceof PermissionDeniedError)
      return { check: { ...check, result: 'ok', detail: 'Okta accepts the token.', mend: '' }, person: 'me' };
    const isRejected = error instanceof TokenRejectedError;
    const detail = isRejected
      ? 'Okta does not accept this token.'
      : `The token could not be tested: ${reasonOf(error)}.`;
    const mend = isRejected
      ? 'Make a new API token in the Admin Console under Security → API → Tokens; a token ends when it is not used for 30 days or its maker is deactivated.'
      : 'Try again in a minute.';
    return { check: { ...check, result: 'failed', detail, mend }, person: undefined };
  }
}

async function probeReading(okta: OktaClient, { capability, path, what, missing }: Reading): Promise<ConnectionCheck> {
  const check = { check: capability, capability, scope: scopeOf[capability] };
  try {
    await okta.page(path, (item) => item, single);
    return { ...check, result: 'ok', detail: `The token may read ${what}.`, mend: '' };
  } catch (error) {
    if (error instanceof PermissionDeniedError)
      return { ...check, result: 'missing', detail: missing.reason, mend: missing.mend };
    return {
      ...check,
      result: 'failed',
      detail: `Reading ${what} failed: ${reasonOf(error)}.`,
      mend: 'Try again in a minute.',
    };
  }
}

async function probeActing(okta: OktaClient, person: string): Promise<ConnectionCheck[]> {
  const roles = await okta
    .page(`/api/v1/users/${person}/roles`, (item) => text(record(item, 'role').type, 'type'), single)
    .then(({ items }) => items)
    .catch(() => undefined);
  return Object.entries(actingRoles).map(([name, enough]) => {
    const capability = name as Capability;
    const check = { check: name, capability, scope: scopeOf[capability] };
    const may = `act on ${name.slice('act_on_'.length)}`;
    if (roles?.some((role) => enough.includes(role)))
      return { ...check, result: 'ok', detail: `The token's administrator role may ${may}.`, mend: '' };
    if (roles && !roles.includes('CUSTOM'))
      return {
        ...check,
        result: 'missing',
        detail: `The token's administrator role may not ${may}.`,
        mend: `Give its maker one of the roles ${enough.join(', ')}.`,
      };
    return {
      ...check,
      result: 'unknown',
      detail: `Okta does not let this token show whether it may ${may}; the first action will tell.`,
      mend: '',
    };
  });
}

const reasonOf = (error: unknown): string => (error instanceof OktaError ? error.message : 'an unforeseen fault');
