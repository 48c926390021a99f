import { iso } from './iso.js';

it('writes moments as Date does', () => {
  for (const moment of [0, 1, 951_782_399_999, 951_782_400_000, 1_709_251_199_999, 1_795_474_258_123])
    expect(iso(moment)).toBe(new Date(moment).toISOString());
});
