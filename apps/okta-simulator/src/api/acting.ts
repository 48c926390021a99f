import type { Actor } from '../log/changes.js';
import type { ApiToken } from '../http/tokens.js';
import type { ApiRequest } from '../simulation.js';

/** Who does what a request asks for. */
export const actorOf = ({ token, id }: ApiRequest): Actor =>
  token === administrator
    ? { label: token.label, request: null }
    : { label: token.label, request: id, tokenId: token.id };

/** Somebody in the Admin Console: who acts at the control door. */
export const administrator: ApiToken = {
  id: 'control',
  label: 'control',
  permissions: new Set(),
  roles: ['SUPER_ADMIN'],
  revoked: false,
  lastUsed: 0,
  percentage: 100,
  concurrencyPercentage: 100,
};

/** A switch in the query, such as `sendEmail=false`. */
export const flagOf = ({ query }: ApiRequest, name: string, otherwise: boolean): boolean => {
  const given = query.get(name);
  return given === null ? otherwise : given.toLowerCase() === 'true';
};

export const nothing = { status: 200, body: '{}' };
export const noContent = { status: 204 };
