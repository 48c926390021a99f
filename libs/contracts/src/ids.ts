import { randomBytes } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** The kinds of things that Seatwise itself names; Okta's ids are kept as Okta gives them. */
export type IdKind = 'ws' | 'con' | 'run' | 'key' | 'evt' | 'act' | 'aud' | 'blk' | 'usr' | 'ses' | 'tst' | 'whk';

/**
 * A new id such as `con_01hf3k…`: sortable by the millisecond it was made in, with 80 random bits, safe as a NATS
 * subject token and in a URL.
 */
export function newId(kind: IdKind): string {
  const time = Date.now().toString(32).padStart(9, '0');
  const digits = Array.from(time, (digit) => Number.parseInt(digit, 32));
  return `${kind}_${[...digits, ...randomBytes(16)].map((n) => alphabet[n & 31]).join('')}`;
}

export const seatwiseId = /^(ws|con|run|key|evt|act|aud|blk|usr|ses|tst|whk)_[0-9a-z]{25}$/;

/** Okta's ids: short, of letters, digits, `_` and `-`. */
export const oktaId = /^[A-Za-z0-9_-]{1,64}$/;
