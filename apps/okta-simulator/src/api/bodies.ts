import { iso } from '../iso.js';
import type { App, Group } from '../org/catalogue.js';
import type { Assignment } from '../org/assignments.js';
import type { Org } from '../org/org.js';
import type { Person, Status } from '../org/people.js';
import type { Unknowns } from '../options.js';
import { letters, pick } from '../random.js';

const likeActive = [
  'changePassword',
  'changeRecoveryQuestion',
  'deactivate',
  'expirePassword',
  'forgotPassword',
  'resetPassword',
  'suspend',
];
/** Lifecycle links that Okta publishes for a status; those of the two others were never recorded. */
const links: Record<Exclude<Status, 'RECOVERY' | 'LOCKED_OUT'>, readonly string[]> = {
  STAGED: ['activate'],
  PROVISIONED: ['deactivate', 'reactivate', 'resetPassword', 'suspend'],
  ACTIVE: likeActive,
  PASSWORD_EXPIRED: likeActive,
  SUSPENDED: ['deactivate', 'unsuspend'],
  DEPROVISIONED: ['activate', 'delete'],
};
const linkPaths: Record<string, string> = {
  changePassword: '/credentials/change_password',
  changeRecoveryQuestion: '/credentials/change_recovery_question',
  forgotPassword: '/credentials/forgot_password',
  resetPassword: '/lifecycle/reset_password',
  expirePassword: '/lifecycle/expire_password',
  resetFactors: '/lifecycle/reset_factors',
  delete: '',
};

/** Of an app with provisioning: now and then it has not caught up. */
const syncStates = [
  ...Array.from({ length: 45 }, () => 'SYNCHRONIZED'),
  'SYNCHRONIZED',
  'SYNCING',
  'OUT_OF_SYNC',
  'ERROR',
];

const quoted = (moment: number | null): string => (moment === null ? 'null' : `"${iso(moment)}"`);
const providerNames = {
  OKTA: 'OKTA',
  IMPORT: 'IMPORT',
  FEDERATION: 'FEDERATION',
  SOCIAL: 'SOCIAL',
  ACTIVE_DIRECTORY: 'acme.example',
};

/** Okta's own JSON of each thing, every field included, written by hand: pages have hundreds of them. */
export class Bodies {
  /** The id of the type that everybody has. */
  readonly type: string;

  constructor(
    private readonly org: Org,
    /** Where the org is: set once it listens. */
    public origin: string,
    private readonly unknowns: Unknowns,
  ) {
    this.type = `oty${letters(org.seed, 98, 1, 14)}5d7`;
  }

  /** `full`: with the links of a single answer; lists have `self` alone. */
  user(person: Person, full = false): string {
    const id = this.org.people.ids.of(person.n);
    const self = `${this.origin}/api/v1/users/${id}`;
    const { profile } = person;
    const second = profile.secondEmail
      ? `,{"value":${JSON.stringify(profile.secondEmail)},"status":"VERIFIED","type":"SECONDARY"}`
      : '';
    return (
      `{"id":"${id}","status":"${person.status}","created":"${iso(person.created)}","activated":${quoted(person.activated)},` +
      `"statusChanged":${quoted(person.statusChanged)},"lastLogin":${quoted(person.lastLogin)},"lastUpdated":"${iso(person.lastUpdated)}",` +
      `"passwordChanged":${quoted(person.passwordChanged)},"type":{"id":"${this.type}"},` +
      (person.transitioningToStatus ? `"transitioningToStatus":"${person.transitioningToStatus}",` : '') +
      `"profile":${JSON.stringify(profile)},"credentials":{${person.hasPassword ? '"password":{},' : ''}` +
      `"emails":[{"value":${JSON.stringify(profile.email)},"status":"VERIFIED","type":"PRIMARY"}${second}],` +
      `"provider":{"type":"${person.provider}","name":"${providerNames[person.provider]}"}},` +
      `"_links":{${full ? this.lifecycle(person.status, self) : ''}"self":{"href":"${self}"}}}`
    );
  }

  private lifecycle(status: Status, self: string): string {
    return [...this.linksOf(status), 'resetFactors']
      .map(
        (name) =>
          `"${name}":{"href":"${self}${linkPaths[name] ?? `/lifecycle/${name}`}","method":"${name === 'delete' ? 'DELETE' : 'POST'}"},`,
      )
      .join('');
  }

  private linksOf(status: Status): readonly string[] {
    if (status === 'RECOVERY') return this.unknowns.recoveryLinks;
    if (status === 'LOCKED_OUT') return this.unknowns.lockedOutLinks;
    return links[status];
  }

  group(group: Group): string {
    const href = `${this.origin}/api/v1/groups/${group.id}`;
    return JSON.stringify({
      id: group.id,
      created: iso(group.created),
      lastUpdated: iso(group.lastUpdated),
      lastMembershipUpdated: iso(group.lastMembershipUpdated),
      objectClass: [group.type === 'APP_GROUP' ? 'okta:windows_security_principal' : 'okta:user_group'],
      type: group.type,
      profile: { name: group.name, description: group.description },
      ...(group.source && { source: { id: group.source } }),
      _links: {
        logo: ['medium', 'large'].map((name) => ({
          name,
          href: `${this.origin}/assets/img/logos/groups/okta-${name}.png`,
          type: 'image/png',
        })),
        ...(group.source && { source: { href: `${this.origin}/api/v1/apps/${group.source}` } }),
        users: { href: `${href}/users` },
        apps: { href: `${href}/apps` },
      },
    });
  }

  app(app: App): string {
    const href = `${this.origin}/api/v1/apps/${app.id}`;
    const act = (name: string) => ({ href: `${href}/lifecycle/${name}` });
    return JSON.stringify({
      id: app.id,
      orn: `orn:okta:idp:${this.org.id}:apps:${app.name}:${app.id}`,
      name: app.name,
      label: app.label,
      status: app.status,
      lastUpdated: iso(app.lastUpdated),
      created: iso(app.created),
      accessibility: { selfService: false, errorRedirectUrl: null, loginRedirectUrl: null },
      visibility: {
        autoLaunch: false,
        autoSubmitToolbar: false,
        hide: { iOS: false, web: false },
        appLinks: { [`${app.name}_link`]: true },
      },
      features: app.features,
      signOnMode: app.signOnMode,
      credentials: {
        userNameTemplate: { template: '${source.login}', type: 'BUILT_IN' },
        signing: app.signOnMode === 'SAML_2_0' ? { kid: letters(this.org.seed, 99, app.n, 43) } : {},
      },
      universalLogout: null,
      settings: {
        app: {},
        notifications: { vpn: { network: { connection: 'DISABLED' }, message: null, helpUrl: null } },
        manualProvisioning: false,
        implicitAssignment: false,
        ...(app.signOnMode === 'SAML_2_0' && { slo: { enabled: false } }),
        notes: { admin: null, enduser: null },
      },
      _links: {
        // Such links lead to the console's host, not to the API's.
        help: {
          href: `https://acme-admin.okta.com/app/${app.name}/${app.id}/setup/help/${app.signOnMode}/instructions`,
          type: 'text/html',
        },
        uploadLogo: { href: `${href}/logo`, hints: { allow: ['POST'] } },
        appLinks: [{ name: `${app.name}_link`, href: `${this.origin}/home/${app.name}/${app.id}`, type: 'text/html' }],
        groups: { href: `${href}/groups` },
        users: { href: `${href}/users` },
        ...(app.status === 'ACTIVE' ? { deactivate: act('deactivate') } : { activate: act('activate') }),
        self: { href },
      },
    });
  }

  /** `embedded`: the person's own JSON beside it, as `expand=user` asks for. */
  appUser(app: App, assignment: Assignment, person: Person, embedded = false): string {
    const id = this.org.people.ids.of(assignment.person);
    const group = assignment.group === null ? undefined : this.org.groups[assignment.group];
    const isProvisioned = app.features.length > 0;
    const created = iso(assignment.created);
    const profile = assignment.profile ?? (app.signOnMode === 'OPENID_CONNECT' ? claims(person) : {});
    return (
      `{"id":"${id}","externalId":${isProvisioned ? `"ext-${id.slice(3, 12)}"` : 'null'},"created":"${created}","lastUpdated":"${created}",` +
      `"scope":"${assignment.scope}","status":"${assignment.status}","statusChanged":"${created}","passwordChanged":null,` +
      `"syncState":"${isProvisioned ? pick(syncStates, this.org.seed, 11_000 + app.n, assignment.person) : 'DISABLED'}",${isProvisioned ? `"lastSync":"${created}",` : ''}` +
      `"credentials":{"userName":${JSON.stringify(assignment.userName ?? person.profile.login)}},"profile":${JSON.stringify(profile)},` +
      `"_links":{"app":{"href":"${this.origin}/api/v1/apps/${app.id}"},"user":{"href":"${this.origin}/api/v1/users/${id}"}` +
      (group
        ? `,"group":{"name":${JSON.stringify(group.name)},"href":"${this.origin}/api/v1/groups/${group.id}"}`
        : '') +
      `}${embedded ? `,"_embedded":{"user":${this.user(person)}}` : ''}}`
    );
  }

  appGroup(app: App, group: Group, priority: number): string {
    const href = `${this.origin}/api/v1/apps/${app.id}`;
    return JSON.stringify({
      id: group.id,
      lastUpdated: iso(app.lastUpdated),
      priority,
      profile: {},
      _links: {
        app: { href },
        self: { href: `${href}/groups/${group.id}` },
        group: { href: `${this.origin}/api/v1/groups/${group.id}` },
      },
    });
  }
}

const claims = ({ profile: { email, firstName, lastName } }: Person) => ({
  street_address: null,
  country: null,
  website: null,
  zoneinfo: null,
  birthdate: null,
  gender: null,
  email,
  profile: null,
  phone_number: null,
  preferred_username: null,
  given_name: firstName,
  locale: null,
  family_name: lastName,
});
