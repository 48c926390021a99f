import { letters } from '../random.js';
import type { TokenOptions } from '../options.js';

/** What a token can be allowed to do, by the names of Okta's scopes. */
export const allPermissions = [
  'okta.users.read',
  'okta.users.manage',
  'okta.groups.read',
  'okta.groups.manage',
  'okta.apps.read',
  'okta.apps.manage',
  'okta.logs.read',
  'okta.roles.read',
  'okta.schemas.read',
  'okta.apiTokens.read',
  'okta.principalRateLimits.read',
  'okta.orgs.read',
] as const;

export interface ApiToken {
  id: string;
  label: string;
  permissions: Set<string>;
  roles: string[];
  revoked: boolean;
  /** The org's time, epoch milliseconds. */
  lastUsed: number;
  /** How much of each bucket, and of the requests at a time, it gets. */
  percentage: number;
  concurrencyPercentage: number;
}

/** A token that is not used for so long is dead (Okta: Create an API token). */
export const tokenLife = 30 * 86_400_000;

/** A token that the org does not have was named. */
export class UnknownTokenError extends Error {
  constructor(label: string) {
    super(`There is no token with the label ${label}.`);
  }
}

/** The org's API tokens. */
export class Tokens {
  private readonly bySecret = new Map<string, ApiToken>();

  constructor(
    tokens: readonly TokenOptions[],
    private readonly now: () => number,
  ) {
    for (const token of tokens) this.put(token);
  }

  /** The token of an `Authorization: SSWS …` header, unless it is wrong or dead. */
  of(authorization: string | undefined): ApiToken | undefined {
    // Okta's SDK for Python leaves the space out.
    const secret = /^SSWS\s*(\S+)\s*$/i.exec(authorization ?? '')?.[1];
    const token = secret === undefined ? undefined : this.bySecret.get(secret);
    return token?.revoked === false ? token : undefined;
  }

  list(): ApiToken[] {
    return [...this.bySecret.values()];
  }

  /** Adds a token, or replaces what an existing one may do. */
  put({ label, token, permissions = allPermissions, roles }: TokenOptions): ApiToken {
    const put: ApiToken = {
      id: `00T${letters(1, 5, this.bySecret.size, 14)}5d7`,
      label,
      permissions: new Set(permissions),
      roles: [...(roles ?? rolesOf(permissions))],
      revoked: false,
      lastUsed: this.now(),
      percentage: 50,
      concurrencyPercentage: 50,
    };
    this.bySecret.set(token, put);
    return put;
  }

  change(
    label: string,
    change: { permissions?: readonly string[]; roles?: readonly string[]; revoked?: boolean },
  ): void {
    const token = this.list().find((candidate) => candidate.label === label);
    if (!token) throw new UnknownTokenError(label);
    if (change.permissions) {
      token.permissions = new Set(change.permissions);
      token.roles = rolesOf(change.permissions);
    }
    if (change.roles) token.roles = [...change.roles];
    if (change.revoked !== undefined) token.revoked = change.revoked;
  }
}

/** `manage` includes `read`. */
export const may = (token: ApiToken, permission: string): boolean =>
  token.permissions.has(permission) || token.permissions.has(permission.replace(/\.read$/, '.manage'));

function rolesOf(permissions: readonly string[]): string[] {
  if (allPermissions.every((permission) => permissions.includes(permission))) return ['SUPER_ADMIN'];
  const reads = ['okta.users.read', 'okta.groups.read', 'okta.apps.read', 'okta.logs.read'];
  const readsAll = reads.every((permission) => permissions.includes(permission));
  return readsAll && !permissions.some((permission) => permission.endsWith('.manage'))
    ? ['READ_ONLY_ADMIN']
    : ['CUSTOM'];
}
