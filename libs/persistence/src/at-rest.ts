import { FlattenedEncrypt, flattenedDecrypt, type FlattenedJWE } from 'jose';

/** A sealed value could not be opened: another key, another place, or damage. It says nothing of the content. */
export class SealError extends Error {
  constructor(reason: string) {
    super(`A sealed value cannot be opened: ${reason}`);
    this.name = 'SealError';
  }
}

export interface KeyRingSettings {
  /** Key id → 32 bytes in base64. */
  keys: Record<string, string>;
  /** The key for new values. */
  current: string;
}

/**
 * Envelope encryption at rest: each value under a data key of its own, wrapped by a key of this ring (JWE with
 * A256GCMKW and A256GCM, RFC 7516 and 7518). `binding` names the value's place, such as `ws_1|con_1|token`, and is
 * authenticated: a value moved elsewhere does not open.
 */
export class KeyRing {
  private readonly keys: Map<string, Uint8Array>;

  constructor(private readonly settings: KeyRingSettings) {
    this.keys = new Map(
      Object.entries(settings.keys).map(([id, key]) => [id, new Uint8Array(Buffer.from(key, 'base64'))]),
    );
    for (const [id, key] of this.keys)
      if (key.length !== 32) throw new SealError(`key ${id} has ${key.length} bytes, not 32`);
    if (!this.keys.has(settings.current))
      throw new SealError(`the current key ${settings.current} is not among the keys`);
  }

  async seal(plaintext: string, binding: string): Promise<FlattenedJWE> {
    return new FlattenedEncrypt(new TextEncoder().encode(plaintext))
      .setProtectedHeader({ alg: 'A256GCMKW', enc: 'A256GCM', kid: this.settings.current })
      .setAdditionalAuthenticatedData(new TextEncoder().encode(binding))
      .encrypt(this.keys.get(this.settings.current)!);
  }

  async open(sealed: FlattenedJWE, binding: string): Promise<string> {
    const kid = keyIdOf(sealed);
    const key = this.keys.get(kid);
    if (!key) throw new SealError(`its key ${kid} is not among the keys`);
    if (sealed.aad !== Buffer.from(binding).toString('base64url')) throw new SealError('it belongs to another place');
    try {
      const { plaintext } = await flattenedDecrypt(sealed, key, {
        keyManagementAlgorithms: ['A256GCMKW'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return new TextDecoder().decode(plaintext);
    } catch {
      throw new SealError('it is damaged or was sealed under another key of the same id');
    }
  }

  /** Whether the value is under an older key than the current one. */
  isStale(sealed: FlattenedJWE): boolean {
    return keyIdOf(sealed) !== this.settings.current;
  }

  /** The same value under the current key. */
  async rewrap(sealed: FlattenedJWE, binding: string): Promise<FlattenedJWE> {
    return this.seal(await this.open(sealed, binding), binding);
  }
}

function keyIdOf(sealed: FlattenedJWE): string {
  try {
    const header = JSON.parse(Buffer.from(sealed.protected ?? '', 'base64url').toString()) as { kid?: unknown };
    if (typeof header.kid === 'string') return header.kid;
  } catch {
    // Told below.
  }
  throw new SealError('its header is damaged');
}
