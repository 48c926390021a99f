import { afterAll, describe, expect, it } from '@jest/globals';
import { startOf, tellTimesIn } from './format';

describe('a day in the zone in which moments are told', () => {
  afterAll(() => tellTimesIn(''));

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
