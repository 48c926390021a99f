import { withSettings } from './with-settings.js';

const settings = 'KEY={"a":"b=c"}\nEMPTY=\nPRICE=5$';

describe('a compose file with its variables replaced', () => {
  it.each([
    ['${KEY:?set it}', '"{\\"a\\":\\"b=c\\"}"'],
    ['${OTHER:-usual}', '"usual"'],
    ['${EMPTY:-usual}', '"usual"'],
    ['${EMPTY-usual}', '""'],
    ['${OTHER-usual}', '"usual"'],
    ['${OTHER}', '""'],
    ['to ${OTHER:-there}/${PRICE}', 'to there/5$$'],
    ["'$${KEPT}'", "'$${KEPT}'"],
  ])('makes of %s what Docker Compose would', (written, meant) => {
    expect(withSettings(`name: ${written}`, settings)).toBe(`name: ${meant}`);
  });

  it('refuses to go on without one that must be given', () => {
    expect(() => withSettings('name: ${OTHER:?set it}', settings)).toThrow('OTHER: set it');
  });
});
