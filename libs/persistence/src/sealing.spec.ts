import { randomBytes } from 'node:crypto';
import { KeyRing, newServiceKey, PrivateKey, PublicKeys, SealError } from './index.js';

const key = () => randomBytes(32).toString('base64');
const secret = '00aSecretThatNobodyMayRead';

describe('a value sealed at rest', () => {
  const keys = { k1: key(), k2: key() };
  const ring = new KeyRing({ keys, current: 'k1' });

  it('opens in its place', async () => {
    const sealed = await ring.seal(secret, 'ws|con|token');
    expect(JSON.stringify(sealed)).not.toContain(secret);
    await expect(ring.open(sealed, 'ws|con|token')).resolves.toBe(secret);
  });

  it('opens nowhere else, not under another key, and not damaged; the error says nothing of it', async () => {
    const sealed = await ring.seal(secret, 'ws|con|token');
    const other = new KeyRing({ keys: { k1: key() }, current: 'k1' });
    const flipped = {
      ...sealed,
      ciphertext: `${sealed.ciphertext.startsWith('A') ? 'B' : 'A'}${sealed.ciphertext.slice(1)}`,
    };
    const attempts = await Promise.allSettled([
      ring.open(sealed, 'ws|other|token'),
      ring.open({ ...sealed, aad: Buffer.from('ws|other|token').toString('base64url') }, 'ws|other|token'),
      other.open(sealed, 'ws|con|token'),
      ring.open(flipped, 'ws|con|token'),
      ring.open({ ...sealed, protected: 'nonsense' }, 'ws|con|token'),
    ]);
    for (const attempt of attempts) {
      expect(attempt.status).toBe('rejected');
      const { reason } = attempt as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(SealError);
      expect((reason as SealError).message).not.toContain(secret);
    }
  });

  it('moves to another key', async () => {
    const sealed = await ring.seal(secret, 'here');
    const next = new KeyRing({ keys, current: 'k2' });
    expect(next.isStale(sealed)).toBe(true);
    const rewrapped = await next.rewrap(sealed, 'here');
    expect(next.isStale(rewrapped)).toBe(false);
    const without = new KeyRing({ keys: { k2: keys.k2 }, current: 'k2' });
    await expect(without.open(rewrapped, 'here')).resolves.toBe(secret);
    await expect(without.open(sealed, 'here')).rejects.toThrow(SealError);
  });
});

describe('a value sealed on the bus', () => {
  it('opens for its recipient, and for what it was sealed for', async () => {
    const [mine, other] = await Promise.all([newServiceKey('sync-service'), newServiceKey('action-service')]);
    const publicKeys = new PublicKeys({ keys: [mine.publicJwk, other.publicJwk] });
    const sealed = await publicKeys.sealFor('sync-service', secret, 'credential|ws|con');
    expect(sealed).not.toContain(secret);
    await expect(new PrivateKey(mine.privateJwk).open(sealed, 'credential|ws|con')).resolves.toBe(secret);
    await expect(new PrivateKey(mine.privateJwk).open(sealed, 'credential|ws|other')).rejects.toThrow(SealError);
    await expect(new PrivateKey(other.privateJwk).open(sealed, 'credential|ws|con')).rejects.toThrow(SealError);
    await expect(publicKeys.sealFor('nobody', secret, 'x')).rejects.toThrow(SealError);
    expect(mine.publicJwk).not.toHaveProperty('d');
  });
});
