import type { Clock } from '../clock.js';
import type { Ledger } from '../http/ledger.js';
import { letters, mix, uuidOf } from '../random.js';
import type { App, Group } from '../org/catalogue.js';
import type { Org } from '../org/org.js';
import type { Person } from '../org/people.js';
import { appTarget, appUserTarget, eventOf, groupTarget, oktaSystem, userTarget, type Target } from './event-shape.js';
import type { SystemLog } from './system-log.js';

/** Who does something: a token's administrator, or somebody at the control door. */
export interface Actor {
  /** The token's label, or `control`. */
  label: string;
  /** Okta's request id; null at the control door. */
  request: string | null;
  tokenId?: string;
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

/** What happens to an assignment, as the log calls it. */
const assignmentMessages = {
  add: 'Add user to application membership',
  remove: "Remove user's application membership",
  update: "Change user's application membership",
  change_username: "Change user's application username",
  provision: 'Provision user to application',
  deprovision: 'Deprovision user from application',
} as const;

const limitEvents = {
  warning: ['system.org.rate_limit.warning', 'Rate limit warning'],
  violation: ['system.org.rate_limit.violation', 'Rate limit violation'],
  concurrency: ['core.concurrency.org.limit.violation', 'Too many concurrent requests in this org'],
} as const;

const legacyNames: Record<string, string> = {
  'application.user_membership.add': 'app.generic.provision.assign_user_to_app',
};

const api = 'python-requests/2.32';
const browser = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0';

/** Writes each change into the System Log and into the ledger. */
export class Changes {
  private count = 0;

  constructor(
    private readonly org: Org,
    private readonly log: SystemLog,
    private readonly ledger: Ledger,
    private readonly clock: Clock,
  ) {}

  record(actor: Actor, { eventType, message, targets, result, reason, bySystem, detail = {} }: Effect): void {
    const now = this.clock.now();
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
    const event = eventOf({
      ...this.next(now),
      ...(actor.request !== null && { transaction: actor.request }),
      published: now,
      eventType,
      message,
      legacy: legacyNames[eventType],
      result: result ?? 'SUCCESS',
      reason,
      actor: bySystem ? oktaSystem : this.administrator(),
      ...(!bySystem && { agent: api }),
      ip: '203.0.113.1',
      tokenId: actor.tokenId,
      targets,
    });
    this.log.happen({ persisted: now, published: now, event });
  }

  /** Something about somebody's assignment; `bySystem` when a group did it. */
  assignment(actor: Actor, app: App, person: Person, what: keyof typeof assignmentMessages, bySystem = false): void {
    this.record(actor, {
      eventType: `application.user_membership.${what}`,
      message: assignmentMessages[what],
      targets: [this.appUser(person), this.appInstance(app), this.user(person)],
      bySystem,
    });
    // Apps with provisioning say so in an event of its own.
    const follows = ({ add: 'provision', remove: 'deprovision' } as const)[what as 'add' | 'remove'];
    if (follows && app.features.length > 0) this.assignment(actor, app, person, follows, bySystem);
  }

  /** A limit was nearly reached, or passed; nobody did it, and no ledger keeps it. */
  limit(what: keyof typeof limitEvents, bucket: string): void {
    const now = this.clock.now();
    const [eventType, message] = limitEvents[what];
    const event = eventOf({
      ...this.next(now),
      published: now,
      eventType,
      message,
      result: 'RATE_LIMIT',
      actor: oktaSystem,
      ip: '203.0.113.1',
      targets: [{ id: bucket, type: 'URL Pattern', alternateId: null, displayName: null, detailEntry: null }],
    });
    this.log.happen({ persisted: now, published: now, event });
  }

  /** A successful sign-in that somebody asked for; `app` null leaves the app out, undefined signs in to Okta itself. */
  signIn(person: Person, app: App | null | undefined, published: number): void {
    const now = this.clock.now();
    const user = this.user(person);
    const event = eventOf({
      ...this.next(now),
      published,
      eventType: app === undefined ? 'user.session.start' : 'user.authentication.sso',
      message: app === undefined ? 'User login to Okta' : 'User single sign on to app',
      legacy: app === undefined ? 'core.user_auth.login_success' : 'app.auth.sso',
      result: 'SUCCESS',
      actor: user,
      agent: browser,
      ip: '203.0.113.9',
      targets: app === undefined ? null : [...(app ? [this.appInstance(app)] : []), this.appUser(person)],
    });
    const signIn = { person: user.id, app: app === undefined ? 'okta' : (app?.id ?? null), published };
    this.log.happen({ persisted: now, published, signIn, event });
  }

  user(person: Person): Target {
    return userTarget(this.org, person);
  }

  appUser(person: Person): Target {
    return appUserTarget(this.org, person);
  }

  group(group: Group): Target {
    return groupTarget(group);
  }

  appInstance(app: App): Target {
    return appTarget(app);
  }

  private next(now: number): { uuid: string; transaction: string } {
    this.count += 1;
    return {
      uuid: uuidOf(this.org.seed ^ 0xcafe, this.count, mix(this.org.seed, 96, now)),
      transaction: letters(this.org.seed, 95, this.count, 27),
    };
  }

  private administrator(): Target {
    const { people } = this.org;
    return {
      id: people.ids.of(0),
      type: 'User',
      alternateId: people.login(0),
      displayName: `${people.firstName(0)} ${people.lastName(0)}`,
      detailEntry: null,
    };
  }
}
