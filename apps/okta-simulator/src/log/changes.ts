import type { Clock } from '../clock.js';
import type { Ledger } from '../http/ledger.js';
import { letters, mix, uuidOf } from '../random.js';
import type { App, Group } from '../org/catalogue.js';
import type { Org } from '../org/org.js';
import type { Person } from '../org/people.js';
import type { SystemLog } from './system-log.js';

/** Who does something: a token's administrator, or somebody at the control door. */
export interface Actor {
  /** The token's label, or `control`. */
  label: string;
  /** Okta's request id; null at the control door. */
  request: string | null;
  tokenId?: string;
}

export interface Target {
  id: string;
  type: 'User' | 'UserGroup' | 'AppInstance' | 'AppUser';
  alternateId: string;
  displayName: string;
  detailEntry: Record<string, unknown> | null;
}

interface Effect {
  eventType: string;
  message: string;
  targets: Target[];
  result?: 'SUCCESS' | 'FAILURE';
  reason?: string;
  /** Okta itself did it, following from something else. */
  bySystem?: boolean;
  detail?: Record<string, unknown>;
}

const api = 'python-requests/2.32';

/** Writes each change into the System Log and into the ledger. */
export class Changes {
  private count = 0;

  constructor(
    private readonly org: Org,
    private readonly log: SystemLog,
    private readonly ledger: Ledger,
    private readonly clock: Clock,
  ) {}

  record(
    actor: Actor,
    { eventType, message, targets, result = 'SUCCESS', reason, bySystem, detail = {} }: Effect,
  ): void {
    const now = this.clock.now();
    this.count += 1;
    const [subject, ...others] = targets;
    this.ledger.change({
      at: now,
      request: actor.request,
      by: actor.label,
      what: eventType,
      subject: subject?.id ?? '',
      object: others.find(({ type }) => type === 'UserGroup' || type === 'AppInstance')?.id ?? null,
      detail,
    });
    const admin = this.org.people.ids.of(0);
    const transaction = actor.request ?? letters(this.org.seed, 95, this.count, 27);
    this.log.happen({
      persisted: now,
      published: now,
      event: {
        actor: bySystem
          ? {
              id: '00simulatedsystem0h7',
              type: 'SystemPrincipal',
              alternateId: 'system@okta.com',
              displayName: 'Okta System',
              detailEntry: null,
            }
          : {
              id: admin,
              type: 'User',
              alternateId: this.org.people.login(0),
              displayName: `${this.org.people.firstName(0)} ${this.org.people.lastName(0)}`,
              detailEntry: null,
            },
        client: {
          userAgent: { rawUserAgent: api, os: 'Unknown', browser: 'UNKNOWN' },
          zone: 'null',
          device: 'Unknown',
          id: null,
          ipAddress: '203.0.113.1',
          geographicalContext: null,
        },
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
        displayMessage: message,
        eventType,
        outcome: { result, reason: reason ?? null },
        published: new Date(now).toISOString(),
        securityContext: { asNumber: null, asOrg: null, isp: null, domain: null, isProxy: null },
        severity: result === 'FAILURE' ? 'WARN' : 'INFO',
        debugContext: { debugData: { requestId: transaction } },
        legacyEventType: null,
        transaction: {
          type: bySystem ? 'JOB' : 'WEB',
          id: transaction,
          detail: actor.tokenId ? { requestApiTokenId: actor.tokenId } : {},
        },
        uuid: uuidOf(this.org.seed ^ 0xcafe, this.count, mix(this.org.seed, 96, now)),
        version: '0',
        request: {
          ipChain: bySystem ? [] : [{ ip: '203.0.113.1', geographicalContext: null, version: 'V4', source: null }],
        },
        target: targets,
      },
    });
  }

  /** A successful sign-in that somebody asked for; `app` null leaves the app out, undefined signs in to Okta itself. */
  signIn(person: Person, app: App | null | undefined, published: number): void {
    const now = this.clock.now();
    this.count += 1;
    const user = this.user(person);
    const eventType = app === undefined ? 'user.session.start' : 'user.authentication.sso';
    this.log.happen({
      persisted: now,
      published,
      signIn: { person: user.id, app: app === undefined ? 'okta' : (app?.id ?? null), published },
      event: {
        actor: user,
        client: {
          userAgent: null,
          zone: 'null',
          device: 'Computer',
          id: null,
          ipAddress: '203.0.113.9',
          geographicalContext: null,
        },
        device: null,
        authenticationContext: { authenticationStep: 0, rootSessionId: 'unknown', externalSessionId: 'unknown' },
        displayMessage: app === undefined ? 'User login to Okta' : 'User single sign on to app',
        eventType,
        outcome: { result: 'SUCCESS', reason: null },
        published: new Date(published).toISOString(),
        securityContext: {},
        severity: 'INFO',
        debugContext: { debugData: {} },
        legacyEventType: null,
        transaction: { type: 'WEB', id: letters(this.org.seed, 97, this.count, 27), detail: {} },
        uuid: uuidOf(this.org.seed ^ 0xcafe, this.count, mix(this.org.seed, 96, now)),
        version: '0',
        request: { ipChain: [] },
        target: app === undefined ? null : [...(app ? [this.appInstance(app)] : []), this.appUser(person)],
      },
    });
  }

  user(person: Person): Target {
    const { login, firstName, lastName } = person.profile;
    return {
      id: this.org.people.ids.of(person.n),
      type: 'User',
      alternateId: String(login),
      displayName: `${String(firstName)} ${String(lastName)}`,
      detailEntry: null,
    };
  }

  appUser(person: Person): Target {
    const user = this.user(person);
    return { ...user, id: `0ua${user.id.slice(3)}`, type: 'AppUser' };
  }

  group(group: Group): Target {
    return { id: group.id, type: 'UserGroup', alternateId: 'unknown', displayName: group.name, detailEntry: null };
  }

  appInstance(app: App): Target {
    return {
      id: app.id,
      type: 'AppInstance',
      alternateId: app.label,
      displayName: app.displayName,
      detailEntry: { signOnModeType: app.signOnMode },
    };
  }
}
