import { bearerOf, hashOf, isSecret, newApiKey, parseApiKey } from './api-key.js';

describe('API keys', () => {
  it('are read back as they were made, and prove themselves by their secret', () => {
    const key = newApiKey();
    const { id, secret } = parseApiKey(key.text)!;
    expect(id).toBe(key.id);
    expect(isSecret(secret, key.hash)).toBe(true);
    expect(isSecret(secret, newApiKey().hash)).toBe(false);
  });

  it('have at least 160 random bits', () => {
    expect(parseApiKey(newApiKey().text)!.secret.length * 4).toBeGreaterThanOrEqual(160);
  });

  it.each(['', 'sw_', 'sw_key_1_2', `${newApiKey().text}0`, ` ${newApiKey().text}`, newApiKey().text.toUpperCase()])(
    'are not made of %s',
    (text) => {
      expect(parseApiKey(text)).toBeUndefined();
    },
  );

  it('come in a Bearer header and in no other', () => {
    expect(bearerOf('Bearer abc')).toBe('abc');
    expect(bearerOf('bearer abc')).toBe('abc');
    for (const header of [undefined, '', 'Bearer', 'Bearer a b', 'Basic abc', `Bearer ${'a'.repeat(501)}`])
      expect(bearerOf(header)).toBeUndefined();
  });

  it('are hashed to something that does not hold them', () => {
    expect(hashOf('secret').toString('hex')).toHaveLength(64);
  });
});
