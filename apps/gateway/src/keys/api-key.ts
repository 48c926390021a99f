import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { newId } from '@seatwise/contracts';

/** `sw_{keyId}_{secret}`: the id finds the key, the 192 random bits of the secret prove it. */
const format = /^sw_(key_[0-9a-z]{25})_([0-9a-f]{48})$/;

export interface ApiKey {
  id: string;
  /** What its owner keeps. Shown once, stored nowhere. */
  text: string;
  hash: Buffer;
}

export function newApiKey(): ApiKey {
  const id = newId('key');
  const secret = randomBytes(24).toString('hex');
  return { id, text: `sw_${id}_${secret}`, hash: hashOf(secret) };
}

export function parseApiKey(text: string): { id: string; secret: string } | undefined {
  const [, id, secret] = format.exec(text) ?? [];
  return id !== undefined && secret !== undefined ? { id, secret } : undefined;
}

/**
 * SHA-256 and no slow password hash: a slow one makes guessing a *weak* secret dear, and nobody guesses 192 random
 * bits; it would only make each request dear.
 */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Compares in a time that does not depend on where the two differ. */
export const isSecret = (secret: string, hash: Uint8Array): boolean => timingSafeEqual(hashOf(secret), hash);

/** The token of an `Authorization: Bearer …` header. */
export const bearerOf = (header: string | undefined): string | undefined =>
  /^Bearer +(\S{1,500})$/i.exec(header ?? '')?.[1];
