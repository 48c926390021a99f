/** A well-mixed 32-bit number that depends on nothing but its arguments (the finaliser of MurmurHash3). */
export function mix(seed: number, salt: number, n: number): number {
  let h = (seed ^ Math.imul(salt, 0x9e3779b1) ^ Math.imul(n, 0x85ebca6b) ^ Math.imul(n / 0x100000000, 0xc2b2ae35)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The same as a fraction from 0 up to 1. */
export const chance = (seed: number, salt: number, n: number): number => mix(seed, salt, n) / 0x100000000;

/** The one of a list that belongs to `n`. */
export const pick = <T>(list: readonly T[], seed: number, salt: number, n: number): T =>
  list[mix(seed, salt, n) % list.length]!;

const bytes = Array.from({ length: 65_536 }, (_, n) => n.toString(16).padStart(4, '0'));

/** A version 4 UUID that belongs to two numbers. */
export function uuidOf(seed: number, a: number, b: number): string {
  const w1 = mix(seed ^ 0x1234567, b, a);
  const w2 = mix(w1, 501, b);
  const w3 = mix(w2, 502, a);
  const w4 = mix(w3, 503, b);
  return `${bytes[w1 >>> 16]}${bytes[w1 & 65_535]}-${bytes[w2 >>> 16]}-${bytes[0x4000 | (w2 & 0xfff)]}-${
    bytes[0x8000 | ((w3 >>> 16) & 0x3fff)]
  }-${bytes[w3 & 65_535]}${bytes[w4 >>> 16]}${bytes[w4 & 65_535]}`;
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const pairs = Array.from({ length: 3_844 }, (_, n) => digits[Math.floor(n / 62)]! + digits[n % 62]!);

/** Five base-62 digits of a number below 62⁵. */
export function fiveDigits(value: number): string {
  const high = Math.floor(value / 238_328);
  const rest = value - high * 238_328;
  return pairs[high]! + pairs[Math.floor(rest / 62)]! + digits[rest % 62]!;
}

/** Back from five base-62 digits; -1 when they are none. */
export function fromDigits(text: string): number {
  let value = 0;
  for (const digit of text) {
    const at = digits.indexOf(digit);
    if (at < 0) return -1;
    value = value * 62 + at;
  }
  return value;
}

/** Base-62 text of a length that belongs to `n`: filler of ids and keys. */
export function letters(seed: number, salt: number, n: number, length: number): string {
  let out = '';
  for (let at = 0; out.length < length; at += 1) out += fiveDigits(mix(seed, salt + at * 7_919, n) % 916_132_832);
  return out.slice(0, length);
}
