import { isIP } from 'node:net';
import { Refusal } from '@seatwise/contracts';

/** Where webhooks may send to. */
export interface EndpointPolicy {
  /** Of https; 443 unless the settings say more. */
  ports: number[];
  /** `http` to this machine, for development and tests. */
  allowHttpOnLoopback: boolean;
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether it is on this machine, where nothing is checked further. */
export const isLoopback = ({ protocol, hostname }: URL): boolean => protocol === 'http:' && loopback.has(hostname);

/**
 * The address of a receiver from what was given. Refuses anything but https on a public host by its name; whether the
 * name leads to public addresses alone is seen at each connection.
 */
export function endpointOf(text: string, policy: EndpointPolicy): URL {
  const url = parse(text.trim());
  if (url.username || url.password) throw refused('The address must not hold a user name or password.');
  url.hash = '';
  if (policy.allowHttpOnLoopback && isLoopback(url)) return url;
  if (url.protocol !== 'https:') throw refused('The address must begin with https://.');
  const port = Number(url.port || 443);
  if (!policy.ports.includes(port)) throw refused(`The port ${port} is not allowed, only ${policy.ports.join(', ')}.`);
  const host = url.hostname.replace(/\.+$/, '');
  if (host.startsWith('[') || isIP(host) !== 0) throw refused('The address must name a host, not a number.');
  // What has no dot, or ends so, is known in a private network alone (RFC 6761, RFC 8375, ICANN's `internal`).
  if (!host.includes('.') || /\.(localhost|local|internal|home\.arpa)$/.test(host))
    throw refused('The address must be that of a public host.');
  return url;
}

function parse(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw refused('This is not an address. It looks like https://hooks.example.com/seatwise.');
  }
}

const refused = (detail: string): Refusal => new Refusal('invalid_webhook_url', detail);
