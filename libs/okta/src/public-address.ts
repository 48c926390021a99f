import { lookup as dnsLookup } from 'node:dns';
import { BlockList, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

// Of IPv6 only this is given out (IANA: IPv6 Global Unicast Address Assignments) …
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
// … and of it 6to4 leads wherever the IPv4 address in it does.
const carrying4 = new BlockList();
carrying4.addSubnet('2002::', 16, 'ipv6');

/** Whether an address is on the public internet: not private, loopback, link-local, metadata, shared, or reserved. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  const text = parsed.toString();
  if (parsed.kind() === 'ipv6' && (!global6.check(text, 'ipv6') || carrying4.check(text, 'ipv6'))) return false;
  return parsed.range() === 'unicast';
}

/** The code of the error when a name has no public address, or with `only` another one beside. */
export const privateAddressCode = 'EPRIVATE';

/**
 * Resolves names and hands on public addresses alone: the address that was checked is the one connected to. With `only`
 * a name that has another address beside a public one has none.
 */
export function publicLookup(lookup: LookupFunction = dnsLookup, { only = false } = {}): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0);
      const all = Array.isArray(found) ? found : [{ address: found, family: 4 }];
      const addresses = all.filter(({ address }) => isPublicAddress(address));
      const [first] = addresses;
      if (!first || (only && addresses.length < all.length))
        return callback(Object.assign(new Error('no public address'), { code: privateAddressCode }), '', 0);
      if (options.all) (callback as unknown as (error: null, all: typeof addresses) => void)(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
