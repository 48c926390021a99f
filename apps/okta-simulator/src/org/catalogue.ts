import { mix, pick } from '../random.js';
import { Ids } from './ids.js';
import { appNames, departments, oktaApps } from './words.js';

export type GroupType = 'BUILT_IN' | 'OKTA_GROUP' | 'APP_GROUP';

export interface Group {
  n: number;
  id: string;
  type: GroupType;
  name: string;
  description: string | null;
  created: number;
  lastUpdated: number;
  lastMembershipUpdated: number;
  /** The app that an APP_GROUP comes from, by id. */
  source: string | null;
}

export interface App {
  n: number;
  id: string;
  name: string;
  label: string;
  /** What the System Log calls the app beside its label: the catalogue's name for it. */
  displayName: string;
  status: 'ACTIVE' | 'INACTIVE';
  signOnMode: string;
  features: string[];
  created: number;
  lastUpdated: number;
  /** One of Okta's own, such as the Admin Console. */
  isOktas: boolean;
  /** Few of its people ever open it. */
  isHardlyUsed: boolean;
}

const founded = Date.UTC(2018, 0, 8);
const day = 86_400_000;
const modes = ['SAML_2_0', 'OPENID_CONNECT', 'SAML_2_0', 'AUTO_LOGIN', 'BROWSER_PLUGIN', 'BOOKMARK', 'WS_FEDERATION'];
const provisioning = ['PUSH_NEW_USERS', 'PUSH_PROFILE_UPDATES', 'PUSH_USER_DEACTIVATION', 'GROUP_PUSH'];

/** Okta's own apps of an org with so many apps; a small org shows none. */
const ownApps = (apps: number): number => Math.min(oktaApps.length, Math.floor(apps / 10));

export function makeApps(seed: number, count: number, ids: Ids): App[] {
  return Array.from({ length: count }, (_, n) => {
    const own = n < ownApps(count) ? oktaApps[n] : undefined;
    const base = pick(appNames, seed, 50, n);
    const slug = base.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
    const isCustom = !own && mix(seed, 51, n) % 4 === 0;
    const created = founded + (mix(seed, 54, n) % 2_500) * day + 41_000_000;
    const signOnMode = own ? 'OPENID_CONNECT' : pick(modes, seed, 53, n);
    return {
      n,
      id: ids.of(n),
      name: own?.[0] ?? (isCustom ? `acme_${slug}_${n}` : slug),
      // Two apps of one label occur: a second instance that nobody renamed.
      label: own?.[1] ?? `${base}${suffix(seed, n)}`,
      displayName: own?.[1] ?? (signOnMode === 'OPENID_CONNECT' ? 'OpenID Connect Client' : base),
      status: !own && mix(seed, 52, n) % 19 === 0 ? 'INACTIVE' : 'ACTIVE',
      signOnMode,
      features: !own && mix(seed, 56, n) % 3 === 0 && signOnMode !== 'BOOKMARK' ? featuresOf(base, seed, n) : [],
      created,
      lastUpdated: created + (mix(seed, 58, n) % 200) * day,
      isOktas: own !== undefined,
      isHardlyUsed: !own && mix(seed, 59, n) % 4 === 0,
    };
  });
}

/** What an app with provisioning does; the one for human resources is where its people come from. */
const featuresOf = (base: string, seed: number, n: number): string[] => [
  ...provisioning.slice(0, 1 + (mix(seed, 57, n) % 4)),
  ...(base === 'Workday' ? ['PROFILE_MASTERING'] : []),
];

const suffix = (seed: number, n: number): string =>
  pick(['', '', '', ' (old)', ' – EMEA', ' 日本', ' TEST do not use', ` ${n}`], seed, 55, n);

export function makeGroups(seed: number, count: number, ids: Ids, apps: App[]): Group[] {
  return Array.from({ length: Math.max(1, count) }, (_, n) => {
    const created = founded + (mix(seed, 63, n) % 2_500) * day + 52_000_000;
    const type: GroupType =
      n === 0 ? 'BUILT_IN' : mix(seed, 64, n) % 9 === 0 && apps.length > 0 ? 'APP_GROUP' : 'OKTA_GROUP';
    const department = pick(departments, seed, 65, n) || 'Team';
    return {
      n,
      id: ids.of(n),
      type,
      name:
        n === 0
          ? 'Everyone'
          : `${department} ${pick(['All', 'Überall', 'contractors', 'VPN', '全員'], seed, 66, n)} ${n}`,
      description:
        n === 0 ? 'All users in your organization' : mix(seed, 67, n) % 3 === 0 ? `Owned by ${department}` : null,
      created,
      lastUpdated: created + (mix(seed, 68, n) % 300) * day,
      lastMembershipUpdated: created + (mix(seed, 69, n) % 400) * day,
      source: type === 'APP_GROUP' ? apps[mix(seed, 62, n) % apps.length]!.id : null,
    };
  });
}
