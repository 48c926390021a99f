import { Refusal } from '@seatwise/contracts';
import { beyond, cursorAt, positionOf } from './cursor.js';

const sorting = 'people:all:name:asc';

describe('a cursor', () => {
  it('comes back as the position it was made of', () => {
    const position = { value: 'zoë', id: 'con|00u1' };
    expect(positionOf(sorting, cursorAt(sorting, position), 'string')).toEqual(position);
    const never = { value: null, id: 'con|00u1' };
    expect(positionOf(sorting, cursorAt(sorting, never), 'number')).toEqual(never);
    expect(positionOf(sorting, undefined, 'string')).toBeUndefined();
  });

  it.each([
    ['', 'nothing'],
    ['bm9uc2Vuc2U', 'no JSON'],
    [Buffer.from('{"$gt":""}').toString('base64url'), 'an object'],
    [cursorAt('people:all:name:desc', { value: 'a', id: 'b' }), 'of another order'],
    [cursorAt(sorting, { value: 7, id: 'b' }), 'of another type'],
    [Buffer.from(JSON.stringify([sorting, { $gt: '' }, 'b'])).toString('base64url'), 'an operator'],
    [Buffer.from(JSON.stringify([sorting, 'a', { $gt: '' }])).toString('base64url'), 'an operator for the id'],
  ])('is refused when it is %s (%s)', (cursor) => {
    expect(() => positionOf(sorting, cursor, 'string')).toThrow(Refusal);
  });

  it('has nothing (null) before everything, in both orders', () => {
    expect(beyond('last', 'asc', { value: null, id: 'x' })).toEqual({
      $or: [{ last: { $ne: null } }, { last: null, _id: { $gt: 'x' } }],
    });
    expect(beyond('last', 'desc', { value: 5, id: 'x' })).toEqual({
      $or: [{ last: { $lt: 5 } }, { last: null }, { last: 5, _id: { $lt: 'x' } }],
    });
  });
});
