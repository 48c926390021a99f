import type { Org } from '../org/org.js';
import { mix } from '../random.js';

/** What an event of the computed log is about; -1 stands for nobody and no app. */
export interface Occurrence {
  eventType: string;
  result: string;
  reason: string | null;
  actor: number;
  app: number;
  /** Whether the event names its app. */
  named: boolean;
  /** A key that all the event's odds and ends are drawn from. */
  key: number;
}

/** The part of the events that are sign-ins as the product counts them. */
export const signInShare = 0.89;
/** How far the search for somebody goes before it gives up. */
const patience = 3_000;

/** What a sign-on policy says. */
const verdicts = ['ALLOW', 'ALLOW', 'ALLOW', 'ALLOW', 'ALLOW', 'CHALLENGE', 'CHALLENGE', 'DENY'];

/** Decides who did what: a function of the seed, the minute and the event's number in it. */
export class SignInEvents {
  private readonly apps: number[] = [];
  private readonly weights: number[] = [];
  private readonly dashboard: number;

  constructor(private readonly org: Org) {
    let total = 0;
    for (const app of org.firstApps) {
      const density = org.assignments.density(app.n);
      if (app.isOktas || app.status !== 'ACTIVE' || density <= 0) continue;
      total += density * (app.isHardlyUsed ? 0.02 : 1);
      this.apps.push(app.n);
      this.weights.push(total);
    }
    this.dashboard = org.firstApps.find((app) => app.name === 'okta_enduser')?.n ?? -1;
  }

  /** The `k`th event of a minute, which was published at a moment. */
  at(minute: number, k: number, published: number): Occurrence {
    const key = mix(this.org.seed ^ 0x5eed, k, minute);
    const roll = key % 1_000;
    if (roll < 110) return this.other(roll, key);
    if (roll >= 460) {
      const app = this.appFor(key);
      const actor = app < 0 ? -1 : this.userOf(app, key);
      if (actor >= 0) return this.appSignIn(actor, app, key, published);
    }
    const actor = this.somebody(key);
    if (this.org.directory.isShutOut(actor, published)) return this.failed(actor, key);
    const heading = key % 3 === 0 ? this.headingFor(key) : -1;
    return {
      eventType: 'user.session.start',
      result: 'SUCCESS',
      reason: null,
      actor,
      app: heading,
      named: heading >= 0,
      key,
    };
  }

  private appSignIn(actor: number, app: number, key: number, published: number): Occurrence {
    const { directory, assignments } = this.org;
    if (directory.isShutOut(actor, published)) return this.failed(actor, key);
    if (assignments.isTakenAway(app, actor, published))
      return {
        eventType: 'app.generic.unauth_app_access_attempt',
        result: 'FAILURE',
        reason: null,
        actor,
        app,
        named: true,
        key,
      };
    const roll = mix(key, 79, 0) % 1_000;
    // Now and then the log does not say which app it was, or who.
    return {
      eventType: 'user.authentication.sso',
      result: 'SUCCESS',
      reason: null,
      actor: roll === 7 ? -1 : actor,
      app,
      named: roll % 200 !== 0,
      key,
    };
  }

  private other(roll: number, key: number): Occurrence {
    const actor = this.somebody(key);
    const verdict = verdicts[(key >>> 9) % verdicts.length]!;
    const common = { reason: null, actor, app: -1, named: false, key };
    if (roll < 8) return { ...this.failed(-1, key) };
    if (roll < 20) return this.failed(actor, key);
    if (roll < 45) {
      const app = this.appFor(key);
      return {
        ...common,
        eventType: 'user.authentication.sso',
        result: 'FAILURE',
        reason: 'INVALID_CREDENTIALS',
        app,
        named: app >= 0,
      };
    }
    if (roll < 65)
      return {
        ...common,
        eventType: 'policy.evaluate_sign_on',
        result: verdict,
        reason: `Sign-on policy evaluation resulted in ${verdict}`,
      };
    if (roll < 80) return { ...common, eventType: 'user.authentication.auth_via_mfa', result: 'SUCCESS' };
    if (roll < 95) {
      const app = this.appFor(key);
      const eventType = roll < 90 ? 'app.generic.unauth_app_access_attempt' : 'application.policy.sign_on.deny_access';
      return { ...common, eventType, result: 'FAILURE', app, named: app >= 0 };
    }
    if (roll < 104) return { ...common, eventType: 'user.session.end', result: 'SUCCESS' };
    return {
      ...common,
      eventType: 'system.import.complete',
      result: 'SUCCESS',
      actor: -1,
      app: this.appFor(key),
      named: true,
    };
  }

  private failed(actor: number, key: number): Occurrence {
    return {
      eventType: 'user.session.start',
      result: 'FAILURE',
      reason: actor < 0 ? 'VERIFICATION_ERROR' : 'INVALID_CREDENTIALS',
      actor,
      app: -1,
      named: false,
      key,
    };
  }

  private headingFor(key: number): number {
    return key % 2 === 0 && this.dashboard >= 0 ? this.dashboard : this.appFor(key);
  }

  /** An app, the likelier the more people have it. */
  private appFor(key: number): number {
    const { weights } = this;
    if (weights.length === 0) return -1;
    const wanted = (mix(key, 74, 1) / 0x100000000) * weights.at(-1)!;
    let [low, high] = [0, weights.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (weights[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return this.apps[low]!;
  }

  /** Where the search for a person begins: some are at it far more often than others. */
  private start(key: number): number {
    const part = mix(key, 76, 2) / 0x100000000;
    return Math.floor(part * part * this.org.people.count);
  }

  /** Somebody who has the app and uses it; -1 when nobody is near. */
  private userOf(app: number, key: number): number {
    const { people, assignments, firstApps } = this.org;
    const uses = firstApps[app]?.isHardlyUsed ? 6 : 62;
    const first = this.start(key);
    const steps = Math.min(patience, people.count);
    for (let step = 0; step < steps; step += 1) {
      const n = first + step < people.count ? first + step : first + step - people.count;
      if (mix(people.seed, 20_000 + app, n) % 100 >= uses || !assignments.was(app, n)) continue;
      const status = people.status(n);
      if (status === 'ACTIVE' || status === 'PASSWORD_EXPIRED') return n;
    }
    return -1;
  }

  /** Somebody who can sign in to Okta, and does. */
  private somebody(key: number): number {
    const { people } = this.org;
    const first = this.start(key);
    for (let step = 0; step < people.count; step += 1) {
      const n = (first + step) % people.count;
      const status = people.status(n);
      if ((status === 'ACTIVE' || status === 'PASSWORD_EXPIRED') && (n === 0 || mix(people.seed, 78, n) % 100 < 92))
        return n;
    }
    return 0;
  }
}
