import { BlockList, isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { OrgUrlError } from './errors.js';

/** Which origins may be connected to. */
export interface OriginPolicy {
  /** Exact origins beside Okta's own, such as the simulator's `http://127.0.0.1:7070`: they are not checked further. */
  allowedOrigins: string[];
  /** Suffixes of hosts beside Okta's own domains, such as `.login.example.com`; `*` for any public host. */
  allowedHostSuffixes: string[];
}

const oktaSuffixes = ['.okta.com', '.oktapreview.com', '.okta-emea.com', '.okta-gov.com', '.okta.mil'];

/**
 * The origin of an org from what a person pastes: a missing scheme, the `-admin` host, a path and a trailing dot are
 * put right. Throws {@link OrgUrlError} for anything but an https origin of a public host that the policy allows.
 */
export function normaliseOrgUrl(input: string, policy: OriginPolicy): string {
  const text = input.trim();
  if (text === '' || text.length > 500)
    throw new OrgUrlError('Give the address of your Okta org, such as https://acme.okta.com.');
  const url = parse(text);
  if (policy.allowedOrigins.includes(url.origin) && !url.username && !url.password) return url.origin;
  if (url.protocol !== 'https:') throw new OrgUrlError('The address must begin with https://.');
  if (url.username || url.password) throw new OrgUrlError('The address must not hold a user name or password.');
  if (url.port) throw new OrgUrlError('The address must not name a port.');
  const host = url.hostname.replace(/\.+$/, '').toLowerCase();
  if (host.startsWith('[') || isIP(host) !== 0) throw new OrgUrlError('The address must be a host name, not a number.');
  const suffix = [...oktaSuffixes, ...policy.allowedHostSuffixes].find(
    (allowed) => allowed === '*' || host.endsWith(allowed),
  );
  if (!suffix || !host.includes('.'))
    throw new OrgUrlError(
      `${host.slice(0, 100)} is not one of Okta's domains. A custom domain is allowed by the setting OKTA_ALLOWED_HOST_SUFFIXES.`,
    );
  if (!oktaSuffixes.includes(suffix)) return `https://${host}`;
  // The Admin Console's host has no API.
  return `https://${host.slice(0, -suffix.length).replace(/-admin$/, '')}${suffix}`;
}

function parse(text: string): URL {
  try {
    return new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  } catch {
    throw new OrgUrlError('This is not an address. It looks like https://acme.okta.com.');
  }
}

const private6 = new BlockList();
// Ranges that are globally routed by their form yet lead inside: NAT64 and 6to4 carry an IPv4 address.
private6.addSubnet('64:ff9b::', 96, 'ipv6');
private6.addSubnet('64:ff9b:1::', 48, 'ipv6');
private6.addSubnet('2002::', 16, 'ipv6');

/** Whether an address is on the public internet: not private, loopback, link-local, metadata, shared, or reserved. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv6' && private6.check(parsed.toString(), 'ipv6')) return false;
  return parsed.range() === 'unicast';
}
