import { describe, expect, it } from '@jest/globals';
import { deadline, tellTimesIn } from './format';

describe('when something ends', () => {
  it('is a day, and a time of it where it is near', () => {
    tellTimesIn('UTC');
    const now = Date.parse('2026-11-27T08:00:00Z');
    expect(deadline('2026-12-27T10:30:00Z', now)).toBe('Dec 27, 2026');
    expect(deadline('2026-11-27T10:30:00Z', now)).toMatch(/^Nov 27, 2026, 10:30\sAM$/);
  });
});
