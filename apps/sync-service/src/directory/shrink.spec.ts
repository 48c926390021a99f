import { isSuspicious, isSuspiciousOfScope } from './shrink.js';

describe('a listing that would take away', () => {
  it.each([
    [1_000, 100, false],
    [1_000, 101, true],
    [20, 10, false],
    [20, 11, true],
    [3, 3, false],
    [100_000, 10_001, true],
  ])('of %i as many as %i: suspicious is %s', (before, removals, expected) => {
    expect(isSuspicious(before, removals, 0.1)).toBe(expected);
  });
});

describe('a listing of one app or group that would take away', () => {
  it.each([
    [50, 50, false],
    [100, 100, false],
    [101, 101, true],
    [5_000, 5_000, true],
    [5_000, 400, false],
  ])('of %i as many as %i: suspicious is %s', (before, removals, expected) => {
    expect(isSuspiciousOfScope(before, removals, 0.1)).toBe(expected);
  });
});
