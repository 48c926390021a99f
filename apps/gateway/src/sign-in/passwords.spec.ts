import { Refusal } from '@seatwise/contracts';
import { hashOf, isPassword, mustBeStrong } from './passwords.js';

const ada = { email: 'lovelace@acme.example', name: 'Ada Lovelace' };
const codeOf = (password: string): string | undefined => {
  try {
    mustBeStrong(password, ada);
    return undefined;
  } catch (error) {
    return (error as Refusal).code;
  }
};

describe('a password', () => {
  it('is known again by what is kept of it, which is Argon2id with a salt of its own', async () => {
    const [one, two] = await Promise.all([hashOf('four plain words here'), hashOf('four plain words here')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=32768,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await isPassword('four plain words here', one)).toBe(true);
    for (const wrong of ['four plain words here ', 'Four plain words here', ''])
      expect(await isPassword(wrong, one)).toBe(false);
    expect(await isPassword('four plain words here', null)).toBe(false);
  });

  it('is the same however the keyboard composes its letters', async () => {
    expect(
      await isPassword('cafe\u0301 au lait, s’il vous plaît', await hashOf('caf\u00e9 au lait, s’il vous plaît')),
    ).toBe(true);
  });

  it('that was kept with other costs is still known', async () => {
    // Of the reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32
    const kept = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await isPassword('password', kept)).toBe(true);
    expect(await isPassword('passwore', kept)).toBe(false);
  });

  it('is of at least twelve characters, of any kind', () => {
    for (const good of [
      'four plain words',
      'dfkjxoqpwmzn',
      '274915830264',
      '\u{1f40e}\u{1f50b}\u{1f4ce}abcdefghi',
      'пароль из слов',
    ])
      expect([good, codeOf(good)]).toEqual([good, undefined]);
    for (const short of ['', 'dfkjxoqpwmz', '\u{1f40e}\u{1f50b}\u{1f4ce}'.repeat(3)])
      expect([short, codeOf(short)]).toEqual([short, 'password_weak']);
  });

  it('is not what is tried first', () => {
    for (const weak of [
      'aaaaaaaaaaaaaaaa',
      'abababababababab',
      '123412341234',
      'lovelace@acme.example',
      'LovelaceLovelace1',
      'Ada Lovelace 1815',
      'seatwise-seatwise',
    ])
      expect([weak, codeOf(weak)]).toEqual([weak, 'password_weak']);
  });
});
