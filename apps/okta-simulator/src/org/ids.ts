import { fiveDigits, fromDigits, letters, mix } from '../random.js';

const space = 62 ** 5;

/** Ids that look like Okta's, `00u1a2b3c4d5e6F7g8h9`, and lead back to the number that they were made from. */
export class Ids {
  private readonly filler: string;
  private readonly factor: number;
  private readonly inverse: bigint;
  private readonly offset: number;

  constructor(
    readonly prefix: '00u' | '00g' | '0oa' | '0ua' | '00T' | '0pr',
    seed: number,
  ) {
    const salt = prefix.codePointAt(1)! * 256 + prefix.codePointAt(2)!;
    this.filler = `${letters(seed, salt, 1, 9)}5d7`;
    this.offset = mix(seed, salt, 2) % space;
    // Coprime to 62⁵, and small enough that n × factor is exact.
    let factor = 5_000_001 + (mix(seed, salt, 3) % 2_000_000) * 2;
    if (factor % 31 === 0) factor += 2;
    this.factor = factor;
    this.inverse = inverseOf(BigInt(factor), BigInt(space));
  }

  of(n: number): string {
    return this.prefix + fiveDigits((n * this.factor + this.offset) % space) + this.filler;
  }

  /** The number behind an id; -1 for one that is not of this org. */
  numberOf(id: string): number {
    if (id.length !== 20 || !id.startsWith(this.prefix) || !id.endsWith(this.filler)) return -1;
    const value = fromDigits(id.slice(3, 8));
    if (value < 0) return -1;
    return Number((BigInt((value - this.offset + space) % space) * this.inverse) % BigInt(space));
  }
}

function inverseOf(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value, modulus, 1n, 0n];
  while (b !== 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return ((x % modulus) + modulus) % modulus;
}
