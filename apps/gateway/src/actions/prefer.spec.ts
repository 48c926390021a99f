import { waitOf } from './prefer.js';

describe('the seconds that a caller prefers to wait', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['wait=7', 7],
    ['Wait = "7"', 7],
    ['wait=0', 0],
    ['wait=31', 30],
    ['wait=999999999', 30],
    ['respond-async, wait=5; note=x', 5],
    ['wait=5, wait=9', 5],
    ['note="a, wait=3", wait=5', 5],
    ['note="a, wait=3"', undefined],
    ['wait=soon, wait=5', undefined],
    ['wait="5', undefined],
    ['wait', undefined],
    ['wait=-1', undefined],
    ['wait=1e3', undefined],
    ['await=5', undefined],
    ['return=minimal', undefined],
  ])('%s: %s', (prefer, seconds) => expect(waitOf(prefer)).toBe(seconds));
});
