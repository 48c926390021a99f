import { isIP } from 'node:net';
import { OrgUrlError } from './errors.js';

/** Which origins may be connected to. */
export interface OriginPolicy {
  /** Exact origins beside Okta's own, such as the simulator's `http://127.0.0.1:7070`: they are not checked further. */
  allowedOrigins: string[];
  /** Hosts beside Okta's own domains, and whatever ends in a dot and them, such as `login.example.com`; `*`: any public host. */
  allowedHostSuffixes: string[];
}

const oktaSuffixes = ['.okta.com', '.oktapreview.com', '.okta-emea.com', '.okta-gov.com', '.okta.mil'];

/**
 * The origin of an org from what a person pastes: a missing scheme or `http` before one of Okta's hosts, the `-admin` host, a path and a trailing dot are
 * put right. Throws {@link OrgUrlError} for anything but an https origin of a public host that the policy allows.
 */
export function normaliseOrgUrl(input: string, policy: OriginPolicy): string {
  const text = input.trim();
  if (text === '' || text.length > 500)
    throw new OrgUrlError('Give the address of your Okta org, such as https://acme.okta.com.');
  const url = parse(text);
  if (policy.allowedOrigins.includes(url.origin) && !url.username && !url.password) return url.origin;
  if (url.username || url.password) throw new OrgUrlError('The address must not hold a user name or password.');
  if (url.port) throw new OrgUrlError('The address must not name a port.');
  const host = url.hostname.replace(/\.+$/, '').toLowerCase();
  if (host.startsWith('[') || isIP(host) !== 0) throw new OrgUrlError('The address must be a host name, not a number.');
  const suffix = oktaSuffixes.find((okta) => host.endsWith(okta));
  // Okta's own hosts are asked by https, however they were written.
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && suffix))
    throw new OrgUrlError('The address must begin with https://.');
  if ((!suffix && !policy.allowedHostSuffixes.some((allowed) => isUnder(host, allowed))) || !host.includes('.'))
    throw new OrgUrlError(
      `The host ${host.slice(0, 100)} is not in one of Okta's domains. A custom domain is allowed by the setting OKTA_ALLOWED_HOST_SUFFIXES.`,
    );
  if (!suffix) return `https://${host}`;
  // The Admin Console's host has no API.
  const org = host.slice(0, -suffix.length).replace(/-admin$/, '');
  if (org === '') throw new OrgUrlError('The address must name your org, such as https://acme.okta.com.');
  return `https://${org}${suffix}`;
}

function isUnder(host: string, allowed: string): boolean {
  const domain = allowed.toLowerCase().replace(/^\*?\./, '');
  return allowed === '*' || host === domain || host.endsWith(`.${domain}`);
}

function parse(text: string): URL {
  try {
    return new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  } catch {
    throw new OrgUrlError('This is not an address. It looks like https://acme.okta.com.');
  }
}
