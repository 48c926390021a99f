import { iso } from '../iso.js';
import type { Org } from '../org/org.js';
import { letters, mix } from '../random.js';
import type { Occurrence } from './sign-in-events.js';
import { toLetters } from './utf8-letters.js';

const messages: Record<string, [display: string, legacy: string | null]> = {
  'user.session.start': ['User login to Okta', 'core.user_auth.login_success'],
  'user.session.end': ['User logout from Okta', 'core.user_auth.logout_success'],
  'user.authentication.sso': ['User single sign on to app', 'app.auth.sso'],
  'user.authentication.auth_via_mfa': ['Authentication of user via MFA', 'core.user.factor.attempt_success'],
  'policy.evaluate_sign_on': ['Evaluation of sign-on policy', null],
  'app.generic.unauth_app_access_attempt': [
    'User attempted unauthorized access to app',
    'app.generic.unauth_app_access_attempt',
  ],
  'application.policy.sign_on.deny_access': ['Deny user access due to app sign on policy', null],
  'system.import.complete': ['Complete import', 'app.import.complete'],
};

/** The types of what is computed; all others are only ever written down. */
export const computedTypes: ReadonlySet<string> = new Set(Object.keys(messages));

const agents = [
  {
    rawUserAgent:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36',
    os: 'Windows 10',
    browser: 'CHROME',
  },
  {
    rawUserAgent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15',
    os: 'Mac OS X',
    browser: 'SAFARI',
  },
  {
    rawUserAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0',
    os: 'Linux',
    browser: 'FIREFOX',
  },
  { rawUserAgent: 'okta-app/9.30 "quoted" \\ 日本', os: 'Unknown', browser: 'UNKNOWN' },
].map((agent) => toLetters(JSON.stringify(agent)));
const places = [
  {
    city: 'Lisboa',
    state: 'Lisboa',
    country: 'Portugal',
    postalCode: '1000-001',
    geolocation: { lat: 38.72, lon: -9.13 },
  },
  {
    city: 'München',
    state: 'Bayern',
    country: 'Germany',
    postalCode: '80331',
    geolocation: { lat: 48.14, lon: 11.58 },
  },
  { city: '東京', state: '東京都', country: 'Japan', postalCode: '100-0001', geolocation: { lat: 35.68, lon: 139.69 } },
  { city: null, state: null, country: null, postalCode: null, geolocation: { lat: null, lon: null } },
].map((place) => toLetters(JSON.stringify(place)));
const noClient = '{"userAgent":null,"zone":null,"device":null,"id":null,"ipAddress":null,"geographicalContext":null}';
const noSecurity = '{"asNumber":null,"asOrg":null,"isp":null,"domain":null,"isProxy":null}';

const names = new Map<string, string>();

/** A name for use inside a JSON string; there are few, so each is made once. */
function inJson(name: string): string {
  let made = names.get(name);
  if (made === undefined) names.set(name, (made = toLetters(JSON.stringify(name).slice(1, -1))));
  return made;
}

/** Writes computed events as Okta does, by hand and as `toLetters` has it: a page has a thousand of them. */
export class EventJson {
  private readonly appTargets: string[] = [];

  constructor(
    private readonly org: Org,
    private readonly isClassic: boolean,
  ) {}

  write({ eventType, result, reason, actor, app, named, key }: Occurrence, uuid: string, published: number): string {
    const [display, legacy] = messages[eventType]!;
    const isJob = eventType === 'system.import.complete';
    const isFailure = result === 'FAILURE' || result === 'DENY';
    const who = isJob ? system : actor < 0 ? unknownUser(key) : this.user(actor, 'User');
    const ip = `203.0.113.${1 + (key % 254)}`;
    const place = places[key % 7 === 0 ? 3 : (key >>> 8) % 3]!;
    const requestId = letters(key, 91, 1, 20);
    const session = isFailure || isJob ? 'unknown' : `idx${letters(key, 92, 2, 20)}`;
    const device = (key >>> 4) % 5 === 0 ? 'Mobile' : 'Computer';
    const client = isJob
      ? noClient
      : `{"userAgent":${agents[key % 31 === 0 ? 3 : (key >>> 3) % 3]!},"zone":"null","device":"${device}","id":null,"ipAddress":"${ip}","geographicalContext":${place}}`;
    const uri =
      eventType === 'user.authentication.sso'
        ? `/app/${app < 0 ? 'unknown' : (this.org.firstApps[app]?.name ?? 'unknown')}/sso/saml`
        : '/api/v1/authn';
    return (
      `{"actor":${who},"client":${client},"device":null,` +
      `"authenticationContext":{"authenticationProvider":null,"credentialProvider":null,"credentialType":null,"issuer":null,"interface":null,"authenticationStep":0,"rootSessionId":"${session}","externalSessionId":"${session}"},` +
      `"displayMessage":"${display}","eventType":"${eventType}","outcome":{"result":"${result}","reason":${reason === null ? 'null' : `"${reason}"`}},` +
      `"published":"${iso(published)}","securityContext":${
        isJob
          ? noSecurity
          : '{"asNumber":64500,"asOrg":"example carrier","isp":"example carrier","domain":"example.net","isProxy":false}'
      },` +
      `"severity":"${isFailure ? 'WARN' : 'INFO'}","debugContext":{"debugData":${
        isJob
          ? '{}'
          : `{"requestId":"${requestId}","dtHash":"${key.toString(16)}","requestUri":"${uri}","threatSuspected":"false","url":"${uri}?"}`
      }},` +
      `"legacyEventType":${legacy === null ? 'null' : `"${isFailure && eventType === 'user.session.start' ? 'core.user_auth.login_failed' : legacy}"`},` +
      `"transaction":{"type":"${isJob ? 'JOB' : 'WEB'}","id":"${requestId}","detail":{}},"uuid":"${uuid}","version":"0",` +
      `"request":{"ipChain":${isJob ? '[]' : `[{"ip":"${ip}","geographicalContext":${place},"version":"V4","source":null}]`}},` +
      `"target":${this.targets(eventType, actor, app, named, key)}}`
    );
  }

  private targets(eventType: string, actor: number, app: number, named: boolean, key: number): string {
    const person = actor < 0 ? null : this.user(actor, 'User');
    switch (eventType) {
      case 'user.authentication.sso': {
        const appUser = actor < 0 ? null : this.user(actor, 'AppUser');
        const instance = named && app >= 0 ? this.appInstance(app) : null;
        const all = key % 2 === 0 ? [instance, appUser] : [appUser, person, instance];
        return `[${all.filter((target) => target !== null).join(',')}]`;
      }
      case 'user.session.start':
        // Where they were heading is no use of that app.
        return this.isClassic
          ? 'null'
          : `[{"id":"${letters(key, 93, 3, 17)}5d7","type":"AuthenticatorEnrollment","alternateId":"unknown","displayName":"Password","detailEntry":null}${named && app >= 0 ? `,${this.appInstance(app)}` : ''}${person ? `,${person}` : ''}]`;
      case 'app.generic.unauth_app_access_attempt':
      case 'application.policy.sign_on.deny_access':
      case 'system.import.complete':
        return app >= 0 ? `[${this.appInstance(app)}]` : '[]';
      case 'policy.evaluate_sign_on':
        return '[{"id":"00psimulated00000000","type":"PolicyEntity","alternateId":"unknown","displayName":"Default Policy","detailEntry":{"policyType":"OktaSignOn"}}]';
      default:
        return person ? `[${person}]` : 'null';
    }
  }

  private user(n: number, type: 'User' | 'AppUser'): string {
    const { people } = this.org;
    const id = people.ids.of(n);
    return `{"id":"${type === 'User' ? id : `0ua${id.slice(3)}`}","type":"${type}","alternateId":"${people.login(n)}","displayName":"${inJson(people.firstName(n))} ${inJson(people.lastName(n))}","detailEntry":null}`;
  }

  private appInstance(n: number): string {
    const known = this.appTargets[n];
    if (known) return known;
    const app = this.org.firstApps[n];
    const made = toLetters(
      JSON.stringify({
        id: this.org.appIds.of(n),
        type: 'AppInstance',
        alternateId: app?.label ?? 'unknown',
        displayName: app?.displayName ?? 'unknown',
        detailEntry: { signOnModeType: app?.signOnMode ?? 'SAML_2_0' },
      }),
    );
    this.appTargets[n] = made;
    return made;
  }
}

export function actorIdOf({ people }: Org, { eventType, actor }: Occurrence): string {
  if (eventType === 'system.import.complete') return '00simulatedsystem0h7';
  return actor < 0 ? 'unknown' : people.ids.of(actor);
}

const system =
  '{"id":"00simulatedsystem0h7","type":"SystemPrincipal","alternateId":"system@okta.com","displayName":"Okta System","detailEntry":null}';

const unknownUser = (key: number): string =>
  `{"id":"unknown","type":"User","alternateId":"nobody${mix(key, 94, 1) % 999}@acme.example","displayName":"unknown","detailEntry":null}`;
