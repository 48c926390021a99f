import { describe, expect, it } from '@jest/globals';
import { heatOf } from './looks';

const of = (value: number, most = 4) => heatOf(value, most, 'rgb(200, 100, 0)', 'rgb(0, 200, 100)');

describe('the colour of a square', () => {
  it('is that of nothing, of the most, or as far between as there is', () => {
    expect(of(0)).toBe('rgb(200, 100, 0)');
    expect(of(1)).toBe('rgb(150, 125, 25)');
    expect(of(4)).toBe('rgb(0, 200, 100)');
  });

  it('is that of nothing where there is nothing at all', () => {
    expect(of(0, 0)).toBe('rgb(200, 100, 0)');
  });
});
