import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits, for a cookie or a link. Its owner keeps it; what is stored is its {@link digestOf}. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** SHA-256: nobody guesses 256 random bits, so nothing slower is needed to keep them. */
export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
