import { isPlausible } from './plausible.js';

const day = 86_400_000;
const now = Date.UTC(2026, 10, 23);

describe('a plausible sign-in', () => {
  it.each([
    [100 * day, true],
    [100 * day + 1, false],
    [0, true],
    [-day, true],
    [-day - 1, false],
  ])('is one of %d ms ago: %s', (ago, expected) => {
    expect(isPlausible(['uuid', now - ago, 'ann', 'okta'], now)).toBe(expected);
  });
});
