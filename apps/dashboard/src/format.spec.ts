import { afterEach, describe, expect, it } from '@jest/globals';
import { deadline, startOf, tellTimesIn } from './format';

afterEach(() => tellTimesIn(''));

describe('a day in the zone in which moments are told', () => {
  it('begins at its midnight there, also when the clocks change', () => {
    tellTimesIn('America/New_York');
    expect(startOf('2026-11-27')).toBe('2026-11-27T05:00:00.000Z');
    // The day of the change has 25 hours.
    expect([startOf('2026-11-01'), startOf('2026-11-01', 1)]).toEqual([
      '2026-11-01T04:00:00.000Z',
      '2026-11-02T05:00:00.000Z',
    ]);
  });
});

describe('when something ends', () => {
  it('is a day, and a time of it where it is near', () => {
    tellTimesIn('UTC');
    const now = Date.parse('2026-11-27T08:00:00Z');
    expect(deadline('2026-12-27T10:30:00Z', now)).toBe('Dec 27, 2026');
    expect(deadline('2026-11-27T10:30:00Z', now)).toMatch(/^Nov 27, 2026, 10:30\sAM$/);
  });
});
