import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto';
import { promisify } from 'node:util';
import { Refusal } from '@seatwise/contracts';

const derive = promisify(argon2);

export const shortest = 12;
export const longest = 256;

/** Above the least that OWASP's "Password Storage Cheat Sheet" asks for (19 MiB, 2 passes): some 0.1 s of one core. */
const current = { memory: 32 * 1_024, passes: 3, parallelism: 1 };
const tagLength = 32;

/** PHC string format, so that what is kept says how it was made. */
const format = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** How many are computed at once, and how many wait for it: each takes 32 MiB and a thread that others need too. */
const atOnce = 2;
const mostWaiting = 30;

let running = 0;
const waiting: (() => void)[] = [];

/** The password as it is kept: Argon2id with a salt of its own. */
export async function hashOf(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await tagOf(password, { ...current, nonce });
  const { memory, passes, parallelism } = current;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${bare(nonce)}$${bare(tag)}`;
}

/** Whether this is the password that was kept. Takes as long when there is none. */
export async function isPassword(password: string, kept: string | null): Promise<boolean> {
  const [, memory, passes, parallelism, salt, tag] = format.exec(kept ?? nobody)!;
  const nonce = Buffer.from(salt!, 'base64');
  const costs = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const same = timingSafeEqual(await tagOf(password, { ...costs, nonce }), Buffer.from(tag!, 'base64'));
  return same && kept !== null;
}

/**
 * Refuses what is quickly guessed. The rules are NIST's (SP 800-63B, "Password Verifiers"): long, of any characters, without rules of
 * composition, and not what somebody who knows the person would try first.
 */
export function mustBeStrong(password: string, { email, name }: { email: string; name: string }): void {
  const characters = Array.from(password.normalize('NFKC')).length;
  if (characters < shortest)
    throw refuse(`A password has at least ${shortest} characters. A few words make a good one.`);
  const lower = password.normalize('NFKC').toLowerCase();
  if (new Set(lower).size < 5) throw refuse('This password repeats a few characters.');
  if (/^(.{1,8})\1+$/su.test(lower)) throw refuse('This password repeats itself.');
  const known = [email, email.split('@')[0]!, name, 'seatwise']
    .map((word) => word.toLowerCase())
    .toSorted((a, b) => b.length - a.length);
  const left = known.filter((word) => word.length > 2).reduce((rest, word) => rest.replaceAll(word, ''), lower);
  if (left.length < shortest / 2)
    throw refuse('This password is hardly more than a name, an e-mail address or “seatwise”.');
}

const refuse = (detail: string): Refusal => new Refusal('password_weak', detail);

/** Nobody has this one; it costs as much to try. */
const nobody = `$argon2id$v=19$m=${current.memory},t=${current.passes},p=${current.parallelism}$${bare(randomBytes(16))}$${bare(Buffer.alloc(tagLength))}`;

function bare(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

async function tagOf(password: string, costs: Omit<Argon2Parameters, 'message' | 'tagLength'>): Promise<Buffer> {
  if (running >= atOnce) {
    if (waiting.length >= mostWaiting)
      throw new Refusal('service_unavailable', 'Too many sign in at once. Try again in a second.');
    // Whoever goes before leaves their place to the next.
    await new Promise<void>((go) => waiting.push(go));
  } else running += 1;
  try {
    return await derive('argon2id', { ...costs, message: password.normalize('NFKC'), tagLength });
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}
