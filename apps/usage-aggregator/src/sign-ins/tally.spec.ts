import type { SignIn } from '@seatwise/contracts';
import { tallyOf } from './tally.js';

const home = { workspace: 'ws', connection: 'con' };
const at = Date.UTC(2026, 10, 22, 23, 59, 59, 999);
const located = (...signIns: SignIn[]) => signIns.map((signIn) => ({ home, signIn }));

describe('folding sign-ins', () => {
  it('adds up per person, app and day of UTC, and keeps the newest moment whatever the order', () => {
    const tally = tallyOf(
      located(['b', at + 1, 'ann', 'mail'], ['a', at, 'ann', 'mail'], ['c', at + 2, 'ann', 'mail']),
    );
    expect([...tally.days].map(([id, { n }]) => [id, n])).toEqual([
      ['con|ann|20261123|mail', 2],
      ['con|ann|20261122|mail', 1],
    ]);
    expect([...tally.seats]).toEqual([['con|ann|mail', { home, app: 'mail', person: 'ann', last: at + 2 }]]);
    expect(tally.people.size).toBe(0);
  });

  it('tells of an app’s day in which quarters of an hour of UTC its sign-ins lie', () => {
    const tally = tallyOf(
      located(['a', at, 'ann', 'mail'], ['b', at - 900_000, 'bob', 'mail'], ['c', at - 900_001, 'ann', 'mail']),
    );
    expect([...tally.totals.values()].map(({ day, quarters }) => [day, [...quarters]])).toEqual([
      [
        '2026-11-22',
        [
          [95, 1],
          [94, 2],
        ],
      ],
    ]);
  });

  it('takes a sign-in to Okta itself for the person, not for a seat in an app', () => {
    const tally = tallyOf(located(['a', at, 'ann', 'okta']));
    expect([...tally.people.keys()]).toEqual(['con|ann']);
    expect(tally.seats.size).toBe(0);
    expect([...tally.days.keys()]).toEqual(['con|ann|20261122|okta']);
  });

  it('counts a sign-in without an app apart: in no day of a person and in no seat', () => {
    const tally = tallyOf(located(['a', at, 'ann', null], ['b', at, 'bob', null]));
    expect([tally.days.size, tally.seats.size, tally.people.size]).toEqual([0, 0, 0]);
    expect([...tally.totals]).toMatchObject([['con||20261122', { app: '', day: '2026-11-22', signIns: 2 }]]);
  });

  it('keeps connections apart', () => {
    const other = { workspace: 'ws', connection: 'other' };
    const tally = tallyOf([...located(['a', at, 'ann', 'mail']), { home: other, signIn: ['a', at, 'ann', 'mail'] }]);
    expect([...tally.days.keys()]).toEqual(['con|ann|20261122|mail', 'other|ann|20261122|mail']);
  });
});
