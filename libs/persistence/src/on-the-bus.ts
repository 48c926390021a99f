import { CompactEncrypt, compactDecrypt, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { SealError } from './at-rest.js';

/** A sealed value on the bus is good for this long, unless its receiver keeps it: it is opened when it arrives. */
const onItsWaySeconds = 300;
const agreement = 'ECDH-ES+A256KW';

/** A service's key pair; the name is the key id. */
export async function newServiceKey(name: string): Promise<{ privateJwk: JWK; publicJwk: JWK }> {
  const pair = await generateKeyPair(agreement, { crv: 'P-256', extractable: true });
  const named = { kid: name, alg: agreement, use: 'enc' };
  return {
    privateJwk: { ...(await exportJWK(pair.privateKey)), ...named },
    publicJwk: { ...(await exportJWK(pair.publicKey)), ...named },
  };
}

/** The public keys of the services, by name: whom a secret can be sealed to. */
export class PublicKeys {
  private readonly keys: Map<string, JWK>;

  constructor(jwks: { keys: JWK[] }) {
    this.keys = new Map(jwks.keys.map((key) => [key.kid ?? '', key]));
  }

  /** Seals so that only `recipient` can open it, only for `context`, such as `credential|ws_1|con_1`, and only soon. */
  async sealFor(recipient: string, plaintext: string, context: string): Promise<string> {
    const jwk = this.keys.get(recipient);
    if (!jwk) throw new SealError(`there is no public key of ${recipient}`);
    return new CompactEncrypt(new TextEncoder().encode(plaintext))
      .setProtectedHeader({ alg: agreement, enc: 'A256GCM', kid: recipient, ctx: context, iat: now() })
      .encrypt(await importJWK(jwk, agreement));
  }
}

/** A service's own private key: what was sealed to it opens with this. */
export class PrivateKey {
  constructor(private readonly jwk: JWK) {}

  /** Throws a {@link SealError} for what is not for this service and context, or is older than `freshForSeconds`. */
  async open(sealed: string, context: string, { freshForSeconds = onItsWaySeconds } = {}): Promise<string> {
    try {
      const { plaintext, protectedHeader } = await compactDecrypt(sealed, await importJWK(this.jwk, agreement), {
        keyManagementAlgorithms: [agreement],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      if (protectedHeader.ctx !== context) throw new SealError('it was sealed for something else');
      if (Math.abs(now() - Number(protectedHeader.iat)) > freshForSeconds) throw new SealError('it is too old');
      return new TextDecoder().decode(plaintext);
    } catch (error) {
      if (error instanceof SealError) throw error;
      throw new SealError('it is damaged or was sealed to another service');
    }
  }
}

const now = () => Math.floor(Date.now() / 1000);
