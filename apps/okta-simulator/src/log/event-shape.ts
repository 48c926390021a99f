import type { App, Group } from '../org/catalogue.js';
import type { Org } from '../org/org.js';
import type { Person } from '../org/people.js';

export interface Target {
  id: string;
  type: string;
  alternateId: string | null;
  displayName: string | null;
  detailEntry: Record<string, unknown> | null;
}

/** What is particular to an event that is written down; everything else has the shape of all. */
export interface EventParts {
  uuid: string;
  published: number;
  eventType: string;
  message: string;
  legacy?: string | undefined;
  result: 'SUCCESS' | 'FAILURE' | 'RATE_LIMIT';
  reason?: string | undefined;
  actor: Target;
  /** The agent of who did it; without one it was a job of Okta's own. */
  agent?: string;
  ip: string;
  transaction: string;
  tokenId?: string | undefined;
  targets: Target[] | null;
}

export type LogEvent = Record<string, unknown> & { uuid: string; eventType: string };

const nobodysClient = {
  userAgent: null,
  zone: null,
  device: null,
  id: null,
  ipAddress: null,
  geographicalContext: null,
};

/** An event with every field that Okta writes. */
export function eventOf(parts: EventParts): LogEvent {
  const { agent, ip, result, transaction, tokenId } = parts;
  return {
    actor: parts.actor,
    client: agent
      ? {
          userAgent: { rawUserAgent: agent, os: 'Unknown', browser: 'UNKNOWN' },
          zone: 'null',
          device: 'Unknown',
          id: null,
          ipAddress: ip,
          geographicalContext: null,
        }
      : nobodysClient,
    device: null,
    authenticationContext: {
      authenticationProvider: null,
      credentialProvider: null,
      credentialType: null,
      issuer: null,
      interface: null,
      authenticationStep: 0,
      rootSessionId: 'unknown',
      externalSessionId: 'unknown',
    },
    displayMessage: parts.message,
    eventType: parts.eventType,
    outcome: { result, reason: parts.reason ?? null },
    published: new Date(parts.published).toISOString(),
    securityContext: { asNumber: null, asOrg: null, isp: null, domain: null, isProxy: null },
    severity: result === 'SUCCESS' ? 'INFO' : 'WARN',
    debugContext: { debugData: agent ? { requestId: transaction } : {} },
    legacyEventType: parts.legacy ?? null,
    transaction: {
      type: agent ? 'WEB' : 'JOB',
      id: transaction,
      detail: tokenId ? { requestApiTokenId: tokenId } : {},
    },
    uuid: parts.uuid,
    version: '0',
    request: { ipChain: agent ? [{ ip, geographicalContext: null, version: 'V4', source: null }] : [] },
    target: parts.targets,
  };
}

/** Okta itself, where something follows from something else. */
export const oktaSystem: Target = {
  id: '00simulatedsystem0h7',
  type: 'SystemPrincipal',
  alternateId: 'system@okta.com',
  displayName: 'Okta System',
  detailEntry: null,
};

export function userTarget(org: Org, person: Person): Target {
  const { login, firstName, lastName } = person.profile;
  return {
    id: org.people.ids.of(person.n),
    type: 'User',
    alternateId: String(login),
    displayName: `${String(firstName)} ${String(lastName)}`,
    detailEntry: null,
  };
}

export const appUserTarget = (org: Org, person: Person): Target => {
  const user = userTarget(org, person);
  return { ...user, id: `0ua${user.id.slice(3)}`, type: 'AppUser' };
};

export const groupTarget = (group: Group): Target => ({
  id: group.id,
  type: 'UserGroup',
  alternateId: 'unknown',
  displayName: group.name,
  detailEntry: null,
});

export const appTarget = (app: App): Target => ({
  id: app.id,
  type: 'AppInstance',
  alternateId: app.label,
  displayName: app.displayName,
  detailEntry: { signOnModeType: app.signOnMode },
});
